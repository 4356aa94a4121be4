// SPDX-License-Identifier: GPL-2.0-only
/* Using a region through a descriptor: ioctl, mmap, poll, read. */
#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "abi.h"
#include "compat.h"
#include "handle.h"
#include "ioctl.h"
#include "region.h"
#include "region_file.h"
#include "region_mem.h"

/* So that nobody keeps the region's lock for long however many files are open. */
#define HANDLES_AT_ONCE 64

struct subscription {
	struct mbx_watch watch;
	struct mbx_region_handle *handle;
	u32 seen; /* under read_lock; poll looks without */
};

struct mbx_region_handle {
	struct mbx_handle base;
	wait_queue_head_t wq;
	struct list_head link; /* in the region's handles; under region->lock */
	struct mutex
		read_lock; /* one reader at a time: seen follows what was read */
	u64 subscribed; /* under read_lock and region->lock; poll looks without */
	u64 told; /* region->notified when it was woken; under region->lock */
	struct subscription slots[];
};

static struct mbx_region_handle *handle_of(const struct file *file)
{
	return container_of((struct mbx_handle *)file->private_data,
			    struct mbx_region_handle, base);
}

static struct mbx_region *
region_of_handle(const struct mbx_region_handle *handle)
{
	return mbx_to_region(handle->base.obj);
}

static struct mbx_region *region_of(const struct file *file)
{
	return region_of_handle(handle_of(file));
}

static bool is_news(const struct mbx_region_handle *handle, u32 slot, u32 seq)
{
	return READ_ONCE(handle->subscribed) & BIT_ULL(slot) &&
	       seq != READ_ONCE(handle->slots[slot].seen);
}

static bool has_moved(const struct mbx_region_handle *handle, u32 slot)
{
	return is_news(handle, slot,
		       mbx_region_seq(region_of_handle(handle), slot));
}

static bool any_moved(const struct mbx_region_handle *handle)
{
	u32 slot;

	for (slot = 0; slot < region_of_handle(handle)->nslots; slot++) {
		if (has_moved(handle, slot))
			return true;
	}
	return false;
}

static bool wake_pollers(struct mbx_region *region, struct mbx_watch *watch,
			 struct mbx_wakes *wakes)
{
	struct mbx_region_handle *handle =
		container_of(watch, struct subscription, watch)->handle;

	/* All slots of a notification have moved before it, so once is enough. */
	if (handle->told == region->notified)
		return true;
	handle->told = region->notified;
	wake_up_interruptible_poll(&handle->wq, EPOLLIN | EPOLLRDNORM);
	return true;
}

/**
 * mbx_region_hang_up - tell all open files that the region has died
 * @region: the region, dead
 */
void mbx_region_hang_up(struct mbx_region *region)
{
	u32 budget = HANDLES_AT_ONCE;
	struct mbx_region_handle *handle;
	LIST_HEAD(left);

	spin_lock(&region->lock);
	/* One that is opened meanwhile is not among them, one released leaves. */
	list_splice_init(&region->handles, &left);
	while (!list_empty(&left)) {
		handle =
			list_first_entry(&left, struct mbx_region_handle, link);
		list_move_tail(&handle->link, &region->handles);
		mbx_wake_all_pollers(&handle->wq, MBX_DEATH_EVENTS);
		if (--budget)
			continue;
		spin_unlock(&region->lock);
		cond_resched();
		spin_lock(&region->lock);
		budget = HANDLES_AT_ONCE;
	}
	spin_unlock(&region->lock);
}

/* Under read_lock. */
static void set_subscriptions(struct mbx_region_handle *handle, u64 mask)
{
	struct mbx_region *region = region_of_handle(handle);
	u64 fresh = mask & ~handle->subscribed;
	u32 slot;

	spin_lock(&region->lock);
	region->subscribers += !!mask - !!handle->subscribed;
	for (slot = 0; slot < region->nslots; slot++) {
		if (fresh & BIT_ULL(slot))
			mbx_region_watch(region, &handle->slots[slot].watch);
		else if (!(mask & BIT_ULL(slot)))
			mbx_region_unwatch(region, &handle->slots[slot].watch);
	}
	/* A notifier that did not see the watch has incremented before: region.h. */
	smp_mb();
	for (slot = 0; slot < region->nslots; slot++) {
		if (fresh & BIT_ULL(slot))
			WRITE_ONCE(handle->slots[slot].seen,
				   mbx_region_seq(region, slot));
	}
	WRITE_ONCE(handle->subscribed, mask);
	spin_unlock(&region->lock);
}

/* Who does not wait for the lock was told that there is nothing to read. */
static void unlock_reading(struct mbx_region_handle *handle)
{
	mutex_unlock(&handle->read_lock);
	if (any_moved(handle))
		wake_up_interruptible_poll(&handle->wq, EPOLLIN | EPOLLRDNORM);
}

/**
 * mbx_ioc_region_subscribe - MBX_IOC_REGION_SUBSCRIBE
 * @file: a region
 * @args: struct mbx_region_subscribe, checked
 * @uargs: where that comes from
 *
 * Return: 0 or a negative errno.
 */
long mbx_ioc_region_subscribe(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_region_subscribe *subscribe = args;
	struct mbx_region_handle *handle = handle_of(file);
	struct mbx_region *region = region_of(file);

	if (!mbx_region_mask_valid(region, subscribe->slot_mask))
		return -EINVAL;
	if (mbx_region_is_dead(region))
		return -EOWNERDEAD;
	if (mutex_lock_interruptible(&handle->read_lock))
		return -ERESTARTSYS;
	set_subscriptions(handle, subscribe->slot_mask);
	mutex_unlock(&handle->read_lock);
	/* Who reads may have nothing left to wait for. */
	wake_up_interruptible_all(&handle->wq);
	return 0;
}

/**
 * mbx_ioc_region_notify - MBX_IOC_REGION_NOTIFY
 * @file: a region, writable
 * @args: struct mbx_region_notify, checked
 * @uargs: where that comes from
 *
 * Return: how many were woken, or a negative errno.
 */
long mbx_ioc_region_notify(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_region_notify *notify = args;
	struct mbx_region *region = region_of(file);

	if (!notify->slot_mask ||
	    !mbx_region_mask_valid(region, notify->slot_mask))
		return -EINVAL;
	return mbx_region_notify(region, notify->slot_mask);
}

static int copy_slots_in(const struct mbx_region *region,
			 const struct mbx_region_wait *wait,
			 struct mbx_slot *slots)
{
	u32 i;
	int err;

	for (i = 0; i < wait->count; i++) {
		err = mbx_copy_elem(&slots[i], sizeof(*slots), wait->slots, i,
				    wait->elem_size);
		if (err)
			return err;
		if (slots[i].slot >= region->nslots)
			return -EINVAL;
		slots[i].slot =
			array_index_nospec(slots[i].slot, region->nslots);
	}
	return 0;
}

static int copy_slots_out(const struct mbx_region_wait *wait,
			  const struct mbx_slot *slots)
{
	u32 i;

	for (i = 0; i < wait->count; i++) {
		if (mbx_copy_out(mbx_elem_ptr(wait->slots, i, wait->elem_size),
				 &slots[i], sizeof(*slots)))
			return -EFAULT;
	}
	return 0;
}

/**
 * mbx_ioc_region_wait - MBX_IOC_REGION_WAIT
 * @file: a region, readable
 * @args: struct mbx_region_wait, checked
 * @uargs: where that comes from
 *
 * Return: how many slots have moved, or a negative errno.
 */
long mbx_ioc_region_wait(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_region_wait *wait = args;
	struct mbx_region *region = region_of(file);
	struct mbx_slot slots[MBX_SLOTS_MAX] mbx_uninitialized;
	bool nonblock = wait->flags & MBX_WAIT_NONBLOCK;
	struct mbx_patience patience =
		mbx_patience_of(file, nonblock, wait->deadline_ns);
	long moved;
	int err;

	if (!wait->count || wait->count > MBX_SLOTS_MAX ||
	    wait->elem_size < MBX_SLOT_SIZE_V1 ||
	    !mbx_deadline_valid(wait->deadline_ns))
		return -EINVAL;
	err = copy_slots_in(region, wait, slots);
	if (err)
		return err;
	moved = mbx_region_wait(region, slots, wait->count, &patience);
	if (moved < 0)
		return moved;
	return copy_slots_out(wait, slots) ?: moved;
}

/**
 * mbx_ioc_region_stat - MBX_IOC_REGION_STAT
 * @file: a region
 * @args: struct mbx_region_stat
 * @uargs: where that comes from
 *
 * Return: 0.
 */
long mbx_ioc_region_stat(struct file *file, void *args, void __user *uargs)
{
	struct mbx_region_stat *stat = args;
	struct mbx_region *region = region_of(file);

	mbx_region_stat(region, stat);
	stat->uid = from_kuid_munged(current_user_ns(), region->obj.uid);
	stat->gid = from_kgid_munged(current_user_ns(), region->obj.gid);
	return 0;
}

static u32 collect_moved(const struct mbx_region_handle *handle,
			 struct mbx_slot *moved, u32 max)
{
	const struct mbx_region *region = region_of_handle(handle);
	u32 slot, seq, n = 0;

	for (slot = 0; slot < region->nslots && n < max; slot++) {
		seq = mbx_region_seq(region, slot);
		if (!is_news(handle, slot, seq))
			continue;
		moved[n].slot = slot;
		moved[n++].seq = seq;
	}
	return n;
}

/* What could not be copied out counts as unread. */
static ssize_t read_moved(struct mbx_region_handle *handle, struct iov_iter *to)
{
	struct mbx_slot moved[MBX_SLOTS_MAX];
	u32 n, i;

	lockdep_assert_held(&handle->read_lock);
	n = collect_moved(handle, moved,
			  min_t(size_t, iov_iter_count(to) / sizeof(*moved),
				MBX_SLOTS_MAX));
	if (copy_to_iter(moved, n * sizeof(*moved), to) != n * sizeof(*moved))
		return -EFAULT;
	for (i = 0; i < n; i++)
		WRITE_ONCE(handle->slots[moved[i].slot].seen, moved[i].seq);
	return n * sizeof(*moved);
}

static bool worth_reading(const struct mbx_region_handle *handle)
{
	return any_moved(handle) ||
	       mbx_region_is_dead(region_of_handle(handle)) ||
	       !READ_ONCE(handle->subscribed);
}

static ssize_t read_region(struct kiocb *iocb, struct iov_iter *to)
{
	struct mbx_region_handle *handle = handle_of(iocb->ki_filp);
	bool nonblock = mbx_file_nonblock(iocb->ki_filp) ||
			(iocb->ki_flags & IOCB_NOWAIT);
	ssize_t ret;
	bool dead;

	if (iov_iter_count(to) < sizeof(struct mbx_slot))
		return -EINVAL;
	for (;;) {
		dead = mbx_region_is_dead(region_of_handle(handle));
		/* Another reader may hold it across a fault. */
		if (nonblock && !mutex_trylock(&handle->read_lock))
			return -EAGAIN;
		if (!nonblock && mutex_lock_interruptible(&handle->read_lock))
			return -ERESTARTSYS;
		ret = handle->subscribed ? read_moved(handle, to) : -EINVAL;
		unlock_reading(handle);
		if (ret)
			return ret;
		if (dead)
			return -EOWNERDEAD;
		if (nonblock)
			return -EAGAIN;
		if (wait_event_interruptible(handle->wq, worth_reading(handle)))
			return -ERESTARTSYS;
	}
}

static __poll_t poll_region(struct file *file, poll_table *wait)
{
	struct mbx_region_handle *handle = handle_of(file);
	__poll_t events = 0;
	bool dead;

	/*
	 * Whoever wakes takes the queue's lock after the increment: either it
	 * finds the poller there, or the poller finds the increment.
	 */
	poll_wait(file, &handle->wq, wait);
	dead = mbx_region_is_dead(region_of_handle(handle));
	if (any_moved(handle))
		events |= EPOLLIN | EPOLLRDNORM;
	if (dead)
		events |= MBX_DEATH_EVENTS & ~(EPOLLOUT | EPOLLWRNORM);
	return events;
}

static int mmap_region_file(struct file *file, struct vm_area_struct *vma)
{
	struct mbx_region *region = region_of(file);

	if (mbx_region_is_dead(region))
		return -EOWNERDEAD;
	return mbx_region_mem_map(region->mem, vma);
}

static int release_region_file(struct inode *inode, struct file *file)
{
	struct mbx_region_handle *handle = handle_of(file);
	struct mbx_region *region = region_of(file);

	mutex_lock(&handle->read_lock);
	set_subscriptions(handle, 0);
	mutex_unlock(&handle->read_lock);
	spin_lock(&region->lock);
	list_del(&handle->link);
	spin_unlock(&region->lock);
	mbx_handle_release(&handle->base);
	kfree(handle);
	return 0;
}

static void show_region(struct seq_file *m, struct file *file)
{
	struct mbx_region *region = region_of(file);

	mbx_object_show(m, &region->obj);
	seq_printf(m, "mbx-bytes:\t%llu\n", region->bytes);
	seq_printf(m, "mbx-slots:\t%u\n", region->nslots);
}

const struct file_operations mbx_region_fops = {
	.owner = THIS_MODULE,
	.read_iter = read_region,
	.poll = poll_region,
	.mmap = mmap_region_file,
	.release = release_region_file,
	.unlocked_ioctl = mbx_region_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.show_fdinfo = show_region,
};

static void init_region_handle(struct mbx_region_handle *handle,
			       struct mbx_region *region)
{
	u32 slot;

	init_waitqueue_head(&handle->wq);
	mutex_init(&handle->read_lock);
	for (slot = 0; slot < region->nslots; slot++) {
		INIT_LIST_HEAD(&handle->slots[slot].watch.link);
		handle->slots[slot].watch.slot = slot;
		handle->slots[slot].watch.moved = wake_pollers;
		handle->slots[slot].handle = handle;
	}
}

static struct file *open_region_file(struct mbx_object *obj, u32 flags,
				     bool creator)
{
	struct mbx_region *region = mbx_to_region(obj);
	struct mbx_region_handle *handle;
	struct file *file;

	handle = kzalloc(struct_size(handle, slots, region->nslots),
			 GFP_KERNEL_ACCOUNT);
	if (!handle)
		return ERR_PTR(-ENOMEM);
	init_region_handle(handle, region);
	mbx_handle_init(&handle->base, obj, creator);
	file = mbx_handle_file(&handle->base, "[mbx-region]", &mbx_region_fops,
			       flags);
	if (IS_ERR(file)) {
		kfree(handle);
		return file;
	}
	spin_lock(&region->lock);
	list_add_tail(&handle->link, &region->handles);
	spin_unlock(&region->lock);
	return file;
}

static struct mbx_object *create_region(const void *attr,
					const struct mbx_name *name)
{
	return mbx_region_create(attr, name);
}

static int attach_region(struct mbx_object *obj, const void *vattr)
{
	const struct mbx_region *region = mbx_to_region(obj);
	const struct mbx_region_attr *attr = vattr;

	if (attr->bytes && attr->bytes != region->bytes)
		return -EINVAL;
	return attr->slots && attr->slots != region->nslots ? -EINVAL : 0;
}

static const struct mbx_opener region_opener = {
	.kind = MBX_KIND_REGION,
	.create = create_region,
	.attach = attach_region,
	.open_file = open_region_file,
};

/**
 * mbx_ioc_region_open - MBX_IOC_REGION_OPEN
 * @file: the device
 * @args: struct mbx_region_open, checked
 * @uargs: where that comes from
 *
 * Return: a descriptor or a negative errno.
 */
long mbx_ioc_region_open(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_region_open *open = args;
	struct mbx_region_attr attr = {
		.object.mode = open->mode,
		.object.lifetime = open->lifetime,
		.slots = open->slots,
		.bytes = open->bytes,
	};
	int err;

	if (!(open->flags & MBX_READ) || open->slots > MBX_SLOTS_MAX)
		return -EINVAL;
	err = mbx_object_attr_check(&attr.object, open->name_len);
	return err   ?:
		       mbx_open_named(&region_opener, open->flags, open->name,
				      open->name_len, &attr);
}
