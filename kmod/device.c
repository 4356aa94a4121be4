// SPDX-License-Identifier: GPL-2.0-only
/* /dev/mbx */
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <uapi/linux/mbx.h>

#include "device.h"
#include "handle.h"
#include "ioctl.h"
#include "message.h"
#include "quota.h"

static u64 used(const struct mbx_user *user, enum mbx_quota what)
{
	return atomic_long_read(&user->used[what]);
}

/**
 * mbx_ioc_info - MBX_IOC_INFO
 * @file: the device
 * @args: struct mbx_info, checked
 * @uargs: where that comes from
 *
 * Return: 0 or a negative errno.
 */
long mbx_ioc_info(struct file *file, void *args, void __user *uargs)
{
	struct mbx_info *info = args;
	struct mbx_user *user;

	if (info->reserved)
		return -EINVAL;
	user = mbx_user_get(current_uid());
	if (!user)
		return -ENOMEM;
	info->abi_version = MBX_ABI_VERSION;
	info->page_size = PAGE_SIZE;
	info->features = MBX_FEATURE_MAILBOX | MBX_FEATURE_REGION |
			 MBX_FEATURE_DIRECT | MBX_FEATURE_CALL;
	info->region_max_bytes = mbx_region_max_bytes();
	info->quota_objects = mbx_quota_limit(MBX_QUOTA_OBJECTS);
	info->quota_msg_bytes = mbx_quota_limit(MBX_QUOTA_MSG_BYTES);
	info->quota_region_bytes = mbx_quota_limit(MBX_QUOTA_REGION_BYTES);
	info->used_objects = used(user, MBX_QUOTA_OBJECTS);
	info->used_msg_bytes = used(user, MBX_QUOTA_MSG_BYTES);
	info->used_region_bytes = used(user, MBX_QUOTA_REGION_BYTES);
	info->msg_overhead = MBX_MSG_OVERHEAD;
	mbx_user_put(user);
	return 0;
}

/**
 * mbx_ioc_unlink - MBX_IOC_UNLINK
 * @file: the device
 * @args: struct mbx_unlink, checked
 * @uargs: where that comes from
 *
 * Return: 0 or a negative errno.
 */
long mbx_ioc_unlink(struct file *file, void *args, void __user *uargs)
{
	const struct mbx_unlink *unlink = args;

	return mbx_unlink(unlink->name, unlink->name_len, unlink->kind);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.unlocked_ioctl = mbx_device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mbx",
	.fops = &device_fops,
	/* Anybody may create objects; those have modes of their own. */
	.mode = 0666,
};

int mbx_device_init(void)
{
	return misc_register(&device);
}

void mbx_device_exit(void)
{
	misc_deregister(&device);
}
