// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: the loop of a server. */
#include "lib_call.h"

#include <sys/eventfd.h>

#define CALLERS 8
#define SERVERS 4
#define CALLS 100 /* of each caller */
#define LARGE (1 << 20)

/* A server in a thread of its own. */
struct server {
	pthread_t thread;
	int fd;
	int stop;
	mbx_handler *handler;
	void *arg;
	struct mbx_serve_opts opts;
	int result;
};

static void *server_thread(void *arg)
{
	struct server *s = arg;

	s->result = mbx_serve(s->fd, s->handler, s->arg, &s->opts);
	return NULL;
}

/* It stops when the eventfd is written to. */
static int server_start(struct server *s, int fd, mbx_handler *handler,
			void *arg)
{
	*s = (struct server){ .fd = fd, .handler = handler, .arg = arg };
	s->stop = eventfd(0, EFD_CLOEXEC);
	s->opts =
		*MBX_SERVE_OPTS(.flags = MBX_SERVE_STOP_FD, .stop_fd = s->stop);
	return pthread_create(&s->thread, NULL, server_thread, s);
}

static int server_end(struct server *s)
{
	pthread_join(s->thread, NULL);
	close(s->stop);
	return s->result;
}

static int server_stop(struct server *s)
{
	eventfd_write(s->stop, 1);
	return server_end(s);
}

/* --- handlers --- */

/* Sends back what it gets. */
static ssize_t echo(const struct mbx_message *message, const void *payload,
		    void *reply, size_t capacity, void *arg)
{
	if (message->len <= capacity)
		memcpy(reply, payload, message->len);
	return message->len;
}

/* Returns what the request holds, after another word about it. */
static ssize_t obey(const struct mbx_message *message, const void *payload,
		    void *reply, size_t capacity, void *arg)
{
	ssize_t result;

	if (message->len != sizeof(result))
		return -EBADMSG;
	memcpy(&result, payload, sizeof(result));
	if (result == MBX_SERVE_STOP)
		mbx_reply(*(int *)arg, message->token, "bye", 3);
	return result;
}

/* Keeps the tokens, for somebody else to answer. */
struct keeper {
	int count;
	uint64_t tokens[CALLERS];
	char letters[CALLERS];
};

static ssize_t keep(const struct mbx_message *message, const void *payload,
		    void *reply, size_t capacity, void *arg)
{
	struct keeper *keeper = arg;
	int i = keeper->count;

	keeper->tokens[i] = message->token;
	keeper->letters[i] = *(const char *)payload;
	__atomic_store_n(&keeper->count, i + 1, __ATOMIC_RELEASE);
	return MBX_SERVE_LATER;
}

static ssize_t count(const struct mbx_message *message, const void *payload,
		     void *reply, size_t capacity, void *arg)
{
	__atomic_fetch_add((unsigned int *)arg, 1, __ATOMIC_RELAXED);
	return 0;
}

/* --- one server --- */

FIXTURE(serve)
{
	int fd;
	struct server server;
	struct caller caller;
	struct mbx_message info;
	char text[TEXT_SIZE];
};

FIXTURE_SETUP(serve)
{
	self->fd = mbx_mailbox_open(NULL, CREATE,
				    MBX_MAILBOX_OPTS(.max_msg_size = LARGE,
						     .max_bytes = 4 * LARGE));
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(serve)
{
	close(self->fd);
}

/* What a call brings that asks for a result of the handler. */
static ssize_t demand(int fd, ssize_t result, struct mbx_message *info)
{
	static char reply[LARGE];

	return mbx_call_with(fd, &result, sizeof(result), reply, sizeof(reply),
			     MBX_CALL_OPTS(.deadline_ns = PATIENCE), info);
}

TEST_F(serve, answers_what_it_is_asked)
{
	ASSERT_EQ(0, server_start(&self->server, self->fd, echo, NULL));
	EXPECT_EQ(3, mbx_call(self->fd, "one", 3, self->text, TEXT_SIZE));
	EXPECT_EQ(0, memcmp("one", self->text, 3));
	EXPECT_EQ(0, mbx_call(self->fd, NULL, 0, self->text, TEXT_SIZE));
	EXPECT_EQ(0, server_stop(&self->server));
}

TEST_F(serve, reports_errors_of_the_handler)
{
	ASSERT_EQ(0, server_start(&self->server, self->fd, obey, &self->fd));
	EXPECT_EQ(-EREMOTEIO, demand(self->fd, -ENOENT, &self->info));
	EXPECT_EQ(ENOENT, mbx_reply_error(&self->info));
	EXPECT_EQ(0, self->info.len);
	EXPECT_EQ(-EREMOTEIO, demand(self->fd, -MBX_ERROR_MAX, &self->info));
	EXPECT_EQ(MBX_ERROR_MAX, mbx_reply_error(&self->info));
	EXPECT_EQ(-EREMOTEIO,
		  demand(self->fd, MBX_SERVE_STOP - 1, &self->info));
	EXPECT_EQ(EINVAL, mbx_reply_error(&self->info));
	EXPECT_EQ(5, demand(self->fd, 5, &self->info));
	EXPECT_EQ(0, server_stop(&self->server));
}

TEST_F(serve, reports_replies_that_are_too_large)
{
	ASSERT_EQ(0, server_start(&self->server, self->fd, obey, &self->fd));
	EXPECT_EQ(MBX_DEFAULT_MSG_SIZE,
		  demand(self->fd, MBX_DEFAULT_MSG_SIZE, &self->info));
	EXPECT_EQ(-EREMOTEIO,
		  demand(self->fd, MBX_DEFAULT_MSG_SIZE + 1, &self->info));
	EXPECT_EQ(EMSGSIZE, mbx_reply_error(&self->info));
	EXPECT_EQ(0, server_stop(&self->server));
}

TEST_F(serve, reports_replies_that_are_too_large_for_the_caller)
{
	ASSERT_EQ(0, server_start(&self->server, self->fd, echo, NULL));
	EXPECT_EQ(-EREMOTEIO, mbx_call_with(self->fd, "four", 4, self->text, 3,
					    NULL, &self->info));
	EXPECT_EQ(EMSGSIZE, mbx_reply_error(&self->info));
	EXPECT_EQ(4, mbx_call(self->fd, "four", 4, self->text, 4));
	EXPECT_EQ(0, server_stop(&self->server));
}

TEST_F(serve, makes_room_for_large_requests)
{
	static char sent[LARGE];
	unsigned int counted = 0;
	size_t len;

	ASSERT_EQ(0, server_start(&self->server, self->fd, count, &counted));
	for (len = 1; len <= LARGE; len *= 2)
		EXPECT_EQ(0, mbx_call(self->fd, sent, len, self->text, 1));
	EXPECT_EQ(0, server_stop(&self->server));
	EXPECT_EQ(21, counted);
}

static int serve_large(void *arg)
{
	return status_of(mbx_serve(*(int *)arg, echo, NULL,
				   MBX_SERVE_OPTS(.reply_capacity = LARGE)));
}

TEST_F(serve, makes_as_much_room_for_replies_as_it_is_told_to)
{
	static char sent[LARGE], got[LARGE];
	pid_t child = spawn(serve_large, &self->fd);

	memset(sent, 's', LARGE);
	EXPECT_EQ(LARGE, mbx_call(self->fd, sent, LARGE, got, LARGE));
	EXPECT_EQ(0, memcmp(sent, got, LARGE));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(serve, takes_plain_messages_too)
{
	unsigned int counted = 0;

	ASSERT_EQ(0, server_start(&self->server, self->fd, count, &counted));
	ASSERT_EQ(0, mbx_send(self->fd, "note", 4));
	ASSERT_EQ(0, mbx_send(self->fd, NULL, 0));
	EXPECT_EQ(0, mbx_call(self->fd, "ask", 3, self->text, TEXT_SIZE));
	EXPECT_EQ(0, server_stop(&self->server));
	EXPECT_EQ(3, counted);
}

/* Answers when the caller no longer waits, if that is what the request says. */
static ssize_t dawdle(const struct mbx_message *message, const void *payload,
		      void *reply, size_t capacity, void *arg)
{
	if (*(const char *)payload == 'c' &&
	    !wait_until(mbx_caller_waits(*(int *)arg, message->token) == 0))
		return -ETIME;
	return echo(message, payload, reply, capacity, NULL);
}

TEST_F(serve, passes_over_callers_that_have_gone)
{
	pid_t child;

	ASSERT_EQ(0, server_start(&self->server, self->fd, dawdle, &self->fd));
	child = spawn(call_child, &self->fd);
	ASSERT_SOON(mailbox_stat(self->fd).received == 1);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(3, mbx_call(self->fd, "one", 3, self->text, TEXT_SIZE));
	EXPECT_EQ(0, server_stop(&self->server));
}

TEST_F(serve, lets_replies_be_given_later_and_in_any_order)
{
	struct caller callers[CALLERS];
	struct keeper keeper = { 0 };
	char names[CALLERS][2];
	int i;

	ASSERT_EQ(0, server_start(&self->server, self->fd, keep, &keeper));
	for (i = 0; i < CALLERS; i++) {
		sprintf(names[i], "%c", 'a' + i);
		ASSERT_EQ(0, caller_start(&callers[i], self->fd, names[i]));
	}
	ASSERT_SOON(__atomic_load_n(&keeper.count, __ATOMIC_ACQUIRE) ==
		    CALLERS);
	for (i = CALLERS - 1; i >= 0; i--)
		EXPECT_EQ(0, mbx_reply(self->fd, keeper.tokens[i],
				       &keeper.letters[i], 1));
	for (i = 0; i < CALLERS; i++) {
		EXPECT_EQ(1, caller_end(&callers[i]));
		EXPECT_STREQ(names[i], callers[i].reply);
	}
	EXPECT_EQ(0, server_stop(&self->server));
}

/* --- how it ends --- */

TEST_F(serve, stops_when_the_handler_says_so)
{
	ASSERT_EQ(0, server_start(&self->server, self->fd, obey, &self->fd));
	EXPECT_EQ(3, demand(self->fd, MBX_SERVE_STOP, &self->info));
	EXPECT_EQ(0, server_end(&self->server));
}

TEST_F(serve, stops_while_it_waits)
{
	ASSERT_EQ(0, server_start(&self->server, self->fd, echo, NULL));
	EXPECT_EQ(0, mbx_call(self->fd, "", 0, self->text, TEXT_SIZE));
	EXPECT_EQ(0, server_stop(&self->server));
}

TEST_F(serve, takes_nothing_when_it_is_to_stop)
{
	const struct mbx_serve_opts *opts;
	int fds[2];

	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC));
	opts = MBX_SERVE_OPTS(.flags = MBX_SERVE_STOP_FD, .stop_fd = fds[0]);
	ASSERT_EQ(0, mbx_send(self->fd, "note", 4));
	ASSERT_EQ(1, write(fds[1], "", 1));
	EXPECT_EQ(0, mbx_serve(self->fd, echo, NULL, opts));
	ASSERT_EQ(1, read(fds[0], self->text, 1));
	/* The end of a pipe that has no other end any more is ready too. */
	close(fds[1]);
	EXPECT_EQ(0, mbx_serve(self->fd, echo, NULL, opts));
	close(fds[0]);
	EXPECT_EQ(-EBADF, mbx_serve(self->fd, echo, NULL, opts));
	EXPECT_EQ(1, mailbox_stat(self->fd).msgs);
}

/* Has the loop stop, and answers all the same. */
static ssize_t stop_and_echo(const struct mbx_message *message,
			     const void *payload, void *reply, size_t capacity,
			     void *arg)
{
	eventfd_write(*(int *)arg, 1);
	return echo(message, payload, reply, capacity, NULL);
}

TEST_F(serve, gives_the_last_reply_before_it_stops)
{
	ASSERT_EQ(0, server_start(&self->server, self->fd, stop_and_echo,
				  &self->server.stop));
	EXPECT_EQ(4, mbx_call(self->fd, "last", 4, self->text, TEXT_SIZE));
	EXPECT_EQ(0, server_end(&self->server));
}

static int serve_in_child(void *arg)
{
	on_signal(SIGUSR1, 0);
	return status_of(mbx_serve(*(int *)arg, echo, NULL, NULL));
}

TEST_F(serve, ends_with_a_signal_while_it_waits)
{
	pid_t child = spawn(serve_in_child, &self->fd);

	EXPECT_EQ(3, mbx_call(self->fd, "one", 3, self->text, TEXT_SIZE));
	ASSERT_SOON(mailbox_stat(self->fd).waiting_receivers == 1);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
}

static volatile sig_atomic_t signals;

static void count_signal(int sig)
{
	signals++;
}

/* Tells how many signals there were. */
static ssize_t tell_signals(const struct mbx_message *message,
			    const void *payload, void *reply, size_t capacity,
			    void *arg)
{
	return signals;
}

static int serve_with_restart(void *arg)
{
	struct sigaction action = { .sa_handler = count_signal,
				    .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	return status_of(mbx_serve(*(int *)arg, tell_signals, NULL, NULL));
}

TEST_F(serve, goes_on_after_a_signal_that_restarts)
{
	pid_t child = spawn(serve_with_restart, &self->fd);

	EXPECT_EQ(0, mbx_call(self->fd, "", 0, self->text, TEXT_SIZE));
	ASSERT_SOON(mailbox_stat(self->fd).waiting_receivers == 1);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_SOON(mbx_call(self->fd, "", 0, self->text, TEXT_SIZE) == 1);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

static int serve_until_stopped_or_interrupted(void *arg)
{
	const struct mbx_serve_opts *opts;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return errno;
	opts = MBX_SERVE_OPTS(.flags = MBX_SERVE_STOP_FD, .stop_fd = fds[0]);
	on_signal(SIGUSR1, SA_RESTART);
	return status_of(mbx_serve(*(int *)arg, echo, NULL, opts));
}

TEST_F(serve, ends_with_any_signal_when_it_can_be_stopped)
{
	pid_t child = spawn(serve_until_stopped_or_interrupted, &self->fd);

	EXPECT_EQ(3, mbx_call(self->fd, "one", 3, self->text, TEXT_SIZE));
	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
}

TEST_F(serve, does_not_wait_when_it_is_not_to)
{
	ASSERT_EQ(0, mbx_send(self->fd, "note", 4));
	ASSERT_EQ(0, set_nonblock(self->fd));
	EXPECT_EQ(-EAGAIN, mbx_serve(self->fd, echo, NULL, NULL));
	EXPECT_EQ(0, mailbox_stat(self->fd).msgs);
}

/* Owns a mailbox until somebody waits for messages in it. */
static int own_for_a_while(void *name)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.lifetime = MBX_LIFE_OWNER);
	int fd = mbx_mailbox_open(name, CREATE, opts);

	if (fd < 0)
		return -fd;
	return wait_until(mailbox_stat(fd).waiting_receivers == 1) ? 0 : ETIME;
}

TEST(serving_ends_with_the_owner_of_the_mailbox)
{
	char name[NAME_SIZE];
	pid_t owner;
	int fd;

	unique_name(name, "owned");
	owner = spawn(own_for_a_while, name);
	ASSERT_SOON((fd = mbx_open(name, MBX_READ)) >= 0);
	EXPECT_EQ(-EOWNERDEAD, mbx_serve(fd, echo, NULL, NULL));
	EXPECT_EQ(0, reap(owner));
	close(fd);
}

TEST(serving_ends_with_the_process_of_the_mailbox)
{
	int own = mbx_direct_bind(RDWR, NULL);
	int other = mbx_direct_open(getpid(), RDWR, NULL);
	struct server server;
	char text[TEXT_SIZE];

	ASSERT_EQ(0, server_start(&server, other, echo, NULL));
	EXPECT_EQ(0, mbx_call(own, "", 0, text, TEXT_SIZE));
	ASSERT_EQ(0, close(own));
	EXPECT_EQ(-ESRCH, server_end(&server));
	close(other);
}

TEST_F(serve, needs_a_mailbox_to_receive_from)
{
	int stranger = open_stranger();
	int writer = mbx_open(NULL, MBX_CREATE | MBX_WRITE);

	EXPECT_EQ(-EBADF, mbx_serve(-1, echo, NULL, NULL));
	EXPECT_EQ(-EBADF, mbx_serve(writer, echo, NULL, NULL));
	EXPECT_EQ(-ENOTTY, mbx_serve(stranger, echo, NULL, NULL));
	close(writer);
	close(stranger);
}

TEST_F(serve, refuses_malformed_options)
{
	EXPECT_EQ(-EINVAL,
		  mbx_serve(self->fd, echo, NULL, MBX_SERVE_OPTS(.flags = 2)));
	EXPECT_EQ(-EINVAL, mbx_serve(self->fd, echo, NULL,
				     MBX_SERVE_OPTS(.stop_fd = 1)));
	EXPECT_EQ(-EINVAL,
		  mbx_serve(self->fd, echo, NULL,
			    MBX_SERVE_OPTS(.reply_capacity =
						   MBX_MSG_SIZE_MAX + 1)));
}

/* --- many at once --- */

static void *ask_much(void *arg)
{
	uint64_t number, reply;
	ssize_t ret;

	for (number = 0; number < CALLS; number++) {
		ret = mbx_call(*(int *)arg, &number, sizeof(number), &reply,
			       sizeof(reply));
		if (ret != sizeof(reply) || reply != number)
			return (void *)1;
	}
	return NULL;
}

TEST_F(serve, shares_the_descriptor_with_other_threads)
{
	struct server servers[SERVERS];
	pthread_t callers[CALLERS];
	void *result;
	int i;

	for (i = 0; i < SERVERS; i++)
		ASSERT_EQ(0, server_start(&servers[i], self->fd, echo, NULL));
	for (i = 0; i < CALLERS; i++)
		ASSERT_EQ(0, pthread_create(&callers[i], NULL, ask_much,
					    &self->fd));
	for (i = 0; i < CALLERS; i++) {
		pthread_join(callers[i], &result);
		EXPECT_EQ(NULL, result);
	}
	for (i = 0; i < SERVERS; i++)
		EXPECT_EQ(0, server_stop(&servers[i]));
	EXPECT_EQ(CALLERS * CALLS, mailbox_stat(self->fd).received);
}

TEST_HARNESS_MAIN
