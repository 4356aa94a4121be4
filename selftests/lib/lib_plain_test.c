// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library on the module: mbx_send() and mbx_recv(), which go by other system calls
 * than the functions that can say more, and have to do the same.
 */
#include "lib_call.h"

#include <stddef.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

FIXTURE(plain)
{
	int fd;
	char buf[64];
	struct caller caller;
};

FIXTURE_SETUP(plain)
{
	self->fd = mbx_mailbox_open(
		NULL, CREATE,
		MBX_MAILBOX_OPTS(.overflow = MBX_OVERFLOW_REJECT,
				 .max_msgs = 2));
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(plain)
{
	close(self->fd);
}

TEST_F(plain, send_to_a_full_mailbox_is_rejected_once)
{
	ASSERT_EQ(0, mbx_send(self->fd, "a", 1));
	ASSERT_EQ(0, mbx_send(self->fd, "b", 1));
	EXPECT_EQ(-EAGAIN, mbx_send(self->fd, "c", 1));
	EXPECT_EQ(1, mailbox_stat(self->fd).rejected);
	EXPECT_EQ(2, mailbox_stat(self->fd).sent);
}

TEST_F(plain, without_payload_is_received_as_such)
{
	ASSERT_EQ(0, mbx_send(self->fd, NULL, 0));
	EXPECT_EQ(0, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
	ASSERT_EQ(0, mbx_send(self->fd, NULL, 0));
	EXPECT_EQ(0, mbx_recv(self->fd, NULL, 0));
	EXPECT_EQ(2, mailbox_stat(self->fd).received);
}

/* A length that looks like an error. */
TEST_F(plain, longer_than_there_is_memory_is_refused)
{
	size_t len;

	for (len = SIZE_MAX; len > SIZE_MAX - 256; len--)
		ASSERT_EQ(-EMSGSIZE, mbx_send(self->fd, self->buf, len));
	EXPECT_EQ(0, mailbox_stat(self->fd).sent);
}

struct receiver {
	int fd;
	size_t capacity;
};

static int receive(void *arg)
{
	struct receiver *r = arg;
	char buf[64];

	/* Who waits for ever is to fail, not to be waited for. */
	alarm(PATIENCE_NS / NSEC_PER_SEC);
	return status_of((int)mbx_recv(r->fd, buf, r->capacity));
}

TEST_F(plain, who_has_been_told_of_an_error_does_not_wait_again)
{
	struct receiver small = { self->fd, 4 }, large = { self->fd, 64 };
	pid_t first = spawn(receive, &small), second;

	ASSERT_SOON(mailbox_stat(self->fd).waiting_receivers == 1);
	second = spawn(receive, &large);
	ASSERT_SOON(mailbox_stat(self->fd).waiting_receivers == 2);
	ASSERT_EQ(0, mbx_send(self->fd, "0123456789", 10));
	EXPECT_EQ(EMSGSIZE, reap(first));
	EXPECT_EQ(0, reap(second));
	EXPECT_EQ(1, mailbox_stat(self->fd).received);
}

/* By each way there is to receive without being told of a token. */
TEST_F(plain, a_request_whose_token_nobody_is_told_fails)
{
	static char large[(16 << 20) + 1];

	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "ask",
				  .deadline_ns = PATIENCE));
	ASSERT_SOON(mailbox_stat(self->fd).msgs == 1);
	EXPECT_EQ(3, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));

	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "ask",
				  .deadline_ns = PATIENCE));
	ASSERT_SOON(mailbox_stat(self->fd).msgs == 1);
	EXPECT_EQ(3, mbx_recv(self->fd, large, sizeof(large)));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));

	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "",
				  .deadline_ns = PATIENCE));
	ASSERT_SOON(mailbox_stat(self->fd).msgs == 1);
	EXPECT_EQ(0, mbx_recv(self->fd, NULL, 0));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));

	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "ask",
				  .deadline_ns = PATIENCE));
	EXPECT_EQ(3,
		  mbx_recv_with(self->fd, self->buf, sizeof(self->buf),
				MBX_RECV_OPTS(.deadline_ns = PATIENCE), NULL));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
}

/* For good: two system calls fail. */
static int forbid(__u32 one, __u32 other, int err)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, one, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

/* An empty message is one, whatever of it can't be confirmed. */
TEST_F(plain, without_payload_is_not_lost_to_a_filter)
{
	ASSERT_EQ(0, mbx_send(self->fd, NULL, 0));
	ASSERT_EQ(0, forbid(SYS_ioctl, SYS_ioctl, EPERM));
	EXPECT_EQ(0, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
}

TEST_F(plain, does_without_what_a_filter_forbids)
{
	ASSERT_EQ(0, forbid(SYS_pread64, SYS_pwrite64, EPERM));
	EXPECT_EQ(0, mbx_send(self->fd, "hello", 5));
	EXPECT_EQ(5, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ("hello", self->buf);
}

/* What looks like nothing sent is not taken for success. */
TEST_F(plain, sends_though_a_filter_hides_how)
{
	ASSERT_EQ(0, forbid(SYS_pread64, SYS_pwrite64, 0));
	EXPECT_EQ(0, mbx_send(self->fd, "hello", 5));
	EXPECT_EQ(1, mailbox_stat(self->fd).msgs);
}

TEST_HARNESS_MAIN
