// SPDX-License-Identifier: GPL-2.0-only
/* What it costs to use one mailbox among many. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <mbx.h>

#include "measures.h"

/* How many of them are used, spread over all. */
#define USED 100

struct many {
	struct channel *channels;
	unsigned int count;
	unsigned int used;
};

static struct channel *nth_used(struct many *many, unsigned int n)
{
	return &many->channels[(size_t)n * many->count / many->used];
}

static int use_some(void *arg)
{
	struct many *many = arg;
	struct channel *ch;
	unsigned int i;
	int err = 0;

	for (i = 0; i < many->used && !err; i++) {
		ch = nth_used(many, i);
		err = ch->how->send(ch);
		if (!err)
			err = ch->how->recv(ch);
	}
	return err;
}

/* The limit is that of the trial alone. */
static void allow_descriptors(unsigned int count)
{
	struct rlimit limit = { count + 100, count + 100 };

	if (!setrlimit(RLIMIT_NOFILE, &limit) ||
	    getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_all(struct many *many, struct trial *trial)
{
	unsigned int i;
	int err = 0;

	many->count = trial->point.count;
	many->used = many->count < USED ? many->count : USED;
	many->channels = calloc(many->count, sizeof(*many->channels));
	if (!many->channels)
		return -ENOMEM;
	allow_descriptors(many->count);
	for (i = 0; i < many->count && !err; i++)
		err = bench_open(&many->channels[i], trial, BENCH_DEPTH);
	return err;
}

static int run_open(struct trial *trial)
{
	struct many many = { 0 };
	int err = open_all(&many, trial);

	return err ? err : bench_time(trial, use_some, &many, many.used);
}

/* A bare mailbox: the others are built upon it. */
static bool suits(const struct mechanism *how)
{
	return how->traits & TRAIT_MAILBOX;
}

static const struct point points[] = {
	{ 64, 1 }, { 64, 100 }, { 64, 10000 }, { 64, 100000 }, { 0, 0 },
};

const struct measure measure_objects = {
	.name = "objects",
	.about =
		"send and receive, in one of so many open mailboxes after the other",
	.points = points,
	.suits = suits,
	.run = run_open,
};

/* --- names ------------------------------------------------------------------- */

struct names {
	unsigned int count;
	unsigned int used;
	int pid; /* to tell them from those of others */
};

static void name_of(char name[40], const struct names *names, unsigned int n)
{
	snprintf(name, 40, "bench-%d/%06u", names->pid, n);
}

static int open_by_name(void *arg)
{
	const struct names *names = arg;
	char name[40];
	unsigned int i;
	int fd;

	for (i = 0; i < names->used; i++) {
		name_of(name, names,
			(unsigned int)((size_t)i * names->count / names->used));
		fd = mbx_open(name, MBX_WRITE);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

static int create_names(struct names *names)
{
	char name[40];
	int fd;

	for (; names->count; names->count--) {
		name_of(name, names, names->count - 1);
		fd = mbx_open(name, MBX_CREATE | MBX_EXCL | MBX_READ);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

static void remove_names(const struct names *names, unsigned int from)
{
	char name[40];
	unsigned int i;

	for (i = from; i < names->count; i++) {
		name_of(name, names, i);
		mbx_unlink(name);
	}
}

static int run_names(struct trial *trial)
{
	struct names names = { .count = trial->point.count, .pid = getpid() };
	int err = create_names(&names);
	unsigned int left = names.count;

	names.count = trial->point.count;
	names.used = names.count < USED ? names.count : USED;
	if (!err)
		err = bench_time(trial, open_by_name, &names, names.used);
	remove_names(&names, left);
	return err;
}

const struct measure measure_names = {
	.name = "names",
	.about =
		"open by name and close, one of so many mailboxes after the other",
	.points = points,
	.suits = suits,
	.run = run_names,
};
