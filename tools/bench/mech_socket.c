// SPDX-License-Identifier: GPL-2.0-only
/* Pairs of connected AF_UNIX sockets. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mechanisms.h"

/* What the kernel counts for a message of so many bytes, and rather more. */
#define SOCKET_BYTES(size) (2 * (size) + 768)

/* The size that is asked for is doubled; only root gets more than wmem_max. */
static int set_room(struct channel *ch)
{
	int bytes = (int)(SOCKET_BYTES(ch->size) * ch->depth / 2);
	socklen_t length = sizeof(bytes);
	int given;

	if (setsockopt(ch->tx, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, length) &&
	    setsockopt(ch->tx, SOL_SOCKET, SO_SNDBUF, &bytes, length))
		return -errno;
	if (getsockopt(ch->tx, SOL_SOCKET, SO_SNDBUF, &given, &length))
		return -errno;
	return given < bytes ? -ENOBUFS : 0;
}

static int open_pair(struct channel *ch, int type)
{
	int ends[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends))
		return -errno;
	ch->rx = ends[0];
	ch->tx = ends[1];
	return set_room(ch);
}

static int open_seqpacket(struct channel *ch)
{
	return open_pair(ch, SOCK_SEQPACKET);
}

static int open_stream(struct channel *ch)
{
	return open_pair(ch, SOCK_STREAM);
}

const struct mechanism mech_seqpacket = {
	.name = "seqpacket",
	.about = "a pair of AF_UNIX sockets, SOCK_SEQPACKET",
	.traits = TRAIT_PEER | TRAIT_POLLED,
	.batch = 1,
	.open = open_seqpacket,
	.close = fds_close,
	.send = fds_send,
	.recv = fds_recv,
};

/* A long message can come in parts. */
static int stream_recv(struct channel *ch)
{
	size_t done = 0;
	ssize_t got;

	do {
		got = read(ch->rx, ch->buffer + done, ch->size - done);
		if (got <= 0)
			return got ? -errno : -EIO;
		done += (size_t)got;
	} while (done < ch->size);
	return 0;
}

const struct mechanism mech_stream = {
	.name = "stream",
	.about = "a pair of AF_UNIX sockets, SOCK_STREAM",
	.traits = TRAIT_PEER | TRAIT_POLLED,
	.batch = 1,
	.open = open_stream,
	.close = fds_close,
	.send = fds_send,
	.recv = stream_recv,
};

/* --- arrays ------------------------------------------------------------------ */

struct arrays {
	struct mmsghdr *out;
	struct mmsghdr *in;
};

static struct mmsghdr *headers(unsigned char *data, const struct channel *ch)
{
	unsigned int i, batch = ch->how->batch;
	struct mmsghdr *array = calloc(batch, sizeof(*array));
	struct iovec *parts = calloc(batch, sizeof(*parts));

	for (i = 0; array && parts && i < batch; i++) {
		parts[i].iov_base = data + i * ch->size;
		parts[i].iov_len = ch->size;
		array[i].msg_hdr.msg_iov = &parts[i];
		array[i].msg_hdr.msg_iovlen = 1;
	}
	return parts ? array : NULL;
}

static int open_arrays(struct channel *ch)
{
	struct arrays *arrays = calloc(1, sizeof(*arrays));

	ch->state = arrays;
	if (!arrays)
		return -ENOMEM;
	arrays->out = headers(ch->payload, ch);
	arrays->in = headers(ch->buffer, ch);
	return arrays->out && arrays->in ? open_seqpacket(ch) : -ENOMEM;
}

static int arrays_send(struct channel *ch)
{
	struct arrays *arrays = ch->state;
	unsigned int done = 0, batch = ch->how->batch;
	int ret;

	do {
		ret = sendmmsg(ch->tx, arrays->out + done, batch - done, 0);
		if (ret < 0)
			return -errno;
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
		ret = recvmmsg(ch->rx, arrays->in + done, batch - done,
			       MSG_WAITFORONE, NULL);
		if (ret < 0)
			return -errno;
		done += (unsigned int)ret;
	} while (done < batch);
	return 0;
}

const struct mechanism mech_seqpacket_many = {
	.name = "mmsg",
	.about = "the same with sendmmsg(2) and recvmmsg(2)",
	.traits = TRAIT_PEER,
	.batch = 32,
	.open = open_arrays,
	.close = fds_close,
	.send = arrays_send,
	.recv = arrays_recv,
};
