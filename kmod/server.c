// SPDX-License-Identifier: GPL-2.0-only
/* Resetting the requests of a server that has died. */
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "mailbox.h"
#include "process.h"
#include "request.h"
#include "server.h"
#include "token.h"

/* So that nobody keeps the mailbox's lock for long however many there are. */
#define REQUESTS_AT_ONCE 64

struct server {
	struct list_head link;
	struct mbx_process_watch watch;
	struct mbx_servers *servers;
	bool ended;
};

/**
 * mbx_servers_init - nobody has received anything yet
 * @servers: the servers of an open file
 * @tokens: its tokens
 */
void mbx_servers_init(struct mbx_servers *servers, struct mbx_tokens *tokens)
{
	servers->tokens = tokens;
	mutex_init(&servers->lock);
	INIT_LIST_HEAD(&servers->list);
	servers->recent = NULL;
}

/* Returns whether there may be more after @cursor. */
static bool reset_some(const struct mbx_servers *servers, const struct pid *pid,
		       unsigned long *cursor)
{
	struct mbx_mailbox *mb = servers->tokens->mb;
	u32 budget = REQUESTS_AT_ONCE;
	struct mbx_request *req;
	struct mbx_after after mbx_uninitialized;

	mbx_after_init(&after);
	spin_lock(&mb->lock);
	while ((req = mbx_tokens_next(servers->tokens, cursor))) {
		if (req->server == pid)
			mbx_request_end(mb, req, -ECONNRESET, &after);
		if (!--budget)
			break;
	}
	mbx_mailbox_unlock(mb, &after);
	return req;
}

/* The tokens stay: who else uses one learns that its caller waits no more. */
static void server_ended(struct mbx_process_watch *watch)
{
	struct server *server = container_of(watch, struct server, watch);
	unsigned long cursor = 0;

	while (reset_some(server->servers, watch->pid, &cursor))
		cond_resched();
	WRITE_ONCE(server->ended, true);
}

static void free_server(struct server *server)
{
	mbx_process_watch_stop(&server->watch);
	kfree(server);
}

static void bury_ended(struct mbx_servers *servers)
{
	struct server *server, *next;

	lockdep_assert_held(&servers->lock);
	list_for_each_entry_safe(server, next, &servers->list, link) {
		if (!READ_ONCE(server->ended))
			continue;
		/* Before the address can be that of another process. */
		if (servers->recent == server->watch.pid)
			WRITE_ONCE(servers->recent, NULL);
		list_del(&server->link);
		free_server(server);
	}
}

static struct server *find_current(const struct mbx_servers *servers)
{
	struct server *server;

	list_for_each_entry(server, &servers->list, link) {
		if (server->watch.pid == task_tgid(current))
			return server;
	}
	return NULL;
}

static int add_current(struct mbx_servers *servers)
{
	struct server *server;

	lockdep_assert_held(&servers->lock);
	server = kzalloc(sizeof(*server), GFP_KERNEL_ACCOUNT);
	if (!server)
		return -ENOMEM;
	server->servers = servers;
	if (mbx_process_watch_start(&server->watch, server_ended)) {
		kfree(server);
		return -ENOMEM;
	}
	list_add(&server->link, &servers->list);
	return 0;
}

/**
 * mbx_servers_add - mbx_servers_add_current(), of one who is not the most recent
 * @servers: the servers of the open file
 *
 * Return: 0 or -ENOMEM.
 */
int mbx_servers_add(struct mbx_servers *servers)
{
	int err = 0;

	mutex_lock(&servers->lock);
	bury_ended(servers);
	if (!find_current(servers))
		err = add_current(servers);
	if (!err)
		WRITE_ONCE(servers->recent, task_tgid(current));
	mutex_unlock(&servers->lock);
	return err;
}

/**
 * mbx_servers_destroy - the open file is gone; may sleep
 * @servers: the servers of the open file
 */
void mbx_servers_destroy(struct mbx_servers *servers)
{
	struct server *server, *next;

	list_for_each_entry_safe(server, next, &servers->list, link)
		free_server(server);
}
