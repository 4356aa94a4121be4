/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coverage: which edges of the module a sequence has taken
 *
 * The kernel (KCOV) notes for a thread each point of the module that it passes. An
 * edge is two points, one after the other, within one call; or the first one.
 */
#ifndef FUZZ_COVER_H
#define FUZZ_COVER_H

#include "team.h"

/* As root, before a team is started. Returns false, with a complaint. */
bool cover_init(void);
/* For an actor, in its thread. */
void cover_begin(__u32 actor);
/* How many points it has passed. */
__u64 cover_points(__u32 actor);

/* Before a team is started. */
void cover_clear(void);
/* After it has ended. */
void cover_collect(void);

/* The edges of the last run that no other has taken; how many, at most @max. */
__u32 cover_new(__u32 *list, __u32 max);
/* Has the last run taken all of these? */
bool cover_has(const __u32 *list, __u32 count);
/* The edges of the last run count as taken. */
void cover_keep(void);
/* How many there are. */
__u32 cover_total(void);

#endif /* FUZZ_COVER_H */
