// SPDX-License-Identifier: GPL-2.0-only
/* Tokens: what answers a request, what does not, and receiving in the same call. */
#include "call.h"
#include "commands.h"
#include "memory.h"

/* A server that has received a request, and may have others. */
FIXTURE(token)
{
	char name[NAME_SIZE];
	int server;
	int client;
	struct caller caller;
	struct letter letter;
	__u64 token;
};

FIXTURE_SETUP(token)
{
	unique_name(self->name, "it");
	self->server = open_mailbox(self->name, CREATE,
				    .lifetime = MBX_LIFE_LAST_CLOSE);
	self->client = open_mailbox(self->name, MBX_WRITE);
	ASSERT_LE(0, self->server);
	ASSERT_LE(0, self->client);
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	self->token = self->letter.msg.token;
}

FIXTURE_TEARDOWN(token)
{
	close(self->server);
}

/* The request is as good as new, and its caller waits. */
#define EXPECT_USABLE()                                                        \
	do {                                                                   \
		EXPECT_EQ(0, query(self->server, self->token));                \
		EXPECT_EQ(0, reply_text(self->server, self->token, "answer")); \
		EXPECT_EQ(0, caller_end(&self->caller));                       \
		EXPECT_STREQ("answer", self->caller.reply.text);               \
	} while (0)

TEST_F(token, can_be_used_once)
{
	EXPECT_EQ(0, reply_text(self->server, self->token, "answer"));
	EXPECT_EQ(-EINVAL, reply_text(self->server, self->token, "again"));
	EXPECT_EQ(-EINVAL, query(self->server, self->token));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("answer", self->caller.reply.text);
	EXPECT_EQ(-EINVAL, reply_text(self->server, self->token, "again"));
}

TEST_F(token, zero_is_none)
{
	EXPECT_EQ(-EINVAL, reply_text(self->server, 0, "answer"));
	EXPECT_EQ(-EINVAL, query(self->server, 0));
	EXPECT_USABLE();
}

TEST_F(token, wrong_one_is_refused)
{
	int bit;

	for (bit = 0; bit < 64; bit++) {
		EXPECT_EQ(-EINVAL,
			  reply_text(self->server, self->token ^ 1ULL << bit,
				     "answer"));
		EXPECT_EQ(-EINVAL,
			  query(self->server, self->token ^ 1ULL << bit));
	}
	EXPECT_EQ(-EINVAL, reply_text(self->server, ~0ULL, "answer"));
	EXPECT_USABLE();
}

TEST_F(token, is_worth_nothing_through_another_open_file)
{
	int other = open_mailbox(self->name, RDWR);

	ASSERT_LE(0, other);
	EXPECT_EQ(-EINVAL, reply_text(other, self->token, "answer"));
	EXPECT_EQ(-EINVAL, query(other, self->token));
	EXPECT_USABLE();
}

TEST_F(token, is_worth_nothing_on_another_mailbox)
{
	int other = open_mailbox(NULL, CREATE);

	ASSERT_LE(0, other);
	EXPECT_EQ(-EINVAL, reply_text(other, self->token, "answer"));
	EXPECT_USABLE();
}

TEST_F(token, from_an_earlier_open_is_refused)
{
	struct caller second;

	ASSERT_EQ(0, close(self->server));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	self->server = open_mailbox(self->name, RDWR);
	ASSERT_LE(0, self->server);
	EXPECT_EQ(-EINVAL, reply_text(self->server, self->token, "answer"));
	ASSERT_EQ(0, caller_start(&second, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(-EINVAL, reply_text(self->server, self->token, "answer"));
	EXPECT_EQ(0,
		  reply_text(self->server, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&second));
}

TEST_F(token, works_through_a_duplicate_of_the_descriptor)
{
	int copy = dup(self->server);

	EXPECT_EQ(0, reply_text(copy, self->token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
}

static int reply_child(void *arg)
{
	FIXTURE_DATA(token) *self = arg;

	return status_of(reply_text(self->server, self->token, "answer"));
}

TEST_F(token, works_in_a_child_with_the_same_open_file)
{
	EXPECT_EQ(0, run(reply_child, self));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("answer", self->caller.reply.text);
	EXPECT_EQ(-EINVAL, reply_text(self->server, self->token, "again"));
}

TEST_F(token, of_a_plain_message_there_is_none)
{
	ASSERT_EQ(1, send_text(self->client, "note"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(-EINVAL,
		  reply_text(self->server, self->letter.msg.token, "answer"));
	EXPECT_EQ(-EINVAL,
		  reply_text(self->server, self->letter.msg.seq, "answer"));
	EXPECT_USABLE();
}

TEST_F(token, needs_the_right_to_receive)
{
	EXPECT_EQ(-EBADF, reply_text(self->client, self->token, "answer"));
	EXPECT_EQ(-EBADF, query(self->client, self->token));
	EXPECT_USABLE();
}

TEST_F(token, needs_no_right_to_send)
{
	int reader = open_mailbox(self->name, MBX_READ);
	struct caller second;

	ASSERT_LE(0, reader);
	ASSERT_EQ(0, caller_start(&second, self->client, "question"));
	ASSERT_EQ(1, take(reader, &self->letter));
	EXPECT_EQ(0, reply_text(reader, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&second));
	EXPECT_USABLE();
}

#define RACERS 4
#define RACES ((int)amount(NULL, 300))

struct racer {
	int fd;
	__u64 token;
	pthread_barrier_t *start;
	pthread_t thread;
	int result;
};

static void *racer_thread(void *arg)
{
	struct racer *r = arg;

	pthread_barrier_wait(r->start);
	r->result = reply_text(r->fd, r->token, "won");
	return NULL;
}

/* Returns how many of several threads could use the token. */
static int race(int fd, __u64 token)
{
	struct racer racers[RACERS];
	pthread_barrier_t start;
	int i, won = 0;

	pthread_barrier_init(&start, NULL, RACERS);
	for (i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){ .fd = fd,
					    .token = token,
					    .start = &start };
		if (pthread_create(&racers[i].thread, NULL, racer_thread,
				   &racers[i]))
			return -EAGAIN;
	}
	for (i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		if (racers[i].result && racers[i].result != -EINVAL &&
		    racers[i].result != -ESRCH)
			return racers[i].result;
		won += !racers[i].result;
	}
	return won;
}

TEST_F(token, is_used_by_one_of_many_threads)
{
	int i;

	EXPECT_EQ(0, reply_text(self->server, self->token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
	for (i = 0; i < RACES; i++) {
		ASSERT_EQ(0, caller_start(&self->caller, self->client,
					  "question"));
		ASSERT_EQ(1, take(self->server, &self->letter));
		ASSERT_EQ(1, race(self->server, self->letter.msg.token));
		ASSERT_EQ(0, caller_end(&self->caller));
		ASSERT_STREQ("won", self->caller.reply.text);
	}
}

TEST_F(token, stays_usable_when_the_reply_cannot_be_read)
{
	struct mbx_reply args = { .token = self->token, .message = 8 };

	EXPECT_EQ(-EFAULT, do_reply(self->server, args));
	args.message = 0;
	EXPECT_EQ(-EFAULT, do_reply(self->server, args));
	EXPECT_EQ(-EFAULT,
		  reply_bytes(self->server, self->token, (void *)8, 1));
	EXPECT_USABLE();
}

TEST_F(token, stays_usable_when_the_reply_is_too_large)
{
	char text[sizeof(self->letter.text)] = "";

	EXPECT_EQ(-EMSGSIZE,
		  reply_bytes(self->server, self->token, text, sizeof(text)));
	EXPECT_EQ(-EMSGSIZE, reply_bytes(self->server, self->token, text, ~0U));
	EXPECT_USABLE();
}

TEST_F(token, stays_usable_when_the_reply_is_malformed)
{
	struct mbx_message msg = { .prio = MBX_PRIO_MAX + 1 };
	struct mbx_reply args = { .token = self->token,
				  .message = (uintptr_t)&msg };

	EXPECT_EQ(-EINVAL, do_reply(self->server, args));
	msg = (struct mbx_message){ .flags = MBX_MSG_CALL };
	EXPECT_EQ(-EINVAL, do_reply(self->server, args));
	args.reserved = 1;
	EXPECT_EQ(-EINVAL, do_reply(self->server, args));
	EXPECT_USABLE();
}

static bool has_request_of_who_is_gone(FIXTURE_DATA(token) * self)
{
	struct caller second;

	return !caller_start(&second, self->client, "question",
			     .deadline_ns = LATER) &&
	       take(self->server, &self->letter) == 1 &&
	       caller_end(&second) == -ETIMEDOUT;
}

/* By any reply, also by one that the caller would have had no room for. */
TEST_F(token, is_used_up_by_learning_that_the_caller_is_gone)
{
	static const char text[2000];
	__u64 *token = &self->letter.msg.token;
	__u32 len;

	for (len = 4; len <= sizeof(text); len *= 20) {
		ASSERT_TRUE(has_request_of_who_is_gone(self));
		EXPECT_EQ(-ESRCH, reply_bytes(self->server, *token, text, len));
		EXPECT_EQ(-EINVAL,
			  reply_bytes(self->server, *token, text, len));
	}
	EXPECT_USABLE();
}

TEST_F(token, is_not_used_up_by_asking)
{
	EXPECT_EQ(0, query(self->server, self->token));
	EXPECT_EQ(0, query(self->server, self->token));
	EXPECT_USABLE();
}

TEST_F(token, is_not_used_up_by_asking_after_a_caller_that_is_gone)
{
	ASSERT_TRUE(has_request_of_who_is_gone(self));
	EXPECT_EQ(-ESRCH, query(self->server, self->letter.msg.token));
	EXPECT_EQ(-ESRCH, query(self->server, self->letter.msg.token));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->server, self->letter.msg.token, "late"));
	EXPECT_EQ(-EINVAL, query(self->server, self->letter.msg.token));
	EXPECT_USABLE();
}

TEST_F(token, question_with_a_message_is_refused)
{
	struct mbx_message msg = { .len = 0 };
	struct mbx_reply args = {
		.flags = MBX_REPLY_QUERY,
		.token = self->token,
		.message = (uintptr_t)&msg,
	};

	EXPECT_EQ(-EINVAL, do_reply(self->server, args));
	EXPECT_USABLE();
}

TEST_F(token, question_that_receives_is_refused)
{
	struct mbx_recv recv = { .size = sizeof(recv) };
	struct mbx_reply args = {
		.flags = MBX_REPLY_QUERY | MBX_REPLY_RECV,
		.token = self->token,
		.recv = (uintptr_t)&recv,
	};

	EXPECT_EQ(-EINVAL, do_reply(self->server, args));
	args.flags = MBX_REPLY_QUERY;
	EXPECT_EQ(-EINVAL, do_reply(self->server, args));
	EXPECT_USABLE();
}

/* Going on to receive. */
TEST_F(token, reply_can_go_on_to_receive)
{
	__u64 token = self->token;

	ASSERT_EQ(1, send_text(self->client, "next"));
	EXPECT_EQ(1, reply_and_take(self->server, &token, "answer",
				    &self->letter));
	EXPECT_EQ(0, token);
	EXPECT_STREQ("next", self->letter.text);
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("answer", self->caller.reply.text);
	EXPECT_EQ(-EINVAL, query(self->server, self->token));
}

TEST_F(token, reply_waits_for_what_it_goes_on_to_receive)
{
	pid_t server = spawn(serve_child, &self->server);
	struct letter reply;

	EXPECT_EQ(0, ask(self->client, "one", &reply));
	EXPECT_STREQ("one", reply.text);
	ASSERT_SOON(stat_of(self->server).waiting_receivers == 1);
	EXPECT_EQ(0, ask(self->client, "two", &reply));
	EXPECT_STREQ("two", reply.text);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(server));
	EXPECT_USABLE();
}

/* The token in there could not be cleared, and so be used again. */
TEST_F(token, stays_usable_when_the_struct_cannot_be_written)
{
	struct mbx_recv recv = {
		.size = sizeof(recv),
		.messages = (uintptr_t)&self->letter.msg,
		.count = 1,
		.elem_size = sizeof(self->letter.msg),
	};
	struct mbx_message message = { 0 };
	struct mbx_reply *args;
	struct cliff cliff;

	ASSERT_EQ(0, cliff_init(&cliff));
	args = (void *)cliff.start;
	*args = (struct mbx_reply){
		.size = sizeof(*args),
		.flags = MBX_REPLY_RECV,
		.token = self->token,
		.message = (uintptr_t)&message,
		.recv = (uintptr_t)&recv,
		.elem_size = sizeof(message),
	};
	ASSERT_EQ(0, cliff_protect(&cliff, PROT_READ));
	EXPECT_EQ(-EFAULT, result_of(ioctl(self->server, MBX_IOC_REPLY, args)));
	EXPECT_USABLE();
}

TEST_F(token, zero_only_receives)
{
	__u64 token = 0;

	ASSERT_EQ(1, send_text(self->client, "next"));
	EXPECT_EQ(1, reply_and_take(self->server, &token, "", &self->letter));
	EXPECT_EQ(0, token);
	EXPECT_STREQ("next", self->letter.text);
	EXPECT_USABLE();
}

TEST_F(token, zero_needs_no_message)
{
	struct mbx_recv recv = {
		.size = sizeof(recv),
		.messages = (uintptr_t)&self->letter.msg,
		.count = 1,
		.elem_size = sizeof(self->letter.msg),
	};
	struct mbx_reply args = { .flags = MBX_REPLY_RECV,
				  .recv = (uintptr_t)&recv };

	ASSERT_EQ(1, send_text(self->client, "next"));
	EXPECT_EQ(1, do_reply(self->server, args));
	EXPECT_USABLE();
}

TEST_F(token, several_messages_are_received_after_a_reply)
{
	struct mbx_message messages[4] = { 0 }, msg = { 0 };
	struct mbx_recv recv = {
		.size = sizeof(recv),
		.messages = (uintptr_t)messages,
		.count = 4,
		.elem_size = sizeof(messages[0]),
	};
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(1, send_text(self->client, ""));
	EXPECT_EQ(3, do_reply(self->server, (struct mbx_reply){
						    .flags = MBX_REPLY_RECV,
						    .token = self->token,
						    .message = (uintptr_t)&msg,
						    .recv = (uintptr_t)&recv,
					    }));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(token, nothing_is_received_when_the_token_is_wrong)
{
	__u64 token = self->token + 1;

	ASSERT_EQ(1, send_text(self->client, "next"));
	EXPECT_EQ(-EINVAL, reply_and_take(self->server, &token, "answer",
					  &self->letter));
	EXPECT_EQ(self->token + 1, token);
	EXPECT_STREQ("next", next_text(self->server));
	EXPECT_USABLE();
}

TEST_F(token, nothing_is_received_when_the_reply_is_too_large)
{
	char text[2 * sizeof(self->letter.text)] = "";
	__u64 token = self->token;

	memset(text, 'x', sizeof(text) - 1);
	ASSERT_EQ(1, send_text(self->client, "next"));
	EXPECT_EQ(-EMSGSIZE,
		  reply_and_take(self->server, &token, text, &self->letter));
	EXPECT_EQ(self->token, token);
	EXPECT_STREQ("next", next_text(self->server));
	EXPECT_USABLE();
}

/* The same call can be made again, and does not meet a token that is no more. */
TEST_F(token, nothing_is_received_when_the_caller_is_gone)
{
	__u64 token;

	ASSERT_TRUE(has_request_of_who_is_gone(self));
	token = self->letter.msg.token;
	ASSERT_EQ(1, send_text(self->client, "next"));
	EXPECT_EQ(-ESRCH,
		  reply_and_take(self->server, &token, "late", &self->letter));
	EXPECT_EQ(0, token);
	EXPECT_EQ(1, stat_of(self->server).msgs);
	EXPECT_EQ(1,
		  reply_and_take(self->server, &token, "late", &self->letter));
	EXPECT_STREQ("next", self->letter.text);
	EXPECT_USABLE();
}

TEST_F(token, reply_stands_when_there_is_nothing_to_receive)
{
	__u64 token = self->token;

	EXPECT_EQ(-EAGAIN,
		  reply_and_take(self->server, &token, "answer", &self->letter,
				 .flags = MBX_RECV_NONBLOCK));
	EXPECT_EQ(0, token);
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("answer", self->caller.reply.text);
}

TEST_F(token, reply_stands_when_nothing_comes_until_the_deadline)
{
	__u64 token = self->token;

	EXPECT_EQ(-ETIMEDOUT,
		  reply_and_take(self->server, &token, "answer", &self->letter,
				 .deadline_ns = SOON));
	EXPECT_EQ(0, token);
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(token, reply_stands_when_the_receive_is_malformed)
{
	struct mbx_message msg = { 0 };
	struct mbx_recv recv = { .size = sizeof(recv) };
	struct mbx_reply args = {
		.size = sizeof(args),
		.flags = MBX_REPLY_RECV,
		.token = self->token,
		.message = (uintptr_t)&msg,
		.recv = (uintptr_t)&recv,
		.elem_size = sizeof(msg),
	};

	EXPECT_EQ(-EINVAL, call(self->server, MBX_IOC_REPLY, &args));
	EXPECT_EQ(0, args.token);
	EXPECT_EQ(0, caller_end(&self->caller));
	args.recv = 8;
	EXPECT_EQ(-EFAULT, call(self->server, MBX_IOC_REPLY, &args));
	args.recv = 0;
	EXPECT_EQ(-EFAULT, call(self->server, MBX_IOC_REPLY, &args));
}

/* A struct mbx_recv in memory that goes on behind it. */
struct longer_recv {
	struct mbx_recv recv;
	__u8 tail[8];
};

/* Only receives: the reply of an earlier call stands. */
static int receive_by_reply(int fd, struct longer_recv *in)
{
	struct mbx_reply args = {
		.size = sizeof(args),
		.flags = MBX_REPLY_RECV,
		.recv = (uintptr_t)in,
		.elem_size = sizeof(struct mbx_message),
	};

	return call(fd, MBX_IOC_REPLY, &args);
}

TEST_F(token, receive_of_a_reply_is_checked_as_one_of_its_own)
{
	struct mbx_message msg = { 0 };
	const struct mbx_recv good = {
		.size = sizeof(good),
		.flags = MBX_RECV_NONBLOCK,
		.messages = (uintptr_t)&msg,
		.count = 1,
		.elem_size = sizeof(msg),
	};
	struct longer_recv in = { .recv = good };
	__u32 i;

	ASSERT_EQ(0, reply_text(self->server, self->token, "answer"));
	ASSERT_EQ(0, caller_end(&self->caller));
	ASSERT_EQ(-EAGAIN, receive_by_reply(self->server, &in));
	for (i = 0; i < 32; i++) {
		in.recv.flags = good.flags | 1U << i;
		if (!(RECV_FLAGS & 1U << i))
			EXPECT_EQ(-EINVAL, receive_by_reply(self->server, &in));
	}
	in.recv = good;
	for (i = 0; i < sizeof(good); i++) {
		in.recv.size = i;
		EXPECT_EQ(-EINVAL, receive_by_reply(self->server, &in));
	}
	in.recv.size = sizeof(in);
	EXPECT_EQ(-EAGAIN, receive_by_reply(self->server, &in));
	for (i = 0; i < sizeof(in.tail); i++) {
		in.tail[i] = 1;
		EXPECT_EQ(-E2BIG, receive_by_reply(self->server, &in));
		in.tail[i] = 0;
	}
}

TEST_F(token, receive_without_the_flag_is_refused)
{
	struct mbx_message msg = { 0 };
	struct mbx_recv recv = { .size = sizeof(recv) };
	struct mbx_reply args = {
		.token = self->token,
		.message = (uintptr_t)&msg,
		.recv = (uintptr_t)&recv,
	};

	EXPECT_EQ(-EINVAL, do_reply(self->server, args));
	EXPECT_USABLE();
}

TEST_HARNESS_MAIN
