/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stand-in for the kernel below the library, for tests that run anywhere
 *
 * Linked with the library's archive, these definitions take the place of the C
 * library's, and of the library's own mbx_sys_ioctl(); what else it asks the kernel
 * itself fails, as FAKE_FD is not open. They note what was asked and answer what the
 * test has set. All state is reset by the fork that the harness makes for each test.
 */
#ifndef MBX_LIB_FAKE_H
#define MBX_LIB_FAKE_H

#include "kselftest_harness.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "internal.h"

#define FAKE_FD 1000 /* of the device node and of objects */
#define UNTOUCHED 7777 /* errno before a call, and after it */

/* Stands in for a command: changes its argument as the kernel would. */
typedef int fake_command(unsigned long command, void *arg);
typedef int fake_poll(struct pollfd *fds, nfds_t count, int timeout);

struct fake {
	/* Answers: 0 or more, or the negative error */
	int open_ret;
	int ioctl_ret;
	int read_ret;
	/* in place of ioctl_ret, and of 0 for poll */
	fake_command *on_ioctl;
	fake_poll *on_poll;
	/* the mapping, from 1, which fails with map_err; 0 for none */
	int map_fails_at;
	int map_err;
	/* mapping is not writable for anybody */
	bool read_only;
	struct mbx_region_stat region;

	/* Notes */
	int opens;
	int open_flags;
	char open_path[64];
	int closes;
	int closed_fd;
	int ioctls;
	int ioctl_fd;
	unsigned long command;
	int reads;
	int polls;
	int maps;
	int unmaps;
	int writable_maps;
	int cloexec_fd;
	union {
		struct mbx_info info;
		struct mbx_unlink unlink;
		struct mbx_mailbox_open mailbox_open;
		struct mbx_region_open region_open;
		struct mbx_send send;
		struct mbx_recv recv;
		struct mbx_call call;
		struct mbx_reply reply;
		struct mbx_region_wait wait;
		struct mbx_region_notify notify;
		struct mbx_region_subscribe subscribe;
	} request;
	struct mbx_message message; /* the first sent, else the first received */
	struct mbx_recv recv; /* that of a reply */
	void *pages[3]; /* data, seq, waiters */
};

static struct fake fake = { .open_ret = FAKE_FD };

static inline long fake_result(int ret)
{
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

int open64(const char *path, int flags, ...)
{
	fake.opens++;
	fake.open_flags = flags;
	snprintf(fake.open_path, sizeof(fake.open_path), "%s", path);
	return fake_result(fake.open_ret);
}

int close(int fd)
{
	fake.closes++;
	fake.closed_fd = fd;
	/* A close may well spoil errno. */
	return fake_result(-EIO);
}

int fcntl64(int fd, int cmd, ...)
{
	if (cmd == F_SETFD)
		fake.cloexec_fd = fd;
	return 0;
}

static inline size_t fake_request_size(unsigned long command)
{
	switch (command) {
	case MBX_IOC_INFO:
		return sizeof(struct mbx_info);
	case MBX_IOC_UNLINK:
		return sizeof(struct mbx_unlink);
	case MBX_IOC_MAILBOX_OPEN:
		return sizeof(struct mbx_mailbox_open);
	case MBX_IOC_REGION_OPEN:
		return sizeof(struct mbx_region_open);
	case MBX_IOC_SEND:
		return sizeof(struct mbx_send);
	case MBX_IOC_RECV:
		return sizeof(struct mbx_recv);
	case MBX_IOC_CALL:
		return sizeof(struct mbx_call);
	case MBX_IOC_REPLY:
		return sizeof(struct mbx_reply);
	case MBX_IOC_REGION_WAIT:
		return sizeof(struct mbx_region_wait);
	case MBX_IOC_REGION_NOTIFY:
		return sizeof(struct mbx_region_notify);
	case MBX_IOC_REGION_SUBSCRIBE:
		return sizeof(struct mbx_region_subscribe);
	default:
		return 0;
	}
}

static inline void fake_note_messages(unsigned long command)
{
	__u64 message = 0;

	if (command == MBX_IOC_SEND || command == MBX_IOC_RECV)
		message = fake.request.send.messages;
	else if (command == MBX_IOC_CALL)
		message = fake.request.call.request;
	else if (command == MBX_IOC_REPLY)
		message = fake.request.reply.message;
	if (message)
		memcpy(&fake.message, (void *)message, sizeof(fake.message));
	if (command == MBX_IOC_REPLY && fake.request.reply.recv)
		memcpy(&fake.recv, (void *)fake.request.reply.recv,
		       sizeof(fake.recv));
}

int mbx_sys_ioctl(int fd, unsigned long command, void *arg)
{
	if (command == MBX_IOC_REGION_STAT) {
		memcpy(arg, &fake.region, sizeof(fake.region));
		return 0;
	}
	fake.ioctls++;
	fake.ioctl_fd = fd;
	fake.command = command;
	memcpy(&fake.request, arg, fake_request_size(command));
	fake_note_messages(command);
	return fake.on_ioctl ? fake.on_ioctl(command, arg) : fake.ioctl_ret;
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	fake.polls++;
	return fake_result(fake.on_poll ? fake.on_poll(fds, count, timeout) :
					  0);
}

ssize_t read(int fd, void *buf, size_t len)
{
	fake.reads++;
	return fake_result(fake.read_ret);
}

static inline void **fake_page(off64_t offset)
{
	if (offset == MBX_REGION_OFFSET_SEQ)
		return &fake.pages[1];
	return &fake.pages[offset == MBX_REGION_OFFSET_WAITERS ? 2 : 0];
}

void *mmap64(void *addr, size_t len, int prot, int flags, int fd,
	     off64_t offset)
{
	void *page;

	if (fake.read_only && prot & PROT_WRITE)
		return (void *)fake_result(-EACCES);
	if (++fake.maps == fake.map_fails_at)
		return (void *)fake_result(fake.map_err);
	fake.writable_maps += !!(prot & PROT_WRITE);
	/* Writable for the test, whatever the library may do with it. */
	page = (void *)syscall(SYS_mmap, addr, len, PROT_READ | PROT_WRITE,
			       flags | MAP_ANONYMOUS, -1, 0);
	*fake_page(offset) = page;
	return page;
}

int munmap(void *addr, size_t len)
{
	fake.unmaps++;
	return syscall(SYS_munmap, addr, len);
}

/* Evaluates a call and checks that errno is what it was. */
#define CALM(call)                           \
	({                                   \
		long ret__;                  \
		errno = UNTOUCHED;           \
		ret__ = (call);              \
		EXPECT_EQ(UNTOUCHED, errno); \
		ret__;                       \
	})

#endif /* MBX_LIB_FAKE_H */
