// SPDX-License-Identifier: GPL-2.0-only
/*
 * A POSIX message queue. Users other than root get 10 messages of 8 KiB, or what
 * fs.mqueue.msg_max and msgsize_max say.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mechanisms.h"

/* RLIMIT_MSGQUEUE is that of the trial alone. */
static int open_queue(struct channel *ch)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	struct mq_attr attr = {
		.mq_maxmsg = (long)ch->depth,
		.mq_msgsize = (long)ch->size,
	};
	char name[40];

	setrlimit(RLIMIT_MSGQUEUE, &limit);
	snprintf(name, sizeof(name), "/mbx-bench-%d", (int)getpid());
	ch->rx = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
	if (ch->rx < 0)
		return -errno;
	ch->tx = ch->rx;
	return mq_unlink(name) ? -errno : 0;
}

static void close_queue(struct channel *ch)
{
	mq_close(ch->rx);
}

static int queue_send(struct channel *ch)
{
	return mq_send(ch->tx, (const char *)ch->payload, ch->size, 0) ?
		       -errno :
		       0;
}

static int queue_recv(struct channel *ch)
{
	return moved(mq_receive(ch->rx, (char *)ch->buffer, ch->size, NULL),
		     ch->size);
}

const struct mechanism mech_mq = {
	.name = "mq",
	.about = "a POSIX message queue",
	.traits = TRAIT_PEER | TRAIT_POLLED,
	.batch = 1,
	.open = open_queue,
	.close = close_queue,
	.send = queue_send,
	.recv = queue_recv,
};
