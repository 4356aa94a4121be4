// SPDX-License-Identifier: GPL-2.0-only
/* The mailbox that a process binds: one, its own, and as any other mailbox. */
#include "blocked.h"
#include "call.h"

FIXTURE(direct)
{
	int fd; /* binds it */
	int to; /* of another open file */
	struct letter letter;
};

FIXTURE_SETUP(direct)
{
	self->fd = bind_direct(MBX_EXCL, .max_msgs = 4);
	self->to = open_direct(RDWR, getpid());
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->to);
}

FIXTURE_TEARDOWN(direct)
{
	close(self->fd);
}

TEST_F(direct, message_reaches_the_process)
{
	EXPECT_EQ(1, send_text(self->to, "hello"));
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(direct, mailbox_is_described)
{
	struct mbx_mailbox_stat st = stat_of(self->to);

	EXPECT_EQ(MBX_STATE_DIRECT, st.state);
	EXPECT_EQ(MBX_LIFE_OWNER, st.lifetime);
	EXPECT_EQ(MBX_DEFAULT_MODE, st.mode);
	EXPECT_EQ(0, st.uid);
	EXPECT_EQ(0, st.gid);
	EXPECT_EQ(4, st.max_msgs);
	EXPECT_EQ(MBX_OVERFLOW_BLOCK, st.overflow);
}

TEST_F(direct, feature_is_announced)
{
	EXPECT_EQ(MBX_FEATURE_DIRECT, info().features & MBX_FEATURE_DIRECT);
	EXPECT_EQ(MBX_FEATURE_CALL, info().features & MBX_FEATURE_CALL);
}

/* What a named mailbox can do, this one can. */
TEST_F(direct, messages_have_priorities_and_tags)
{
	ASSERT_EQ(1, send_text(self->to, "low", .tag = 1));
	ASSERT_EQ(1, send_text(self->to, "high", .prio = 5));
	EXPECT_STREQ("high", peek_text(self->fd));
	EXPECT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_BY_TAG,
			  .tag = 1));
	EXPECT_STREQ("low", self->letter.text);
	EXPECT_STREQ("high", next_text(self->fd));
}

TEST_F(direct, messages_are_read_and_written)
{
	char text[8] = "";

	EXPECT_EQ(5, write(self->to, "hello", 5));
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
	EXPECT_EQ(5, read(self->fd, text, sizeof(text)));
	EXPECT_STREQ("hello", text);
}

TEST_F(direct, mailbox_can_be_full)
{
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(1, send_text(self->to, "full"));
	EXPECT_EQ(-EAGAIN, send_text(self->to, "more"));
	EXPECT_EQ(0, poll_now(self->to, POLLOUT));
}

TEST_F(direct, mailbox_counts_as_an_object)
{
	__u64 used = info().used_objects;

	ASSERT_EQ(0, close(self->to));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(used - 1, info().used_objects);
	self->fd = bind_direct(0);
	EXPECT_EQ(used, info().used_objects);
}

/* One for each process. */
TEST_F(direct, second_binding_attaches_to_the_first)
{
	int again = bind_direct(0, .max_msgs = 9);

	ASSERT_LE(0, again);
	EXPECT_EQ(4, stat_of(again).max_msgs);
	EXPECT_EQ(1, send_text(again, "hello"));
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(direct, second_binding_is_refused_if_it_has_to_be_the_first)
{
	EXPECT_EQ(-EEXIST, bind_direct(MBX_EXCL));
}

TEST_F(direct, attributes_of_a_second_binding_are_checked)
{
	EXPECT_EQ(-EINVAL, bind_direct(0, .max_msgs = MBX_MSGS_MAX + 1));
	EXPECT_EQ(-EINVAL, bind_direct(0, .overflow = 9));
	EXPECT_EQ(-EINVAL, bind_direct(0, .mode = 01000));
}

TEST_F(direct, closing_a_second_binding_does_not_matter)
{
	ASSERT_EQ(0, close(bind_direct(0)));
	EXPECT_EQ(1, send_text(self->to, "hello"));
	EXPECT_STREQ("hello", next_text(self->fd));
}

static void *bind_thread(void *arg)
{
	*(int *)arg = bind_direct(MBX_EXCL);
	return NULL;
}

static int bind_in_thread(void)
{
	pthread_t thread;
	int ret;

	if (pthread_create(&thread, NULL, bind_thread, &ret) ||
	    pthread_join(thread, NULL))
		return -EAGAIN;
	return ret;
}

TEST_F(direct, threads_share_the_one_of_their_process)
{
	EXPECT_EQ(-EEXIST, bind_in_thread());
}

TEST_F(direct, any_thread_can_bind_it)
{
	int fd, to;

	ASSERT_EQ(0, close(self->fd));
	fd = bind_in_thread();
	ASSERT_LE(0, fd);
	/* The thread has ended, the process has not. */
	to = open_direct(MBX_WRITE, getpid());
	ASSERT_LE(0, to);
	EXPECT_EQ(1, send_text(to, "hello"));
	EXPECT_STREQ("hello", next_text(fd));
	EXPECT_EQ(-EEXIST, bind_direct(MBX_EXCL));
}

/* Its end. */
TEST_F(direct, closing_the_binding_ends_it_for_others)
{
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(POLLHUP, poll_now(self->to, 0));
	EXPECT_EQ(-ESRCH, send_text(self->to, "late"));
	EXPECT_EQ(-ESRCH, send_waiting(self->to, "late"));
	EXPECT_EQ(-ESRCH, result_of(write(self->to, "late", 4)));
	EXPECT_EQ(-ESRCH, take(self->to, &self->letter));
	EXPECT_EQ(-ESRCH, take_now(self->to, &self->letter));
	EXPECT_EQ(-ESRCH, result_of(read(self->to, self->letter.text, 1)));
	EXPECT_EQ(MBX_STATE_DIRECT | MBX_STATE_DEAD, stat_of(self->to).state);
}

TEST_F(direct, messages_can_be_received_after_the_end)
{
	ASSERT_EQ(1, send_text(self->to, "one"));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(POLLIN | POLLHUP, poll_now(self->to, POLLIN));
	EXPECT_STREQ("one", next_text(self->to));
	EXPECT_STREQ("ESRCH", next_text(self->to));
}

TEST_F(direct, closed_binding_leaves_none)
{
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, getpid()));
}

TEST_F(direct, closed_binding_can_be_followed_by_another)
{
	int to;

	ASSERT_EQ(1, send_text(self->to, "old"));
	ASSERT_EQ(0, close(self->fd));
	self->fd = bind_direct(MBX_EXCL);
	ASSERT_LE(0, self->fd);
	EXPECT_STREQ("EAGAIN", next_text(self->fd));
	EXPECT_EQ(-ESRCH, send_text(self->to, "late"));
	to = open_direct(MBX_WRITE, getpid());
	EXPECT_EQ(1, send_text(to, "new"));
	EXPECT_STREQ("new", next_text(self->fd));
}

TEST_F(direct, duplicate_keeps_the_binding)
{
	int copy = dup(self->fd);

	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(1, send_text(self->to, "hello"));
	EXPECT_STREQ("hello", next_text(copy));
	ASSERT_EQ(0, close(copy));
	EXPECT_EQ(-ESRCH, send_text(self->to, "late"));
}

/* A child holds the binding only if it has not closed it. */
struct other_holder {
	int owner;
	int fd;
	child_fn *fn;
};

static int run_without_owner(void *arg)
{
	struct other_holder *holder = arg;

	close(holder->owner);
	return holder->fn(&holder->fd);
}

static pid_t spawn_other(const FIXTURE_DATA(direct) * self, child_fn *fn)
{
	struct other_holder holder = { self->fd, self->to, fn };

	return spawn(run_without_owner, &holder);
}

TEST_F(direct, blocked_receiver_is_told)
{
	pid_t child = spawn_other(self, receive_child);

	ASSERT_TRUE(receivers_wait(self->to, 1));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(ESRCH, reap(child));
}

TEST_F(direct, blocked_sender_is_told)
{
	pid_t child;
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(1, send_text(self->to, "full"));
	child = spawn_other(self, send_child);
	ASSERT_TRUE(senders_wait(self->to, 1));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(ESRCH, reap(child));
}

static int poll_child(void *arg)
{
	return poll_wait(*(int *)arg, 0) == POLLHUP ? 0 : EXIT_FAILURE;
}

TEST_F(direct, poller_is_told)
{
	pid_t child = spawn_other(self, poll_child);

	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(0, reap(child));
}

/* A forked child is another process. */
static int bind_child(void *arg)
{
	int fd = bind_direct(MBX_EXCL);

	if (fd < 0)
		return -fd;
	if (send_text(*(int *)arg, "to the parent") != 1)
		return EXIT_FAILURE;
	return strcmp(next_text(fd), "EAGAIN");
}

TEST_F(direct, child_can_bind_its_own)
{
	EXPECT_EQ(0, run(bind_child, &self->to));
	EXPECT_STREQ("to the parent", next_text(self->fd));
}

TEST_F(direct, child_does_not_inherit_it)
{
	pid_t child = spawn(sleep_forever, NULL);

	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, child));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(1, send_text(self->to, "hello"));
}

static int take_inherited(void *arg)
{
	struct letter letter;

	return status_of(take(*(int *)arg, &letter));
}

TEST_F(direct, descriptor_in_a_child_is_still_the_parents_mailbox)
{
	pid_t child = spawn(take_inherited, &self->fd);

	ASSERT_TRUE(receivers_wait(self->to, 1));
	EXPECT_EQ(1, send_text(self->to, "hello"));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(1, send_text(self->to, "hello"));
}

/* The open file lives on; the process has not closed it last. */
TEST_F(direct, binding_lives_as_long_as_its_open_file)
{
	pid_t child = spawn(sleep_forever, NULL);

	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(1, send_text(self->to, "hello"));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(-ESRCH, send_text(self->to, "late"));
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, getpid()));
}

TEST_HARNESS_MAIN
