// SPDX-License-Identifier: LGPL-2.1-or-later
/* Slots of a region: notify and wait, without the kernel where possible. */
#include <assert.h>
#include <errno.h>

#include "region.h"

static uint32_t read_seq(const struct mbx_region *region, unsigned int slot)
{
	return __atomic_load_n(&region->seq[slot], __ATOMIC_ACQUIRE);
}

static bool has_slots(const struct mbx_region *region, uint64_t mask)
{
	return region->slots >= MBX_SLOTS_MAX || !(mask >> region->slots);
}

uint32_t mbx_region_seq(const struct mbx_region *region, unsigned int slot)
{
	return slot < region->slots ? read_seq(region, slot) : 0;
}

/*
 * Moves the slot and tells whether the kernel has to wake somebody. Either we
 * see the waiter or it sees the slot moved:
 *
 *	notifier			waiter, in the kernel
 *	1 seq = seq + 1			a waiters = waiters + 1
 *	2 read waiters			b read seq, sleep if it is as last seen
 *
 * Both sides have a full barrier in the middle, so of 2 and b at least one
 * reads what the other side has written before it. Here the barrier is that
 * both accesses are sequentially consistent.
 */
static bool move_slot(struct mbx_region *region, unsigned int slot)
{
	__atomic_add_fetch(&region->seq[slot], 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&region->waiters[slot], __ATOMIC_SEQ_CST) != 0;
}

static int wake_slots(struct mbx_region *region, uint64_t slot_mask)
{
	struct mbx_region_notify request = {
		.size = sizeof(request),
		.slot_mask = slot_mask,
	};

	return mbx_sys_ioctl(region->fd, MBX_IOC_REGION_NOTIFY, &request);
}

int mbx_region_notify_mask(struct mbx_region *region, uint64_t slot_mask)
{
	uint64_t rest, awaited = 0;

	if (!region->writable)
		return -EBADF;
	if (!slot_mask || !has_slots(region, slot_mask))
		return -EINVAL;
	for (rest = slot_mask; rest; rest &= rest - 1)
		if (move_slot(region, (unsigned int)__builtin_ctzll(rest)))
			awaited |= rest & -rest;
	return awaited ? wake_slots(region, awaited) : 0;
}

int mbx_region_notify(struct mbx_region *region, unsigned int slot)
{
	if (!region->writable)
		return -EBADF;
	if (slot >= region->slots)
		return -EINVAL;
	return move_slot(region, slot) ? wake_slots(region, 1ULL << slot) : 0;
}

/*
 * How many of the slots have moved; the words found go into @slots, unless one
 * of them is wrong. A word is read once only: a peer may change it meanwhile.
 */
static int look(const struct mbx_region *region, struct mbx_slot *slots,
		unsigned int count)
{
	uint32_t found[MBX_SLOTS_MAX];
	unsigned int i;
	int moved = 0;

	for (i = 0; i < count; i++) {
		if (slots[i].slot >= region->slots)
			return -EINVAL;
		found[i] = read_seq(region, slots[i].slot);
		moved += found[i] != slots[i].seq;
	}
	for (i = 0; i < count; i++)
		slots[i].seq = found[i];
	return moved;
}

static int wait_slots(struct mbx_region *region, struct mbx_slot *slots,
		      unsigned int count, const struct mbx_wait_opts *opts)
{
	struct mbx_region_wait request = {
		.size = sizeof(request),
		.flags = opts->flags,
		.slots = (uintptr_t)slots,
		.count = count,
		.elem_size = sizeof(*slots),
		.deadline_ns = opts->deadline_ns,
	};
	int moved;

	/* What may be wrong, or of a later kernel, is the kernel's to judge. */
	if (count && count <= MBX_SLOTS_MAX &&
	    !(opts->flags & ~MBX_WAIT_NONBLOCK) &&
	    opts->deadline_ns <= MBX_DEADLINE_MAX) {
		moved = look(region, slots, count);
		if (moved)
			return moved;
	}
	return mbx_sys_ioctl(region->fd, MBX_IOC_REGION_WAIT, &request);
}

int mbx_region_wait_many(struct mbx_region *region, struct mbx_slot *slots,
			 unsigned int count, const struct mbx_wait_opts *opts)
{
	struct mbx_wait_opts known;
	int ret =
		mbx_opts_get(&known, sizeof(known), MBX_WAIT_OPTS_FIRST, opts);

	return ret ? ret : wait_slots(region, slots, count, &known);
}

int mbx_region_wait(struct mbx_region *region, unsigned int slot,
		    uint32_t last_seq, uint64_t deadline_ns, unsigned int flags,
		    uint32_t *seq)
{
	struct mbx_wait_opts opts = { .flags = flags,
				      .deadline_ns = deadline_ns };
	struct mbx_slot one = { .slot = slot, .seq = last_seq };
	int ret = wait_slots(region, &one, 1, &opts);

	if (ret < 0)
		return ret;
	if (seq)
		*seq = one.seq;
	return 0;
}

int mbx_region_subscribe(struct mbx_region *region, uint64_t slot_mask)
{
	struct mbx_region_subscribe request = {
		.size = sizeof(request),
		.slot_mask = slot_mask,
	};

	return mbx_sys_ioctl(region->fd, MBX_IOC_REGION_SUBSCRIBE, &request);
}

int mbx_region_read_moved(struct mbx_region *region, struct mbx_slot *slots,
			  unsigned int count)
{
	size_t most = count < MBX_SLOTS_MAX ? count : MBX_SLOTS_MAX;
	ssize_t ret = mbx_sys_read(region->fd, slots, most * sizeof(*slots));

	return (int)(ret < 0 ? ret : ret / (ssize_t)sizeof(*slots));
}

static_assert(sizeof(struct mbx_slot) == 8,
	      "read(2) gives no element size, so a slot can't grow");
