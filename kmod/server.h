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

struct mbx_mailbox;
struct mbx_tokens;

struct mbx_servers {
	struct mbx_mailbox *mb; /* constant */
	struct mbx_tokens *tokens; /* constant */
	struct mutex lock; /* covers list */
	struct list_head list; /* struct server */
	struct pid *recent; /* one of those; looked at without the lock */
};

void mbx_servers_init(struct mbx_servers *servers, struct mbx_mailbox *mb,
		      struct mbx_tokens *tokens);
int mbx_servers_add_current(struct mbx_servers *servers);
void mbx_servers_destroy(struct mbx_servers *servers);

#endif /* MBX_SERVER_H */
