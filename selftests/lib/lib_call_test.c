// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: calls, and replies one at a time. */
#include "lib_call.h"

FIXTURE(call)
{
	int fd;
	struct caller caller;
	char text[TEXT_SIZE];
	struct mbx_message info;
	uint64_t token;
};

FIXTURE_SETUP(call)
{
	self->fd = mbx_mailbox_open(NULL, CREATE,
				    MBX_MAILBOX_OPTS(.max_msgs = 2,
						     .max_msg_size = 1 << 20));
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(call)
{
	close(self->fd);
}

/* A call that has been received, and waits for its reply. */
#define START_CALL()                                                          \
	do {                                                                  \
		ASSERT_EQ(0,                                                  \
			  caller_start(&self->caller, self->fd, "question")); \
		ASSERT_EQ(8, take(self->fd, self->text, &self->token));       \
	} while (0)

#define EXPECT_ANSWERABLE()                                                  \
	do {                                                                 \
		EXPECT_EQ(0, mbx_reply(self->fd, self->token, "answer", 6)); \
		EXPECT_EQ(6, caller_end(&self->caller));                     \
		EXPECT_STREQ("answer", self->caller.reply);                  \
	} while (0)

/* A child that answers one call, as it says. */
static int answer_one(void *arg)
{
	const struct mbx_reply_opts *opts = MBX_REPLY_OPTS(.tag = 9);
	char text[TEXT_SIZE];
	uint64_t token = 0;
	ssize_t len = take(*(int *)arg, text, &token);

	if (len < 0)
		return (int)-len;
	return status_of(mbx_reply_with(*(int *)arg, token, "answer", 6, opts));
}

TEST_F(call, simple_form_brings_the_reply)
{
	pid_t child = spawn(answer_one, &self->fd);

	EXPECT_EQ(6, mbx_call(self->fd, "question", 8, self->text, TEXT_SIZE));
	EXPECT_EQ(0, memcmp("answer", self->text, 6));
	EXPECT_EQ(0, reap(child));
}

TEST_F(call, tells_who_has_replied)
{
	pid_t child = spawn_as(ALICE, answer_one, &self->fd);

	EXPECT_EQ(6, mbx_call_with(self->fd, "question", 8, self->text,
				   TEXT_SIZE, NULL, &self->info));
	EXPECT_EQ(child, self->info.pid);
	EXPECT_EQ(ALICE, self->info.uid);
	EXPECT_EQ(9, self->info.tag);
	EXPECT_EQ(6, self->info.len);
	EXPECT_EQ(0, mbx_reply_error(&self->info));
	EXPECT_EQ(0, reap(child));
}

TEST_F(call, options_reach_the_server)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question",
				  .prio = 3, .tag = 1ULL << 40));
	EXPECT_EQ(8, mbx_recv_with(self->fd, self->text, TEXT_SIZE, NULL,
				   &self->info));
	EXPECT_EQ(MBX_MSG_CALL, self->info.flags);
	EXPECT_EQ(3, self->info.prio);
	EXPECT_EQ(1ULL << 40, self->info.tag);
	self->token = self->info.token;
	EXPECT_ANSWERABLE();
}

TEST_F(call, may_be_empty_in_both_directions)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, ""));
	ASSERT_EQ(0, take(self->fd, self->text, &self->token));
	EXPECT_EQ(0, mbx_reply(self->fd, self->token, NULL, 0));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(call, failure_is_reported_with_what_the_server_says)
{
	START_CALL();
	EXPECT_EQ(0, mbx_reply_with(self->fd, self->token, "sorry", 5,
				    MBX_REPLY_OPTS(.error = ENOENT)));
	EXPECT_EQ(-EREMOTEIO, caller_end(&self->caller));
	EXPECT_EQ(ENOENT, mbx_reply_error(&self->caller.info));
	EXPECT_EQ(5, self->caller.info.len);
	EXPECT_EQ(0, memcmp("sorry", self->caller.reply, 5));
}

static int echo_large(void *arg)
{
	static char large[1 << 20];
	struct mbx_message info;
	ssize_t len =
		mbx_recv_with(*(int *)arg, large, sizeof(large), NULL, &info);

	if (len < 0)
		return (int)-len;
	return status_of(
		mbx_reply(*(int *)arg, info.token, large, (size_t)len));
}

TEST_F(call, carries_a_mebibyte_both_ways)
{
	static char sent[1 << 20], got[1 << 20];
	pid_t child = spawn(echo_large, &self->fd);
	size_t i;

	for (i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * 7 >> 3);
	EXPECT_EQ(sizeof(sent),
		  mbx_call(self->fd, sent, sizeof(sent), got, sizeof(got)));
	EXPECT_EQ(0, memcmp(sent, got, sizeof(sent)));
	EXPECT_EQ(0, reap(child));
}

TEST_F(call, larger_than_the_mailbox_allows_is_refused)
{
	EXPECT_EQ(-EMSGSIZE,
		  mbx_call(self->fd, self, (1 << 20) + 1, self->text, 1));
	EXPECT_EQ(-EMSGSIZE, mbx_call(self->fd, self, SIZE_MAX, self->text, 1));
	EXPECT_EQ(0, mailbox_stat(self->fd).sent);
}

TEST_F(call, from_memory_that_is_not_there_is_refused)
{
	EXPECT_EQ(-EFAULT, mbx_call(self->fd, (void *)8, 8, self->text, 1));
	EXPECT_EQ(0, mailbox_stat(self->fd).sent);
}

TEST_F(call, on_what_is_no_mailbox_to_send_to_is_refused)
{
	int stranger = open_stranger();
	int reader = mbx_open(NULL, MBX_CREATE | MBX_READ);
	struct mbx_region *region;

	ASSERT_EQ(0, mbx_region_open(&region, NULL, CREATE, 1, NULL));
	EXPECT_EQ(-EBADF, mbx_call(-1, "", 0, self->text, 1));
	EXPECT_EQ(-EBADF, mbx_call(reader, "", 0, self->text, 1));
	EXPECT_EQ(-ENOTTY, mbx_call(stranger, "", 0, self->text, 1));
	EXPECT_EQ(-EPROTOTYPE,
		  mbx_call(mbx_region_fd(region), "", 0, self->text, 1));
	mbx_region_close(region);
	close(reader);
	close(stranger);
}

TEST_F(call, with_malformed_options_is_refused)
{
	const struct mbx_call_opts *wrong[] = {
		MBX_CALL_OPTS(.prio = MBX_PRIO_MAX + 1),
		MBX_CALL_OPTS(.flags = 1U << 31),
		MBX_CALL_OPTS(.reserved = 1),
		MBX_CALL_OPTS(.deadline_ns = UINT64_MAX),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(-EINVAL, mbx_call_with(self->fd, "", 0, self->text, 1,
						 wrong[i], NULL));
	EXPECT_EQ(0, mailbox_stat(self->fd).sent);
}

TEST_F(call, does_not_wait_for_room_if_not_wanted)
{
	const struct mbx_call_opts *now =
		MBX_CALL_OPTS(.flags = MBX_CALL_NONBLOCK);

	ASSERT_EQ(0, mbx_send(self->fd, "1", 1));
	ASSERT_EQ(0, mbx_send(self->fd, "2", 1));
	EXPECT_EQ(-EAGAIN,
		  mbx_call_with(self->fd, "3", 1, self->text, 1, now, NULL));
	ASSERT_EQ(0, set_nonblock(self->fd));
	EXPECT_EQ(-EAGAIN, mbx_call(self->fd, "3", 1, self->text, 1));
}

TEST_F(call, waits_until_the_deadline)
{
	const struct mbx_call_opts *opts = MBX_CALL_OPTS(.deadline_ns = SOON);

	EXPECT_EQ(-ETIMEDOUT, mbx_call_with(self->fd, "question", 8, self->text,
					    TEXT_SIZE, opts, NULL));
	EXPECT_LE(opts->deadline_ns, now_ns());
	EXPECT_EQ(1, mailbox_stat(self->fd).withdrawn);
	EXPECT_EQ(0, mailbox_stat(self->fd).calls);
}

TEST_F(call, is_interrupted_by_a_signal)
{
	int sig = SIGUSR1;
	pid_t child;

	on_signal(sig, 0);
	child = spawn(wake_parent, &sig);
	EXPECT_EQ(-EINTR,
		  mbx_call(self->fd, "question", 8, self->text, TEXT_SIZE));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, mailbox_stat(self->fd).msgs);
}

static int receive_and_idle(void *arg)
{
	int fd = mbx_open(arg, MBX_READ);
	char text[TEXT_SIZE];
	uint64_t token;

	/* Unlinking tells that the request is here, not on its way. */
	if (take(fd, text, &token) < 0 || mbx_unlink(arg))
		return 1;
	return sleep_forever(NULL);
}

TEST(server_that_is_killed_resets_the_call)
{
	struct caller caller;
	char name[NAME_SIZE];
	pid_t server;
	int client;

	unique_name(name, "killed");
	client = mbx_open(name, MBX_CREATE | MBX_WRITE);
	server = spawn(receive_and_idle, name);
	ASSERT_EQ(0, caller_start(&caller, client, "question",
				  .deadline_ns = PATIENCE));
	ASSERT_SOON(!(mailbox_stat(client).state & MBX_STATE_NAMED));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(server));
	EXPECT_EQ(-ECONNRESET, caller_end(&caller));
	EXPECT_EQ(0, mailbox_stat(client).calls);
	close(client);
}

TEST(server_that_closes_resets_the_call)
{
	struct caller caller;
	char name[NAME_SIZE], text[TEXT_SIZE];
	uint64_t token;
	int server, client;

	unique_name(name, "closes");
	server = mbx_open(name, CREATE);
	client = mbx_open(name, MBX_WRITE);
	ASSERT_EQ(0, mbx_unlink(name));
	ASSERT_EQ(0, caller_start(&caller, client, "question"));
	ASSERT_EQ(8, take(server, text, &token));
	ASSERT_EQ(0, close(server));
	EXPECT_EQ(-ECONNRESET, caller_end(&caller));
	close(client);
}

TEST(mailbox_without_its_owner_ends_the_call)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.lifetime = MBX_LIFE_OWNER);
	struct caller caller;
	char name[NAME_SIZE];
	int owner, client;

	unique_name(name, "owner");
	owner = mbx_mailbox_open(name, CREATE, opts);
	client = mbx_open(name, MBX_WRITE);
	ASSERT_EQ(0, caller_start(&caller, client, "question"));
	ASSERT_SOON(mailbox_stat(client).calls == 1);
	ASSERT_EQ(0, close(owner));
	EXPECT_EQ(-EOWNERDEAD, caller_end(&caller));
	close(client);
}

/* --- replies --- */

TEST_F(call, is_answered_once)
{
	START_CALL();
	EXPECT_ANSWERABLE();
	EXPECT_EQ(-EINVAL, mbx_reply(self->fd, self->token, "again", 5));
	EXPECT_EQ(-EINVAL, mbx_reply(self->fd, 0, "", 0));
	EXPECT_EQ(-EINVAL, mbx_caller_waits(self->fd, self->token));
}

TEST_F(call, is_not_answered_through_another_descriptor)
{
	int other = mbx_open(NULL, CREATE), writer;
	char name[NAME_SIZE];

	unique_name(name, "writer");
	writer = mbx_open(name, MBX_CREATE | MBX_WRITE);
	START_CALL();
	EXPECT_EQ(-EINVAL, mbx_reply(other, self->token, "", 0));
	EXPECT_EQ(-EINVAL, mbx_caller_waits(other, self->token));
	EXPECT_EQ(-EBADF, mbx_reply(writer, self->token, "", 0));
	EXPECT_EQ(-EBADF, mbx_caller_waits(writer, self->token));
	EXPECT_EQ(-EBADF, mbx_reply(-1, self->token, "", 0));
	EXPECT_ANSWERABLE();
	mbx_unlink(name);
	close(writer);
	close(other);
}

TEST_F(call, is_answerable_after_a_reply_that_failed)
{
	START_CALL();
	EXPECT_EQ(-EMSGSIZE, mbx_reply(self->fd, self->token, self, TEXT_SIZE));
	EXPECT_EQ(-EMSGSIZE, mbx_reply(self->fd, self->token, self, SIZE_MAX));
	EXPECT_EQ(-EFAULT, mbx_reply(self->fd, self->token, (void *)8, 8));
	EXPECT_EQ(-EINVAL, mbx_reply_with(self->fd, self->token, "", 0,
					  MBX_REPLY_OPTS(.error = -1U)));
	EXPECT_EQ(1, mbx_caller_waits(self->fd, self->token));
	EXPECT_ANSWERABLE();
}

TEST_F(call, that_has_ended_is_known_to_the_server)
{
	self->token = orphaned_token(self->fd);
	ASSERT_NE(0, self->token);
	EXPECT_EQ(0, mbx_caller_waits(self->fd, self->token));
	EXPECT_EQ(0, mbx_caller_waits(self->fd, self->token));
	EXPECT_EQ(-ESRCH, mbx_reply(self->fd, self->token, "late", 4));
	EXPECT_EQ(-EINVAL, mbx_reply(self->fd, self->token, "late", 4));
}

TEST_F(call, are_answered_in_any_order)
{
	static const int order[] = { 2, 0, 3, 1 };
	struct caller callers[4];
	uint64_t tokens[4];
	char letter[2] = "";
	int i;

	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, caller_start(&callers[i], self->fd, "question"));
		ASSERT_EQ(8, take(self->fd, self->text, &tokens[i]));
	}
	for (i = 0; i < 4; i++) {
		letter[0] = (char)('a' + order[i]);
		EXPECT_EQ(0, mbx_reply(self->fd, tokens[order[i]], letter, 1));
	}
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(1, caller_end(&callers[i]));
		EXPECT_EQ('a' + i, callers[i].reply[0]);
	}
}

TEST_F(call, leaves_errno_alone)
{
	START_CALL();
	errno = UNTOUCHED;
	mbx_call(-1, "", 0, self->text, 1);
	mbx_reply(self->fd, 0, "", 0);
	mbx_caller_waits(self->fd, 0);
	mbx_reply_recv(-1, &self->token, "", 0, self->text, 1);
	EXPECT_EQ(UNTOUCHED, errno);
	EXPECT_ANSWERABLE();
}

TEST_HARNESS_MAIN
