// SPDX-License-Identifier: GPL-2.0-only
/* Notifications, without data. */
#include "measures.h"

static int notify(void *arg)
{
	struct channel *ch = arg;

	return ch->how->notify(ch);
}

static bool can_notify(const struct mechanism *how)
{
	return how->notify;
}

static int run_notify(struct trial *trial)
{
	struct channel ch = { 0 };
	int err = bench_open(&ch, trial, 1);

	return err ? err : bench_time(trial, notify, &ch, 1);
}

/* --- to a waiter ------------------------------------------------------------- */

struct ways {
	struct channel there;
	struct channel back;
};

static int wait_and_notify(void *arg)
{
	struct ways *ways = arg;
	int err = ways->there.how->wait(&ways->there);

	return err ? err : ways->back.how->notify(&ways->back);
}

static int notify_and_wait(void *arg)
{
	struct ways *ways = arg;
	int err = ways->there.how->notify(&ways->there);

	return err ? err : ways->back.how->wait(&ways->back);
}

static bool can_wait(const struct mechanism *how)
{
	return how->notify && how->wait;
}

static int run_wake(struct trial *trial)
{
	struct ways ways = { 0 };
	int err = bench_open(&ways.there, trial, 1);
	pid_t child;

	if (!err)
		err = bench_open(&ways.back, trial, 1);
	if (err)
		return err;
	child = bench_child(wait_and_notify, &ways);
	if (child < 0)
		return child;
	/* Two of them there and back. */
	return bench_time(trial, notify_and_wait, &ways, 2);
}

static const struct point points[] = { { 0, 1 }, { 0, 0 } };

const struct measure measure_notify = {
	.name = "notify",
	.about = "notify, with nobody waiting",
	.points = points,
	.suits = can_notify,
	.run = run_notify,
};

const struct measure measure_wake = {
	.name = "wake",
	.about =
		"notify a waiting process, until it has returned: half of there and back",
	.flags = MEASURE_PROCESSES,
	.points = points,
	.suits = can_wait,
	.run = run_wake,
};
