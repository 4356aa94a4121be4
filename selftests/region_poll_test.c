// SPDX-License-Identifier: GPL-2.0-only
/* Subscriptions: poll(), epoll and read() on the descriptor of a region. */
#include "memory.h"
#include "process.h"
#include "region.h"

#include <pthread.h>
#include <sys/epoll.h>

#define SLOTS 8

FIXTURE(subscription)
{
	char name[NAME_SIZE];
	int fd;
	__u32 *seq;
	const __u32 *waiters;
	struct mbx_slot got[SLOTS];
};

FIXTURE_SETUP(subscription)
{
	unique_name(self->name, "it");
	self->fd = open_region(self->name, CREATE | MBX_NONBLOCK, .bytes = 1,
			       .slots = SLOTS);
	ASSERT_LE(0, self->fd);
	self->seq = map_seq(self->fd);
	self->waiters = map_waiters(self->fd);
	ASSERT_NE(NULL, self->seq);
	ASSERT_NE(NULL, self->waiters);
}

FIXTURE_TEARDOWN(subscription)
{
	unlink_name(self->name);
}

/* How many slots read() returns, or the error. */
static int read_slots(int fd, struct mbx_slot *got, size_t room)
{
	int ret = result_of(read(fd, got, room * sizeof(*got)));

	return ret < 0 ? ret : ret / (int)sizeof(*got);
}

TEST_F(subscription, is_none_at_first)
{
	EXPECT_EQ(0, region_stat(self->fd).subscribers);
	move_slot(self->seq, 0);
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
}

TEST_F(subscription, is_needed_to_read)
{
	move_slot(self->seq, 0);
	EXPECT_EQ(-EINVAL, read_slots(self->fd, self->got, SLOTS));
}

TEST_F(subscription, makes_a_change_readable)
{
	ASSERT_EQ(0, subscribe(self->fd, 1 << 2));
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
	EXPECT_EQ(1, announce(self->fd, self->seq, 2));
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
	EXPECT_EQ(POLLIN | POLLRDNORM, poll_now(self->fd, POLLIN | POLLRDNORM));
}

TEST_F(subscription, reports_what_has_moved)
{
	ASSERT_EQ(0, subscribe(self->fd, 0xff));
	move_slot(self->seq, 2);
	move_slot(self->seq, 5);
	move_slot(self->seq, 5);
	ASSERT_EQ(2, read_slots(self->fd, self->got, SLOTS));
	EXPECT_EQ(2, self->got[0].slot);
	EXPECT_EQ(1, self->got[0].seq);
	EXPECT_EQ(5, self->got[1].slot);
	EXPECT_EQ(2, self->got[1].seq);
}

TEST_F(subscription, is_quiet_after_reading)
{
	ASSERT_EQ(0, subscribe(self->fd, 1));
	move_slot(self->seq, 0);
	ASSERT_EQ(1, read_slots(self->fd, self->got, SLOTS));
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
	EXPECT_EQ(-EAGAIN, read_slots(self->fd, self->got, SLOTS));
	move_slot(self->seq, 0);
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
}

TEST_F(subscription, reports_no_other_slot)
{
	ASSERT_EQ(0, subscribe(self->fd, 1 << 1));
	move_slot(self->seq, 0);
	move_slot(self->seq, 2);
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
	EXPECT_EQ(-EAGAIN, read_slots(self->fd, self->got, SLOTS));
}

TEST_F(subscription, begins_with_the_present_sequence)
{
	move_slot(self->seq, 0);
	ASSERT_EQ(0, subscribe(self->fd, 1));
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
	EXPECT_EQ(-EAGAIN, read_slots(self->fd, self->got, SLOTS));
}

TEST_F(subscription, that_goes_on_keeps_what_is_unread)
{
	ASSERT_EQ(0, subscribe(self->fd, 1));
	move_slot(self->seq, 0);
	move_slot(self->seq, 1);
	ASSERT_EQ(0, subscribe(self->fd, 3));
	ASSERT_EQ(1, read_slots(self->fd, self->got, SLOTS));
	EXPECT_EQ(0, self->got[0].slot);
}

TEST_F(subscription, that_is_renewed_begins_anew)
{
	ASSERT_EQ(0, subscribe(self->fd, 1));
	move_slot(self->seq, 0);
	ASSERT_EQ(0, subscribe(self->fd, 2));
	ASSERT_EQ(0, subscribe(self->fd, 3));
	EXPECT_EQ(-EAGAIN, read_slots(self->fd, self->got, SLOTS));
}

TEST_F(subscription, can_be_ended)
{
	ASSERT_EQ(0, subscribe(self->fd, 1));
	ASSERT_EQ(0, subscribe(self->fd, 0));
	EXPECT_EQ(0, announce(self->fd, self->seq, 0));
	EXPECT_EQ(0, poll_now(self->fd, POLLIN));
	EXPECT_EQ(-EINVAL, read_slots(self->fd, self->got, SLOTS));
	EXPECT_EQ(0, region_stat(self->fd).subscribers);
}

TEST_F(subscription, to_a_slot_that_is_not_there_is_refused)
{
	int bit;

	ASSERT_EQ(0, subscribe(self->fd, 1));
	for (bit = SLOTS; bit < 64; bit++)
		EXPECT_EQ(-EINVAL, subscribe(self->fd, 2 | 1ULL << bit));
	EXPECT_EQ(1, announce(self->fd, self->seq, 0));
	EXPECT_EQ(0, announce(self->fd, self->seq, 1));
}

TEST_F(subscription, belongs_to_the_open_file)
{
	int other = open_region(self->name, RDWR | MBX_NONBLOCK);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, subscribe(self->fd, 1));
	ASSERT_EQ(0, subscribe(other, 2));
	move_slot(self->seq, 0);
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
	EXPECT_EQ(0, poll_now(other, POLLIN));
	ASSERT_EQ(0, subscribe(other, 1));
	move_slot(self->seq, 0);
	EXPECT_EQ(1, read_slots(self->fd, self->got, SLOTS));
	EXPECT_EQ(POLLIN, poll_now(other, POLLIN));
	EXPECT_EQ(1, read_slots(other, self->got, SLOTS));
}

TEST_F(subscription, is_shared_by_duplicates)
{
	int copy = dup(self->fd);

	ASSERT_EQ(0, subscribe(self->fd, 1));
	move_slot(self->seq, 0);
	EXPECT_EQ(1, read_slots(copy, self->got, SLOTS));
	EXPECT_EQ(-EAGAIN, read_slots(self->fd, self->got, SLOTS));
}

TEST_F(subscription, is_for_readers_too)
{
	int ro = open_region(self->name, MBX_READ);

	ASSERT_EQ(0, subscribe(ro, 1));
	move_slot(self->seq, 0);
	EXPECT_EQ(POLLIN, poll_now(ro, POLLIN));
	EXPECT_EQ(1, read_slots(ro, self->got, SLOTS));
}

TEST_F(subscription, is_counted)
{
	int other = open_region(self->name, RDWR);

	ASSERT_EQ(0, subscribe(self->fd, 0xff));
	EXPECT_EQ(1, region_stat(self->fd).subscribers);
	ASSERT_EQ(0, subscribe(self->fd, 1));
	EXPECT_EQ(1, region_stat(self->fd).subscribers);
	ASSERT_EQ(0, subscribe(other, 1));
	EXPECT_EQ(2, region_stat(self->fd).subscribers);
	ASSERT_EQ(0, close(other));
	EXPECT_EQ(1, region_stat(self->fd).subscribers);
}

/* Else nobody would tell the kernel of a change. */
TEST_F(subscription, shows_on_the_waiters_page)
{
	int other = open_region(self->name, RDWR);

	ASSERT_EQ(0, subscribe(self->fd, 3));
	ASSERT_EQ(0, subscribe(other, 2));
	EXPECT_EQ(1, word(self->waiters));
	EXPECT_EQ(2, word(self->waiters + 1));
	EXPECT_EQ(0, word(self->waiters + 2));
	ASSERT_EQ(0, close(other));
	EXPECT_EQ(1, word(self->waiters + 1));
	ASSERT_EQ(0, subscribe(self->fd, 0));
	EXPECT_EQ(0, word(self->waiters));
	EXPECT_EQ(0, word(self->waiters + 1));
}

TEST_F(subscription, is_woken_by_a_notification)
{
	ASSERT_EQ(0, subscribe(self->fd, 1));
	EXPECT_EQ(1, announce(self->fd, self->seq, 0));
	EXPECT_EQ(1, region_stat(self->fd).notified);
	EXPECT_EQ(1, region_stat(self->fd).woken);
}

TEST_F(subscription, reads_as_many_as_there_is_room_for)
{
	__u32 slot;

	ASSERT_EQ(0, subscribe(self->fd, 0xff));
	for (slot = 0; slot < SLOTS; slot++)
		move_slot(self->seq, slot);
	EXPECT_EQ(3, read_slots(self->fd, self->got, 3));
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
	EXPECT_EQ(5, read_slots(self->fd, self->got, SLOTS));
	EXPECT_EQ(3, self->got[0].slot);
	EXPECT_EQ(7, self->got[4].slot);
}

TEST_F(subscription, reads_whole_slots_only)
{
	struct mbx_slot two[2] = { { 0 }, { .slot = 77, .seq = 77 } };

	ASSERT_EQ(0, subscribe(self->fd, 3));
	move_slot(self->seq, 0);
	move_slot(self->seq, 1);
	EXPECT_EQ(8, read(self->fd, two, 15));
	EXPECT_EQ(77, two[1].slot);
	EXPECT_EQ(POLLIN, poll_now(self->fd, POLLIN));
}

TEST_F(subscription, buffer_for_less_than_a_slot_is_refused)
{
	size_t len;

	ASSERT_EQ(0, subscribe(self->fd, 1));
	move_slot(self->seq, 0);
	for (len = 0; len < sizeof(struct mbx_slot); len++) {
		EXPECT_EQ(-1, read(self->fd, self->got, len));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(1, read_slots(self->fd, self->got, SLOTS));
}

TEST_F(subscription, buffer_at_a_bad_address_leaves_it_unread)
{
	struct cliff cliff;

	ASSERT_EQ(0, cliff_init(&cliff));
	ASSERT_EQ(0, subscribe(self->fd, 3));
	move_slot(self->seq, 0);
	move_slot(self->seq, 1);
	EXPECT_EQ(-EFAULT,
		  read_slots(self->fd, (struct mbx_slot *)cliff.end, SLOTS));
	EXPECT_EQ(-EFAULT, read_slots(self->fd,
				      (struct mbx_slot *)cliff.end - 1, SLOTS));
	EXPECT_EQ(2, read_slots(self->fd, self->got, SLOTS));
}

static int read_child(void *arg)
{
	struct mbx_slot got[SLOTS];
	int fd = *(int *)arg, ret;

	fcntl(fd, F_SETFL, 0);
	ret = read_slots(fd, got, SLOTS);
	if (ret < 0)
		return -ret;
	return ret == 1 && got[0].slot == 4 ? 0 : EXIT_FAILURE;
}

TEST_F(subscription, read_waits_for_a_change)
{
	pid_t child;

	ASSERT_EQ(0, subscribe(self->fd, 1 << 4));
	child = spawn(read_child, &self->fd);
	ASSERT_SOON(is_asleep(child));
	EXPECT_EQ(1, announce(self->fd, self->seq, 4));
	EXPECT_EQ(0, reap(child));
}

static void on_signal(int sig)
{
}

static int read_with_handler(void *arg)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	return read_child(arg);
}

TEST_F(subscription, read_is_ended_by_a_signal)
{
	pid_t child;

	ASSERT_EQ(0, subscribe(self->fd, 1 << 4));
	child = spawn(read_with_handler, &self->fd);
	ASSERT_SOON(is_asleep(child));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(EINTR, reap(child));
}

static int poll_child(void *arg)
{
	return poll_wait(*(int *)arg, POLLIN) == POLLIN ? 0 : EXIT_FAILURE;
}

TEST_F(subscription, poll_waits_for_a_change)
{
	pid_t child;

	ASSERT_EQ(0, subscribe(self->fd, 1));
	child = spawn(poll_child, &self->fd);
	ASSERT_SOON(is_asleep(child));
	EXPECT_EQ(1, announce(self->fd, self->seq, 0));
	EXPECT_EQ(0, reap(child));
}

static __u32 epoll_events(int epoll)
{
	struct epoll_event event = { 0 };

	return epoll_wait(epoll, &event, 1, 0) == 1 ? event.events : 0;
}

static int epoll_of(int fd, __u32 events)
{
	struct epoll_event event = { .events = events };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : epoll;
}

TEST_F(subscription, epoll_reports_as_long_as_it_holds)
{
	int epoll = epoll_of(self->fd, EPOLLIN);

	ASSERT_LE(0, epoll);
	ASSERT_EQ(0, subscribe(self->fd, 1));
	EXPECT_EQ(0, epoll_events(epoll));
	EXPECT_EQ(1, announce(self->fd, self->seq, 0));
	EXPECT_EQ(EPOLLIN, epoll_events(epoll));
	EXPECT_EQ(EPOLLIN, epoll_events(epoll));
	EXPECT_EQ(1, read_slots(self->fd, self->got, SLOTS));
	EXPECT_EQ(0, epoll_events(epoll));
}

TEST_F(subscription, epoll_reports_each_notification_once_if_edge_triggered)
{
	int epoll = epoll_of(self->fd, EPOLLIN | EPOLLET);

	ASSERT_LE(0, epoll);
	ASSERT_EQ(0, subscribe(self->fd, 1));
	EXPECT_EQ(1, announce(self->fd, self->seq, 0));
	EXPECT_EQ(EPOLLIN, epoll_events(epoll));
	EXPECT_EQ(0, epoll_events(epoll));
	EXPECT_EQ(1, announce(self->fd, self->seq, 0));
	EXPECT_EQ(EPOLLIN, epoll_events(epoll));
}

TEST_F(subscription, mailbox_and_region_share_an_epoll)
{
	int mailbox = open_mailbox(NULL, CREATE),
	    epoll = epoll_of(self->fd, EPOLLIN);
	struct epoll_event event = { .events = EPOLLIN }, got[2];

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, mailbox, &event));
	ASSERT_EQ(0, subscribe(self->fd, 1));
	ASSERT_EQ(1, announce(self->fd, self->seq, 0));
	ASSERT_EQ(5, write(mailbox, "hello", 5));
	EXPECT_EQ(2, epoll_wait(epoll, got, 2, 0));
}

TEST_F(subscription, hang_up_is_reported_with_and_without)
{
	char name[NAME_SIZE];
	int owner, with, without, epoll;

	unique_name(name, "owned");
	owner = open_region(name, CREATE, .bytes = 1,
			    .lifetime = MBX_LIFE_OWNER);
	with = open_region(name, MBX_READ);
	without = open_region(name, MBX_READ);
	epoll = epoll_of(without, 0);
	ASSERT_EQ(0, subscribe(with, 1));
	ASSERT_EQ(0, close(owner));
	EXPECT_EQ(POLLHUP, poll_now(with, 0));
	EXPECT_EQ(POLLHUP, poll_now(without, 0));
	EXPECT_EQ(EPOLLHUP, epoll_events(epoll));
}

TEST_F(subscription, hang_up_leaves_the_last_change_readable)
{
	char name[NAME_SIZE];
	int owner, fd;
	__u32 *seq;

	unique_name(name, "owned");
	owner = open_region(name, CREATE, .bytes = 1,
			    .lifetime = MBX_LIFE_OWNER);
	fd = open_region(name, MBX_READ);
	seq = map_seq(owner);
	ASSERT_EQ(0, subscribe(fd, 1));
	move_slot(seq, 0);
	ASSERT_EQ(0, close(owner));
	EXPECT_EQ(POLLIN | POLLHUP, poll_now(fd, POLLIN));
	EXPECT_EQ(1, read_slots(fd, self->got, SLOTS));
	EXPECT_EQ(-EOWNERDEAD, read_slots(fd, self->got, SLOTS));
}

/* --- many --- */

#define MANY 200 /* more than are told at once */

static int open_many(const char *name, int fds[MANY])
{
	int i;

	for (i = 0; i < MANY; i++) {
		fds[i] = open_region(name, MBX_READ);
		if (fds[i] < 0 || subscribe(fds[i], 3))
			return -EINVAL;
	}
	return 0;
}

static int epoll_of_many(const int fds[MANY])
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int i, epoll = epoll_create1(EPOLL_CLOEXEC);

	for (i = 0; i < MANY; i++) {
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event))
			return -errno;
	}
	return epoll;
}

/* How many have been woken since, and find these events. */
static int count_told(int epoll, __u32 events)
{
	struct epoll_event got[MANY];
	int i, told = 0, n = epoll_wait(epoll, got, MANY, 0);

	for (i = 0; i < n; i++)
		told += got[i].events == events;
	return told;
}

TEST_F(subscription, all_of_many_are_told)
{
	int fds[MANY], epoll;

	ASSERT_EQ(0, open_many(self->name, fds));
	epoll = epoll_of_many(fds);
	ASSERT_LE(0, epoll);
	EXPECT_EQ(MANY, announce(self->fd, self->seq, 0));
	EXPECT_EQ(MANY, count_told(epoll, EPOLLIN));
	EXPECT_EQ(0, count_told(epoll, EPOLLIN));
	EXPECT_EQ(2 * MANY, notify(self->fd, 3));
	EXPECT_EQ(MANY, count_told(epoll, EPOLLIN));
}

TEST_F(subscription, all_of_many_learn_of_the_owners_death)
{
	char name[NAME_SIZE];
	int owner, fds[MANY], epoll;

	unique_name(name, "owned");
	owner = open_region(name, CREATE, .bytes = 1, .slots = SLOTS,
			    .lifetime = MBX_LIFE_OWNER);
	ASSERT_EQ(0, open_many(name, fds));
	epoll = epoll_of_many(fds);
	ASSERT_LE(0, epoll);
	ASSERT_EQ(0, close(owner));
	EXPECT_EQ(MANY, count_told(epoll, EPOLLIN | EPOLLHUP));
}

struct commotion {
	int fd;
	__u32 *seq;
	bool end;
};

static void *announce_all_the_time(void *arg)
{
	struct commotion *c = arg;

	while (!__atomic_load_n(&c->end, __ATOMIC_RELAXED))
		announce(c->fd, c->seq, 0);
	return NULL;
}

/* Two tell the same list, which changes whenever they let others in. */
TEST_F(subscription, of_many_may_end_while_others_are_told)
{
	struct commotion c = { .fd = self->fd, .seq = self->seq };
	unsigned long i, changes = amount("MBX_CHANGES", 2000);
	pthread_t threads[2];
	int fds[MANY], epoll;

	ASSERT_EQ(0, open_many(self->name, fds));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL,
					    announce_all_the_time, &c));
	for (i = 0; i < changes; i++) {
		ASSERT_EQ(0, subscribe(fds[i * 7 % MANY], 0));
		ASSERT_EQ(0, subscribe(fds[i * 7 % MANY], 1));
	}
	__atomic_store_n(&c.end, true, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	epoll = epoll_of_many(fds);
	ASSERT_LE(0, epoll);
	count_told(epoll, EPOLLIN);
	EXPECT_EQ(MANY, announce(self->fd, self->seq, 0));
	EXPECT_EQ(MANY, count_told(epoll, EPOLLIN));
	EXPECT_EQ(MANY, word(self->waiters));
}

TEST_F(subscription, writing_to_the_descriptor_makes_no_sense)
{
	EXPECT_EQ(-1, write(self->fd, "x", 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_HARNESS_MAIN
