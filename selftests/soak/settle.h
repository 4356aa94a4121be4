/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel holds when nobody does anything, to be compared
 *
 * The kernel frees in its own time: after a grace period, in batches, from caches
 * of each processor. So what counts is a state that comes, not the first look.
 */
#ifndef SOAK_SETTLE_H
#define SOAK_SETTLE_H

/* Before anything: a control group of our own, and what the users have. */
void settle_begin(void);
/* After a round that has warmed up all caches: what it settles at. */
void settle_baseline(void);
/* After another: is it back there? */
void settle_compare(void);

#endif /* SOAK_SETTLE_H */
