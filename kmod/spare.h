/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Spares: memory that a mailbox keeps for its next messages
 *
 * A message that has been received is not freed but becomes a spare, without the
 * memory of a payload that does not fit into it, and the next one sent is made of
 * it: most of what an allocation costs is to account for it. The memory stays
 * charged to the control group of the task for which it was allocated, so only a
 * task of the same group may have it again. It counts against no quota of messages;
 * there are at most MBX_SPARES_MAX.
 *
 * A spare still refers to the account that its last message was charged to and, if
 * that is in the first pid namespace, to the process that sent it; to nothing else.
 */
#ifndef MBX_SPARE_H
#define MBX_SPARE_H

#include <linux/spinlock.h>

#include "message.h"

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

u32 mbx_spares_take(struct mbx_spares *spares, struct mbx_msg **msgs,
		    u32 count);
void mbx_spares_give(struct mbx_spares *spares, struct mbx_msg **msgs,
		     u32 count);
void mbx_spares_destroy(struct mbx_spares *spares);

#endif /* MBX_SPARE_H */
