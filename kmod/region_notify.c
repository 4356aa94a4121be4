// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for slots to move, and waking those who do. */
#include <linux/bitops.h>
#include <linux/nospec.h>
#include <linux/slab.h>

#include "compat.h"
#include "region.h"

/* Most calls wait on a few slots; these need no allocation. */
#define INLINE_WATCHES 4

/*
 * So that nobody keeps the region's lock for long however many watch. The marks of
 * others who notify at the same time are passed beyond that.
 */
#define WATCHES_AT_ONCE 64

struct wait_call {
	struct mbx_waiter waiter;
	struct slot_watch *watches;
	struct mbx_slot *slots;
	u32 count;
};

struct slot_watch {
	struct mbx_watch watch;
	struct wait_call *call;
};

/* The kernel's own count is the truth; the page only tells user space. */
static void publish(struct mbx_region *region, u32 slot)
{
	lockdep_assert_held(&region->lock);
	WRITE_ONCE(region->waiters[slot], region->slots[slot].count);
}

/**
 * mbx_region_watch - add a watch to its slot; under the region's lock
 * @region: the region
 * @watch: an unlinked watch, with its slot set
 *
 * The caller needs a full barrier before it reads the sequence word.
 */
void mbx_region_watch(struct mbx_region *region, struct mbx_watch *watch)
{
	struct mbx_slot_watches *watches = &region->slots[watch->slot];

	lockdep_assert_held(&region->lock);
	list_add_tail(&watch->link, &watches->list);
	watches->count++;
	publish(region, watch->slot);
}

/**
 * mbx_region_unwatch - remove a watch if it is linked; under the region's lock
 * @region: the region
 * @watch: the watch
 */
void mbx_region_unwatch(struct mbx_region *region, struct mbx_watch *watch)
{
	lockdep_assert_held(&region->lock);
	if (list_empty(&watch->link))
		return;
	list_del_init(&watch->link);
	region->slots[watch->slot].count--;
	publish(region, watch->slot);
}

/**
 * mbx_region_all_slots - the mask of all slots of a region
 * @region: the region
 */
u64 mbx_region_all_slots(const struct mbx_region *region)
{
	return GENMASK_ULL(region->nslots - 1, 0);
}

/**
 * mbx_region_mask_valid - does the region have all these slots?
 * @region: the region
 * @slot_mask: bit n for slot n
 */
bool mbx_region_mask_valid(const struct mbx_region *region, u64 slot_mask)
{
	return !(slot_mask & ~mbx_region_all_slots(region));
}

/* Lets others have the lock; returns what then stands where @next stood. */
static struct list_head *let_others_in(struct mbx_region *region,
				       struct list_head *next,
				       struct mbx_wakes *wakes)
{
	struct mbx_watch mark = { .moved = NULL };

	list_add_tail(&mark.link, next);
	spin_unlock(&region->lock);
	mbx_wake(wakes);
	cond_resched();
	spin_lock(&region->lock);
	next = mark.link.next;
	list_del(&mark.link);
	return next;
}

/* Returns how many of those who watch a slot that has woken. */
static long tell_slot(struct mbx_region *region, u32 slot, u32 *budget,
		      struct mbx_wakes *wakes)
{
	struct list_head *list = &region->slots[slot].list, *pos, *next;
	u32 left = region->slots[slot].count;
	struct mbx_watch *watch;
	long woken = 0;

	for (pos = list->next; left && pos != list; pos = next) {
		next = pos->next;
		watch = list_entry(pos, struct mbx_watch, link);
		/* A mark counts for nothing: two could pass each other's for ever. */
		if (!watch->moved)
			continue;
		left--;
		woken += watch->moved(region, watch, wakes);
		if (--*budget)
			continue;
		next = let_others_in(region, next, wakes);
		*budget = WATCHES_AT_ONCE;
	}
	return woken;
}

/**
 * mbx_region_tell - tell those who watch some slots; under the region's lock
 * @region: the region
 * @slot_mask: bit n for slot n, checked
 * @wakes: for mbx_wake() after unlocking
 *
 * The lock is released and taken again when they are many. Whoever comes then
 * stands behind those who are to be told, and may be told too.
 *
 * Return: how many of them that has woken.
 */
long mbx_region_tell(struct mbx_region *region, u64 slot_mask,
		     struct mbx_wakes *wakes)
{
	u32 slot, budget = WATCHES_AT_ONCE;
	long woken = 0;

	lockdep_assert_held(&region->lock);
	for (; slot_mask; slot_mask &= slot_mask - 1) {
		slot = array_index_nospec(__ffs64(slot_mask), region->nslots);
		woken += tell_slot(region, slot, &budget, wakes);
	}
	return woken;
}

/**
 * mbx_region_notify - tell those who watch slots that these have moved
 * @region: the region
 * @slot_mask: bit n for slot n, checked
 *
 * Return: how many waiting calls and subscriptions that were, or -EOWNERDEAD.
 */
long mbx_region_notify(struct mbx_region *region, u64 slot_mask)
{
	struct mbx_wakes wakes mbx_uninitialized;
	long woken;

	mbx_wakes_init(&wakes);
	spin_lock(&region->lock);
	if (region->dead) {
		spin_unlock(&region->lock);
		return -EOWNERDEAD;
	}
	region->notified++;
	woken = mbx_region_tell(region, slot_mask, &wakes);
	region->woken += woken;
	spin_unlock(&region->lock);
	mbx_wake(&wakes);
	return woken;
}

/* A watch goes when it has fired, so that the next notification need not enter. */
static bool wake_call(struct mbx_region *region, struct mbx_watch *watch,
		      struct mbx_wakes *wakes)
{
	struct wait_call *call =
		container_of(watch, struct slot_watch, watch)->call;

	mbx_region_unwatch(region, watch);
	if (call->waiter.decided)
		return false;
	region->waiting--;
	mbx_waiter_decide(&call->waiter, 0, wakes);
	return true;
}

static void begin_wait(struct mbx_region *region, struct wait_call *call)
{
	u32 i;

	mbx_waiter_init(&call->waiter);
	spin_lock(&region->lock);
	region->waiting++;
	for (i = 0; i < call->count; i++) {
		call->watches[i].call = call;
		call->watches[i].watch.slot = call->slots[i].slot;
		call->watches[i].watch.moved = wake_call;
		mbx_region_watch(region, &call->watches[i].watch);
	}
	spin_unlock(&region->lock);
	/* Between publishing the watches and reading the words: see region.h. */
	smp_mb();
}

static void end_wait(struct mbx_region *region, struct wait_call *call)
{
	u32 i;

	spin_lock(&region->lock);
	for (i = 0; i < call->count; i++)
		mbx_region_unwatch(region, &call->watches[i].watch);
	if (!call->waiter.decided)
		region->waiting--;
	spin_unlock(&region->lock);
}

static u32 count_moved(const struct mbx_region *region,
		       const struct wait_call *call)
{
	u32 i, moved = 0;

	for (i = 0; i < call->count; i++)
		moved += mbx_region_seq(region, call->slots[i].slot) !=
			 call->slots[i].seq;
	return moved;
}

static u32 report_moved(const struct mbx_region *region, struct wait_call *call)
{
	u32 i, seq, moved = 0;

	for (i = 0; i < call->count; i++) {
		seq = mbx_region_seq(region, call->slots[i].slot);
		moved += seq != call->slots[i].seq;
		call->slots[i].seq = seq;
	}
	return moved;
}

static int wait_once(struct mbx_region *region, struct wait_call *call,
		     u64 deadline_ns)
{
	int err = 0;

	begin_wait(region, call);
	if (!count_moved(region, call) && !mbx_region_is_dead(region))
		err = mbx_waiter_sleep(&call->waiter, deadline_ns);
	end_wait(region, call);
	return err;
}

/*
 * A word that moves back between two looks (a hostile peer, or a wrap) only
 * makes the one who waits go on waiting.
 */
static long wait_until_moved(struct mbx_region *region, struct wait_call *call,
			     const struct mbx_patience *patience)
{
	bool dead;
	u32 moved;
	int err = 0;

	for (;;) {
		dead = mbx_region_is_dead(region);
		moved = count_moved(region, call) ? report_moved(region, call) :
						    0;
		if (moved)
			return moved;
		if (dead)
			return -EOWNERDEAD;
		if (patience->nonblock)
			return -EAGAIN;
		if (err)
			return err;
		err = wait_once(region, call, patience->deadline_ns);
		/* Somebody may notify all the time, and nothing move. */
		if (!err && signal_pending(current))
			err = -ERESTARTSYS;
		cond_resched();
	}
}

/**
 * mbx_region_wait - wait until a slot has moved
 * @region: the region
 * @slots: slots, checked, and what the caller saw of them; on success what was
 *	found
 * @count: how many
 * @patience: how long to wait
 *
 * Return: how many have moved, or -EAGAIN, -ENOMEM, -EOWNERDEAD, -ERESTARTSYS
 * or -ETIMEDOUT.
 */
long mbx_region_wait(struct mbx_region *region, struct mbx_slot *slots,
		     u32 count, const struct mbx_patience *patience)
{
	struct slot_watch few[INLINE_WATCHES] mbx_uninitialized;
	struct wait_call call = { .slots = slots,
				  .count = count,
				  .watches = few };
	u32 i;
	long ret;

	if (count > INLINE_WATCHES)
		call.watches =
			kmalloc_array(count, sizeof(*few), GFP_KERNEL_ACCOUNT);
	if (!call.watches)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		INIT_LIST_HEAD(&call.watches[i].watch.link);
	ret = wait_until_moved(region, &call, patience);
	if (call.watches != few)
		kfree(call.watches);
	return ret;
}
