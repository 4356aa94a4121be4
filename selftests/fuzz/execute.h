/* SPDX-License-Identifier: GPL-2.0-only */
/* Executing a sequence: starting the team, watching it, ending it. */
#ifndef FUZZ_EXECUTE_H
#define FUZZ_EXECUTE_H

#include "op.h"

/* Since the program has begun. */
struct statistics {
	__u64 runs;
	__u64 blocked; /* that had to be ended */
	__u64 teams; /* that were started for them */
	__u64 tried[64]; /* steps of each operation */
	__u64 succeeded[64];
};

extern struct statistics statistics;

/* Before anything else, as root. Returns false, with a complaint. */
bool execute_init(void);

/*
 * Tells the host what comes, and does it; coverage is collected. Returns whether
 * all is well: if not, there is a finding (finding.h).
 */
bool execute(const struct sequence *seq);
/* After the last one: the same for what is left. */
bool execute_end(void);

/* What is left behind is looked for after so many, as the kernel takes its time. */
extern __u32 look_every;

#endif /* FUZZ_EXECUTE_H */
