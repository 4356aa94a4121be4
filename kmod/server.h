/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Servers: the processes that have received requests through an open file
 *
 * A request is reset when the open file through which it was received is
 * released. Forked processes share an open file, though, and one of them can die
 * while the others keep it: so each process that receives a request is watched,
 * and when it ends, what it has received and nobody has answered is reset.
 */
#ifndef MBX_SERVER_H
#define MBX_SERVER_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>

struct mbx_tokens;

struct mbx_servers {
	struct mbx_tokens *tokens; /* constant */
	struct mutex lock; /* covers list */
	struct list_head list; /* struct server */
	struct pid *recent; /* one of those; looked at without the lock */
};

void mbx_servers_init(struct mbx_servers *servers, struct mbx_tokens *tokens);
int mbx_servers_add(struct mbx_servers *servers);
void mbx_servers_destroy(struct mbx_servers *servers);

/**
 * mbx_servers_add_current - the current process is about to receive a request
 * @servers: the servers of the open file
 *
 * Return: 0 or -ENOMEM.
 */
static inline int mbx_servers_add_current(struct mbx_servers *servers)
{
	/* A process that runs has not ended: its entry is there to stay. */
	if (likely(READ_ONCE(servers->recent) == task_tgid(current)))
		return 0;
	return mbx_servers_add(servers);
}

#endif /* MBX_SERVER_H */
