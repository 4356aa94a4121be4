/* SPDX-License-Identifier: GPL-2.0-only */
/* The entry points of all commands. */
#ifndef MBX_IOCTL_H
#define MBX_IOCTL_H

struct file;

long mbx_device_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
long mbx_mailbox_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
long mbx_mailbox_recv(struct file *file, u64 arg);
long mbx_region_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* MBX_IOCTL_H */
