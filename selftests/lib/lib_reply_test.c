// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: answering a request and receiving the next. */
#include "lib_call.h"

#include <sys/mman.h>
#include <sys/time.h>

#define CALLERS 8
#define SERVERS 4
#define MOST_CALLS 200
#define CALLS amount(NULL, MOST_CALLS) /* of each caller */

FIXTURE(reply)
{
	int fd;
	struct caller caller;
	char text[TEXT_SIZE];
	struct mbx_message info;
	uint64_t token;
};

/* There is a request to be answered. */
FIXTURE_SETUP(reply)
{
	self->fd = mbx_open(NULL, CREATE);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	ASSERT_EQ(8, take(self->fd, self->text, &self->token));
}

FIXTURE_TEARDOWN(reply)
{
	close(self->fd);
}

static const struct mbx_next_opts at_once = { .size = sizeof(at_once),
					      .flags = MBX_RECV_NONBLOCK };

/* The reply was given, and nothing is left to be answered. */
#define EXPECT_ANSWERED()                                   \
	do {                                                \
		EXPECT_EQ(0, self->token);                  \
		EXPECT_EQ(6, caller_end(&self->caller));    \
		EXPECT_STREQ("answer", self->caller.reply); \
	} while (0)

TEST_F(reply, brings_the_next_message)
{
	ASSERT_EQ(0,
		  mbx_send_with(self->fd, "next", 4, MBX_SEND_OPTS(.tag = 5)));
	EXPECT_EQ(4, mbx_reply_recv_with(self->fd, &self->token, "answer", 6,
					 self->text, TEXT_SIZE, NULL,
					 &self->info));
	EXPECT_EQ(0, memcmp("next", self->text, 4));
	EXPECT_EQ(5, self->info.tag);
	EXPECT_EQ(0, self->info.flags);
	EXPECT_ANSWERED();
}

TEST_F(reply, brings_the_next_request)
{
	struct caller next;

	ASSERT_EQ(0, caller_start(&next, self->fd, "next"));
	ASSERT_SOON(mailbox_stat(self->fd).msgs == 1);
	EXPECT_EQ(4, mbx_reply_recv(self->fd, &self->token, "answer", 6,
				    self->text, TEXT_SIZE));
	EXPECT_EQ(1, mbx_caller_waits(self->fd, self->token));
	EXPECT_EQ(0, mbx_reply(self->fd, self->token, "answer", 6));
	EXPECT_EQ(6, caller_end(&next));
	self->token = 0;
	EXPECT_ANSWERED();
}

TEST_F(reply, has_the_tag_or_error_it_is_given)
{
	const struct mbx_next_opts *opts =
		MBX_NEXT_OPTS(.flags = MBX_RECV_NONBLOCK, .reply_tag = 7);

	EXPECT_EQ(-EAGAIN,
		  mbx_reply_recv_with(self->fd, &self->token, "answer", 6,
				      self->text, TEXT_SIZE, opts, NULL));
	EXPECT_ANSWERED();
	EXPECT_EQ(7, self->caller.info.tag);

	opts = MBX_NEXT_OPTS(.flags = MBX_RECV_NONBLOCK, .reply_error = EIO);
	ASSERT_EQ(0, caller_start(&self->caller, self->fd, "question"));
	ASSERT_EQ(8, take(self->fd, self->text, &self->token));
	EXPECT_EQ(-EAGAIN,
		  mbx_reply_recv_with(self->fd, &self->token, "", 0, self->text,
				      TEXT_SIZE, opts, NULL));
	EXPECT_EQ(-EREMOTEIO, caller_end(&self->caller));
	EXPECT_EQ(EIO, mbx_reply_error(&self->caller.info));
}

TEST_F(reply, may_lie_where_the_next_request_goes)
{
	ASSERT_EQ(0, mbx_send(self->fd, "next", 4));
	memcpy(self->text, "answer", 6);
	EXPECT_EQ(4, mbx_reply_recv(self->fd, &self->token, self->text, 6,
				    self->text, TEXT_SIZE));
	EXPECT_EQ(0, memcmp("next", self->text, 4));
	EXPECT_ANSWERED();
}

TEST_F(reply, to_nobody_only_receives)
{
	uint64_t none = 0;

	ASSERT_EQ(0, mbx_send(self->fd, "next", 4));
	EXPECT_EQ(4, mbx_reply_recv(self->fd, &none, NULL, 0, self->text,
				    TEXT_SIZE));
	EXPECT_EQ(0, none);
	EXPECT_EQ(0, mbx_reply(self->fd, self->token, "answer", 6));
	EXPECT_EQ(6, caller_end(&self->caller));
}

TEST_F(reply, to_a_caller_that_has_gone_is_passed_over)
{
	uint64_t orphaned = orphaned_token(self->fd);

	ASSERT_NE(0, orphaned);
	ASSERT_EQ(0, mbx_send(self->fd, "next", 4));
	EXPECT_EQ(4, mbx_reply_recv(self->fd, &orphaned, "late", 4, self->text,
				    TEXT_SIZE));
	EXPECT_EQ(0, orphaned);
	EXPECT_EQ(0, mbx_reply(self->fd, self->token, "answer", 6));
	EXPECT_EQ(6, caller_end(&self->caller));
}

TEST_F(reply, that_is_not_given_can_be_given_otherwise)
{
	uint64_t token = self->token, wrong = token + 1;

	ASSERT_EQ(0, mbx_send(self->fd, "next", 4));
	EXPECT_EQ(-EMSGSIZE, mbx_reply_recv(self->fd, &token, self, TEXT_SIZE,
					    self->text, TEXT_SIZE));
	EXPECT_EQ(self->token, token);
	EXPECT_EQ(-EFAULT, mbx_reply_recv(self->fd, &token, (void *)8, 8,
					  self->text, TEXT_SIZE));
	EXPECT_EQ(self->token, token);
	EXPECT_EQ(-EINVAL, mbx_reply_recv(self->fd, &wrong, "", 0, self->text,
					  TEXT_SIZE));
	EXPECT_EQ(1, mailbox_stat(self->fd).msgs);
	EXPECT_EQ(4, mbx_reply_recv(self->fd, &self->token, "answer", 6,
				    self->text, TEXT_SIZE));
	EXPECT_ANSWERED();
}

TEST_F(reply, stands_when_the_buffer_is_too_small)
{
	ASSERT_EQ(0, mbx_send(self->fd, "next", 4));
	EXPECT_EQ(-EMSGSIZE,
		  mbx_reply_recv_with(self->fd, &self->token, "answer", 6,
				      self->text, 3, NULL, &self->info));
	EXPECT_EQ(4, self->info.len);
	EXPECT_ANSWERED();
	EXPECT_EQ(4, mbx_reply_recv(self->fd, &self->token, "again", 5,
				    self->text, 4));
}

TEST_F(reply, stands_when_the_buffer_is_not_there)
{
	ASSERT_EQ(0, mbx_send(self->fd, "next", 4));
	EXPECT_EQ(-EFAULT, mbx_reply_recv(self->fd, &self->token, "answer", 6,
					  (void *)8, TEXT_SIZE));
	EXPECT_ANSWERED();
	EXPECT_EQ(1, mailbox_stat(self->fd).msgs);
}

TEST_F(reply, stands_when_nothing_comes)
{
	EXPECT_EQ(-EAGAIN,
		  mbx_reply_recv_with(self->fd, &self->token, "answer", 6,
				      self->text, TEXT_SIZE, &at_once, NULL));
	EXPECT_ANSWERED();
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_reply_recv_with(
			  self->fd, &self->token, "again", 5, self->text,
			  TEXT_SIZE, MBX_NEXT_OPTS(.deadline_ns = SOON), NULL));
}

TEST_F(reply, stands_when_a_signal_comes)
{
	int sig = SIGUSR1;
	pid_t child;

	on_signal(sig, 0);
	child = spawn(wake_parent, &sig);
	EXPECT_EQ(-EINTR, mbx_reply_recv(self->fd, &self->token, "answer", 6,
					 self->text, TEXT_SIZE));
	EXPECT_ANSWERED();
	EXPECT_EQ(0, reap(child));
}

TEST_F(reply, selects_what_comes_next)
{
	const struct mbx_next_opts *opts =
		MBX_NEXT_OPTS(.flags = MBX_RECV_BY_TAG, .tag = 2);

	ASSERT_EQ(0, mbx_send_with(self->fd, "1", 1, MBX_SEND_OPTS(.tag = 1)));
	ASSERT_EQ(0, mbx_send_with(self->fd, "22", 2, MBX_SEND_OPTS(.tag = 2)));
	EXPECT_EQ(2, mbx_reply_recv_with(self->fd, &self->token, "answer", 6,
					 self->text, TEXT_SIZE, opts, NULL));
	EXPECT_ANSWERED();
}

TEST_F(reply, with_malformed_options_is_not_given)
{
	const struct mbx_next_opts *wrong[] = {
		MBX_NEXT_OPTS(.reply_tag = MBX_TAG_FAILED),
		MBX_NEXT_OPTS(.reply_error = MBX_ERROR_MAX + 1),
		MBX_NEXT_OPTS(.flags = MBX_RECV_PEEK),
		MBX_NEXT_OPTS(.reserved = 1),
	};
	uint64_t token = self->token;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_EQ(-EINVAL, mbx_reply_recv_with(self->fd, &token, "", 0,
						       self->text, TEXT_SIZE,
						       wrong[i], NULL));
	EXPECT_EQ(self->token, token);
	EXPECT_EQ(0, mbx_reply(self->fd, token, "answer", 6));
	self->token = 0;
	EXPECT_ANSWERED();
}

TEST(process_that_has_gone_is_told_from_a_caller)
{
	int own = mbx_direct_bind(RDWR, NULL);
	int other = mbx_direct_open(getpid(), RDWR, NULL);
	struct caller caller;
	char text[TEXT_SIZE];
	uint64_t token;

	ASSERT_EQ(0, caller_start(&caller, other, "question"));
	ASSERT_EQ(8, take(other, text, &token));
	ASSERT_EQ(0, close(own));
	EXPECT_EQ(-ECONNRESET, caller_end(&caller));
	EXPECT_EQ(-ESRCH, mbx_reply_recv(other, &token, "late", 4, text, 8));
	EXPECT_EQ(0, token);
	EXPECT_EQ(-ESRCH, mbx_reply_recv(other, &token, "late", 4, text, 8));
	close(other);
}

/* --- many at once --- */

struct crowd {
	int fd;
	uint64_t number; /* of callers */
	unsigned int served[CALLERS][MOST_CALLS];
	uint64_t wrong; /* replies to another request */
};

/* A request, and its reply. */
struct question {
	uint64_t caller;
	uint64_t call;
};

#define QUIT UINT64_MAX

/* Asks with a number of its own, and repeats nothing: who serves counts. */
static void *ask_much(void *arg)
{
	struct crowd *crowd = arg;
	struct question q = {
		.caller = __atomic_fetch_add(&crowd->number, 1,
					     __ATOMIC_RELAXED),
	}, a;
	const struct mbx_call_opts *opts =
		MBX_CALL_OPTS(.deadline_ns = PATIENCE);
	ssize_t ret;

	for (q.call = 0; q.call < CALLS; q.call++) {
		ret = mbx_call_with(crowd->fd, &q, sizeof(q), &a, sizeof(a),
				    opts, NULL);
		if (ret != sizeof(a))
			return (void *)ret;
		if (memcmp(&q, &a, sizeof(q)))
			__atomic_fetch_add(&crowd->wrong, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Until it is told to quit, whatever signals come. */
static void *answer_much(void *arg)
{
	struct crowd *crowd = arg;
	struct question q = { 0 };
	uint64_t token = 0;
	ssize_t ret;

	for (;;) {
		ret = mbx_reply_recv(crowd->fd, &token, &q, sizeof(q), &q,
				     sizeof(q));
		if (ret == -EINTR && !token)
			continue;
		if (ret != sizeof(q))
			return (void *)ret;
		if (q.caller == QUIT)
			return NULL;
		__atomic_fetch_add(&crowd->served[q.caller][q.call], 1,
				   __ATOMIC_RELAXED);
	}
}

static void *join(pthread_t thread)
{
	void *result = (void *)1;

	pthread_join(thread, &result);
	return result;
}

FIXTURE(crowd)
{
	struct crowd *crowd;
	pthread_t servers[SERVERS];
	pthread_t callers[CALLERS];
};

FIXTURE_SETUP(crowd)
{
	self->crowd = mmap(NULL, sizeof(*self->crowd), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->crowd);
	self->crowd->fd = mbx_open(NULL, CREATE);
	ASSERT_LE(0, self->crowd->fd);
}

FIXTURE_TEARDOWN(crowd)
{
	close(self->crowd->fd);
}

#define EXPECT_ALL_SERVED_ONCE(callers)                                      \
	do {                                                                 \
		unsigned long i__, j__;                                      \
		EXPECT_EQ(0, self->crowd->wrong);                            \
		for (i__ = 0; i__ < (callers); i__++)                        \
			for (j__ = 0; j__ < CALLS; j__++)                    \
				ASSERT_EQ(1, self->crowd->served[i__][j__]); \
	} while (0)

TEST_F(crowd, of_callers_gets_from_a_crowd_of_servers_what_it_asked_for)
{
	struct question quit = { .caller = QUIT };
	int i;

	for (i = 0; i < SERVERS; i++)
		pthread_create(&self->servers[i], NULL, answer_much,
			       self->crowd);
	for (i = 0; i < CALLERS; i++)
		pthread_create(&self->callers[i], NULL, ask_much, self->crowd);
	for (i = 0; i < CALLERS; i++)
		EXPECT_EQ(NULL, join(self->callers[i]));
	for (i = 0; i < SERVERS; i++)
		ASSERT_EQ(0, mbx_send(self->crowd->fd, &quit, sizeof(quit)));
	for (i = 0; i < SERVERS; i++)
		EXPECT_EQ(NULL, join(self->servers[i]));
	EXPECT_ALL_SERVED_ONCE(CALLERS);
}

struct storm {
	struct crowd *crowd;
	int sa_flags;
};

static int answer_in_a_storm(void *arg)
{
	const struct itimerval storm = { .it_interval.tv_usec = 300,
					 .it_value.tv_usec = 300 };
	const struct itimerval calm = { 0 };
	struct storm *s = arg;
	void *ret;

	on_signal(SIGALRM, s->sa_flags);
	setitimer(ITIMER_REAL, &storm, NULL);
	ret = answer_much(s->crowd);
	setitimer(ITIMER_REAL, &calm, NULL);
	return ret ? EXIT_FAILURE : 0;
}

/* Returns whether two callers and the server in the storm have come to an end. */
static bool ask_in_a_storm(struct crowd *crowd, int sa_flags)
{
	struct storm storm = { crowd, sa_flags };
	struct question quit = { .caller = QUIT };
	pid_t server = spawn(answer_in_a_storm, &storm);
	pthread_t callers[2];
	bool good = true;
	int i;

	for (i = 0; i < 2; i++)
		pthread_create(&callers[i], NULL, ask_much, crowd);
	for (i = 0; i < 2; i++)
		good &= !join(callers[i]);
	mbx_send(crowd->fd, &quit, sizeof(quit));
	return !reap(server) && good;
}

TEST_F(crowd, is_served_once_each_when_signals_interrupt_the_server)
{
	EXPECT_TRUE(ask_in_a_storm(self->crowd, 0));
	EXPECT_ALL_SERVED_ONCE(2);
}

TEST_F(crowd, is_served_once_each_when_signals_restart_the_server)
{
	EXPECT_TRUE(ask_in_a_storm(self->crowd, SA_RESTART));
	EXPECT_ALL_SERVED_ONCE(2);
}

TEST_HARNESS_MAIN
