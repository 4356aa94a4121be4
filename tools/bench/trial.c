// SPDX-License-Identifier: GPL-2.0-only
/* The process of a trial: its channels, its children, its clock. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "trial.h"

/*
 * How long a sample is to take at least. Counted instructions are the same every
 * time, but for the timer's ticks; wall time needs more to stand out.
 */
#define COUNTED_SAMPLE 2000000
#define WALL_SAMPLE 20000000

/* Samples in each process, of time. */
#define WALL_SAMPLES 1

/* Seconds after which a trial hangs. */
#define TIME_LIMIT 120

uint64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int bench_add_sample(struct trial *trial, double value)
{
	if (trial->sample_count == BENCH_SAMPLES_MAX)
		return -ENOSPC;
	trial->samples[trial->sample_count++] = value;
	return 0;
}

void *bench_shared(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

/* The trial that this process is for. */
static struct trial *current;

/* Two if the measure has a channel each way. */
void bench_remove_later(int msg_queue)
{
	if (current->msg_queue_count < 2)
		current->msg_queues[current->msg_queue_count++] = msg_queue;
}

/* --- channels -------------------------------------------------------------- */

/* Touched here: a page fault in what is measured would be measured too. */
static unsigned char *pattern(size_t bytes)
{
	unsigned char *memory = malloc(bytes);
	size_t i;

	for (i = 0; memory && i < bytes; i++)
		memory[i] = (unsigned char)(i * 7 + 1);
	return memory;
}

int bench_open(struct channel *ch, const struct trial *trial,
	       unsigned int depth)
{
	size_t bytes = trial->point.size * trial->how->batch;

	ch->how = trial->how;
	ch->size = trial->point.size;
	ch->depth = depth < trial->how->batch ? trial->how->batch : depth;
	ch->rx = -1;
	ch->tx = -1;
	ch->payload = pattern(bytes + 1);
	ch->buffer = pattern(bytes + 1);
	if (!ch->payload || !ch->buffer)
		return -ENOMEM;
	memset(ch->buffer, 0, bytes + 1);
	return trial->how->open(ch);
}

/* --- time ------------------------------------------------------------------ */

/* A loop that is timed: passes, and how many operations they have done. */
struct timing {
	int (*pass)(void *arg);
	uint64_t (*done)(void *arg);
	void *arg;
	unsigned int ops;
	double value; /* of one operation, as measured last */
};

static int time_passes(struct timing *timing, uint64_t passes, uint64_t *time)
{
	uint64_t i, ops = passes * timing->ops, start;
	int err;

	if (timing->done)
		ops = timing->done(timing->arg);
	start = bench_now();
	for (i = 0; i < passes; i++) {
		err = timing->pass(timing->arg);
		if (err)
			return err;
	}
	*time = bench_now() - start;
	if (timing->done)
		ops = timing->done(timing->arg) - ops;
	timing->value = (double)*time / (double)ops;
	return 0;
}

/* How long a sample is to take. */
static uint64_t sample_time(const struct trial *trial)
{
	if (!trial->counted)
		return WALL_SAMPLE;
	if (trial->measure->flags & MEASURE_FLOW)
		return 8 * COUNTED_SAMPLE;
	if (trial->measure->flags & MEASURE_PROCESSES)
		return 2 * COUNTED_SAMPLE;
	return COUNTED_SAMPLE;
}

/* Finding out how many passes a sample needs warms up as well. */
static int take_samples(struct trial *trial, struct timing *timing)
{
	uint64_t goal = sample_time(trial);
	int left = trial->counted ? BENCH_COUNTED_SAMPLES : WALL_SAMPLES;
	uint64_t passes = 1, time = 0;
	int err = 0;

	while (!err && time < goal / 2) {
		passes *= 2;
		err = time_passes(timing, passes, &time);
	}
	if (!err && time)
		passes = passes * goal / time + 1;
	while (!err && left--) {
		err = time_passes(timing, passes, &time);
		if (!err)
			err = bench_add_sample(trial, timing->value);
	}
	return err;
}

int bench_time(struct trial *trial, int (*pass)(void *arg), void *arg,
	       unsigned int ops)
{
	struct timing timing = { .pass = pass, .arg = arg, .ops = ops };

	return take_samples(trial, &timing);
}

int bench_time_counted(struct trial *trial, int (*pass)(void *arg), void *arg,
		       uint64_t (*done)(void *arg))
{
	struct timing timing = { .pass = pass, .arg = arg, .done = done };

	return take_samples(trial, &timing);
}

/* --- processes ------------------------------------------------------------- */

/* Dies with its parent, which may have died already. */
static void follow(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

pid_t bench_child(int (*loop)(void *arg), void *arg)
{
	pid_t parent = getpid();
	pid_t child = fork();
	int err;

	if (child)
		return child < 0 ? -errno : child;
	follow(parent);
	do {
		err = loop(arg);
	} while (!err);
	/* The trial waits for what will not come. */
	current->error = err;
	kill(parent, SIGUSR1);
	_exit(1);
}

int bench_pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

int bench_run_in_turns(void)
{
	struct sched_param param = { 0 };

	return sched_setscheduler(0, SCHED_BATCH, &param) ? -errno : 0;
}

static void run_and_exit(struct trial *trial, pid_t parent)
{
	follow(parent);
	current = trial;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	alarm(TIME_LIMIT);
	trial->error = trial->measure->run(trial);
	_exit(0);
}

/* How a process ended that has not said so itself, nor has a child of it. */
static int error_of(int status)
{
	if (WIFEXITED(status) || WTERMSIG(status) == SIGUSR1)
		return 0;
	return WTERMSIG(status) == SIGALRM ? -ETIMEDOUT : -EINTR;
}

int bench_try(struct trial *trial)
{
	pid_t parent = getpid();
	unsigned int i;
	pid_t child;
	int status, err;

	trial->error = 0;
	trial->msg_queue_count = 0;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child)
		run_and_exit(trial, parent);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
		kill(child, SIGKILL);
	}
	err = error_of(status);
	if (err)
		trial->error = err;
	for (i = 0; i < trial->msg_queue_count; i++)
		msgctl(trial->msg_queues[i], IPC_RMID, NULL);
	return 0;
}
