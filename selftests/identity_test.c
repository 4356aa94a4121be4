// SPDX-License-Identifier: GPL-2.0-only
/* Who the kernel says has sent a message. */
#include "blocked.h"
#include "namespace.h"

#include <pthread.h>

FIXTURE(identity)
{
	int fd;
	struct letter letter;
};

FIXTURE_SETUP(identity)
{
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(identity)
{
	close(self->fd);
}

TEST_F(identity, is_that_of_the_sender)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ((__u32)getpid(), self->letter.msg.pid);
	EXPECT_EQ(0, self->letter.msg.uid);
	EXPECT_EQ(0, self->letter.msg.gid);
}

TEST_F(identity, cannot_be_chosen)
{
	ASSERT_EQ(1, send_text(self->fd, "hello", .pid = 1, .uid = 5, .gid = 6,
			       .seq = 99, .time_ns = 1, .deliveries = 7,
			       .capacity = 3));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ((__u32)getpid(), self->letter.msg.pid);
	EXPECT_EQ(0, self->letter.msg.uid);
	EXPECT_EQ(0, self->letter.msg.gid);
	EXPECT_EQ(1, self->letter.msg.deliveries);
	EXPECT_NE(99, self->letter.msg.seq);
	EXPECT_NE(1, self->letter.msg.time_ns);
}

static int send_child_now(void *arg)
{
	return send_text(*(int *)arg, "hello") != 1;
}

TEST_F(identity, of_a_child_is_its_own)
{
	pid_t child = spawn(send_child_now, &self->fd);

	ASSERT_EQ(0, reap(child));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
}

TEST_F(identity, is_taken_when_sending_not_when_opening)
{
	ASSERT_EQ(0, run_as(ALICE, send_child_now, &self->fd));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(ALICE, self->letter.msg.uid);
	EXPECT_EQ(ALICE, self->letter.msg.gid);
}

static int send_with_effective_ids(void *arg)
{
	if (setresgid(0, BOB, 0) || setresuid(0, ALICE, 0))
		return EXIT_FAILURE;
	return send_child_now(arg);
}

TEST_F(identity, is_the_effective_user_and_group)
{
	ASSERT_EQ(0, run(send_with_effective_ids, &self->fd));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(ALICE, self->letter.msg.uid);
	EXPECT_EQ(BOB, self->letter.msg.gid);
}

static int send_then_change(void *arg)
{
	return send_child_now(arg) || become(BOB);
}

TEST_F(identity, does_not_change_after_sending)
{
	ASSERT_EQ(0, run(send_then_change, &self->fd));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(0, self->letter.msg.uid);
}

static int send_received_fd(void *arg)
{
	int fd = receive_fd(*(int *)arg);

	return fd < 0 || send_text(fd, "hello") != 1;
}

TEST_F(identity, is_not_that_of_who_passed_the_descriptor)
{
	int pair[2];
	pid_t child;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	child = spawn_as(BOB, send_received_fd, &pair[1]);
	ASSERT_EQ(1, pass_fd(pair[0], self->fd));
	ASSERT_EQ(0, reap(child));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(BOB, self->letter.msg.uid);
}

static void *send_from_thread(void *arg)
{
	send_text(*(int *)arg, "hello");
	return NULL;
}

TEST_F(identity, of_a_thread_is_its_process)
{
	pthread_t thread;

	ASSERT_EQ(0,
		  pthread_create(&thread, NULL, send_from_thread, &self->fd));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ((__u32)getpid(), self->letter.msg.pid);
}

static int write_child(void *arg)
{
	return write(*(int *)arg, "hello", 5) != 5;
}

TEST_F(identity, of_a_writer_is_his_own)
{
	pid_t child = spawn_as(ALICE, write_child, &self->fd);

	ASSERT_EQ(0, reap(child));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(ALICE, self->letter.msg.uid);
}

TEST_F(identity, is_told_when_peeking)
{
	pid_t child = spawn_as(ALICE, send_child_now, &self->fd);

	ASSERT_EQ(0, reap(child));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_PEEK));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(ALICE, self->letter.msg.uid);
}

/* A blocked sender is who he was when he called. */
TEST_F(identity, of_a_blocked_sender_is_his_own)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	pid_t child;

	ASSERT_EQ(1, send_text(fd, "full"));
	child = spawn_as(ALICE, send_child, &fd);
	ASSERT_TRUE(senders_wait(fd, 1));
	EXPECT_STREQ("full", next_text(fd));
	ASSERT_EQ(0, reap(child));
	ASSERT_EQ(1, take_now(fd, &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(ALICE, self->letter.msg.uid);
}

TEST_F(identity, can_be_selected)
{
	pid_t child = spawn(send_child_now, &self->fd);

	ASSERT_EQ(0, reap(child));
	ASSERT_EQ(1, send_text(self->fd, "mine"));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_BY_PID,
			  .pid = getpid()));
	EXPECT_STREQ("mine", self->letter.text);
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_BY_PID,
			  .pid = child));
	EXPECT_STREQ("hello", self->letter.text);
}

static int expect_unknown_sender(void *arg)
{
	struct letter letter;

	if (take_now(*(int *)arg, &letter) != 1)
		return EXIT_FAILURE;
	return letter.msg.pid != 0;
}

TEST_F(identity, of_a_process_outside_the_pid_namespace_is_zero)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(0, reap(spawn_in_pidns(expect_unknown_sender, &self->fd)));
}

static int expect_own_number(void *arg)
{
	int fd = *(int *)arg;
	struct letter letter;

	if (getpid() != 1 || send_text(fd, "hello") != 1)
		return EXIT_FAILURE;
	if (take(fd, &letter, .flags = MBX_RECV_PEEK) != 1)
		return EXIT_FAILURE;
	return letter.msg.pid != 1;
}

TEST_F(identity, inside_a_pid_namespace_is_the_number_there)
{
	EXPECT_EQ(0, reap(spawn_in_pidns(expect_own_number, &self->fd)));
}

TEST_F(identity, of_a_process_in_a_deeper_pid_namespace_is_the_number_here)
{
	pid_t child = spawn_in_pidns(expect_own_number, &self->fd);

	EXPECT_EQ(0, reap(child));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	/* The child's child. */
	EXPECT_LT(child, (pid_t)self->letter.msg.pid);
}

static int select_own_number(void *arg)
{
	int fd = *(int *)arg;
	struct letter letter;

	if (send_text(fd, "inside") != 1)
		return EXIT_FAILURE;
	if (take(fd, &letter, .flags = MBX_RECV_BY_PID | MBX_RECV_NONBLOCK,
		 .pid = 1) != 1)
		return EXIT_FAILURE;
	return strcmp(letter.text, "inside");
}

TEST_F(identity, is_selected_by_the_number_in_the_receivers_namespace)
{
	ASSERT_EQ(1, send_text(self->fd, "outside"));
	EXPECT_EQ(0, reap(spawn_in_pidns(select_own_number, &self->fd)));
	EXPECT_STREQ("outside", next_text(self->fd));
}

struct waiting_reader {
	int fd;
	__u32 pid;
};

static int wait_for_number(void *arg)
{
	struct waiting_reader *reader = arg;
	struct letter letter;

	if (take(reader->fd, &letter) != 1)
		return EXIT_FAILURE;
	return letter.msg.pid != reader->pid;
}

TEST_F(identity, is_told_for_the_namespace_of_a_receiver_that_waited)
{
	struct waiting_reader reader = { .fd = self->fd, .pid = 0 };
	pid_t child = spawn_in_pidns(wait_for_number, &reader);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(0, reap(child));
}

/* Messages outlive their senders; so does what is known of these. */
TEST_F(identity, of_a_process_that_has_ended_stays)
{
	pid_t child = spawn_as(BOB, send_child_now, &self->fd);

	ASSERT_EQ(0, reap(child));
	EXPECT_EQ(-1, kill(child, 0));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(BOB, self->letter.msg.uid);
}

TEST_HARNESS_MAIN
