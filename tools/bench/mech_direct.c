// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mailbox of a process. Where two processes are to answer each other, the
 * server has bound its own, and the client calls it.
 */
#include <errno.h>
#include <unistd.h>

#include <mbx.h>

#include "mechanisms.h"

static int bind_own(struct channel *ch)
{
	struct mbx_mailbox_opts opts = {
		.size = sizeof(opts),
		.max_msgs = ch->depth,
		.max_msg_size = (uint32_t)ch->size,
		.max_bytes = ch->size * ch->depth,
	};

	ch->rx = mbx_direct_bind(MBX_READ, &opts);
	if (ch->rx < 0)
		return ch->rx;
	ch->tx = mbx_direct_open(getpid(), MBX_WRITE, NULL);
	return ch->tx < 0 ? ch->tx : 0;
}

/* In the child, which binds its own instead of what its parent has opened. */
static int serve(struct channel *ch)
{
	int fd = mbx_direct_bind(MBX_READ, NULL);

	if (fd < 0)
		return fd;
	ch->rx = fd;
	return mailbox_serve(ch);
}

static int attach(struct channel *ch, pid_t server)
{
	ch->tx = mbx_direct_open(server, MBX_WRITE | MBX_WAIT_BOUND, NULL);
	return ch->tx < 0 ? ch->tx : 0;
}

const struct mechanism mech_direct = {
	.name = "mbx-direct",
	.about = "the mailbox of a process, to which others send by its number",
	.traits = TRAIT_POLLED | TRAIT_OWN,
	.batch = 1,
	.open = bind_own,
	.close = fds_close,
	.send = mailbox_send,
	.recv = mailbox_recv,
	.serve = serve,
	.attach = attach,
	.call = mailbox_call,
};
