/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A region: shared memory, and slots on which to wait for a change of it
 *
 * Each slot has a sequence word, which users increment, and a list of watches:
 * one for each waiting call and one for each open file that is subscribed. The
 * number of watches is published in the waiters page, so that who notifies with
 * nobody watching need not enter the kernel.
 *
 * No wake-up is lost between looking at a sequence word and sleeping:
 *
 *   waiter                               notifier (user space)
 *   ------                               --------
 *   waiters[slot]++ (published)          seq[slot]++ (read-modify-write,
 *   smp_mb()                                          a full barrier)
 *   reads seq[slot]                      reads waiters[slot]
 *
 * Each writes before it reads the other's word, with a full barrier between: at
 * least one of them sees the other. If the waiter sees the increment it does not
 * sleep; if the notifier sees the waiter it calls MBX_IOC_REGION_NOTIFY, which
 * takes the lock under which the watch was added, finds it, and wakes it.
 */
#ifndef MBX_REGION_H
#define MBX_REGION_H

#include <linux/spinlock.h>

#include "object.h"
#include "wait.h"

struct mbx_region;

struct mbx_region_attr {
	struct mbx_object_attr object;
	u32 slots;
	u64 bytes;
};

/**
 * struct mbx_watch - somebody who wants to know when a slot moves
 * @link: in the slot's list, or empty; under the region's lock
 * @slot: number of the slot; constant while linked
 * @moved: called under the region's lock when the slot has moved, or the region
 *	has died; it may unlink this watch and no other. Returns whether it woke
 *	somebody who was not being woken already. NULL in a mark: where somebody
 *	goes on who has told a part of the list
 */
struct mbx_watch {
	struct list_head link;
	u32 slot;
	bool (*moved)(struct mbx_region *region, struct mbx_watch *watch,
		      struct mbx_wakes *wakes);
};

struct mbx_slot_watches {
	struct list_head list; /* struct mbx_watch */
	u32 count;
};

struct mbx_region {
	struct mbx_object obj;

	/* Constant after creation. */
	struct file *mem; /* see region_mem.h */
	u32 *seq; /* users write here */
	u32 *waiters; /* never read */
	u64 bytes;
	u32 nslots;

	/* Under lock. */
	spinlock_t lock;
	bool dead;
	u32 waiting; /* calls */
	u32 subscribers; /* open files with a subscription */
	u64 notified;
	u64 woken;

	struct list_head
		handles; /* struct mbx_region_handle, see region_file.h */

	struct mbx_slot_watches slots[];
};

struct mbx_object *mbx_region_create(const struct mbx_region_attr *attr,
				     const struct mbx_name *name);
u64 mbx_region_all_slots(const struct mbx_region *region);
bool mbx_region_mask_valid(const struct mbx_region *region, u64 slot_mask);
void mbx_region_watch(struct mbx_region *region, struct mbx_watch *watch);
void mbx_region_unwatch(struct mbx_region *region, struct mbx_watch *watch);
long mbx_region_tell(struct mbx_region *region, u64 slot_mask,
		     struct mbx_wakes *wakes);
long mbx_region_notify(struct mbx_region *region, u64 slot_mask);
long mbx_region_wait(struct mbx_region *region, struct mbx_slot *slots,
		     u32 count, const struct mbx_patience *patience);
void mbx_region_stat(struct mbx_region *region, struct mbx_region_stat *stat);

static inline u32 mbx_region_seq(const struct mbx_region *region, u32 slot)
{
	/* Who is told this word finds what was written before the move. */
	return smp_load_acquire(&region->seq[slot]);
}

static inline bool mbx_region_is_dead(const struct mbx_region *region)
{
	/* Who finds no move after this has missed none that the owner has made. */
	return smp_load_acquire(&region->dead);
}

static inline struct mbx_region *mbx_to_region(struct mbx_object *obj)
{
	return container_of(obj, struct mbx_region, obj);
}

#endif /* MBX_REGION_H */
