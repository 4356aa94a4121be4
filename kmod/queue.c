// SPDX-License-Identifier: GPL-2.0-only
/* The priority queue of a mailbox. */
#include "queue.h"

/**
 * mbx_matches_selection - is a message among those that a receiver selects?
 * @match: what it wants
 * @msg: the message
 */
bool mbx_matches_selection(const struct mbx_match *match,
			   const struct mbx_msg *msg)
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

	/* One that was taken from a waiting sender is younger than all. */
	if (next && list_prev_entry(next, link)->seq < msg->seq)
		next = NULL;
	while (next && next->seq < msg->seq)
		next = next_in_ring(q, next);
	mbx_queue_insert(q, msg, next);
}

static struct mbx_msg *first_in_ring(const struct mbx_queue *q, u32 prios)
{
	return prios ? q->head[__fls(prios)] : NULL;
}

/**
 * mbx_queue_find - the first message that matches, in the order of delivery
 * @q: the queue
 * @msg: where to begin; a message in it, or NULL
 * @match: to whom it is to be delivered
 *
 * Return: a message, still queued, or NULL.
 */
struct mbx_msg *mbx_queue_find(const struct mbx_queue *q, struct mbx_msg *msg,
			       const struct mbx_match *match)
{
	while (msg && !mbx_matches(match, msg))
		msg = next_in_ring(q, msg) ?:
					     first_in_ring(q,
							   q->occupied & (BIT(msg->prio) - 1));
	return msg;
}

/* That message may have left the queue: find what would stand behind it. */
static struct mbx_msg *successor(const struct mbx_queue *q,
				 const struct mbx_position *prev)
{
	struct mbx_msg *msg = q->head[prev->prio];

	while (msg && msg->seq <= prev->seq)
		msg = next_in_ring(q, msg);
	return msg;
}

/**
 * mbx_queue_after - the message that is to be delivered after another one
 * @q: the queue
 * @prev: position of a message that is or was in this queue
 * @match: to whom
 *
 * Return: a message, still queued, or NULL.
 */
struct mbx_msg *mbx_queue_after(const struct mbx_queue *q,
				const struct mbx_position *prev,
				const struct mbx_match *match)
{
	struct mbx_msg *msg;

	msg = prev->msg && prev->msg->queued ? next_in_ring(q, prev->msg) :
					       successor(q, prev);
	if (!msg)
		msg = first_in_ring(q, q->occupied & (BIT(prev->prio) - 1));
	return mbx_queue_find(q, msg, match);
}

/* The next in the order of dropping, or NULL. */
static struct mbx_msg *next_dropped(const struct mbx_queue *q,
				    const struct mbx_msg *msg)
{
	struct mbx_msg *next = next_in_ring(q, msg);
	u32 higher = q->occupied & ~(BIT(msg->prio) | (BIT(msg->prio) - 1));

	if (next)
		return next;
	return higher ? q->head[__ffs(higher)] : NULL;
}

/**
 * mbx_queue_last_victim - whom a message would have to displace to fit
 * @q: the queue, which has no room for it
 * @msg: the message, which displaces none of a higher priority
 * @max_msgs: how many messages there is room for
 * @max_bytes: how many bytes of payload
 *
 * Return: the last of those to be dropped, of which mbx_queue_lowest() is the first; or
 * NULL, and dropping all that may be would not do.
 */
struct mbx_msg *mbx_queue_last_victim(const struct mbx_queue *q,
				      const struct mbx_msg *msg, u32 max_msgs,
				      u64 max_bytes)
{
	struct mbx_msg *victim = mbx_queue_lowest(q);
	u64 bytes = q->bytes;
	u32 msgs = q->msgs;

	while (victim && victim->prio <= msg->prio) {
		bytes -= victim->len;
		msgs--;
		if (msgs < max_msgs && bytes + msg->len <= max_bytes)
			return victim;
		victim = next_dropped(q, victim);
	}
	return NULL;
}
