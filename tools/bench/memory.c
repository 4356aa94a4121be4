// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel memory, as the control group of the trial is charged for it: for what is
 * there and idle, for queued messages, for those who wait.
 *
 * What the kernel takes for itself and for shared memory counts. The group's
 * statistics are brought up to date every two seconds.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <mbx.h>

#include "measures.h"

#define IDLE 2000
#define MESSAGES 4096
#define WAITERS 200

/* Longer than until the next update. */
#define UPDATE_S 5

static int open_statistics(FILE **file)
{
	char line[300], path[400];
	FILE *groups = fopen("/proc/self/cgroup", "re");
	bool found = false;

	if (!groups)
		return -errno;
	while (!found && fgets(line, sizeof(line), groups))
		found = !strncmp(line, "0::/", 4);
	fclose(groups);
	line[strcspn(line, "\n")] = '\0';
	/* The root is charged for nothing. */
	if (!found || !line[4])
		return -ENOTSUP;
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.stat", line + 3);
	*file = fopen(path, "re");
	return *file ? 0 : -errno;
}

static int charged(double *bytes)
{
	struct timespec update = { .tv_sec = UPDATE_S };
	char name[64];
	unsigned long long value;
	FILE *file;
	int err;

	nanosleep(&update, NULL);
	err = open_statistics(&file);
	if (err)
		return err;
	*bytes = 0;
	while (fscanf(file, "%63s %llu", name, &value) == 2) {
		if (!strcmp(name, "kernel") || !strcmp(name, "shmem"))
			*bytes += (double)value;
	}
	fclose(file);
	return 0;
}

/*
 * What @make adds to the memory, for each of @count. It is called with 0 first and
 * then with all others, as what is made first fills caches.
 */
static int weigh(struct trial *trial, unsigned int count,
		 int (*make)(void *arg, unsigned int from, unsigned int to),
		 void *arg)
{
	double before, after;
	int err = make(arg, 0, count / 10);

	if (!err)
		err = charged(&before);
	if (!err)
		err = make(arg, count / 10, count);
	if (!err)
		err = charged(&after);
	if (err)
		return err;
	count -= count / 10;
	return bench_add_sample(trial, (after - before) / count);
}

/* --- what is idle -------------------------------------------------------------- */

static int open_some(void *arg, unsigned int from, unsigned int to)
{
	struct trial *trial = arg;
	struct channel ch;
	int err = 0;

	for (; from < to && !err; from++) {
		memset(&ch, 0, sizeof(ch));
		err = bench_open(&ch, trial, BENCH_DEPTH);
	}
	return err;
}

static int run_idle(struct trial *trial)
{
	struct rlimit limit = { 3 * IDLE, 3 * IDLE };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	return weigh(trial, IDLE, open_some, trial);
}

/* One direct mailbox is all that a process has; System V would have to be told. */
static bool can_be_many(const struct mechanism *how)
{
	return how->batch == 1 && how->send && how->close &&
	       !(how->traits & (TRAIT_HARNESS | TRAIT_OWN | TRAIT_OUTLIVES));
}

static int create_some(void *arg, unsigned int from, unsigned int to)
{
	char name[40];
	int fd;

	(void)arg;
	for (; from < to; from++) {
		snprintf(name, sizeof(name), "bench-%d/%06u", (int)getpid(),
			 from);
		fd = mbx_open(name, MBX_CREATE | MBX_EXCL | MBX_READ);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

static int run_named(struct trial *trial)
{
	int err = weigh(trial, IDLE, create_some, NULL);
	char name[40];
	unsigned int i;

	for (i = 0; i < IDLE; i++) {
		snprintf(name, sizeof(name), "bench-%d/%06u", (int)getpid(), i);
		mbx_unlink(name);
	}
	return err;
}

static bool is_mailbox(const struct mechanism *how)
{
	return how->traits & TRAIT_MAILBOX;
}

/* --- messages ------------------------------------------------------------------ */

static int send_some(void *arg, unsigned int from, unsigned int to)
{
	struct channel *ch = arg;
	int err = 0;

	for (; from < to && !err; from++)
		err = ch->how->send(ch);
	return err;
}

static int run_queued(struct trial *trial)
{
	struct channel ch = { 0 };
	int err = bench_open(&ch, trial, MESSAGES);

	return err ? err : weigh(trial, MESSAGES, send_some, &ch);
}

static bool queues(const struct mechanism *how)
{
	return how->batch == 1 && how->send &&
	       !(how->traits & (TRAIT_HARNESS | TRAIT_SHARED)) && !how->notify;
}

/* --- waiters ------------------------------------------------------------------- */

struct waiters {
	struct channel ch;
	int gate[2]; /* of a pipe */
	unsigned int *ready;
};

static int await(struct channel *ch)
{
	return ch->how->traits & TRAIT_ONE_RECEIVER ? ch->how->wait(ch) :
						      ch->how->recv(ch);
}

/* The first time is for what a process has to set up. */
static int wait_twice(void *arg)
{
	struct waiters *waiters = arg;
	char nothing;
	int err = await(&waiters->ch);

	close(waiters->gate[1]);
	__atomic_add_fetch(waiters->ready, 1, __ATOMIC_RELEASE);
	if (!err && read(waiters->gate[0], &nothing, 1))
		err = -EIO;
	if (!err)
		err = await(&waiters->ch);
	return err;
}

/* Wakes all: once, if what waits is told without data, else with a message each. */
static int wake_all(struct waiters *waiters)
{
	struct channel *ch = &waiters->ch;
	struct timespec update = { .tv_sec = UPDATE_S };
	unsigned int i;
	int err = 0;

	nanosleep(&update, NULL);
	if (ch->how->traits & TRAIT_ONE_RECEIVER)
		return ch->how->notify(ch);
	for (i = 0; i < WAITERS && !err; i++)
		err = ch->how->send(ch);
	return err;
}

static int start_waiters(struct waiters *waiters, struct trial *trial)
{
	int err = bench_open(&waiters->ch, trial, BENCH_DEPTH);
	unsigned int i;
	pid_t child = 0;

	waiters->ready = bench_shared(sizeof(*waiters->ready));
	if (!err && !waiters->ready)
		err = -ENOMEM;
	if (!err && pipe(waiters->gate))
		err = -errno;
	for (i = 0; i < WAITERS && child >= 0 && !err; i++)
		child = bench_child(wait_twice, waiters);
	return child < 0 ? child : err;
}

static int run_waiting(struct trial *trial)
{
	struct waiters waiters = { 0 };
	double before, after;
	int err = start_waiters(&waiters, trial);

	if (!err)
		err = wake_all(&waiters);
	if (!err)
		err = charged(&before);
	if (!err && __atomic_load_n(waiters.ready, __ATOMIC_ACQUIRE) < WAITERS)
		err = -EBUSY;
	close(waiters.gate[1]);
	if (!err)
		err = charged(&after);
	return err ? err : bench_add_sample(trial, (after - before) / WAITERS);
}

static bool is_waited_for(const struct mechanism *how)
{
	return how->batch == 1 && how->send && how->recv &&
	       !(how->traits & (TRAIT_HARNESS | TRAIT_OWN));
}

static const struct point points[] = { { 64, 1 }, { 0, 0 } };
static const struct point small[] = { { 8, 1 }, { 0, 0 } };

const struct measure measure_memory_idle = {
	.name = "memory-idle",
	.about = "kernel memory of what is open and idle",
	.unit = "bytes",
	.flags = MEASURE_IDLE_MACHINE,
	.points = small,
	.suits = can_be_many,
	.run = run_idle,
};

const struct measure measure_memory_named = {
	.name = "memory-named",
	.about = "kernel memory of a mailbox that has a name and is not open",
	.unit = "bytes",
	.flags = MEASURE_IDLE_MACHINE,
	.points = small,
	.suits = is_mailbox,
	.run = run_named,
};

const struct measure measure_memory_queued = {
	.name = "memory-queued",
	.about = "kernel memory of a queued message",
	.unit = "bytes",
	.flags = MEASURE_IDLE_MACHINE,
	.points = points,
	.suits = queues,
	.run = run_queued,
};

const struct measure measure_memory_waiting = {
	.name = "memory-waiting",
	.about =
		"kernel memory of a process that waits, beside the process itself",
	.unit = "bytes",
	.flags = MEASURE_IDLE_MACHINE,
	.points = small,
	.suits = is_waited_for,
	.run = run_waiting,
};
