// SPDX-License-Identifier: GPL-2.0-only
/* Unlocking a mailbox: who is to be woken, and what to be freed, once that is done. */
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "mailbox.h"
#include "message.h"
#include "spare.h"

static void free_victims(struct mbx_mailbox *mb, struct list_head *victims)
{
	struct mbx_msg *msg, *next;

	list_for_each_entry_safe(msg, next, victims, link) {
		list_del_init(&msg->link);
		mbx_msg_recycle(&mb->spares, msg);
	}
}

/* Of those who poll exclusively, no more than there is something for. */
static void wake_pollers(struct mbx_mailbox *mb, __poll_t events, int exclusive)
{
	__wake_up(&mb->poll_wq, TASK_INTERRUPTIBLE, exclusive,
		  poll_to_key(events));
}

static __always_inline void unlock_once(struct mbx_mailbox *mb,
					struct mbx_after *after)
	__releases(&mb->lock)
{
	__poll_t events = after->events;

	/*
	 * A poller enters poll_wq before it looks at the mailbox under the
	 * lock: either it saw the change, or it is seen here.
	 */
	if (!waitqueue_active(&mb->poll_wq))
		events = 0;
	spin_unlock(&mb->lock);

	if (after->wakes.count)
		mbx_wake(&after->wakes);
	if (events & EPOLLHUP)
		mbx_wake_all_pollers(&mb->poll_wq, events);
	else if (events)
		wake_pollers(mb, events, max(after->moves, 1));
	if (!list_empty(&after->victims))
		free_victims(mb, &after->victims);
}

/**
 * mbx_mailbox_unlock - unlock, and do what is left to do; may sleep
 * @mb: the mailbox
 * @after: what that is
 *
 * Waiting senders are let in a few at a time, so that nobody keeps the lock for
 * long however many there are.
 */
void mbx_mailbox_unlock(struct mbx_mailbox *mb, struct mbx_after *after)
	__releases(&mb->lock)
{
	unlock_once(mb, after);
	while (unlikely(after->more_senders)) {
		after->more_senders = false;
		after->events = 0;
		after->time_ns = 0;
		after->moves = 0;
		cond_resched();
		spin_lock(&mb->lock);
		mbx_mailbox_let_senders_in(mb, after);
		unlock_once(mb, after);
	}
}

/**
 * mbx_mailbox_unlock_and_tell - unlock, and tell pollers; that is all there is to do
 * @mb: the mailbox
 * @events: EPOLL bits, or 0
 * @moves: messages queued or taken out
 */
void mbx_mailbox_unlock_and_tell(struct mbx_mailbox *mb, __poll_t events,
				 int moves) __releases(&mb->lock)
{
	struct mbx_after after mbx_uninitialized;

	mbx_after_init(&after);
	after.events = events;
	after.moves = moves;
	mbx_mailbox_unlock(mb, &after);
}
