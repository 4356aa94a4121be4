/* SPDX-License-Identifier: GPL-2.0-only */
/* The device node, through which objects are reached; it has no state. */
#ifndef MBX_DEVICE_NODE_H
#define MBX_DEVICE_NODE_H

struct file;

long mbx_ioc_info(struct file *file, void *args, void __user *uargs);
long mbx_ioc_unlink(struct file *file, void *args, void __user *uargs);

int mbx_device_init(void);
void mbx_device_exit(void);

#endif /* MBX_DEVICE_NODE_H */
