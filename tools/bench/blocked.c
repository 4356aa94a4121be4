// SPDX-License-Identifier: GPL-2.0-only
/*
 * A send alone, which finds so many receivers waiting and wakes one of them. The
 * receivers never run before the sender sleeps (SCHED_IDLE), and are given time to
 * wait again before the next send.
 */
#include <errno.h>
#include <sched.h>
#include <time.h>

#include "measures.h"

#define SENDS 100

/* For a receiver to go back to sleep, once it has received. */
#define PAUSE_NS 200000

struct crowd {
	struct channel ch;
	uint64_t *received;
};

static int receive_idly(void *arg)
{
	struct crowd *crowd = arg;
	struct sched_param param = { 0 };
	int err;

	if (sched_setscheduler(0, SCHED_IDLE, &param))
		return -errno;
	do {
		err = crowd->ch.how->recv(&crowd->ch);
		__atomic_add_fetch(crowd->received, 1, __ATOMIC_RELEASE);
	} while (!err);
	return err;
}

static void pause_for(long ns)
{
	struct timespec time = { .tv_nsec = ns };

	nanosleep(&time, NULL);
}

/* What is sent is received before the next is sent: else nobody would wait. */
static void await_received(const struct crowd *crowd, uint64_t sent)
{
	do {
		pause_for(PAUSE_NS);
	} while (__atomic_load_n(crowd->received, __ATOMIC_ACQUIRE) < sent);
	pause_for(PAUSE_NS);
}

/* The time of so many sends, without that of looking at the clock. */
static int time_sends(struct crowd *crowd, uint64_t *sent, uint64_t *time)
{
	uint64_t start, end;
	unsigned int i;
	int err;

	*time = 0;
	for (i = 0; i < SENDS; i++) {
		start = bench_now();
		err = crowd->ch.how->send(&crowd->ch);
		end = bench_now();
		if (err)
			return err;
		*time += end - start - (bench_now() - end);
		await_received(crowd, ++*sent);
	}
	return 0;
}

static int take_samples(struct trial *trial, struct crowd *crowd)
{
	uint64_t sent = 0, time;
	int i, err;

	/* The first warms up. */
	for (i = 0; i < 4; i++) {
		err = time_sends(crowd, &sent, &time);
		if (!err && i)
			err = bench_add_sample(trial, (double)time / SENDS);
		if (err)
			return err;
	}
	return 0;
}

static int run(struct trial *trial)
{
	struct crowd crowd = { 0 };
	int err = bench_open(&crowd.ch, trial, BENCH_DEPTH);
	unsigned int i;
	pid_t child;

	crowd.received = bench_shared(sizeof(*crowd.received));
	if (!err && !crowd.received)
		err = -ENOMEM;
	for (i = 0; !err && i < trial->point.count; i++) {
		child = bench_child(receive_idly, &crowd);
		err = child < 0 ? child : 0;
	}
	if (err)
		return err;
	await_received(&crowd, 0);
	return take_samples(trial, &crowd);
}

static bool suits(const struct mechanism *how)
{
	return how->send && how->recv && how->batch == 1 &&
	       !(how->traits &
		 (TRAIT_HARNESS | TRAIT_ONE_RECEIVER | TRAIT_OWN));
}

static const struct point points[] = { { 64, 1 }, { 64, 64 }, { 0, 0 } };

const struct measure measure_blocked = {
	.name = "blocked",
	.about = "a send alone that wakes one of so many waiting receivers",
	.points = points,
	.suits = suits,
	.run = run,
};
