// SPDX-License-Identifier: GPL-2.0-only
/* Direct mailboxes across pid and user namespaces. */
#include "call.h"
#include "namespace.h"

/* How a child ends whose own child in the namespace was killed. */
#define INSIDE_KILLED (KILLED_BY(SIGKILL) & 0xff)

/* The test has bound its mailbox; others live in namespaces. */
FIXTURE(across)
{
	int fd; /* binds it */
	int to; /* another open file */
	int pidfd;
	struct letter letter;
};

FIXTURE_SETUP(across)
{
	self->fd = bind_direct(0);
	self->to = open_direct(MBX_WRITE, getpid());
	self->pidfd = open_pidfd(getpid(), 0);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->to);
	ASSERT_LE(0, self->pidfd);
}

FIXTURE_TEARDOWN(across)
{
	close(self->fd);
}

/* Returns how many of the numbers reach a mailbox. */
static int open_all(void *arg)
{
	int pid, fd, reached = 0;

	if (getpid() != 1 || open_direct(MBX_WRITE, 1) != -ENXIO)
		return EXIT_FAILURE;
	for (pid = 2; pid < 5000; pid++) {
		fd = open_direct(MBX_WRITE, pid);
		if (fd != -ESRCH)
			reached++;
	}
	return reached;
}

TEST_F(across, process_outside_cannot_be_opened_by_number)
{
	ASSERT_GT(5000, getpid());
	EXPECT_EQ(0, reap(spawn_in_pidns(open_all, NULL)));
}

static int send_by_pidfd(void *arg)
{
	int fd = open_direct(MBX_WRITE | MBX_PIDFD, *(int *)arg);

	return fd < 0 ? -fd : send_text(fd, "from inside") != 1;
}

TEST_F(across, process_outside_can_be_opened_by_pidfd)
{
	pid_t child = spawn_in_pidns(send_by_pidfd, &self->pidfd);

	EXPECT_EQ(0, reap(child));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_STREQ("from inside", self->letter.text);
	/* The child's child. */
	EXPECT_LT(child, (pid_t)self->letter.msg.pid);
}

static int send_by_passed_pidfd(void *arg)
{
	int pidfd = receive_fd(*(int *)arg);

	return pidfd < 0 ? -pidfd : send_by_pidfd(&pidfd);
}

TEST_F(across, process_outside_can_be_opened_by_a_pidfd_that_was_passed)
{
	int pair[2];
	pid_t child;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	child = spawn_in_pidns(send_by_passed_pidfd, &pair[1]);
	ASSERT_EQ(1, pass_fd(pair[0], self->pidfd));
	EXPECT_EQ(0, reap(child));
	EXPECT_STREQ("from inside", next_text(self->fd));
}

static int send_by_passed_descriptor(void *arg)
{
	int fd = receive_fd(*(int *)arg);

	return fd < 0 ? -fd : send_text(fd, "from inside") != 1;
}

TEST_F(across, process_outside_is_reached_by_a_descriptor_that_was_passed)
{
	int pair[2];
	pid_t child;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	child = spawn_in_pidns(send_by_passed_descriptor, &pair[1]);
	ASSERT_EQ(1, pass_fd(pair[0], self->to));
	EXPECT_EQ(0, reap(child));
	EXPECT_STREQ("from inside", next_text(self->fd));
}

/* A server inside, for a client outside that has passed a pidfd of its own. */
static int serve_by_pidfd(void *arg)
{
	int fd = open_direct(RDWR | MBX_PIDFD, *(int *)arg);
	struct letter letter;

	if (fd < 0)
		return -fd;
	if (take(fd, &letter) != 1 || letter.msg.pid != 0)
		return EXIT_FAILURE;
	return status_of(reply_text(fd, letter.msg.token, "from inside"));
}

TEST_F(across, process_inside_can_serve_by_pidfd)
{
	pid_t child = spawn_in_pidns(serve_by_pidfd, &self->pidfd);

	EXPECT_EQ(0, ask(self->to, "question", &self->letter));
	EXPECT_STREQ("from inside", self->letter.text);
	EXPECT_LT(child, (pid_t)self->letter.msg.pid);
	EXPECT_EQ(0, reap(child));
}

/* Tells its number outside, as the sender of a message, and serves. */
static int bind_inside(void *arg)
{
	int fd = bind_direct(0);

	if (getpid() != 1 || fd < 0 || open_direct(MBX_WRITE, 1) < 0)
		return EXIT_FAILURE;
	if (send_text(*(int *)arg, "here I am") != 1)
		return EXIT_FAILURE;
	return serve_child(&fd);
}

TEST_F(across, process_inside_is_opened_by_its_number_outside)
{
	pid_t child = spawn_in_pidns(bind_inside, &self->to), inside;
	struct letter reply;
	int fd;

	ASSERT_EQ(1, take(self->fd, &self->letter));
	inside = self->letter.msg.pid;
	fd = open_direct(MBX_WRITE, inside);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, ask(fd, "question", &reply));
	EXPECT_STREQ("question", reply.text);
	EXPECT_EQ((__u32)inside, reply.msg.pid);
	ASSERT_EQ(0, kill(inside, SIGKILL));
	EXPECT_EQ(INSIDE_KILLED, reap(child));
}

static int expect_nobody(void *arg)
{
	struct letter letter;
	int fd = bind_direct(0);

	if (fd < 0 || send_text(*(int *)arg, "here I am") != 1)
		return EXIT_FAILURE;
	return take(fd, &letter) == 1 && letter.msg.pid == 0 ? 0 : EXIT_FAILURE;
}

TEST_F(across, sender_outside_is_no_process_inside)
{
	pid_t child = spawn_in_pidns(expect_nobody, &self->to);
	int fd;

	ASSERT_EQ(1, take(self->fd, &self->letter));
	fd = open_direct(MBX_WRITE, self->letter.msg.pid);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, send_text(fd, "hello"));
	EXPECT_EQ(0, reap(child));
}

/* Two of the same number, each in its namespace. */
TEST_F(across, equal_numbers_are_not_confused)
{
	pid_t one = spawn_in_pidns(bind_inside, &self->to), two;
	struct letter letters[2];
	int fds[2];

	ASSERT_EQ(1, take(self->fd, &letters[0]));
	two = spawn_in_pidns(bind_inside, &self->to);
	ASSERT_EQ(1, take(self->fd, &letters[1]));
	fds[0] = open_direct(MBX_WRITE, letters[0].msg.pid);
	fds[1] = open_direct(MBX_WRITE, letters[1].msg.pid);
	ASSERT_EQ(0, kill(letters[0].msg.pid, SIGKILL));
	EXPECT_EQ(INSIDE_KILLED, reap(one));
	EXPECT_EQ(-ESRCH, send_text(fds[0], "late"));
	EXPECT_EQ(0, ask(fds[1], "question", &letters[0]));
	ASSERT_EQ(0, kill(letters[1].msg.pid, SIGKILL));
	EXPECT_EQ(INSIDE_KILLED, reap(two));
}

TEST_F(across, end_of_the_namespace_ends_its_mailboxes)
{
	pid_t child = spawn_in_pidns(bind_inside, &self->to);
	int fd;

	ASSERT_EQ(1, take(self->fd, &self->letter));
	fd = open_direct(MBX_WRITE, self->letter.msg.pid);
	ASSERT_LE(0, fd);
	/* The child's death kills process 1 there, which is its child. */
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(POLLHUP, poll_wait(fd, 0));
	EXPECT_EQ(-ESRCH, send_text(fd, "late"));
}

/* User namespaces. */

static int bind_in_userns(void *arg)
{
	struct mbx_mailbox_stat st;
	int fd = bind_direct(0);

	if (fd < 0)
		return -fd;
	st = stat_of(fd);
	if (st.uid != 0 || st.gid != 0 ||
	    send_text(*(int *)arg, "here I am") != 1)
		return EXIT_FAILURE;
	return serve_child(&fd);
}

static int run_bind_in_userns(void *arg)
{
	return run_in_userns(ALICE, bind_in_userns, arg);
}

TEST_F(across, owner_in_a_user_namespace_is_who_he_is_outside)
{
	pid_t child = spawn(run_bind_in_userns, &self->to);
	struct letter reply;
	int fd;

	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(ALICE, self->letter.msg.uid);
	EXPECT_EQ(ALICE, self->letter.msg.gid);
	fd = open_direct(RDWR, self->letter.msg.pid);
	ASSERT_LE(0, fd);
	EXPECT_EQ(ALICE, stat_of(fd).uid);
	EXPECT_EQ(ALICE, stat_of(fd).gid);
	EXPECT_EQ(0, ask(fd, "question", &reply));
	EXPECT_EQ(ALICE, reply.msg.uid);
	ASSERT_EQ(0, kill(self->letter.msg.pid, SIGKILL));
	EXPECT_EQ(INSIDE_KILLED, reap(child));
}

static int open_child(void *arg)
{
	return status_of(open_direct(MBX_WRITE, *(pid_t *)arg));
}

static int open_and_see_owner(void *arg)
{
	int fd = open_direct(MBX_WRITE, *(pid_t *)arg);

	if (fd < 0)
		return -fd;
	return stat_of(fd).uid != 0 || stat_of(fd).gid != 0;
}

TEST_F(across, owner_is_the_owner_in_a_user_namespace)
{
	pid_t target = spawn_bound(sleep_forever, .uid = ALICE);

	EXPECT_EQ(0, run_in_userns(ALICE, open_and_see_owner, &target));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(target));
}

TEST_F(across, capability_in_a_user_namespace_opens_nothing_from_outside)
{
	pid_t target = spawn_bound(sleep_forever, .uid = ALICE);

	EXPECT_EQ(EACCES, run_in_userns(BOB, open_child, &target));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(target));
}

TEST_HARNESS_MAIN
