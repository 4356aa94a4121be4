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

	for (i = 0; i < wakes->count; i++) {
		wake_up_process(wakes->tasks[i]);
		put_task_struct(wakes->tasks[i]);
	}
	wakes->count = 0;
}

/**
 * mbx_waiter_decide - decide a waiter's result; under the object's lock
 * @waiter: a waiter that is not decided; not to be touched afterwards
 * @result: what the sleeping call returns
 * @wakes: for mbx_wake() after unlocking
 *
 * What else the call is to find has to be written before.
 */
void mbx_waiter_decide(struct mbx_waiter *waiter, int result,
		       struct mbx_wakes *wakes)
{
	if (wakes->count == MBX_WAKES)
		mbx_wake(wakes);
	wakes->tasks[wakes->count++] = get_task_struct(waiter->task);
	list_del(&waiter->link);
	waiter->result = result;
	/* Pairs with is_decided(). The sleeper's frame may be gone after it. */
	smp_store_release(&waiter->decided, true);
}

static bool is_decided(const struct mbx_waiter *waiter)
{
	/* Pairs with mbx_waiter_decide(): results are visible after it. */
	return smp_load_acquire(&waiter->decided);
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
 * mbx_waiter_sleep - sleep until the waiter is decided
 * @waiter: a waiter that has been put on an object's list
 * @deadline_ns: absolute CLOCK_MONOTONIC time, 0 for none
 *
 * A task that is being frozen, for a suspend, sleeps on.
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
		if (is_decided(waiter))
			break;
		err = mbx_sleep_once(deadline_ns);
	}
	__set_current_state(TASK_RUNNING);
	return err;
}
