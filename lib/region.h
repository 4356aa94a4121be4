/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handle of a region
 *
 * Constant from its creation to mbx_region_close(), so it needs no lock. It
 * lies in private memory: what peers write into the mappings is only ever used
 * as a value, never as a size, an index or an address.
 */
#ifndef MBX_REGION_HANDLE_H
#define MBX_REGION_HANDLE_H

#include "internal.h"

struct mbx_region {
	int fd;
	unsigned int slots;
	bool writable;
	size_t bytes; /* of data */
	size_t data_len; /* of the mapping at data, whole pages */
	size_t control_len; /* of each of the mappings at seq and waiters */
	void *data;
	uint32_t *seq; /* peers write here */
	const uint32_t *waiters; /* only the kernel writes here */
};

#endif /* MBX_REGION_HANDLE_H */
