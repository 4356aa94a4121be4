/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mailboxes that last for a whole round, each with a way of using it
 *
 * They belong to the process that oversees the round. Workers use its descriptor
 * or open the name: a server that dies leaves its open file behind in one case,
 * and not in the other.
 */
#ifndef SOAK_BOX_H
#define SOAK_BOX_H

#include "arena.h"

#define BOXES 8

struct box {
	const char *name; /* NULL: anonymous */
	__u32 overflow;
	__u32 max_msgs;
	__u32 senders;
	__u32 receivers;
	bool selective; /* receivers choose messages */
	bool calls; /* senders wait for replies */
	bool watched; /* by users of epoll, too */
	int fd;
};

/* Longer than two pages. */
#define MAX_LEN 9000

extern struct box boxes[BOXES];

#define for_each_box(box) for ((box) = boxes; (box) < boxes + BOXES; (box)++)

static inline __u32 box_index(const struct box *box)
{
	return box - boxes;
}

/* With one receiver at a time, even the order of reception is certain. */
static inline bool box_is_strict(const struct box *box)
{
	return box->receivers == 1 && !box->watched;
}

static inline bool box_drops(const struct box *box)
{
	return box->overflow == MBX_OVERFLOW_DROP_OLDEST;
}

void boxes_open(void);
void boxes_close(void);
/* A descriptor of the caller's own, of either open file. */
int box_attach(const struct box *box, __u32 flags, bool by_name);

#endif /* SOAK_BOX_H */
