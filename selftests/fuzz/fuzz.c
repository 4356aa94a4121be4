// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz [OPTION]... PATH...: execute sequences of calls, and make more of those
 * which reach something new; see Documentation/testing.rst
 *
 * PATH is a file with sequences, or a directory of such. On stdout a line for each
 * thing that is shown: "ok" or "FAIL".
 */
#include "corpus.h"
#include "cover.h"
#include "execute.h"
#include "finding.h"
#include "minimise.h"
#include "mutate.h"
#include "inject.h"
#include "random.h"
#include "trace.h"

#include <getopt.h>
#include <sys/stat.h>

#define STATUS_NS (10 * NSEC_PER_SEC)
#define NEW_MAX 64

enum mode { MODE_FUZZ, MODE_REPEAT, MODE_SUFFIXES, MODE_SMALLER };

static struct {
	enum mode mode;
	__u64 seconds;
	__u64 seed;
	__u32 repeat;
	const char *reports;
	bool leaks;
} options = { .seconds = 60, .repeat = 40 };

static __u64 started_ns;

/* --- keeping what is new --- */

/* Leaves out what the new edges do not need, as far as once tells. */
static bool trim(struct sequence *seq, const __u32 *edges, __u32 count)
{
	static struct sequence smaller;
	__u32 at;

	for (at = seq->count; at-- > 0 && seq->count > 1;) {
		smaller = *seq;
		sequence_drop(&smaller, at, 1);
		if (!execute(&smaller))
			return false;
		if (cover_has(edges, count))
			*seq = smaller;
		/* What it takes by chance is new as well, but belongs to none. */
		cover_keep();
	}
	return true;
}

static bool keep(struct sequence *seq, bool trimmed)
{
	__u32 edges[NEW_MAX], count = cover_new(edges, NEW_MAX);
	char note[64];

	if (!count)
		return true;
	cover_keep();
	if (trimmed && !trim(seq, edges, count))
		return false;
	corpus_add(seq);
	snprintf(note, sizeof(note), "kept for %u new edges:", count);
	trace_note(note);
	trace_sequence(seq);
	return true;
}

/* --- the loop --- */

static void print_status(void)
{
	static __u64 runs, before_ns;
	__u64 now = now_ns(), span = now - (before_ns ?: started_ns) ?: 1;

	printf("%4llu s: %llu executions, %llu a second, %llu interrupted,",
	       (now - started_ns) / NSEC_PER_SEC, statistics.runs,
	       (statistics.runs - runs) * NSEC_PER_SEC / span,
	       statistics.blocked);
	printf(" %llu teams, %u edges, %u kept\n", statistics.teams,
	       cover_total(), corpus_size());
	fflush(stdout);
	runs = statistics.runs;
	before_ns = now;
}

/* Those that were loaded, in their order; what brings nothing new is left out. */
static bool begin(void)
{
	__u32 loaded = corpus_size(), i;
	struct sequence *all = calloc(loaded, sizeof(*all));

	if (!loaded || !all) {
		fprintf(stderr, "fuzz: nothing to begin with\n");
		exit(2);
	}
	for (i = 0; i < loaded; i++)
		all[i] = *corpus_at(i);
	corpus_clear();
	for (i = 0; i < loaded; i++) {
		if (!execute(&all[i]) || !keep(&all[i], false))
			return false;
	}
	free(all);
	return true;
}

static void fuzz(void)
{
	__u64 status_ns = started_ns + STATUS_NS;
	static struct sequence seq;

	if (!begin())
		return;
	print_status();
	while (now_ns() - started_ns < options.seconds * NSEC_PER_SEC) {
		seq = *corpus_pick();
		mutate(&seq, corpus_pick());
		if (!execute(&seq) || !keep(&seq, true))
			break;
		if (now_ns() > status_ns) {
			print_status();
			status_ns = now_ns() + STATUS_NS;
		}
	}
	print_status();
}

/* --- what was shown --- */

/* With the sequences to begin with, each operation has to have done something. */
static bool print_operations(void)
{
	bool all = true;
	__u32 i;

	for (i = 0; i < op_count; i++) {
		if (!statistics.succeeded[i]) {
			printf("FAIL %s has not succeeded, of %llu times\n",
			       ops[i].name, statistics.tried[i]);
			all = false;
		}
	}
	if (all)
		printf("ok   every operation has succeeded\n");
	return all;
}

static bool print_finding(void)
{
	if (finding()) {
		printf("FAIL %s\n", finding());
		return false;
	}
	printf("ok   nothing reported and nothing left behind (%llu executions)\n",
	       statistics.runs);
	return true;
}

/* --- */

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'S' },
		{ "reports", required_argument, NULL, 'r' },
		{ "repeat", required_argument, NULL, 'n' },
		{ "leaks", no_argument, NULL, 'l' },
		{ "only", no_argument, NULL, 'o' },
		{ "suffixes", no_argument, NULL, 'x' },
		{ "smaller", no_argument, NULL, 'm' },
		{ "sleep", no_argument, NULL, 'z' },
		{ NULL }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 's':
			options.seconds = strtoull(optarg, NULL, 0);
			break;
		case 'S':
			options.seed = strtoull(optarg, NULL, 0);
			break;
		case 'r':
			options.reports = optarg;
			break;
		case 'n':
			options.repeat = strtoul(optarg, NULL, 0);
			break;
		case 'l':
			options.leaks = true;
			break;
		case 'o':
			options.mode = MODE_REPEAT;
			break;
		case 'x':
			options.mode = MODE_SUFFIXES;
			break;
		case 'm':
			options.mode = MODE_SMALLER;
			break;
		case 'z':
			sleep_forever(NULL);
			break;
		default:
			exit(2);
		}
	}
}

static bool prepare(int argc, char **argv)
{
	if (!ops_init())
		return false;
	while (optind < argc)
		if (!corpus_load(argv[optind++]))
			return false;
	if (inject_init(INJECT_OBJECTS))
		fprintf(stderr, "fuzz: no failures can be injected\n");
	umask(0);
	trace_init();
	random_init(options.seed);
	return execute_init() && finding_init(options.reports, options.leaks);
}

int main(int argc, char **argv)
{
	bool good;

	parse(argc, argv);
	if (!prepare(argc, argv))
		return 2;
	started_ns = now_ns();
	if (options.mode != MODE_FUZZ)
		look_every = 1;
	try_until(started_ns + options.seconds * NSEC_PER_SEC);
	switch (options.mode) {
	case MODE_FUZZ:
		fuzz();
		break;
	case MODE_REPEAT:
		try_all(options.repeat);
		break;
	case MODE_SUFFIXES:
		try_suffixes(options.repeat);
		break;
	case MODE_SMALLER:
		try_smaller(options.repeat);
		break;
	}
	execute_end();
	good = print_finding();
	if (options.mode == MODE_FUZZ && good)
		good = print_operations();
	return !good;
}
