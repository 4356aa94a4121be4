/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open files of mailboxes: where messages cross between user and kernel
 *
 * An open file remembers the requests that were received through it and are not
 * answered; when it is released, their callers are told.
 */
#ifndef MBX_MAILBOX_FILE_H
#define MBX_MAILBOX_FILE_H

#include <linux/fs.h>

#include "handle.h"
#include "mailbox.h"
#include "server.h"
#include "token.h"

struct mbx_user;

struct mbx_mailbox_handle {
	struct mbx_handle base;
	struct mbx_user *user; /* account of who opened it */
	struct mbx_tokens tokens;
	struct mbx_servers servers;
	struct mbx_request *spare; /* for the next call; exchanged */
};

static inline struct mbx_mailbox_handle *
mbx_mailbox_handle_of(const struct file *file)
{
	return container_of((struct mbx_handle *)file->private_data,
			    struct mbx_mailbox_handle, base);
}

static inline struct mbx_mailbox *mbx_mailbox_of(const struct file *file)
{
	return mbx_to_mailbox(mbx_mailbox_handle_of(file)->base.obj);
}

extern const struct file_operations mbx_mailbox_fops;

struct mbx_msg *mbx_message_from_user(const struct file *file,
				      const struct mbx_message *m, u32 max_len);
int mbx_message_copy_in(struct mbx_message *m, u64 array, u32 i, u32 elem_size);
int mbx_buffer_from_user(struct mbx_message *m, u64 array, u32 i,
			 u32 elem_size);
int mbx_message_to_user(const struct mbx_msg *msg, struct mbx_message *m,
			void __user *um, u32 elem_size);

long mbx_ioc_mailbox_open(struct file *file, void *args, void __user *uargs);
long mbx_ioc_send(struct file *file, void *args, void __user *uargs);
long mbx_ioc_recv(struct file *file, void *args, void __user *uargs);
long mbx_ioc_mailbox_stat(struct file *file, void *args, void __user *uargs);

#endif /* MBX_MAILBOX_FILE_H */
