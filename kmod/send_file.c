// SPDX-License-Identifier: GPL-2.0-only
/* Sending through a descriptor: messages come in from user space. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "mailbox_file.h"
#include "message.h"
#include "send_file.h"

/*
 * Makes messages of the elements from @from on, of @spares as far as there are any.
 * Returns how many; whatever the next one lacks is in @err. One that has its payload
 * elsewhere is the last.
 */
static __always_inline u32 make_handful(const struct file *file,
					const struct mbx_send *send, u32 from,
					u32 most, struct mbx_msg **spares,
					u32 *left, struct mbx_msg **msgs,
					int *err)
{
	u32 max_len = mbx_mailbox_of(file)->max_msg_size, n = 0;
	struct mbx_message m mbx_uninitialized;
	struct mbx_msg *msg, *spare;

	do {
		*err = mbx_message_copy_in(&m, send->messages, from + n, send->elem_size) ?:
			       mbx_check_message(&m, max_len);
		if (unlikely(*err))
			return n;
		spare = likely(*left) ? spares[--*left] : NULL;
		msg = mbx_message_from_user(file, spare, &m);
		if (IS_ERR(msg)) {
			*err = PTR_ERR(msg);
			return n;
		}
		msgs[n++] = msg;
	} while (n < most && msg->len <= MBX_INLINE_LEN);
	return n;
}

static __always_inline u32 gather(const struct file *file,
				  const struct mbx_send *send, u32 from,
				  struct mbx_msg **msgs, int *err)
{
	struct mbx_spares *pool = &mbx_mailbox_of(file)->spares;
	struct mbx_msg *spares[MBX_HANDFUL] mbx_uninitialized;
	u32 most = min(send->count - from, MBX_HANDFUL);
	u32 left = mbx_spares_take(pool, spares, most);
	u32 made =
		make_handful(file, send, from, most, spares, &left, msgs, err);

	if (unlikely(left))
		mbx_spares_give(pool, spares, left);
	return made;
}

/* Returns how many were sent; of the others the first one failed by @err, if any. */
static __always_inline u32 send_handful(struct mbx_mailbox *mb,
					struct mbx_msg **msgs, u32 count,
					struct mbx_patience patience, int *err)
{
	u32 sent = 0, i;
	int ret;

	while (sent < count) {
		ret = mbx_mailbox_send_many(mb, msgs + sent, count - sent,
					    patience);
		if (ret < 0) {
			*err = ret;
			break;
		}
		sent += ret;
		if (sent < count && signal_pending(current))
			break;
	}
	for (i = sent; i < count; i++)
		mbx_msg_put(msgs[i]);
	return sent;
}

static __always_inline struct mbx_patience
patience_of(const struct file *file, const struct mbx_send *send)
{
	return mbx_patience_of(file, send->flags & MBX_SEND_NONBLOCK,
			       send->deadline_ns);
}

static __always_inline long send_one(const struct file *file,
				     const struct mbx_send *send)
{
	struct mbx_mailbox *mb = mbx_mailbox_of(file);
	struct mbx_message m mbx_uninitialized;
	struct mbx_msg *msg;
	int ret;

	ret = mbx_message_copy_in(&m, send->messages, 0, send->elem_size) ?:
		      mbx_check_message(&m, mb->max_msg_size);
	if (unlikely(ret))
		return ret;
	msg = mbx_message_from_user(file, mbx_take_spare(file), &m);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	ret = mbx_mailbox_send(mb, msg, patience_of(file, send));
	if (unlikely(ret < 0))
		mbx_msg_put(msg);
	return ret;
}

static noinline long send_many(const struct file *file,
			       const struct mbx_send *send)
{
	struct mbx_patience patience = patience_of(file, send);
	struct mbx_msg *msgs[MBX_HANDFUL] mbx_uninitialized;
	u32 made, sent, total = 0;
	int err = 0;

	while (!err) {
		made = gather(file, send, total, msgs, &err);
		sent = send_handful(mbx_mailbox_of(file), msgs, made, patience,
				    &err);
		total += sent;
		if (err || sent < made || total == send->count)
			break;
		cond_resched();
		/* Many large ones take long; the rest can be sent after it. */
		if (signal_pending(current))
			break;
	}
	return total ?: err;
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
	int err = mbx_check_array(send->count, send->elem_size,
				  send->deadline_ns);

	if (unlikely(err))
		return err;
	return likely(send->count == 1) ? send_one(file, send) :
					  send_many(file, send);
}

/* Nobody writes to the one position who does not mean a mailbox. */
static __always_inline struct mbx_msg *new_written(const struct file *file,
						   size_t len, bool positioned)
{
	struct mbx_msg *msg;

	if (len > mbx_mailbox_of(file)->max_msg_size)
		return ERR_PTR(-EMSGSIZE);
	msg = mbx_new_message(file, mbx_take_spare(file), len);
	if (!IS_ERR(msg))
		msg->flags = positioned ? 0 : MBX_MSG_WRITE;
	return msg;
}

static __always_inline ssize_t send_written(const struct file *file,
					    struct mbx_msg *msg, size_t len,
					    bool copied, bool nowait)
{
	struct mbx_patience patience = mbx_patience_of(file, nowait, 0);
	int ret = -EFAULT;

	if (likely(copied))
		ret = mbx_mailbox_send(mbx_mailbox_of(file), msg, patience);
	if (likely(ret > 0))
		return len;
	mbx_msg_put(msg);
	return ret;
}

ssize_t mbx_mailbox_write(struct file *file, const char __user *buf, size_t len,
			  loff_t *pos)
{
	struct mbx_msg *msg;

	if (pos && !mbx_position_valid(*pos))
		return -ESPIPE;
	msg = new_written(file, len, pos);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	return send_written(file, msg, len,
			    !mbx_copy_in(mbx_msg_data(msg), buf, len), false);
}

ssize_t mbx_mailbox_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct mbx_msg *msg;

	if (iocb->ki_pos && !mbx_position_valid(iocb->ki_pos))
		return -ESPIPE;
	msg = new_written(iocb->ki_filp, len, iocb->ki_pos);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	return send_written(iocb->ki_filp, msg, len,
			    copy_from_iter_full(mbx_msg_data(msg), len, from),
			    iocb->ki_flags & IOCB_NOWAIT);
}
