// SPDX-License-Identifier: GPL-2.0-only
/* Opening and creating mailboxes: named, anonymous, and those of processes. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "compat.h"
#include "handle.h"
#include "mailbox.h"
#include "mailbox_file.h"
#include "quota.h"

static struct file *open_mailbox_file(struct mbx_object *obj, u32 flags,
				      bool creator)
{
	struct mbx_mailbox_handle *handle =
		kzalloc(sizeof(*handle), GFP_KERNEL_ACCOUNT);
	struct file *file;

	if (!handle)
		return ERR_PTR(-ENOMEM);
	handle->user = mbx_user_get(current_uid());
	if (!handle->user) {
		kfree(handle);
		return ERR_PTR(-ENOMEM);
	}
	mbx_tokens_init(&handle->tokens, mbx_to_mailbox(obj));
	mbx_servers_init(&handle->servers, &handle->tokens);
	mbx_handle_init(&handle->base, obj, creator);
	file = mbx_handle_file(&handle->base, "[mbx-mailbox]",
			       &mbx_mailbox_fops, flags);
	if (IS_ERR(file)) {
		mbx_user_put(handle->user);
		kfree(handle);
		return file;
	}
	/* For MBX_MAILBOX_OFFSET. */
	file->f_mode |= FMODE_PREAD | FMODE_PWRITE |
			MBX_COMPAT_FMODE_ANY_POSITION;
	return file;
}

static struct mbx_object *create_mailbox(const void *attr,
					 const struct mbx_name *name)
{
	return mbx_mailbox_create(attr, name);
}

static int attach_mailbox(struct mbx_object *obj, const void *attr)
{
	return 0;
}

static const struct mbx_opener mailbox_opener = {
	.kind = MBX_KIND_MAILBOX,
	.create = create_mailbox,
	.attach = attach_mailbox,
	.open_file = open_mailbox_file,
};

static int check_target(const struct mbx_mailbox_open *open)
{
	bool target = (open->flags & MBX_DIRECT) && !(open->flags & MBX_CREATE);

	if (open->reserved || !mbx_deadline_valid(open->deadline_ns))
		return -EINVAL;
	if ((open->flags & MBX_DIRECT) && (open->name || open->name_len))
		return -EINVAL;
	if (!target &&
	    (open->target || (open->flags & (MBX_PIDFD | MBX_WAIT_BOUND))))
		return -EINVAL;
	return open->deadline_ns && !(open->flags & MBX_WAIT_BOUND) ? -EINVAL :
								      0;
}

/**
 * mbx_ioc_mailbox_open - MBX_IOC_MAILBOX_OPEN
 * @file: the device
 * @args: struct mbx_mailbox_open, checked
 * @uargs: where that comes from
 *
 * Return: a descriptor or a negative errno.
 */
long mbx_ioc_mailbox_open(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_mailbox_open *open = args;
	struct mbx_mailbox_attr attr = {
		.object.mode = open->mode,
		.object.lifetime = open->lifetime,
		.overflow = open->overflow,
		.max_msgs = open->max_msgs,
		.max_msg_size = open->max_msg_size,
		.max_bytes = open->max_bytes,
		.direct = open->flags & MBX_DIRECT,
	};
	int err;

	err = mbx_mailbox_attr_check(&attr, open->name_len) ?:
							      check_target(open);
	if (err)
		return err;
	if (!(open->flags & MBX_DIRECT))
		return mbx_open_named(&mailbox_opener, open->flags, open->name,
				      open->name_len, &attr);
	if (open->flags & MBX_CREATE)
		return mbx_open_own(&mailbox_opener, open->flags, &attr);
	return mbx_open_target(&mailbox_opener, open->flags, open->target,
			       open->deadline_ns, &attr);
}
