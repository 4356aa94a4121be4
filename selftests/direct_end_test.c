// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a process is the end of its mailbox
 *
 * Also when a copy of the descriptor lives on elsewhere: the process here has
 * passed one to the test before it goes on.
 */
#include "call.h"

#include <limits.h>

struct giver {
	int sock;
	int (*then)(int fd);
};

static int sleep_with(int fd)
{
	return sleep_forever(NULL);
}

static int give_and_go_on(void *arg)
{
	struct giver *giver = arg;
	int fd = bind_direct(0, .max_msgs = 1);

	if (fd < 0 || pass_fd(giver->sock, fd) != 1)
		return EXIT_FAILURE;
	return giver->then(fd);
}

FIXTURE(dying)
{
	pid_t pid;
	int pidfd;
	int leaked; /* the descriptor that binds */
	int to; /* another open file */
	struct caller caller;
	struct letter letter;
};

FIXTURE_SETUP(dying)
{
	struct giver giver = { .then = sleep_with };
	int pair[2];

	ASSERT_LE(0, device());
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	giver.sock = pair[1];
	self->pid = spawn(give_and_go_on, &giver);
	self->leaked = receive_fd(pair[0]);
	self->pidfd = open_pidfd(self->pid, 0);
	self->to = open_direct(RDWR, self->pid);
	ASSERT_LE(0, self->leaked);
	ASSERT_LE(0, self->pidfd);
	ASSERT_LE(0, self->to);
}

FIXTURE_TEARDOWN(dying)
{
	kill_and_reap(self->pid);
}

TEST_F(dying, others_are_told)
{
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	EXPECT_EQ(POLLHUP, poll_wait(self->to, 0));
	EXPECT_EQ(-ESRCH, send_text(self->to, "late"));
	EXPECT_EQ(-ESRCH, send_waiting(self->to, "late"));
	EXPECT_EQ(-ESRCH, take(self->to, &self->letter));
	EXPECT_EQ(-ESRCH, ask(self->to, "late", &self->letter));
	EXPECT_EQ(MBX_STATE_DIRECT | MBX_STATE_DEAD, stat_of(self->to).state);
}

TEST_F(dying, holder_of_the_descriptor_is_told)
{
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	EXPECT_EQ(POLLHUP, poll_wait(self->leaked, 0));
	EXPECT_EQ(-ESRCH, take(self->leaked, &self->letter));
	EXPECT_EQ(-ESRCH, send_text(self->leaked, "late"));
	EXPECT_EQ(0, close(self->leaked));
	EXPECT_EQ(-ESRCH, send_text(self->to, "late"));
}

TEST_F(dying, messages_can_be_received_from_what_is_left)
{
	ASSERT_EQ(1, send_text(self->to, "one"));
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	ASSERT_EQ(POLLHUP, poll_wait(self->to, 0));
	EXPECT_STREQ("one", next_text(self->leaked));
	EXPECT_STREQ("ESRCH", next_text(self->leaked));
}

TEST_F(dying, process_cannot_be_opened_as_a_zombie)
{
	ASSERT_EQ(0, kill(self->pid, SIGKILL));
	ASSERT_EQ(0, wait_for_zombie(self->pid));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, self->pid));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_PIDFD, self->pidfd));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->pid));
}

TEST_F(dying, process_cannot_be_opened_after_it)
{
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, self->pid));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_PIDFD, self->pidfd));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_PIDFD | MBX_WAIT_BOUND,
				      self->pidfd));
}

struct blocked {
	pthread_t thread;
	int fd;
	int result;
};

static void *receive_thread(void *arg)
{
	struct blocked *b = arg;
	struct letter letter;

	b->result = take(b->fd, &letter);
	return NULL;
}

static void *send_thread(void *arg)
{
	struct blocked *b = arg;

	b->result = send_waiting(b->fd, "blocked");
	return NULL;
}

TEST_F(dying, blocked_receivers_are_told)
{
	struct blocked one = { .fd = self->leaked }, two = { .fd = self->to };

	ASSERT_EQ(0, pthread_create(&one.thread, NULL, receive_thread, &one));
	ASSERT_EQ(0, pthread_create(&two.thread, NULL, receive_thread, &two));
	ASSERT_SOON(stat_of(self->to).waiting_receivers == 2);
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	ASSERT_EQ(0, pthread_join(one.thread, NULL));
	ASSERT_EQ(0, pthread_join(two.thread, NULL));
	EXPECT_EQ(-ESRCH, one.result);
	EXPECT_EQ(-ESRCH, two.result);
}

TEST_F(dying, blocked_sender_is_told)
{
	struct blocked b = { .fd = self->to };

	ASSERT_EQ(1, send_text(self->to, "full"));
	ASSERT_EQ(0, pthread_create(&b.thread, NULL, send_thread, &b));
	ASSERT_SOON(stat_of(self->to).waiting_senders == 1);
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	ASSERT_EQ(0, pthread_join(b.thread, NULL));
	EXPECT_EQ(-ESRCH, b.result);
}

TEST_F(dying, caller_whose_request_is_queued_is_told)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->to, "question"));
	ASSERT_TRUE(calls_wait(self->to, 1));
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	EXPECT_EQ(-ESRCH, caller_end(&self->caller));
	EXPECT_EQ(1, stat_of(self->to).withdrawn);
	EXPECT_EQ(0, stat_of(self->to).msgs);
	EXPECT_TRUE(counters_add_up(self->to));
}

TEST_F(dying, caller_whose_request_was_received_is_told)
{
	ASSERT_EQ(0, caller_start(&self->caller, self->to, "question"));
	ASSERT_EQ(1, take(self->leaked, &self->letter));
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	EXPECT_EQ(-ECONNRESET, caller_end(&self->caller));
	EXPECT_EQ(-ESRCH,
		  reply_text(self->leaked, self->letter.msg.token, "late"));
}

TEST_F(dying, nothing_is_left)
{
	struct mbx_info before = info(), after;

	ASSERT_EQ(1, send_text(self->to, "message"));
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->pid));
	ASSERT_EQ(0, close(self->leaked));
	ASSERT_EQ(0, close(self->to));
	after = info();
	EXPECT_EQ(before.used_objects - 1, after.used_objects);
	EXPECT_EQ(before.used_msg_bytes, after.used_msg_bytes);
}

/* Ends of other kinds. */
FIXTURE(ending)
{
	struct giver giver;
	int sock;
	struct letter letter;
};

FIXTURE_SETUP(ending)
{
	int pair[2];

	ASSERT_LE(0, device());
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	self->sock = pair[0];
	self->giver.sock = pair[1];
}

FIXTURE_TEARDOWN(ending)
{
	close(self->sock);
}

/* A child that goes on like this; another open file of its mailbox is @to. */
static pid_t spawn_ending(FIXTURE_DATA(ending) * self, int (*then)(int fd),
			  int *to)
{
	pid_t pid;

	self->giver.then = then;
	pid = spawn(give_and_go_on, &self->giver);
	*to = open_direct(RDWR | MBX_WAIT_BOUND, pid);
	close(receive_fd(self->sock));
	return pid;
}

/* However soon: the end is not over when somebody has got round to it. */
TEST_F(ending, process_cannot_be_opened_at_once_after_its_end)
{
	int i, to, pidfd, leaked, times = amount(NULL, 200);
	pid_t pid;

	for (i = 0; i < times; i++) {
		self->giver.then = sleep_with;
		pid = spawn(give_and_go_on, &self->giver);
		pidfd = open_pidfd(pid, 0);
		leaked = receive_fd(self->sock);
		to = open_direct(RDWR, pid);
		ASSERT_LE(0, to);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(0, wait_for_zombie(pid));
		ASSERT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_PIDFD, pidfd));
		ASSERT_EQ(-ESRCH, send_text(to, "late"));
		ASSERT_EQ(KILLED_BY(SIGKILL), reap(pid));
		close(pidfd);
		close(leaked);
		close(to);
	}
}

static int wait_for_message(int fd)
{
	struct letter letter;

	return take(fd, &letter) == 1 ? 0 : EXIT_FAILURE;
}

TEST_F(ending, process_that_exits_is_told)
{
	int to;
	pid_t pid = spawn_ending(self, wait_for_message, &to);

	ASSERT_EQ(1, send_text(to, "exit"));
	ASSERT_EQ(0, reap(pid));
	EXPECT_EQ(POLLHUP, poll_now(to, 0));
	EXPECT_EQ(-ESRCH, send_text(to, "late"));
}

/* The child of the process keeps the descriptor, and outlives it. */
static int fork_and_sleep(int fd)
{
	pid_t child = fork();
	struct letter letter;

	if (child)
		return child < 0 ? EXIT_FAILURE : sleep_forever(NULL);
	_exit(take(fd, &letter) == -ESRCH ? 0 : EXIT_FAILURE);
}

TEST_F(ending, child_with_the_descriptor_is_told)
{
	int to, status;
	pid_t pid, orphan;

	/* The orphan is the test's then. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = spawn_ending(self, fork_and_sleep, &to);
	ASSERT_SOON(stat_of(to).waiting_receivers == 1);
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(pid));
	orphan = wait(&status);
	ASSERT_LT(0, orphan);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	EXPECT_EQ(POLLHUP, poll_now(to, 0));
	EXPECT_EQ(-ESRCH, send_text(to, "late"));
}

static void *serve_thread(void *arg)
{
	serve_child(arg);
	return NULL;
}

static int leave_to_a_thread(int fd)
{
	static int served;
	pthread_t thread;

	served = fd;
	if (pthread_create(&thread, NULL, serve_thread, &served))
		return EXIT_FAILURE;
	/* Not from exit(): the thread goes on. */
	syscall(SYS_exit, 0);
	return 0;
}

static bool is_zombie(pid_t pid)
{
	char path[64], line[512], *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, line, sizeof(line)))
		return false;
	state = strrchr(line, ')');
	return state && state[2] == 'Z';
}

TEST_F(ending, process_lives_as_long_as_a_thread_of_it)
{
	int to, again;
	pid_t pid = spawn_ending(self, leave_to_a_thread, &to);

	ASSERT_SOON(is_zombie(pid));
	EXPECT_EQ(0, ask(to, "alive?", &self->letter));
	again = open_direct(MBX_WRITE, pid);
	ASSERT_LE(0, again);
	EXPECT_EQ(0, ask(again, "alive?", &self->letter));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(pid));
	EXPECT_EQ(-ESRCH, ask(to, "alive?", &self->letter));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, pid));
}

/* Other programs. */
static int exec_another(int fd)
{
	execl("/bin/sleep", "sleep", "1000", NULL);
	return errno;
}

TEST_F(ending, exec_drops_the_binding)
{
	int to;
	pid_t pid = spawn_ending(self, exec_another, &to);

	EXPECT_EQ(POLLHUP, poll_wait(to, 0));
	EXPECT_EQ(-ESRCH, send_text(to, "late"));
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, pid));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(pid));
}

static bool runs_sleep(pid_t pid)
{
	char path[64], comm[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	return !read_file(path, comm, sizeof(comm)) && !strcmp(comm, "sleep\n");
}

static int exec_with_descriptor(int fd)
{
	fcntl(fd, F_SETFD, 0);
	return exec_another(fd);
}

TEST_F(ending, exec_keeps_a_binding_that_is_not_close_on_exec)
{
	int to;
	pid_t pid = spawn_ending(self, exec_with_descriptor, &to);

	ASSERT_SOON(runs_sleep(pid));
	EXPECT_EQ(1, send_text(to, "hello"));
	EXPECT_LE(0, open_direct(MBX_WRITE, pid));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(pid));
	EXPECT_EQ(POLLHUP, poll_wait(to, 0));
	EXPECT_EQ(-ESRCH, send_text(to, "late"));
}

static void *exec_thread(void *arg)
{
	_exit(exec_with_descriptor(*(int *)arg));
	return NULL;
}

static int exec_in_thread(int fd)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_thread, &fd))
		return EXIT_FAILURE;
	return sleep_forever(NULL);
}

/* The thread becomes the process; it takes over its number. */
TEST_F(ending, exec_by_a_thread_keeps_the_binding)
{
	int to;
	pid_t pid = spawn_ending(self, exec_in_thread, &to);

	ASSERT_SOON(runs_sleep(pid));
	EXPECT_EQ(1, send_text(to, "hello"));
	EXPECT_LE(0, open_direct(MBX_WRITE, pid));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(pid));
	EXPECT_EQ(-ESRCH, send_text(to, "late"));
}

TEST_HARNESS_MAIN
