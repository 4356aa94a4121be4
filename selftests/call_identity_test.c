// SPDX-License-Identifier: GPL-2.0-only
/* Who the kernel says has called, and who it says has replied. */
#include "call.h"
#include "namespace.h"

FIXTURE(parties)
{
	int fd;
	struct letter letter;
};

FIXTURE_SETUP(parties)
{
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(parties)
{
	close(self->fd);
}

TEST_F(parties, server_learns_who_calls)
{
	pid_t child = spawn_as(ALICE, ask_child, &self->fd);

	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(ALICE, self->letter.msg.uid);
	EXPECT_EQ(ALICE, self->letter.msg.gid);
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, ""));
	EXPECT_EQ(0, reap(child));
}

TEST_F(parties, caller_learns_who_replies)
{
	pid_t child = spawn_as(BOB, serve_child, &self->fd);

	ASSERT_EQ(0, ask(self->fd, "who are you?", &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(BOB, self->letter.msg.uid);
	EXPECT_EQ(BOB, self->letter.msg.gid);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

static int reply_as_another(void *arg)
{
	struct mbx_message msg = {
		.pid = 1, .uid = 5, .gid = 6, .token = 7, .seq = 8
	};
	struct letter letter;

	if (take(*(int *)arg, &letter) != 1)
		return EXIT_FAILURE;
	return status_of(
		do_reply(*(int *)arg, (struct mbx_reply){
					      .token = letter.msg.token,
					      .message = (uintptr_t)&msg,
				      }));
}

TEST_F(parties, who_replies_cannot_choose_who_he_is)
{
	pid_t child = spawn_as(BOB, reply_as_another, &self->fd);

	ASSERT_EQ(0, ask(self->fd, "who are you?", &self->letter));
	EXPECT_EQ((__u32)child, self->letter.msg.pid);
	EXPECT_EQ(BOB, self->letter.msg.uid);
	EXPECT_EQ(BOB, self->letter.msg.gid);
	EXPECT_EQ(0, self->letter.msg.token);
	EXPECT_EQ(0, reap(child));
}

struct held {
	int fd;
	__u64 token;
};

static int reply_child(void *arg)
{
	struct held *held = arg;

	return status_of(reply_text(held->fd, held->token, "answer"));
}

TEST_F(parties, who_replies_need_not_be_who_has_received)
{
	struct held held = { .fd = self->fd };
	struct caller caller;
	pid_t child;

	ASSERT_EQ(0, caller_start(&caller, self->fd, "question"));
	ASSERT_EQ(1, take(self->fd, &self->letter));
	held.token = self->letter.msg.token;
	child = spawn_as(BOB, reply_child, &held);
	ASSERT_EQ(0, reap(child));
	EXPECT_EQ(0, caller_end(&caller));
	EXPECT_EQ((__u32)child, caller.reply.msg.pid);
	EXPECT_EQ(BOB, caller.reply.msg.uid);
}

static int receive_then_become_bob(void *arg)
{
	struct letter letter;
	int fd = *(int *)arg;

	if (take(fd, &letter) != 1 || become(BOB))
		return EXIT_FAILURE;
	return status_of(reply_text(fd, letter.msg.token, ""));
}

TEST_F(parties, identity_is_that_at_the_time_of_replying)
{
	pid_t child = spawn_as(0, receive_then_become_bob, &self->fd);

	ASSERT_EQ(0, ask(self->fd, "who are you?", &self->letter));
	EXPECT_EQ(BOB, self->letter.msg.uid);
	EXPECT_EQ(0, reap(child));
}

static int reply_with_effective_ids(void *arg)
{
	struct letter letter;
	int fd = *(int *)arg;

	if (take(fd, &letter) != 1 || setresgid(0, BOB, 0) ||
	    setresuid(0, ALICE, 0))
		return EXIT_FAILURE;
	return status_of(reply_text(fd, letter.msg.token, ""));
}

TEST_F(parties, identity_is_the_effective_user_and_group)
{
	pid_t child = spawn(reply_with_effective_ids, &self->fd);

	ASSERT_EQ(0, ask(self->fd, "who are you?", &self->letter));
	EXPECT_EQ(ALICE, self->letter.msg.uid);
	EXPECT_EQ(BOB, self->letter.msg.gid);
	EXPECT_EQ(0, reap(child));
}

/* Pid namespaces. */
static int reply_to_unknown(void *arg)
{
	struct letter letter;
	int fd = *(int *)arg;

	if (take(fd, &letter) != 1)
		return EXIT_FAILURE;
	if (getpid() != 1 || letter.msg.pid != 0)
		return EXIT_FAILURE;
	return status_of(reply_text(fd, letter.msg.token, ""));
}

TEST_F(parties, caller_outside_the_servers_pid_namespace_is_zero)
{
	pid_t child = spawn_in_pidns(reply_to_unknown, &self->fd);

	ASSERT_EQ(0, ask(self->fd, "who am I?", &self->letter));
	/* The child's child. */
	EXPECT_LT(child, (pid_t)self->letter.msg.pid);
	EXPECT_EQ(0, reap(child));
}

static int ask_unknown(void *arg)
{
	struct letter reply;
	int err = ask(*(int *)arg, "who are you?", &reply);

	if (err)
		return -err;
	return reply.msg.pid != 0;
}

TEST_F(parties, server_outside_the_callers_pid_namespace_is_zero)
{
	pid_t child = spawn_in_pidns(ask_unknown, &self->fd);

	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_LT(child, (pid_t)self->letter.msg.pid);
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, ""));
	EXPECT_EQ(0, reap(child));
}

static int ask_each_other(void *arg)
{
	int fd = *(int *)arg;
	pid_t child = spawn(serve_child, &fd);
	struct letter reply;
	int err = ask(fd, "who are you?", &reply);

	if (err)
		return -err;
	if (reply.msg.pid != (__u32)child)
		return EXIT_FAILURE;
	kill_and_reap(child);
	return 0;
}

TEST_F(parties, inside_a_pid_namespace_have_their_numbers_there)
{
	EXPECT_EQ(0, reap(spawn_in_pidns(ask_each_other, &self->fd)));
}

/* User namespaces. */
struct expected {
	int fd;
	__u32 uid;
};

static int ask_and_expect(void *arg)
{
	struct expected *e = arg;
	struct letter reply;
	int err = ask(e->fd, "who are you?", &reply);

	if (err)
		return -err;
	return reply.msg.uid != e->uid || reply.msg.gid != e->uid;
}

static int take_and_expect(void *arg)
{
	struct expected *e = arg;
	struct letter letter;

	if (take(e->fd, &letter) != 1 || letter.msg.uid != e->uid)
		return EXIT_FAILURE;
	return status_of(reply_text(e->fd, letter.msg.token, ""));
}

TEST_F(parties, server_is_translated_for_the_callers_user_namespace)
{
	struct expected e = { .fd = self->fd, .uid = 1 };
	pid_t child = spawn_as(BOB, serve_child, &self->fd);

	EXPECT_EQ(0, run_in_userns(ALICE, ask_and_expect, &e));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(parties, server_unknown_in_the_callers_user_namespace_is_nobody)
{
	struct expected e = { .fd = self->fd, .uid = NOBODY };
	pid_t child = spawn(serve_child, &self->fd);

	EXPECT_EQ(0, run_in_userns(ALICE, ask_and_expect, &e));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(parties, caller_is_translated_for_the_servers_user_namespace)
{
	struct expected e = { .fd = self->fd, .uid = 1 };
	pid_t child = spawn_as(BOB, ask_child, &self->fd);

	EXPECT_EQ(0, run_in_userns(ALICE, take_and_expect, &e));
	EXPECT_EQ(0, reap(child));
}

static int serve_in_userns(void *arg)
{
	struct expected *e = arg;

	return run_in_userns(ALICE, take_and_expect, e);
}

TEST_F(parties, server_in_a_user_namespace_is_who_he_is_outside)
{
	struct expected e = { .fd = self->fd, .uid = NOBODY };
	pid_t child = spawn(serve_in_userns, &e);

	ASSERT_EQ(0, ask(self->fd, "who are you?", &self->letter));
	EXPECT_EQ(ALICE, self->letter.msg.uid);
	EXPECT_EQ(ALICE, self->letter.msg.gid);
	EXPECT_EQ(0, reap(child));
}

TEST_HARNESS_MAIN
