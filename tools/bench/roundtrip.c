// SPDX-License-Identifier: GPL-2.0-only
/* There and back between two processes. */
#include "measures.h"

/* A channel each way; or one, if the mechanism has requests and replies. */
struct ways {
	struct channel there;
	struct channel back;
};

static int answer(void *arg)
{
	struct ways *ways = arg;
	const struct mechanism *how = ways->there.how;
	int err;

	if (how->serve)
		return how->serve(&ways->there);
	err = how->recv(&ways->there);
	return err ? err : how->send(&ways->back);
}

static int ask(void *arg)
{
	struct ways *ways = arg;
	const struct mechanism *how = ways->there.how;
	int err;

	if (how->call)
		return how->call(&ways->there);
	err = how->send(&ways->there);
	return err ? err : how->recv(&ways->back);
}

static bool suits(const struct mechanism *how)
{
	if (how->traits & TRAIT_HARNESS || how->batch > 1)
		return false;
	return how->call ||
	       (how->send && how->recv && !(how->traits & TRAIT_OWN));
}

static int open_ways(struct ways *ways, struct trial *trial)
{
	int err = bench_open(&ways->there, trial, BENCH_DEPTH);

	if (!err && !trial->how->call)
		err = bench_open(&ways->back, trial, BENCH_DEPTH);
	return err;
}

static int run(struct trial *trial)
{
	struct ways ways = { 0 };
	int err = open_ways(&ways, trial);
	pid_t server;

	if (err)
		return err;
	server = bench_child(answer, &ways);
	if (server < 0)
		return server;
	if (trial->how->attach)
		err = trial->how->attach(&ways.there, server);
	return err ? err : bench_time(trial, ask, &ways, 1);
}

static const struct point points[] = {
	{ 8, 1 }, { 64, 1 }, { 1024, 1 }, { 4096, 1 }, { 0, 0 },
};

const struct measure measure_roundtrip = {
	.name = "roundtrip",
	.about = "send to another process and receive its answer",
	.flags = MEASURE_PROCESSES,
	.points = points,
	.suits = suits,
	.run = run,
};
