// SPDX-License-Identifier: GPL-2.0-only
/* Regions as objects: creation, death, statistics. */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/slab.h>

#include "region.h"
#include "region_file.h"
#include "region_mem.h"

static void kill_region(struct mbx_object *obj)
{
	struct mbx_region *region = mbx_to_region(obj);
	struct mbx_wakes wakes;

	mbx_wakes_init(&wakes);
	spin_lock(&region->lock);
	/* Behind what its owner has done. */
	smp_store_release(&region->dead, true);
	mbx_region_tell(region, mbx_region_all_slots(region), &wakes);
	spin_unlock(&region->lock);
	mbx_wake(&wakes);
	mbx_region_hang_up(region);
}

static void release_region(struct mbx_object *obj)
{
	fput(mbx_to_region(obj)->mem);
}

static void free_region(struct mbx_object *obj)
{
	kfree(mbx_to_region(obj));
}

static const struct mbx_object_ops region_ops = {
	.kind = MBX_KIND_REGION,
	.kill = kill_region,
	.release = release_region,
	.free = free_region,
};

static void init_slots(struct mbx_region *region, u32 nslots)
{
	u32 slot;

	region->nslots = nslots;
	spin_lock_init(&region->lock);
	INIT_LIST_HEAD(&region->handles);
	for (slot = 0; slot < nslots; slot++)
		INIT_LIST_HEAD(&region->slots[slot].list);
}

/**
 * mbx_region_create - make a region, without linking it to its name
 * @attr: attributes; @slots at most MBX_SLOTS_MAX, the rest is checked here
 * @name: the name that it is to have
 *
 * Return: the object with one reference, or -EDQUOT, -EINTR, -EINVAL, -ENOMEM or
 * -ENOSPC as an error pointer.
 */
struct mbx_object *mbx_region_create(const struct mbx_region_attr *attr,
				     const struct mbx_name *name)
{
	u32 nslots = attr->slots ?: MBX_DEFAULT_SLOTS;
	struct mbx_region *region;
	struct file *mem;
	int err;

	if (!attr->bytes)
		return ERR_PTR(-EINVAL);
	region =
		kzalloc(struct_size(region, slots, nslots), GFP_KERNEL_ACCOUNT);
	if (!region)
		return ERR_PTR(-ENOMEM);
	init_slots(region, nslots);
	err = mbx_object_init(&region->obj, &region_ops, &attr->object, name);
	if (err)
		goto free;
	mem = mbx_region_mem_create(attr->bytes);
	if (IS_ERR(mem)) {
		err = PTR_ERR(mem);
		goto abort;
	}
	region->mem = mem;
	region->seq = mbx_region_mem_seq(mem);
	region->waiters = mbx_region_mem_waiters(mem);
	region->bytes = attr->bytes;
	return &region->obj;

abort:
	mbx_object_abort(&region->obj);
free:
	kfree(region);
	return ERR_PTR(err);
}

/**
 * mbx_region_stat - attributes and counters
 * @region: the region
 * @stat: all but @size, @flags, @uid and @gid are filled in
 */
void mbx_region_stat(struct mbx_region *region, struct mbx_region_stat *stat)
{
	stat->lifetime = region->obj.lifetime;
	stat->mode = region->obj.mode;
	stat->slots = region->nslots;
	stat->bytes = region->bytes;

	spin_lock(&region->lock);
	stat->state = mbx_object_state(&region->obj, region->dead);
	stat->notified = region->notified;
	stat->woken = region->woken;
	stat->waiters = region->waiting;
	stat->subscribers = region->subscribers;
	spin_unlock(&region->lock);
}
