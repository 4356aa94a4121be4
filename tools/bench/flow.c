// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that flow from processes to processes, as fast as they can. What counts
 * is what the receivers together have received.
 */
#include <errno.h>

#include "measures.h"

#define RECEIVERS_MAX 4

/* What each has received, in cache lines of their own. */
struct tally {
	uint64_t count;
	uint64_t padding[7];
};

struct flow {
	struct channel ch;
	unsigned int receivers;
	struct tally *tallies;
	struct tally *mine;
};

static int send_one(void *arg)
{
	struct flow *flow = arg;

	return flow->ch.how->send(&flow->ch);
}

static int receive_one(void *arg)
{
	struct flow *flow = arg;
	int err = flow->ch.how->recv(&flow->ch);

	flow->mine->count += flow->ch.how->batch;
	return err;
}

static uint64_t received(void *arg)
{
	struct flow *flow = arg;
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < flow->receivers; i++)
		sum += __atomic_load_n(&flow->tallies[i].count,
				       __ATOMIC_RELAXED);
	return sum;
}

/* One receiver is the trial itself, the others are children. */
static int start(struct flow *flow, unsigned int senders)
{
	unsigned int i;
	pid_t child = 0;

	for (i = 0; i < senders && child >= 0; i++)
		child = bench_child(send_one, flow);
	for (i = 1; i < flow->receivers && child >= 0; i++) {
		flow->mine = &flow->tallies[i];
		child = bench_child(receive_one, flow);
	}
	flow->mine = &flow->tallies[0];
	return child < 0 ? child : 0;
}

static int run_flow(struct trial *trial, unsigned int senders,
		    unsigned int receivers)
{
	struct flow flow = { .receivers = receivers };
	int err = bench_open(&flow.ch, trial, BENCH_FLOW_DEPTH);

	flow.tallies = bench_shared(RECEIVERS_MAX * sizeof(*flow.tallies));
	if (!err && !flow.tallies)
		err = -ENOMEM;
	if (!err && trial->counted)
		err = bench_run_in_turns();
	if (!err)
		err = start(&flow, senders);
	return err ? err :
		     bench_time_counted(trial, receive_one, &flow, received);
}

static bool carries(const struct mechanism *how)
{
	return how->send && how->recv && !(how->traits & TRAIT_HARNESS);
}

static bool has_many_senders(const struct mechanism *how)
{
	return carries(how) && !(how->traits & TRAIT_ONE_SENDER);
}

static bool has_many_receivers(const struct mechanism *how)
{
	return has_many_senders(how) &&
	       !(how->traits & (TRAIT_ONE_RECEIVER | TRAIT_OWN));
}

/* --- one to one, many to one, many to many ---------------------------------- */

static int run_stream(struct trial *trial)
{
	return run_flow(trial, 1, 1);
}

static int run_fan_in(struct trial *trial)
{
	return run_flow(trial, trial->point.count, 1);
}

static int run_many(struct trial *trial)
{
	return run_flow(trial, trial->point.count, trial->point.count);
}

/* The sender is started first and stays where it is; then the receiver moves. */
static int run_apart(struct trial *trial)
{
	struct flow flow = { .receivers = 1 };
	int err = bench_open(&flow.ch, trial, BENCH_FLOW_DEPTH);

	flow.tallies = bench_shared(sizeof(*flow.tallies));
	if (!err && !flow.tallies)
		err = -ENOMEM;
	if (!err)
		err = bench_pin(1);
	if (!err)
		err = start(&flow, 1);
	if (!err)
		err = bench_pin(0);
	return err ? err :
		     bench_time_counted(trial, receive_one, &flow, received);
}

static const struct point one[] = { { 64, 1 }, { 0, 0 } };
static const struct point four[] = { { 64, 4 }, { 0, 0 } };
static const struct point eight[] = { { 64, 8 }, { 0, 0 } };

const struct measure measure_stream = {
	.name = "stream",
	.about = "a message from one process to another, in one direction",
	.flags = MEASURE_FLOW,
	.points = one,
	.suits = carries,
	.run = run_stream,
};

const struct measure measure_fan_in = {
	.name = "fan-in",
	.about = "a message from one of several senders to one receiver",
	.flags = MEASURE_FLOW,
	.points = eight,
	.suits = has_many_senders,
	.run = run_fan_in,
};

const struct measure measure_apart = {
	.name = "apart",
	.about = "a message from a process to another on another processor",
	.flags = MEASURE_TWO_CPUS,
	.points = one,
	.suits = carries,
	.run = run_apart,
};

const struct measure measure_many = {
	.name = "many",
	.about =
		"a message from one of several senders to one of as many receivers",
	.flags = MEASURE_TWO_CPUS,
	.points = four,
	.suits = has_many_receivers,
	.run = run_many,
};
