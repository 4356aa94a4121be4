// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receiving by read(2) and pread(2): messages go out to user space, without what is
 * said of them.
 */
#include <linux/err.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "mailbox_file.h"
#include "message.h"
#include "request.h"
#include "slow.h"

static noinline struct mbx_msg *receive_slowly(const struct file *file,
					       u32 capacity, bool nowait)
{
	struct mbx_want want = { .count = 1, .capacity = &capacity };
	struct mbx_patience patience = mbx_patience_of(file, nowait, 0);
	struct mbx_msg *msg;
	int ret = mbx_mailbox_receive(mbx_mailbox_of(file), &want, patience,
				      &msg);

	if (ret == -EMSGSIZE)
		mbx_msg_put(msg);
	return ret < 0 ? ERR_PTR(ret) : msg;
}

static __always_inline struct mbx_msg *receive_plain(const struct file *file,
						     size_t count, bool nowait)
{
	u32 capacity = min_t(size_t, count, U32_MAX);

	return mbx_mailbox_take(mbx_mailbox_of(file), capacity) ?:
		       receive_slowly(file, capacity, nowait);
}

static int copy_plain(struct mbx_msg *msg, void __user *buf)
{
	return mbx_copy_out(buf, mbx_msg_data(msg), msg->len);
}

/* As far as the iterator goes, nothing has happened if not all is copied. */
static int copy_to(struct mbx_msg *msg, struct iov_iter *to)
{
	size_t copied = copy_to_iter(mbx_msg_data(msg), msg->len, to);

	if (likely(copied == msg->len))
		return 0;
	iov_iter_revert(to, copied);
	return -EFAULT;
}

/* To @to, or if that is NULL, to @buf. */
static noinline int read_slowly(const struct mbx_mailbox_handle *handle,
				struct mbx_msg *msg, struct iov_iter *to,
				void __user *buf)
{
	struct mbx_user *sender;
	int err;

	err = mbx_take_charge(handle, msg, &sender);
	if (err)
		return err;
	err = to ? copy_to(msg, to) : copy_plain(msg, buf);
	if (!err && fatal_signal_pending(current))
		err = -EINTR;
	mbx_end_charge(msg, sender, err);
	return err;
}

/* By itself, so that the usual way has no variable that the stack is guarded for. */
static noinline ssize_t give_back(struct mbx_mailbox *mb, struct mbx_msg *msg,
				  int err)
{
	mbx_mailbox_put_back(mb, &msg, 1);
	return err;
}

static __always_inline ssize_t finish_read(struct mbx_mailbox *mb,
					   struct mbx_msg *msg, int err)
{
	ssize_t len = msg->len;

	if (unlikely(err))
		return give_back(mb, msg, err);
	/* There is no way to tell the token. */
	if (unlikely(msg->request))
		mbx_request_reset(mb, msg->request);
	mbx_msg_recycle(&mb->spares, msg);
	return len;
}

/*
 * -EDQUOT: the message could not be charged, and has gone back; @len is how long it
 * was.
 */
static __always_inline ssize_t read_once(struct file *file, size_t count,
					 bool nowait, struct iov_iter *to,
					 void __user *buf, size_t *len)
{
	struct mbx_msg *msg = receive_plain(file, count, nowait);
	int err;

	if (IS_ERR(msg))
		return PTR_ERR(msg);
	pagefault_disable();
	err = to ? copy_to(msg, to) : copy_plain(msg, buf);
	pagefault_enable();
	if (unlikely(err)) {
		*len = msg->len;
		err = read_slowly(mbx_mailbox_handle_of(file), msg, to, buf);
	} else if (unlikely(fatal_signal_pending(current))) {
		err = -EINTR;
	}
	return finish_read(mbx_mailbox_of(file), msg, err);
}

/* Returns 0 if it can be tried again. */
static int wait_for_memory(struct iov_iter *to, void __user *buf, size_t len)
{
	bool there = to ? !fault_in_iov_iter_readable(to, len) &&
				     !fault_in_iov_iter_writeable(to, len) :
			  mbx_fault_in(buf, len);

	if (there)
		return 0;
	return fatal_signal_pending(current) ? -EINTR : -EFAULT;
}

static noinline ssize_t read_again(struct file *file, size_t count, bool nowait,
				   struct iov_iter *to, void __user *buf,
				   size_t len)
{
	u32 retries = MBX_RETRIES;
	ssize_t ret;

	do {
		ret = wait_for_memory(to, buf, len);
		if (ret)
			return ret;
		ret = read_once(file, count, nowait, to, buf, &len);
	} while (ret == -EDQUOT && --retries);
	return ret;
}

static __always_inline ssize_t read_message(struct file *file, size_t count,
					    bool nowait, struct iov_iter *to,
					    void __user *buf)
{
	size_t len = 0;
	ssize_t ret = read_once(file, count, nowait, to, buf, &len);

	if (unlikely(ret == -EDQUOT))
		return read_again(file, count, nowait, to, buf, len);
	return ret;
}

ssize_t mbx_mailbox_read(struct file *file, char __user *buf, size_t count,
			 loff_t *pos)
{
	if (pos && !mbx_position_valid(*pos))
		return -ESPIPE;
	return read_message(file, count, false, NULL, buf);
}

/* Kernels say 0 where there is no position. */
ssize_t mbx_mailbox_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	if (iocb->ki_pos && !mbx_position_valid(iocb->ki_pos))
		return -ESPIPE;
	return read_message(iocb->ki_filp, iov_iter_count(to),
			    iocb->ki_flags & IOCB_NOWAIT, to, NULL);
}
