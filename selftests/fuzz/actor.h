/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the one who makes a call has: its process's tables, and memory
 */
#ifndef FUZZ_ACTOR_H
#define FUZZ_ACTOR_H

#include "kind.h"
#include "slots.h"
#include "team.h"

struct mapping {
	char *addr;
	size_t len;
};

/**
 * struct actor - a thread that makes calls
 * @number: which one
 * @memory: where it puts what it hands to the kernel
 * @fail: descriptor that says what is to fail for this thread, or -1
 * @other_user: it is not what it was at the start
 */
struct actor {
	__u32 number;
	char *memory;
	int fail;
	bool other_user;
};

/* Of this process, shared by its threads. */
extern int slots[SLOTS];
extern struct mapping maps[MAPS];

/* The descriptor that a value names; of the table, or a number as it is. */
int fd_of(__u64 value);
/* Puts a descriptor into the table, in the place of another. Returns it. */
long put_fd(__u64 slot, long fd);
/* Takes it out, or returns -1. */
int take_fd(__u64 slot);

/* What the kernel is told for argument @i of a step. */
__u64 resolve(const struct actor *me, const struct step *step, __u32 i);

/*
 * The place of argument @i: where near memory is meant, the one of several that
 * @which says.
 */
char *place_of(const struct actor *me, const struct step *step, __u32 i,
	       __u32 which);

/* --- memory --- */

/* Near memory is so large; behind the last of the actor there is none. */
#define NEAR_SIZE 0x4000
enum near { NEAR_STRUCT, NEAR_NEST, NEAR_ARRAY, NEAR_DATA = NEAR_ARRAY + 4 };
#define NEARS (NEAR_DATA + 1)

/* Before anything else. Returns false if there is none. */
bool memory_init(void);
char *memory_of(__u32 actor);

/* Where a mapping of the table goes, if it is no larger than this. */
#define ZONE_SIZE (64UL << 20)
char *zone_of(__u32 map);
/* Everything in the zones is unmapped. */
void memory_unmap(void);

/* Copies as far as there is memory; returns false if that ended too early. */
bool copy_guarded(void *to, const void *from, size_t len);
/* The process's handler for memory that is not there. */
void guard_init(void);

/* Commands that take descriptors, mappings and tokens call these. */
static inline struct mapping *map_of(const struct step *step, __u32 i)
{
	return &maps[step_value(step, i) % MAPS];
}

#endif /* FUZZ_ACTOR_H */
