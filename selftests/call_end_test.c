// SPDX-License-Identifier: GPL-2.0-only
/* Calls that end without a reply: deadlines and deaths. */
#include "call.h"

/* How those end that the server has part in. */
FIXTURE(unanswered)
{
	char name[NAME_SIZE];
	int server;
	int client;
	struct caller caller;
	struct letter letter;
};

FIXTURE_SETUP(unanswered)
{
	unique_name(self->name, "it");
	self->server = open_mailbox(self->name, CREATE,
				    .lifetime = MBX_LIFE_LAST_CLOSE,
				    .max_msgs = 2);
	self->client = open_mailbox(self->name, RDWR);
	ASSERT_LE(0, self->server);
	ASSERT_LE(0, self->client);
}

FIXTURE_TEARDOWN(unanswered)
{
	close(self->server);
}

/* Nothing is left of the call. */
#define EXPECT_NO_CALLS()                                   \
	do {                                                \
		EXPECT_EQ(0, stat_of(self->client).calls);  \
		EXPECT_EQ(0, stat_of(self->client).msgs);   \
		EXPECT_EQ(0, stat_of(self->client).bytes);  \
		EXPECT_TRUE(counters_add_up(self->client)); \
	} while (0)

/* Deadlines. */
TEST_F(unanswered, queued_request_is_withdrawn_at_the_deadline)
{
	__u64 deadline = SOON;

	EXPECT_EQ(-ETIMEDOUT, ask(self->client, "question", &self->letter,
				  .deadline_ns = deadline));
	EXPECT_LE(deadline, now_ns());
	EXPECT_EQ(1, stat_of(self->server).sent);
	EXPECT_EQ(1, stat_of(self->server).withdrawn);
	EXPECT_EQ(0, stat_of(self->server).received);
	EXPECT_NO_CALLS();
	EXPECT_STREQ("EAGAIN", next_text(self->server));
}

TEST_F(unanswered, deadline_in_the_past_leaves_no_time_for_a_reply)
{
	EXPECT_EQ(-ETIMEDOUT, ask(self->client, "question", &self->letter,
				  .deadline_ns = 1));
	EXPECT_EQ(1, stat_of(self->server).withdrawn);
	EXPECT_NO_CALLS();
}

TEST_F(unanswered, server_learns_that_the_caller_has_given_up)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question",
				  .deadline_ns = LATER));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(-ETIMEDOUT, caller_end(&self->caller));
	EXPECT_EQ(-ESRCH, query(self->server, self->letter.msg.token));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->server, self->letter.msg.token, "late"));
	EXPECT_EQ(0, stat_of(self->server).withdrawn);
	EXPECT_EQ(1, stat_of(self->server).received);
	EXPECT_NO_CALLS();
}

TEST_F(unanswered, only_the_request_of_who_gives_up_is_withdrawn)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "patient"));
	ASSERT_TRUE(calls_wait(self->server, 1));
	EXPECT_EQ(-ETIMEDOUT, ask(self->client, "hasty", &self->letter,
				  .deadline_ns = SOON));
	EXPECT_EQ(1, stat_of(self->server).calls);
	EXPECT_EQ(1, stat_of(self->server).msgs);
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_STREQ("patient", self->letter.text);
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

/* It was compiled before messages had tokens. */
TEST_F(unanswered, caller_is_told_that_the_receiver_knows_no_tokens)
{
	struct mbx_message msg = { .data = (uintptr_t)self->letter.text,
				   .capacity = sizeof(self->letter.text) };
	struct mbx_recv args = { .size = sizeof(args),
				 .messages = (uintptr_t)&msg,
				 .count = 1,
				 .elem_size =
					 offsetof(struct mbx_message, token) };

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, call(self->server, MBX_IOC_RECV, &args));
	EXPECT_EQ(8, msg.len);
	EXPECT_EQ(0, msg.token);
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_NO_CALLS();
}

/* Callers that die. */
TEST_F(unanswered, queued_request_is_withdrawn_when_the_caller_is_killed)
{
	pid_t child = spawn_caller(self->client);

	ASSERT_TRUE(calls_wait(self->server, 1));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(1, stat_of(self->server).withdrawn);
	EXPECT_NO_CALLS();
	EXPECT_STREQ("EAGAIN", next_text(self->server));
}

TEST_F(unanswered, server_learns_that_the_caller_was_killed)
{
	pid_t child = spawn_caller(self->client);

	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0, query(self->server, self->letter.msg.token));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(-ESRCH, query(self->server, self->letter.msg.token));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->server, self->letter.msg.token, "late"));
	EXPECT_EQ(0, stat_of(self->server).withdrawn);
	EXPECT_NO_CALLS();
}

/* Servers that go. */
TEST_F(unanswered, caller_is_told_when_the_server_closes)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	ASSERT_EQ(0, close(self->server));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_EQ(1, stat_of(self->client).received);
	EXPECT_NO_CALLS();
}

TEST_F(unanswered, all_whom_the_server_has_not_answered_are_told)
{
	struct caller callers[3];
	struct letter letters[3];
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0,
			  caller_start(&callers[i], self->client, "question"));
		ASSERT_EQ(1, take(self->server, &letters[i]));
	}
	EXPECT_EQ(0, reply_text(self->server, letters[1].msg.token, ""));
	ASSERT_EQ(0, close(self->server));
	EXPECT_EQ(-ECONNRESET, caller_end(&callers[0]));
	EXPECT_EQ(0, caller_end(&callers[1]));
	EXPECT_EQ(-ECONNRESET, caller_end(&callers[2]));
	EXPECT_NO_CALLS();
}

TEST_F(unanswered, request_in_another_servers_hands_is_not_affected)
{
	int other = open_mailbox(self->name, RDWR);

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(other, &self->letter));
	ASSERT_EQ(0, close(self->server));
	EXPECT_EQ(0, query(other, self->letter.msg.token));
	EXPECT_EQ(0, reply_text(other, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(unanswered, queued_request_waits_for_the_next_server)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_TRUE(calls_wait(self->client, 1));
	ASSERT_EQ(0, close(self->server));
	self->server = open_mailbox(self->name, RDWR);
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_EQ(0,
		  reply_text(self->server, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(unanswered, request_survives_the_unlinking_of_the_name)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->server, &self->letter));
	ASSERT_EQ(0, unlink_name(self->name));
	EXPECT_EQ(0,
		  reply_text(self->server, self->letter.msg.token, "answer"));
	EXPECT_EQ(0, caller_end(&self->caller));
}

/* Says when it has received a request, and does not answer it. */
struct idle_server {
	const char *name;
	int fd; /* or -1, and it opens the name itself */
	struct gate received;
};

static int receive_and_idle(void *arg)
{
	struct idle_server *s = arg;
	struct letter letter;
	int fd = s->fd < 0 ? open_mailbox(s->name, MBX_READ) : s->fd;

	if (take(fd, &letter) != 1)
		return EXIT_FAILURE;
	gate_open(&s->received);
	return sleep_forever(NULL);
}

TEST_F(unanswered, caller_is_told_when_the_server_is_killed)
{
	struct idle_server idle = { self->name, -1 };
	pid_t child;

	ASSERT_EQ(0, gate_init(&idle.received));
	child = spawn(receive_and_idle, &idle);
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question",
				  .deadline_ns = IN_PATIENCE));
	ASSERT_TRUE(gate_wait(&idle.received));
	EXPECT_EQ(1, stat_of(self->server).calls);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(0, stat_of(self->server).calls);
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_NO_CALLS();
}

/* They share an open file, as those do that a server has forked. */
TEST_F(unanswered, caller_is_told_when_one_of_several_servers_is_killed)
{
	struct idle_server idle = { self->name, self->server };
	pid_t child;

	ASSERT_EQ(0, gate_init(&idle.received));
	child = spawn(receive_and_idle, &idle);
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question",
				  .deadline_ns = now_ns() + NSEC_PER_SEC));
	ASSERT_TRUE(gate_wait(&idle.received));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_NO_CALLS();
}

/* Receives a request through each of several open files, which others have too. */
struct busy_server {
	int fds[3];
	struct gate received;
};

static int receive_through_all(void *arg)
{
	struct busy_server *s = arg;
	struct letter letter;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(s->fds); i++) {
		if (take(s->fds[i], &letter) != 1)
			return EXIT_FAILURE;
		gate_open(&s->received);
	}
	return sleep_forever(NULL);
}

TEST_F(unanswered, all_are_told_whose_server_received_through_several_files)
{
	struct caller callers[ARRAY_SIZE(((struct busy_server *)0)->fds)];
	struct busy_server busy;
	pid_t child;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(busy.fds); i++)
		busy.fds[i] = open_mailbox(self->name, MBX_READ);
	ASSERT_EQ(0, gate_init(&busy.received));
	child = spawn(receive_through_all, &busy);
	for (i = 0; i < ARRAY_SIZE(callers); i++) {
		ASSERT_EQ(0, caller_start(&callers[i], self->client, "question",
					  .deadline_ns = IN_PATIENCE));
		ASSERT_TRUE(gate_wait(&busy.received));
	}
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	for (i = 0; i < ARRAY_SIZE(callers); i++)
		EXPECT_EQ(-ECONNRESET, caller_end(&callers[i]));
	EXPECT_NO_CALLS();
}

#define CALLERS 100 /* more than are told under one lock */

static int receive_many_and_idle(void *arg)
{
	struct idle_server *s = arg;
	struct letter letter;
	int i;

	for (i = 0; i < CALLERS; i++)
		if (take(s->fd, &letter) != 1)
			return EXIT_FAILURE;
	gate_open(&s->received);
	return sleep_forever(NULL);
}

TEST_F(unanswered, all_callers_are_told_when_the_server_is_killed)
{
	struct idle_server idle = { self->name, self->server };
	struct caller *callers = calloc(CALLERS, sizeof(*callers));
	pid_t child;
	int i;

	ASSERT_EQ(0, gate_init(&idle.received));
	child = spawn(receive_many_and_idle, &idle);
	for (i = 0; i < CALLERS; i++)
		ASSERT_EQ(0, caller_start(&callers[i], self->client, "question",
					  .deadline_ns = IN_PATIENCE));
	ASSERT_TRUE(gate_wait(&idle.received));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	for (i = 0; i < CALLERS; i++)
		EXPECT_EQ(-ECONNRESET, caller_end(&callers[i]));
	EXPECT_NO_CALLS();
	free(callers);
}

static int receive_and_exec(void *arg)
{
	struct idle_server *s = arg;
	struct letter letter;
	int fd = open_mailbox(s->name, MBX_READ);

	if (take(fd, &letter) != 1)
		return EXIT_FAILURE;
	execl("/bin/sleep", "sleep", "1000", NULL);
	return errno;
}

TEST_F(unanswered, caller_is_told_when_the_server_becomes_another_program)
{
	struct idle_server idle = { self->name, -1 };
	pid_t child = spawn(receive_and_exec, &idle);

	EXPECT_EQ(-ECONNRESET, ask(self->client, "question", &self->letter,
				   .deadline_ns = IN_PATIENCE));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(unanswered, caller_is_told_when_the_request_is_read)
{
	char text[16] = "";

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	EXPECT_EQ(8, read(self->server, text, sizeof(text)));
	EXPECT_STREQ("question", text);
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_EQ(1, stat_of(self->server).received);
	EXPECT_NO_CALLS();
}

TEST_F(unanswered, request_stays_when_it_cannot_be_read)
{
	char text[3];

	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_TRUE(calls_wait(self->server, 1));
	EXPECT_EQ(-EMSGSIZE, result_of(read(self->server, text, sizeof(text))));
	EXPECT_EQ(-EFAULT, result_of(syscall(SYS_read, self->server, 8, 100)));
	EXPECT_EQ(1, stat_of(self->server).calls);
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, caller_end(&self->caller));
}

TEST_F(unanswered, caller_without_a_place_for_the_reply_gets_an_error)
{
	struct mbx_message request = { .len = 0 };
	struct caller *c = &self->caller;

	*c = (struct caller){ .fd = self->client, .request = request };
	c->reply.msg = (struct mbx_message){ .data = 8, .capacity = 100 };
	ASSERT_EQ(0, pthread_create(&c->thread, NULL, caller_thread, c));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0,
		  reply_text(self->server, self->letter.msg.token, "answer"));
	EXPECT_EQ(-EFAULT, caller_end(c));
	EXPECT_NO_CALLS();
}

/* Mailboxes that die. */
FIXTURE(orphaned)
{
	char name[NAME_SIZE];
	int owner;
	int client; /* of another open file */
	int death; /* what calls get */
	struct caller caller;
	struct letter letter;
};

FIXTURE_VARIANT(orphaned)
{
	bool direct;
	int death; /* what calls get whose request is queued */
	int death_in_hand; /* or has been received by another open file */
};

FIXTURE_VARIANT_ADD(orphaned, of_owner){
	.death = -EOWNERDEAD,
	.death_in_hand = -EOWNERDEAD,
};

FIXTURE_VARIANT_ADD(orphaned, direct){
	.direct = true,
	.death = -ESRCH,
	.death_in_hand = -ECONNRESET,
};

FIXTURE_SETUP(orphaned)
{
	unique_name(self->name, "it");
	if (variant->direct) {
		self->owner = bind_direct(0, .max_msgs = 1);
		self->client = open_direct(RDWR, getpid());
	} else {
		self->owner = open_mailbox(self->name, CREATE,
					   .lifetime = MBX_LIFE_OWNER,
					   .max_msgs = 1);
		self->client = open_mailbox(self->name, RDWR);
	}
	ASSERT_LE(0, self->owner);
	ASSERT_LE(0, self->client);
}

FIXTURE_TEARDOWN(orphaned)
{
	close(self->client);
}

TEST_F(orphaned, queued_request_ends_with_the_owner)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_TRUE(calls_wait(self->client, 1));
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(variant->death, caller_end(&self->caller));
	EXPECT_EQ(1, stat_of(self->client).withdrawn);
	EXPECT_NO_CALLS();
}

TEST_F(orphaned, request_in_the_owners_hands_is_reset)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->owner, &self->letter));
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_EQ(0, stat_of(self->client).withdrawn);
	EXPECT_NO_CALLS();
}

TEST_F(orphaned, request_in_other_hands_ends_with_the_owner)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_EQ(1, take(self->client, &self->letter));
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(variant->death_in_hand, caller_end(&self->caller));
	EXPECT_EQ(-ESRCH, query(self->client, self->letter.msg.token));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->client, self->letter.msg.token, "late"));
	EXPECT_EQ(-EINVAL,
		  reply_text(self->client, self->letter.msg.token, "late"));
	EXPECT_NO_CALLS();
}

TEST_F(orphaned, call_that_waits_for_room_ends_with_the_owner)
{
	ASSERT_EQ(1, send_text(self->client, "full"));
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_SOON(stat_of(self->client).waiting_senders == 1);
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(variant->death, caller_end(&self->caller));
	EXPECT_EQ(0, stat_of(self->client).withdrawn);
	EXPECT_STREQ("full", next_text(self->client));
	EXPECT_NO_CALLS();
}

TEST_F(orphaned, call_after_the_end_is_refused)
{
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(variant->death, ask(self->client, "question", &self->letter));
	EXPECT_EQ(variant->death,
		  ask(self->client, "question", &self->letter,
		      .flags = MBX_CALL_NONBLOCK, .deadline_ns = 1));
	EXPECT_EQ(0, stat_of(self->client).sent);
	EXPECT_NO_CALLS();
}

TEST_F(orphaned, messages_stay_and_requests_do_not)
{
	ASSERT_EQ(1, send_text(self->client, "note"));
	ASSERT_EQ(1, take(self->owner, &self->letter));
	ASSERT_EQ(0, caller_start(&self->caller, self->client, "question"));
	ASSERT_TRUE(calls_wait(self->client, 1));
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(variant->death, take(self->client, &self->letter));
	EXPECT_EQ(variant->death, caller_end(&self->caller));
}

TEST_HARNESS_MAIN
