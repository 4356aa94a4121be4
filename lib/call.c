// SPDX-License-Identifier: LGPL-2.1-or-later
/* Request and reply, from both sides. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "internal.h"

/* How much of struct mbx_message has to be there for its token. */
#define WITH_TOKEN (offsetof(struct mbx_message, token) + sizeof(uint64_t))

/* Inline in mbx_call(), as are those below: without options there is nothing to look at. */
static inline ssize_t call_once(int fd, const void *data, size_t len, void *buf,
				size_t capacity,
				const struct mbx_call_opts *opts,
				struct mbx_message *info, size_t info_size)
{
	struct mbx_call_opts known;
	int ret =
		mbx_opts_get(&known, sizeof(known), MBX_CALL_OPTS_FIRST, opts);
	struct mbx_message request = {
		.data = (uintptr_t)data,
		.len = mbx_clamp(len),
		.tag = known.tag,
		.prio = known.prio,
	};
	struct mbx_call call = {
		.size = sizeof(call),
		.flags = known.flags,
		.request = (uintptr_t)&request,
		.reply = (uintptr_t)info,
		/* One size for both: of a larger one, the rest stays zero. */
		.elem_size = info_size < sizeof(request) ?
				     (uint32_t)info_size :
				     (uint32_t)sizeof(request),
		.deadline_ns = known.deadline_ns,
	};

	if (!ret && known.reserved)
		ret = -EINVAL;
	if (!ret)
		ret = mbx_buffer_init(info, info_size, buf, capacity);
	if (!ret)
		ret = mbx_sys_ioctl(fd, MBX_IOC_CALL, &call);
	if (ret < 0)
		return ret;
	return info->tag & MBX_TAG_FAILED ? -EREMOTEIO : (ssize_t)info->len;
}

ssize_t mbx_call_with_sized(int fd, const void *request, size_t request_len,
			    void *reply, size_t reply_capacity,
			    const struct mbx_call_opts *opts,
			    struct mbx_message *info, size_t info_size)
{
	struct mbx_message unwanted;

	if (!info)
		return call_once(fd, request, request_len, reply,
				 reply_capacity, opts, &unwanted,
				 sizeof(unwanted));
	return call_once(fd, request, request_len, reply, reply_capacity, opts,
			 info, info_size);
}

ssize_t mbx_call(int fd, const void *request, size_t request_len, void *reply,
		 size_t reply_capacity)
{
	struct mbx_message unwanted;

	return call_once(fd, request, request_len, reply, reply_capacity, NULL,
			 &unwanted, sizeof(unwanted));
}

/* The message that answers a request, or -EINVAL. */
static inline int make_reply(struct mbx_message *msg, const void *data,
			     size_t len, uint64_t tag, uint32_t error)
{
	if (tag & MBX_TAG_FAILED || error > MBX_ERROR_MAX || (tag && error))
		return -EINVAL;
	memset(msg, 0, sizeof(*msg));
	msg->data = (uintptr_t)data;
	msg->len = mbx_clamp(len);
	msg->tag = error ? MBX_TAG_FAILED | error : tag;
	return 0;
}

int mbx_reply_with(int fd, uint64_t token, const void *data, size_t len,
		   const struct mbx_reply_opts *opts)
{
	struct mbx_message msg;
	struct mbx_reply reply = {
		.size = sizeof(reply),
		.token = token,
		.message = (uintptr_t)&msg,
		.elem_size = sizeof(msg),
	};
	struct mbx_reply_opts known;
	int ret =
		mbx_opts_get(&known, sizeof(known), MBX_REPLY_OPTS_FIRST, opts);

	if (!ret && (known.flags || known.reserved))
		ret = -EINVAL;
	if (!ret)
		ret = make_reply(&msg, data, len, known.tag, known.error);
	return ret ? ret : mbx_sys_ioctl(fd, MBX_IOC_REPLY, &reply);
}

int mbx_reply(int fd, uint64_t token, const void *data, size_t len)
{
	return mbx_reply_with(fd, token, data, len, NULL);
}

int mbx_caller_waits(int fd, uint64_t token)
{
	struct mbx_reply query = {
		.size = sizeof(query),
		.flags = MBX_REPLY_QUERY,
		.token = token,
		.elem_size = sizeof(struct mbx_message),
	};
	int ret = mbx_sys_ioctl(fd, MBX_IOC_REPLY, &query);

	if (ret == -ESRCH)
		return 0;
	return ret < 0 ? ret : 1;
}

/* How the next message is to be received, or -EINVAL. */
static inline int make_recv(struct mbx_recv *recv,
			    const struct mbx_next_opts *opts,
			    struct mbx_message *info, size_t info_size)
{
	/* What is looked at has no token, and would come again. */
	if (opts->reserved || opts->flags & MBX_RECV_PEEK)
		return -EINVAL;
	*recv = (struct mbx_recv){
		.size = sizeof(*recv),
		.flags = opts->flags,
		.messages = (uintptr_t)info,
		.count = 1,
		.elem_size = (uint32_t)info_size,
		.deadline_ns = opts->deadline_ns,
		.tag = opts->tag,
		.min_prio = opts->min_prio,
		.pid = opts->pid,
	};
	return 0;
}

/*
 * The kernel takes a token that is used up out of the struct, so what is left of
 * it tells errors of the reply from those of receiving. -ESRCH may be
 * either: the caller has gone and nothing was received, or there is no process
 * behind the mailbox any more, which a second attempt finds again.
 */
static inline int exchange(int fd, uint64_t *token,
			   const struct mbx_message *msg,
			   const struct mbx_recv *recv)
{
	struct mbx_reply reply = {
		.size = sizeof(reply),
		.flags = MBX_REPLY_RECV,
		.token = *token,
		.message = (uintptr_t)msg,
		.recv = (uintptr_t)recv,
		.elem_size = sizeof(*msg),
	};
	int ret = mbx_sys_ioctl(fd, MBX_IOC_REPLY, &reply);

	if (ret == -ESRCH && *token) {
		reply.token = 0;
		ret = mbx_sys_ioctl(fd, MBX_IOC_REPLY, &reply);
	}
	*token = reply.token;
	return ret;
}

static_assert(sizeof(struct mbx_message) >= WITH_TOKEN, "the token comes last");

static inline ssize_t reply_recv(int fd, uint64_t *token, const void *reply,
				 size_t reply_len, void *buf, size_t capacity,
				 const struct mbx_next_opts *opts,
				 struct mbx_message *info, size_t info_size)
{
	struct mbx_next_opts known;
	struct mbx_message msg;
	struct mbx_recv recv;
	int ret =
		mbx_opts_get(&known, sizeof(known), MBX_NEXT_OPTS_FIRST, opts);

	if (!ret)
		ret = make_reply(&msg, reply, reply_len, known.reply_tag,
				 known.reply_error);
	if (!ret)
		ret = info_size < WITH_TOKEN ?
			      -EINVAL :
			      mbx_buffer_init(info, info_size, buf, capacity);
	if (!ret)
		ret = make_recv(&recv, &known, info, info_size);
	if (!ret)
		ret = exchange(fd, token, &msg, &recv);
	if (ret < 0)
		return ret;
	*token = info->token;
	return (ssize_t)info->len;
}

ssize_t mbx_reply_recv_with_sized(int fd, uint64_t *token, const void *reply,
				  size_t reply_len, void *buf, size_t capacity,
				  const struct mbx_next_opts *opts,
				  struct mbx_message *info, size_t info_size)
{
	struct mbx_message unwanted;

	if (!info)
		return reply_recv(fd, token, reply, reply_len, buf, capacity,
				  opts, &unwanted, sizeof(unwanted));
	return reply_recv(fd, token, reply, reply_len, buf, capacity, opts,
			  info, info_size);
}

ssize_t mbx_reply_recv(int fd, uint64_t *token, const void *reply,
		       size_t reply_len, void *buf, size_t capacity)
{
	struct mbx_message unwanted;

	return reply_recv(fd, token, reply, reply_len, buf, capacity, NULL,
			  &unwanted, sizeof(unwanted));
}
