// SPDX-License-Identifier: GPL-2.0-only
/* Signals that meet a call, and callers who wait for each other. */
#include "call.h"

#include <sys/time.h>

FIXTURE(interrupted_call)
{
	char name[NAME_SIZE];
	int server;
	int client;
	struct letter letter;
};

FIXTURE_SETUP(interrupted_call)
{
	unique_name(self->name, "it");
	self->server = open_mailbox(self->name, CREATE,
				    .lifetime = MBX_LIFE_LAST_CLOSE,
				    .max_msgs = 1);
	self->client = open_mailbox(self->name, RDWR);
	ASSERT_LE(0, self->server);
	ASSERT_LE(0, self->client);
}

FIXTURE_TEARDOWN(interrupted_call)
{
	close(self->server);
}

static void on_signal(int sig)
{
}

static void handle(int sig, int sa_flags)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = sa_flags };

	sigaction(sig, &action, NULL);
}

struct attempt {
	int fd;
	int sa_flags;
	__u64 deadline_ns;
};

static int ask_with_handler(void *arg)
{
	struct attempt *a = arg;
	struct letter reply;

	handle(SIGUSR1, a->sa_flags);
	return status_of(
		ask(a->fd, "question", &reply, .deadline_ns = a->deadline_ns));
}

static bool request_queued(int fd)
{
	struct mbx_mailbox_stat st = stat_of(fd);

	return st.calls == 1 && st.msgs == 1;
}

TEST_F(interrupted_call, queued_request_is_withdrawn)
{
	struct attempt a = { .fd = self->client };
	pid_t child = spawn(ask_with_handler, &a);

	ASSERT_SOON(request_queued(self->server));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
	EXPECT_EQ(1, stat_of(self->server).sent);
	EXPECT_EQ(1, stat_of(self->server).withdrawn);
	EXPECT_EQ(0, stat_of(self->server).msgs);
	EXPECT_EQ(0, stat_of(self->server).calls);
}

TEST_F(interrupted_call, queued_request_is_sent_anew_if_the_handler_says_so)
{
	struct attempt a = { .fd = self->client, .sa_flags = SA_RESTART };
	pid_t child = spawn(ask_with_handler, &a);

	ASSERT_SOON(request_queued(self->server));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	ASSERT_SOON(stat_of(self->server).sent == 2);
	EXPECT_EQ(1, stat_of(self->server).withdrawn);
	EXPECT_TRUE(request_queued(self->server));
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_STREQ("EAGAIN", next_text(self->server));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, reap(child));
}

TEST_F(interrupted_call, queued_request_is_sent_anew_after_a_stop)
{
	pid_t child = spawn_caller(self->client);
	int status;

	ASSERT_SOON(request_queued(self->server));
	ASSERT_EQ(0, kill(child, SIGSTOP));
	ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
	ASSERT_EQ(0, kill(child, SIGCONT));
	ASSERT_SOON(request_queued(self->server));
	ASSERT_EQ(1, take_now(self->server, &self->letter));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, reap(child));
}

TEST_F(interrupted_call, request_that_was_received_is_not_sent_again)
{
	struct attempt a = { .fd = self->client, .sa_flags = SA_RESTART };
	pid_t child = spawn(ask_with_handler, &a);

	ASSERT_EQ(1, take(self->server, &self->letter));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
	EXPECT_EQ(1, stat_of(self->server).sent);
	EXPECT_EQ(0, stat_of(self->server).withdrawn);
	EXPECT_EQ(0, stat_of(self->server).calls);
	EXPECT_EQ(-ESRCH, query(self->server, self->letter.msg.token));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->server, self->letter.msg.token, "late"));
	EXPECT_STREQ("EAGAIN", next_text(self->server));
}

TEST_F(interrupted_call, signal_that_is_ignored_does_not_matter)
{
	pid_t child = spawn_caller(self->client);

	ASSERT_EQ(1, take(self->server, &self->letter));
	ASSERT_EQ(0, kill(child, SIGURG));
	EXPECT_EQ(0, query(self->server, self->letter.msg.token));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, reap(child));
}

TEST_F(interrupted_call, waiting_for_room_ends)
{
	struct attempt a = { .fd = self->client };
	pid_t child;

	ASSERT_EQ(1, send_text(self->client, "full"));
	child = spawn(ask_with_handler, &a);
	ASSERT_SOON(stat_of(self->server).waiting_senders == 1);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
	EXPECT_EQ(1, stat_of(self->server).sent);
	EXPECT_EQ(0, stat_of(self->server).withdrawn);
	EXPECT_EQ(0, stat_of(self->server).waiting_senders);
}

TEST_F(interrupted_call, waiting_for_room_is_restarted_if_the_handler_says_so)
{
	struct attempt a = { .fd = self->client, .sa_flags = SA_RESTART };
	pid_t child;
	long slept;

	ASSERT_EQ(1, send_text(self->client, "full"));
	child = spawn(ask_with_handler, &a);
	ASSERT_SOON(stat_of(self->server).waiting_senders == 1);
	slept = times_slept(child);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	ASSERT_SOON(times_slept(child) > slept &&
		    stat_of(self->server).waiting_senders == 1);
	EXPECT_STREQ("full", next_text(self->server));
	ASSERT_EQ(1, take(self->server, &self->letter));
	EXPECT_EQ(0, reply_text(self->server, self->letter.msg.token, ""));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(2, stat_of(self->server).sent);
}

static void start_storm(void)
{
	struct itimerval storm = { .it_interval.tv_usec = 300,
				   .it_value.tv_usec = 300 };

	handle(SIGALRM, SA_RESTART);
	setitimer(ITIMER_REAL, &storm, NULL);
}

static int ask_in_a_storm(void *arg)
{
	struct attempt *a = arg;
	struct letter reply;
	int status;

	start_storm();
	a->deadline_ns = now_ns() + 200 * NSEC_PER_MSEC;
	status = status_of(
		ask(a->fd, "question", &reply, .deadline_ns = a->deadline_ns));
	return now_ns() < a->deadline_ns ? EXIT_FAILURE : status;
}

TEST_F(interrupted_call, storm_of_signals_does_not_stretch_the_deadline)
{
	struct attempt a = { .fd = self->client };

	EXPECT_EQ(ETIMEDOUT, run(ask_in_a_storm, &a));
	EXPECT_EQ(0, stat_of(self->server).msgs);
	EXPECT_EQ(0, stat_of(self->server).calls);
	EXPECT_EQ(1, stat_of(self->server).msgs_high);
	EXPECT_EQ(stat_of(self->server).sent, stat_of(self->server).withdrawn);
}

#define STORM_CALLS 1000

/* Each with its own number; without a reply only if a signal came in between. */
static int ask_much_in_a_storm(void *arg)
{
	struct attempt *a = arg;
	struct mbx_message request = { 0 }, reply;
	int ret;

	start_storm();
	for (request.tag = 1; request.tag <= STORM_CALLS; request.tag++) {
		reply = (struct mbx_message){ 0 };
		ret = call_message(a->fd, &request, &reply);
		if (ret && ret != -EINTR)
			return -ret;
		if (!ret && reply.tag != request.tag)
			return EXIT_FAILURE;
	}
	return send_waiting(a->fd, "end") != 1;
}

static int reply_tag(int fd, const struct mbx_message *request)
{
	struct mbx_message msg = { .tag = request->tag };

	return do_reply(fd, (struct mbx_reply){ .token = request->token,
						.message = (uintptr_t)&msg });
}

TEST_F(interrupted_call, storm_of_signals_lets_each_request_be_received_once)
{
	struct attempt a = { .fd = self->client };
	pid_t child = spawn(ask_much_in_a_storm, &a);
	__u64 tag = 0;
	int ret;

	for (;;) {
		ASSERT_EQ(1, take(self->server, &self->letter));
		if (!self->letter.msg.token)
			break;
		ASSERT_EQ(++tag, self->letter.msg.tag);
		ret = reply_tag(self->server, &self->letter.msg);
		ASSERT_TRUE(!ret || ret == -ESRCH);
	}
	EXPECT_EQ(STORM_CALLS, tag);
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, stat_of(self->server).calls);
	EXPECT_TRUE(counters_add_up(self->server));
}

/* Replying and receiving in one call. */
static int serve_with_handler(void *arg)
{
	struct attempt *a = arg;

	handle(SIGUSR1, a->sa_flags);
	return serve_child(&a->fd);
}

TEST_F(interrupted_call, server_that_is_restarted_does_not_reply_again)
{
	struct attempt a = { .fd = self->server, .sa_flags = SA_RESTART };
	pid_t child = spawn(serve_with_handler, &a);
	long slept;

	ASSERT_EQ(0, ask(self->client, "one", &self->letter));
	ASSERT_SOON(stat_of(self->server).waiting_receivers == 1);
	slept = times_slept(child);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	ASSERT_SOON(times_slept(child) > slept &&
		    stat_of(self->server).waiting_receivers == 1);
	/* A second use of the token would have ended the server. */
	ASSERT_EQ(0, ask(self->client, "two", &self->letter,
			 .deadline_ns = IN_PATIENCE));
	EXPECT_STREQ("two", self->letter.text);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

static int reply_and_be_interrupted(void *arg)
{
	struct letter letter;
	__u64 token;
	int ret;

	handle(SIGUSR1, 0);
	if (take(*(int *)arg, &letter) != 1)
		return EXIT_FAILURE;
	token = letter.msg.token;
	ret = reply_and_take(*(int *)arg, &token, "answer", &letter);
	return token ? EXIT_FAILURE : status_of(ret);
}

TEST_F(interrupted_call, server_that_is_interrupted_has_replied)
{
	pid_t child = spawn(reply_and_be_interrupted, &self->server);

	ASSERT_EQ(0, ask(self->client, "question", &self->letter));
	EXPECT_STREQ("answer", self->letter.text);
	ASSERT_SOON(stat_of(self->server).waiting_receivers == 1);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
}

/* Who waits for each other waits until a deadline or a signal. */
FIXTURE(cycle)
{
	int fds[2];
};

FIXTURE_SETUP(cycle)
{
	self->fds[0] = open_mailbox(NULL, CREATE);
	self->fds[1] = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fds[0]);
	ASSERT_LE(0, self->fds[1]);
}

FIXTURE_TEARDOWN(cycle)
{
	close(self->fds[0]);
	close(self->fds[1]);
}

TEST_F(cycle, of_one_ends_at_the_deadline)
{
	struct letter reply;

	EXPECT_EQ(-ETIMEDOUT,
		  ask(self->fds[0], "myself", &reply, .deadline_ns = SOON));
	EXPECT_EQ(0, stat_of(self->fds[0]).calls);
}

static void *take_and_ask(void *arg)
{
	struct caller *c = arg;
	struct letter letter;

	/* Serves the other mailbox, and first asks this one. */
	if (take(c->args.reserved, &letter) != 1)
		return NULL;
	c->args.reserved = 0;
	return caller_thread(c);
}

TEST_F(cycle, ends_for_who_has_a_deadline)
{
	struct caller first, second;
	struct letter letter;

	/* The first asks 0, whose server asks 1, whose server would be the first. */
	second = (struct caller){ .fd = self->fds[1] };
	second.args.reserved = self->fds[0];
	second.args.deadline_ns = LATER;
	ASSERT_EQ(0,
		  pthread_create(&second.thread, NULL, take_and_ask, &second));
	ASSERT_EQ(0, caller_start(&first, self->fds[0], "question"));
	EXPECT_EQ(-ETIMEDOUT, caller_end(&second));
	EXPECT_EQ(1, stat_of(self->fds[1]).withdrawn);
	EXPECT_EQ(1, stat_of(self->fds[0]).calls);
	ASSERT_EQ(0, close(self->fds[0]));
	EXPECT_EQ(-EAGAIN, take_now(self->fds[1], &letter));
}

static int bind_and_ask(void *arg)
{
	struct attempt *a = arg;
	struct letter letter;
	pid_t other;
	int fd;

	handle(SIGUSR1, a->sa_flags);
	if (bind_direct(0) < 0 ||
	    read(a->fd, &other, sizeof(other)) != sizeof(other))
		return EXIT_FAILURE;
	fd = open_direct(RDWR | MBX_WAIT_BOUND, other);
	if (fd < 0)
		return -fd;
	return status_of(
		ask(fd, "question", &letter, .deadline_ns = a->deadline_ns));
}

/* Two processes that call each other; their pipes, and who they are. */
struct pair {
	int pipes[2][2];
	pid_t pids[2];
};

static int start_pair(struct pair *pair, __u64 deadline_ns)
{
	struct attempt a = { .deadline_ns = deadline_ns };
	int i;

	for (i = 0; i < 2; i++) {
		if (pipe2(pair->pipes[i], O_CLOEXEC))
			return -errno;
		a.fd = pair->pipes[i][0];
		pair->pids[i] = spawn(bind_and_ask, &a);
	}
	for (i = 0; i < 2; i++)
		if (write(pair->pipes[i][1], &pair->pids[!i], sizeof(pid_t)) !=
		    sizeof(pid_t))
			return -errno;
	return 0;
}

TEST_F(cycle, of_processes_ends_at_their_deadlines)
{
	struct pair pair;
	int a, b;

	ASSERT_EQ(0, start_pair(&pair, now_ns() + 300 * NSEC_PER_MSEC));
	a = reap(pair.pids[0]);
	b = reap(pair.pids[1]);
	/* Who is the second to leave may find that the first has ended. */
	EXPECT_TRUE(a == ETIMEDOUT || b == ETIMEDOUT);
	EXPECT_TRUE(a == ETIMEDOUT || a == ESRCH);
	EXPECT_TRUE(b == ETIMEDOUT || b == ESRCH);
}

TEST_F(cycle, of_processes_ends_with_a_signal)
{
	struct pair pair;
	int fd;

	ASSERT_EQ(0, start_pair(&pair, 0));
	fd = open_direct(RDWR | MBX_WAIT_BOUND, pair.pids[1]);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(calls_wait(fd, 1));
	ASSERT_EQ(0, kill(pair.pids[0], SIGUSR1));
	EXPECT_EQ(EINTR, reap(pair.pids[0]));
	/* Whom it had called has lost its server. */
	EXPECT_EQ(ESRCH, reap(pair.pids[1]));
}

TEST_HARNESS_MAIN
