// SPDX-License-Identifier: GPL-2.0-only
/* Noticing that a process has ended. */
#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "process.h"

/* A process that is watched. */
struct mbx_process {
	/* Constant. */
	struct pid *pid; /* with a reference */
	wait_queue_entry_t entry;
	struct work_struct work;

	/* Under processes_lock. */
	struct hlist_node node;
	unsigned long users; /* watches, whether they have been told or not */
	struct list_head watches; /* that have not been told */
};

static DEFINE_HASHTABLE(processes, 10);
static DEFINE_SPINLOCK(processes_lock);

/* How long its items run is up to users: others' work must not wait for them. */
static struct workqueue_struct *queue;

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

/* Under the lock no watch can be stopped, and so none be freed. */
static bool tell_one(struct mbx_process *process)
{
	struct mbx_process_watch *watch;

	spin_lock(&processes_lock);
	watch = list_first_entry_or_null(&process->watches,
					 struct mbx_process_watch, link);
	if (watch) {
		list_del_init(&watch->link);
		queue_work(queue, &watch->work);
	}
	spin_unlock(&processes_lock);
	return watch;
}

static void look(struct work_struct *work)
{
	struct mbx_process *process =
		container_of(work, struct mbx_process, work);

	/* The queue is woken for other reasons too. */
	if (!mbx_process_ended(process->pid))
		return;
	while (tell_one(process))
		cond_resched();
}

static int woken(wait_queue_entry_t *entry, unsigned int mode, int sync,
		 void *key)
{
	struct mbx_process *process =
		container_of(entry, struct mbx_process, entry);

	queue_work(queue, &process->work);
	return 0;
}

static struct mbx_process *find_process(const struct pid *pid)
{
	struct mbx_process *process;

	lockdep_assert_held(&processes_lock);
	hash_for_each_possible(processes, process, node, (unsigned long)pid) {
		if (process->pid == pid) {
			process->users++;
			return process;
		}
	}
	return NULL;
}

static struct mbx_process *make_process(struct pid *pid)
{
	struct mbx_process *process =
		kzalloc(sizeof(*process), GFP_KERNEL_ACCOUNT);

	if (!process)
		return NULL;
	process->pid = get_pid(pid);
	process->users = 1;
	INIT_LIST_HEAD(&process->watches);
	INIT_WORK(&process->work, look);
	init_waitqueue_func_entry(&process->entry, woken);
	add_wait_queue(&pid->wait_pidfd, &process->entry);
	return process;
}

/* Nobody else knows it any more. */
static void free_process(struct mbx_process *process)
{
	remove_wait_queue(&process->pid->wait_pidfd, &process->entry);
	cancel_work_sync(&process->work);
	put_pid(process->pid);
	kfree(process);
}

static struct mbx_process *get_current_process(void)
{
	struct pid *pid = task_tgid(current);
	struct mbx_process *process, *fresh;

	spin_lock(&processes_lock);
	process = find_process(pid);
	spin_unlock(&processes_lock);
	if (process)
		return process;

	fresh = make_process(pid);
	if (!fresh)
		return NULL;
	spin_lock(&processes_lock);
	process = find_process(pid);
	if (!process)
		hash_add(processes, &fresh->node, (unsigned long)pid);
	spin_unlock(&processes_lock);
	if (!process)
		return fresh;
	free_process(fresh);
	return process;
}

static void work(struct work_struct *work)
{
	struct mbx_process_watch *watch =
		container_of(work, struct mbx_process_watch, work);

	watch->ended(watch);
}

/**
 * mbx_process_watch_start - watch the current process
 * @watch: the watch
 * @ended: called once after the process has ended, unless the watch is stopped
 *	before
 *
 * Return: 0 or -ENOMEM.
 */
int mbx_process_watch_start(struct mbx_process_watch *watch,
			    void (*ended)(struct mbx_process_watch *watch))
{
	struct mbx_process *process = get_current_process();

	if (!process)
		return -ENOMEM;
	watch->process = process;
	watch->pid = process->pid;
	watch->ended = ended;
	INIT_WORK(&watch->work, work);
	spin_lock(&processes_lock);
	list_add_tail(&watch->link, &process->watches);
	spin_unlock(&processes_lock);
	return 0;
}

/**
 * mbx_process_watch_stop - stop watching; may sleep
 * @watch: the watch; on return, its function is not running and will not
 */
void mbx_process_watch_stop(struct mbx_process_watch *watch)
{
	struct mbx_process *process = watch->process;
	bool last;

	spin_lock(&processes_lock);
	list_del_init(&watch->link);
	last = !--process->users;
	if (last)
		hash_del(&process->node);
	spin_unlock(&processes_lock);
	cancel_work_sync(&watch->work);
	if (last)
		free_process(process);
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
