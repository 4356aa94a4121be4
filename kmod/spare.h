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

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include "message.h"
#include "quota.h"

/* Most spares of a mailbox: as many as small batches have messages. */
#define MBX_SPARES_MAX 32

struct mbx_spares {
	spinlock_t lock; /* of the two below */
	u32 count;
	struct mbx_msg *first; /* the last one freed */
};

static inline void mbx_spares_init(struct mbx_spares *spares)
{
	spin_lock_init(&spares->lock);
	spares->count = 0;
	spares->first = NULL;
}

struct mbx_msg *mbx_spare_take(struct mbx_spares *spares);
u32 mbx_spares_take(struct mbx_spares *spares, struct mbx_msg **msgs,
		    u32 count);
void mbx_spares_give(struct mbx_spares *spares, struct mbx_msg **msgs,
		     u32 count);
void mbx_spares_destroy(struct mbx_spares *spares);
void mbx_msg_change_sender(struct mbx_msg *msg, struct mbx_user *user,
			   struct pid *pid);
struct mbx_msg *mbx_msg_prepare(struct mbx_spares *spares,
				struct mbx_msg *spare, struct mbx_user *user,
				u32 len);
struct mbx_msg *mbx_msg_alloc_failed(struct mbx_spares *spares,
				     struct mbx_msg *msg, struct mbx_user *user,
				     u32 len);

/**
 * mbx_msg_begin - make memory a message from the current task
 * @msg: a spare, or new memory
 * @user: the account, charged already
 * @len: bytes of payload
 *
 * The account and the process are often those that a spare has. Field by field: an
 * assignment makes calls.
 */
static __always_inline void mbx_msg_begin(struct mbx_msg *msg,
					  struct mbx_user *user, u32 len)
{
	struct pid *pid = task_tgid(current);

	if (unlikely(msg->user != user || msg->pid != pid))
		mbx_msg_change_sender(msg, user, pid);
	msg->uid = current_euid();
	msg->gid = current_egid();
	msg->seq = 0;
	msg->time_ns = 0;
	msg->deliveries = 0;
	msg->queued = false;
	msg->prio = 0;
	msg->flags = 0;
	msg->tag = 0;
	msg->request = NULL;
	msg->len = len;
	refcount_set(&msg->ref, 1);
}

/**
 * mbx_msg_alloc - make a message from the current task
 * @spares: of the mailbox that it is for
 * @spare: one of them to make it of, or NULL; back among them in case of an error
 * @user: the account to charge
 * @len: bytes of payload, at most MBX_MSG_SIZE_MAX; the payload is not filled in
 *
 * Return: the message with one reference, or -EDQUOT or -ENOMEM as an error
 * pointer.
 */
static __always_inline struct mbx_msg *mbx_msg_alloc(struct mbx_spares *spares,
						     struct mbx_msg *spare,
						     struct mbx_user *user,
						     u32 len)
{
	if (unlikely(!spare || !mbx_charge_within(user, MBX_QUOTA_MSG_BYTES,
						  mbx_msg_charge(len)))) {
		spare = mbx_msg_prepare(spares, spare, user, len);
		if (IS_ERR(spare))
			return spare;
	}
	if (len > MBX_INLINE_LEN &&
	    unlikely(mbx_payload_alloc(&spare->far, len, spare->memcg)))
		return mbx_msg_alloc_failed(spares, spare, user, len);
	mbx_msg_begin(spare, user, len);
	return spare;
}

#endif /* MBX_SPARE_H */
