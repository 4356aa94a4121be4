// SPDX-License-Identifier: GPL-2.0-only
/* Coverage: which edges of the module a sequence has taken. */
#include "cover.h"
#include "private.h"

#include <linux/kcov.h>
#include <sys/mman.h>

#define KCOV_FILE "/sys/kernel/debug/kcov"
#define POINTS_MAX (1UL << 13)
/* Edges are told apart by so many bits of a hash: a few thousand are expected. */
#define EDGE_BITS 18
#define EDGES_MAX (1U << EDGE_BITS)

/* The kernel's buffer: a counter, then the points. */
static struct {
	int fd;
	unsigned long *points;
} covers[ACTORS];

static struct {
	bool known[EDGES_MAX];
	bool taken[EDGES_MAX];
	__u32 list[EDGES_MAX]; /* of those taken */
} * edges;
static __u32 taken_count, known_count;

bool cover_init(void)
{
	__u32 i;

	edges = private_memory(sizeof(*edges));
	if (!edges)
		return false;
	for (i = 0; i < ACTORS; i++) {
		covers[i].fd = open(KCOV_FILE, O_RDWR | O_CLOEXEC);
		if (covers[i].fd < 0 ||
		    ioctl(covers[i].fd, KCOV_INIT_TRACE, POINTS_MAX)) {
			perror(KCOV_FILE);
			return false;
		}
		covers[i].points = mmap(NULL, POINTS_MAX * sizeof(long),
					PROT_READ | PROT_WRITE, MAP_SHARED,
					covers[i].fd, 0);
		if (covers[i].points == MAP_FAILED) {
			perror("mapping " KCOV_FILE);
			return false;
		}
	}
	return true;
}

void cover_begin(__u32 actor)
{
	if (ioctl(covers[actor].fd, KCOV_ENABLE, KCOV_TRACE_PC))
		perror("KCOV_ENABLE");
}

__u64 cover_points(__u32 actor)
{
	return __atomic_load_n(&covers[actor].points[0], __ATOMIC_RELAXED);
}

void cover_clear(void)
{
	__u32 i;

	for (i = 0; i < ACTORS; i++)
		__atomic_store_n(&covers[i].points[0], 0, __ATOMIC_RELAXED);
	for (i = 0; i < taken_count; i++)
		edges->taken[edges->list[i]] = false;
	taken_count = 0;
}

static void take(__u64 from, __u64 to)
{
	__u64 hash = (from * 31 + to) * 0x9e3779b97f4a7c15ULL;
	__u32 edge = hash >> (64 - EDGE_BITS);

	if (edges->taken[edge])
		return;
	edges->taken[edge] = true;
	edges->list[taken_count++] = edge;
}

/* A call that has not ended has gone as far as its actor has. */
static void collect_step(__u32 i)
{
	const struct progress *progress = &team->progress[i];
	__u32 actor = team->seq.steps[i].actor;
	__u64 end, point, last = 0;

	end = progress->state == STEP_DONE ? progress->cover_end :
					     cover_points(actor);
	for (point = progress->cover_begin; point < end; point++) {
		take(last, covers[actor].points[point + 1]);
		last = covers[actor].points[point + 1];
	}
}

void cover_collect(void)
{
	__u32 i;

	for (i = 0; i < team->seq.count; i++)
		if (team->progress[i].state >= STEP_BEGUN)
			collect_step(i);
}

__u32 cover_new(__u32 *list, __u32 max)
{
	__u32 i, found = 0;

	for (i = 0; i < taken_count && found < max; i++)
		if (!edges->known[edges->list[i]])
			list[found++] = edges->list[i];
	return found;
}

bool cover_has(const __u32 *list, __u32 count)
{
	while (count--)
		if (!edges->taken[list[count]])
			return false;
	return true;
}

void cover_keep(void)
{
	__u32 i;

	for (i = 0; i < taken_count; i++) {
		known_count += !edges->known[edges->list[i]];
		edges->known[edges->list[i]] = true;
	}
}

__u32 cover_total(void)
{
	return known_count;
}
