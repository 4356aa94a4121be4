/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spares: memory that a mailbox keeps for its next small messages
 *
 * A small message that has been received is not freed but becomes a spare, and
 * the next one sent is made of it: most of what an allocation costs is to account
 * for it. The memory stays charged to the control group of the task for which it
 * was allocated, so only a task of the same group may have it again. It counts
 * against no quota of messages; there are at most MBX_SPARES_MAX. A message that
 * may become a spare takes the memory of the longest one, and is charged to its
 * sender's quota by its length all the same.
 *
 * A spare still refers to the account that its last message was charged to, and
 * to nothing else.
 */
#ifndef MBX_SPARE_H
#define MBX_SPARE_H

#include <linux/spinlock.h>

#include "message.h"

/* Longest payload of a message made of a spare. */
#define MBX_SPARE_LEN 96

/* Most spares of a mailbox: as many as small batches have messages. */
#define MBX_SPARES_MAX 32

struct mbx_spares {
	spinlock_t lock; /* of the two below */
	u32 count;
	struct hlist_head list; /* the last one freed is first */
};

static inline void mbx_spares_init(struct mbx_spares *spares)
{
	spin_lock_init(&spares->lock);
	spares->count = 0;
	INIT_HLIST_HEAD(&spares->list);
}

void mbx_spares_destroy(struct mbx_spares *spares);

#endif /* MBX_SPARE_H */
