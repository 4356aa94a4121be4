// SPDX-License-Identifier: GPL-2.0-only
/* poll() and epoll on mailboxes. */
#include "blocked.h"

#include <sys/epoll.h>

#define INOUT (POLLIN | POLLOUT)
/* Nothing blocks on a dead mailbox. */
#define DEAD (POLLIN | POLLOUT | POLLHUP)

FIXTURE(polling)
{
	int fd;
	int epoll;
};

FIXTURE_SETUP(polling)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 2, .max_bytes = 10,
				.max_msg_size = 6);
	ASSERT_LE(0, self->fd);
	self->epoll = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->epoll);
}

FIXTURE_TEARDOWN(polling)
{
	close(self->epoll);
	close(self->fd);
}

static int watch(int epoll, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return result_of(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
}

/* The events of the one descriptor that has some, or 0. */
static __u32 epoll_events(int epoll, int timeout)
{
	struct epoll_event event = { 0 };

	return epoll_wait(epoll, &event, 1, timeout) == 1 ? event.events : 0;
}

TEST_F(polling, empty_mailbox_is_writable)
{
	EXPECT_EQ(POLLOUT, poll_now(self->fd, INOUT));
}

TEST_F(polling, message_makes_it_readable)
{
	ASSERT_EQ(1, send_text(self->fd, ""));
	EXPECT_EQ(INOUT, poll_now(self->fd, INOUT));
	EXPECT_STREQ("", next_text(self->fd));
	EXPECT_EQ(POLLOUT, poll_now(self->fd, INOUT));
}

TEST_F(polling, message_of_any_priority_makes_it_readable)
{
	ASSERT_EQ(1, send_text(self->fd, "x", .prio = 31));
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
}

TEST_F(polling, normal_data_is_reported_as_such)
{
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(POLLRDNORM | POLLWRNORM,
		  poll_now(self->fd, POLLRDNORM | POLLWRNORM));
}

TEST_F(polling, mailbox_full_of_messages_is_not_writable)
{
	ASSERT_EQ(1, send_text(self->fd, ""));
	ASSERT_EQ(1, send_text(self->fd, ""));
	EXPECT_EQ(POLLIN, poll_now(self->fd, INOUT));
}

TEST_F(polling, room_for_the_largest_message_is_writable)
{
	ASSERT_EQ(1, send_text(self->fd, "4444"));
	EXPECT_EQ(INOUT, poll_now(self->fd, INOUT));
}

TEST_F(polling, room_for_less_than_the_largest_message_is_not_writable)
{
	ASSERT_EQ(1, send_text(self->fd, "55555"));
	EXPECT_EQ(POLLIN, poll_now(self->fd, INOUT));
	EXPECT_EQ(1, send_text(self->fd, "55555"));
}

TEST_F(polling, waiting_sender_makes_it_not_writable)
{
	int fd = open_mailbox(NULL, CREATE, .max_bytes = 10, .max_msg_size = 7);
	pid_t child;

	/* Three bytes are free: too few for the sender of seven. */
	ASSERT_EQ(1, send_text(fd, "777"));
	ASSERT_EQ(1, send_text(fd, "4444"));
	child = spawn_sender(fd);
	ASSERT_TRUE(senders_wait(fd, 1));
	EXPECT_EQ(POLLIN, poll_now(fd, INOUT));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(polling, receive_only_descriptor_is_not_writable)
{
	EXPECT_EQ(0,
		  poll_now(open_mailbox(NULL, MBX_CREATE | MBX_READ), INOUT));
}

TEST_F(polling, send_only_descriptor_is_not_readable)
{
	int fd = open_mailbox(NULL, MBX_CREATE | MBX_WRITE);

	ASSERT_EQ(1, send_text(fd, "x"));
	EXPECT_EQ(POLLOUT, poll_now(fd, INOUT));
}

TEST_F(polling, full_rejecting_mailbox_is_not_writable)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1,
			      .overflow = MBX_OVERFLOW_REJECT);

	EXPECT_EQ(POLLOUT, poll_now(fd, INOUT));
	ASSERT_EQ(1, send_text(fd, ""));
	EXPECT_EQ(POLLIN, poll_now(fd, INOUT));
}

TEST_F(polling, dropping_mailbox_is_always_writable)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1,
			      .overflow = MBX_OVERFLOW_DROP_OLDEST);

	ASSERT_EQ(1, send_text(fd, ""));
	EXPECT_EQ(INOUT, poll_now(fd, INOUT));
}

static int poll_in_child(void *arg)
{
	return poll_wait(*(int *)arg, POLLIN) == POLLIN ? 0 : EXIT_FAILURE;
}

static int poll_out_child(void *arg)
{
	return poll_wait(*(int *)arg, POLLOUT) == POLLOUT ? 0 : EXIT_FAILURE;
}

TEST_F(polling, message_wakes_who_polls)
{
	pid_t child = spawn(poll_in_child, &self->fd);

	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(0, reap(child));
}

TEST_F(polling, room_wakes_who_polls)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "55555"));
	child = spawn(poll_out_child, &self->fd);
	ASSERT_SOON(is_asleep(child));
	EXPECT_STREQ("55555", next_text(self->fd));
	EXPECT_EQ(0, reap(child));
}

TEST_F(polling, waiting_receiver_gets_the_message_not_the_poller)
{
	pid_t child = spawn_receiver(self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
	EXPECT_EQ(0, reap(child));
}

TEST_F(polling, message_that_was_put_back_is_reported)
{
	struct mbx_message msg = { .data = 8, .capacity = 10 };

	ASSERT_EQ(0, watch(self->epoll, self->fd, EPOLLIN | EPOLLET));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(EPOLLIN, epoll_events(self->epoll, 0));
	ASSERT_EQ(-EFAULT, recv_array(self->fd, &msg, 1));
	EXPECT_EQ(EPOLLIN, epoll_events(self->epoll, 0));
}

TEST_F(polling, epoll_reports_as_long_as_it_holds)
{
	ASSERT_EQ(0, watch(self->epoll, self->fd, EPOLLIN));
	EXPECT_EQ(0, epoll_events(self->epoll, 0));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(EPOLLIN, epoll_events(self->epoll, 0));
	EXPECT_EQ(EPOLLIN, epoll_events(self->epoll, 0));
	EXPECT_STREQ("x", next_text(self->fd));
	EXPECT_EQ(0, epoll_events(self->epoll, 0));
}

TEST_F(polling, epoll_reports_each_message_once_if_edge_triggered)
{
	ASSERT_EQ(0, watch(self->epoll, self->fd, EPOLLIN | EPOLLET));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(EPOLLIN, epoll_events(self->epoll, 0));
	EXPECT_EQ(0, epoll_events(self->epoll, 0));
	ASSERT_EQ(1, send_text(self->fd, "y"));
	EXPECT_EQ(EPOLLIN, epoll_events(self->epoll, 0));
}

TEST_F(polling, epoll_reports_room_once_if_edge_triggered)
{
	ASSERT_EQ(1, send_text(self->fd, "666666"));
	ASSERT_EQ(0, watch(self->epoll, self->fd, EPOLLOUT | EPOLLET));
	EXPECT_EQ(0, epoll_events(self->epoll, 0));
	EXPECT_STREQ("666666", next_text(self->fd));
	EXPECT_EQ(EPOLLOUT, epoll_events(self->epoll, 0));
	EXPECT_EQ(0, epoll_events(self->epoll, 0));
}

TEST_F(polling, epoll_wakes_up_for_a_message)
{
	pid_t child;

	ASSERT_EQ(0, watch(self->epoll, self->fd, EPOLLIN));
	child = fork();
	if (!child)
		_exit(epoll_events(self->epoll, 20000) != EPOLLIN);
	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(0, reap(child));
}

TEST_F(polling, epoll_reports_the_right_mailbox)
{
	int other = open_mailbox(NULL, CREATE);
	struct epoll_event event;

	ASSERT_EQ(0, watch(self->epoll, self->fd, EPOLLIN));
	ASSERT_EQ(0, watch(self->epoll, other, EPOLLIN));
	ASSERT_EQ(1, send_text(other, "x"));
	ASSERT_EQ(1, epoll_wait(self->epoll, &event, 1, 0));
	EXPECT_EQ(other, event.data.fd);
}

TEST_F(polling, closed_mailbox_leaves_the_epoll)
{
	ASSERT_EQ(1, send_text(self->fd, "x"));
	ASSERT_EQ(0, watch(self->epoll, self->fd, EPOLLIN));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, epoll_events(self->epoll, 0));
	self->fd = -1;
}

TEST_F(polling, hang_up_is_reported_whatever_was_asked_for)
{
	char name[NAME_SIZE];
	int owner, fd;

	unique_name(name, "owned");
	owner = open_mailbox(name, CREATE, .lifetime = MBX_LIFE_OWNER);
	fd = open_mailbox(name, RDWR);
	ASSERT_EQ(0, watch(self->epoll, fd, 0));
	EXPECT_EQ(0, epoll_events(self->epoll, 0));
	ASSERT_EQ(0, close(owner));
	EXPECT_EQ(EPOLLHUP, epoll_events(self->epoll, 0));
	EXPECT_EQ(DEAD, poll_now(fd, INOUT));
}

struct owned {
	int owner;
	int fd;
};

static int poll_without_owner(void *arg)
{
	struct owned *owned = arg;

	close(owned->owner);
	return poll_wait(owned->fd, POLLIN) == (POLLIN | POLLHUP) ?
		       0 :
		       EXIT_FAILURE;
}

TEST_F(polling, hang_up_wakes_who_polls)
{
	char name[NAME_SIZE];
	struct owned owned;
	pid_t child;

	unique_name(name, "owned");
	owned.owner = open_mailbox(name, CREATE, .lifetime = MBX_LIFE_OWNER);
	owned.fd = open_mailbox(name, RDWR);
	child = spawn(poll_without_owner, &owned);
	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(0, close(owned.owner));
	EXPECT_EQ(0, reap(child));
}

static int watch_exclusively(void *arg)
{
	struct owned *owned = arg;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	close(owned->owner);
	if (watch(epoll, owned->fd, EPOLLIN | EPOLLEXCLUSIVE))
		return EXIT_FAILURE;
	return epoll_events(epoll, 20000) & EPOLLHUP ? 0 : EXIT_FAILURE;
}

/* Who is woken one at a time for messages learns of the end together. */
TEST_F(polling, hang_up_wakes_all_exclusive_pollers)
{
	char name[NAME_SIZE];
	struct owned owned;
	pid_t children[4];
	int i;

	unique_name(name, "owned");
	owned.owner = open_mailbox(name, CREATE, .lifetime = MBX_LIFE_OWNER);
	owned.fd = open_mailbox(name, RDWR);
	for (i = 0; i < 4; i++)
		children[i] = spawn(watch_exclusively, &owned);
	for (i = 0; i < 4; i++)
		ASSERT_SOON(is_asleep(children[i]));
	ASSERT_EQ(0, close(owned.owner));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, reap(children[i]));
}

TEST_F(polling, unlinking_is_no_hang_up)
{
	char name[NAME_SIZE];
	int fd;

	unique_name(name, "unlinked");
	fd = open_mailbox(name, CREATE);
	ASSERT_EQ(0, unlink_name(name));
	EXPECT_EQ(POLLOUT, poll_now(fd, INOUT));
}

TEST_HARNESS_MAIN
