// SPDX-License-Identifier: GPL-2.0-only
/* Calling and replying: ioctl. */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "call_file.h"
#include "ioctl.h"
#include "mailbox_file.h"
#include "message.h"
#include "recv_file.h"
#include "request.h"
#include "send_file.h"

/* Returns the message that asks for @req, not yet sent. */
static struct mbx_msg *make_request(struct file *file,
				    const struct mbx_call *call,
				    struct mbx_request *req)
{
	struct mbx_message m mbx_uninitialized;
	struct mbx_msg *msg;
	int err;

	err = mbx_message_copy_in(&m, call->request, 0, call->elem_size) ?:
		      mbx_check_message(&m, mbx_mailbox_of(file)->max_msg_size);
	if (err)
		return ERR_PTR(err);
	msg = mbx_message_from_user(file, mbx_take_spare(file), &m);
	if (IS_ERR(msg))
		return msg;
	msg->request = mbx_request_get(req);
	req->user = msg->user;
	req->user_counted = msg->user != mbx_mailbox_handle_of(file)->user;
	if (unlikely(req->user_counted))
		mbx_user_ref(req->user);
	return msg;
}

static int send_request(struct file *file, const struct mbx_call *call,
			struct mbx_request *req)
{
	bool nonblock = call->flags & MBX_CALL_NONBLOCK;
	struct mbx_patience patience =
		mbx_patience_of(file, nonblock, call->deadline_ns);
	struct mbx_msg *msg = make_request(file, call, req);
	int err;

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	err = mbx_mailbox_send(mbx_mailbox_of(file), msg, patience);
	if (err > 0)
		return 0;
	mbx_msg_put(msg);
	return err;
}

/*
 * A reply to a privileged caller that exceeds the quota was charged all the same,
 * as security modules tell only the caller itself whether that is allowed.
 */
static int take_reply(struct file *file, const struct mbx_call *call,
		      struct mbx_request *req, struct mbx_message *m)
{
	struct mbx_viewer viewer mbx_uninitialized;
	struct mbx_msg *msg = req->reply;
	int err = 0;

	if (req->exceeded && !capable(CAP_SYS_RESOURCE))
		err = -EDQUOT;
	m->token = 0;
	m->deliveries = 1;
	mbx_init_viewer(&viewer);
	if (!err)
		err = mbx_message_to_user(&viewer, msg, m,
					  u64_to_user_ptr(call->reply),
					  call->elem_size);
	req->reply = NULL;
	mbx_msg_recycle(&mbx_mailbox_of(file)->spares, msg);
	return err;
}

static int call_and_wait(struct file *file, const struct mbx_call *call,
			 struct mbx_message *m)
{
	struct mbx_request **spare = &mbx_mailbox_handle_of(file)->spare;
	struct mbx_request *req = mbx_request_create(spare, m->capacity);
	int err;

	if (!req)
		return -ENOMEM;
	err = send_request(file, call, req);
	if (!err) {
		/*
		 * Where kernels are preempted only of their own accord: the server
		 * may go first, and what it replies by then is not slept for.
		 */
		cond_resched();
		err = mbx_waiter_is_decided(&req->waiter) ?
			      req->waiter.result :
			      mbx_request_wait(mbx_mailbox_of(file), req,
					       call->deadline_ns);
	}
	if (!err)
		err = take_reply(file, call, req, m);
	mbx_request_retire(spare, req);
	return err;
}

/**
 * mbx_ioc_call - MBX_IOC_CALL
 * @file: a mailbox, writable
 * @args: struct mbx_call, checked
 * @uargs: where that comes from
 *
 * Return: 0 or a negative errno.
 */
long mbx_ioc_call(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_call *call = args;
	struct mbx_message m mbx_uninitialized;
	int err;

	if (call->reserved || call->elem_size < MBX_MESSAGE_SIZE_V1 ||
	    !mbx_deadline_valid(call->deadline_ns))
		return -EINVAL;
	err = mbx_buffer_from_user(&m, call->reply, 0, call->elem_size);
	return err ?: call_and_wait(file, call, &m);
}

static u32 room_in(const struct mbx_request *req)
{
	return min(req->capacity, MBX_MSG_SIZE_MAX);
}

/* What the caller has room for, or why there is no answering it. */
static int room_for_reply(struct file *file, u64 token, u32 *capacity)
{
	struct mbx_mailbox *mb = mbx_mailbox_of(file);
	struct mbx_request *req;
	int err = -EINVAL;

	spin_lock(&mb->lock);
	req = mbx_tokens_find(&mbx_mailbox_handle_of(file)->tokens, token);
	if (req) {
		*capacity = room_in(req);
		err = mbx_request_over(req) ? -ESRCH : 0;
	}
	spin_unlock(&mb->lock);
	return err;
}

/*
 * From here on the caller's account is charged: a caller who is slow to copy the
 * reply must not use up the server's. If that is used up, the caller gets none.
 */
static int answer(struct mbx_mailbox *mb, struct mbx_request *req,
		  struct mbx_msg *msg, struct mbx_user **server,
		  struct task_struct **caller)
{
	int err = 0;

	lockdep_assert_held(&mb->lock);
	if (unlikely(msg->user != req->user))
		err = mbx_msg_charge_to(msg, req->user, req->privileged,
					&req->exceeded, server);
	if (!err)
		req->reply = msg;
	*caller = mbx_request_decide(mb, req, err);
	return err ? -ESRCH : 0;
}

/*
 * Whoever takes the token out under the lock is the one to use it. The caller's
 * buffer relies on the length: it is compared again with the request at hand.
 */
static int use_token(struct file *file, u64 token, struct mbx_msg *msg)
{
	struct mbx_tokens *tokens = &mbx_mailbox_handle_of(file)->tokens;
	struct mbx_mailbox *mb = mbx_mailbox_of(file);
	struct task_struct *caller = NULL;
	struct mbx_user *server = NULL;
	struct mbx_request *req;
	bool waits;
	int err;

	spin_lock(&mb->lock);
	req = mbx_tokens_find(tokens, token);
	waits = req && !mbx_request_over(req);
	if (unlikely(!req || (waits && msg->len > room_in(req)))) {
		spin_unlock(&mb->lock);
		return req ? -EMSGSIZE : -EINVAL;
	}
	mbx_tokens_remove(tokens, token, req);
	err = likely(waits) ? answer(mb, req, msg, &server, &caller) : -ESRCH;
	spin_unlock(&mb->lock);
	if (likely(caller))
		mbx_wake_task(caller);
	mbx_request_put(req);
	if (server)
		mbx_user_put(server);
	return err;
}

static int send_reply(struct file *file, u64 token, struct mbx_msg *msg)
{
	int err;

	msg->time_ns = ktime_get_ns();
	err = use_token(file, token, msg);
	if (unlikely(err))
		mbx_msg_put(msg);
	return err;
}

/*
 * What is wrong with the token comes before what is wrong with the message. Its
 * description @m was copied in, or not for @err.
 */
static noinline int reply_slowly(struct file *file, u64 token,
				 const struct mbx_message *m, int err)
{
	struct mbx_msg *msg;
	u32 capacity;
	int wrong;

	wrong = room_for_reply(file, token, &capacity);
	/* The caller has gone, for good. */
	if (wrong == -ESRCH)
		return mbx_tokens_drop(&mbx_mailbox_handle_of(file)->tokens,
				       token) ?
			       -ESRCH :
			       -EINVAL;
	err = wrong ?: err ?: mbx_check_message(m, capacity);
	if (err)
		return err;
	msg = mbx_message_from_user(file, mbx_take_spare(file), m);
	return IS_ERR(msg) ? PTR_ERR(msg) : send_reply(file, token, msg);
}

/* A small message is made before it is known whether anybody waits for it. */
static int reply(struct file *file, const struct mbx_reply *reply)
{
	struct mbx_message m mbx_uninitialized;
	struct mbx_msg *msg;
	u32 capacity;
	int err;

	if (unlikely(reply->flags & MBX_REPLY_QUERY))
		return room_for_reply(file, reply->token, &capacity);
	err = mbx_message_copy_in(&m, reply->message, 0, reply->elem_size);
	if (likely(!err && !mbx_check_message(&m, MBX_INLINE_LEN))) {
		msg = mbx_message_from_user(file, mbx_take_spare(file), &m);
		if (!IS_ERR(msg))
			return send_reply(file, reply->token, msg);
	}
	return reply_slowly(file, reply->token, &m, err);
}

/*
 * A receive that is restarted after a signal must not reply again: the token is
 * cleared. Whether that is possible has to be known before.
 */
static int reply_once(struct file *file, const struct mbx_reply *call,
		      u64 __user *utoken)
{
	int err;

	if (put_user((u64)0, utoken))
		return -EFAULT;
	err = reply(file, call);
	if (unlikely(err && err != -ESRCH) && put_user(call->token, utoken))
		return -EFAULT;
	return err;
}

static int check_reply(const struct mbx_reply *reply)
{
	bool receive = reply->flags & MBX_REPLY_RECV;
	bool query = reply->flags & MBX_REPLY_QUERY;

	if (reply->reserved || reply->elem_size < MBX_MESSAGE_SIZE_V1 ||
	    (receive && query) || (query && reply->message))
		return -EINVAL;
	return !receive && (reply->recv || !reply->token) ? -EINVAL : 0;
}

/**
 * mbx_ioc_reply - MBX_IOC_REPLY
 * @file: a mailbox, readable
 * @args: struct mbx_reply, checked
 * @uargs: where that comes from
 *
 * Return: 0 or the number of messages received, or a negative errno.
 */
long mbx_ioc_reply(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_reply *call = args;
	struct mbx_reply __user *ucall = uargs;
	int err;

	err = check_reply(call);
	if (err)
		return err;
	if (call->token)
		err = call->flags & MBX_REPLY_RECV ?
			      reply_once(file, call, &ucall->token) :
			      reply(file, call);
	if (err || !(call->flags & MBX_REPLY_RECV))
		return err;
	/* As in call_and_wait(): the caller's next request may be there by then. */
	if (call->token)
		cond_resched();
	return mbx_mailbox_recv(file, call->recv);
}
