// SPDX-License-Identifier: GPL-2.0-only
/*
 * soak SECONDS SEED: a mixed load with random kills, watched for what must hold
 *
 * The first round warms up the kernel's caches; each further one lasts a minute at
 * most. A round ends with everything that was made in it: then all messages have
 * to be accounted for, and the kernel has to hold no more than after the first.
 *
 * On stdout a line for each thing that is shown: "ok", "FAIL" or "skip".
 */
#include "audit.h"
#include "churn.h"
#include "crew.h"
#include "regions.h"
#include "settle.h"

#include <sys/stat.h>

#define ROUND_NS (60 * NSEC_PER_SEC)
#define WARM_UP_NS (8 * NSEC_PER_SEC)
#define STATUS_NS (10 * NSEC_PER_SEC)

static __u64 started_ns, next_status_ns;

/* Since the last line. */
static void print_status(void)
{
	static __u64 old[OPS], before_ns;
	__u64 now = now_ns(), span, ops;
	int i;

	span = now - (before_ns ?: started_ns);
	printf("%4llu s, per second:", (now - started_ns) / NSEC_PER_SEC);
	for (i = 0; i < OP_KILLED; i++) {
		ops = load(&arena->ops[i]);
		printf(" %llu %s,", (ops - old[i]) * NSEC_PER_SEC / (span ?: 1),
		       op_names[i]);
		old[i] = ops;
	}
	printf(" %llu killed, %llu checks\n", load(&arena->ops[OP_KILLED]),
	       all_checks());
	fflush(stdout);
	before_ns = now;
}

static void work_until(__u64 end_ns)
{
	while (now_ns() < end_ns) {
		crew_turn();
		if (now_ns() < next_status_ns)
			continue;
		print_status();
		next_status_ns = now_ns() + STATUS_NS;
	}
}

static void run_round(__u64 span_ns)
{
	pid_t auditor;

	ledger_clear();
	boxes_open();
	region_begin();
	auditor = spawn(be_auditor, NULL);
	crew_start();
	work_until(now_ns() + span_ns);
	crew_stop();
	verify(CHECK_PROGRESS, kill_and_reap(auditor) == KILLED_BY(SIGKILL),
	       "the auditor died");
	audit_end();
	region_end();
	churn_end();
	boxes_close();
}

/* What the kernel may not tell. */
static bool can_be_missing(enum check check)
{
	return check == CHECK_SLAB || check == CHECK_GROUP;
}

/* A check that was never made shows nothing. Returns whether all is well. */
static bool print_finding(enum check check)
{
	const struct finding *finding = &arena->findings[check];

	if (finding->failed)
		printf("FAIL %s: %llu times of %llu: %s\n", check_names[check],
		       finding->failed, finding->checked, finding->text);
	else if (finding->checked)
		printf("ok   %s (%llu times)\n", check_names[check],
		       finding->checked);
	else
		printf("%s %s: never looked at\n",
		       can_be_missing(check) ? "skip" : "FAIL",
		       check_names[check]);
	return !finding->failed && (finding->checked || can_be_missing(check));
}

static bool print_findings(void)
{
	bool well = true;
	int i;

	for (i = 0; i < CHECKS; i++)
		well &= print_finding(i);
	return well;
}

static __u64 min_of(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

int main(int argc, char **argv)
{
	__u64 left, span;

	if (argc != 3) {
		fprintf(stderr, "usage: soak SECONDS SEED\n");
		return 2;
	}
	umask(0);
	arena_init(strtoul(argv[2], NULL, 0));
	ledger_init();
	crew_hire();
	printf("soak: seed %u, %s s, %u processes\n", arena->seed, argv[1],
	       post_count);
	fflush(stdout);
	settle_begin();
	started_ns = now_ns();
	next_status_ns = started_ns + STATUS_NS;
	left = strtoul(argv[1], NULL, 0) * NSEC_PER_SEC;
	span = min_of(left / 3, WARM_UP_NS);
	run_round(span);
	settle_baseline();
	while (left > span) {
		left -= span;
		span = min_of(left, ROUND_NS);
		run_round(span);
		settle_compare();
	}
	print_status();
	return print_findings() ? EXIT_SUCCESS : EXIT_FAILURE;
}
