// SPDX-License-Identifier: GPL-2.0-only
/* Receiving by ioctl: messages go out to user space. */
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "mailbox_file.h"
#include "message.h"
#include "quota.h"
#include "recv_file.h"
#include "request.h"
#include "slow.h"

/* The struct mbx_recv of a call in progress, where it is, what it has in hand. */
struct recv_call {
	const struct mbx_recv *recv;
	const struct file *file;
	struct mbx_mailbox *mb;
	struct mbx_viewer viewer;
	struct mbx_patience patience;
	struct mbx_want want;
	struct mbx_position peeked; /* want.after, if there is one */
	u32 retries; /* that are left */
	u64 data[MBX_HANDFUL]; /* where payloads are to go */
	u32 capacity[MBX_HANDFUL];
	struct mbx_msg *msgs[MBX_HANDFUL];
};

static __always_inline void __user *elem_of(const struct recv_call *call, u32 i)
{
	return mbx_elem_ptr(call->recv->messages, i, call->recv->elem_size);
}

/* Only the position is kept. */
static void forget_peeked(struct recv_call *call)
{
	mbx_msg_put(call->peeked.msg);
	call->peeked.msg = NULL;
}

static void set_position(struct recv_call *call, u8 prio, u64 seq,
			 struct mbx_msg *msg)
{
	forget_peeked(call);
	call->peeked.msg = msg;
	call->peeked.prio = prio;
	call->peeked.seq = seq;
	call->want.after = &call->peeked;
}

/*
 * A message that can't be charged goes back, and is tried again when the memory is
 * at hand; which can be gone by then, but hardly ever is. Returns 0 for that.
 */
static int prepare_retry(struct recv_call *call, int err, u64 data, size_t len,
			 void __user *um)
{
	if (err != -EDQUOT || !call->retries)
		return err;
	call->retries--;
	if (mbx_fault_in(u64_to_user_ptr(data), len) &&
	    mbx_fault_in(um, mbx_written_of(call->recv->elem_size)))
		return 0;
	return fatal_signal_pending(current) ? -EINTR : -EFAULT;
}

static struct mbx_msg *copy_for_current(struct recv_call *call,
					struct mbx_msg *msg)
{
	struct mbx_user *user =
		mbx_get_current_account(mbx_mailbox_handle_of(call->file));
	struct mbx_msg *copy;

	if (!user)
		return ERR_PTR(-ENOMEM);
	copy = mbx_msg_copy(&call->mb->spares, msg, user);
	mbx_user_put(user);
	return copy;
}

/*
 * Others may take the message meanwhile, but it would stay as long as this looks.
 * Consumes the reference. Returns how many were looked at.
 */
static int look_slowly(struct recv_call *call, struct mbx_msg *msg,
		       struct mbx_message *m, void __user *um)
{
	struct mbx_msg *copy = copy_for_current(call, msg);
	u8 prio = msg->prio;
	u64 seq = msg->seq;
	int err;

	mbx_msg_put(msg);
	forget_peeked(call);
	if (IS_ERR(copy))
		return prepare_retry(call, PTR_ERR(copy), m->data, m->len, um);
	err = mbx_message_to_user(&call->viewer, copy, m, um,
				  call->recv->elem_size);
	mbx_msg_put(copy);
	if (err)
		return err;
	set_position(call, prio, seq, NULL);
	return 1;
}

/* Returns how many were looked at. */
static int look_at(struct recv_call *call, u32 i)
{
	struct mbx_msg *msg = call->msgs[0];
	void __user *um = elem_of(call, i);
	struct mbx_message m = {
		.data = call->data[0],
		.capacity = call->capacity[0],
	};
	int err;

	pagefault_disable();
	err = mbx_message_to_user(&call->viewer, msg, &m, um,
				  call->recv->elem_size);
	pagefault_enable();
	if (err == -EFAULT)
		return look_slowly(call, msg, &m, um);
	set_position(call, msg->prio, msg->seq, msg);
	return err ?: 1;
}

/* The current user is to be charged for the request's next token. */
static int set_holder(const struct mbx_mailbox_handle *handle,
		      struct mbx_request *req)
{
	bool counted = !mbx_is_opener(handle);
	struct mbx_user *user = handle->user;

	if (unlikely(counted)) {
		user = mbx_user_get(current_uid());
		if (!user)
			return -ENOMEM;
	}
	if (unlikely(req->holder_counted))
		mbx_user_put(req->holder);
	req->holder = user;
	req->holder_counted = counted;
	return 0;
}

static int make_token(struct mbx_mailbox_handle *handle,
		      struct mbx_request *req, u64 *token)
{
	int err = set_holder(handle, req) ?:
			  mbx_servers_add_current(&handle->servers);

	if (err)
		return err;
	req->server = task_tgid(current);
	return mbx_tokens_add(&handle->tokens, req, token);
}

/* @m says where to. */
static __always_inline int deliver(const struct file *file,
				   const struct mbx_viewer *viewer,
				   struct mbx_msg *msg, struct mbx_message *m,
				   void __user *um, u32 elem_size)
{
	struct mbx_mailbox_handle *handle = mbx_mailbox_handle_of(file);
	/* Callers from before there were tokens can't be told one. */
	bool tell = elem_size >= sizeof(struct mbx_message);
	int err = 0;

	m->token = 0;
	m->deliveries = msg->deliveries;
	if (unlikely(msg->request) && tell)
		err = make_token(handle, msg->request, &m->token);
	if (!err)
		err = mbx_message_to_user(viewer, msg, m, um, elem_size);
	/* Nobody was told, or somebody who is being killed. */
	if (unlikely(err && m->token))
		mbx_tokens_drop(&handle->tokens, m->token);
	else if (unlikely(msg->request) && !tell && !err)
		mbx_request_reset(mbx_mailbox_of(file), msg->request);
	return err;
}

static __always_inline void set_buffer(const struct recv_call *call, u32 n,
				       struct mbx_message *m)
{
	m->data = call->data[n];
	m->capacity = call->capacity[n];
}

static __always_inline int deliver_nth(struct recv_call *call, u32 n,
				       void __user *um)
{
	struct mbx_message m mbx_uninitialized;

	set_buffer(call, n, &m);
	return deliver(call->file, &call->viewer, call->msgs[n], &m, um,
		       call->recv->elem_size);
}

/* The message stays where it is. Consumes the reference. */
static int tell_length(const struct mbx_viewer *viewer, struct mbx_msg *msg,
		       struct mbx_message *m, void __user *um, u32 elem_size)
{
	m->token = 0;
	m->deliveries = 0;
	mbx_describe(viewer, msg, m);
	mbx_msg_put(msg);
	return mbx_copy_message_out(um, m, elem_size) ?: -EMSGSIZE;
}

static int report_too_large(struct recv_call *call, u32 i)
{
	struct mbx_message m mbx_uninitialized;

	set_buffer(call, 0, &m);
	forget_peeked(call);
	return tell_length(&call->viewer, call->msgs[0], &m, elem_of(call, i),
			   call->recv->elem_size);
}

/* Where the next messages are to go; an error concerns the first. */
static __always_inline int fetch_buffers(struct recv_call *call, u32 from)
{
	const struct mbx_recv *recv = call->recv;
	struct mbx_message m mbx_uninitialized;
	u32 most = 1, n = 0;
	int err;

	if (!(recv->flags & (MBX_RECV_SELECTION | MBX_RECV_PEEK)))
		most = min(recv->count - from, MBX_HANDFUL);
	do {
		err = mbx_buffer_from_user(&m, recv->messages, from + n,
					   recv->elem_size);
		if (unlikely(err))
			break;
		call->data[n] = m.data;
		call->capacity[n] = m.capacity;
	} while (++n < most);
	call->want.count = n;
	return n ? 0 : err;
}

/* To memory that is not at hand: the receiver is charged while it comes. */
static noinline int deliver_slowly(const struct file *file,
				   const struct mbx_viewer *viewer,
				   struct mbx_msg *msg, struct mbx_message *m,
				   void __user *um, u32 elem_size)
{
	struct mbx_user *sender;
	int err;

	err = mbx_take_charge(mbx_mailbox_handle_of(file), msg, &sender);
	if (err)
		return err;
	err = deliver(file, viewer, msg, m, um, elem_size);
	mbx_end_charge(msg, sender, err);
	return err;
}

/*
 * Message number @n was not delivered for @err, nor were those behind it. Returns 1
 * if it is in the end.
 */
static noinline u32 deliver_rest(struct recv_call *call, u32 from, u32 n,
				 u32 count, int *err)
{
	void __user *um = elem_of(call, from + n);
	struct mbx_message m mbx_uninitialized;
	struct mbx_msg **left = call->msgs + n;
	u32 len = left[0]->len;

	if (*err != -EFAULT) {
		mbx_mailbox_put_back(call->mb, left, count - n);
		return 0;
	}
	mbx_mailbox_put_back(call->mb, left + 1, count - n - 1);
	set_buffer(call, n, &m);
	*err = deliver_slowly(call->file, &call->viewer, left[0], &m, um,
			      call->recv->elem_size);
	if (*err) {
		mbx_mailbox_put_back(call->mb, left, 1);
		*err = prepare_retry(call, *err, call->data[n], len, um);
		return 0;
	}
	mbx_msg_recycle(&call->mb->spares, left[0]);
	return 1;
}

/*
 * Returns how many were delivered; the next one was not for @err, or if that is 0 may
 * be tried again.
 */
static __always_inline u32 deliver_all(struct recv_call *call, u32 from,
				       u32 count, int *err)
{
	u32 n;

	pagefault_disable();
	for (n = 0; n < count; n++) {
		*err = deliver_nth(call, n, elem_of(call, from + n));
		if (unlikely(*err))
			break;
	}
	pagefault_enable();
	if (likely(n == 1))
		mbx_msg_recycle(&call->mb->spares, call->msgs[0]);
	else
		mbx_msgs_recycle(&call->mb->spares, call->msgs, n);
	if (unlikely(n < count))
		n += deliver_rest(call, from, n, count, err);
	return n;
}

static noinline int fetch_next_peeked(struct recv_call *call, u32 from)
{
	int err;

	pagefault_disable();
	err = fetch_buffers(call, from);
	pagefault_enable();
	if (err != -EFAULT)
		return err;
	forget_peeked(call);
	return fetch_buffers(call, from);
}

static __always_inline u32 recv_some(struct recv_call *call, u32 from, int *err)
{
	int got;

	*err = likely(!call->want.after) ? fetch_buffers(call, from) :
					   fetch_next_peeked(call, from);
	if (unlikely(*err))
		return 0;
	got = mbx_mailbox_receive(call->mb, &call->want, call->patience,
				  call->msgs);
	if (got == -EMSGSIZE)
		got = report_too_large(call, from);
	if (got < 0) {
		*err = got;
		return 0;
	}
	if (unlikely(call->recv->flags & MBX_RECV_PEEK)) {
		got = look_at(call, from);
		*err = min(got, 0);
		return max(got, 0);
	}
	return deliver_all(call, from, got, err);
}

static int check_selection(const struct mbx_recv *recv)
{
	if (recv->min_prio >
	    (recv->flags & MBX_RECV_BY_PRIO ? MBX_PRIO_MAX : 0))
		return -EINVAL;
	if (recv->tag && !(recv->flags & MBX_RECV_BY_TAG))
		return -EINVAL;
	return recv->pid && !(recv->flags & MBX_RECV_BY_PID) ? -EINVAL : 0;
}

static __always_inline struct mbx_patience
patience_of(const struct file *file, const struct mbx_recv *recv)
{
	return mbx_patience_of(file, recv->flags & MBX_RECV_NONBLOCK,
			       recv->deadline_ns);
}

/* Field by field: most of it needs no value before it gets one. */
static __always_inline void begin_recv(struct recv_call *call,
				       const struct file *file,
				       const struct mbx_recv *recv)
{
	call->recv = recv;
	call->file = file;
	call->mb = mbx_mailbox_of(file);
	mbx_init_viewer(&call->viewer);
	call->patience = patience_of(file, recv);
	call->want.match.flags = recv->flags;
	call->want.match.min_prio = recv->min_prio;
	call->want.match.tag = recv->tag;
	call->want.match.pid = recv->pid;
	call->want.match.pid_ns = call->viewer.pid_ns;
	call->want.capacity = call->capacity;
	call->want.after = NULL;
	call->peeked.msg = NULL;
	call->retries = MBX_RETRIES;
}

static noinline long recv_slowly(const struct file *file,
				 const struct mbx_recv *recv)
{
	struct recv_call call mbx_uninitialized;
	u32 got, total = 0;
	int err;

	begin_recv(&call, file, recv);
	for (;;) {
		got = recv_some(&call, total, &err);
		total += got;
		if (err || total == recv->count)
			break;
		/* None, and no error: that one is tried again. */
		if (likely(got))
			call.retries = MBX_RETRIES;
		call.patience.nonblock |= total;
		cond_resched();
	}
	if (unlikely(call.peeked.msg))
		mbx_msg_put(call.peeked.msg);
	return total ?: err;
}

/* It can't be had at once: there is none, it is too large, or senders wait for room. */
static noinline struct mbx_msg *wait_for_one(const struct file *file,
					     const struct mbx_recv *recv,
					     struct mbx_message *m)
{
	struct mbx_want want = { .count = 1, .capacity = &m->capacity };
	struct mbx_viewer viewer mbx_uninitialized;
	struct mbx_msg *msg;
	int ret = mbx_mailbox_receive(mbx_mailbox_of(file), &want,
				      patience_of(file, recv), &msg);

	if (ret == -EMSGSIZE) {
		mbx_init_viewer(&viewer);
		ret = tell_length(&viewer, msg, m,
				  mbx_elem_ptr(recv->messages, 0,
					       recv->elem_size),
				  recv->elem_size);
	}
	return ret < 0 ? ERR_PTR(ret) : msg;
}

/*
 * Receives the message that comes first; or returns 0, and recv_slowly() has to see:
 * whoever can't be charged may try again with the memory at hand.
 */
static __always_inline long recv_one(const struct file *file,
				     const struct mbx_recv *recv)
{
	void __user *um = mbx_elem_ptr(recv->messages, 0, recv->elem_size);
	struct mbx_mailbox *mb = mbx_mailbox_of(file);
	struct mbx_message m mbx_uninitialized;
	struct mbx_viewer viewer mbx_uninitialized;
	struct mbx_msg *msg;
	bool late = false;
	int err;

	err = mbx_buffer_from_user(&m, recv->messages, 0, recv->elem_size);
	if (unlikely(err))
		return err;
	msg = mbx_mailbox_take(mb, m.capacity) ?: wait_for_one(file, recv, &m);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	mbx_init_viewer(&viewer);
	pagefault_disable();
	err = deliver(file, &viewer, msg, &m, um, recv->elem_size);
	pagefault_enable();
	if (unlikely(err == -EFAULT)) {
		err = deliver_slowly(file, &viewer, msg, &m, um,
				     recv->elem_size);
		late = err == -EDQUOT;
	}
	if (unlikely(err)) {
		mbx_mailbox_put_back(mb, &msg, 1);
		return late ? 0 : err;
	}
	mbx_msg_recycle(&mb->spares, msg);
	return 1;
}

/**
 * mbx_ioc_recv - MBX_IOC_RECV
 * @file: a mailbox, readable
 * @args: struct mbx_recv, checked
 * @uargs: where that comes from
 *
 * Return: number of messages received, or a negative errno if none was.
 */
long mbx_ioc_recv(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_recv *recv = args;
	long ret;

	ret = mbx_check_array(recv->count, recv->elem_size, recv->deadline_ns) ?:
		      check_selection(recv);
	if (unlikely(ret))
		return ret;
	if (likely(recv->count == 1 &&
		   !(recv->flags & (MBX_RECV_SELECTION | MBX_RECV_PEEK))))
		ret = recv_one(file, recv);
	return likely(ret) ? ret : recv_slowly(file, recv);
}
