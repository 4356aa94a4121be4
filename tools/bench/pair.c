// SPDX-License-Identifier: GPL-2.0-only
/* Sending and receiving in one process. */
#include <errno.h>
#include <string.h>

#include "measures.h"

/* As many messages as the queue is to hold, then all of them out again. */
static int fill_and_empty(void *arg)
{
	struct channel *ch = arg;
	unsigned int i, batch = ch->how->batch;
	int err = 0;

	for (i = 0; i < ch->depth && !err; i += batch)
		err = ch->how->send(ch);
	for (i = 0; i < ch->depth && !err; i += batch)
		err = ch->how->recv(ch);
	return err;
}

static bool suits(const struct mechanism *how)
{
	return how->send && how->recv;
}

static int run(struct trial *trial)
{
	struct channel ch = { 0 };
	int err = bench_open(&ch, trial, BENCH_DEPTH);

	if (!err)
		err = bench_time(trial, fill_and_empty, &ch, ch.depth);
	if (!err)
		trial->how->close(&ch);
	return err;
}

static const struct point points[] = {
	{ 8, 1 }, { 64, 1 }, { 1024, 1 }, { 4096, 1 }, { 65536, 1 }, { 0, 0 },
};

const struct measure measure_pair = {
	.name = "pair",
	.about =
		"send and receive a message in one process, 8 at a time in the queue",
	.points = points,
	.suits = suits,
	.run = run,
};
