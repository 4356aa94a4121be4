// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The loop of a server
 *
 * One system call answers a request and receives the next. With a descriptor to
 * stop by, another one looks at that beforehand, and the loop waits in poll(2)
 * only, so that nothing but the two can keep it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define FIRST_REQUEST_CAPACITY 4096

/* Not a negative error: the loop is to end well. */
#define STOPPED 1

struct server {
	int fd;
	struct mbx_serve_opts opts;
	struct mbx_message *message;
	size_t message_size; /* as the handler knows it */
	void *request;
	size_t request_capacity;

	/* What is to be answered, if token is not 0, and with what. */
	uint64_t token;
	void *reply;
	size_t reply_len;
	uint32_t error;
};

static bool can_stop(const struct server *s)
{
	return s->opts.flags & MBX_SERVE_STOP_FD;
}

static int set_up(struct server *s, const struct mbx_serve_opts *opts)
{
	int ret = mbx_opts_get(&s->opts, sizeof(s->opts), MBX_SERVE_OPTS_FIRST,
			       opts);

	if (ret)
		return ret;
	if (s->opts.flags & ~MBX_SERVE_STOP_FD ||
	    (!can_stop(s) && s->opts.stop_fd) ||
	    s->opts.reply_capacity > MBX_MSG_SIZE_MAX ||
	    s->message_size < sizeof(struct mbx_message))
		return -EINVAL;
	if (s->message_size > MBX_OPTS_LIMIT)
		return -E2BIG;
	if (!s->opts.reply_capacity)
		s->opts.reply_capacity = MBX_DEFAULT_MSG_SIZE;
	s->request_capacity = FIRST_REQUEST_CAPACITY;
	s->message = mbx_sys_alloc(s->message_size);
	s->request = mbx_sys_alloc(s->request_capacity);
	s->reply = mbx_sys_alloc(s->opts.reply_capacity);
	return s->message && s->request && s->reply ? 0 : -ENOMEM;
}

/* Undoes set_up(), whole or half done. */
static void tear_down(struct server *s)
{
	free(s->message);
	free(s->request);
	free(s->reply);
}

/* At least twice the room, so that growing requests do not cost a call each. */
static int grow(struct server *s)
{
	size_t needed = s->message->len;
	size_t capacity = 2 * s->request_capacity;
	void *larger;

	if (capacity < needed)
		capacity = needed;
	larger = mbx_sys_alloc(capacity);
	if (!larger)
		return -ENOMEM;
	free(s->request);
	s->request = larger;
	s->request_capacity = capacity;
	return 0;
}

/* The reply could not be given: answer with the reason, if that can help. */
static int make_failure(struct server *s, int err)
{
	if (!s->reply_len ||
	    (err != -EMSGSIZE && err != -ENOMEM && err != -EDQUOT))
		return err;
	s->reply_len = 0;
	s->error = (uint32_t)-err;
	return 0;
}

static int answer_and_receive(struct server *s)
{
	const struct mbx_next_opts *opts =
		MBX_NEXT_OPTS(.flags = can_stop(s) ? MBX_RECV_NONBLOCK : 0,
			      .reply_error = s->error);
	ssize_t ret = mbx_reply_recv_with_sized(s->fd, &s->token, s->reply,
						s->reply_len, s->request,
						s->request_capacity, opts,
						s->message, s->message_size);

	return ret < 0 ? (int)ret : 0;
}

static int answer(struct server *s)
{
	int ret = 0;

	while (s->token && !ret) {
		ret = mbx_reply_with(s->fd, s->token, s->reply, s->reply_len,
				     MBX_REPLY_OPTS(.error = s->error));
		if (!ret || ret == -ESRCH)
			return 0;
		ret = make_failure(s, ret);
	}
	return ret;
}

/* 0, STOPPED or an error. Without @wait, a mailbox without messages is fine. */
static int look_at_stop(const struct server *s, bool wait)
{
	struct pollfd fds[] = {
		{ .fd = s->opts.stop_fd, .events = POLLIN },
		{ .fd = s->fd, .events = POLLIN },
	};
	int ret = mbx_sys_poll(fds, wait ? 2 : 1, wait);

	if (ret < 0)
		return ret;
	if (fds[0].revents & POLLNVAL)
		return -EBADF;
	return fds[0].revents ? STOPPED : 0;
}

/* Leaves a message to be handled. 0, STOPPED or an error. */
static int next(struct server *s)
{
	int ret = can_stop(s) ? look_at_stop(s, false) : 0;
	int answered;

	if (ret) {
		answered = answer(s);
		return answered ? answered : ret;
	}
	for (;;) {
		ret = answer_and_receive(s);
		if (!ret)
			return 0;
		if (s->token)
			ret = make_failure(s, ret);
		else if (ret == -EMSGSIZE)
			ret = grow(s);
		else if (ret == -EAGAIN && can_stop(s))
			ret = look_at_stop(s, true);
		if (ret)
			return ret;
	}
}

/* What the handler has returned, as what is to be answered. 0 or STOPPED. */
static int judge(struct server *s, ssize_t ret)
{
	s->reply_len = 0;
	s->error = 0;
	if (ret == MBX_SERVE_LATER || ret == MBX_SERVE_STOP)
		s->token = 0;
	else if (ret < 0)
		s->error = ret < -MBX_ERROR_MAX ? EINVAL : (uint32_t)-ret;
	else if ((size_t)ret > s->opts.reply_capacity)
		s->error = EMSGSIZE;
	else
		s->reply_len = (size_t)ret;
	return ret == MBX_SERVE_STOP ? STOPPED : 0;
}

int mbx_serve_sized(int fd, mbx_handler *handler, void *arg,
		    const struct mbx_serve_opts *opts, size_t message_size)
{
	struct server s = { .fd = fd, .message_size = message_size };
	int ret = set_up(&s, opts);

	while (!ret) {
		ret = next(&s);
		if (!ret)
			ret = judge(&s, handler(s.message, s.request, s.reply,
						s.opts.reply_capacity, arg));
	}
	tear_down(&s);
	return ret == STOPPED ? 0 : ret;
}
