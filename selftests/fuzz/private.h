/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that the team has no part of: the less there is to copy, the faster a fork. */
#ifndef FUZZ_PRIVATE_H
#define FUZZ_PRIVATE_H

#include <stddef.h>
#include <sys/mman.h>

/* Zeroed, for good; NULL if there is none. */
static inline void *private_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, size, MADV_DONTFORK))
		return NULL;
	return memory;
}

#endif /* FUZZ_PRIVATE_H */
