// SPDX-License-Identifier: GPL-2.0-only
/* Noticing that a process has ended. */
#include <linux/pid.h>
#include <linux/sched/signal.h>

#include "process.h"

/**
 * mbx_process_ended - has a process ended?
 * @pid: of a thread group; of a thread, it never was a process
 *
 * Return: true also while it is a zombie.
 */
bool mbx_process_ended(struct pid *pid)
{
	struct task_struct *task;
	bool ended;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_TGID);
	ended = !task ||
		(READ_ONCE(task->exit_state) && thread_group_empty(task));
	rcu_read_unlock();
	return ended;
}

/* How long its items run is up to users: others' work must not wait for them. */
static struct workqueue_struct *queue;

static void look(struct work_struct *work)
{
	struct mbx_process_watch *watch =
		container_of(work, struct mbx_process_watch, work);

	/* The queue is woken for other reasons too. */
	if (mbx_process_ended(watch->pid))
		watch->ended(watch);
}

static int woken(wait_queue_entry_t *entry, unsigned int mode, int sync,
		 void *key)
{
	struct mbx_process_watch *watch =
		container_of(entry, struct mbx_process_watch, entry);

	queue_work(queue, &watch->work);
	return 0;
}

/**
 * mbx_process_watch_start - watch the current process
 * @watch: the watch
 * @ended: called after the process has ended, until the watch is stopped
 */
void mbx_process_watch_start(struct mbx_process_watch *watch,
			     void (*ended)(struct mbx_process_watch *watch))
{
	watch->pid = get_pid(task_tgid(current));
	watch->ended = ended;
	INIT_WORK(&watch->work, look);
	init_waitqueue_func_entry(&watch->entry, woken);
	add_wait_queue(&watch->pid->wait_pidfd, &watch->entry);
}

/**
 * mbx_process_watch_stop - stop watching; may sleep
 * @watch: the watch; on return, its function is not running and will not
 */
void mbx_process_watch_stop(struct mbx_process_watch *watch)
{
	remove_wait_queue(&watch->pid->wait_pidfd, &watch->entry);
	cancel_work_sync(&watch->work);
	put_pid(watch->pid);
}

int mbx_process_init(void)
{
	queue = alloc_workqueue("mbx", WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

void mbx_process_exit(void)
{
	destroy_workqueue(queue);
}
