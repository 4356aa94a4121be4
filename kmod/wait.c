// SPDX-License-Identifier: GPL-2.0-only
/* Sleeping and waking. */
#include <linux/hrtimer.h>
#include <linux/nsproxy.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/time_namespace.h>

#include "wait.h"

/*
 * A time namespace has a CLOCK_MONOTONIC of its own, ahead of the host's by this.
 */
static s64 clock_offset(void)
{
#ifdef CONFIG_TIME_NS
	return timespec64_to_ns(&current->nsproxy->time_ns->offsets.monotonic);
#else
	return 0;
#endif
}

static ktime_t deadline_on_host(u64 deadline_ns)
{
	s64 host;

	/* The offset is negative then, and the deadline far away. */
	if (check_sub_overflow((s64)deadline_ns, clock_offset(), &host))
		return KTIME_MAX;
	/* What is before the host's time began has passed; 0 would be special. */
	return max_t(s64, host, 1);
}

/**
 * mbx_time_from_host - a time of the host as the current task sees it
 * @time_ns: CLOCK_MONOTONIC time of the host
 */
u64 mbx_time_from_host(u64 time_ns)
{
	return time_ns + clock_offset();
}

/**
 * mbx_waiter_init - prepare a waiter for the current task
 * @waiter: on the caller's stack
 */
void mbx_waiter_init(struct mbx_waiter *waiter)
{
	INIT_LIST_HEAD(&waiter->link);
	waiter->task = current;
	waiter->state = MBX_WAITING;
	waiter->result = 0;
}

/**
 * mbx_waiter_claim - decide a waiter's result; under the object's lock
 * @waiter: a waiter in the state WAITING
 * @result: what the sleeping call returns
 * @claimed: a list of the caller's, for mbx_wake_claimed()
 */
void mbx_waiter_claim(struct mbx_waiter *waiter, int result,
		      struct list_head *claimed)
{
	waiter->result = result;
	WRITE_ONCE(waiter->state, MBX_CLAIMED);
	list_move_tail(&waiter->link, claimed);
}

/**
 * mbx_wake_claimed - wake all claimed waiters; without the object's lock
 * @claimed: list of waiters; empty afterwards
 */
void mbx_wake_claimed(struct list_head *claimed)
{
	struct mbx_waiter *waiter, *next;
	struct task_struct *task;

	list_for_each_entry_safe(waiter, next, claimed, link) {
		task = get_task_struct(waiter->task);
		/* Pairs with mbx_waiter_sleep() and mbx_waiter_finish(). */
		smp_store_release(&waiter->state, MBX_DONE);
		wake_up_process(task);
		put_task_struct(task);
	}
	/* What it pointed to are stack frames of calls that have returned. */
	INIT_LIST_HEAD(claimed);
}

static bool is_done(const struct mbx_waiter *waiter)
{
	/* Pairs with mbx_wake_claimed(): results are visible after it. */
	return smp_load_acquire(&waiter->state) == MBX_DONE;
}

/**
 * mbx_sleep_once - sleep until woken, in the state that the caller has set
 * @deadline_ns: absolute CLOCK_MONOTONIC time of the task's time namespace, 0 for
 *	none
 *
 * Return: 0, -ETIMEDOUT or -ERESTARTSYS.
 */
int mbx_sleep_once(u64 deadline_ns)
{
	ktime_t expires = deadline_on_host(deadline_ns);

	if (signal_pending(current))
		return -ERESTARTSYS;
	if (!deadline_ns)
		schedule();
	else if (!schedule_hrtimeout_range(&expires, current->timer_slack_ns,
					   HRTIMER_MODE_ABS))
		return -ETIMEDOUT;
	return 0;
}

/**
 * mbx_waiter_sleep - sleep until the waiter is done
 * @waiter: a waiter that has been put on an object's list
 * @deadline_ns: absolute CLOCK_MONOTONIC time, 0 for none
 *
 * Return: 0 when it is done, -ETIMEDOUT or -ERESTARTSYS. After an error the
 * caller has to look at the state again under the object's lock: WAITING means
 * that it can take the waiter off the list, else mbx_waiter_finish() is due and
 * the result counts.
 */
int mbx_waiter_sleep(struct mbx_waiter *waiter, u64 deadline_ns)
{
	int err = 0;

	while (!err) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (is_done(waiter))
			break;
		err = mbx_sleep_once(deadline_ns);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

/**
 * mbx_waiter_finish - wait until the waker lets go of a claimed waiter
 * @waiter: a waiter in the state CLAIMED or DONE
 *
 * The waker is between unlocking and waking, so this is short.
 */
void mbx_waiter_finish(struct mbx_waiter *waiter)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (is_done(waiter))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}
