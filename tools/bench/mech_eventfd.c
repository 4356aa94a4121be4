// SPDX-License-Identifier: GPL-2.0-only
/* An eventfd, which takes 8 bytes and gives them one by one as a semaphore. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mechanisms.h"

static const uint64_t one = 1;

static int open_eventfd(struct channel *ch)
{
	ch->rx = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	ch->tx = ch->rx;
	return ch->rx < 0 ? -errno : 0;
}

static int eventfd_add(struct channel *ch)
{
	return moved(write(ch->tx, &one, sizeof(one)), sizeof(one));
}

static int eventfd_take(struct channel *ch)
{
	uint64_t value;

	return moved(read(ch->rx, &value, sizeof(value)), sizeof(value));
}

const struct mechanism mech_eventfd = {
	.name = "eventfd",
	.about = "an eventfd, which carries 8 bytes",
	.traits = TRAIT_PEER | TRAIT_POLLED,
	.batch = 1,
	.max_size = sizeof(uint64_t),
	.open = open_eventfd,
	.close = fds_close,
	.send = eventfd_add,
	.recv = eventfd_take,
	.notify = eventfd_add,
	.wait = eventfd_take,
};
