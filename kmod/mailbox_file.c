// SPDX-License-Identifier: GPL-2.0-only
/* What else there is to do with a descriptor of a mailbox: stat, poll, close. */
#include <linux/cred.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "abi.h"
#include "compat.h"
#include "ioctl.h"
#include "mailbox_file.h"
#include "quota.h"
#include "request.h"

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

/*
 * To set up an iterator takes longer than to copy a small message; whoever reads
 * into one buffer or writes from one gets along without. The kernel itself can't read
 * or write such a file, as it can't /dev/null.
 */
const struct file_operations mbx_mailbox_fops = {
	.owner = THIS_MODULE,
	MBX_COMPAT_FOP_ANY_POSITION,
	.read = mbx_mailbox_read,
	.read_iter = mbx_mailbox_read_iter,
	.write = mbx_mailbox_write,
	.write_iter = mbx_mailbox_write_iter,
	.poll = poll_mailbox,
	.release = release_mailbox_file,
	.unlocked_ioctl = mbx_mailbox_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.show_fdinfo = show_mailbox,
};
