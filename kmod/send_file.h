/* SPDX-License-Identifier: GPL-2.0-only */
/* Making a message of what a user describes, in line. */
#ifndef MBX_SEND_FILE_H
#define MBX_SEND_FILE_H

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/uaccess.h>

#include "mailbox_file.h"
#include "message.h"
#include "quota.h"
#include "spare.h"

static __always_inline struct mbx_msg *mbx_take_spare(const struct file *file)
{
	return mbx_spare_take(&mbx_mailbox_of(file)->spares);
}

/* The payload stays to be filled in. @spare may be NULL and is used up. */
static __always_inline struct mbx_msg *
mbx_new_message(const struct file *file, struct mbx_msg *spare, size_t len)
{
	struct mbx_mailbox_handle *handle = mbx_mailbox_handle_of(file);
	struct mbx_spares *spares = &mbx_mailbox_of(file)->spares;
	struct mbx_user *user;
	struct mbx_msg *msg;

	if (mbx_is_opener(handle))
		return mbx_msg_alloc(spares, spare, handle->user, len);
	user = mbx_user_get(current_uid());
	if (!user) {
		mbx_spares_give(spares, &spare, !!spare);
		return ERR_PTR(-ENOMEM);
	}
	msg = mbx_msg_alloc(spares, spare, user, len);
	mbx_user_put(user);
	return msg;
}

static inline int mbx_check_message(const struct mbx_message *m, u32 max_len)
{
	if (m->flags || m->prio > MBX_PRIO_MAX)
		return -EINVAL;
	return m->len > max_len ? -EMSGSIZE : 0;
}

/**
 * mbx_message_from_user - make a message of what the user describes
 * @file: the mailbox; who opened it is likely to be charged
 * @spare: a spare of it, which is used up; or NULL
 * @m: the description, copied in and checked
 *
 * Return: the message with one reference, or an error pointer.
 */
static __always_inline struct mbx_msg *
mbx_message_from_user(const struct file *file, struct mbx_msg *spare,
		      const struct mbx_message *m)
{
	struct mbx_msg *msg = mbx_new_message(file, spare, m->len);

	if (IS_ERR(msg))
		return msg;
	msg->tag = m->tag;
	msg->prio = m->prio;
	if (mbx_copy_in(mbx_msg_data(msg), u64_to_user_ptr(m->data), m->len)) {
		mbx_msg_put(msg);
		return ERR_PTR(-EFAULT);
	}
	return msg;
}

#endif /* MBX_SEND_FILE_H */
