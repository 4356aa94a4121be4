/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that look random, the same for the same seed. */
#ifndef FUZZ_RANDOM_H
#define FUZZ_RANDOM_H

#include <linux/types.h>
#include <stdbool.h>

extern __u64 random_state;

static inline void random_init(__u64 seed)
{
	random_state = seed * 0x9e3779b97f4a7c15ULL + 1;
}

static inline __u64 random_64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1dULL;
}

static inline __u32 below(__u32 limit)
{
	return (random_64() >> 32) % limit;
}

static inline bool one_in(__u32 n)
{
	return !below(n);
}

#endif /* FUZZ_RANDOM_H */
