/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A waiter on the stack: deciding it under the lock, waking it later (kmod/wait.h)
 *
 * Receivers wait at a mailbox, with or without a deadline; a signal is the same as
 * a deadline here. A sender hands a message over, or the owner's death ends all
 * waiting: two receivers and one of these, or one receiver and both. Who may be
 * left waiting as nobody dies has a deadline. There is room for one task in
 * struct mbx_wakes, so that a second one has the first woken under the lock.
 *
 * To hold:
 * - nobody sleeps for ever;
 * - a waiter is only touched while the frame that it is in exists, and a task
 *   only while it does;
 * - a message that was handed over is received, and no message is lost; who has
 *   received it frees it, and nobody touches it any more.
 *
 * A receiver's task ends when its call returns, and so does its stack.
 *
 * Code:
 *   kmod/wait.h mbx_wake_task()
 *     wake_up_process(task);
 *     put_task_struct(task);
 *   kmod/wait.c mbx_wake()
 *     mbx_wake_task(wakes->tasks[i]);
 *     wakes->count = 0;
 *   kmod/wait.c mbx_wakes_add()
 *     if (wakes->count == MBX_WAKES) mbx_wake(wakes);
 *     wakes->tasks[wakes->count++] = task;
 *   kmod/wait.h mbx_waiter_settle()
 *     struct task_struct *task = get_task_struct(waiter->task);
 *     waiter->result = result;
 *     smp_store_release(&waiter->decided, true); return task;
 *   kmod/wait.c mbx_waiter_decide()
 *     list_del(&waiter->link);
 *     mbx_wakes_add(wakes, mbx_waiter_settle(waiter, result)); }
 *   kmod/wait.h mbx_waiter_is_decided()
 *     return smp_load_acquire(&waiter->decided);
 *   kmod/wait.c mbx_waiter_sleep()
 *     while (!err) {
 *     set_current_state(TASK_INTERRUPTIBLE
 *     if (mbx_waiter_is_decided(waiter)) break;
 *     err = mbx_sleep_once(deadline_ns);
 *     __set_current_state(TASK_RUNNING);
 *   kmod/exchange.c wait_for_message()
 *     int err = mbx_waiter_sleep(&r->waiter, deadline_ns);
 *     if (!err) return r->waiter.result;
 *     spin_lock(&mb->lock);
 *     if (!r->waiter.decided) {
 *     list_del(&r->waiter.link);
 *     spin_unlock(&mb->lock); return err;
 *     spin_unlock(&mb->lock); return r->waiter.result;
 *   kmod/exchange.c hand_over()
 *     r->msg = msg;
 *     msg->deliveries++;
 *     answer_receiver(mb, r, result, after);
 *   kmod/mailbox_unlock.c unlock_once()
 *     spin_unlock(&mb->lock);
 *     mbx_wake(&after->wakes);
 *
 * Mutants:
 *   no_state_barrier sleeps
 *   woken_before_decided sleeps
 *   full_list_forgotten sleeps
 *   task_read_late frame[who]
 *   unlisted_late frame[who]
 *   task_not_held task_refs[task]>0
 *   message_handed_late received+queued
 *   counted_late message
 *   decided_without_release received+queued
 *   decision_ignored received+queued
 */
#define RECEIVERS 2
#define THREADS 3

/* Words of memory. Receiver r's are at 3 * r. */
#define DECIDED(r) (3 * (r))		/* waiter.decided */
#define MSG(r) (3 * (r) + 1)		/* r->msg */
#define TASK(r) (3 * (r) + 2)		/* what set_current_state() sets */
#define LOCK 6				/* mb->lock */
#define WORDS 7

#include "kernel.inc"

/* Under the lock. */
byte queued;
bool listed[RECEIVERS];			/* on mb->receivers */
bool dead;

bool frame[RECEIVERS];			/* the waiter exists */
byte task_refs[RECEIVERS];		/* of the task_struct */
byte received;
bool message;				/* is not freed yet */
bool refused;
bool sends;
bool patient = true;			/* somebody may have no deadline */

/* mbx_wake(); a waker has at most one task to wake */
inline wake()
{
	if
	:: count ->
#ifndef MUTANT_full_list_forgotten
		assert(task_refs[task] > 0);
		wake_up_process(TASK(task));
#endif
#ifndef MUTANT_task_not_held
		/* put_task_struct() */
		task_refs[task]--;
#endif
		count = 0
	:: else
	fi
}

/* get_task_struct(waiter->task) */
inline hold_task()
{
	atomic {
		assert(frame[who]);
		added = who;
#ifndef MUTANT_task_not_held
		task_refs[added]++
#endif
	}
}

/* mbx_wakes_add() */
inline add_task()
{
	wake();
	task = added;
	count = 1
}

/* list_del(&waiter->link) */
inline unlist()
{
	atomic { assert(frame[who]); listed[who] = false }
}

/* r->msg = msg */
inline hand_over()
{
	if
	:: !kills ->
		assert(frame[who]);
		store(MSG(who), true);
		sent = true
	:: else
	fi
}

/* msg->deliveries++ */
inline count_delivery()
{
	if
	:: !kills -> assert(message)
	:: else
	fi
}

/* mbx_waiter_decide() */
inline decide()
{
#ifndef MUTANT_unlisted_late
	unlist();
#endif
#ifndef MUTANT_task_read_late
	hold_task();
#endif
#ifdef MUTANT_woken_before_decided
	add_task();
	wake();
#endif
#ifdef MUTANT_decided_without_release
	store(DECIDED(who), true);
#else
	store_release(DECIDED(who), true);
#endif
#ifdef MUTANT_unlisted_late
	unlist();
#endif
#ifdef MUTANT_task_read_late
	hold_task();
#endif
#ifndef MUTANT_woken_before_decided
	add_task()
#endif
}

/*
 * mbx_mailbox_send(), or kill_mailbox(); not atomic, as the sleeper sees without
 * the lock that it is decided
 */
proctype waker(byte me; bool kills)
{
	byte task, added, who;
	bool count, sent = kills;

	/* There is one sender at most. */
	if
	:: !kills -> message = true
	:: else
	fi;
	spin_lock(LOCK);
	if
	:: kills ->
		dead = true
	:: !kills && dead ->
		refused = true;
		sent = true
	:: else
	fi;
	do
	:: who == RECEIVERS ->
		break
	:: who < RECEIVERS && listed[who] && (kills || !sent) ->
#ifdef MUTANT_message_handed_late
		decide();
		hand_over();
#elif defined(MUTANT_counted_late)
		hand_over();
		decide();
		count_delivery();
#else
		hand_over();
		count_delivery();
		decide();
#endif
		who++
	:: else ->
		who++
	od;
	/* put_in() */
	if
	:: !sent -> queued++
	:: else
	fi;
	spin_unlock(LOCK);
#ifdef MUTANT_full_list_forgotten
	if
	:: count -> wake_up_process(TASK(task))
	:: else
	fi;
#endif
	wake()
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
		load(DECIDED(me), decided);
		if
		:: decided -> break
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

/* mbx_mailbox_receive(), wait_for_message() */
proctype receiver(byte me)
{
	bool decided, hurried, failed, handed;

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
		store(DECIDED(me), false);
		listed[me] = true;
		spin_unlock(LOCK)
	}
	sleep();
	if
	:: failed ->
		atomic {
			spin_lock(LOCK);
#ifdef MUTANT_decision_ignored
			listed[me] = false;
			spin_unlock(LOCK);
			goto gone
#else
			load(DECIDED(me), decided);
			if
			:: !decided ->
				listed[me] = false;
				spin_unlock(LOCK);
				goto gone
			:: else
			fi;
			spin_unlock(LOCK)
#endif
		}
	:: else
	fi;
	/* *msgp = r.msg */
	load(MSG(me), handed);
	if
	:: handed ->
		received++;
		message = false
	:: else
	fi;
gone:
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
