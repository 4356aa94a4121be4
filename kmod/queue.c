// SPDX-License-Identifier: GPL-2.0-only
/* The priority queue of a mailbox. */
#include <linux/bitops.h>
#include <linux/list.h>

#include "message.h"
#include "queue.h"

/**
 * mbx_matches - does a receiver want this message?
 * @match: what it wants
 * @msg: the message
 */
bool mbx_matches(const struct mbx_match *match, const struct mbx_msg *msg)
{
	if ((match->flags & MBX_RECV_BY_PRIO) && msg->prio < match->min_prio)
		return false;
	if ((match->flags & MBX_RECV_BY_TAG) && msg->tag != match->tag)
		return false;
	return !(match->flags & MBX_RECV_BY_PID) ||
	       pid_nr_ns(msg->pid, match->pid_ns) == match->pid;
}

/* The next message of the same priority, or NULL after the newest. */
static struct mbx_msg *next_in_ring(const struct mbx_queue *q,
				    const struct mbx_msg *msg)
{
	struct mbx_msg *next = list_entry(msg->link.next, struct mbx_msg, link);

	return next == q->head[msg->prio] ? NULL : next;
}

/* Insert before @next; at the end, which in a ring is before the head, if NULL. */
static void insert(struct mbx_queue *q, struct mbx_msg *msg,
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
	q->msgs++;
	q->bytes += msg->len;
}

/**
 * mbx_queue_push - append a message to those of its priority
 * @q: the queue
 * @msg: a message that is in no queue
 */
void mbx_queue_push(struct mbx_queue *q, struct mbx_msg *msg)
{
	insert(q, msg, NULL);
}

/**
 * mbx_queue_put_back - put a message back where it was
 * @q: the queue
 * @msg: a message that was taken out
 *
 * That is before all of its priority but those that were taken out earlier and
 * are back already.
 */
void mbx_queue_put_back(struct mbx_queue *q, struct mbx_msg *msg)
{
	struct mbx_msg *next = q->head[msg->prio];

	while (next && next->seq < msg->seq)
		next = next_in_ring(q, next);
	insert(q, msg, next);
}

/**
 * mbx_queue_remove - take a message out
 * @q: the queue
 * @msg: a message in it
 */
void mbx_queue_remove(struct mbx_queue *q, struct mbx_msg *msg)
{
	if (list_empty(&msg->link)) {
		q->head[msg->prio] = NULL;
		q->occupied &= ~BIT(msg->prio);
	} else if (q->head[msg->prio] == msg) {
		q->head[msg->prio] = list_next_entry(msg, link);
	}
	list_del_init(&msg->link);
	msg->queued = false;
	q->msgs--;
	q->bytes -= msg->len;
}

static struct mbx_msg *first_in_ring(const struct mbx_queue *q, u32 prios)
{
	return prios ? q->head[__fls(prios)] : NULL;
}

/* Walk in the order of delivery; @msg may be NULL. */
static struct mbx_msg *find_from(const struct mbx_queue *q, struct mbx_msg *msg,
				 const struct mbx_match *match)
{
	while (msg && !mbx_matches(match, msg))
		msg = next_in_ring(q, msg) ?:
					     first_in_ring(q,
							   q->occupied & (BIT(msg->prio) - 1));
	return msg;
}

/**
 * mbx_queue_first - the message that is to be delivered next
 * @q: the queue
 * @match: to whom
 *
 * Return: a message, still queued, or NULL.
 */
struct mbx_msg *mbx_queue_first(const struct mbx_queue *q,
				const struct mbx_match *match)
{
	return find_from(q, first_in_ring(q, q->occupied), match);
}

/* @prev has left the queue: find what would stand behind it. */
static struct mbx_msg *successor(const struct mbx_queue *q,
				 const struct mbx_msg *prev)
{
	struct mbx_msg *msg = q->head[prev->prio];

	while (msg && msg->seq <= prev->seq)
		msg = next_in_ring(q, msg);
	return msg;
}

/**
 * mbx_queue_after - the message that is to be delivered after another one
 * @q: the queue
 * @prev: a message that is or was in this queue
 * @match: to whom
 *
 * Return: a message, still queued, or NULL.
 */
struct mbx_msg *mbx_queue_after(const struct mbx_queue *q,
				const struct mbx_msg *prev,
				const struct mbx_match *match)
{
	struct mbx_msg *msg;

	msg = prev->queued ? next_in_ring(q, prev) : successor(q, prev);
	if (!msg)
		msg = first_in_ring(q, q->occupied & (BIT(prev->prio) - 1));
	return find_from(q, msg, match);
}

/**
 * mbx_queue_lowest - the message that can best be spared
 * @q: the queue
 *
 * Return: the oldest of the lowest priority, or NULL.
 */
struct mbx_msg *mbx_queue_lowest(const struct mbx_queue *q)
{
	return q->occupied ? q->head[__ffs(q->occupied)] : NULL;
}

/**
 * mbx_queue_next_dropped - the message that can best be spared after another
 * @q: the queue
 * @msg: a message in it
 *
 * Return: the next in the order of dropping, or NULL.
 */
struct mbx_msg *mbx_queue_next_dropped(const struct mbx_queue *q,
				       const struct mbx_msg *msg)
{
	struct mbx_msg *next = next_in_ring(q, msg);
	u32 higher = q->occupied & ~(BIT(msg->prio) | (BIT(msg->prio) - 1));

	if (next)
		return next;
	return higher ? q->head[__ffs(higher)] : NULL;
}
