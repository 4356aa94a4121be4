/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of libmbx share
 *
 * Every system call is in one of sys*: what is there returns a result or -errno and
 * leaves errno as it was. All other files build requests for them, and hold no
 * state: the library has no variable that is not constant.
 */
#ifndef MBX_INTERNAL_H
#define MBX_INTERNAL_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "mbx.h"

/* Sizes of the options as of their first version; they never change. */
#define MBX_MAILBOX_OPTS_FIRST 40
#define MBX_SEND_OPTS_FIRST 32
#define MBX_RECV_OPTS_FIRST 32
#define MBX_CALL_OPTS_FIRST 32
#define MBX_REPLY_OPTS_FIRST 24
#define MBX_NEXT_OPTS_FIRST 48
#define MBX_SERVE_OPTS_FIRST 16
#define MBX_REGION_OPTS_FIRST 16
#define MBX_WAIT_OPTS_FIRST 16

/* Larger options than this are taken for a size that was never set. */
#define MBX_OPTS_LIMIT 4096

/* The last deadline that the clock can reach: the kernel's time is signed. */
#define MBX_DEADLINE_MAX ((uint64_t)INT64_MAX)

int mbx_opts_copy(void *opts, size_t known, size_t first, const void *user);

/*
 * Copies the caller's options to @opts, which has @known bytes: zeros if @user
 * is NULL or where @user is shorter. 0, -EINVAL or -E2BIG.
 */
static inline int mbx_opts_get(void *opts, size_t known, size_t first,
			       const void *user)
{
	memset(opts, 0, known);
	return user ? mbx_opts_copy(opts, known, first, user) : 0;
}

/*
 * Empties a struct that the kernel is to fill and notes its size, with which it
 * begins. 0, -EINVAL or -E2BIG.
 */
int mbx_results_init(void *results, size_t size);

/* A length for the kernel: what does not fit the field fits nothing else either. */
static inline uint32_t mbx_clamp(size_t len)
{
	return len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

/*
 * Empties a message that the kernel is to fill, and notes where its payload goes.
 * 0, -EINVAL or -E2BIG.
 */
static inline int mbx_buffer_init(struct mbx_message *msg, size_t msg_size,
				  void *buf, size_t capacity)
{
	if (msg_size > UINT32_MAX)
		return -E2BIG;
	if (msg_size < offsetof(struct mbx_message, tag))
		return -EINVAL;
	memset(msg, 0, msg_size);
	msg->data = (uintptr_t)buf;
	msg->capacity = mbx_clamp(capacity);
	return 0;
}

/* Opens a mailbox as @request says, which lacks only what is in the options. */
int mbx_mailbox_request(struct mbx_mailbox_open *request,
			const struct mbx_mailbox_opts *opts);

/* Bytes in a name for the kernel: a name too long stays too long. */
uint32_t mbx_name_len(const char *name);

int mbx_sys_open_device(void);
void mbx_sys_close(int fd);
int mbx_sys_set_cloexec(int fd);
int mbx_sys_ioctl(int fd, unsigned long command, void *arg);
int mbx_sys_poll(struct pollfd *fds, unsigned int count, bool wait);
ssize_t mbx_sys_read(int fd, void *buf, size_t len);
int mbx_sys_map(void **where, int fd, uint64_t offset, size_t len, int prot);
void mbx_sys_unmap(void *where, size_t len);
size_t mbx_sys_page_size(void);
void *mbx_sys_alloc(size_t bytes);

/* Issues a command on the device node, opened for this one call. */
int mbx_device_ioctl(unsigned long command, void *arg);

#endif /* MBX_INTERNAL_H */
