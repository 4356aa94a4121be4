/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads that do something again and again beside a test. */
#ifndef MBX_TEST_RACE_H
#define MBX_TEST_RACE_H

#include "mbx_test.h"

#include <pthread.h>

struct racer {
	void (*turn)(void *arg); /* once */
	void *arg;
	bool stop;
	unsigned long turns; /* how often, after racer_end() */
	pthread_t thread;
};

static inline void *racer_thread(void *arg)
{
	struct racer *racer = arg;

	while (!__atomic_load_n(&racer->stop, __ATOMIC_ACQUIRE)) {
		racer->turn(racer->arg);
		racer->turns++;
	}
	return NULL;
}

/* Returns 0 or an error number. */
static inline int racer_begin(struct racer *racer, void (*turn)(void *arg),
			      void *arg)
{
	*racer = (struct racer){ .turn = turn, .arg = arg };
	return pthread_create(&racer->thread, NULL, racer_thread, racer);
}

static inline void racer_end(struct racer *racer)
{
	__atomic_store_n(&racer->stop, true, __ATOMIC_RELEASE);
	pthread_join(racer->thread, NULL);
}

/* Numbers that look random, the same in every run. */
static inline __u32 next_random(__u32 *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

#endif /* MBX_TEST_RACE_H */
