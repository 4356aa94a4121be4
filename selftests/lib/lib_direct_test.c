// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: mailboxes of processes. */
#include "lib_call.h"

#include <sys/stat.h>

FIXTURE(direct)
{
	int fd;
	char buf[8];
};

FIXTURE_SETUP(direct)
{
	self->fd = mbx_direct_bind(RDWR, NULL);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(direct)
{
	close(self->fd);
}

static int open_pidfd(pid_t pid)
{
	return result_of(syscall(SYS_pidfd_open, pid, 0));
}

TEST_F(direct, mailbox_is_reached_by_process_id)
{
	int to = mbx_direct_open(getpid(), MBX_WRITE, NULL);

	ASSERT_LE(0, to);
	EXPECT_EQ(0, mbx_send(to, "hello", 5));
	EXPECT_EQ(5, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, memcmp("hello", self->buf, 5));
	close(to);
}

TEST_F(direct, mailbox_is_reached_by_pidfd)
{
	int pidfd = open_pidfd(getpid());
	int to = mbx_direct_open_pidfd(pidfd, MBX_WRITE, NULL);

	ASSERT_LE(0, to);
	EXPECT_EQ(0, mbx_send(to, "hello", 5));
	EXPECT_EQ(5, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
	/* It stays the caller's. */
	EXPECT_EQ(0, close(pidfd));
	close(to);
}

TEST_F(direct, mailbox_of_a_process_is_one)
{
	int again = mbx_direct_bind(MBX_WRITE, NULL);

	ASSERT_LE(0, again);
	EXPECT_EQ(0, mbx_send(again, "hello", 5));
	EXPECT_EQ(1, mailbox_stat(self->fd).msgs);
	EXPECT_EQ(-EEXIST, mbx_direct_bind(RDWR | MBX_EXCL, NULL));
	close(again);
}

TEST_F(direct, mailbox_says_what_it_is)
{
	struct mbx_mailbox_stat stat = mailbox_stat(self->fd);

	EXPECT_EQ(MBX_STATE_DIRECT, stat.state & MBX_STATE_DIRECT);
	EXPECT_EQ(MBX_LIFE_OWNER, stat.lifetime);
	EXPECT_EQ(0600, stat.mode);
}

TEST_F(direct, descriptors_are_closed_on_exec)
{
	int to = mbx_direct_open(getpid(), MBX_WRITE, NULL);

	EXPECT_TRUE(is_cloexec(self->fd));
	EXPECT_TRUE(is_cloexec(to));
	close(to);
}

TEST_F(direct, mailbox_can_be_opened_nonblocking)
{
	int from = mbx_direct_open(getpid(), MBX_READ | MBX_NONBLOCK, NULL);

	EXPECT_EQ(-EAGAIN, mbx_recv(from, self->buf, 1));
	close(from);
}

TEST_F(direct, mailbox_ends_with_its_descriptor)
{
	int to = mbx_direct_open(getpid(), RDWR, NULL);

	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(-ESRCH, mbx_send(to, "hello", 5));
	EXPECT_EQ(-ESRCH, mbx_recv(to, self->buf, 1));
	EXPECT_EQ(-ESRCH, mbx_call(to, "hello", 5, self->buf, 1));
	EXPECT_EQ(POLLHUP, poll_now(to, 0));
	EXPECT_EQ(-ENXIO, mbx_direct_open(getpid(), MBX_WRITE, NULL));
	self->fd = mbx_direct_bind(RDWR | MBX_EXCL, NULL);
	EXPECT_LE(0, self->fd);
	close(to);
}

static int open_parents(void *arg)
{
	return status_of(mbx_direct_open(getppid(), MBX_WRITE, NULL));
}

TEST_F(direct, mailbox_is_protected_by_its_mode)
{
	EXPECT_EQ(EACCES, run_as(ALICE, open_parents, NULL));
	close(self->fd);
	umask(0);
	self->fd = mbx_direct_bind(RDWR, MBX_MAILBOX_OPTS(.mode = 0622));
	EXPECT_EQ(0, run_as(ALICE, open_parents, NULL));
}

TEST(attributes_are_those_asked_for)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.mode = 0600, .max_msgs = 3, .max_msg_size = 4,
				 .max_bytes = 5,
				 .overflow = MBX_OVERFLOW_REJECT);
	int fd = mbx_direct_bind(MBX_READ, opts);
	struct mbx_mailbox_stat stat = mailbox_stat(fd);

	EXPECT_EQ(3, stat.max_msgs);
	EXPECT_EQ(4, stat.max_msg_size);
	EXPECT_EQ(5, stat.max_bytes);
	EXPECT_EQ(MBX_OVERFLOW_REJECT, stat.overflow);
	close(fd);
}

TEST(malformed_binding_is_refused)
{
	EXPECT_EQ(-EINVAL, mbx_direct_bind(0, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_bind(MBX_READ | 1U << 31, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_bind(MBX_READ | MBX_PIDFD, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_bind(MBX_READ | MBX_WAIT_BOUND, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_direct_bind(MBX_READ, MBX_MAILBOX_OPTS(.mode = 01000)));
	EXPECT_EQ(-EINVAL,
		  mbx_direct_bind(MBX_READ,
				  MBX_MAILBOX_OPTS(.lifetime =
							   MBX_LIFE_PERSIST)));
	EXPECT_EQ(-EINVAL, mbx_direct_bind(MBX_READ,
					   MBX_MAILBOX_OPTS(.deadline_ns = 1)));
	EXPECT_EQ(-ENXIO, mbx_direct_open(getpid(), MBX_WRITE, NULL));
}

TEST(malformed_opening_is_refused)
{
	EXPECT_EQ(-EINVAL, mbx_direct_open(1, 0, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_open(1, MBX_WRITE | 1U << 31, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_open(1, MBX_WRITE | MBX_PIDFD, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_open(0, CREATE, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_open(1, MBX_WRITE,
					   MBX_MAILBOX_OPTS(.deadline_ns = 1)));
	EXPECT_EQ(-EINVAL,
		  mbx_mailbox_open("direct", MBX_READ,
				   MBX_MAILBOX_OPTS(.deadline_ns = 1)));
}

/* The id of a thread that is there while it opens. */
static void *open_own_id(void *arg)
{
	return (void *)(long)mbx_direct_open(gettid(), MBX_WRITE, NULL);
}

TEST(target_has_to_be_a_process)
{
	void *result;
	pthread_t thread;
	pid_t child = spawn(sleep_forever, NULL);

	EXPECT_EQ(-EINVAL, mbx_direct_open(0, MBX_WRITE, NULL));
	EXPECT_EQ(-EINVAL, mbx_direct_open(-1, MBX_WRITE, NULL));
	EXPECT_EQ(-ENXIO, mbx_direct_open(child, MBX_WRITE, NULL));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(-ESRCH, mbx_direct_open(child, MBX_WRITE, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, open_own_id, NULL));
	pthread_join(thread, &result);
	EXPECT_EQ(-ESRCH, (long)result);
}

TEST(pidfd_has_to_be_one)
{
	pid_t child = spawn(sleep_forever, NULL);
	int stranger = open_stranger(), pidfd = open_pidfd(child);

	EXPECT_EQ(-EBADF, mbx_direct_open_pidfd(-1, MBX_WRITE, NULL));
	EXPECT_EQ(-EBADF, mbx_direct_open_pidfd(stranger, MBX_WRITE, NULL));
	EXPECT_EQ(-ENXIO, mbx_direct_open_pidfd(pidfd, MBX_WRITE, NULL));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(-ESRCH, mbx_direct_open_pidfd(pidfd, MBX_WRITE, NULL));
	close(stranger);
	close(pidfd);
}

/* Binds when the process above waits for that, and takes one message. */
static int bind_late(void *arg)
{
	char byte;
	int fd;

	if (!wait_until(is_asleep(getppid())))
		return ETIME;
	fd = mbx_direct_bind(MBX_READ, NULL);
	return fd < 0 ? -fd : status_of((int)mbx_recv(fd, &byte, 1));
}

TEST(mailbox_that_is_not_yet_bound_is_waited_for)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.deadline_ns = PATIENCE);
	pid_t child = spawn(bind_late, NULL);
	int to = mbx_direct_open(child, MBX_WRITE | MBX_WAIT_BOUND, opts);

	ASSERT_LE(0, to);
	EXPECT_EQ(0, mbx_send(to, "x", 1));
	EXPECT_EQ(0, reap(child));
	EXPECT_SOON(mbx_send(to, "x", 1) == -ESRCH);
	close(to);
}

TEST(mailbox_behind_a_pidfd_is_waited_for)
{
	pid_t child = spawn(bind_late, NULL);
	int pidfd = open_pidfd(child);
	int to = mbx_direct_open_pidfd(pidfd, MBX_WRITE | MBX_WAIT_BOUND, NULL);

	ASSERT_LE(0, to);
	EXPECT_EQ(0, mbx_send(to, "x", 1));
	EXPECT_EQ(0, reap(child));
	close(pidfd);
	close(to);
}

TEST(mailbox_is_waited_for_until_the_deadline)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.deadline_ns = SOON);

	EXPECT_EQ(-ETIMEDOUT,
		  mbx_direct_open(getpid(), MBX_WRITE | MBX_WAIT_BOUND, opts));
	EXPECT_LE(opts->deadline_ns, now_ns());
}

TEST(mailbox_is_waited_for_until_a_signal)
{
	int sig = SIGUSR1;
	pid_t child;

	on_signal(sig, 0);
	child = spawn(wake_parent, &sig);
	EXPECT_EQ(-EINTR,
		  mbx_direct_open(getpid(), MBX_WRITE | MBX_WAIT_BOUND, NULL));
	EXPECT_EQ(0, reap(child));
}

static int end_late(void *arg)
{
	return wait_until(is_asleep(getppid())) ? 0 : ETIME;
}

TEST(mailbox_is_waited_for_until_the_process_ends)
{
	pid_t child = spawn(end_late, NULL);

	EXPECT_EQ(-ESRCH,
		  mbx_direct_open(child, MBX_WRITE | MBX_WAIT_BOUND, NULL));
	EXPECT_EQ(0, reap(child));
}

TEST(errno_is_left_alone)
{
	errno = UNTOUCHED;
	mbx_direct_bind(0, NULL);
	mbx_direct_open(0, MBX_WRITE, NULL);
	mbx_direct_open_pidfd(-1, MBX_WRITE, NULL);
	close(mbx_direct_bind(MBX_READ, NULL));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST_HARNESS_MAIN
