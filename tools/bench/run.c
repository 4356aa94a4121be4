// SPDX-License-Identifier: GPL-2.0-only
/* Which trials there are, and taking them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trial.h"

/* Rounds of wall time: trials take turns, so that each meets the same disturbances. */
#define WALL_ROUNDS 5

/*
 * Processes take turns in one way or another, which stays the same for as long as they
 * live: whether a woken one goes before its waker depends on what both have used of
 * the processor before. The lowest of several is that of the better way. A flow has
 * one way: see bench_run_in_turns().
 */
#define PROCESS_ROUNDS 3

static bool is_named(const char *const *names, const char *name)
{
	for (; *names; names++) {
		if (!strcmp(*names, name))
			return true;
	}
	return false;
}

static bool is_wanted(const char *const *names, const char *name,
		      bool otherwise)
{
	return names && *names ? is_named(names, name) : otherwise;
}

static bool suits(const struct measure *measure, const struct mechanism *how,
		  size_t size)
{
	return (!how->max_size || size <= how->max_size) && measure->suits(how);
}

static bool is_harness(const struct mechanism *how)
{
	return how->traits & TRAIT_HARNESS;
}

/* What the harness takes, which comes first, is not the mechanism's cost. */
static void subtract_harness(struct trial *trials, unsigned int count)
{
	unsigned int i, j;
	double cost;

	if (!count || !is_harness(trials[0].how))
		return;
	cost = bench_value(&trials[0]);
	for (i = 1; i < count; i++) {
		for (j = 0; j < trials[i].sample_count; j++)
			trials[i].samples[j] -= cost;
	}
}

static bool takes_part(const struct bench_options *options,
		       const struct measure *measure,
		       const struct mechanism *how, size_t size)
{
	return suits(measure, how, size) &&
	       (is_harness(how) ||
		is_wanted(options->mechanisms, how->name, true));
}

static unsigned int usual_rounds(const struct bench_options *options,
				 const struct measure *measure)
{
	if (!options->counted)
		return WALL_ROUNDS;
	return measure->flags & MEASURE_PROCESSES ? PROCESS_ROUNDS : 1;
}

/* Trials of one measure at one point take turns in each round. */
static int run_point(const struct bench_options *options,
		     const struct measure *measure, const struct point *point,
		     struct trial *trials)
{
	unsigned int rounds = options->rounds;
	const struct mechanism *const *how;
	unsigned int count = 0, round, i;
	int err = 0;

	for (how = bench_mechanisms; *how; how++) {
		if (!takes_part(options, measure, *how, point->size))
			continue;
		memset(&trials[count], 0, sizeof(trials[count]));
		trials[count].how = *how;
		trials[count].measure = measure;
		trials[count].point = *point;
		trials[count].counted = options->counted;
		count++;
	}
	if (!rounds)
		rounds = usual_rounds(options, measure);
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < count && !err; i++) {
			if (!trials[i].error)
				err = bench_try(&trials[i]);
		}
	}
	subtract_harness(trials, count);
	if (!err)
		options->report(trials, count, options->arg);
	return err;
}

static size_t mechanism_count(void)
{
	size_t count = 0;

	while (bench_mechanisms[count])
		count++;
	return count;
}

int bench_run(const struct bench_options *options)
{
	struct trial *trials =
		bench_shared(mechanism_count() * sizeof(*trials));
	const struct measure *const *measure;
	const struct point *point;
	unsigned int unusual = MEASURE_IDLE_MACHINE;
	bool usual;
	int err = 0;

	if (options->counted)
		unusual |= MEASURE_TWO_CPUS;
	if (!trials)
		return -ENOMEM;
	for (measure = bench_measures; *measure && !err; measure++) {
		usual = !((*measure)->flags & unusual);
		if (!is_wanted(options->measures, (*measure)->name, usual))
			continue;
		for (point = (*measure)->points; point->count && !err; point++)
			err = run_point(options, *measure, point, trials);
	}
	return err;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_value(const struct trial *trial)
{
	double sorted[BENCH_SAMPLES_MAX];
	unsigned int count = trial->sample_count;

	if (!count)
		return 0;
	memcpy(sorted, trial->samples, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	if (trial->counted)
		return sorted[0];
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}
