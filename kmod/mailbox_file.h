/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open files of mailboxes: where messages cross between user and kernel
 *
 * An open file remembers the requests that were received through it and are not
 * answered; when it is released, their callers are told.
 */
#ifndef MBX_MAILBOX_FILE_H
#define MBX_MAILBOX_FILE_H

#include <linux/cred.h>
#include <linux/fs.h>

#include "abi.h"
#include "handle.h"
#include "mailbox.h"
#include "quota.h"
#include "server.h"
#include "token.h"
#include "usercopy.h"

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

/*
 * A message is charged to who sends it, a token to who receives it, who need not
 * be who opened the descriptor. Most often it is, and then no look-up is needed.
 */
static inline bool mbx_is_opener(const struct mbx_mailbox_handle *handle)
{
	return likely(uid_eq(handle->user->uid, current_uid()));
}

/* The account of the current user, with a reference, or NULL without memory. */
static inline struct mbx_user *
mbx_get_current_account(const struct mbx_mailbox_handle *handle)
{
	if (mbx_is_opener(handle))
		return mbx_user_ref(handle->user);
	return mbx_user_get(current_uid());
}

/* Words of struct mbx_message up to the last that the kernel looks at. */
#define MBX_MESSAGE_WORDS_BEFORE(member) \
	(offsetof(struct mbx_message, member) / sizeof(u64))
#define MBX_MESSAGE_WORDS (sizeof(struct mbx_message) / sizeof(u64))

static __always_inline int mbx_get_message(struct mbx_message *m, u64 array,
					   u32 i, u32 elem_size,
					   unsigned int words)
{
	if (likely(elem_size == sizeof(*m)))
		return mbx_get_words(m, mbx_elem_ptr(array, i, elem_size),
				     words, MBX_MESSAGE_WORDS);
	return mbx_copy_elem(m, sizeof(*m), array, i, elem_size);
}

/**
 * mbx_message_copy_in - copy in what is to be sent
 * @m: out: all that the user says of a message
 * @array: user address of an array of messages
 * @i: index
 * @elem_size: size of an element as the caller knows it
 *
 * Return: 0, -E2BIG or -EFAULT.
 */
static __always_inline int mbx_message_copy_in(struct mbx_message *m, u64 array,
					       u32 i, u32 elem_size)
{
	return mbx_get_message(m, array, i, elem_size,
			       MBX_MESSAGE_WORDS_BEFORE(seq));
}

/**
 * mbx_buffer_from_user - copy in where a message is to be received into
 * @m: out: data and capacity
 * @array: user address of an array of messages
 * @i: index
 * @elem_size: size of an element as the caller knows it
 *
 * Return: 0, -E2BIG or -EFAULT.
 */
static __always_inline int mbx_buffer_from_user(struct mbx_message *m,
						u64 array, u32 i, u32 elem_size)
{
	return mbx_get_message(m, array, i, elem_size,
			       MBX_MESSAGE_WORDS_BEFORE(tag));
}

static inline int mbx_check_array(u32 count, u32 elem_size, u64 deadline_ns)
{
	if (!count || count > MBX_BATCH_MAX || elem_size < MBX_MESSAGE_SIZE_V1)
		return -EINVAL;
	return mbx_deadline_valid(deadline_ns) ? 0 : -EINVAL;
}

extern const struct file_operations mbx_mailbox_fops;

static inline bool mbx_position_valid(loff_t pos)
{
	return likely(pos == MBX_MAILBOX_OFFSET);
}

ssize_t mbx_mailbox_read(struct file *file, char __user *buf, size_t count,
			 loff_t *pos);
ssize_t mbx_mailbox_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t mbx_mailbox_write(struct file *file, const char __user *buf, size_t len,
			  loff_t *pos);
ssize_t mbx_mailbox_write_iter(struct kiocb *iocb, struct iov_iter *from);

long mbx_ioc_mailbox_open(struct file *file, void *args, void __user *uargs);
long mbx_ioc_send(struct file *file, void *args, void __user *uargs);
long mbx_ioc_recv(struct file *file, void *args, void __user *uargs);
long mbx_ioc_mailbox_stat(struct file *file, void *args, void __user *uargs);

#endif /* MBX_MAILBOX_FILE_H */
