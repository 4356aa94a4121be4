/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open files of regions: mapping, waiting, subscriptions
 *
 * An open file is subscribed to a set of slots, and remembers for each the
 * sequence that was last read through it. poll reports when one has moved on,
 * read(2) says which.
 */
#ifndef MBX_REGION_FILE_H
#define MBX_REGION_FILE_H

#include <linux/fs.h>

extern const struct file_operations mbx_region_fops;

struct mbx_region;

void mbx_region_hang_up(struct mbx_region *region);

long mbx_ioc_region_open(struct file *file, void *args, void __user *uargs);
long mbx_ioc_region_stat(struct file *file, void *args, void __user *uargs);
long mbx_ioc_region_wait(struct file *file, void *args, void __user *uargs);
long mbx_ioc_region_notify(struct file *file, void *args, void __user *uargs);
long mbx_ioc_region_subscribe(struct file *file, void *args,
			      void __user *uargs);

#endif /* MBX_REGION_FILE_H */
