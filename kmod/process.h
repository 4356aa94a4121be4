/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a process, however many copies of its descriptors live on
 *
 * A watch hangs in the wait queue of the process's struct pid. That queue is
 * woken in no state to do much, so what has to happen runs from a work item.
 */
#ifndef MBX_PROCESS_H
#define MBX_PROCESS_H

#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct pid;

struct mbx_process_watch {
	struct pid *pid; /* with a reference; constant */
	/* Constant; may run more than once. */
	void (*ended)(struct mbx_process_watch *watch);
	wait_queue_entry_t entry;
	struct work_struct work;
};

bool mbx_process_ended(struct pid *pid);
void mbx_process_watch_start(struct mbx_process_watch *watch,
			     void (*ended)(struct mbx_process_watch *watch));
void mbx_process_watch_stop(struct mbx_process_watch *watch);

int mbx_process_init(void);
void mbx_process_exit(void);

#endif /* MBX_PROCESS_H */
