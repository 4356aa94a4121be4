// SPDX-License-Identifier: GPL-2.0-only
/* What a process of the team has when a sequence begins, and puts away after it. */
#include "actor.h"
#include "process.h"
#include "table.h"

#include <sys/mman.h>

int slots[SLOTS];
struct mapping maps[MAPS];

/* Through which the first process gives to the others. */
static int channels[ACTORS][2];

static pid_t own_children[CHILDREN];
static __u32 own_count;

/* --- descriptors --- */

int fd_of(__u64 value)
{
	if (value < SLOTS)
		return __atomic_load_n(&slots[value], __ATOMIC_RELAXED);
	return (int)value;
}

int take_fd(__u64 slot)
{
	if (slot >= SLOTS)
		return -1;
	return __atomic_exchange_n(&slots[slot], -1, __ATOMIC_RELAXED);
}

long put_fd(__u64 slot, long fd)
{
	int old;

	if (fd < 0)
		return fd;
	old = slot < SLOTS ? __atomic_exchange_n(&slots[slot], (int)fd,
						 __ATOMIC_RELAXED) :
			     (int)fd;
	if (old >= 0)
		close(old);
	return fd;
}

/* --- the stage --- */

static const __u32 shared[] = { SLOT_MAILBOX, SLOT_REGION, SLOT_DEVICE,
				SLOT_SOCKET, SLOT_SOCKET + 1 };

static void forget_all(void)
{
	__u32 i;

	for (i = 0; i < SLOTS; i++)
		slots[i] = -1;
}

bool table_open_device(void)
{
	return device() >= 0;
}

bool table_init(void)
{
	__u32 i;

	forget_all();
	for (i = 2; i < ACTORS; i++)
		if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0,
			       channels[i]))
			return false;
	return true;
}

void table_fill(void)
{
	int pair[2];

	slots[SLOT_DEVICE] = fcntl(device(), F_DUPFD_CLOEXEC, 0);
	slots[SLOT_MAILBOX] = open_mailbox(NULL, CREATE, .max_msgs = 4);
	slots[SLOT_REGION] =
		open_region(NULL, CREATE, .slots = 4, .bytes = 8192);
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		       pair))
		return;
	slots[SLOT_SOCKET] = pair[0];
	slots[SLOT_SOCKET + 1] = pair[1];
}

/* All in one message; a bit of its byte says that this one is there. */
union shared_control {
	char buf[CMSG_SPACE(ARRAY_SIZE(shared) * sizeof(int))];
	struct cmsghdr align;
};

static struct msghdr message(union shared_control *control, struct iovec *iov)
{
	return (struct msghdr){
		.msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = control->buf,
		.msg_controllen = sizeof(control->buf),
	};
}

void table_send(__u32 actor)
{
	union shared_control control = { 0 };
	unsigned char there = 0;
	struct iovec iov = { &there, 1 };
	struct msghdr msg = message(&control, &iov);
	struct cmsghdr *cmsg = &control.align;
	int fds[ARRAY_SIZE(shared)];
	__u32 i, count = 0;

	for (i = 0; i < ARRAY_SIZE(shared); i++) {
		if (slots[shared[i]] < 0)
			continue;
		there |= 1 << i;
		fds[count++] = slots[shared[i]];
	}
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(count * sizeof(int));
	msg.msg_controllen = count ? CMSG_SPACE(count * sizeof(int)) : 0;
	memcpy(CMSG_DATA(cmsg), fds, count * sizeof(int));
	sendmsg(channels[actor][0], &msg, 0);
}

void table_receive(__u32 actor)
{
	union shared_control control = { 0 };
	unsigned char there = 0;
	struct iovec iov = { &there, 1 };
	struct msghdr msg = message(&control, &iov);
	const char *next = (char *)CMSG_DATA(&control.align);
	__u32 i;

	/* Those it was forked with are the first process's. */
	table_clear();
	while (recvmsg(channels[actor][1], &msg, MSG_CMSG_CLOEXEC) < 0)
		;
	for (i = 0; i < ARRAY_SIZE(shared); i++) {
		if (!(there & 1 << i))
			continue;
		memcpy(&slots[shared[i]], next, sizeof(int));
		next += sizeof(int);
	}
}

void table_take_back(__u32 actor)
{
	char byte;

	/* Without a place to put them, descriptors are closed. */
	while (recv(channels[actor][1], &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

void table_add_child(pid_t pid)
{
	__u32 i = __atomic_fetch_add(&own_count, 1, __ATOMIC_RELAXED);

	if (i < CHILDREN)
		own_children[i] = pid;
}

void table_clear(void)
{
	__u32 i;
	int fd;

	for (i = 0; i < own_count && i < CHILDREN; i++)
		kill_and_reap(own_children[i]);
	own_count = 0;
	for (i = 0; i < SLOTS; i++) {
		fd = take_fd(i);
		if (fd >= 0)
			close(fd);
	}
	memory_unmap();
}
