// SPDX-License-Identifier: GPL-2.0-only
/* Sleeping and waking. */
#include <linux/hrtimer.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "wait.h"

static ktime_t deadline_on_host(u64 deadline_ns)
{
	s64 host;

	/* The offset is negative then, and the deadline far away. */
	if (check_sub_overflow((s64)deadline_ns, mbx_clock_offset(), &host))
		return KTIME_MAX;
	/* What is before the host's time began has passed; 0 would be special. */
	return max_t(s64, host, 1);
}

/**
 * mbx_waiter_init - prepare a waiter for the current task
 * @waiter: not on any list
 */
void mbx_waiter_init(struct mbx_waiter *waiter)
{
	waiter->task = current;
	INIT_LIST_HEAD(&waiter->link);
	waiter->result = 0;
	waiter->decided = false;
}

/**
 * mbx_wake - wake tasks
 * @wakes: which; empty afterwards
 */
void mbx_wake(struct mbx_wakes *wakes)
{
	u32 i;

	for (i = 0; i < wakes->count; i++)
		mbx_wake_task(wakes->tasks[i]);
	wakes->count = 0;
}

/**
 * mbx_wakes_add - a task is to be woken
 * @wakes: with which others
 * @task: the task, of which a reference is taken over
 */
void mbx_wakes_add(struct mbx_wakes *wakes, struct task_struct *task)
{
	if (wakes->count == MBX_WAKES)
		mbx_wake(wakes);
	wakes->tasks[wakes->count++] = task;
}

/**
 * mbx_waiter_decide - take a waiter off its list, and decide its result
 * @waiter: as for mbx_waiter_settle()
 * @result: as for that
 * @wakes: for mbx_wake() after unlocking
 */
void mbx_waiter_decide(struct mbx_waiter *waiter, int result,
		       struct mbx_wakes *wakes)
{
	list_del(&waiter->link);
	mbx_wakes_add(wakes, mbx_waiter_settle(waiter, result));
}

/* By itself, so that who has no deadline has no variable that the stack is guarded for. */
static noinline int sleep_until(ktime_t expires)
{
	return schedule_hrtimeout_range(&expires, current->timer_slack_ns,
					HRTIMER_MODE_ABS) ?
		       0 :
		       -ETIMEDOUT;
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
	if (signal_pending(current))
		return -ERESTARTSYS;
	if (deadline_ns)
		return sleep_until(deadline_on_host(deadline_ns));
	schedule();
	return 0;
}

/**
 * mbx_waiter_sleep - sleep until the waiter is decided
 * @waiter: a waiter that has been put on an object's list
 * @deadline_ns: absolute CLOCK_MONOTONIC time, 0 for none
 *
 * A task that sleeps here when it is frozen for a suspend sleeps on; one that was
 * about to sleep has a signal.
 *
 * Return: 0 when it is decided, -ETIMEDOUT or -ERESTARTSYS. After an error the
 * caller has to look again under the object's lock: the result counts if there is
 * one, else it takes the waiter off the list.
 */
int mbx_waiter_sleep(struct mbx_waiter *waiter, u64 deadline_ns)
{
	int err = 0;

	while (!err) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (mbx_waiter_is_decided(waiter))
			break;
		err = mbx_sleep_once(deadline_ns);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}
