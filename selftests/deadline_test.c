// SPDX-License-Identifier: GPL-2.0-only
/* Deadlines and signals: how calls that wait end without what they wait for. */
#include "blocked.h"
#include "region.h"

#include <sys/time.h>

/* Long enough for signals to come in between, short enough to wait for. */
#define A_WHILE (200 * NSEC_PER_MSEC)

/* The calls that wait; the same rules hold for each. */
enum waiting_call {
	RECEIVE,
	SEND,
	PEEK,
	WAIT,
};

FIXTURE(deadline)
{
	int fd;
};

FIXTURE_VARIANT(deadline)
{
	enum waiting_call which;
};

FIXTURE_VARIANT_ADD(deadline, receive){
	.which = RECEIVE,
};

FIXTURE_VARIANT_ADD(deadline, send){
	.which = SEND,
};

FIXTURE_VARIANT_ADD(deadline, peek){
	.which = PEEK,
};

FIXTURE_VARIANT_ADD(deadline, region_wait){
	.which = WAIT,
};

FIXTURE_SETUP(deadline)
{
	if (variant->which == WAIT)
		self->fd = open_region(NULL, CREATE, .bytes = 1);
	else
		self->fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	ASSERT_LE(0, self->fd);
	if (variant->which == SEND)
		ASSERT_EQ(1, send_text(self->fd, "full"));
}

FIXTURE_TEARDOWN(deadline)
{
	close(self->fd);
}

struct attempt {
	enum waiting_call which;
	int fd;
	__u64 deadline_ns;
	int sa_flags; /* for the signal handler */
};

/* What the call returns when it has to wait. */
static int do_call(const struct attempt *a)
{
	struct mbx_message msg = { .len = 0 };
	struct mbx_slot slot = { 0 };

	switch (a->which) {
	case RECEIVE:
		return recv_array(a->fd, &msg, 1,
				  .deadline_ns = a->deadline_ns);
	case SEND:
		return send_array(a->fd, &msg, 1,
				  .deadline_ns = a->deadline_ns);
	case PEEK:
		return recv_array(a->fd, &msg, 1, .flags = MBX_RECV_PEEK,
				  .deadline_ns = a->deadline_ns);
	default:
		return wait_slots(a->fd, &slot, 1,
				  .deadline_ns = a->deadline_ns);
	}
}

static int do_call_nonblock(const struct attempt *a)
{
	struct mbx_message msg = { .len = 0 };
	struct mbx_slot slot = { 0 };

	switch (a->which) {
	case RECEIVE:
		return recv_array(a->fd, &msg, 1, .flags = MBX_RECV_NONBLOCK,
				  .deadline_ns = a->deadline_ns);
	case SEND:
		return send_array(a->fd, &msg, 1, .flags = MBX_SEND_NONBLOCK,
				  .deadline_ns = a->deadline_ns);
	case PEEK:
		return recv_array(a->fd, &msg, 1,
				  .flags = MBX_RECV_PEEK | MBX_RECV_NONBLOCK,
				  .deadline_ns = a->deadline_ns);
	default:
		return wait_slots(a->fd, &slot, 1, .flags = MBX_WAIT_NONBLOCK,
				  .deadline_ns = a->deadline_ns);
	}
}

/* What the call waits for. */
static int fulfil(const struct attempt *a)
{
	char buffer[10];
	struct mbx_message msg = { .data = (uintptr_t)buffer,
				   .capacity = sizeof(buffer) };

	switch (a->which) {
	case RECEIVE:
	case PEEK:
		return send_array(a->fd, &msg, 1, .flags = MBX_SEND_NONBLOCK);
	case SEND:
		return recv_array(a->fd, &msg, 1, .flags = MBX_RECV_NONBLOCK);
	default:
		return announce(a->fd, map_seq(a->fd), 0);
	}
}

static __u32 waiting(const struct attempt *a)
{
	if (a->which == WAIT)
		return region_stat(a->fd).waiters;
	return a->which == SEND ? stat_of(a->fd).waiting_senders :
				  stat_of(a->fd).waiting_receivers;
}

#define ATTEMPT                                         \
	{                                               \
		.which = variant->which, .fd = self->fd \
	}

TEST_F(deadline, in_the_past_ends_at_once)
{
	struct attempt a = ATTEMPT;

	a.deadline_ns = 1;
	EXPECT_EQ(-ETIMEDOUT, do_call(&a));
	a.deadline_ns = now_ns();
	EXPECT_EQ(-ETIMEDOUT, do_call(&a));
	EXPECT_EQ(0, waiting(&a));
}

TEST_F(deadline, in_the_past_does_not_stop_a_call_that_need_not_wait)
{
	struct attempt a = ATTEMPT;

	a.deadline_ns = 1;
	ASSERT_LE(0, fulfil(&a));
	EXPECT_EQ(1, do_call(&a));
}

TEST_F(deadline, is_waited_for)
{
	struct attempt a = ATTEMPT;

	a.deadline_ns = now_ns() + A_WHILE;
	EXPECT_EQ(-ETIMEDOUT, do_call(&a));
	EXPECT_LE(a.deadline_ns, now_ns());
	EXPECT_GT(a.deadline_ns + PATIENCE_NS, now_ns());
	EXPECT_EQ(0, waiting(&a));
}

TEST_F(deadline, leaves_nothing_behind)
{
	struct attempt a = ATTEMPT;

	a.deadline_ns = now_ns() + NSEC_PER_MSEC;
	ASSERT_EQ(-ETIMEDOUT, do_call(&a));
	a.deadline_ns = 0;
	ASSERT_LE(0, fulfil(&a));
	EXPECT_EQ(1, do_call(&a));
}

TEST_F(deadline, beyond_the_clock_is_refused)
{
	struct attempt a = ATTEMPT;

	a.deadline_ns = ~0ULL;
	EXPECT_EQ(-EINVAL, do_call(&a));
	a.deadline_ns = 1ULL << 63;
	EXPECT_EQ(-EINVAL, do_call(&a));
}

TEST_F(deadline, at_the_end_of_the_clock_is_accepted)
{
	struct attempt a = ATTEMPT;

	a.deadline_ns = (1ULL << 63) - 1;
	ASSERT_LE(0, fulfil(&a));
	EXPECT_EQ(1, do_call(&a));
}

static int call_child(void *arg)
{
	return status_of(do_call(arg));
}

TEST_F(deadline, at_the_end_of_the_clock_is_far_away)
{
	struct attempt a = ATTEMPT;
	pid_t child;

	a.deadline_ns = (1ULL << 63) - 1;
	child = spawn(call_child, &a);
	ASSERT_SOON(waiting(&a) == 1);
	ASSERT_LE(0, fulfil(&a));
	EXPECT_EQ(0, reap(child));
}

TEST_F(deadline, counts_for_nothing_when_not_waiting)
{
	struct attempt a = ATTEMPT;

	a.deadline_ns = now_ns() + 60 * NSEC_PER_SEC;
	EXPECT_EQ(-EAGAIN, do_call_nonblock(&a));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, do_call(&a));
}

/* Signals. */
static void on_signal(int sig)
{
}

static int call_with_handler(void *arg)
{
	struct attempt *a = arg;
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = a->sa_flags };

	sigaction(SIGUSR1, &action, NULL);
	return status_of(do_call(a));
}

TEST_F(deadline, signal_ends_the_call)
{
	struct attempt a = ATTEMPT;
	pid_t child = spawn(call_with_handler, &a);

	ASSERT_SOON(waiting(&a) == 1);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
	EXPECT_EQ(0, waiting(&a));
}

TEST_F(deadline, signal_ends_the_call_before_its_deadline)
{
	struct attempt a = ATTEMPT;
	pid_t child;

	a.deadline_ns = now_ns() + 60 * NSEC_PER_SEC;
	child = spawn(call_with_handler, &a);
	ASSERT_SOON(waiting(&a) == 1);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
}

TEST_F(deadline, call_is_restarted_if_the_handler_says_so)
{
	struct attempt a = ATTEMPT;
	pid_t child;
	long slept;

	a.sa_flags = SA_RESTART;
	child = spawn(call_with_handler, &a);
	ASSERT_SOON(waiting(&a) == 1);
	slept = times_slept(child);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	ASSERT_SOON(times_slept(child) > slept && waiting(&a) == 1);
	ASSERT_LE(0, fulfil(&a));
	EXPECT_EQ(0, reap(child));
}

TEST_F(deadline, call_goes_on_after_a_stop)
{
	struct attempt a = ATTEMPT;
	pid_t child = spawn(call_child, &a);
	int status;

	ASSERT_SOON(waiting(&a) == 1);
	ASSERT_EQ(0, kill(child, SIGSTOP));
	ASSERT_EQ(child, waitpid(child, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, kill(child, SIGCONT));
	ASSERT_SOON(waiting(&a) == 1);
	ASSERT_LE(0, fulfil(&a));
	EXPECT_EQ(0, reap(child));
}

static int call_in_a_storm(void *arg)
{
	struct attempt *a = arg;
	struct itimerval storm = { .it_interval.tv_usec = 500,
				   .it_value.tv_usec = 500 };
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_RESTART };
	int status;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &storm, NULL);
	a->deadline_ns = now_ns() + A_WHILE;
	status = status_of(do_call(a));
	if (now_ns() < a->deadline_ns)
		return EXIT_FAILURE;
	/* Restarts that began anew would never have come to an end. */
	return now_ns() > a->deadline_ns + PATIENCE_NS ? EXIT_FAILURE : status;
}

TEST_F(deadline, is_not_stretched_by_a_storm_of_signals)
{
	struct attempt a = ATTEMPT;

	EXPECT_EQ(ETIMEDOUT, run(call_in_a_storm, &a));
	EXPECT_EQ(0, waiting(&a));
}

TEST_F(deadline, signal_that_is_ignored_does_not_matter)
{
	struct attempt a = ATTEMPT;
	pid_t child = spawn(call_child, &a);

	ASSERT_SOON(waiting(&a) == 1);
	/* Ignored by default. */
	ASSERT_EQ(0, kill(child, SIGURG));
	ASSERT_LE(0, fulfil(&a));
	EXPECT_EQ(0, reap(child));
}

TEST_F(deadline, killed_call_is_forgotten)
{
	struct attempt a = ATTEMPT;
	pid_t child = spawn(call_child, &a);

	ASSERT_SOON(waiting(&a) == 1);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(0, waiting(&a));
}

/* A storm of time-outs as near as can be to what is waited for. */
TEST_F(deadline, near_zero_ends_one_way_or_the_other)
{
	struct attempt a = ATTEMPT;
	int i, ret, step = 2000 / amount(NULL, 2000);

	for (i = 0; i < 2000; i += step) {
		a.deadline_ns = now_ns() + i;
		ret = do_call(&a);
		ASSERT_EQ(-ETIMEDOUT, ret);
	}
	EXPECT_EQ(0, waiting(&a));
}

/* read() and write() know no deadlines, but signals. */
FIXTURE(interrupted)
{
	int fd;
};

FIXTURE_SETUP(interrupted)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(interrupted)
{
	close(self->fd);
}

static int read_with_handler(void *arg)
{
	struct sigaction action = { .sa_handler = on_signal };
	char byte;

	sigaction(SIGUSR1, &action, NULL);
	return status_of(result_of(read(*(int *)arg, &byte, 1)));
}

TEST_F(interrupted, read_is_ended)
{
	pid_t child = spawn(read_with_handler, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
}

static int write_with_handler(void *arg)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	return status_of(result_of(write(*(int *)arg, "x", 1)));
}

TEST_F(interrupted, write_is_ended)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "full"));
	child = spawn(write_with_handler, &self->fd);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

TEST_HARNESS_MAIN
