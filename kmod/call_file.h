/* SPDX-License-Identifier: GPL-2.0-only */
/* Request and reply through the descriptor of a mailbox. */
#ifndef MBX_CALL_FILE_H
#define MBX_CALL_FILE_H

struct file;

long mbx_ioc_call(struct file *file, void *args, void __user *uargs);
long mbx_ioc_reply(struct file *file, void *args, void __user *uargs);

#endif /* MBX_CALL_FILE_H */
