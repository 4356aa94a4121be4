/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that ends, for tests of faults. */
#ifndef MBX_TEST_MEMORY_H
#define MBX_TEST_MEMORY_H

#include "mbx_test.h"

#include <sys/mman.h>

/*
 * Two pages that can be used, and one behind them that can't be touched at all:
 *
 *   start                 end
 *   |  page  |  page  |   |  nothing  |
 */
struct cliff {
	char *start;
	char *end;
};

static inline int cliff_init(struct cliff *cliff)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *addr = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (addr == MAP_FAILED)
		return -errno;
	cliff->start = addr;
	cliff->end = addr + 2 * page;
	return result_of(mprotect(cliff->end, page, PROT_NONE));
}

static inline int cliff_protect(struct cliff *cliff, int prot)
{
	return result_of(
		mprotect(cliff->start, cliff->end - cliff->start, prot));
}

/* Addresses at which nothing can be read or written, in any process. */
static const __u64 nowhere[] = {
	0,
	8,
	1ULL << 47, /* not canonical on x86 with 4 levels */
	1ULL << 63,
	0xffff888000000000ULL, /* the kernel's on x86 */
	~0ULL - 4095,
	~0ULL - 7,
};

/* Of 32 bits, in a program that has no more. */
static inline void *pointer(__u64 address)
{
	return (void *)(uintptr_t)address;
}

#endif /* MBX_TEST_MEMORY_H */
