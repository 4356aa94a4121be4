/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a process, however many copies of its descriptors live on
 *
 * However many watch a process, one entry hangs in the wait queue of its struct
 * pid, which the kernel wakes with interrupts off and in no state to do much. All
 * else happens in work items: one that finds those who watch, and one for each of
 * them.
 */
#ifndef MBX_PROCESS_H
#define MBX_PROCESS_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct mbx_process;
struct pid;

struct mbx_process_watch {
	struct mbx_process *process; /* constant */
	struct pid *pid; /* the process's; constant */
	void (*ended)(struct mbx_process_watch *watch); /* constant */
	struct list_head link; /* in the process's watches, or empty */
	struct work_struct work;
};

bool mbx_process_ended(struct pid *pid);
int mbx_process_watch_start(struct mbx_process_watch *watch,
			    void (*ended)(struct mbx_process_watch *watch));
void mbx_process_watch_stop(struct mbx_process_watch *watch);

int mbx_process_init(void);
void mbx_process_exit(void);

#endif /* MBX_PROCESS_H */
