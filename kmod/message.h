/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A message: payload, what the sender said of it, and who the sender was
 *
 * Referenced by who has it in hand: the sending call, the queue, the receiving
 * call; and by each call that only looks at it. All fields but the links, the
 * sequence number, the time, the delivery count and the account are constant once
 * it is built. Those belong to the mailbox and are changed under its lock; the
 * account belongs to who has the message in hand.
 */
#ifndef MBX_MESSAGE_H
#define MBX_MESSAGE_H

#include <linux/list.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <uapi/linux/mbx.h>

#include "payload.h"

struct mbx_request;
struct mbx_spares;
struct mbx_user;

/* Longest payload that is kept in the message itself. */
#define MBX_INLINE_LEN 96

struct mbx_msg {
	/* Under the mailbox's lock, or that of the spares. */
	union {
		struct list_head link;
		struct mbx_msg *next_spare; /* in mbx_spares */
	};
	u64 seq;
	u64 time_ns;
	u32 deliveries;
	bool queued;

	/* Constant once it is sent. */
	u8 prio;
	u8 flags; /* enum mbx_message_flags */
	u64 tag;
	struct pid *pid; /* of the sender's thread group; a spare keeps it */
	/* Charged for the message: who has that in hand can change it; a spare keeps it. */
	struct mbx_user *user;
	struct mbx_request *request; /* if the sender waits for a reply */
	u64 memcg; /* that its memory is charged to, see mbx_memcg() */
	kuid_t uid;
	kgid_t gid;
	u32 len;

	refcount_t ref;
	union {
		u8 near[MBX_INLINE_LEN]; /* up to that length */
		struct mbx_payload far; /* of a longer one */
	};
};

static_assert(MBX_PRIO_MAX <= U8_MAX);
static_assert((MBX_MSG_WRITE | MBX_MSG_CALL) <= U8_MAX);

/* What a message costs a quota beside the payload. */
#define MBX_MSG_OVERHEAD ((u32)sizeof(struct mbx_msg))

/* A full mailbox of the largest messages must not overflow the accounts. */
static_assert(MBX_MSG_SIZE_MAX + sizeof(struct mbx_msg) < INT_MAX);

/* Most messages that a call has in hand at once. */
#define MBX_HANDFUL 16U

int mbx_msg_charge_to(struct mbx_msg *msg, struct mbx_user *user, bool exempt,
		      bool *exceeded, struct mbx_user **before);
struct mbx_msg *mbx_msg_copy(struct mbx_spares *spares, struct mbx_msg *msg,
			     struct mbx_user *user);
void mbx_msg_put(struct mbx_msg *msg);
void mbx_msg_recycle(struct mbx_spares *spares, struct mbx_msg *msg);
void mbx_msgs_recycle(struct mbx_spares *spares, struct mbx_msg **msgs,
		      u32 count);

/* What a quota is charged for a message with so long a payload. */
static inline unsigned long mbx_msg_charge(u32 len)
{
	return (unsigned long)len + MBX_MSG_OVERHEAD;
}

static inline void *mbx_msg_data(struct mbx_msg *msg)
{
	return likely(msg->len <= MBX_INLINE_LEN) ? msg->near : msg->far.memory;
}

static inline struct mbx_msg *mbx_msg_get(struct mbx_msg *msg)
{
	refcount_inc(&msg->ref);
	return msg;
}

#endif /* MBX_MESSAGE_H */
