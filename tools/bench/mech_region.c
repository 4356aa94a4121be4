// SPDX-License-Identifier: GPL-2.0-only
/*
 * A region: a ring in its memory, with slots for bells. A receiver that is told
 * with poll(2) subscribes, and reads what has moved.
 */
#include <errno.h>
#include <stdlib.h>

#include <mbx.h>

#include "mechanisms.h"
#include "ring.h"

struct region {
	struct mbx_region *handle;
	struct ring *ring;
	uint32_t seen; /* by whoever waits for notifications */
};

static int subscribe(struct region *region)
{
	return mbx_region_subscribe(region->handle, 1U << BELL_MESSAGE);
}

static int open_region(struct channel *ch)
{
	struct mbx_region_opts opts = { .size = sizeof(opts), .slots = BELLS };
	struct region *region = calloc(1, sizeof(*region));
	int err;

	ch->state = region;
	if (!region)
		return -ENOMEM;
	err = mbx_region_open(&region->handle, NULL,
			      MBX_CREATE | MBX_READ | MBX_WRITE, ring_bytes(ch),
			      &opts);
	if (err)
		return err;
	region->ring = mbx_region_data(region->handle);
	ch->rx = mbx_region_fd(region->handle);
	ch->tx = ch->rx;
	return ch->polled ? subscribe(region) : 0;
}

static void close_region(struct channel *ch)
{
	struct region *region = ch->state;

	mbx_region_close(region->handle);
}

static uint32_t slot_seq(struct channel *ch, enum which_bell bell)
{
	struct region *region = ch->state;

	return mbx_region_seq(region->handle, bell);
}

static int slot_notify(struct channel *ch, enum which_bell bell)
{
	struct region *region = ch->state;
	int ret = mbx_region_notify(region->handle, bell);

	return ret < 0 ? ret : 0;
}

static int slot_wait(struct channel *ch, enum which_bell bell, uint32_t last)
{
	struct region *region = ch->state;

	return mbx_region_wait(region->handle, bell, last, 0, 0, NULL);
}

static const struct bells bells = {
	.seq = slot_seq,
	.ring = slot_notify,
	.wait = slot_wait,
};

static int region_send(struct channel *ch)
{
	struct region *region = ch->state;

	return ring_send(ch, region->ring, &bells);
}

static int region_recv(struct channel *ch)
{
	struct region *region = ch->state;
	struct mbx_slot slot;
	int ret = 0;

	if (ch->polled)
		ret = mbx_region_read_moved(region->handle, &slot, 1);
	return ret < 0 ? ret : ring_recv(ch, region->ring, &bells);
}

static int region_notify(struct channel *ch)
{
	return slot_notify(ch, BELL_MESSAGE);
}

static int region_wait(struct channel *ch)
{
	struct region *region = ch->state;

	return mbx_region_wait(region->handle, BELL_MESSAGE, region->seen, 0, 0,
			       &region->seen);
}

const struct mechanism mech_region = {
	.name = "mbx-region",
	.about =
		"a ring in a region: mbx_region_notify() and mbx_region_wait()",
	.traits = TRAIT_POLLED | TRAIT_SHARED | TRAIT_ONE_SENDER |
		  TRAIT_ONE_RECEIVER,
	.batch = 1,
	.open = open_region,
	.close = close_region,
	.send = region_send,
	.recv = region_recv,
	.notify = region_notify,
	.wait = region_wait,
};
