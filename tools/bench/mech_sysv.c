// SPDX-License-Identifier: GPL-2.0-only
/*
 * A System V message queue. It outlives processes, so the trial's parent is told
 * what to remove. Its limits, kernel.msgmax and msgmnb, are the system's to set.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include "mechanisms.h"
#include "trial.h"

struct buffers {
	struct msgbuf *out;
	struct msgbuf *in;
};

static struct msgbuf *buffer(size_t size)
{
	struct msgbuf *msg = calloc(1, sizeof(*msg) + size);

	if (msg)
		msg->mtype = 1;
	return msg;
}

/* Room for @depth messages and no more, if that is allowed. */
static int set_room(struct channel *ch)
{
	struct msqid_ds ds;

	if (msgctl(ch->rx, IPC_STAT, &ds))
		return -errno;
	ds.msg_qbytes = ch->size * ch->depth;
	return msgctl(ch->rx, IPC_SET, &ds) ? -errno : 0;
}

static int open_queue(struct channel *ch)
{
	struct buffers *buffers = calloc(1, sizeof(*buffers));

	ch->state = buffers;
	if (!buffers)
		return -ENOMEM;
	buffers->out = buffer(ch->size);
	buffers->in = buffer(ch->size);
	if (!buffers->out || !buffers->in)
		return -ENOMEM;
	memcpy(buffers->out->mtext, ch->payload, ch->size);
	ch->rx = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	if (ch->rx < 0)
		return -errno;
	bench_remove_later(ch->rx);
	return set_room(ch);
}

static void close_queue(struct channel *ch)
{
	msgctl(ch->rx, IPC_RMID, NULL);
}

static int queue_send(struct channel *ch)
{
	struct buffers *buffers = ch->state;

	return msgsnd(ch->rx, buffers->out, ch->size, 0) ? -errno : 0;
}

static int queue_recv(struct channel *ch)
{
	struct buffers *buffers = ch->state;

	return moved(msgrcv(ch->rx, buffers->in, ch->size, 0, 0), ch->size);
}

const struct mechanism mech_sysv = {
	.name = "sysv",
	.about = "a System V message queue",
	.traits = TRAIT_PEER | TRAIT_OUTLIVES,
	.batch = 1,
	.open = open_queue,
	.close = close_queue,
	.send = queue_send,
	.recv = queue_recv,
};
