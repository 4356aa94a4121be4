/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mailbox: a queue of messages, those who wait for one, those who wait for room
 *
 * What holds whenever the lock is free:
 *
 * - no waiting receiver matches a queued message: who sends looks for a waiting
 *   receiver first and hands the message to it, so nobody else can take it;
 * - the first waiting sender's message does not fit, or somebody is about to let
 *   it in: whoever makes room queues waiting senders' messages for them, in the
 *   order of arrival. Nobody overtakes them but for a receiver who wants no
 *   message that stands before;
 * - sent = received + dropped + withdrawn + queued.
 *
 * A message that is being copied to a receiver is in no queue and counts as
 * received, and so do those that the same call has yet to copy, a handful at most;
 * should a copy fail, mbx_mailbox_put_back() makes them the first of their priority
 * again. They do not count against the limits meanwhile, so that a mailbox can
 * exceed them by a handful for each receive that fails like that. Nobody waits for
 * user memory with a message in hand that another user is charged for.
 *
 * Files: mailbox.c makes and ends mailboxes, exchange.c sends and receives,
 * mailbox_unlock.c wakes whom that concerns, request.c waits for replies, direct.c
 * ties a mailbox to a process. They know messages in kernel memory; send_file.c,
 * recv_file.c, read_file.c and call_file.c copy them from and to user space.
 */
#ifndef MBX_MAILBOX_H
#define MBX_MAILBOX_H

#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "compat.h"
#include "object.h"
#include "queue.h"
#include "spare.h"
#include "wait.h"

struct mbx_direct;

struct mbx_mailbox_attr {
	struct mbx_object_attr object;
	u32 overflow; /* enum mbx_overflow */
	u32 max_msgs;
	u32 max_msg_size;
	u64 max_bytes;
	bool direct; /* bound to the current process */
};

struct mbx_mailbox {
	struct mbx_object obj;

	/* Constant after creation. */
	u32 overflow;
	u32 max_msgs;
	u32 max_msg_size;
	u64 max_bytes;
	struct mbx_direct *direct; /* NULL unless bound to a process */

	/* Under lock. */
	spinlock_t lock;
	int death; /* what calls get once it is dead, else 0 */
	u32 waiting_receivers;
	u32 waiting_senders;
	struct list_head receivers; /* struct mbx_receiver, oldest first */
	struct list_head senders; /* struct mbx_sender, oldest first */
	struct list_head requests; /* struct mbx_request that are not over */
	u32 calls; /* how many those are */
	struct mbx_queue queue;
	u64 next_seq;
	u64 received;
	u64 dropped;
	u64 withdrawn;
	u64 rejected;
	u32 msgs_high;
	u64 bytes_high;

	wait_queue_head_t poll_wq;
	struct mbx_spares spares;
};

/**
 * struct mbx_want - what a receiving call asks for
 * @match: which messages
 * @count: how many at once, at most; more than one only of those that come first,
 *	and not when peeking
 * @capacity: bytes in each of so many buffers
 * @after: when peeking: position of the message that was looked at before, or NULL
 */
struct mbx_want {
	struct mbx_match match;
	u32 count;
	const u32 *capacity;
	const struct mbx_position *after;
};

/*
 * What a change under the lock leaves to do after unlocking: calls to wake,
 * messages to free, pollers to tell.
 */
struct mbx_after {
	struct list_head victims;
	__poll_t events;
	bool more_senders; /* that could be let in */
	u64 time_ns; /* when messages were taken in, or 0 */
	int moves; /* messages queued or taken out: so many can be of use to pollers */
	struct mbx_wakes wakes;
};

static inline void mbx_after_init(struct mbx_after *after)
{
	INIT_LIST_HEAD(&after->victims);
	after->events = 0;
	after->more_senders = false;
	after->time_ns = 0;
	after->moves = 0;
	mbx_wakes_init(&after->wakes);
}

int mbx_mailbox_attr_check(struct mbx_mailbox_attr *attr, bool named);
struct mbx_object *mbx_mailbox_create(const struct mbx_mailbox_attr *attr,
				      const struct mbx_name *name);
int mbx_mailbox_send(struct mbx_mailbox *mb, struct mbx_msg *msg,
		     struct mbx_patience patience);
int mbx_mailbox_send_many(struct mbx_mailbox *mb, struct mbx_msg **msgs,
			  u32 count, struct mbx_patience patience);
struct mbx_msg *mbx_mailbox_take(struct mbx_mailbox *mb, u32 capacity);
int mbx_mailbox_receive(struct mbx_mailbox *mb, const struct mbx_want *want,
			struct mbx_patience patience, struct mbx_msg **msgs);
void mbx_mailbox_put_back(struct mbx_mailbox *mb, struct mbx_msg **msgs,
			  u32 count);
void mbx_mailbox_unlock(struct mbx_mailbox *mb, struct mbx_after *after)
	__releases(&mb->lock);
void mbx_mailbox_unlock_and_tell(struct mbx_mailbox *mb, __poll_t events,
				 int moves) __releases(&mb->lock);
void mbx_mailbox_let_senders_in(struct mbx_mailbox *mb,
				struct mbx_after *after);
void mbx_mailbox_end_waiting(struct mbx_mailbox *mb, int result,
			     struct mbx_after *after);
__poll_t mbx_mailbox_poll(struct mbx_mailbox *mb);
void mbx_mailbox_stat(struct mbx_mailbox *mb, struct mbx_mailbox_stat *stat);

int mbx_mailbox_cache_init(void);
void mbx_mailbox_cache_exit(void);

static inline struct mbx_mailbox *mbx_to_mailbox(struct mbx_object *obj)
{
	return container_of(obj, struct mbx_mailbox, obj);
}

/**
 * mbx_mailbox_fits - is there room for a message? Under the lock
 * @mb: the mailbox
 * @len: bytes of payload
 */
static inline bool mbx_mailbox_fits(const struct mbx_mailbox *mb, u32 len)
{
	/* Not "bytes + len > max": a message put back may have exceeded it. */
	return mb->queue.msgs < mb->max_msgs &&
	       mb->queue.bytes <= mb->max_bytes &&
	       len <= mb->max_bytes - mb->queue.bytes;
}

#endif /* MBX_MAILBOX_H */
