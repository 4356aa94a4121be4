// SPDX-License-Identifier: GPL-2.0-only
/* What else can be done with descriptors. */
#include "actor.h"
#include "process.h"

#include <sys/epoll.h>
#include <sys/uio.h>

#define FD(_good)                    \
	{                            \
		"fd", KIND_FD, _good \
	}
#define AT                       \
	{                        \
		"at", KIND_PLACE \
	}

/* Two pieces, so that memory can end within one or between them. */
static int pieces(const struct actor *me, const struct step *step,
		  struct iovec iov[2])
{
	size_t len = step_value(step, 1), first = len / 2;
	char *at = place_of(me, step, 2, NEAR_DATA);

	iov[0] = (struct iovec){ at, first };
	iov[1] = (struct iovec){ at + first, len - first };
	return first ? 2 : 1;
}

/* At what is a position, for messages that say nothing else, and just before it. */
static off_t position_of(const struct step *step)
{
	return MBX_MAILBOX_OFFSET - (step_value(step, 3) == 3);
}

static long op_read(struct actor *me, const struct step *step)
{
	struct iovec iov[2];
	int count = pieces(me, step, iov);

	if (!step_value(step, 3))
		return result_of(read(resolve(me, step, 0), iov[0].iov_base,
				      step_value(step, 1)));
	if (step_value(step, 3) > 1)
		return result_of(pread(resolve(me, step, 0), iov[0].iov_base,
				       step_value(step, 1), position_of(step)));
	return result_of(
		preadv2(resolve(me, step, 0), iov, count, -1, RWF_NOWAIT));
}

static long op_write(struct actor *me, const struct step *step)
{
	struct iovec iov[2];
	int count = pieces(me, step, iov);

	if (!step_value(step, 3))
		return result_of(write(resolve(me, step, 0), iov[0].iov_base,
				       step_value(step, 1)));
	if (step_value(step, 3) > 1)
		return result_of(pwrite(resolve(me, step, 0), iov[0].iov_base,
					step_value(step, 1),
					position_of(step)));
	return result_of(writev(resolve(me, step, 0), iov, count));
}

static long op_poll(struct actor *me, const struct step *step)
{
	struct pollfd fds[2] = {
		{ .fd = resolve(me, step, 0), .events = resolve(me, step, 1) },
		{ .fd = resolve(me, step, 2), .events = resolve(me, step, 1) },
	};

	return result_of(poll(fds, 2, resolve(me, step, 3)));
}

static long op_epoll_create(struct actor *me, const struct step *step)
{
	return put_fd(step_value(step, 0),
		      result_of(epoll_create1(EPOLL_CLOEXEC)));
}

static long op_epoll_ctl(struct actor *me, const struct step *step)
{
	static const int what[] = { EPOLL_CTL_ADD, EPOLL_CTL_MOD,
				    EPOLL_CTL_DEL };
	struct epoll_event event = { .events = resolve(me, step, 3) };

	return result_of(epoll_ctl(resolve(me, step, 0),
				   what[step_value(step, 2) % 3],
				   resolve(me, step, 1), &event));
}

static long op_epoll_wait(struct actor *me, const struct step *step)
{
	struct epoll_event events[4];

	return result_of(epoll_wait(resolve(me, step, 0), events, 4,
				    resolve(me, step, 1)));
}

static long op_close(struct actor *me, const struct step *step)
{
	int fd = take_fd(step_value(step, 0));

	return fd < 0 ? -EBADF : result_of(close(fd));
}

static long op_dup(struct actor *me, const struct step *step)
{
	return put_fd(
		step_value(step, 1),
		result_of(fcntl(resolve(me, step, 0), F_DUPFD_CLOEXEC, 0)));
}

static long op_set_nonblock(struct actor *me, const struct step *step)
{
	return result_of(fcntl(resolve(me, step, 0), F_SETFL,
			       step_value(step, 1) ? O_NONBLOCK : 0));
}

/* Opened once more; what works for few descriptors shows with which rights. */
static long op_reopen(struct actor *me, const struct step *step)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d",
		 fd_of(step_value(step, 0)));
	return put_fd(step_value(step, 1),
		      result_of(open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)));
}

static long op_fdinfo(struct actor *me, const struct step *step)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d",
		 fd_of(step_value(step, 0)));
	return read_file(path, text, sizeof(text));
}

static long op_pass(struct actor *me, const struct step *step)
{
	return pass_fd(resolve(me, step, 1), resolve(me, step, 0));
}

static long op_take(struct actor *me, const struct step *step)
{
	return put_fd(step_value(step, 0), receive_fd(resolve(me, step, 1)));
}

const struct op file_ops[] = {
	{ "READ", 6, op_read,
	  .params = { FD(SLOT_MAILBOX),
		      { "len", KIND_NUMBER, 256, 4096 },
		      AT,
		      { "way", KIND_NUMBER, 0, 3 } } },
	{ "WRITE", 6, op_write,
	  .params = { FD(SLOT_MAILBOX),
		      { "len", KIND_NUMBER, 16, 256 },
		      AT,
		      { "way", KIND_NUMBER, 0, 3 } } },
	{ "POLL", 4, op_poll,
	  .params = { FD(SLOT_MAILBOX),
		      { "events", KIND_FLAGS, POLLIN, 0x3f },
		      { "and", KIND_FD, SLOT_REGION },
		      { "ms", KIND_NUMBER, 1, 3 } } },
	{ "EPOLL_CREATE", 3, op_epoll_create,
	  .params = { { "to", KIND_FD, SLOT_EPOLL } } },
	{ "EPOLL_CTL", 8, op_epoll_ctl,
	  .params = { { "epoll", KIND_FD, SLOT_EPOLL },
		      FD(SLOT_MAILBOX),
		      { "what", KIND_NUMBER, 0, 2 },
		      { "events", KIND_FLAGS, EPOLLIN | EPOLLOUT,
			EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET |
				EPOLLONESHOT | EPOLLEXCLUSIVE } } },
	{ "EPOLL_WAIT", 5, op_epoll_wait,
	  .params = { { "epoll", KIND_FD, SLOT_EPOLL },
		      { "ms", KIND_NUMBER, 1, 3 } } },
	{ "CLOSE", 12, op_close, .params = { FD(SLOT_MAILBOX) } },
	{ "DUP", 4, op_dup,
	  .params = { FD(SLOT_MAILBOX), { "to", KIND_FD, SLOT_MAILBOX + 2 } } },
	{ "SET_NONBLOCK", 2, op_set_nonblock,
	  .params = { FD(SLOT_MAILBOX), { "on", KIND_NUMBER, 1, 1 } } },
	{ "REOPEN", 2, op_reopen,
	  .params = { FD(SLOT_MAILBOX), { "to", KIND_FD, SLOT_MAILBOX + 3 } } },
	{ "FDINFO", 2, op_fdinfo, .params = { FD(SLOT_MAILBOX) } },
	{ "PASS", 5, op_pass,
	  .params = { FD(SLOT_MAILBOX), { "socket", KIND_FD, SLOT_SOCKET } } },
	{ "TAKE", 5, op_take,
	  .params = { { "to", KIND_FD, SLOT_MAILBOX + 2 },
		      { "socket", KIND_FD, SLOT_SOCKET + 1 } } },
	{ NULL }
};
