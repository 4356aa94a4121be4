/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping regions, moving their slots and waiting for them, for the tests. */
#ifndef MBX_TEST_REGION_H
#define MBX_TEST_REGION_H

#include "mbx_test.h"

#include <sys/mman.h>

static inline size_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* MAP_SHARED; NULL and errno if it fails. */
static inline void *map_at(int fd, size_t len, int prot, __u64 offset)
{
	void *addr = mmap(NULL, len, prot, MAP_SHARED, fd, offset);

	return addr == MAP_FAILED ? NULL : addr;
}

static inline void *map_data(int fd, size_t len)
{
	return map_at(fd, len, PROT_READ | PROT_WRITE, 0);
}

static inline __u32 *map_seq(int fd)
{
	return map_at(fd, page_size(), PROT_READ | PROT_WRITE,
		      MBX_REGION_OFFSET_SEQ);
}

static inline const __u32 *map_waiters(int fd)
{
	return map_at(fd, page_size(), PROT_READ, MBX_REGION_OFFSET_WAITERS);
}

/* The error of a mapping that must not be possible; 0 if it was. */
static inline int map_error(int fd, size_t len, int prot, int flags,
			    __u64 offset)
{
	void *addr = mmap(NULL, len, prot, flags, fd, offset);

	if (addr == MAP_FAILED)
		return -errno;
	munmap(addr, len);
	return 0;
}

static inline __u32 word(const __u32 *p)
{
	return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

static inline void move_slot(__u32 *seq, __u32 slot)
{
	__atomic_add_fetch(seq + slot, 1, __ATOMIC_SEQ_CST);
}

static inline int notify(int fd, __u64 slot_mask)
{
	struct mbx_region_notify args = { .size = sizeof(args),
					  .slot_mask = slot_mask };

	return call(fd, MBX_IOC_REGION_NOTIFY, &args);
}

/* Move one slot and tell; returns how many were woken. */
static inline int announce(int fd, __u32 *seq, __u32 slot)
{
	move_slot(seq, slot);
	return notify(fd, 1ULL << slot);
}

static inline int subscribe(int fd, __u64 slot_mask)
{
	struct mbx_region_subscribe args = { .size = sizeof(args),
					     .slot_mask = slot_mask };

	return call(fd, MBX_IOC_REGION_SUBSCRIBE, &args);
}

static inline int do_wait_slots(int fd, struct mbx_slot *slots, __u32 count,
				struct mbx_region_wait args)
{
	args.size = sizeof(args);
	args.slots = (uintptr_t)slots;
	args.count = count;
	args.elem_size = sizeof(*slots);
	return call(fd, MBX_IOC_REGION_WAIT, &args);
}

/* wait_slots(fd, slots, count, .flags = ..., .deadline_ns = ...) */
#define wait_slots(fd, slots, count, ...) \
	do_wait_slots(fd, slots, count, (struct mbx_region_wait){ __VA_ARGS__ })

static inline struct mbx_region_stat region_stat(int fd)
{
	struct mbx_region_stat args = { .size = sizeof(args) };

	if (call(fd, MBX_IOC_REGION_STAT, &args) < 0)
		memset(&args, 0xff, sizeof(args));
	return args;
}

static inline bool waiters_are(int fd, __u32 count)
{
	return wait_until(region_stat(fd).waiters == count);
}

#endif /* MBX_TEST_REGION_H */
