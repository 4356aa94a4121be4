// SPDX-License-Identifier: GPL-2.0-only
/* A request and its reply, on every kind of mailbox. */
#include "call.h"

enum kind {
	NAMED,
	ANONYMOUS,
	DIRECT,
};

/* Two descriptors: of who serves, and of who calls. */
FIXTURE(conversation)
{
	int server;
	int client;
	struct caller caller;
	struct letter letter;
};

FIXTURE_VARIANT(conversation)
{
	enum kind kind;
};

FIXTURE_VARIANT_ADD(conversation, named){
	.kind = NAMED,
};

FIXTURE_VARIANT_ADD(conversation, anonymous){
	.kind = ANONYMOUS,
};

FIXTURE_VARIANT_ADD(conversation, direct){
	.kind = DIRECT,
};

FIXTURE_SETUP(conversation)
{
	char name[NAME_SIZE];

	unique_name(name, "it");
	switch (variant->kind) {
	case NAMED:
		self->server = open_mailbox(name, CREATE,
					    .lifetime = MBX_LIFE_LAST_CLOSE);
		self->client = open_mailbox(name, MBX_WRITE);
		break;
	case ANONYMOUS:
		self->server = open_mailbox(NULL, CREATE);
		self->client = self->server;
		break;
	default:
		self->server = bind_direct(0);
		self->client = open_direct(MBX_WRITE, getpid());
	}
	ASSERT_LE(0, self->server);
	ASSERT_LE(0, self->client);
}

FIXTURE_TEARDOWN(conversation)
{
	close(self->server);
}

TEST_F(conversation, reply_reaches_the_caller)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_STREQ("question", self->letter.text);
	EXPECT_EQ(0,
		  reply_text(self->server, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("answer", self->caller.reply.text);
	EXPECT_EQ(6, self->caller.reply.msg.len);
}

TEST_F(conversation, request_says_that_a_reply_is_wanted)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(MBX_MSG_CALL, self->letter.msg.flags);
	EXPECT_NE(0, self->letter.msg.token);
	EXPECT_EQ(1, self->letter.msg.deliveries);
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(conversation, plain_message_wants_no_reply)
{
	ASSERT_EQ(1, send_text(self->client, "note", .token = 5));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0, self->letter.msg.flags);
	EXPECT_EQ(0, self->letter.msg.token);
}

TEST_F(conversation, waiting_call_is_counted)
{
	EXPECT_EQ(0, stat_of(self->server).calls);
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_TRUE(calls_wait(self->server, 1));
	EXPECT_EQ(1, stat_of(self->server).msgs);
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(1, stat_of(self->server).calls);
	EXPECT_EQ(0, stat_of(self->server).msgs);
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, stat_of(self->server).calls);
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_TRUE(counters_add_up(self->server));
	EXPECT_EQ(1, stat_of(self->server).received);
}

TEST_F(conversation, request_is_handed_to_a_server_that_waits)
{
	pid_t server = spawn(serve_child, &self->server);

	ASSERT_SOON(stat_of(self->server).waiting_receivers == 1);
	EXPECT_EQ(0, ask(self->client, "question", &self->letter));
	EXPECT_STREQ("question", self->letter.text);
	EXPECT_EQ(0, stat_of(self->server).msgs_high);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(server));
}

TEST_F(conversation, goes_on_for_many_requests)
{
	pid_t server = spawn(serve_child, &self->server);
	char text[16];
	int i;

	for (i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ASSERT_EQ(0, ask(self->client, text, &self->letter));
		ASSERT_STREQ(text, self->letter.text);
	}
	EXPECT_EQ(500, stat_of(self->server).received);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(server));
}

#define CALLERS 16

TEST_F(conversation, many_tokens_are_answered_in_any_order)
{
	struct letter letters[CALLERS];
	struct caller callers[CALLERS];
	char texts[CALLERS][8];
	int i;

	for (i = 0; i < CALLERS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%d", i);
		ASSERT_EQ(0, caller_start(&callers[i], self->client, texts[i]));
	}
	for (i = 0; i < CALLERS; i++)
		ASSERT_EQ(1, take(self->server, &letters[i]));
	EXPECT_EQ(CALLERS, stat_of(self->server).calls);
	/* Five and sixteen have no common divisor. */
	for (i = 0; i < CALLERS; i++)
		EXPECT_EQ(0, reply_text(self->server,
					letters[i * 5 % CALLERS].msg.token,
					letters[i * 5 % CALLERS].text));
	for (i = 0; i < CALLERS; i++) {
		EXPECT_EQ(0, caller_end(&callers[i]));
		EXPECT_STREQ(texts[i], callers[i].reply.text);
	}
}

TEST_F(conversation, several_requests_are_received_in_one_call)
{
	struct mbx_message messages[4] = {};
	struct caller callers[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, caller_start(&callers[i], self->client, ""));
	ASSERT_TRUE(calls_wait(self->server, 3));
	ASSERT_EQ(1, send_text(self->client, ""));
	ASSERT_EQ(4, recv_array(self->server, messages, 4));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(MBX_MSG_CALL, messages[i].flags);
		EXPECT_EQ(0,
			  reply_text(self->server, messages[i].token, "done"));
	}
	EXPECT_EQ(0, messages[3].flags);
	EXPECT_EQ(0, messages[3].token);
	EXPECT_NE(messages[0].token, messages[1].token);
	EXPECT_NE(messages[1].token, messages[2].token);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, caller_end(&callers[i]));
}

struct answering {
	int fd;
	__u64 token;
	int result;
};

static void *answer_thread(void *arg)
{
	struct answering *a = arg;

	a->result = reply_text(a->fd, a->token, "from a thread");
	return NULL;
}

TEST_F(conversation, another_thread_can_answer)
{
	struct answering a = { .fd = self->server };
	pthread_t thread;

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	a.token = self->letter.msg.token;
	ASSERT_EQ(0, pthread_create(&thread, NULL, answer_thread, &a));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, a.result);
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("from a thread", self->caller.reply.text);
}

/* What a server does for whom it serves may need another server. */
TEST_F(conversation, server_can_call_while_it_holds_a_token)
{
	int helper = open_mailbox(NULL, CREATE);
	pid_t child = spawn(serve_child, &helper);
	struct letter nested;

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0, ask(helper, "nested", &nested));
	EXPECT_STREQ("nested", nested.text);
	EXPECT_EQ(0, query(self->server, self->letter.msg.token));
	EXPECT_EQ(0,
		  reply_text(self->server, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(conversation, peeking_shows_the_request_and_no_token)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter, .flags = MBX_RECV_PEEK));
	EXPECT_STREQ("question", self->letter.text);
	EXPECT_EQ(MBX_MSG_CALL, self->letter.msg.flags);
	EXPECT_EQ(0, self->letter.msg.token);
	EXPECT_EQ(0, self->letter.msg.deliveries);
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

/* Neither of these has received the request. */
TEST_F(conversation, request_stays_when_the_buffer_is_too_small)
{
	struct mbx_message small = { .capacity = 3, .token = 99 };

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_TRUE(calls_wait(self->server, 1));
	EXPECT_EQ(-EMSGSIZE, recv_array(self->server, &small, 1));
	EXPECT_EQ(8, small.len);
	EXPECT_EQ(MBX_MSG_CALL, small.flags);
	EXPECT_EQ(0, small.token);
	EXPECT_EQ(1, stat_of(self->server).msgs);
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(conversation, request_goes_back_when_the_buffer_is_bad)
{
	struct mbx_message bad = { .data = 8, .capacity = 100 };

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_TRUE(calls_wait(self->server, 1));
	EXPECT_EQ(-EFAULT, recv_array(self->server, &bad, 1));
	EXPECT_EQ(1, stat_of(self->server).msgs);
	EXPECT_EQ(0, stat_of(self->server).received);
	EXPECT_TRUE(counters_add_up(self->server));
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_STREQ("question", self->letter.text);
	EXPECT_EQ(1, self->letter.msg.deliveries);
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

/* It waits, so it gets the request while it is in nobody's queue. */
TEST_F(conversation, request_goes_back_from_a_receiver_that_waited)
{
	struct mbx_message bad = { .data = 8, .capacity = 100 };

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	EXPECT_EQ(-EFAULT, recv_array(self->server, &bad, 1));
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(conversation, request_that_went_back_is_withdrawn_with_its_caller)
{
	struct mbx_message bad = { .data = 8, .capacity = 100 };

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question",
				  .deadline_ns = LATER));
	EXPECT_EQ(-EFAULT, recv_array(self->server, &bad, 1));
	EXPECT_EQ(-ETIMEDOUT, caller_end(&self->caller));
	EXPECT_EQ(1, stat_of(self->server).withdrawn);
	EXPECT_EQ(0, stat_of(self->server).msgs);
	EXPECT_STREQ("EAGAIN", next_text(self->server));
}

TEST_F(conversation, request_larger_than_the_mailbox_allows_is_refused)
{
	struct mbx_message request = { .len = MBX_DEFAULT_MSG_SIZE + 1 };

	EXPECT_EQ(-EMSGSIZE,
		  call_message(self->client, &request, &self->letter.msg));
	EXPECT_EQ(0, stat_of(self->server).sent);
	EXPECT_EQ(0, stat_of(self->server).calls);
}

TEST_F(conversation, reply_of_just_the_callers_capacity_is_accepted)
{
	char text[sizeof(self->letter.text)] = "";

	memset(text, 'x', sizeof(text) - 1);
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, text));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ(text, self->caller.reply.text);
}

TEST_F(conversation, reply_larger_than_the_callers_buffer_is_the_servers_fault)
{
	char text[sizeof(self->letter.text)] = "";

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(-EMSGSIZE, reply_bytes(self->server, self->letter.msg.token,
					 text, sizeof(text)));
	EXPECT_EQ(0, query(self->server, self->letter.msg.token));
	EXPECT_EQ(1, stat_of(self->server).calls);
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, "short"));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("short", self->caller.reply.text);
}

TEST_F(conversation, caller_without_a_buffer_gets_an_empty_reply)
{
	struct caller *c = &self->caller;

	c->fd = self->client;
	ASSERT_EQ(0, pthread_create(&c->thread, NULL, caller_thread, c));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(-EMSGSIZE,
		  reply_text(self->server, self->letter.msg.token, "x"));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(c));
	EXPECT_EQ(0, c->reply.msg.len);
}

/* What else a message has. */
TEST_F(conversation, tag_and_priority_of_the_request_are_received)
{
	struct mbx_message request = { .tag = 7, .prio = 3 };

	ASSERT_EQ(0, caller_start_message(&self->caller, self->client, request,
					  (struct mbx_call){ 0 }));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(7, self->letter.msg.tag);
	EXPECT_EQ(3, self->letter.msg.prio);
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(conversation, tag_and_priority_of_the_reply_are_received)
{
	struct mbx_message msg = { .tag = 9, .prio = MBX_PRIO_MAX };
	__u64 before = now_ns();

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0,
		  do_reply(self->server,
			   (struct mbx_reply){ .token = self->letter.msg.token,
					       .message = (uintptr_t)&msg }));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_EQ(9, self->caller.reply.msg.tag);
	EXPECT_EQ(MBX_PRIO_MAX, self->caller.reply.msg.prio);
	EXPECT_EQ(0, self->caller.reply.msg.flags);
	EXPECT_EQ(0, self->caller.reply.msg.token);
	EXPECT_LE(before, self->caller.reply.msg.time_ns);
	EXPECT_GE(now_ns(), self->caller.reply.msg.time_ns);
}

TEST_F(conversation, requests_are_selected_like_messages)
{
	struct mbx_message request = { .tag = 7, .prio = 3 };

	ASSERT_EQ(1, send_text(self->client, "note"));
	ASSERT_EQ(0, caller_start_message(&self->caller, self->client, request,
					  (struct mbx_call){ 0 }));
	ASSERT_TRUE(calls_wait(self->server, 1));
	EXPECT_EQ(-EAGAIN,
		  take(self->server, &self->letter,
		       .flags = MBX_RECV_BY_TAG | MBX_RECV_NONBLOCK, .tag = 8));
	EXPECT_EQ(1, take(self->server, &self->letter, .flags = MBX_RECV_BY_TAG,
			  .tag = 7));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
	EXPECT_STREQ("note", next_text(self->server));
}

TEST_F(conversation, request_makes_the_mailbox_readable)
{
	EXPECT_EQ(0, poll_now(self->server, POLLIN));
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	EXPECT_EQ(POLLIN, poll_wait(self->server, POLLIN));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0, poll_now(self->server, POLLIN));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

/* Sizes that no small mailbox has. */
FIXTURE(large)
{
	int fd;
	size_t size;
	char *out;
	char *in;
	struct caller caller;
	struct mbx_message msg;
};

FIXTURE_SETUP(large)
{
	self->size = MBX_MSG_SIZE_MAX;
	self->fd = open_mailbox(NULL, CREATE, .max_msg_size = self->size);
	self->out = malloc(self->size + 1);
	self->in = malloc(self->size + 1);
	ASSERT_LE(0, self->fd);
	ASSERT_NE(NULL, self->out);
	ASSERT_NE(NULL, self->in);
	memset(self->out, 'x', self->size + 1);
	self->msg.data = (uintptr_t)self->in;
	self->msg.capacity = self->size + 1;
}

FIXTURE_TEARDOWN(large)
{
	close(self->fd);
	free(self->out);
	free(self->in);
}

TEST_F(large, request_and_reply_pass)
{
	struct mbx_message request = { .data = (uintptr_t)self->out,
				       .len = self->size };
	struct caller *c = &self->caller;
	char *reply = calloc(1, self->size);

	c->fd = self->fd;
	c->request = request;
	c->reply.msg = (struct mbx_message){ .data = (uintptr_t)reply,
					     .capacity = self->size };
	ASSERT_EQ(0, pthread_create(&c->thread, NULL, caller_thread, c));
	ASSERT_EQ(1, recv_array(self->fd, &self->msg, 1));
	EXPECT_EQ(self->size, self->msg.len);
	EXPECT_EQ(0,
		  reply_bytes(self->fd, self->msg.token, self->in, self->size));
	EXPECT_EQ(0, caller_end(c));
	EXPECT_EQ(self->size, c->reply.msg.len);
	EXPECT_EQ(0, memcmp(reply, self->out, self->size));
	free(reply);
}

/* The limit of a message is no caller's to raise. */
TEST_F(large, reply_beyond_the_limit_of_messages_is_refused)
{
	struct caller *c = &self->caller;

	c->fd = self->fd;
	prepare(&c->reply);
	c->reply.msg.capacity = ~0U;
	ASSERT_EQ(0, pthread_create(&c->thread, NULL, caller_thread, c));
	ASSERT_EQ(1, recv_array(self->fd, &self->msg, 1));
	EXPECT_EQ(-EMSGSIZE, reply_bytes(self->fd, self->msg.token, self->out,
					 self->size + 1));
	EXPECT_EQ(0, reply_text(self->fd, self->msg.token, "short"));
	EXPECT_EQ(0, caller_end(c));
}

TEST_HARNESS_MAIN
