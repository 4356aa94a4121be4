/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The states of a waiter: WAITING, CLAIMED, DONE (kmod/wait.h)
 *
 * Receivers wait at a mailbox, with or without a deadline; a signal is the same as
 * a deadline here. A sender hands a message over, or the owner's death ends all
 * waiting: two receivers and one of these, or one receiver and both. Who
 * may be left waiting as nobody dies has a deadline.
 *
 * To hold:
 * - nobody sleeps for ever;
 * - a waiter is only touched while the frame that it is in exists, and a task
 *   only while it does;
 * - a message that was handed over is received, and no message is lost;
 * - a result is only read when it has been decided.
 *
 * A receiver's task ends when its call returns, and so does its stack.
 *
 * Code:
 *   kmod/wait.c mbx_waiter_claim()
 *     waiter->result = result;
 *     WRITE_ONCE(waiter->state, MBX_CLAIMED);
 *     list_move_tail(&waiter->link, claimed);
 *   kmod/wait.c mbx_wake_claimed()
 *     list_for_each_entry_safe(waiter, next, claimed, link)
 *     task = get_task_struct(waiter->task);
 *     smp_store_release(&waiter->state, MBX_DONE);
 *     wake_up_process(task);
 *     put_task_struct(task);
 *   kmod/wait.c is_done()
 *     return smp_load_acquire(&waiter->state) == MBX_DONE;
 *   kmod/wait.c mbx_waiter_sleep()
 *     while (!err) {
 *     set_current_state(TASK_INTERRUPTIBLE);
 *     if (is_done(waiter)) break;
 *     err = mbx_sleep_once(deadline_ns);
 *     __set_current_state(TASK_RUNNING);
 *   kmod/wait.c mbx_waiter_finish()
 *     set_current_state(TASK_UNINTERRUPTIBLE);
 *     if (is_done(waiter)) break;
 *     schedule();
 *   kmod/exchange.c wait_for_message()
 *     int err = mbx_waiter_sleep(&r->waiter, deadline_ns);
 *     if (!err) return r->waiter.result;
 *     spin_lock(&mb->lock);
 *     if (r->waiter.state == MBX_WAITING) {
 *     list_del(&r->waiter.link);
 *     spin_unlock(&mb->lock); return err;
 *     spin_unlock(&mb->lock); mbx_waiter_finish(&r->waiter);
 *     return r->waiter.result;
 *   kmod/exchange.c unlock_once()
 *     spin_unlock(&mb->lock);
 *     mbx_wake_claimed(&after->claimed);
 *
 * Mutants:
 *   no_state_barrier sleeps
 *   woken_before_done sleeps
 *   task_read_late frame[waiter]
 *   next_read_late frame[waiter]
 *   task_not_held task_refs[waiter]>0
 *   no_finish task_refs[waiter]>0
 *   claim_ignored task_refs[waiter]>0
 *   message_dropped received+queued
 */
#define RECEIVERS 2
#define THREADS 3

/* Words of memory. Receiver r's are at 2 * r. */
#define STATE(r) (2 * (r))		/* waiter.state */
#define TASK(r) (2 * (r) + 1)		/* what set_current_state() sets */
#define LOCK 4				/* mb->lock */
#define WORDS 5

#include "kernel.inc"

#define WAITING 0
#define CLAIMED 1
#define DONE 2
#define NOBODY 15

/* Under the lock. */
byte queued;
bool listed[RECEIVERS];			/* on mb->receivers */
bool dead;

/* Under the lock while WAITING, the claimer's while CLAIMED. */
bool frame[RECEIVERS];			/* the waiter exists */
byte next_claimed[RECEIVERS];		/* waiter.link, on the list claimed */
bool handed[RECEIVERS];			/* r->msg */
bool decided[RECEIVERS];		/* waiter.result has been set */

byte task_refs[RECEIVERS];		/* of the task_struct */
byte received;
bool refused;
bool sends;
bool patient = true;			/* somebody may have no deadline */

#define touch_waiter(r) assert(frame[r])
#define touch_task(r) assert(task_refs[r] > 0)

/* mbx_waiter_claim() */
inline claim(r)
{
	touch_waiter(r);
	listed[r] = false;
	decided[r] = true;
	store(STATE(r), CLAIMED);
	next_claimed[r] = NOBODY;
	if
	:: first == NOBODY -> first = r
	:: else -> next_claimed[last] = r
	fi;
	last = r
}

/* mbx_wake_claimed() */
inline wake_claimed()
{
	do
	:: first == NOBODY ->
		break
	:: else ->
		waiter = first;
#ifndef MUTANT_next_read_late
		/* list_for_each_entry_safe() */
		touch_waiter(waiter);
		first = next_claimed[waiter];
#endif
#ifndef MUTANT_task_not_held
		/* get_task_struct() */
		touch_waiter(waiter);
		atomic { touch_task(waiter); task_refs[waiter]++ };
#endif
#ifdef MUTANT_woken_before_done
		wake_up_process(TASK(waiter));
#endif
		store_release(STATE(waiter), DONE);
#ifdef MUTANT_task_read_late
		full_barrier();
		touch_waiter(waiter);
#endif
#ifndef MUTANT_woken_before_done
		/* wake_up_process() */
		full_barrier();
		touch_task(waiter);
		wake_up_process(TASK(waiter));
#endif
#ifndef MUTANT_task_not_held
		/* put_task_struct() */
		task_refs[waiter]--;
#endif
#ifdef MUTANT_next_read_late
		touch_waiter(waiter);
		first = next_claimed[waiter];
#endif
	od
}

/* mbx_mailbox_send(), or kill_mailbox() */
proctype waker(byte me; bool kills)
{
	byte first = NOBODY, last, waiter, who;
	bool sent = kills;

	atomic {
		spin_lock(LOCK);
		if
		:: kills ->
			dead = true
		:: !kills && dead ->
			refused = true;
			sent = true
		:: else
		fi;
		/* hand_over(), mbx_mailbox_end_waiting() */
		do
		:: who == RECEIVERS ->
			break
		:: who < RECEIVERS && listed[who] && (kills || !sent) ->
			if
			:: !kills ->
				handed[who] = true;
				sent = true
			:: else
			fi;
			claim(who);
			who++
		:: else ->
			who++
		od;
		/* put_in() */
		if
		:: !sent -> queued++
		:: else
		fi;
		spin_unlock(LOCK)
	}
	wake_claimed()
}

/* mbx_waiter_sleep() */
inline sleep()
{
	do
	:: failed ->
		break
	:: else ->
#ifdef MUTANT_no_state_barrier
		store(TASK(me), SLEEPING);
#else
		set_current_state(TASK(me), SLEEPING);
#endif
		load(STATE(me), state);
		if
		:: state == DONE -> break
		:: else
		fi;
		/* mbx_sleep_once() */
		if
		:: is_woken(TASK(me))
		:: hurried && nothing_buffered -> failed = true
		fi
	od;
	store(TASK(me), RUNNING)
}

/* mbx_waiter_finish() */
inline finish()
{
	do
	:: set_current_state(TASK(me), SLEEPING);
		load(STATE(me), state);
		if
		:: state == DONE -> break
		:: else
		fi;
		is_woken(TASK(me))
	od;
	store(TASK(me), RUNNING)
}

/* mbx_mailbox_receive(), wait_for_message() */
proctype receiver(byte me)
{
	byte state;
	bool hurried, failed;

	if
	:: hurried = true
	:: patient -> hurried = false
	fi;
	atomic {
		spin_lock(LOCK);
		/* try_receive() */
		if
		:: queued > 0 ->
			queued--;
			received++;
			spin_unlock(LOCK);
			goto out
		:: queued == 0 && dead ->
			spin_unlock(LOCK);
			goto out
		:: else
		fi;
		/* mbx_waiter_init() */
		frame[me] = true;
		store(STATE(me), WAITING);
		listed[me] = true;
		spin_unlock(LOCK)
	}

	sleep();
	if
	:: !failed ->
		goto result
	:: else
	fi;
#ifndef MUTANT_claim_ignored
	atomic {
		spin_lock(LOCK);
		load(STATE(me), state);
		if
		:: state == WAITING ->
			listed[me] = false;
			spin_unlock(LOCK);
			goto gone
		:: else
		fi;
		spin_unlock(LOCK)
	}
#ifndef MUTANT_no_finish
	finish();
#endif
result:
	assert(decided[me]);
	if
#ifdef MUTANT_message_dropped
	:: handed[me] && !failed -> received++
#else
	:: handed[me] -> received++
#endif
	:: else
	fi;
gone:
#else
	spin_lock(LOCK);
	listed[me] = false;
	spin_unlock(LOCK);
	goto out;
result:
	if
	:: handed[me] -> received++
	:: else
	fi;
#endif
	frame[me] = false;
out:
	full_barrier();
	task_refs[me]--
}

init {
	atomic {
		start_memory();
		task_refs[0] = 1;
		run receiver(0);
		if
		:: sends = true;
			run waker(1, false);
			run waker(2, true)
		:: task_refs[1] = 1;
			run receiver(1);
			run waker(2, true)
		:: sends = true;
			patient = false;
			task_refs[1] = 1;
			run receiver(1);
			run waker(2, false)
		fi
	}
	_nr_pr == THREADS + 1;
	/* The message was received, or is queued, or was refused. */
	assert(received + queued + refused == sends);
	assert(task_refs[0] == 0 && task_refs[1] == 0)
}
