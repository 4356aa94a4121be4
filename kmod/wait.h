/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiters: a call that sleeps until somebody decides its result
 *
 * A waiter lives on the stack of the call, or in a request. It is on a list of an
 * object until a waker decides its result, which takes it off, both under the
 * object's lock.
 * From then on the waker does not touch it any more; it holds the task, and
 * wakes that after unlocking:
 *
 *   sleeper                              waker
 *   -------                              -----
 *                                        lock
 *                                        off the list; result = ...
 *                                        get_task_struct(task)
 *                                        decided = true (release)
 *   sees decided (acquire), returns;
 *   the frame is gone
 *                                        unlock
 *                                        wake_up_process(task): a spurious
 *                                        wake-up at worst, as the task is held
 *
 * So no sleeper that is awake waits for the waker to go on: one whose deadline or
 * signal comes meanwhile finds itself decided under the lock, and the result
 * counts.
 */
#ifndef MBX_WAIT_H
#define MBX_WAIT_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/nsproxy.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/time_namespace.h>
#include <linux/types.h>

struct mbx_waiter {
	struct task_struct *task; /* constant */

	/* Under the object's lock until it is decided. */
	struct list_head link;
	int result;
	bool decided; /* read without the lock too */
};

/* Tasks to wake after unlocking; when there are more, some are woken before. */
#define MBX_WAKES 16

struct mbx_wakes {
	u32 count;
	struct task_struct *tasks[MBX_WAKES]; /* each with a reference */
};

/**
 * struct mbx_patience - how long a call may wait
 * @nonblock: not at all
 * @deadline_ns: until this CLOCK_MONOTONIC time; 0 means for ever
 */
struct mbx_patience {
	unsigned long nonblock; /* as a word passed by value: padding costs */
	u64 deadline_ns;
};

static inline bool mbx_deadline_valid(u64 deadline_ns)
{
	return deadline_ns <= KTIME_MAX;
}

static inline void mbx_wakes_init(struct mbx_wakes *wakes)
{
	wakes->count = 0;
}

/* On a dead object nothing blocks any more, it fails. */
#define MBX_DEATH_EVENTS \
	(EPOLLHUP | EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM)

/* Death concerns everybody, exclusive waiters too. */
static inline void mbx_wake_all_pollers(wait_queue_head_t *wq, __poll_t events)
{
	__wake_up(wq, TASK_INTERRUPTIBLE, 0, poll_to_key(events));
}

/*
 * A time namespace has a CLOCK_MONOTONIC of its own, ahead of the host's by this.
 */
static inline s64 mbx_clock_offset(void)
{
#ifdef CONFIG_TIME_NS
	const struct timespec64 *offset =
		&current->nsproxy->time_ns->offsets.monotonic;

	if (likely(!(offset->tv_sec | offset->tv_nsec)))
		return 0;
	return timespec64_to_ns(offset);
#else
	return 0;
#endif
}

/**
 * mbx_time_from_host - a time of the host as the current task sees it
 * @time_ns: CLOCK_MONOTONIC time of the host
 */
static inline u64 mbx_time_from_host(u64 time_ns)
{
	return time_ns + mbx_clock_offset();
}

/**
 * mbx_waiter_settle - decide the result of a waiter on no list; under the object's lock
 * @waiter: a waiter that is not decided; not to be touched afterwards
 * @result: what the sleeping call returns
 *
 * What else the call is to find has to be written before.
 *
 * Return: the task, with a reference, for mbx_wake_task() after unlocking.
 */
static inline struct task_struct *mbx_waiter_settle(struct mbx_waiter *waiter,
						    int result)
{
	struct task_struct *task = get_task_struct(waiter->task);

	waiter->result = result;
	/* Pairs with mbx_waiter_is_decided(). The sleeper's frame may be gone after it. */
	smp_store_release(&waiter->decided, true);
	return task;
}

static inline bool mbx_waiter_is_decided(const struct mbx_waiter *waiter)
{
	/* Pairs with mbx_waiter_settle(): results are visible after it. */
	return smp_load_acquire(&waiter->decided);
}

static inline void mbx_wake_task(struct task_struct *task)
{
	wake_up_process(task);
	put_task_struct(task);
}

void mbx_waiter_init(struct mbx_waiter *waiter);
void mbx_wakes_add(struct mbx_wakes *wakes, struct task_struct *task);
void mbx_waiter_decide(struct mbx_waiter *waiter, int result,
		       struct mbx_wakes *wakes);
void mbx_wake(struct mbx_wakes *wakes);
int mbx_sleep_once(u64 deadline_ns);
int mbx_waiter_sleep(struct mbx_waiter *waiter, u64 deadline_ns);

#endif /* MBX_WAIT_H */
