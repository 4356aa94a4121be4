// SPDX-License-Identifier: GPL-2.0-only
/* Waiting until a process has bound its mailbox. */
#include "call.h"

/* A process that binds its mailbox when it is told to. */
FIXTURE(late)
{
	pid_t target;
	struct gate go;
};

static int bind_when_told(void *arg)
{
	struct gate *go = arg;
	int fd;

	if (!gate_wait(go))
		return EXIT_FAILURE;
	fd = bind_direct(0);
	return fd < 0 ? -fd : sleep_forever(NULL);
}

FIXTURE_SETUP(late)
{
	ASSERT_LE(0, device());
	ASSERT_EQ(0, gate_init(&self->go));
	self->target = spawn(bind_when_told, &self->go);
}

FIXTURE_TEARDOWN(late)
{
	kill_and_reap(self->target);
}

struct waiting {
	int whom;
	__u32 flags;
	__u64 deadline_ns;
	int sa_flags;
};

static void on_signal(int sig)
{
}

static int wait_child(void *arg)
{
	struct waiting *w = arg;
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = w->sa_flags };
	int fd;

	sigaction(SIGUSR1, &action, NULL);
	fd = open_direct(MBX_WRITE | MBX_WAIT_BOUND | w->flags, w->whom,
			 .deadline_ns = w->deadline_ns);
	return fd < 0 ? -fd : send_text(fd, "hello") != 1;
}

TEST_F(late, binding_ends_the_wait)
{
	struct waiting w = { .whom = self->target };
	pid_t child = spawn(wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	gate_open(&self->go);
	EXPECT_EQ(0, reap(child));
}

TEST_F(late, binding_ends_the_wait_for_a_pidfd)
{
	struct waiting w = { .whom = open_pidfd(self->target, 0),
			     .flags = MBX_PIDFD };
	pid_t child = spawn(wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	gate_open(&self->go);
	EXPECT_EQ(0, reap(child));
}

TEST_F(late, binding_before_the_deadline_ends_the_wait)
{
	struct waiting w = { .whom = self->target,
			     .deadline_ns = now_ns() + 60 * NSEC_PER_SEC };
	pid_t child = spawn(wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	gate_open(&self->go);
	EXPECT_EQ(0, reap(child));
}

TEST_F(late, binding_that_is_there_is_not_waited_for)
{
	int fd;

	gate_open(&self->go);
	fd = open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->target);
	ASSERT_LE(0, fd);
	EXPECT_LE(0, open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->target));
	EXPECT_LE(0, open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->target,
				 .deadline_ns = 1));
	EXPECT_LE(0, open_direct(MBX_WRITE, self->target));
}

#define WAITERS 12

TEST_F(late, all_who_wait_are_told)
{
	struct waiting w = { .whom = self->target };
	pid_t children[WAITERS];
	int i;

	for (i = 0; i < WAITERS; i++)
		children[i] = spawn(wait_child, &w);
	for (i = 0; i < WAITERS; i++)
		ASSERT_SOON(is_asleep(children[i]));
	gate_open(&self->go);
	for (i = 0; i < WAITERS; i++)
		EXPECT_EQ(0, reap(children[i]));
}

/* More processes than the module has queues: some share one with the target. */
TEST_F(late, binding_of_others_does_not_matter)
{
	struct waiting w = { .whom = self->target };
	pid_t child = spawn(wait_child, &w), others[40];
	size_t i;

	ASSERT_SOON(is_asleep(child));
	for (i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = spawn_bound(sleep_forever);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(others[i]));
	EXPECT_EQ(0, waitpid(child, NULL, WNOHANG));
	gate_open(&self->go);
	EXPECT_EQ(0, reap(child));
}

TEST_F(late, death_of_the_process_ends_the_wait)
{
	struct waiting w = { .whom = self->target };
	pid_t child = spawn(wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->target));
	EXPECT_EQ(ESRCH, reap(child));
}

/* A zombie will not bind any more. */
TEST_F(late, death_that_nobody_reaps_ends_the_wait)
{
	struct waiting w = { .whom = open_pidfd(self->target, 0),
			     .flags = MBX_PIDFD };
	pid_t child = spawn(wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(0, kill(self->target, SIGKILL));
	EXPECT_EQ(ESRCH, reap(child));
}

TEST_F(late, deadline_ends_the_wait)
{
	__u64 deadline = SOON;

	EXPECT_EQ(-ETIMEDOUT,
		  open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->target,
			      .deadline_ns = deadline));
	EXPECT_LE(deadline, now_ns());
	EXPECT_EQ(-ETIMEDOUT, open_direct(MBX_WRITE | MBX_WAIT_BOUND,
					  self->target, .deadline_ns = 1));
}

TEST_F(late, deadline_ends_the_wait_for_oneself)
{
	EXPECT_EQ(-ETIMEDOUT, open_direct(MBX_WRITE | MBX_WAIT_BOUND, getpid(),
					  .deadline_ns = SOON));
}

static void *bind_thread(void *arg)
{
	*(int *)arg = bind_direct(0);
	return NULL;
}

TEST_F(late, another_thread_can_end_the_wait_for_oneself)
{
	pthread_t thread;
	int bound, fd;

	ASSERT_EQ(0, pthread_create(&thread, NULL, bind_thread, &bound));
	fd = open_direct(MBX_WRITE | MBX_WAIT_BOUND, getpid());
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_LE(0, fd);
	EXPECT_LE(0, bound);
}

TEST_F(late, signal_ends_the_wait)
{
	struct waiting w = { .whom = self->target };
	pid_t child = spawn(wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
}

TEST_F(late, wait_is_restarted_if_the_handler_says_so)
{
	struct waiting w = { .whom = self->target, .sa_flags = SA_RESTART };
	pid_t child = spawn(wait_child, &w);
	long slept;

	ASSERT_SOON(is_asleep(child));
	slept = times_slept(child);
	ASSERT_EQ(0, kill(child, SIGUSR1));
	ASSERT_SOON(times_slept(child) > slept && is_asleep(child));
	gate_open(&self->go);
	EXPECT_EQ(0, reap(child));
}

TEST_F(late, killed_waiter_is_forgotten)
{
	struct waiting w = { .whom = self->target };
	pid_t child = spawn(wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	gate_open(&self->go);
	EXPECT_LE(0, open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->target));
}

TEST_F(late, mode_is_checked_after_the_wait)
{
	struct waiting w = { .whom = self->target };
	pid_t child = spawn_as(BOB, wait_child, &w);

	ASSERT_SOON(is_asleep(child));
	gate_open(&self->go);
	EXPECT_EQ(EACCES, reap(child));
}

static int rebind_for_ever(void *arg)
{
	int fd;

	while ((fd = bind_direct(MBX_EXCL)) >= 0) {
		sched_yield();
		close(fd);
	}
	return -fd;
}

#define MEETINGS 20

/* Bound, not bound, bound: each wait ends with a mailbox, or the process. */
TEST_F(late, binding_that_comes_and_goes_can_be_waited_for)
{
	pid_t child = spawn(rebind_for_ever, NULL);
	int pidfd = open_pidfd(child, 0), fd, met = 0;

	while ((fd = open_direct(MBX_WRITE | MBX_PIDFD | MBX_WAIT_BOUND,
				 pidfd)) >= 0) {
		close(fd);
		if (++met == MEETINGS)
			kill(child, SIGKILL);
	}
	EXPECT_EQ(-ESRCH, fd);
	EXPECT_LE(MEETINGS, met);
	EXPECT_EQ(KILLED_BY(SIGKILL), reap(child));
}

TEST_F(late, kernel_thread_never_binds)
{
	char comm[16] = "";

	if (read_file("/proc/2/comm", comm, sizeof(comm)) ||
	    strcmp(comm, "kthreadd\n"))
		SKIP(return, "process 2 is no kernel thread here");
	EXPECT_EQ(-ETIMEDOUT, open_direct(MBX_WRITE | MBX_WAIT_BOUND, 2,
					  .deadline_ns = SOON));
}

TEST_HARNESS_MAIN
