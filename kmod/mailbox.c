// SPDX-License-Identifier: GPL-2.0-only
/* Mailboxes as objects: creation, death, statistics. */
#include <linux/sched.h>
#include <linux/slab.h>

#include "direct.h"
#include "mailbox.h"
#include "message.h"
#include "request.h"

/**
 * mbx_mailbox_poll - what would not block
 * @mb: the mailbox
 *
 * Return: EPOLL bits, for a descriptor with all rights.
 */
__poll_t mbx_mailbox_poll(struct mbx_mailbox *mb)
{
	__poll_t events = 0;

	spin_lock(&mb->lock);
	if (mb->queue.msgs)
		events |= EPOLLIN | EPOLLRDNORM;
	if (mb->death)
		events |= MBX_DEATH_EVENTS;
	else if (mb->overflow == MBX_OVERFLOW_DROP_OLDEST ||
		 (list_empty(&mb->senders) &&
		  mbx_mailbox_fits(mb, mb->max_msg_size)))
		events |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&mb->lock);
	return events;
}

/**
 * mbx_mailbox_stat - attributes and counters
 * @mb: the mailbox
 * @stat: all but @size, @flags, @uid, @gid and @reserved are filled in
 */
void mbx_mailbox_stat(struct mbx_mailbox *mb, struct mbx_mailbox_stat *stat)
{
	stat->lifetime = mb->obj.lifetime;
	stat->mode = mb->obj.mode;
	stat->overflow = mb->overflow;
	stat->max_msgs = mb->max_msgs;
	stat->max_msg_size = mb->max_msg_size;
	stat->max_bytes = mb->max_bytes;

	spin_lock(&mb->lock);
	stat->state = mbx_object_state(&mb->obj, mb->death);
	if (mb->direct)
		stat->state ^= MBX_STATE_DIRECT |
			       (stat->state & MBX_STATE_NAMED);
	stat->msgs = mb->queue.msgs;
	stat->bytes = mb->queue.bytes;
	stat->msgs_high = mb->msgs_high;
	stat->bytes_high = mb->bytes_high;
	stat->sent = mb->next_seq;
	stat->received = mb->received;
	stat->dropped = mb->dropped;
	stat->rejected = mb->rejected;
	stat->waiting_receivers = mb->waiting_receivers;
	stat->waiting_senders = mb->waiting_senders;
	stat->withdrawn = mb->withdrawn;
	stat->calls = mb->calls;
	spin_unlock(&mb->lock);
}

static void kill_mailbox(struct mbx_object *obj)
{
	struct mbx_mailbox *mb = mbx_to_mailbox(obj);
	struct mbx_after after mbx_uninitialized;

	mbx_after_init(&after);
	spin_lock(&mb->lock);
	WRITE_ONCE(mb->death, mb->direct ? -ESRCH : -EOWNERDEAD);
	mbx_mailbox_end_waiting(mb, mb->death, &after);
	mbx_requests_kill(mb, &after);
	after.events = MBX_DEATH_EVENTS;
	mbx_mailbox_unlock(mb, &after);
}

static void release_mailbox(struct mbx_object *obj)
{
	struct mbx_mailbox *mb = mbx_to_mailbox(obj);
	struct mbx_msg *msg;

	if (mb->direct)
		mbx_direct_destroy(mb->direct);
	while ((msg = mbx_queue_lowest(&mb->queue))) {
		mbx_queue_remove(&mb->queue, msg);
		mbx_msg_put(msg);
		cond_resched();
	}
	mbx_spares_destroy(&mb->spares);
}

static struct kmem_cache *mailbox_cache;

static void free_mailbox(struct mbx_object *obj)
{
	kmem_cache_free(mailbox_cache, mbx_to_mailbox(obj));
}

static const struct mbx_object_ops mailbox_ops = {
	.kind = MBX_KIND_MAILBOX,
	.kill = kill_mailbox,
	.release = release_mailbox,
	.free = free_mailbox,
};

/**
 * mbx_mailbox_attr_check - check attributes and fill in defaults
 * @attr: the creator's choice; changed
 * @named: the mailbox will have a name
 *
 * Return: 0 or -EINVAL.
 */
int mbx_mailbox_attr_check(struct mbx_mailbox_attr *attr, bool named)
{
	if (attr->overflow > MBX_OVERFLOW_DROP_OLDEST ||
	    attr->max_msgs > MBX_MSGS_MAX ||
	    attr->max_msg_size > MBX_MSG_SIZE_MAX ||
	    attr->max_bytes > MBX_BYTES_MAX)
		return -EINVAL;
	if (!attr->max_msgs)
		attr->max_msgs = MBX_DEFAULT_MSGS;
	if (!attr->max_bytes)
		attr->max_bytes = max(MBX_DEFAULT_BYTES, attr->max_msg_size);
	if (!attr->max_msg_size)
		attr->max_msg_size =
			min_t(u64, MBX_DEFAULT_MSG_SIZE, attr->max_bytes);
	if (attr->max_msg_size > attr->max_bytes)
		return -EINVAL;
	if (attr->direct) {
		if (attr->object.lifetime == MBX_LIFE_DEFAULT)
			attr->object.lifetime = MBX_LIFE_OWNER;
		if (attr->object.lifetime != MBX_LIFE_OWNER)
			return -EINVAL;
	}
	return mbx_object_attr_check(&attr->object, named);
}

/* Last, as from here on the process's end kills the mailbox. */
static struct mbx_object *bind_if_direct(struct mbx_mailbox *mb,
					 const struct mbx_mailbox_attr *attr)
{
	if (!attr->direct)
		return &mb->obj;
	mb->direct = mbx_direct_create(&mb->obj);
	if (mb->direct)
		return &mb->obj;
	mbx_object_put(&mb->obj);
	return ERR_PTR(-ENOMEM);
}

/**
 * mbx_mailbox_create - make a mailbox, without linking it to its name
 * @attr: checked attributes
 * @name: the name that it is to have
 *
 * Return: the object with one reference, or -EDQUOT or -ENOMEM as an error
 * pointer.
 */
struct mbx_object *mbx_mailbox_create(const struct mbx_mailbox_attr *attr,
				      const struct mbx_name *name)
{
	struct mbx_mailbox *mb =
		kmem_cache_zalloc(mailbox_cache, GFP_KERNEL_ACCOUNT);
	int err;

	if (!mb)
		return ERR_PTR(-ENOMEM);
	err = mbx_object_init(&mb->obj, &mailbox_ops, &attr->object, name);
	if (err) {
		kmem_cache_free(mailbox_cache, mb);
		return ERR_PTR(err);
	}
	mb->overflow = attr->overflow;
	mb->max_msgs = attr->max_msgs;
	mb->max_msg_size = attr->max_msg_size;
	mb->max_bytes = attr->max_bytes;
	spin_lock_init(&mb->lock);
	INIT_LIST_HEAD(&mb->receivers);
	INIT_LIST_HEAD(&mb->senders);
	INIT_LIST_HEAD(&mb->requests);
	init_waitqueue_head(&mb->poll_wq);
	mbx_spares_init(&mb->spares);
	return bind_if_direct(mb, attr);
}

int mbx_mailbox_cache_init(void)
{
	mailbox_cache = kmem_cache_create("mbx_mailbox",
					  sizeof(struct mbx_mailbox), 0,
					  SLAB_ACCOUNT, NULL);
	return mailbox_cache ? 0 : -ENOMEM;
}

void mbx_mailbox_cache_exit(void)
{
	kmem_cache_destroy(mailbox_cache);
}
