/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiters: a call that sleeps until somebody decides its result
 *
 * A waiter lives on the stack of the call. It is in one of three states:
 *
 *   WAITING  on a list of an object; only under the object's lock
 *   CLAIMED  a waker took it off that list, under the lock, onto a list of its
 *            own; the waker alone may touch it, without the lock
 *   DONE     the waker has let go of it
 *
 * So results are decided under the lock, and wake-ups happen after it. The
 * stack frame stays valid although the sleeper can time out at any moment:
 *
 *   sleeper                              waker
 *   -------                              -----
 *                                        lock; state = CLAIMED; unlock
 *   time-out or signal
 *   lock; sees CLAIMED, not WAITING;
 *   unlock; sleeps on, uninterruptibly
 *                                        get_task_struct(task)
 *                                        state = DONE (release)
 *   sees DONE (acquire), returns;
 *   the frame is gone
 *                                        wake_up_process(task): a spurious
 *                                        wake-up at worst, as the task is held
 */
#ifndef MBX_WAIT_H
#define MBX_WAIT_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/types.h>

enum mbx_waiter_state {
	MBX_WAITING,
	MBX_CLAIMED,
	MBX_DONE,
};

struct mbx_waiter {
	struct list_head link; /* under the object's lock, or the waker's own */
	struct task_struct *task; /* constant */
	int state; /* see above */
	int result; /* decided by the claimer */
};

/**
 * struct mbx_patience - how long a call may wait
 * @nonblock: not at all
 * @deadline_ns: until this CLOCK_MONOTONIC time; 0 means for ever
 */
struct mbx_patience {
	bool nonblock;
	u64 deadline_ns;
};

static inline bool mbx_deadline_valid(u64 deadline_ns)
{
	return deadline_ns <= KTIME_MAX;
}

/* On a dead object nothing blocks any more, it fails. */
#define MBX_DEATH_EVENTS \
	(EPOLLHUP | EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM)

/* Death concerns everybody, exclusive waiters too. */
static inline void mbx_wake_all_pollers(wait_queue_head_t *wq, __poll_t events)
{
	__wake_up(wq, TASK_INTERRUPTIBLE, 0, poll_to_key(events));
}

u64 mbx_time_from_host(u64 time_ns);
void mbx_waiter_init(struct mbx_waiter *waiter);
void mbx_waiter_claim(struct mbx_waiter *waiter, int result,
		      struct list_head *claimed);
void mbx_wake_claimed(struct list_head *claimed);
int mbx_sleep_once(u64 deadline_ns);
int mbx_waiter_sleep(struct mbx_waiter *waiter, u64 deadline_ns);
void mbx_waiter_finish(struct mbx_waiter *waiter);

#endif /* MBX_WAIT_H */
