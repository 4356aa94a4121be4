/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Polling a mailbox: its wait queue is looked at before anybody is woken
 *
 * A poller calls poll(2), and takes what there is, until it has both messages
 * that two senders send. With nobody in the wait queue, unlock_once() spends
 * nothing on waking, so it must not overlook a poller.
 *
 * To hold: the poller does not sleep for ever.
 *
 * Code:
 *   kmod/mailbox_unlock.c unlock_once()
 *     if (!waitqueue_active(&mb->poll_wq)) events = 0;
 *     spin_unlock(&mb->lock);
 *     wake_pollers(mb, events, max(after->moves, 1));
 *   kmod/mailbox_file.c poll_mailbox()
 *     poll_wait(file, &mb->poll_wq, wait);
 *     events = mbx_mailbox_poll(mb);
 *   kmod/mailbox.c mbx_mailbox_poll()
 *     spin_lock(&mb->lock);
 *     if (mb->queue.msgs)
 *     spin_unlock(&mb->lock);
 *
 * Mutants:
 *   queue_looked_at_too_early sleeps
 *   looks_without_the_lock sleeps
 *   looks_before_it_enters sleeps
 */
#define THREADS 3

#define LOCK 0				/* mb->lock */
#define WQ_LOCK 1			/* mb->poll_wq.lock */
#define LISTED 2			/* the poller is in poll_wq */
#define QUEUED 3			/* mb->queue.msgs */
#define WORDS 4

#include "kernel.inc"

bool triggered;				/* the poller has been woken */

/* mbx_mailbox_send(), unlock_once() */
proctype sender(byte me)
{
	byte value;
	bool listed;

#ifdef MUTANT_queue_looked_at_too_early
	load(LISTED, listed);
#endif
	spin_lock(LOCK);
	atomic { load(QUEUED, value); store(QUEUED, value + 1); value = 0 };
#ifndef MUTANT_queue_looked_at_too_early
	/* waitqueue_active() */
	load(LISTED, listed);
#endif
	spin_unlock(LOCK);
	/* wake_up_interruptible_poll() */
	if
	:: listed ->
		spin_lock(WQ_LOCK);
		load(LISTED, listed);
		if
		:: listed -> atomic { nothing_buffered -> triggered = true }
		:: else
		fi;
		spin_unlock(WQ_LOCK)
	:: else
	fi;
	full_barrier()
}

/* poll_wait(), and leaving the queue when the call ends */
inline set_listed(value)
{
	spin_lock(WQ_LOCK);
	store(LISTED, value);
	spin_unlock(WQ_LOCK)
}

/* mbx_mailbox_poll() */
inline look()
{
#ifdef MUTANT_looks_without_the_lock
	load(QUEUED, ready);
#else
	spin_lock(LOCK);
	load(QUEUED, ready);
	spin_unlock(LOCK);
#endif
}

/* poll_mailbox() */
proctype poller(byte me)
{
	byte ready, taken;

	do
	:: taken == 2 ->
		break
	:: else ->
		triggered = false;
#ifdef MUTANT_looks_before_it_enters
		look();
		set_listed(true);
#else
		set_listed(true);
		look();
#endif
		do
		:: ready -> break
		:: else ->
			atomic { triggered -> triggered = false };
			look()
		od;
		set_listed(false);
		spin_lock(LOCK);
		atomic {
			load(QUEUED, ready);
			taken = taken + ready;
			ready = 0;
			store(QUEUED, 0)
		}
		spin_unlock(LOCK)
	od;
	full_barrier()
}

init {
	atomic {
		start_memory();
		run poller(0);
		run sender(1);
		run sender(2)
	}
	_nr_pr == THREADS + 1;
	assert(memory[QUEUED] == 0 && memory[LISTED] == 0)
}
