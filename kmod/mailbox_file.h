/* SPDX-License-Identifier: GPL-2.0-only */
/* Open files of mailboxes: where messages cross between user and kernel. */
#ifndef MBX_MAILBOX_FILE_H
#define MBX_MAILBOX_FILE_H

#include <linux/fs.h>

struct mbx_mailbox_open;
struct mbx_mailbox_stat;
struct mbx_recv;
struct mbx_send;

extern const struct file_operations mbx_mailbox_fops;

long mbx_ioc_mailbox_open(struct file *file, void *args);
long mbx_ioc_send(struct file *file, void *args);
long mbx_ioc_recv(struct file *file, void *args);
long mbx_ioc_mailbox_stat(struct file *file, void *args);

#endif /* MBX_MAILBOX_FILE_H */
