/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue of messages: by priority, first in first out within one
 *
 * Pure data structure: no lock, no policy, no user memory. The caller
 * serializes. Each priority is a ring of messages, and head[] points to its
 * oldest; all but selection by tag or sender and the walk after a message that
 * has left the queue, or was not kept, take constant time.
 */
#ifndef MBX_QUEUE_H
#define MBX_QUEUE_H

#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/types.h>
#include <uapi/linux/mbx.h>

#include "message.h"

struct pid_namespace;

/* Receivers without any of these take what comes. */
#define MBX_RECV_SELECTION \
	(MBX_RECV_BY_PRIO | MBX_RECV_BY_TAG | MBX_RECV_BY_PID)

struct mbx_queue {
	u32 occupied; /* a bit for each priority */
	u32 msgs; /* looked at without the lock too */
	u64 bytes; /* of payload */
	struct mbx_msg *head[MBX_PRIO_MAX + 1];
};

/**
 * struct mbx_match - which messages a receiver wants
 * @flags: bits of enum mbx_recv_flags; those for selection count here
 * @min_prio: with MBX_RECV_BY_PRIO
 * @tag: with MBX_RECV_BY_TAG
 * @pid: with MBX_RECV_BY_PID
 * @pid_ns: what @pid is relative to
 */
struct mbx_match {
	u32 flags;
	u32 min_prio;
	u64 tag;
	u32 pid;
	struct pid_namespace *pid_ns;
};

/**
 * struct mbx_position - where somebody has come to who looks at one after the other
 * @msg: the last one, with a reference, or NULL if that could not be kept
 * @prio: of that message
 * @seq: of that message
 */
struct mbx_position {
	struct mbx_msg *msg;
	u8 prio;
	u64 seq;
};

bool mbx_matches_selection(const struct mbx_match *match,
			   const struct mbx_msg *msg);
void mbx_queue_put_back(struct mbx_queue *q, struct mbx_msg *msg);
struct mbx_msg *mbx_queue_find(const struct mbx_queue *q, struct mbx_msg *msg,
			       const struct mbx_match *match);
struct mbx_msg *mbx_queue_after(const struct mbx_queue *q,
				const struct mbx_position *prev,
				const struct mbx_match *match);
struct mbx_msg *mbx_queue_last_victim(const struct mbx_queue *q,
				      const struct mbx_msg *msg, u32 max_msgs,
				      u64 max_bytes);

/**
 * mbx_matches - does a receiver want this message?
 * @match: what it wants
 * @msg: the message
 */
static inline bool mbx_matches(const struct mbx_match *match,
			       const struct mbx_msg *msg)
{
	return likely(!(match->flags & MBX_RECV_SELECTION)) ||
	       mbx_matches_selection(match, msg);
}

/**
 * mbx_queue_insert - put a message among those of its priority
 * @q: the queue
 * @msg: a message that is in no queue
 * @next: the message that it is to stand before; NULL for the end, which in a
 *	ring is before the head
 */
static inline void mbx_queue_insert(struct mbx_queue *q, struct mbx_msg *msg,
				    struct mbx_msg *next)
{
	struct mbx_msg *head = q->head[msg->prio];

	if (head) {
		list_add_tail(&msg->link, next ? &next->link : &head->link);
		if (next == head)
			q->head[msg->prio] = msg;
	} else {
		INIT_LIST_HEAD(&msg->link);
		q->head[msg->prio] = msg;
		q->occupied |= BIT(msg->prio);
	}
	msg->queued = true;
	WRITE_ONCE(q->msgs, q->msgs + 1);
	q->bytes += msg->len;
}

/**
 * mbx_queue_push - append a message to those of its priority
 * @q: the queue
 * @msg: a message that is in no queue
 */
static inline void mbx_queue_push(struct mbx_queue *q, struct mbx_msg *msg)
{
	mbx_queue_insert(q, msg, NULL);
}

/**
 * mbx_queue_remove - take a message out
 * @q: the queue
 * @msg: a message in it
 */
static inline void mbx_queue_remove(struct mbx_queue *q, struct mbx_msg *msg)
{
	struct mbx_msg *next = list_next_entry(msg, link);

	if (next == msg) {
		q->head[msg->prio] = NULL;
		q->occupied &= ~BIT(msg->prio);
	} else {
		if (q->head[msg->prio] == msg)
			q->head[msg->prio] = next;
		__list_del_entry(&msg->link);
	}
	msg->queued = false;
	WRITE_ONCE(q->msgs, q->msgs - 1);
	q->bytes -= msg->len;
}

static inline struct mbx_msg *mbx_queue_highest(const struct mbx_queue *q)
{
	return q->occupied ? q->head[__fls(q->occupied)] : NULL;
}

/**
 * mbx_queue_first - the message that is to be delivered next
 * @q: the queue
 * @match: to whom
 *
 * Return: a message, still queued, or NULL.
 */
static inline struct mbx_msg *mbx_queue_first(const struct mbx_queue *q,
					      const struct mbx_match *match)
{
	struct mbx_msg *msg = mbx_queue_highest(q);

	if (likely(!(match->flags & MBX_RECV_SELECTION)))
		return msg;
	return mbx_queue_find(q, msg, match);
}

/**
 * mbx_queue_lowest - the message that can best be spared
 * @q: the queue
 *
 * Return: the oldest of the lowest priority, or NULL.
 */
static inline struct mbx_msg *mbx_queue_lowest(const struct mbx_queue *q)
{
	return q->occupied ? q->head[__ffs(q->occupied)] : NULL;
}

#endif /* MBX_QUEUE_H */
