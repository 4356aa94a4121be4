// SPDX-License-Identifier: GPL-2.0-only
/* Binding mailboxes to processes, and finding them. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "compat.h"
#include "direct.h"
#include "mailbox.h"
#include "names.h"
#include "object.h"
#include "process.h"
#include "wait.h"

struct mbx_direct {
	struct mbx_object *obj; /* which owns this */
	struct mbx_process_watch watch;

	/* Constant: which program of the process bound it, and its rights. */
	u64 exec_id;
	const struct cred *cred; /* with a reference */
};

/* Bound mailboxes, by the address of the struct pid. */
static struct mbx_names *bound;

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
	direct->exec_id = READ_ONCE(current->group_leader->self_exec_id);
	direct->cred = get_current_cred();
	if (!mbx_process_watch_start(&direct->watch, bury))
		return direct;
	put_cred(direct->cred);
	kfree(direct);
	return NULL;
}

/**
 * mbx_direct_destroy - nobody refers to the mailbox any more; may sleep
 * @direct: the tie
 */
void mbx_direct_destroy(struct mbx_direct *direct)
{
	mbx_process_watch_stop(&direct->watch);
	put_cred(direct->cred);
	kfree(direct);
}

static bool has_other_rights(const struct cred *cred, const struct cred *before)
{
	/* Saved ids too: such a program may have given up its rights for now. */
	return !uid_eq(cred->uid, before->uid) ||
	       !uid_eq(cred->euid, before->euid) ||
	       !uid_eq(cred->suid, before->suid) ||
	       !gid_eq(cred->gid, before->gid) ||
	       !gid_eq(cred->egid, before->egid) ||
	       !gid_eq(cred->sgid, before->sgid) ||
	       cred->user_ns != before->user_ns ||
	       !cap_issubset(cred->cap_permitted, before->cap_permitted);
}

/*
 * A set-user-ID program is still the same process. Who started it may hold the
 * descriptor in another process, and must not be taken for the program.
 */
static bool changed_hands(const struct mbx_direct *direct)
{
	struct task_struct *task;
	bool changed = false;

	rcu_read_lock();
	task = pid_task(direct->watch.pid, PIDTYPE_TGID);
	if (task && READ_ONCE(task->self_exec_id) != direct->exec_id)
		changed = has_other_rights(__task_cred(task), direct->cred);
	rcu_read_unlock();
	return changed;
}

/**
 * mbx_direct_check - end a mailbox that is not that of its process any more
 * @direct: the tie
 *
 * The process has ended, and the work item may not have run yet; or it runs
 * another program, with other rights.
 *
 * Return: true if the mailbox is dead now.
 */
bool mbx_direct_check(struct mbx_direct *direct)
{
	if (!mbx_process_ended(direct->watch.pid) && !changed_hands(direct))
		return false;
	mbx_object_kill(direct->obj);
	return true;
}

/**
 * mbx_direct_announce - a process's mailbox can be found: tell who waits for it
 * @pid: the process
 */
void mbx_direct_announce(struct pid *pid)
{
	wake_up_all(&pid->wait_pidfd);
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

/**
 * mbx_direct_find - find the mailbox of a process
 * @pid: the process
 *
 * Return: the mailbox with a reference taken, or -ENXIO or -ESRCH as an error
 * pointer.
 */
struct mbx_object *mbx_direct_find(struct pid *pid)
{
	struct mbx_object *obj;
	struct mbx_name name;

	mbx_direct_name(&pid, &name);
	obj = mbx_names_lookup(bound, &name);
	if (!obj)
		return ERR_PTR(mbx_process_ended(pid) ? -ESRCH : -ENXIO);
	/* Who waits is about to sleep: not now, as what follows may. */
	__set_current_state(TASK_RUNNING);
	if (!mbx_direct_check(mbx_to_mailbox(obj)->direct))
		return obj;
	mbx_object_put(obj);
	return ERR_PTR(mbx_process_ended(pid) ? -ESRCH : -ENXIO);
}

/**
 * mbx_direct_lookup - find the mailbox of a process, or wait for it
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
	DEFINE_WAIT_FUNC(entry, default_wake_function);
	struct mbx_object *obj = mbx_direct_find(pid);
	int err = 0;

	if (!wait || obj != ERR_PTR(-ENXIO))
		return obj;
	add_wait_queue(&pid->wait_pidfd, &entry);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		obj = mbx_direct_find(pid);
		if (obj != ERR_PTR(-ENXIO))
			break;
		if (err) {
			obj = ERR_PTR(err);
			break;
		}
		err = mbx_sleep_once(deadline_ns);
	}
	__set_current_state(TASK_RUNNING);
	remove_wait_queue(&pid->wait_pidfd, &entry);
	return obj;
}

int mbx_direct_init(void)
{
	bound = mbx_names_create();
	return PTR_ERR_OR_ZERO(bound);
}

void mbx_direct_exit(void)
{
	mbx_names_kill(bound);
}
