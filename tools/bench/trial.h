/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What measures are made of: channels, children, time.
 *
 * All of it is for the process of a trial, which ends when the trial does: what is
 * opened there need not be closed, unless it outlives processes.
 */
#ifndef MBX_BENCH_TRIAL_H
#define MBX_BENCH_TRIAL_H

#include "bench.h"

/* Runs the trial in a process of its own and adds to its samples. */
int bench_try(struct trial *trial);

/*
 * Opens a channel for the trial's mechanism and point, with room for @depth
 * messages, and for what goes with one call at least.
 */
int bench_open(struct channel *ch, const struct trial *trial,
	       unsigned int depth);

/* Nanoseconds, or instructions. */
uint64_t bench_now(void);

/*
 * Calls @pass, which does @ops operations, for as long as it takes to know what an
 * operation costs, and adds samples to the trial.
 */
int bench_time(struct trial *trial, int (*pass)(void *arg), void *arg,
	       unsigned int ops);

/* The same with a counter of operations, which other processes move too. */
int bench_time_counted(struct trial *trial, int (*pass)(void *arg), void *arg,
		       uint64_t (*done)(void *arg));

int bench_add_sample(struct trial *trial, double value);

/*
 * Starts a child that calls @loop again and again, until it fails, which ends the
 * trial too, or until the trial ends. Returns its process id.
 */
pid_t bench_child(int (*loop)(void *arg), void *arg);

/* A System V message queue that is to be removed when the trial is over. */
void bench_remove_later(int msg_queue);

/* Memory that children share with their parent, zeroed; NULL without memory. */
void *bench_shared(size_t bytes);

/* Binds the calling process to one of the processors it may use. */
int bench_pin(unsigned int cpu);

/*
 * Run until there is nothing to do or the time is over, whomever this process and its
 * children wake.
 * Returns 0 or a negative errno.
 */
int bench_run_in_turns(void);

#endif
