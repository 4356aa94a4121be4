// SPDX-License-Identifier: GPL-2.0-only
/* Mechanisms that are used by read(2) and write(2). */
#include <errno.h>
#include <unistd.h>

#include "mechanisms.h"

int moved(ssize_t result, size_t expected)
{
	if (result == (ssize_t)expected)
		return 0;
	return result < 0 ? -errno : -EIO;
}

void fds_close(struct channel *ch)
{
	close(ch->rx);
	if (ch->tx != ch->rx)
		close(ch->tx);
}

int fds_send(struct channel *ch)
{
	return moved(write(ch->tx, ch->payload, ch->size), ch->size);
}

int fds_recv(struct channel *ch)
{
	return moved(read(ch->rx, ch->buffer, ch->size), ch->size);
}
