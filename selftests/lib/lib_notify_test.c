// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: notify, wait, subscribe, poll and epoll. */
#include "lib_test.h"

#include <sys/epoll.h>

#define SLOTS 3
#define ROUNDS 2000

FIXTURE(notify)
{
	char name[NAME_SIZE];
	struct mbx_region *r;
	uint32_t seq;
};

FIXTURE_SETUP(notify)
{
	unique_name(self->name, "notify");
	self->seq = 77;
	ASSERT_EQ(0, mbx_region_open(&self->r, self->name, CREATE, 4096,
				     MBX_REGION_OPTS(.slots = SLOTS)));
}

FIXTURE_TEARDOWN(notify)
{
	mbx_region_close(self->r);
	mbx_unlink(self->name);
}

TEST_F(notify, of_a_slot_that_is_not_there_is_refused)
{
	EXPECT_EQ(-EINVAL, mbx_region_notify(self->r, SLOTS));
	EXPECT_EQ(-EINVAL, mbx_region_notify_mask(self->r, 1ULL << 63));
	EXPECT_EQ(-EINVAL,
		  mbx_region_wait(self->r, SLOTS, 0, 0, 0, &self->seq));
	EXPECT_EQ(-EINVAL, mbx_region_subscribe(self->r, 1ULL << SLOTS));
	EXPECT_EQ(77, self->seq);
}

TEST_F(notify, wait_for_none_or_too_many_is_refused)
{
	struct mbx_slot slots[MBX_SLOTS_MAX + 1] = { 0 };

	EXPECT_EQ(-EINVAL, mbx_region_wait_many(self->r, slots, 0, NULL));
	EXPECT_EQ(-EINVAL, mbx_region_wait_many(self->r, slots,
						MBX_SLOTS_MAX + 1, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_region_wait_many(self->r, slots, UINT32_MAX, NULL));
}

TEST_F(notify, wait_with_malformed_options_is_refused)
{
	struct {
		struct mbx_wait_opts known;
		uint64_t later;
	} opts = { .known.size = sizeof(opts), .later = 1 };
	struct mbx_slot slot = { .seq = 1 };

	EXPECT_EQ(-E2BIG, mbx_region_wait_many(self->r, &slot, 1, &opts.known));
	EXPECT_EQ(-EINVAL,
		  mbx_region_wait_many(self->r, &slot, 1,
				       MBX_WAIT_OPTS(.flags = 1U << 31)));
	EXPECT_EQ(-EINVAL, mbx_region_wait(self->r, 0, 1, 0, 1U << 31, NULL));
	opts.later = 0;
	EXPECT_EQ(1, mbx_region_wait_many(self->r, &slot, 1, &opts.known));
}

TEST_F(notify, that_has_not_come_is_not_waited_for_if_not_wanted)
{
	const struct mbx_wait_opts *nonblock =
		MBX_WAIT_OPTS(.flags = MBX_WAIT_NONBLOCK);
	struct mbx_slot slots[2] = { { .slot = 0 }, { .slot = 2 } };

	EXPECT_EQ(-EAGAIN, mbx_region_wait(self->r, 0, 0, 0, MBX_WAIT_NONBLOCK,
					   &self->seq));
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_region_wait(self->r, 0, 0, PAST, 0, &self->seq));
	EXPECT_EQ(-ETIMEDOUT, mbx_region_wait(self->r, 0, 0, mbx_deadline_ms(1),
					      0, &self->seq));
	EXPECT_EQ(-EAGAIN, mbx_region_wait_many(self->r, slots, 2, nonblock));
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_region_wait_many(self->r, slots, 2,
				       MBX_WAIT_OPTS(.deadline_ns = PAST)));
	EXPECT_EQ(77, self->seq);
}

static int wait_for_move(void *region)
{
	return status_of(mbx_region_wait(region, 1, 0, 0, 0, NULL));
}

static void on_signal(int sig)
{
}

static int wait_until_signal(void *region)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	return wait_for_move(region);
}

TEST_F(notify, wait_ends_with_a_signal)
{
	pid_t pid = spawn(wait_until_signal, self->r);

	ASSERT_SOON(region_stat(self->r).waiters == 1);
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, reap(pid));
}

static int own_region(void *name)
{
	struct mbx_region *region;
	int ret = mbx_region_open(&region, name, CREATE, 1,
				  MBX_REGION_OPTS(.lifetime = MBX_LIFE_OWNER,
						  .slots = 2));

	return ret < 0 ? -ret : sleep_forever(NULL);
}

TEST_F(notify, wait_ends_when_the_owner_is_killed)
{
	struct mbx_region *other;
	char name[NAME_SIZE];
	pid_t owner, waiter;

	unique_name(name, "owner");
	owner = spawn(own_region, name);
	ASSERT_SOON(!mbx_region_open(&other, name, RDWR, 0, NULL));
	waiter = spawn(wait_for_move, other);
	ASSERT_SOON(region_stat(other).waiters == 1);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(owner));
	EXPECT_EQ(EOWNERDEAD, reap(waiter));
	EXPECT_EQ(-EOWNERDEAD, mbx_region_subscribe(other, 1));
	mbx_region_close(other);
}

TEST_F(notify, wakes_a_waiter_in_another_process)
{
	pid_t pid = spawn(wait_for_move, self->r);

	ASSERT_SOON(region_stat(self->r).waiters == 1);
	EXPECT_EQ(0, mbx_region_notify(self->r, 0));
	EXPECT_EQ(1, mbx_region_notify(self->r, 1));
	EXPECT_EQ(0, reap(pid));
}

TEST_F(notify, wakes_all_waiters_of_several_slots_in_one_call)
{
	pid_t pids[3];
	int i;

	for (i = 0; i < 3; i++)
		pids[i] = spawn(wait_for_move, self->r);
	ASSERT_SOON(region_stat(self->r).waiters == 3);
	EXPECT_EQ(3, mbx_region_notify_mask(self->r, 7));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, reap(pids[i]));
	EXPECT_EQ(1, region_stat(self->r).notified);
	EXPECT_EQ(1, mbx_region_seq(self->r, 0));
	EXPECT_EQ(1, mbx_region_seq(self->r, 2));
}

TEST_F(notify, with_nobody_waiting_is_no_system_call)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		ASSERT_EQ(0, mbx_region_notify(self->r, 1));
	EXPECT_EQ(ROUNDS, mbx_region_seq(self->r, 1));
	EXPECT_EQ(0, region_stat(self->r).notified);
}

/* Even a descriptor that is not open any more does. */
TEST_F(notify, that_has_come_is_seen_without_a_system_call)
{
	struct mbx_slot slots[2] = { { .slot = 0 }, { .slot = 2 } };

	EXPECT_EQ(0, mbx_region_notify(self->r, 2));
	close(mbx_region_fd(self->r));
	EXPECT_EQ(0, mbx_region_wait(self->r, 2, 0, PAST, 0, &self->seq));
	EXPECT_EQ(1, self->seq);
	EXPECT_EQ(1, mbx_region_wait_many(self->r, slots, 2, NULL));
	EXPECT_EQ(0, slots[0].seq);
	EXPECT_EQ(1, slots[1].seq);
	EXPECT_EQ(-EBADF, mbx_region_wait(self->r, 2, 1, PAST, 0, NULL));
}

static int wait_for_many(void *region)
{
	struct mbx_slot slots[2] = { { .slot = 2 }, { .slot = 0 } };
	int ret = mbx_region_wait_many(region, slots, 2, NULL);

	if (ret < 0)
		return -ret;
	return ret == 1 && slots[0].seq == 1 && slots[1].seq == 0 ? 0 : EPROTO;
}

TEST_F(notify, of_one_slot_wakes_who_waits_for_several)
{
	pid_t pid = spawn(wait_for_many, self->r);

	ASSERT_SOON(region_stat(self->r).waiters == 1);
	EXPECT_EQ(0, mbx_region_notify(self->r, 1));
	EXPECT_EQ(1, mbx_region_notify(self->r, 2));
	EXPECT_EQ(0, reap(pid));
}

/* Both sides by turns, in the data: a lost wake-up would end it by time-out. */
static int answer(void *region)
{
	volatile uint32_t *word = mbx_region_data(region);
	uint32_t i;

	for (i = 0; i < ROUNDS; i++) {
		int ret = mbx_region_wait(region, 0, i, PATIENCE, 0, NULL);

		if (ret)
			return -ret;
		if (word[0] != i)
			return EPROTO;
		word[1] = i;
		ret = mbx_region_notify(region, 1);
		if (ret < 0)
			return -ret;
	}
	return 0;
}

TEST_F(notify, and_wait_by_turns_lose_no_wakeup)
{
	volatile uint32_t *word = mbx_region_data(self->r);
	pid_t pid = spawn(answer, self->r);
	uint32_t i;

	for (i = 0; i < ROUNDS; i++) {
		word[0] = i;
		ASSERT_LE(0, mbx_region_notify(self->r, 0));
		ASSERT_EQ(0, mbx_region_wait(self->r, 1, i, PATIENCE, 0, NULL));
		ASSERT_EQ(i, word[1]);
	}
	EXPECT_EQ(0, reap(pid));
}

TEST_F(notify, is_not_read_without_a_subscription)
{
	struct mbx_slot moved[1];

	EXPECT_EQ(-EINVAL, mbx_region_read_moved(self->r, moved, 1));
	EXPECT_EQ(0, mbx_region_subscribe(self->r, 1));
	EXPECT_EQ(-EINVAL, mbx_region_read_moved(self->r, moved, 0));
	EXPECT_EQ(0, mbx_region_subscribe(self->r, 0));
	EXPECT_EQ(-EINVAL, mbx_region_read_moved(self->r, moved, 1));
}

TEST_F(notify, that_has_not_come_is_not_read)
{
	struct mbx_slot moved[1];

	set_nonblock(mbx_region_fd(self->r));
	ASSERT_EQ(0, mbx_region_subscribe(self->r, 1));
	EXPECT_EQ(-EAGAIN, mbx_region_read_moved(self->r, moved, 1));
	EXPECT_EQ(0, poll_now(mbx_region_fd(self->r), POLLIN));
}

TEST_F(notify, of_subscribed_slots_is_read_once)
{
	struct mbx_slot moved[SLOTS];

	set_nonblock(mbx_region_fd(self->r));
	ASSERT_EQ(0, mbx_region_subscribe(self->r, 5));
	ASSERT_LE(0, mbx_region_notify_mask(self->r, 7));
	EXPECT_EQ(POLLIN, poll_now(mbx_region_fd(self->r), POLLIN));
	EXPECT_EQ(2, mbx_region_read_moved(self->r, moved, UINT32_MAX));
	EXPECT_EQ(0, moved[0].slot);
	EXPECT_EQ(1, moved[0].seq);
	EXPECT_EQ(2, moved[1].slot);
	EXPECT_EQ(1, moved[1].seq);
	EXPECT_EQ(-EAGAIN, mbx_region_read_moved(self->r, moved, SLOTS));
}

static int notify_twice(void *region)
{
	int ret = mbx_region_notify(region, 0);

	return status_of(ret < 0 ? ret : mbx_region_notify(region, 2));
}

TEST_F(notify, ends_an_epoll_on_a_region_and_a_mailbox)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC),
	    mailbox = mbx_open(NULL, CREATE);
	struct mbx_slot moved[SLOTS];

	ASSERT_EQ(0, mbx_region_subscribe(self->r, 1));
	event.data.fd = mbx_region_fd(self->r);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event));
	event.data.fd = mailbox;
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));

	EXPECT_EQ(0, run(notify_twice, self->r));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, PATIENCE_NS / NSEC_PER_MSEC));
	EXPECT_EQ(mbx_region_fd(self->r), event.data.fd);
	EXPECT_EQ(1, mbx_region_read_moved(self->r, moved, SLOTS));

	EXPECT_EQ(0, mbx_send(mailbox, "", 0));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, PATIENCE_NS / NSEC_PER_MSEC));
	EXPECT_EQ(mailbox, event.data.fd);
	close(mailbox);
	close(epoll);
}

static int read_one(void *region)
{
	struct mbx_slot moved[1];
	int ret = mbx_region_read_moved(region, moved, 1);

	return ret == 1 && moved[0].slot == 1 ? 0 : EPROTO;
}

TEST_F(notify, wakes_who_reads_the_descriptor)
{
	pid_t pid;

	ASSERT_EQ(0, mbx_region_subscribe(self->r, 2));
	pid = spawn(read_one, self->r);
	ASSERT_SOON(region_stat(self->r).subscribers == 1);
	EXPECT_LE(1, mbx_region_notify(self->r, 1));
	EXPECT_EQ(0, reap(pid));
}

TEST_HARNESS_MAIN
