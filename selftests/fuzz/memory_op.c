// SPDX-License-Identifier: GPL-2.0-only
/* Mapping regions, and what can be done with mappings and memory. */
#include "actor.h"
#include "random.h"

#include <sys/mman.h>

#define MAP_ARG                 \
	{                       \
		"map", KIND_MAP \
	}

/* What was in its place is replaced. */
static long op_mmap(struct actor *me, const struct step *step)
{
	size_t len = resolve(me, step, 3);
	__u32 to = step_value(step, 0) % MAPS, what = step_value(step, 6);
	/* In pages, from one of the three places. */
	__u64 offset = step_value(step, 2) * 4096 +
		       (what == 1 ? MBX_REGION_OFFSET_SEQ :
			what == 2 ? MBX_REGION_OFFSET_WAITERS :
				    0);
	char *addr;

	if (len > ZONE_SIZE)
		len = ZONE_SIZE;
	addr = mmap(zone_of(to), len, resolve(me, step, 4),
		    resolve(me, step, 5) | MAP_FIXED, resolve(me, step, 1),
		    offset);
	if (addr == MAP_FAILED)
		return -errno;
	maps[to] = (struct mapping){ addr, len };
	return 0;
}

static long op_munmap(struct actor *me, const struct step *step)
{
	struct mapping *map = map_of(step, 0);
	size_t len = resolve(me, step, 1);

	if (!map->addr)
		return -EINVAL;
	return result_of(munmap(map->addr, len < ZONE_SIZE ? len : ZONE_SIZE));
}

static long op_mprotect(struct actor *me, const struct step *step)
{
	struct mapping *map = map_of(step, 0);

	return result_of(mprotect(map->addr, map->len, resolve(me, step, 1)));
}

/* In its place, or to that of another. */
static long op_mremap(struct actor *me, const struct step *step)
{
	__u32 from = step_value(step, 0) % MAPS,
	      to = step_value(step, 3) % MAPS;
	size_t old = step_value(step, 2) ? 0 : maps[from].len;
	size_t len = step_value(step, 1);
	char *addr;

	if (!maps[from].addr || len > ZONE_SIZE)
		return -EINVAL;
	if (from == to)
		addr = mremap(maps[from].addr, old, len, 0);
	else
		addr = mremap(maps[from].addr, old, len,
			      MREMAP_MAYMOVE | MREMAP_FIXED, zone_of(to));
	if (addr == MAP_FAILED)
		return -errno;
	maps[to] = (struct mapping){ addr, len };
	return 0;
}

static long op_madvise(struct actor *me, const struct step *step)
{
	static const int advice[] = { MADV_DONTNEED, MADV_REMOVE,
				      MADV_DONTFORK, MADV_WILLNEED,
				      MADV_FREE,     MADV_HUGEPAGE,
				      MADV_PAGEOUT,  MADV_POPULATE_WRITE };
	struct mapping *map = map_of(step, 0);

	return result_of(
		madvise(map->addr, map->len,
			advice[step_value(step, 1) % ARRAY_SIZE(advice)]));
}

/* A word of a mapping, read or changed; a missing page is -EFAULT. */
static long op_touch(struct actor *me, const struct step *step)
{
	char *at = map_of(step, 0)->addr + (step_value(step, 1) & ~3ULL);
	__u32 word;

	if (!copy_guarded(&word, at, sizeof(word)))
		return -EFAULT;
	word += step_value(step, 2);
	if (step_value(step, 2) && !copy_guarded(at, &word, sizeof(word)))
		return -EFAULT;
	return 0;
}

/*
 * Changes what another actor's call reads, while it is made: a word of its struct,
 * or of one of its arrays. Between processes memory is not shared.
 */
static long op_flip(struct actor *me, const struct step *step)
{
	char *at = memory_of(step_value(step, 0) % ACTORS) +
		   step_value(step, 1) % NEAR_DATA * NEAR_SIZE +
		   step_value(step, 2) % 128 * 4;
	__u32 old, other = step_value(step, 3), i;

	memcpy(&old, at, sizeof(old));
	for (i = 0; i < 2000; i++)
		*(volatile __u32 *)at = i & 1 ? old : other;
	return 0;
}

const struct op memory_ops[] = {
	{ "MMAP", 8, op_mmap,
	  .params = { MAP_ARG,
		      { "fd", KIND_FD, SLOT_REGION },
		      { "page", KIND_NUMBER, 0, 3 },
		      { "len", KIND_NUMBER, 4096, 16384 },
		      { "prot", KIND_FLAGS, PROT_READ | PROT_WRITE, 7 },
		      { "flags", KIND_FLAGS, MAP_SHARED,
			MAP_SHARED | MAP_PRIVATE | MAP_POPULATE | MAP_LOCKED },
		      { "what", KIND_NUMBER, 0, 2 } } },
	{ "MUNMAP", 4, op_munmap,
	  .params = { MAP_ARG, { "len", KIND_NUMBER, 4096, 16384 } } },
	{ "MPROTECT", 4, op_mprotect,
	  .params = { MAP_ARG,
		      { "prot", KIND_FLAGS, PROT_READ | PROT_WRITE, 7 } } },
	{ "MREMAP", 3, op_mremap,
	  .params = { MAP_ARG,
		      { "len", KIND_NUMBER, 8192, 1 << 20 },
		      { "copy", KIND_NUMBER, 0, 1 },
		      { "to", KIND_MAP } } },
	{ "MADVISE", 3, op_madvise,
	  .params = { MAP_ARG, { "advice", KIND_NUMBER, 0, 7 } } },
	{ "TOUCH", 6, op_touch,
	  .params = { MAP_ARG,
		      { "at", KIND_NUMBER, 0, 8192 },
		      { "add", KIND_NUMBER, 1, 2 } } },
	{ "FLIP", 4, op_flip,
	  .params = { { "actor", KIND_NUMBER, 0, 1 },
		      { "area", KIND_NUMBER, 0, 5 },
		      { "word", KIND_NUMBER, 0, 30 },
		      { "value", KIND_NUMBER, 0, 4096 } } },
	{ NULL }
};
