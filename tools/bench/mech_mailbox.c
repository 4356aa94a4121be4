// SPDX-License-Identifier: GPL-2.0-only
/* Mailboxes: a message per call, arrays of them, read(2) and write(2). */
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <mbx.h>

#include "mechanisms.h"

static int open_mailbox(struct channel *ch)
{
	struct mbx_mailbox_opts opts = {
		.size = sizeof(opts),
		.max_msgs = ch->depth,
		.max_msg_size = (uint32_t)ch->size,
		.max_bytes = ch->size * ch->depth,
	};

	ch->rx = mbx_mailbox_open(NULL, MBX_CREATE | MBX_READ | MBX_WRITE,
				  &opts);
	ch->tx = ch->rx;
	return ch->rx < 0 ? ch->rx : 0;
}

int mailbox_send(struct channel *ch)
{
	return mbx_send(ch->tx, ch->payload, ch->size);
}

int mailbox_recv(struct channel *ch)
{
	ssize_t got = mbx_recv(ch->rx, ch->buffer, ch->size);

	if (got < 0)
		return (int)got;
	return got == (ssize_t)ch->size ? 0 : -EIO;
}

const struct mechanism mech_mailbox = {
	.name = "mbx",
	.about = "a mailbox: mbx_send() and mbx_recv()",
	.traits = TRAIT_POLLED | TRAIT_MAILBOX,
	.batch = 1,
	.open = open_mailbox,
	.close = fds_close,
	.send = mailbox_send,
	.recv = mailbox_recv,
};

const struct mechanism mech_mailbox_rw = {
	.name = "mbx-rw",
	.about = "a mailbox: write(2) and read(2)",
	.traits = TRAIT_POLLED,
	.batch = 1,
	.open = open_mailbox,
	.close = fds_close,
	.send = fds_send,
	.recv = fds_recv,
};

/* --- without the library ---------------------------------------------------- */

/* What a program can prepare that issues the commands itself. */
struct prepared {
	struct mbx_message out;
	struct mbx_message in;
	struct mbx_send send;
	struct mbx_recv recv;
};

static int open_prepared(struct channel *ch)
{
	struct prepared *prepared = calloc(1, sizeof(*prepared));

	ch->state = prepared;
	if (!prepared)
		return -ENOMEM;
	prepared->out.data = (uintptr_t)ch->payload;
	prepared->out.len = (uint32_t)ch->size;
	prepared->send.size = sizeof(prepared->send);
	prepared->send.messages = (uintptr_t)&prepared->out;
	prepared->send.count = 1;
	prepared->send.elem_size = sizeof(prepared->out);
	prepared->in.data = (uintptr_t)ch->buffer;
	prepared->in.capacity = (uint32_t)ch->size;
	prepared->recv.size = sizeof(prepared->recv);
	prepared->recv.messages = (uintptr_t)&prepared->in;
	prepared->recv.count = 1;
	prepared->recv.elem_size = sizeof(prepared->in);
	return open_mailbox(ch);
}

static int prepared_send(struct channel *ch)
{
	struct prepared *prepared = ch->state;

	return ioctl(ch->tx, MBX_IOC_SEND, &prepared->send) == 1 ? 0 : -errno;
}

static int prepared_recv(struct channel *ch)
{
	struct prepared *prepared = ch->state;

	return ioctl(ch->rx, MBX_IOC_RECV, &prepared->recv) == 1 ? 0 : -errno;
}

const struct mechanism mech_mailbox_ioctl = {
	.name = "mbx-ioctl",
	.about = "a mailbox: the module's commands, without the library",
	.traits = TRAIT_POLLED,
	.batch = 1,
	.open = open_prepared,
	.close = fds_close,
	.send = prepared_send,
	.recv = prepared_recv,
};

/* --- arrays ------------------------------------------------------------------ */

/* What is sent, and where it is received. */
struct arrays {
	struct mbx_message *out;
	struct mbx_message *in;
};

static int open_arrays(struct channel *ch)
{
	struct arrays *arrays = calloc(1, sizeof(*arrays));
	unsigned int i, batch = ch->how->batch;

	ch->state = arrays;
	if (!arrays)
		return -ENOMEM;
	arrays->out = calloc(batch, sizeof(*arrays->out));
	arrays->in = calloc(batch, sizeof(*arrays->in));
	if (!arrays->out || !arrays->in)
		return -ENOMEM;
	for (i = 0; i < batch; i++) {
		arrays->out[i].data = (uintptr_t)(ch->payload + i * ch->size);
		arrays->out[i].len = (uint32_t)ch->size;
		arrays->in[i].data = (uintptr_t)(ch->buffer + i * ch->size);
		arrays->in[i].capacity = (uint32_t)ch->size;
	}
	return open_mailbox(ch);
}

/* A part of the array may be sent or be there, if the queue is full or empty. */
static int arrays_send(struct channel *ch)
{
	struct arrays *arrays = ch->state;
	unsigned int done = 0, batch = ch->how->batch;
	int ret;

	do {
		ret = mbx_send_many(ch->tx, arrays->out + done, batch - done,
				    NULL);
		if (ret < 0)
			return ret;
		done += (unsigned int)ret;
	} while (done < batch);
	return 0;
}

static int arrays_recv(struct channel *ch)
{
	struct arrays *arrays = ch->state;
	unsigned int done = 0, batch = ch->how->batch;
	int ret;

	do {
		ret = mbx_recv_many(ch->rx, arrays->in + done, batch - done,
				    NULL);
		if (ret < 0)
			return ret;
		done += (unsigned int)ret;
	} while (done < batch);
	return 0;
}

const struct mechanism mech_mailbox_8 = {
	.name = "mbx-array",
	.about = "a mailbox: mbx_send_many() and mbx_recv_many()",
	.batch = 8,
	.open = open_arrays,
	.close = fds_close,
	.send = arrays_send,
	.recv = arrays_recv,
};

const struct mechanism mech_mailbox_32 = {
	.name = "mbx-array",
	.about = "a mailbox: mbx_send_many() and mbx_recv_many()",
	.batch = 32,
	.open = open_arrays,
	.close = fds_close,
	.send = arrays_send,
	.recv = arrays_recv,
};
