// SPDX-License-Identifier: GPL-2.0-only
/* A descriptor and a token through a socket. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lend.h"

/* Room for one descriptor beside the message. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void give(int socket, int fd, uint64_t token)
{
	struct iovec data = { .iov_base = &token, .iov_len = sizeof(token) };
	union control control = { .bytes = { 0 } };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	/* One who asks and does not take the answers gets no more. */
	sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool lend(int socket, int fd, uint64_t token, bool *lent)
{
	ssize_t got;
	char byte;

	got = recv(socket, &byte, sizeof(byte), MSG_DONTWAIT);
	if (got > 0) {
		*lent = true;
		give(socket, fd, token);
	}
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

static int descriptor_of(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET &&
	    header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int borrow(int socket, uint64_t *token)
{
	struct iovec data = { .iov_base = token, .iov_len = sizeof(*token) };
	union control control = { .bytes = { 0 } };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got;
	int fd;

	if (send(socket, "", 1, MSG_NOSIGNAL) < 0)
		return -errno;
	got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	if (got < 0)
		return -errno;
	fd = descriptor_of(&message);
	if (got == sizeof(*token) && fd >= 0)
		return fd;
	return got ? -EPROTO : -EPIPE;
}
