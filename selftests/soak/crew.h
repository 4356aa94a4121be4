/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The crew: the places in which workers stand, and what they do there
 *
 * A worker is a process. When it is killed, or has ended, the overseer notes what
 * it has left undone and puts another one into its place. Of each trade the first
 * is never killed: it shows that nobody hangs.
 */
#ifndef SOAK_CREW_H
#define SOAK_CREW_H

#include "call.h"
#include "ledger.h"
#include "race.h"

#define BATCH 8

struct post;

struct trade {
	const char *name;
	int (*work)(struct post *me); /* returns the exit status */
	bool sends; /* in streams of its own */
	bool others; /* uses another user than root */
};

struct post {
	const struct trade *trade;
	const struct box *box; /* NULL if it is bound to none */
	__u32 which; /* of those of the same trade and mailbox */
	bool mortal;
	pid_t pid;
	__u32 life; /* how many it has had */
	__u32 random;
	__u64 beats; /* of its heart */
	__u64 seen; /* of those, by the overseer */
	__u64 seen_ns;

	/*
	 * What it is about to receive, until all is in the ledger. The stamp of a
	 * buffer that nothing was received into is zero.
	 */
	__u64 receiving;
	struct mbx_message msgs[BATCH];
	__u64 buffers[BATCH][MAX_LEN / 8 + 1];
};

#define POSTS_MAX 80

/* One more than there are, for the overseer. */
extern struct post *posts;
extern __u32 post_count;

extern const struct trade sender_trade, receiver_trade;
extern const struct trade caller_trade, server_trade;
extern const struct trade owner_trade, courier_trade;
extern const struct trade giver_trade, taker_trade;
extern const struct trade region_trade, watcher_trade, churner_trade;

/* What the overseer makes before a round, and ends after it. */
extern int exchange[2]; /* sockets for passing descriptors */

void crew_hire(void);
void crew_start(void);
/* Kill one, or some, or look after those that have ended; for a moment. */
void crew_turn(void);
void crew_stop(void);

/* For workers. */
static inline __u32 pick(struct post *me, __u32 choices)
{
	return next_random(&me->random) % choices;
}

static inline bool chance(struct post *me, __u32 one_in)
{
	return !pick(me, one_in);
}

static inline void beat(struct post *me)
{
	add(&me->beats, 1);
}

static inline __u64 soon(struct post *me)
{
	return now_ns() + pick(me, 20) * NSEC_PER_MSEC;
}

static inline const struct post *post_of(const struct trade *trade, __u32 which)
{
	__u32 i;

	for (i = 0; i < post_count; i++)
		if (posts[i].trade == trade && posts[i].which == which)
			return &posts[i];
	return NULL;
}

/* Is @ret a number of things done, or one of the errors? Complains if not. */
bool ends_as_documented(const struct post *me, const char *what, int ret,
			const int *errors);
#define ENDS(me, what, ret, ...) \
	ends_as_documented(me, what, ret, (const int[]){ __VA_ARGS__, 0 })

#endif /* SOAK_CREW_H */
