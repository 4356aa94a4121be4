// SPDX-License-Identifier: GPL-2.0-only
/* Calls on a mailbox without room, and what requests are accounted as. */
#include "call.h"
#include "params.h"

#include <sys/mman.h>

FIXTURE(room)
{
	int fd;
	struct caller caller;
	struct letter letter;
};

FIXTURE_SETUP(room)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(room)
{
	close(self->fd);
}

static bool senders_wait(int fd, __u32 count)
{
	return wait_until(stat_of(fd).waiting_senders == count);
}

TEST_F(room, call_waits_for_it)
{
	ASSERT_EQ(1, send_text(self->fd, "full"));
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	ASSERT_TRUE(senders_wait(self->fd, 1));
	EXPECT_EQ(0, stat_of(self->fd).calls);
	EXPECT_STREQ("full", next_text(self->fd));
	EXPECT_EQ(1, stat_of(self->fd).calls);
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("answer", self->caller.reply.text);
}

TEST_F(room, call_that_is_not_to_wait_for_it_is_refused)
{
	ASSERT_EQ(1, send_text(self->fd, "full"));
	EXPECT_EQ(-EAGAIN, ask(self->fd, "question", &self->letter,
			       .flags = MBX_CALL_NONBLOCK));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, ask(self->fd, "question", &self->letter));
	EXPECT_EQ(1, stat_of(self->fd).sent);
	EXPECT_EQ(2, stat_of(self->fd).rejected);
	EXPECT_EQ(0, stat_of(self->fd).calls);
}

TEST_F(room, call_that_need_not_wait_for_it_waits_for_the_reply)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question",
				  .flags = MBX_CALL_NONBLOCK));
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(room, nonblocking_descriptor_waits_for_the_reply)
{
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	ASSERT_EQ(POLLIN, poll_wait(self->fd, POLLIN));
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(room, is_waited_for_until_the_deadline)
{
	ASSERT_EQ(1, send_text(self->fd, "full"));
	EXPECT_EQ(-ETIMEDOUT, ask(self->fd, "question", &self->letter,
				  .deadline_ns = SOON));
	EXPECT_EQ(1, stat_of(self->fd).sent);
	EXPECT_EQ(0, stat_of(self->fd).withdrawn);
	EXPECT_EQ(0, stat_of(self->fd).waiting_senders);
	EXPECT_EQ(0, stat_of(self->fd).calls);
}

TEST_F(room, is_made_by_who_gives_up)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question",
				  .deadline_ns = LATER));
	ASSERT_TRUE(calls_wait(self->fd, 1));
	EXPECT_EQ(0, poll_now(self->fd, POLLOUT));
	EXPECT_EQ(1, send_waiting(self->fd, "note"));
	EXPECT_EQ(-ETIMEDOUT, caller_end(&self->caller));
	EXPECT_EQ(1, stat_of(self->fd).withdrawn);
	EXPECT_STREQ("note", next_text(self->fd));
}

TEST_F(room, made_by_who_gives_up_is_reported)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question",
				  .deadline_ns = SOON));
	EXPECT_EQ(POLLOUT, poll_wait(self->fd, POLLOUT));
	EXPECT_EQ(-ETIMEDOUT, caller_end(&self->caller));
}

TEST_F(room, is_not_needed_when_the_server_waits)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "note", .tag = 1));
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	ASSERT_TRUE(senders_wait(self->fd, 1));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_BY_TAG));
	EXPECT_STREQ("question", self->letter.text);
	EXPECT_EQ(MBX_MSG_CALL, self->letter.msg.flags);
	EXPECT_EQ(1, stat_of(self->fd).calls);
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("note", next_text(self->fd));
	child = spawn(serve_child, &self->fd);
	EXPECT_EQ(0, ask(self->fd, "question", &self->letter));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

/* The other policies. */
TEST_F(room, is_not_waited_for_where_the_policy_is_to_reject)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1,
			      .overflow = MBX_OVERFLOW_REJECT);

	ASSERT_EQ(1, send_text(fd, "full"));
	EXPECT_EQ(-EAGAIN, ask(fd, "question", &self->letter));
	EXPECT_EQ(1, stat_of(fd).rejected);
	EXPECT_EQ(0, stat_of(fd).calls);
}

TEST_F(room, is_made_by_dropping_a_message)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1,
			      .overflow = MBX_OVERFLOW_DROP_OLDEST);

	ASSERT_EQ(1, send_text(fd, "note"));
	ASSERT_EQ(0, caller_start(&self->caller, fd, "question"));
	ASSERT_TRUE(calls_wait(fd, 1));
	EXPECT_EQ(1, stat_of(fd).dropped);
	ASSERT_EQ(1, take(fd, &self->letter));
	EXPECT_STREQ("question", self->letter.text);
	EXPECT_EQ(0, reply_text(fd, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(room, made_by_dropping_a_request_ends_its_call)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1,
			      .overflow = MBX_OVERFLOW_DROP_OLDEST);

	ASSERT_EQ(0, caller_start(&self->caller, fd, "question"));
	ASSERT_TRUE(calls_wait(fd, 1));
	ASSERT_EQ(1, send_text(fd, "note"));
	EXPECT_EQ(0, stat_of(fd).calls);
	EXPECT_EQ(1, stat_of(fd).dropped);
	EXPECT_EQ(0, stat_of(fd).withdrawn);
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_TRUE(counters_add_up(fd));
	EXPECT_STREQ("note", next_text(fd));
}

TEST_F(room, is_not_made_by_dropping_what_is_more_important)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1,
			      .overflow = MBX_OVERFLOW_DROP_OLDEST);

	ASSERT_EQ(1, send_text(fd, "important", .prio = 1));
	EXPECT_EQ(-EAGAIN, ask(fd, "question", &self->letter));
	EXPECT_STREQ("important", next_text(fd));
}

/* A request that has been received takes no room. */
TEST_F(room, is_not_taken_by_a_request_in_a_servers_hands)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(1, send_text(self->fd, "note"));
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

/* Counters. */
#define BUSY_CALLERS 3
#define BUSY_CALLS 400

static int ask_much(void *arg)
{
	int fd = *(int *)arg, i, ret;
	struct letter reply;
	char text[24];

	srand(getpid());
	for (i = 0; i < BUSY_CALLS; i++) {
		snprintf(text, sizeof(text), "%d %d", getpid(), i);
		ret = ask(fd, text, &reply,
			  .deadline_ns = now_ns() + rand() % 2000000);
		if (ret && ret != -ETIMEDOUT)
			return -ret;
		if (!ret && strcmp(text, reply.text))
			return EXIT_FAILURE;
	}
	return 0;
}

TEST_F(room, counters_add_up_at_any_time)
{
	pid_t server = spawn(serve_child, &self->fd), callers[BUSY_CALLERS];
	struct mbx_mailbox_stat st;
	int i, done = 0;

	for (i = 0; i < BUSY_CALLERS; i++)
		callers[i] = spawn(ask_much, &self->fd);
	while (done < BUSY_CALLERS) {
		st = stat_of(self->fd);
		ASSERT_EQ(st.sent,
			  st.received + st.dropped + st.withdrawn + st.msgs);
		ASSERT_GE(BUSY_CALLERS, st.calls);
		siginfo_t si = { 0 };

		ASSERT_EQ(0, waitid(P_PID, callers[done], &si,
				    WEXITED | WNOWAIT | WNOHANG));
		if (si.si_pid)
			ASSERT_EQ(0, reap(callers[done++]));
	}
	EXPECT_EQ(0, stat_of(self->fd).calls);
	EXPECT_EQ(0, stat_of(self->fd).msgs);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(server));
}

/*
 * Quotas: who sends is charged, be it a request or a reply, and who has a token,
 * as for an empty message.
 */
FIXTURE(charged)
{
	struct params params;
	int fd;
	__u64 before;
	struct caller caller;
	struct letter letter;
};

FIXTURE_SETUP(charged)
{
	ASSERT_EQ(0, params_save(&self->params));
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
	self->before = info().used_msg_bytes;
}

FIXTURE_TEARDOWN(charged)
{
	params_restore(&self->params);
	close(self->fd);
}

TEST_F(charged, queued_request_is_until_it_is_received)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "four"));
	ASSERT_TRUE(calls_wait(self->fd, 1));
	EXPECT_EQ(self->before + 4 + info().msg_overhead,
		  info().used_msg_bytes);
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(self->before + info().msg_overhead, info().used_msg_bytes);
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

TEST_F(charged, nothing_is_for_a_request_that_was_withdrawn)
{
	EXPECT_EQ(-ETIMEDOUT, ask(self->fd, "question", &self->letter,
				  .deadline_ns = SOON));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

TEST_F(charged, nothing_is_for_a_caller_that_was_killed)
{
	pid_t queued = spawn_caller(self->fd), held;

	ASSERT_TRUE(calls_wait(self->fd, 1));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(queued));
	EXPECT_EQ(self->before, info().used_msg_bytes);
	held = spawn_caller(self->fd);
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(held));
	EXPECT_EQ(-ESRCH, reply_text(self->fd, self->letter.msg.token, "late"));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

static int ask_beyond_the_quota(void *arg)
{
	struct letter reply;
	int fd = *(int *)arg;

	if (ask(fd, "12345", &reply, .deadline_ns = SOON) != -EDQUOT)
		return EXIT_FAILURE;
	return status_of(ask(fd, "1234", &reply, .deadline_ns = SOON));
}

TEST_F(charged, caller_is_told_of_his_quota)
{
	ASSERT_EQ(0, param_write("quota_msg_bytes", info().msg_overhead + 4));
	EXPECT_EQ(ETIMEDOUT, run_as(ALICE, ask_beyond_the_quota, &self->fd));
	EXPECT_EQ(1, stat_of(self->fd).sent);
}

static int reply_beyond_the_quota(void *arg)
{
	struct letter letter;
	int fd = *(int *)arg;

	if (take(fd, &letter) != 1)
		return EXIT_FAILURE;
	if (reply_text(fd, letter.msg.token, "12345") != -EDQUOT ||
	    query(fd, letter.msg.token))
		return EXIT_FAILURE;
	return status_of(reply_text(fd, letter.msg.token, "1234"));
}

TEST_F(charged, server_is_told_of_his_quota_and_the_caller_waits)
{
	pid_t child;

	ASSERT_EQ(0,
		  param_write("quota_msg_bytes", 2 * info().msg_overhead + 4));
	child = spawn_as(ALICE, reply_beyond_the_quota, &self->fd);
	EXPECT_EQ(0, ask(self->fd, "question", &self->letter));
	EXPECT_STREQ("1234", self->letter.text);
	EXPECT_EQ(0, reap(child));
}

/* Whoever may exceed the quota may so as a caller. */
TEST_F(charged, privileged_caller_is_answered_beyond_his_quota)
{
	int full = open_mailbox(NULL, CREATE), i;
	pid_t child;

	ASSERT_EQ(0,
		  param_write("quota_msg_bytes", 2 * info().msg_overhead + 4));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(1, send_text(full, "more"));
	child = spawn_as(ALICE, reply_beyond_the_quota, &self->fd);
	EXPECT_EQ(0, ask(self->fd, "question", &self->letter));
	EXPECT_STREQ("1234", self->letter.text);
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, close(full));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

static int ask_for_too_much(void *arg)
{
	struct letter reply;

	return status_of(ask(*(int *)arg, "four", &reply));
}

/* Or callers who are slow to take them could hold a server's memory. */
TEST_F(charged, reply_needs_room_in_the_quota_of_its_caller)
{
	pid_t child;

	ASSERT_EQ(0, param_write("quota_msg_bytes", info().msg_overhead + 4));
	child = spawn_as(ALICE, ask_for_too_much, &self->fd);
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->fd, self->letter.msg.token, "12345"));
	EXPECT_EQ(EDQUOT, reap(child));
	EXPECT_EQ(self->before, info().used_msg_bytes);

	child = spawn_as(ALICE, ask_for_too_much, &self->fd);
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, "1234"));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

static int ask_as_root_of_its_own(void *arg)
{
	return unshare(CLONE_NEWUSER) ? EXIT_FAILURE : ask_for_too_much(arg);
}

TEST_F(charged, root_of_another_user_namespace_has_a_quota_too)
{
	pid_t child;

	ASSERT_EQ(0, param_write("quota_msg_bytes", info().msg_overhead + 4));
	child = spawn_as(ALICE, ask_as_root_of_its_own, &self->fd);
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->fd, self->letter.msg.token, "12345"));
	EXPECT_EQ(EDQUOT, reap(child));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

static int take_beyond_the_quota(void *arg)
{
	struct letter letter;

	return status_of(take(*(int *)arg, &letter));
}

/* Through a descriptor that another user has opened. */
static int take_and_reply(void *arg)
{
	int fd = *(int *)arg, ret;
	struct letter letter;

	ret = take(fd, &letter);
	if (ret != 1 || info().used_msg_bytes != info().msg_overhead)
		return EXIT_FAILURE;
	ret = reply_text(fd, letter.msg.token, "answer");
	return ret || info().used_msg_bytes ? EXIT_FAILURE : 0;
}

TEST_F(charged, who_receives_a_request_is_charged_for_its_token)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	EXPECT_EQ(0, run_as(ALICE, take_and_reply, &self->fd));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

static int take_two_beyond_the_quota(void *arg)
{
	struct letter letters[2];
	struct mbx_message messages[2];
	int i;

	for (i = 0; i < 2; i++) {
		prepare(&letters[i]);
		messages[i] = letters[i].msg;
	}
	return status_of(recv_array(*(int *)arg, messages, 2));
}

/* One message is received in another way than several. */
TEST_F(charged, receiver_is_told_of_his_quota_and_the_request_stays)
{
	ASSERT_EQ(0, param_write("quota_msg_bytes", info().msg_overhead - 1));
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	ASSERT_TRUE(calls_wait(self->fd, 1));
	EXPECT_EQ(EDQUOT, run_as(ALICE, take_beyond_the_quota, &self->fd));
	EXPECT_EQ(EDQUOT, run_as(ALICE, take_two_beyond_the_quota, &self->fd));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
}

/* The receiver answers for the message while its own memory comes. */
TEST_F(charged, account_of_a_caller_is_there_until_it_is_answered)
{
	struct letter *fresh = mmap(NULL, sizeof(*fresh),
				    PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t child = spawn_as(ALICE, ask_for_too_much, &self->fd);

	ASSERT_NE(MAP_FAILED, fresh);
	self->letter.msg.data = (uintptr_t)fresh->text;
	self->letter.msg.capacity = sizeof(fresh->text) - 1;
	ASSERT_EQ(1, recv_array(self->fd, &self->letter.msg, 1));
	EXPECT_EQ(0, reply_text(self->fd, self->letter.msg.token, "1234"));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(self->before, info().used_msg_bytes);
}

TEST_HARNESS_MAIN
