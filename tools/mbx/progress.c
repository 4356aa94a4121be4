// SPDX-License-Identifier: GPL-2.0-only
/* Progress of a long transfer. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define LONG_TRANSFER 1048576
#define INTERVAL_NS 100000000
#define MIB 1048576.0

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void draw(struct progress *progress)
{
	fprintf(stderr, "\r%s: %.1f MiB", progress->what,
		(double)progress->done / MIB);
	if (progress->total)
		fprintf(stderr, " of %.1f MiB (%d%%)",
			(double)progress->total / MIB,
			(int)((double)progress->done * 100 /
			      (double)progress->total));
	progress->shown = true;
}

void progress_begin(struct progress *progress, const char *what, uint64_t total)
{
	*progress = (struct progress){ .what = what, .total = total };
	progress->enabled = isatty(STDERR_FILENO) &&
			    (!total || total >= LONG_TRANSFER);
}

void progress_add(struct progress *progress, uint64_t bytes)
{
	uint64_t now;

	progress->done += bytes;
	if (!progress->enabled || progress->done < LONG_TRANSFER)
		return;
	now = now_ns();
	if (now < progress->next_ns)
		return;
	progress->next_ns = now + INTERVAL_NS;
	draw(progress);
}

void progress_end(struct progress *progress)
{
	if (!progress->shown)
		return;
	draw(progress);
	putc('\n', stderr);
	progress->shown = false;
}
