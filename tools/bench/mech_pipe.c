// SPDX-License-Identifier: GPL-2.0-only
/*
 * A pipe. Its messages have no bounds: all of a channel have the same size, and
 * those of up to a page go as a whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "mechanisms.h"

#define PAGE 4096

/* A message takes as many pages as it touches; small ones share. */
static int pipe_bytes(const struct channel *ch)
{
	size_t bytes = ch->size * ch->depth;

	return (int)(bytes < PAGE ? PAGE : bytes);
}

static int open_pipe(struct channel *ch)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	ch->rx = ends[0];
	ch->tx = ends[1];
	return fcntl(ch->tx, F_SETPIPE_SZ, pipe_bytes(ch)) < 0 ? -errno : 0;
}

const struct mechanism mech_pipe = {
	.name = "pipe",
	.about = "a pipe",
	.traits = TRAIT_PEER | TRAIT_POLLED,
	.batch = 1,
	.open = open_pipe,
	.close = fds_close,
	.send = fds_send,
	.recv = fds_recv,
};
