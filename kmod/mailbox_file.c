// SPDX-License-Identifier: GPL-2.0-only
/* Sending and receiving through a descriptor: ioctl, read, write, poll. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "abi.h"
#include "handle.h"
#include "ioctl.h"
#include "mailbox.h"
#include "mailbox_file.h"
#include "message.h"
#include "quota.h"
#include "request.h"

/*
 * A message is charged to who sends it, a token to who receives it, who need not
 * be who opened the descriptor. Most often it is, and then no look-up is needed.
 */
static bool is_opener(const struct mbx_mailbox_handle *handle)
{
	return likely(uid_eq(handle->user->uid, current_uid()));
}

static struct mbx_user *
get_current_account(const struct mbx_mailbox_handle *handle)
{
	if (is_opener(handle))
		return mbx_user_ref(handle->user);
	return mbx_user_get(current_uid());
}

/* The payload stays to be filled in. */
static __always_inline struct mbx_msg *new_message(const struct file *file,
						   size_t len)
{
	struct mbx_mailbox_handle *handle = mbx_mailbox_handle_of(file);
	struct mbx_spares *spares = &mbx_mailbox_of(file)->spares;
	struct mbx_user *user;
	struct mbx_msg *msg;

	if (is_opener(handle))
		return mbx_msg_alloc(spares, handle->user, len);
	user = mbx_user_get(current_uid());
	if (!user)
		return ERR_PTR(-ENOMEM);
	msg = mbx_msg_alloc(spares, user, len);
	mbx_user_put(user);
	return msg;
}

/**
 * mbx_message_from_user - make a message of what the user describes
 * @file: the mailbox; who opened it is likely to be charged
 * @m: the description, copied in
 * @max_len: most bytes of payload
 *
 * Return: the message with one reference, or an error pointer.
 */
struct mbx_msg *mbx_message_from_user(const struct file *file,
				      const struct mbx_message *m, u32 max_len)
{
	struct mbx_msg *msg;

	if (m->flags || m->prio > MBX_PRIO_MAX)
		return ERR_PTR(-EINVAL);
	if (m->len > max_len)
		return ERR_PTR(-EMSGSIZE);
	msg = new_message(file, m->len);
	if (IS_ERR(msg))
		return msg;
	msg->tag = m->tag;
	msg->prio = m->prio;
	if (mbx_copy_in(msg->data, u64_to_user_ptr(m->data), m->len)) {
		mbx_msg_put(msg);
		return ERR_PTR(-EFAULT);
	}
	return msg;
}

/* Words of struct mbx_message up to the last that the kernel looks at. */
#define WORDS_BEFORE(member) \
	(offsetof(struct mbx_message, member) / sizeof(u64))
#define MESSAGE_WORDS (sizeof(struct mbx_message) / sizeof(u64))

/**
 * mbx_message_copy_in - copy in what is to be sent
 * @m: out: all that the user says of a message
 * @array: user address of an array of messages
 * @i: index
 * @elem_size: size of an element as the caller knows it
 *
 * Return: 0, -E2BIG or -EFAULT.
 */
int mbx_message_copy_in(struct mbx_message *m, u64 array, u32 i, u32 elem_size)
{
	if (likely(elem_size == sizeof(*m)))
		return mbx_get_words(m, mbx_elem_ptr(array, i, elem_size),
				     WORDS_BEFORE(seq), MESSAGE_WORDS);
	return mbx_copy_elem(m, sizeof(*m), array, i, elem_size);
}

/**
 * mbx_buffer_from_user - copy in where a message is to be received into
 * @m: out: data and capacity
 * @array: user address of an array of messages
 * @i: index
 * @elem_size: size of an element as the caller knows it
 *
 * Return: 0, -E2BIG or -EFAULT.
 */
int mbx_buffer_from_user(struct mbx_message *m, u64 array, u32 i, u32 elem_size)
{
	if (likely(elem_size == sizeof(*m)))
		return mbx_get_words(m, mbx_elem_ptr(array, i, elem_size),
				     WORDS_BEFORE(tag), MESSAGE_WORDS);
	return mbx_copy_elem(m, sizeof(*m), array, i, elem_size);
}

static int send_one(const struct file *file, const struct mbx_message *m,
		    const struct mbx_patience *patience)
{
	struct mbx_mailbox *mb = mbx_mailbox_of(file);
	struct mbx_msg *msg = mbx_message_from_user(file, m, mb->max_msg_size);
	int err;

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	err = mbx_mailbox_send(mb, msg, patience);
	if (err)
		mbx_msg_put(msg);
	return err;
}

static int check_array(u32 count, u32 elem_size, u64 deadline_ns)
{
	if (!count || count > MBX_BATCH_MAX || elem_size < MBX_MESSAGE_SIZE_V1)
		return -EINVAL;
	return mbx_deadline_valid(deadline_ns) ? 0 : -EINVAL;
}

/**
 * mbx_ioc_send - MBX_IOC_SEND
 * @file: a mailbox, writable
 * @args: struct mbx_send, checked
 * @uargs: where that comes from
 *
 * Return: number of messages sent, or a negative errno if none was.
 */
long mbx_ioc_send(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_send *send = args;
	struct mbx_patience patience = {
		.nonblock = (send->flags & MBX_SEND_NONBLOCK) ||
			    mbx_file_nonblock(file),
		.deadline_ns = send->deadline_ns,
	};
	struct mbx_message m mbx_uninitialized;
	int err;
	u32 i;

	err = check_array(send->count, send->elem_size, send->deadline_ns);
	for (i = 0; !err;) {
		err = mbx_message_copy_in(&m, send->messages, i, send->elem_size) ?:
			      send_one(file, &m, &patience);
		if (err || ++i == send->count)
			break;
		cond_resched();
		/* Many large ones take long; the rest can be sent after it. */
		if (signal_pending(current))
			break;
	}
	return i ?: err;
}

static __always_inline int
copy_message_out(void __user *um, const struct mbx_message *m, u32 elem_size)
{
	/* The caller knows where the data are. */
	if (likely(elem_size == sizeof(*m)))
		return mbx_put_words((u64 __user *)um + 1, (const u64 *)m + 1,
				     MESSAGE_WORDS - 1);
	return mbx_copy_out(um, m, min_t(size_t, elem_size, sizeof(*m)));
}

/* In the first user namespace a user is called what it is. */
static __always_inline void tell_identity(const struct mbx_msg *msg,
					  struct mbx_message *m)
{
	struct user_namespace *ns = current_user_ns();

	if (ns == &init_user_ns) {
		m->uid = __kuid_val(msg->uid);
		m->gid = __kgid_val(msg->gid);
	} else {
		m->uid = from_kuid_munged(ns, msg->uid);
		m->gid = from_kgid_munged(ns, msg->gid);
	}
}

/* What was done with the message, token and deliveries, the caller knows. */
static __always_inline void describe(const struct mbx_msg *msg,
				     struct mbx_message *m)
{
	m->len = msg->len;
	m->tag = msg->tag;
	m->prio = msg->prio;
	m->flags = msg->flags | (msg->request ? MBX_MSG_CALL : 0);
	m->seq = msg->seq;
	m->time_ns = mbx_time_from_host(msg->time_ns);
	m->pid = pid_nr_ns(msg->pid, ns_of_pid(task_pid(current)));
	tell_identity(msg, m);
}

/**
 * mbx_message_to_user - copy a message out
 * @msg: the message
 * @m: as copied in, with token and deliveries set; changed to describe @msg
 * @um: where @m comes from
 * @elem_size: how much of it the caller knows
 *
 * Return: 0, -EFAULT, or -EINTR if the caller is being killed.
 */
int mbx_message_to_user(const struct mbx_msg *msg, struct mbx_message *m,
			void __user *um, u32 elem_size)
{
	describe(msg, m);
	if (mbx_copy_out(u64_to_user_ptr(m->data), msg->data, msg->len) ||
	    copy_message_out(um, m, elem_size))
		return -EFAULT;
	/* Who is being killed will not see what was copied. */
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* The struct mbx_recv of a call in progress, and where it is. */
struct recv_call {
	const struct mbx_recv *recv;
	struct mbx_mailbox *mb;
	struct mbx_mailbox_handle *handle;
	struct mbx_want want;
	struct mbx_msg *peeked; /* the last one, with a reference */
};

static int look_at(struct recv_call *call, struct mbx_msg *msg,
		   struct mbx_message *m, void __user *um)
{
	mbx_msg_put(call->peeked);
	call->peeked = msg;
	call->want.after = msg;
	m->token = 0;
	m->deliveries = 0;
	return mbx_message_to_user(msg, m, um, call->recv->elem_size);
}

/* A token that was told to nobody, or to a caller who is being killed. */
static void revoke(struct recv_call *call, u64 token)
{
	struct mbx_tokens *tokens = &call->handle->tokens;

	if (token)
		mbx_request_put(mbx_tokens_remove(tokens, token));
}

static int make_token(struct recv_call *call, struct mbx_request *req,
		      u64 *token)
{
	struct mbx_user *user = get_current_account(call->handle);
	int err;

	if (!user)
		return -ENOMEM;
	err = mbx_servers_add_current(&call->handle->servers);
	if (err) {
		mbx_user_put(user);
		return err;
	}
	req->server = task_tgid(current);
	return mbx_tokens_add(&call->handle->tokens, req, user, token);
}

static int deliver(struct recv_call *call, struct mbx_msg *msg,
		   struct mbx_message *m, void __user *um)
{
	/* Callers from before there were tokens can't be told one. */
	bool tell = call->recv->elem_size >= sizeof(*m);
	u64 token = 0;
	int err = 0;

	if (msg->request && tell)
		err = make_token(call, msg->request, &token);
	m->token = token;
	m->deliveries = msg->deliveries;
	if (!err)
		err = mbx_message_to_user(msg, m, um, call->recv->elem_size);
	if (!err) {
		if (msg->request && !tell)
			mbx_request_reset(call->mb, msg->request);
		mbx_msg_recycle(&call->mb->spares, msg);
		return 0;
	}
	revoke(call, token);
	mbx_mailbox_put_back(call->mb, msg);
	return err;
}

/* The message stays where it is; tell its length. */
static int report_too_large(struct mbx_msg *msg, struct mbx_message *m,
			    void __user *um, u32 elem_size)
{
	describe(msg, m);
	mbx_msg_put(msg);
	m->token = 0;
	m->deliveries = 0;
	return copy_message_out(um, m, elem_size) ?: -EMSGSIZE;
}

static int recv_one(struct recv_call *call, u32 i,
		    const struct mbx_patience *patience)
{
	const struct mbx_recv *recv = call->recv;
	void __user *um = mbx_elem_ptr(recv->messages, i, recv->elem_size);
	struct mbx_message m mbx_uninitialized;
	struct mbx_msg *msg;
	int err;

	err = mbx_buffer_from_user(&m, recv->messages, i, recv->elem_size);
	if (err)
		return err;
	call->want.capacity = m.capacity;
	err = mbx_mailbox_receive(call->mb, &call->want, patience, &msg);
	if (err == -EMSGSIZE)
		return report_too_large(msg, &m, um, recv->elem_size);
	if (err)
		return err;
	if (recv->flags & MBX_RECV_PEEK)
		return look_at(call, msg, &m, um);
	return deliver(call, msg, &m, um);
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
	struct mbx_patience patience = {
		.nonblock = (recv->flags & MBX_RECV_NONBLOCK) ||
			    mbx_file_nonblock(file),
		.deadline_ns = recv->deadline_ns,
	};
	struct recv_call call = {
		.recv = recv,
		.mb = mbx_mailbox_of(file),
		.handle = mbx_mailbox_handle_of(file),
		.want.match = {
			.flags = recv->flags,
			.min_prio = recv->min_prio,
			.tag = recv->tag,
			.pid = recv->pid,
			.pid_ns = ns_of_pid(task_pid(current)),
		},
	};
	u32 i;
	int err;

	err = check_array(recv->count, recv->elem_size, recv->deadline_ns) ?:
		      check_selection(recv);
	for (i = 0; !err;) {
		err = recv_one(&call, i, &patience);
		if (err || ++i == recv->count)
			break;
		patience.nonblock = true;
		cond_resched();
	}
	if (call.peeked)
		mbx_msg_put(call.peeked);
	return i ?: err;
}

/**
 * mbx_ioc_mailbox_stat - MBX_IOC_MAILBOX_STAT
 * @file: a mailbox
 * @args: struct mbx_mailbox_stat
 * @uargs: where that comes from
 *
 * Return: 0.
 */
long mbx_ioc_mailbox_stat(struct file *file, void *args, void __user *uargs)
{
	struct mbx_mailbox_stat *stat = args;
	struct mbx_mailbox *mb = mbx_mailbox_of(file);

	if (stat->reserved)
		return -EINVAL;
	mbx_mailbox_stat(mb, stat);
	stat->uid = from_kuid_munged(current_user_ns(), mb->obj.uid);
	stat->gid = from_kgid_munged(current_user_ns(), mb->obj.gid);
	return 0;
}

static ssize_t read_mailbox(struct kiocb *iocb, struct iov_iter *to)
{
	struct mbx_mailbox *mb = mbx_mailbox_of(iocb->ki_filp);
	struct mbx_want want = {
		.capacity = min_t(size_t, iov_iter_count(to), U32_MAX),
	};
	struct mbx_patience patience = {
		.nonblock = mbx_file_nonblock(iocb->ki_filp) ||
			    (iocb->ki_flags & IOCB_NOWAIT),
	};
	struct mbx_msg *msg;
	ssize_t len;
	int err;

	err = mbx_mailbox_receive(mb, &want, &patience, &msg);
	if (err == -EMSGSIZE)
		mbx_msg_put(msg);
	if (err)
		return err;
	len = msg->len;
	if (copy_to_iter(msg->data, len, to) != len)
		err = -EFAULT;
	else if (fatal_signal_pending(current))
		err = -EINTR;
	if (err) {
		mbx_mailbox_put_back(mb, msg);
		return err;
	}
	/* There is no way to tell the token. */
	if (msg->request)
		mbx_request_reset(mb, msg->request);
	mbx_msg_recycle(&mb->spares, msg);
	return len;
}

static ssize_t write_mailbox(struct kiocb *iocb, struct iov_iter *from)
{
	struct mbx_mailbox *mb = mbx_mailbox_of(iocb->ki_filp);
	struct mbx_patience patience = {
		.nonblock = mbx_file_nonblock(iocb->ki_filp) ||
			    (iocb->ki_flags & IOCB_NOWAIT),
	};
	size_t len = iov_iter_count(from);
	struct mbx_msg *msg;
	int err = -EFAULT;

	if (len > mb->max_msg_size)
		return -EMSGSIZE;
	msg = new_message(iocb->ki_filp, len);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	msg->flags = MBX_MSG_WRITE;
	if (copy_from_iter_full(msg->data, len, from))
		err = mbx_mailbox_send(mb, msg, &patience);
	if (!err)
		return len;
	mbx_msg_put(msg);
	return err;
}

static __poll_t poll_mailbox(struct file *file, poll_table *wait)
{
	struct mbx_mailbox *mb = mbx_mailbox_of(file);
	__poll_t events;

	poll_wait(file, &mb->poll_wq, wait);
	events = mbx_mailbox_poll(mb);
	if (!(file->f_mode & FMODE_READ))
		events &= ~(EPOLLIN | EPOLLRDNORM);
	if (!(file->f_mode & FMODE_WRITE))
		events &= ~(EPOLLOUT | EPOLLWRNORM);
	return events;
}

static int release_mailbox_file(struct inode *inode, struct file *file)
{
	struct mbx_mailbox_handle *handle = mbx_mailbox_handle_of(file);
	struct mbx_request *req;

	mbx_servers_destroy(&handle->servers);
	while ((req = mbx_tokens_pop(&handle->tokens))) {
		mbx_request_reset(mbx_mailbox_of(file), req);
		mbx_request_put(req);
		cond_resched();
	}
	mbx_tokens_destroy(&handle->tokens);
	mbx_handle_release(&handle->base);
	mbx_user_put(handle->user);
	kfree(handle->spare);
	kfree(handle);
	return 0;
}

static void show_mailbox(struct seq_file *m, struct file *file)
{
	struct mbx_mailbox *mb = mbx_mailbox_of(file);

	mbx_object_show(m, &mb->obj);
	seq_printf(m, "mbx-msgs:\t%u\n", READ_ONCE(mb->queue.msgs));
	seq_printf(m, "mbx-bytes:\t%llu\n", READ_ONCE(mb->queue.bytes));
}

const struct file_operations mbx_mailbox_fops = {
	.owner = THIS_MODULE,
	.read_iter = read_mailbox,
	.write_iter = write_mailbox,
	.poll = poll_mailbox,
	.release = release_mailbox_file,
	.unlocked_ioctl = mbx_mailbox_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.show_fdinfo = show_mailbox,
};
