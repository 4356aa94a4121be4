/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting until a process binds its direct mailbox, or ends (kmod/direct.c)
 *
 * One thread waits in the queue of the process's struct pid. The process binds, or
 * ends without; either wakes the queue.
 *
 * To hold: who waits does not sleep for ever.
 *
 * Code:
 *   kmod/direct.c mbx_direct_find()
 *     obj = mbx_names_lookup(bound, &name);
 *     if (!obj) return ERR_PTR(mbx_process_ended(pid) ? -ESRCH : -ENXIO);
 *     __set_current_state(TASK_RUNNING);
 *     return obj;
 *   kmod/direct.c mbx_direct_lookup()
 *     add_wait_queue(&pid->wait_pidfd, &entry);
 *     set_current_state(TASK_INTERRUPTIBLE
 *     obj = mbx_direct_find(pid);
 *     if (obj != ERR_PTR(-ENXIO)) break;
 *     err = mbx_sleep_once(deadline_ns);
 *     __set_current_state(TASK_RUNNING);
 *   kmod/direct.c mbx_direct_announce()
 *     wake_up_all(&pid->wait_pidfd);
 *   kmod/handle.c mbx_open_own()
 *     file = open_in(opener, mbx_direct_names(), &name, flags, attr);
 *     if (!IS_ERR(file)) mbx_direct_announce(pid);
 *
 * Mutants:
 *   announced_before_it_is_bound sleeps
 *   looks_before_it_enters sleeps
 *   no_state_barrier sleeps
 */
#define THREADS 2

#define NAMES_LOCK 0			/* names->lock */
#define QUEUE_LOCK 1			/* of pid->wait_pidfd */
#define LISTED 2			/* the waiter is in the queue */
#define BOUND 3				/* the table has the mailbox */
#define ENDED 4				/* task->exit_state */
#define TASK 5				/* what set_current_state() sets */
#define WORDS 6

#include "kernel.inc"

/* add_wait_queue(), remove_wait_queue() */
inline set_listed(value)
{
	spin_lock(QUEUE_LOCK);
	store(LISTED, value);
	spin_unlock(QUEUE_LOCK)
}

/* wake_up_all() */
inline wake_up_all()
{
	spin_lock(QUEUE_LOCK);
	load(LISTED, listed);
	if
	:: listed -> wake_up_process(TASK)
	:: else
	fi;
	spin_unlock(QUEUE_LOCK)
}

/* mbx_direct_find() */
inline find()
{
	load(BOUND, found);
	if
	:: !found -> load(ENDED, found)
	:: else
	fi
}

/* mbx_direct_lookup() */
proctype waiter(byte me)
{
	bool found;

#ifdef MUTANT_looks_before_it_enters
	find();
#endif
	set_listed(true);
	do
#ifdef MUTANT_no_state_barrier
	:: store(TASK, SLEEPING);
#else
	:: set_current_state(TASK, SLEEPING);
#endif
#ifndef MUTANT_looks_before_it_enters
		find();
#endif
		if
		:: found -> break
		:: else
		fi;
		/* mbx_sleep_once() */
		is_woken(TASK);
#ifdef MUTANT_looks_before_it_enters
		find()
#endif
	od;
	store(TASK, RUNNING);
	set_listed(false);
	full_barrier()
}

proctype process(byte me)
{
	bool listed;

	if
	:: true ->
#ifdef MUTANT_announced_before_it_is_bound
		wake_up_all();
#endif
		/* mbx_names_add() */
		spin_lock(NAMES_LOCK);
		store(BOUND, true);
		spin_unlock(NAMES_LOCK);
#ifndef MUTANT_announced_before_it_is_bound
		/* mbx_direct_announce() */
		wake_up_all()
#endif
	:: true ->
		store(ENDED, true);
		/* The kernel, of the end of a process */
		wake_up_all()
	fi;
	full_barrier()
}

init {
	atomic {
		start_memory();
		run waiter(0);
		run process(1)
	}
	_nr_pr == THREADS + 1;
	assert(memory[LISTED] == 0)
}
