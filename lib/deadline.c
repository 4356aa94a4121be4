// SPDX-License-Identifier: LGPL-2.1-or-later
/* Deadlines from time spans. */
#include <time.h>

#include "internal.h"

#define NS_PER_MS 1000000ULL
#define NS_PER_SEC 1000000000ULL

static uint64_t now(void)
{
	struct timespec time;

	/* Can't fail: the clock exists everywhere and &time is writable. */
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NS_PER_SEC + (uint64_t)time.tv_nsec;
}

uint64_t mbx_deadline(uint64_t timeout_ns)
{
	uint64_t start = now();

	if (timeout_ns > MBX_DEADLINE_MAX - start)
		return MBX_DEADLINE_MAX;
	/* 0 would mean to wait for ever. */
	return start + timeout_ns ? start + timeout_ns : 1;
}

uint64_t mbx_deadline_ms(uint64_t timeout_ms)
{
	if (timeout_ms > UINT64_MAX / NS_PER_MS)
		return MBX_DEADLINE_MAX;
	return mbx_deadline(timeout_ms * NS_PER_MS);
}
