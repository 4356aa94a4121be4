/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting until a process binds its direct mailbox, or ends (kmod/direct.c)
 *
 * One thread waits in two queues, that of whom to tell about a binding and that
 * of the process's end. The process binds, or ends without.
 *
 * To hold: who waits does not sleep for ever.
 *
 * Code:
 *   kmod/direct.c mbx_direct_lookup()
 *     add_wait_queue(bind_queue(pid), &for_bind);
 *     add_wait_queue(&pid->wait_pidfd, &for_end);
 *     set_current_state(TASK_INTERRUPTIBLE);
 *     obj = find(pid);
 *     if (obj != ERR_PTR(-ENXIO)) break;
 *     err = mbx_sleep_once(deadline_ns);
 *     __set_current_state(TASK_RUNNING);
 *   kmod/direct.c mbx_direct_announce()
 *     wake_up_all(bind_queue(pid));
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
#define QUEUE_LOCK(q) (1 + (q))		/* bind_queue(pid), pid->wait_pidfd */
#define LISTED(q) (3 + (q))		/* the waiter is in the queue */
#define BOUND 5				/* the table has the mailbox */
#define ENDED 6				/* task->exit_state */
#define TASK 7				/* what set_current_state() sets */
#define WORDS 8

#define BIND 0
#define END 1

#include "kernel.inc"

/* add_wait_queue(), remove_wait_queue() */
inline set_listed(q, value)
{
	spin_lock(QUEUE_LOCK(q));
	store(LISTED(q), value);
	spin_unlock(QUEUE_LOCK(q))
}

/* wake_up_all() */
inline wake_up_all(q)
{
	spin_lock(QUEUE_LOCK(q));
	load(LISTED(q), listed);
	if
	:: listed -> wake_up_process(TASK)
	:: else
	fi;
	spin_unlock(QUEUE_LOCK(q))
}

/* find() */
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
	set_listed(BIND, true);
	set_listed(END, true);
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
	set_listed(END, false);
	set_listed(BIND, false);
	full_barrier()
}

proctype process(byte me)
{
	bool listed;

	if
	:: true ->
#ifdef MUTANT_announced_before_it_is_bound
		wake_up_all(BIND);
#endif
		/* mbx_names_add() */
		spin_lock(NAMES_LOCK);
		store(BOUND, true);
		spin_unlock(NAMES_LOCK);
#ifndef MUTANT_announced_before_it_is_bound
		/* mbx_direct_announce() */
		wake_up_all(BIND)
#endif
	:: true ->
		store(ENDED, true);
		/* The kernel, of the end of a process */
		wake_up_all(END)
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
	assert(memory[LISTED(BIND)] == 0 && memory[LISTED(END)] == 0)
}
