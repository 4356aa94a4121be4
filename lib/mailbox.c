// SPDX-License-Identifier: LGPL-2.1-or-later
/* Mailboxes: open, send, receive, look. */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "sys_mailbox.h"

int mbx_mailbox_request(struct mbx_mailbox_open *request,
			const struct mbx_mailbox_opts *opts)
{
	struct mbx_mailbox_opts known;
	int ret = mbx_opts_get(&known, sizeof(known), MBX_MAILBOX_OPTS_FIRST,
			       opts);

	if (ret)
		return ret;
	request->size = sizeof(*request);
	request->mode = known.mode;
	request->lifetime = known.lifetime;
	request->overflow = known.overflow;
	request->max_msgs = known.max_msgs;
	request->max_msg_size = known.max_msg_size;
	request->max_bytes = known.max_bytes;
	request->deadline_ns = known.deadline_ns;
	return mbx_device_ioctl(MBX_IOC_MAILBOX_OPEN, request);
}

int mbx_mailbox_open(const char *name, unsigned int flags,
		     const struct mbx_mailbox_opts *opts)
{
	struct mbx_mailbox_open request = {
		.flags = flags,
		.name = (uintptr_t)name,
		.name_len = mbx_name_len(name),
	};

	return mbx_mailbox_request(&request, opts);
}

int mbx_open(const char *name, unsigned int flags)
{
	return mbx_mailbox_open(name, flags, NULL);
}

static int send_messages(int fd, const struct mbx_message *msgs,
			 size_t msg_size, unsigned int count,
			 const struct mbx_send_opts *opts)
{
	struct mbx_send request = {
		.size = sizeof(request),
		.flags = opts->flags,
		.messages = (uintptr_t)msgs,
		.count = count,
		.elem_size = (uint32_t)msg_size,
		.deadline_ns = opts->deadline_ns,
	};

	if (opts->reserved)
		return -EINVAL;
	if (msg_size > UINT32_MAX)
		return -E2BIG;
	return mbx_sys_ioctl(fd, MBX_IOC_SEND, &request);
}

/*
 * Inline in mbx_send() and mbx_recv(), as are those below: without options there
 * is nothing to look at.
 */
static inline int send_one(int fd, const void *data, size_t len,
			   const struct mbx_send_opts *opts)
{
	struct mbx_send_opts known;
	int ret =
		mbx_opts_get(&known, sizeof(known), MBX_SEND_OPTS_FIRST, opts);
	struct mbx_message msg = {
		.data = (uintptr_t)data,
		.len = mbx_clamp(len),
		.tag = known.tag,
		.prio = known.prio,
	};

	if (ret)
		return ret;
	ret = send_messages(fd, &msg, sizeof(msg), 1, &known);
	return ret < 0 ? ret : 0;
}

int mbx_send_with(int fd, const void *data, size_t len,
		  const struct mbx_send_opts *opts)
{
	return send_one(fd, data, len, opts);
}

/*
 * A message that nothing else is said of can go by pwrite(2) and pread(2), which cost
 * less than a command. What is not a mailbox refuses that, unless it is of no bytes.
 */
static inline bool is_plain(size_t len)
{
	return len - 1 < MBX_MSG_SIZE_MAX;
}

/*
 * Whatever a mailbox does not say is for the command to tell. What it does say must not
 * be asked for twice: the second time it may wait.
 */
static bool is_final(ssize_t ret)
{
	switch (ret) {
	case -EAGAIN:
	case -EDQUOT:
	case -EFAULT:
	case -EINTR:
	case -EMSGSIZE:
	case -ENOMEM:
	case -EOWNERDEAD:
	case -ESRCH:
		return true;
	default:
		return false;
	}
}

static __attribute__((noinline)) int send_slowly(int fd, const void *data,
						 size_t len, ssize_t ret)
{
	return is_final(ret) ? (int)ret : send_one(fd, data, len, NULL);
}

int mbx_send(int fd, const void *data, size_t len)
{
	ssize_t ret = -ENOSYS;

	if (is_plain(len)) {
		ret = mbx_sys_mailbox_write(fd, data, len);
		if (ret == (ssize_t)len)
			return 0;
	}
	return send_slowly(fd, data, len, ret);
}

int mbx_send_many_sized(int fd, const struct mbx_message *msgs, size_t msg_size,
			unsigned int count, const struct mbx_send_opts *opts)
{
	struct mbx_send_opts known;
	int ret =
		mbx_opts_get(&known, sizeof(known), MBX_SEND_OPTS_FIRST, opts);

	if (ret)
		return ret;
	/* Every message brings its own; a second one could only be ignored. */
	if (known.tag || known.prio)
		return -EINVAL;
	return send_messages(fd, msgs, msg_size, count, &known);
}

static inline int recv_messages(int fd, struct mbx_message *msgs,
				size_t msg_size, unsigned int count,
				const struct mbx_recv_opts *opts)
{
	struct mbx_recv_opts known;
	int ret =
		mbx_opts_get(&known, sizeof(known), MBX_RECV_OPTS_FIRST, opts);
	struct mbx_recv request = {
		.size = sizeof(request),
		.flags = known.flags,
		.messages = (uintptr_t)msgs,
		.count = count,
		.elem_size = (uint32_t)msg_size,
		.deadline_ns = known.deadline_ns,
		.tag = known.tag,
		.min_prio = known.min_prio,
		.pid = known.pid,
	};

	if (ret)
		return ret;
	if (msg_size > UINT32_MAX)
		return -E2BIG;
	return mbx_sys_ioctl(fd, MBX_IOC_RECV, &request);
}

int mbx_recv_many_sized(int fd, struct mbx_message *msgs, size_t msg_size,
			unsigned int count, const struct mbx_recv_opts *opts)
{
	return recv_messages(fd, msgs, msg_size, count, opts);
}

static inline ssize_t recv_one(int fd, void *buf, size_t capacity,
			       const struct mbx_recv_opts *opts,
			       struct mbx_message *info, size_t info_size)
{
	int ret = mbx_buffer_init(info, info_size, buf, capacity);

	if (!ret)
		ret = recv_messages(fd, info, info_size, 1, opts);
	return ret < 0 ? ret : (ssize_t)info->len;
}

/* Where there is nobody to tell a token to there is no room for it: requests fail. */
static ssize_t recv_untold(int fd, void *buf, size_t capacity,
			   const struct mbx_recv_opts *opts)
{
	struct mbx_message unwanted;

	return recv_one(fd, buf, capacity, opts, &unwanted,
			offsetof(struct mbx_message, token));
}

ssize_t mbx_recv_with_sized(int fd, void *buf, size_t capacity,
			    const struct mbx_recv_opts *opts,
			    struct mbx_message *info, size_t info_size)
{
	if (!info)
		return recv_untold(fd, buf, capacity, opts);
	return recv_one(fd, buf, capacity, opts, info, info_size);
}

/*
 * Of an empty message, and of a few other files, the result is 0. A request of no size
 * receives nothing, but what is no object of mbx does not even know it.
 */
static ssize_t confirm_empty(int fd)
{
	struct mbx_recv request = { .size = 0 };

	return mbx_sys_ioctl(fd, MBX_IOC_RECV, &request) == -ENOTTY ? -ENOTTY :
								      0;
}

static __attribute__((noinline)) ssize_t
recv_slowly(int fd, void *buf, size_t capacity, ssize_t ret)
{
	if (!ret)
		return confirm_empty(fd);
	return is_final(ret) ? ret : recv_untold(fd, buf, capacity, NULL);
}

ssize_t mbx_recv(int fd, void *buf, size_t capacity)
{
	ssize_t ret = -ENOSYS;

	if (is_plain(capacity))
		ret = mbx_sys_mailbox_read(fd, buf, capacity);
	return ret > 0 ? ret : recv_slowly(fd, buf, capacity, ret);
}

int mbx_mailbox_get_stat_sized(int fd, struct mbx_mailbox_stat *stat,
			       size_t stat_size)
{
	int ret = mbx_results_init(stat, stat_size);

	return ret ? ret : mbx_sys_ioctl(fd, MBX_IOC_MAILBOX_STAT, stat);
}
