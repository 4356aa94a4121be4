// SPDX-License-Identifier: GPL-2.0-only
/* Sending, receiving, waiting: the policy of mailboxes. */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "mailbox.h"
#include "message.h"

struct mbx_receiver {
	struct mbx_waiter waiter;
	const struct mbx_want *want;
	struct mbx_msg *msg;		/* out: handed over, or looked at */
};

struct mbx_sender {
	struct mbx_waiter waiter;
	struct mbx_msg *msg;
};

/*
 * What a change under the lock leaves to do after unlocking: calls to wake,
 * messages to free, pollers to tell.
 */
struct mbx_after {
	struct list_head claimed;
	struct list_head victims;
	__poll_t events;
};

#define MBX_AFTER_INIT(name) { \
	.claimed = LIST_HEAD_INIT((name).claimed), \
	.victims = LIST_HEAD_INIT((name).victims), \
}

static void unlock(struct mbx_mailbox *mb, struct mbx_after *after)
	__releases(&mb->lock)
{
	struct mbx_msg *msg, *next;
	bool polled;

	/*
	 * A poller enters poll_wq before it looks at the mailbox under the
	 * lock: either it saw the change, or it is seen here.
	 */
	polled = after->events && waitqueue_active(&mb->poll_wq);
	spin_unlock(&mb->lock);

	mbx_wake_claimed(&after->claimed);
	if (polled)
		wake_up_interruptible_poll(&mb->poll_wq, after->events);
	list_for_each_entry_safe(msg, next, &after->victims, link)
		mbx_msg_put(msg);
}

static bool fits(const struct mbx_mailbox *mb, u32 len)
{
	/* Not "bytes + len > max": a message put back may have exceeded it. */
	return mb->queue.msgs < mb->max_msgs && mb->queue.bytes <= mb->max_bytes &&
	       len <= mb->max_bytes - mb->queue.bytes;
}

static void claim_receiver(struct mbx_mailbox *mb, struct mbx_receiver *r, int result,
			   struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	mb->waiting_receivers--;
	mbx_waiter_claim(&r->waiter, result, &after->claimed);
}

static void claim_sender(struct mbx_mailbox *mb, struct mbx_sender *s, int result,
			 struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	mb->waiting_senders--;
	mbx_waiter_claim(&s->waiter, result, &after->claimed);
}

/*
 * Can a receiver have this message? -EMSGSIZE and peeking leave it to others,
 * but the receiver gets a reference to look at it.
 */
static int offer(const struct mbx_want *want, struct mbx_msg *msg, bool *taken)
{
	*taken = false;
	if (msg->len > want->capacity) {
		mbx_msg_get(msg);
		return -EMSGSIZE;
	}
	if (want->match.flags & MBX_RECV_PEEK)
		mbx_msg_get(msg);
	else
		*taken = true;
	return 0;
}

/* Hand a message to the first waiting receiver that can take it. */
static bool hand_over(struct mbx_mailbox *mb, struct mbx_msg *msg, struct mbx_after *after)
{
	struct mbx_receiver *r, *next;
	bool taken;
	int result;

	lockdep_assert_held(&mb->lock);
	list_for_each_entry_safe(r, next, &mb->receivers, waiter.link) {
		if (!mbx_matches(&r->want->match, msg))
			continue;
		result = offer(r->want, msg, &taken);
		r->msg = msg;
		claim_receiver(mb, r, result, after);
		if (taken) {
			msg->deliveries++;
			mb->received++;
			return true;
		}
	}
	return false;
}

/* Take a message in, whatever the limits say; it is out of the sender's hands. */
static void accept(struct mbx_mailbox *mb, struct mbx_msg *msg, struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	msg->seq = mb->next_seq++;
	msg->time_ns = ktime_get_ns();
	if (hand_over(mb, msg, after))
		return;
	mbx_queue_push(&mb->queue, msg);
	mb->msgs_high = max(mb->msgs_high, mb->queue.msgs);
	mb->bytes_high = max(mb->bytes_high, mb->queue.bytes);
	after->events |= EPOLLIN | EPOLLRDNORM;
}

/* There may be room: queue what waiting senders have. */
static void let_senders_in(struct mbx_mailbox *mb, struct mbx_after *after)
{
	struct mbx_sender *s;

	lockdep_assert_held(&mb->lock);
	while ((s = list_first_entry_or_null(&mb->senders, struct mbx_sender, waiter.link))) {
		if (!fits(mb, s->msg->len))
			break;
		accept(mb, s->msg, after);
		claim_sender(mb, s, 0, after);
	}
	after->events |= EPOLLOUT | EPOLLWRNORM;
}

/* Would dropping all that @msg may displace, at worst, let it in? */
static struct mbx_msg *last_victim(const struct mbx_mailbox *mb, const struct mbx_msg *msg)
{
	struct mbx_msg *victim = mbx_queue_lowest(&mb->queue);
	u64 bytes = mb->queue.bytes;
	u32 msgs = mb->queue.msgs;

	while (victim && victim->prio <= msg->prio) {
		bytes -= victim->len;
		msgs--;
		if (msgs < mb->max_msgs && bytes + msg->len <= mb->max_bytes)
			return victim;
		victim = mbx_queue_next_dropped(&mb->queue, victim);
	}
	return NULL;
}

/* DROP_OLDEST: make room, or change nothing. */
static bool drop_for(struct mbx_mailbox *mb, const struct mbx_msg *msg, struct mbx_after *after)
{
	struct mbx_msg *victim, *last = last_victim(mb, msg);

	lockdep_assert_held(&mb->lock);
	if (!last)
		return false;
	do {
		victim = mbx_queue_lowest(&mb->queue);
		mbx_queue_remove(&mb->queue, victim);
		list_add_tail(&victim->link, &after->victims);
		mb->dropped++;
	} while (victim != last);
	return true;
}

/* A receiver that waits is served even when the mailbox is full. */
static bool somebody_takes(const struct mbx_mailbox *mb, const struct mbx_msg *msg)
{
	struct mbx_receiver *r;

	list_for_each_entry(r, &mb->receivers, waiter.link) {
		if (mbx_matches(&r->want->match, msg) && msg->len <= r->want->capacity &&
		    !(r->want->match.flags & MBX_RECV_PEEK))
			return true;
	}
	return false;
}

/* 0: in; -EINPROGRESS: the sender has to wait for room. */
static int try_send(struct mbx_mailbox *mb, struct mbx_msg *msg, struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	if (mb->dead)
		return -EOWNERDEAD;
	if ((list_empty(&mb->senders) && fits(mb, msg->len)) || somebody_takes(mb, msg) ||
	    (mb->overflow == MBX_OVERFLOW_DROP_OLDEST && drop_for(mb, msg, after))) {
		accept(mb, msg, after);
		return 0;
	}
	return mb->overflow == MBX_OVERFLOW_BLOCK ? -EINPROGRESS : -EAGAIN;
}

static int wait_for_room(struct mbx_mailbox *mb, struct mbx_sender *s, u64 deadline_ns)
{
	struct mbx_after after = MBX_AFTER_INIT(after);
	int err = mbx_waiter_sleep(&s->waiter, deadline_ns);

	if (!err)
		return s->waiter.result;
	spin_lock(&mb->lock);
	if (s->waiter.state == MBX_WAITING) {
		list_del(&s->waiter.link);
		mb->waiting_senders--;
		if (err == -ETIMEDOUT)
			mb->rejected++;
		/* The next one's message may be smaller. */
		let_senders_in(mb, &after);
		unlock(mb, &after);
		return err;
	}
	spin_unlock(&mb->lock);
	mbx_waiter_finish(&s->waiter);
	return s->waiter.result;
}

/**
 * mbx_mailbox_send - send a message
 * @mb: the mailbox
 * @msg: the message, not longer than the mailbox allows
 * @patience: how long to wait for room
 *
 * Return: 0, and the caller's reference has gone to the mailbox; or, with the
 * message still the caller's: -EAGAIN, -EOWNERDEAD, -ERESTARTSYS or -ETIMEDOUT.
 */
int mbx_mailbox_send(struct mbx_mailbox *mb, struct mbx_msg *msg,
		     const struct mbx_patience *patience)
{
	struct mbx_after after = MBX_AFTER_INIT(after);
	struct mbx_sender s;
	int err;

	spin_lock(&mb->lock);
	err = try_send(mb, msg, &after);
	if (err == -EINPROGRESS && patience->nonblock)
		err = -EAGAIN;
	if (err == -EAGAIN)
		mb->rejected++;
	if (err != -EINPROGRESS) {
		unlock(mb, &after);
		return err;
	}
	mbx_waiter_init(&s.waiter);
	s.msg = msg;
	list_add_tail(&s.waiter.link, &mb->senders);
	mb->waiting_senders++;
	spin_unlock(&mb->lock);
	return wait_for_room(mb, &s, patience->deadline_ns);
}

/* 0 or -EMSGSIZE: *msgp is set; -EINPROGRESS: the receiver has to wait. */
static int try_receive(struct mbx_mailbox *mb, const struct mbx_want *want,
		       struct mbx_msg **msgp, struct mbx_after *after)
{
	struct mbx_msg *msg;
	bool taken;
	int err;

	lockdep_assert_held(&mb->lock);
	msg = want->after ? mbx_queue_after(&mb->queue, want->after, &want->match) :
			    mbx_queue_first(&mb->queue, &want->match);
	if (!msg)
		return mb->dead ? -EOWNERDEAD : -EINPROGRESS;
	err = offer(want, msg, &taken);
	*msgp = msg;
	if (taken) {
		mbx_queue_remove(&mb->queue, msg);
		msg->deliveries++;
		mb->received++;
		let_senders_in(mb, after);
	}
	return err;
}

static int wait_for_message(struct mbx_mailbox *mb, struct mbx_receiver *r, u64 deadline_ns)
{
	int err = mbx_waiter_sleep(&r->waiter, deadline_ns);

	if (!err)
		return r->waiter.result;
	spin_lock(&mb->lock);
	if (r->waiter.state == MBX_WAITING) {
		list_del(&r->waiter.link);
		mb->waiting_receivers--;
		spin_unlock(&mb->lock);
		return err;
	}
	spin_unlock(&mb->lock);
	mbx_waiter_finish(&r->waiter);
	return r->waiter.result;
}

/**
 * mbx_mailbox_receive - receive a message, or look at one
 * @mb: the mailbox
 * @want: which
 * @patience: how long to wait for one
 * @msgp: out: the message
 *
 * Return: 0, and the caller owns a reference to @msgp; when not peeking the
 * message has left the queue, and has to be freed or put back. -EMSGSIZE, and
 * the caller owns a reference to the message, which is still queued. Otherwise
 * -EAGAIN, -EOWNERDEAD, -ERESTARTSYS or -ETIMEDOUT.
 */
int mbx_mailbox_receive(struct mbx_mailbox *mb, const struct mbx_want *want,
			const struct mbx_patience *patience, struct mbx_msg **msgp)
{
	struct mbx_after after = MBX_AFTER_INIT(after);
	struct mbx_receiver r;
	int err;

	spin_lock(&mb->lock);
	err = try_receive(mb, want, msgp, &after);
	if (err == -EINPROGRESS && patience->nonblock)
		err = -EAGAIN;
	if (err != -EINPROGRESS) {
		unlock(mb, &after);
		return err;
	}
	mbx_waiter_init(&r.waiter);
	r.want = want;
	r.msg = NULL;
	list_add_tail(&r.waiter.link, &mb->receivers);
	mb->waiting_receivers++;
	spin_unlock(&mb->lock);

	err = wait_for_message(mb, &r, patience->deadline_ns);
	*msgp = r.msg;
	return err;
}

/**
 * mbx_mailbox_put_back - a message could not be delivered after all
 * @mb: the mailbox
 * @msg: a message that mbx_mailbox_receive() has taken out; the reference goes
 *	back to the mailbox
 */
void mbx_mailbox_put_back(struct mbx_mailbox *mb, struct mbx_msg *msg)
{
	struct mbx_after after = MBX_AFTER_INIT(after);

	spin_lock(&mb->lock);
	msg->deliveries--;
	mb->received--;
	if (!hand_over(mb, msg, &after)) {
		mbx_queue_push_front(&mb->queue, msg);
		after.events |= EPOLLIN | EPOLLRDNORM;
	}
	unlock(mb, &after);
}

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
	if (mb->dead)
		events |= EPOLLHUP;
	else if (mb->overflow == MBX_OVERFLOW_DROP_OLDEST ||
		 (list_empty(&mb->senders) && fits(mb, mb->max_msg_size)))
		events |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&mb->lock);
	return events;
}

/**
 * mbx_mailbox_stat - attributes and counters
 * @mb: the mailbox
 * @stat: zeroed; all but @size, @flags, @uid and @gid are filled in
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
	stat->state = mbx_object_state(&mb->obj, mb->dead);
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
	spin_unlock(&mb->lock);
}

static void kill_mailbox(struct mbx_object *obj)
{
	struct mbx_mailbox *mb = mbx_to_mailbox(obj);
	struct mbx_after after = MBX_AFTER_INIT(after);
	struct mbx_receiver *r, *next_r;
	struct mbx_sender *s, *next_s;

	spin_lock(&mb->lock);
	mb->dead = true;
	list_for_each_entry_safe(r, next_r, &mb->receivers, waiter.link)
		claim_receiver(mb, r, -EOWNERDEAD, &after);
	list_for_each_entry_safe(s, next_s, &mb->senders, waiter.link)
		claim_sender(mb, s, -EOWNERDEAD, &after);
	after.events = EPOLLHUP | EPOLLIN | EPOLLOUT;
	unlock(mb, &after);
}

static void release_mailbox(struct mbx_object *obj)
{
	struct mbx_mailbox *mb = mbx_to_mailbox(obj);
	struct mbx_msg *msg;

	while ((msg = mbx_queue_lowest(&mb->queue))) {
		mbx_queue_remove(&mb->queue, msg);
		mbx_msg_put(msg);
		cond_resched();
	}
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
	if (attr->overflow > MBX_OVERFLOW_DROP_OLDEST || attr->max_msgs > MBX_MSGS_MAX ||
	    attr->max_msg_size > MBX_MSG_SIZE_MAX || attr->max_bytes > MBX_BYTES_MAX)
		return -EINVAL;
	if (!attr->max_msgs)
		attr->max_msgs = MBX_DEFAULT_MSGS;
	if (!attr->max_bytes)
		attr->max_bytes = max(MBX_DEFAULT_BYTES, attr->max_msg_size);
	if (!attr->max_msg_size)
		attr->max_msg_size = min_t(u64, MBX_DEFAULT_MSG_SIZE, attr->max_bytes);
	if (attr->max_msg_size > attr->max_bytes)
		return -EINVAL;
	return mbx_object_attr_check(&attr->object, named);
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
	struct mbx_mailbox *mb = kmem_cache_zalloc(mailbox_cache, GFP_KERNEL_ACCOUNT);
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
	init_waitqueue_head(&mb->poll_wq);
	return &mb->obj;
}

int mbx_mailbox_cache_init(void)
{
	mailbox_cache = kmem_cache_create("mbx_mailbox", sizeof(struct mbx_mailbox), 0,
					  SLAB_ACCOUNT, NULL);
	return mailbox_cache ? 0 : -ENOMEM;
}

void mbx_mailbox_cache_exit(void)
{
	kmem_cache_destroy(mailbox_cache);
}
