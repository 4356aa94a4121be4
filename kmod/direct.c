// SPDX-License-Identifier: GPL-2.0-only
/* Binding mailboxes to processes, and finding them. */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"
#include "direct.h"
#include "names.h"
#include "object.h"
#include "process.h"
#include "wait.h"

struct mbx_direct {
	struct mbx_object *obj; /* which owns this */
	struct mbx_process_watch watch;
};

/* Bound mailboxes, by the address of the struct pid. */
static struct mbx_names *bound;

/* Who waits until a process binds; hashed by process, a collision only wakes. */
#define BIND_QUEUE_BITS 4
static wait_queue_head_t bind_queues[1 << BIND_QUEUE_BITS];

static wait_queue_head_t *bind_queue(const struct pid *pid)
{
	return &bind_queues[hash_ptr(pid, BIND_QUEUE_BITS)];
}

static void bury(struct mbx_process_watch *watch)
{
	mbx_object_kill(container_of(watch, struct mbx_direct, watch)->obj);
}

/**
 * mbx_direct_create - tie a mailbox to the current process
 * @obj: the mailbox
 *
 * Return: the tie, or NULL without memory.
 */
struct mbx_direct *mbx_direct_create(struct mbx_object *obj)
{
	struct mbx_direct *direct =
		kzalloc(sizeof(*direct), GFP_KERNEL_ACCOUNT);

	if (!direct)
		return NULL;
	direct->obj = obj;
	mbx_process_watch_start(&direct->watch, bury);
	return direct;
}

/**
 * mbx_direct_destroy - nobody refers to the mailbox any more; may sleep
 * @direct: the tie
 */
void mbx_direct_destroy(struct mbx_direct *direct)
{
	mbx_process_watch_stop(&direct->watch);
	kfree(direct);
}

/**
 * mbx_direct_check - nothing is sent to a process that has ended
 * @direct: the tie
 *
 * The work item may not have run yet.
 */
void mbx_direct_check(struct mbx_direct *direct)
{
	if (mbx_process_ended(direct->watch.pid))
		mbx_object_kill(direct->obj);
}

/**
 * mbx_direct_announce - a process's mailbox can be found: tell who waits for it
 * @pid: the process
 */
void mbx_direct_announce(struct pid *pid)
{
	wake_up_all(bind_queue(pid));
}

/**
 * mbx_direct_target - which process is meant?
 * @target: a process id in the current pid namespace, or a pidfd
 * @pidfd: it is a pidfd
 *
 * Return: the process, with a reference, or -EBADF, -EINVAL or -ESRCH as an
 * error pointer.
 */
struct pid *mbx_direct_target(s32 target, bool pidfd)
{
	struct pid *pid;

	if (pidfd)
		return mbx_compat_pid_of_pidfd(target);
	if (target <= 0)
		return ERR_PTR(-EINVAL);
	pid = find_get_pid(target);
	return pid ?: ERR_PTR(-ESRCH);
}

/**
 * mbx_direct_name - what a process's mailbox is called
 * @pid: the process; the name points to this pointer
 * @name: out
 */
void mbx_direct_name(struct pid *const *pid, struct mbx_name *name)
{
	name->text = (const char *)pid;
	name->len = sizeof(*pid);
}

/**
 * mbx_direct_names - the table in which direct mailboxes are linked
 */
struct mbx_names *mbx_direct_names(void)
{
	return bound;
}

static struct mbx_object *find(struct pid *pid)
{
	struct mbx_object *obj;
	struct mbx_name name;

	mbx_direct_name(&pid, &name);
	obj = mbx_names_lookup(bound, &name);
	if (!mbx_process_ended(pid))
		return obj ?: ERR_PTR(-ENXIO);
	if (obj)
		mbx_object_put(obj);
	return ERR_PTR(-ESRCH);
}

/**
 * mbx_direct_lookup - find the mailbox of a process
 * @pid: the process
 * @wait: wait until it has bound one
 * @deadline_ns: how long; absolute CLOCK_MONOTONIC time, 0 for ever
 *
 * Return: the mailbox with a reference taken, or -ENXIO, -ESRCH, -ERESTARTSYS or
 * -ETIMEDOUT as an error pointer.
 */
struct mbx_object *mbx_direct_lookup(struct pid *pid, bool wait,
				     u64 deadline_ns)
{
	DEFINE_WAIT_FUNC(for_bind, default_wake_function);
	DEFINE_WAIT_FUNC(for_end, default_wake_function);
	struct mbx_object *obj = find(pid);
	int err = 0;

	if (!wait || obj != ERR_PTR(-ENXIO))
		return obj;
	add_wait_queue(bind_queue(pid), &for_bind);
	add_wait_queue(&pid->wait_pidfd, &for_end);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		obj = find(pid);
		if (obj != ERR_PTR(-ENXIO))
			break;
		if (err) {
			obj = ERR_PTR(err);
			break;
		}
		err = mbx_sleep_once(deadline_ns);
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&pid->wait_pidfd, &for_end);
	remove_wait_queue(bind_queue(pid), &for_bind);
	return obj;
}

int mbx_direct_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(bind_queues); i++)
		init_waitqueue_head(&bind_queues[i]);
	bound = mbx_names_create();
	return PTR_ERR_OR_ZERO(bound);
}

void mbx_direct_exit(void)
{
	mbx_names_kill(bound);
}
