// SPDX-License-Identifier: GPL-2.0-only
/* Sending, receiving, waiting for either: the policy of mailboxes. */
#include <linux/ktime.h>

#include "direct.h"
#include "mailbox.h"
#include "message.h"
#include "request.h"

#define SENDERS_AT_ONCE 16

struct mbx_receiver {
	struct mbx_waiter waiter;
	const struct mbx_want *want;
	struct mbx_msg *msg; /* out: handed over, or looked at */
};

struct mbx_sender {
	struct mbx_waiter waiter;
	struct mbx_msg *msg;
};

static void answer_receiver(struct mbx_mailbox *mb, struct mbx_receiver *r,
			    int result, struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	mb->waiting_receivers--;
	mbx_waiter_decide(&r->waiter, result, &after->wakes);
}

static void answer_sender(struct mbx_mailbox *mb, struct mbx_sender *s,
			  int result, struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	mb->waiting_senders--;
	mbx_waiter_decide(&s->waiter, result, &after->wakes);
}

/*
 * Can a receiver have this message? -EMSGSIZE and peeking leave it to others,
 * but the receiver gets a reference to look at it.
 */
static int offer(const struct mbx_want *want, struct mbx_msg *msg, bool *taken)
{
	*taken = false;
	if (msg->len > want->capacity[0]) {
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
static bool hand_over(struct mbx_mailbox *mb, struct mbx_msg *msg,
		      struct mbx_after *after)
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
		if (taken) {
			msg->deliveries++;
			mb->received++;
		}
		/* From here on the message is the receiver's, to free too. */
		answer_receiver(mb, r, result, after);
		if (taken)
			return true;
	}
	return false;
}

static __always_inline void note_marks(struct mbx_mailbox *mb)
{
	lockdep_assert_held(&mb->lock);
	mb->msgs_high = max(mb->msgs_high, mb->queue.msgs);
	mb->bytes_high = max(mb->bytes_high, mb->queue.bytes);
}

static __always_inline void put_in(struct mbx_mailbox *mb, struct mbx_msg *msg,
				   bool back, struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	if (back)
		mbx_queue_put_back(&mb->queue, msg);
	else
		mbx_queue_push(&mb->queue, msg);
	if (msg->request)
		msg->request->msg = msg;
	note_marks(mb);
	after->moves++;
	after->events |= EPOLLIN | EPOLLRDNORM;
}

static __always_inline void take_out(struct mbx_mailbox *mb,
				     struct mbx_msg *msg)
{
	lockdep_assert_held(&mb->lock);
	mbx_queue_remove(&mb->queue, msg);
	if (msg->request)
		msg->request->msg = NULL;
}

static __always_inline void stamp(struct mbx_mailbox *mb, struct mbx_msg *msg,
				  u64 time_ns)
{
	lockdep_assert_held(&mb->lock);
	msg->seq = mb->next_seq++;
	msg->time_ns = time_ns;
}

/* The message is out of the sender's hands. */
static __always_inline void number(struct mbx_mailbox *mb, struct mbx_msg *msg,
				   struct mbx_after *after)
{
	if (!after->time_ns)
		after->time_ns = ktime_get_ns();
	stamp(mb, msg, after->time_ns);
	if (msg->request)
		mbx_request_begin(mb, msg->request);
}

/* Take a message in, whatever the limits say. */
static __always_inline void accept(struct mbx_mailbox *mb, struct mbx_msg *msg,
				   struct mbx_after *after)
{
	number(mb, msg, after);
	if (list_empty(&mb->receivers) || !hand_over(mb, msg, after))
		put_in(mb, msg, false, after);
}

static struct mbx_sender *first_sender(struct mbx_mailbox *mb)
{
	return list_first_entry_or_null(&mb->senders, struct mbx_sender,
					waiter.link);
}

/* What pollers are told when nobody waits for room. */
static __poll_t room_events(const struct mbx_mailbox *mb)
{
	lockdep_assert_held(&mb->lock);
	if (!mbx_mailbox_fits(mb, mb->max_msg_size))
		return 0;
	return EPOLLOUT | EPOLLWRNORM;
}

/**
 * mbx_mailbox_let_senders_in - there may be room: queue what waiting senders have
 * @mb: the mailbox, locked
 * @after: what is left to do after unlocking
 */
void mbx_mailbox_let_senders_in(struct mbx_mailbox *mb, struct mbx_after *after)
{
	/* Each may have to look at all receivers. */
	u32 budget = mb->waiting_receivers ? 1 : SENDERS_AT_ONCE;
	struct mbx_sender *s;

	lockdep_assert_held(&mb->lock);
	while ((s = first_sender(mb)) && mbx_mailbox_fits(mb, s->msg->len)) {
		if (!budget--) {
			after->more_senders = true;
			return;
		}
		accept(mb, s->msg, after);
		answer_sender(mb, s, 0, after);
	}
	if (!s)
		after->events |= room_events(mb);
}

/* DROP_OLDEST: make room, or change nothing. */
static bool drop_for(struct mbx_mailbox *mb, const struct mbx_msg *msg,
		     struct mbx_after *after)
{
	struct mbx_msg *victim, *last;

	lockdep_assert_held(&mb->lock);
	last = mbx_queue_last_victim(&mb->queue, msg, mb->max_msgs,
				     mb->max_bytes);
	if (!last)
		return false;
	do {
		victim = mbx_queue_lowest(&mb->queue);
		take_out(mb, victim);
		if (victim->request)
			mbx_request_end(mb, victim->request, -ECONNRESET,
					after);
		list_add_tail(&victim->link, &after->victims);
		mb->dropped++;
	} while (victim != last);
	return true;
}

/* A receiver that waits is served even when the mailbox is full. */
static bool somebody_takes(const struct mbx_mailbox *mb,
			   const struct mbx_msg *msg)
{
	struct mbx_receiver *r;

	list_for_each_entry(r, &mb->receivers, waiter.link) {
		if (mbx_matches(&r->want->match, msg) &&
		    msg->len <= r->want->capacity[0] &&
		    !(r->want->match.flags & MBX_RECV_PEEK))
			return true;
	}
	return false;
}

/* 0: in; -EINPROGRESS: the sender has to wait for room. */
static __always_inline int try_send(struct mbx_mailbox *mb, struct mbx_msg *msg,
				    struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	if (mb->death)
		return mb->death;
	if ((list_empty(&mb->senders) && mbx_mailbox_fits(mb, msg->len)) ||
	    somebody_takes(mb, msg) ||
	    (mb->overflow == MBX_OVERFLOW_DROP_OLDEST &&
	     drop_for(mb, msg, after))) {
		accept(mb, msg, after);
		return 0;
	}
	return mb->overflow == MBX_OVERFLOW_BLOCK ? -EINPROGRESS : -EAGAIN;
}

static int wait_for_room(struct mbx_mailbox *mb, struct mbx_sender *s,
			 u64 deadline_ns)
{
	int err = mbx_waiter_sleep(&s->waiter, deadline_ns);
	struct mbx_after after mbx_uninitialized;

	if (!err)
		return s->waiter.result;
	mbx_after_init(&after);
	spin_lock(&mb->lock);
	if (!s->waiter.decided) {
		list_del(&s->waiter.link);
		mb->waiting_senders--;
		if (err == -ETIMEDOUT)
			mb->rejected++;
		/* The next one's message may be smaller. */
		mbx_mailbox_let_senders_in(mb, &after);
		mbx_mailbox_unlock(mb, &after);
		return err;
	}
	spin_unlock(&mb->lock);
	return s->waiter.result;
}

/* With the lock, which is released. Sends one message, or waits for room for it. */
static noinline int send_slowly(struct mbx_mailbox *mb, struct mbx_msg *msg,
				struct mbx_patience patience)
	__releases(&mb->lock)
{
	struct mbx_after after mbx_uninitialized;
	struct mbx_sender s mbx_uninitialized;
	int err;

	mbx_after_init(&after);
	err = try_send(mb, msg, &after);
	if (err == -EINPROGRESS && patience.nonblock)
		err = -EAGAIN;
	if (err == -EAGAIN)
		mb->rejected++;
	if (err != -EINPROGRESS) {
		mbx_mailbox_unlock(mb, &after);
		return err ?: 1;
	}
	mbx_waiter_init(&s.waiter);
	s.msg = msg;
	list_add_tail(&s.waiter.link, &mb->senders);
	mb->waiting_senders++;
	spin_unlock(&mb->lock);
	return wait_for_room(mb, &s, patience.deadline_ns) ?: 1;
}

/* Nobody waits, and there is room: all that is to be done for most messages. */
static __always_inline bool can_just_queue(const struct mbx_mailbox *mb,
					   const struct mbx_msg *msg)
{
	lockdep_assert_held(&mb->lock);
	return !mb->death && list_empty(&mb->receivers) &&
	       list_empty(&mb->senders) && mbx_mailbox_fits(mb, msg->len);
}

/* The first of @msgs is queued. Returns how many are in the end. */
static noinline u32 queue_more(struct mbx_mailbox *mb, struct mbx_msg **msgs,
			       u32 count)
{
	u64 now = msgs[0]->time_ns;
	u32 n;

	for (n = 1; n < count && mbx_mailbox_fits(mb, msgs[n]->len); n++) {
		stamp(mb, msgs[n], now);
		mbx_queue_push(&mb->queue, msgs[n]);
	}
	return n;
}

/* @msgs has @msg, and what is to follow it. */
static __always_inline int send(struct mbx_mailbox *mb, struct mbx_msg *msg,
				struct mbx_msg **msgs, u32 count,
				struct mbx_patience patience)
{
	if (mb->direct && !READ_ONCE(mb->death))
		mbx_direct_check(mb->direct);
	spin_lock(&mb->lock);
	if (unlikely(!can_just_queue(mb, msg)))
		return send_slowly(mb, msg, patience);
	stamp(mb, msg, ktime_get_ns());
	mbx_queue_push(&mb->queue, msg);
	if (unlikely(msg->request)) {
		msg->request->msg = msg;
		mbx_request_begin(mb, msg->request);
	}
	if (count > 1)
		count = queue_more(mb, msgs, count);
	note_marks(mb);
	/* Who polls comes before this lock or after it, see unlock_once(). */
	if (unlikely(waitqueue_active(&mb->poll_wq)))
		mbx_mailbox_unlock_and_tell(mb, EPOLLIN | EPOLLRDNORM, count);
	else
		spin_unlock(&mb->lock);
	return count;
}

/**
 * mbx_mailbox_send - send a message
 * @mb: the mailbox
 * @msg: the message, not longer than the mailbox allows
 * @patience: how long to wait for room
 *
 * Return: 1, and the reference has gone to the mailbox; or, with that still the
 * caller's: -EAGAIN, -EOWNERDEAD, -ERESTARTSYS, -ESRCH or -ETIMEDOUT.
 */
int mbx_mailbox_send(struct mbx_mailbox *mb, struct mbx_msg *msg,
		     struct mbx_patience patience)
{
	return send(mb, msg, NULL, 1, patience);
}

/**
 * mbx_mailbox_send_many - send messages, in order
 * @mb: the mailbox
 * @msgs: the messages, as for mbx_mailbox_send(), and no request
 * @count: how many, at least one
 * @patience: how long to wait for room for the first; others are not waited for
 *
 * Return: how many were sent; or an error as of mbx_mailbox_send(), and none was.
 */
int mbx_mailbox_send_many(struct mbx_mailbox *mb, struct mbx_msg **msgs,
			  u32 count, struct mbx_patience patience)
{
	return send(mb, msgs[0], msgs, count, patience);
}

/*
 * A receiver that selects may want what no queued message offers, but that of a
 * sender who waits for room. Waiting for each other would help neither.
 */
static struct mbx_msg *take_from_sender(struct mbx_mailbox *mb,
					const struct mbx_want *want,
					struct mbx_after *after)
{
	struct mbx_sender *s;
	struct mbx_msg *msg;

	lockdep_assert_held(&mb->lock);
	if (want->match.flags & MBX_RECV_PEEK)
		return NULL;
	list_for_each_entry(s, &mb->senders, waiter.link) {
		if (!mbx_matches(&want->match, s->msg) ||
		    s->msg->len > want->capacity[0])
			continue;
		msg = s->msg;
		number(mb, msg, after);
		msg->deliveries++;
		mb->received++;
		answer_sender(mb, s, 0, after);
		/* The next one's message may be smaller. */
		mbx_mailbox_let_senders_in(mb, after);
		return msg;
	}
	return NULL;
}

static __always_inline void take(struct mbx_mailbox *mb, struct mbx_msg *msg)
{
	take_out(mb, msg);
	msg->deliveries++;
	mb->received++;
}

/*
 * @msgs begins with one message already. The others are taken as long as nobody
 * waits for the room that they leave, and up to a large one: to copy that takes long
 * enough.
 */
static __always_inline u32 take_more(struct mbx_mailbox *mb,
				     const struct mbx_want *want,
				     struct mbx_msg **msgs)
{
	struct mbx_msg *msg;
	u32 n = 1;

	lockdep_assert_held(&mb->lock);
	if (!list_empty(&mb->senders))
		return n;
	while (n < want->count && msgs[n - 1]->len <= MBX_INLINE_LEN) {
		msg = mbx_queue_highest(&mb->queue);
		if (!msg || msg->len > want->capacity[n])
			break;
		take(mb, msg);
		msgs[n++] = msg;
	}
	return n;
}

/*
 * How many @msgs are taken or looked at; -EMSGSIZE: the first is set; -EINPROGRESS:
 * the receiver has to wait.
 */
static __always_inline int try_receive(struct mbx_mailbox *mb,
				       const struct mbx_want *want,
				       struct mbx_msg **msgs,
				       struct mbx_after *after)
{
	struct mbx_msg *msg;
	bool taken;
	int ret;

	lockdep_assert_held(&mb->lock);
	msg = want->after ?
		      mbx_queue_after(&mb->queue, want->after, &want->match) :
		      mbx_queue_first(&mb->queue, &want->match);
	if (!msg) {
		msgs[0] = take_from_sender(mb, want, after);
		return msgs[0] ? 1 : mb->death ?: -EINPROGRESS;
	}
	ret = offer(want, msg, &taken);
	msgs[0] = msg;
	if (!taken)
		return ret ?: 1;
	take(mb, msg);
	ret = take_more(mb, want, msgs);
	after->moves += ret;
	/* Nobody else is interested in room. */
	if (!list_empty(&mb->senders) || waitqueue_active(&mb->poll_wq))
		mbx_mailbox_let_senders_in(mb, after);
	return ret;
}

static int wait_for_message(struct mbx_mailbox *mb, struct mbx_receiver *r,
			    u64 deadline_ns)
{
	int err = mbx_waiter_sleep(&r->waiter, deadline_ns);

	if (!err)
		return r->waiter.result;
	spin_lock(&mb->lock);
	if (!r->waiter.decided) {
		list_del(&r->waiter.link);
		mb->waiting_receivers--;
		spin_unlock(&mb->lock);
		return err;
	}
	spin_unlock(&mb->lock);
	return r->waiter.result;
}

/**
 * mbx_mailbox_take - receive the message that comes first, if that is all there is to do
 * @mb: the mailbox
 * @capacity: bytes that there is room for
 *
 * Return: the message, as from mbx_mailbox_receive(); or NULL, and that has to see.
 */
struct mbx_msg *mbx_mailbox_take(struct mbx_mailbox *mb, u32 capacity)
{
	struct mbx_msg *msg;

	if (!READ_ONCE(mb->queue.msgs))
		return NULL;
	spin_lock(&mb->lock);
	msg = mbx_queue_highest(&mb->queue);
	if (unlikely(!msg || msg->len > capacity ||
		     !list_empty(&mb->senders))) {
		spin_unlock(&mb->lock);
		return NULL;
	}
	take(mb, msg);
	/* As in send(). */
	if (unlikely(waitqueue_active(&mb->poll_wq)))
		mbx_mailbox_unlock_and_tell(mb, room_events(mb), 1);
	else
		spin_unlock(&mb->lock);
	return msg;
}

/**
 * mbx_mailbox_receive - receive messages, or look at one
 * @mb: the mailbox
 * @want: which, and how many at most
 * @patience: how long to wait for one
 * @msgs: out: the messages
 *
 * Return: how many, and the caller owns a reference to each; when not peeking they
 * have left the queue, and have to be freed or put back. -EMSGSIZE, and the caller
 * owns a reference to the first message, which is still queued. Otherwise -EAGAIN,
 * -EOWNERDEAD, -ERESTARTSYS, -ESRCH or -ETIMEDOUT.
 */
int mbx_mailbox_receive(struct mbx_mailbox *mb, const struct mbx_want *want,
			struct mbx_patience patience, struct mbx_msg **msgs)
{
	struct mbx_after after mbx_uninitialized;
	struct mbx_receiver r mbx_uninitialized;
	int ret;

	mbx_after_init(&after);
	spin_lock(&mb->lock);
	ret = try_receive(mb, want, msgs, &after);
	if (ret == -EINPROGRESS && patience.nonblock)
		ret = -EAGAIN;
	if (likely(ret != -EINPROGRESS)) {
		mbx_mailbox_unlock(mb, &after);
		return ret;
	}
	mbx_waiter_init(&r.waiter);
	r.want = want;
	r.msg = NULL;
	list_add_tail(&r.waiter.link, &mb->receivers);
	mb->waiting_receivers++;
	spin_unlock(&mb->lock);
	ret = wait_for_message(mb, &r, patience.deadline_ns);
	msgs[0] = r.msg;
	return ret ?: 1;
}

static void put_back(struct mbx_mailbox *mb, struct mbx_msg *msg,
		     struct mbx_after *after)
{
	lockdep_assert_held(&mb->lock);
	msg->deliveries--;
	mb->received--;
	if (msg->request && mbx_request_over(msg->request)) {
		/* The caller has gone meanwhile. */
		mb->withdrawn++;
		list_add_tail(&msg->link, &after->victims);
	} else if (!hand_over(mb, msg, after)) {
		put_in(mb, msg, true, after);
	}
}

/**
 * mbx_mailbox_put_back - messages could not be delivered after all
 * @mb: the mailbox
 * @msgs: messages that mbx_mailbox_receive() has taken out, oldest first; the
 *	references go back to the mailbox
 * @count: how many; none are put back too
 */
void mbx_mailbox_put_back(struct mbx_mailbox *mb, struct mbx_msg **msgs,
			  u32 count)
{
	struct mbx_after after mbx_uninitialized;
	u32 i;

	mbx_after_init(&after);
	spin_lock(&mb->lock);
	for (i = 0; i < count; i++)
		put_back(mb, msgs[i], &after);
	mbx_mailbox_unlock(mb, &after);
}

/**
 * mbx_mailbox_end_waiting - end all waiting calls
 * @mb: the mailbox, locked
 * @result: what they return
 * @after: what is left to do after unlocking
 */
void mbx_mailbox_end_waiting(struct mbx_mailbox *mb, int result,
			     struct mbx_after *after)
{
	struct mbx_receiver *r, *next_r;
	struct mbx_sender *s, *next_s;

	list_for_each_entry_safe(r, next_r, &mb->receivers, waiter.link)
		answer_receiver(mb, r, result, after);
	list_for_each_entry_safe(s, next_s, &mb->senders, waiter.link)
		answer_sender(mb, s, result, after);
}
