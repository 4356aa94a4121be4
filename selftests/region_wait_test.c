// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for slots to move and notifying those who wait. */
#include "memory.h"
#include "process.h"
#include "region.h"

#include <pthread.h>

#define SLOTS 8

FIXTURE(wait)
{
	int fd;
	__u32 *seq;
	const __u32 *waiters;
	struct mbx_slot slots[MBX_SLOTS_MAX + 1];
};

FIXTURE_SETUP(wait)
{
	__u32 i;

	self->fd = open_region(NULL, CREATE, .bytes = 64, .slots = SLOTS);
	ASSERT_LE(0, self->fd);
	self->seq = map_seq(self->fd);
	self->waiters = map_waiters(self->fd);
	ASSERT_NE(NULL, self->seq);
	ASSERT_NE(NULL, self->waiters);
	for (i = 0; i <= MBX_SLOTS_MAX; i++)
		self->slots[i].slot = i;
}

FIXTURE_TEARDOWN(wait)
{
	close(self->fd);
}

/* A child that waits on some slots and tells what it found. */
struct waiter {
	int fd;
	struct mbx_slot slots[SLOTS];
	__u32 count;
};

/* Returns how many have moved. */
static int wait_child(void *arg)
{
	struct waiter *w = arg;
	int ret = wait_slots(w->fd, w->slots, w->count);

	return ret < 0 ? -ret : ret;
}

/* A child that waits on @count slots from @first. */
static pid_t spawn_waiter(int fd, __u32 first, __u32 count)
{
	struct waiter w = { .fd = fd, .count = count };
	__u32 i, waiting = region_stat(fd).waiters;
	pid_t child;

	for (i = 0; i < count; i++)
		w.slots[i].slot = first + i;
	child = spawn(wait_child, &w);
	return waiters_are(fd, waiting + 1) ? child : -1;
}

TEST_F(wait, returns_at_once_if_the_slot_has_moved)
{
	move_slot(self->seq, 3);
	EXPECT_EQ(1, wait_slots(self->fd, &self->slots[3], 1));
	EXPECT_EQ(1, self->slots[3].seq);
}

TEST_F(wait, returns_how_many_have_moved)
{
	move_slot(self->seq, 1);
	move_slot(self->seq, 3);
	EXPECT_EQ(2, wait_slots(self->fd, self->slots, 4));
	EXPECT_EQ(0, self->slots[0].seq);
	EXPECT_EQ(1, self->slots[1].seq);
	EXPECT_EQ(0, self->slots[2].seq);
	EXPECT_EQ(1, self->slots[3].seq);
}

TEST_F(wait, compares_with_what_the_caller_saw)
{
	self->seq[0] = 41;
	self->slots[0].seq = 41;
	EXPECT_EQ(-EAGAIN, wait_slots(self->fd, self->slots, 1,
				      .flags = MBX_WAIT_NONBLOCK));
	self->slots[0].seq = 42;
	EXPECT_EQ(1, wait_slots(self->fd, self->slots, 1));
	EXPECT_EQ(41, self->slots[0].seq);
}

TEST_F(wait, sees_a_slot_that_wraps)
{
	self->seq[0] = ~0U;
	self->slots[0].seq = ~0U;
	EXPECT_EQ(-EAGAIN, wait_slots(self->fd, self->slots, 1,
				      .flags = MBX_WAIT_NONBLOCK));
	move_slot(self->seq, 0);
	EXPECT_EQ(1, wait_slots(self->fd, self->slots, 1));
	EXPECT_EQ(0, self->slots[0].seq);
}

TEST_F(wait, would_block_if_none_has_moved)
{
	EXPECT_EQ(-EAGAIN, wait_slots(self->fd, self->slots, SLOTS,
				      .flags = MBX_WAIT_NONBLOCK));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, wait_slots(self->fd, self->slots, SLOTS));
}

TEST_F(wait, looks_at_no_other_slot)
{
	move_slot(self->seq, 5);
	EXPECT_EQ(-EAGAIN, wait_slots(self->fd, self->slots, 5,
				      .flags = MBX_WAIT_NONBLOCK));
}

TEST_F(wait, failing_leaves_the_slots_alone)
{
	struct mbx_slot bad[2] = { { .slot = 0, .seq = 9 },
				   { .slot = SLOTS, .seq = 9 } };

	EXPECT_EQ(-EINVAL, wait_slots(self->fd, bad, 2));
	EXPECT_EQ(9, bad[0].seq);
}

TEST_F(wait, of_no_or_too_many_slots_is_refused)
{
	static const __u32 counts[] = {
		0,	    MBX_SLOTS_MAX + 1, 0x20000000, 0x20000001,
		0x7fffffff, 0x80000000,	       ~0U,
	};
	size_t i;

	move_slot(self->seq, 0);
	for (i = 0; i < ARRAY_SIZE(counts); i++)
		EXPECT_EQ(-EINVAL,
			  wait_slots(self->fd, self->slots, counts[i]));
}

TEST_F(wait, of_a_slot_that_is_not_there_is_refused)
{
	static const __u32 numbers[] = { SLOTS,	  MBX_SLOTS_MAX, 1024,
					 1 << 30, 1U << 31,	 ~0U };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct mbx_slot slot = { .slot = numbers[i], .seq = 9 };

		EXPECT_EQ(-EINVAL, wait_slots(self->fd, &slot, 1));
	}
}

TEST_F(wait, of_64_slots_works)
{
	int fd = open_region(NULL, CREATE, .bytes = 1, .slots = MBX_SLOTS_MAX);
	__u32 *seq = map_seq(fd);

	ASSERT_NE(NULL, seq);
	move_slot(seq, MBX_SLOTS_MAX - 1);
	EXPECT_EQ(1, wait_slots(fd, self->slots, MBX_SLOTS_MAX));
	EXPECT_EQ(1, self->slots[MBX_SLOTS_MAX - 1].seq);
}

TEST_F(wait, slots_at_a_bad_address_fault)
{
	size_t i;

	move_slot(self->seq, 0);
	for (i = 0; i < ARRAY_SIZE(nowhere); i++)
		EXPECT_EQ(-EFAULT,
			  wait_slots(self->fd, pointer(nowhere[i]), 1));
}

TEST_F(wait, half_mapped_slots_fault)
{
	struct cliff cliff;
	struct mbx_slot *slots;

	ASSERT_EQ(0, cliff_init(&cliff));
	slots = (struct mbx_slot *)cliff.end - 1;
	slots->seq = 9;
	EXPECT_EQ(-EFAULT, wait_slots(self->fd, slots, 2));
}

TEST_F(wait, read_only_slots_fault)
{
	struct cliff cliff;

	ASSERT_EQ(0, cliff_init(&cliff));
	move_slot(self->seq, 0);
	ASSERT_EQ(0, cliff_protect(&cliff, PROT_READ));
	EXPECT_EQ(-EFAULT,
		  wait_slots(self->fd, (struct mbx_slot *)cliff.start, 1));
}

static int wait_elements(int fd, void *at, __u32 count, __u32 elem_size)
{
	struct mbx_region_wait args = {
		.size = sizeof(args),
		.slots = (uintptr_t)at,
		.count = count,
		.elem_size = elem_size,
	};

	return call(fd, MBX_IOC_REGION_WAIT, &args);
}

TEST_F(wait, shorter_elements_are_refused)
{
	__u32 size;

	move_slot(self->seq, 0);
	for (size = 0; size < sizeof(struct mbx_slot); size++)
		EXPECT_EQ(-EINVAL,
			  wait_elements(self->fd, self->slots, 1, size));
}

TEST_F(wait, longer_elements_with_zero_tails_are_accepted)
{
	struct mbx_slot longer[4] = {
		{ .slot = 1 }, { 0 }, { .slot = 2 }, { 0 }
	};

	move_slot(self->seq, 2);
	EXPECT_EQ(1, wait_elements(self->fd, longer, 2,
				   2 * sizeof(struct mbx_slot)));
	EXPECT_EQ(1, longer[2].seq);
	EXPECT_EQ(0, longer[3].slot);
}

TEST_F(wait, elements_with_an_unknown_part_are_refused)
{
	struct mbx_slot longer[2] = { { .slot = 1 }, { .seq = 1 } };

	move_slot(self->seq, 1);
	EXPECT_EQ(-E2BIG, wait_elements(self->fd, longer, 1, sizeof(longer)));
	EXPECT_EQ(-E2BIG, wait_elements(self->fd, longer, 1, 0x7fffffff));
	EXPECT_EQ(-E2BIG, wait_elements(self->fd, longer, 1, 0xffffffff));
}

TEST_F(wait, is_ended_by_a_notification)
{
	pid_t child = spawn_waiter(self->fd, 2, 1);

	ASSERT_LT(0, child);
	EXPECT_EQ(1, announce(self->fd, self->seq, 2));
	EXPECT_EQ(1, reap(child));
}

TEST_F(wait, on_several_slots_is_ended_by_any)
{
	__u32 slot;

	for (slot = 0; slot < SLOTS; slot++) {
		pid_t child;

		self->seq[slot] = 0;
		child = spawn_waiter(self->fd, 0, SLOTS);
		ASSERT_LT(0, child);
		EXPECT_EQ(1, announce(self->fd, self->seq, slot));
		EXPECT_EQ(1, reap(child));
		self->seq[slot] = 0;
	}
}

TEST_F(wait, is_not_ended_by_another_slot)
{
	pid_t child = spawn_waiter(self->fd, 2, 1);

	ASSERT_LT(0, child);
	EXPECT_EQ(0, announce(self->fd, self->seq, 3));
	EXPECT_EQ(1, region_stat(self->fd).waiters);
	EXPECT_EQ(1, announce(self->fd, self->seq, 2));
	EXPECT_EQ(1, reap(child));
}

TEST_F(wait, is_not_ended_if_the_slot_has_not_moved)
{
	pid_t child = spawn_waiter(self->fd, 0, 1);
	long slept = times_slept(child);

	ASSERT_LT(0, child);
	EXPECT_EQ(1, notify(self->fd, 1));
	/* It looks, and goes on waiting. */
	ASSERT_SOON(times_slept(child) > slept && word(self->waiters) == 1);
	EXPECT_EQ(0, waitpid(child, NULL, WNOHANG));
	EXPECT_EQ(1, announce(self->fd, self->seq, 0));
	EXPECT_EQ(1, reap(child));
}

#define MANY 70 /* more than are told at once */

TEST_F(wait, by_many_is_ended_for_all)
{
	pid_t children[MANY];
	int i;

	for (i = 0; i < MANY; i++)
		children[i] = spawn_waiter(self->fd, 0, 1);
	EXPECT_EQ(MANY, announce(self->fd, self->seq, 0));
	for (i = 0; i < MANY; i++)
		EXPECT_EQ(1, reap(children[i]));
	EXPECT_EQ(MANY, region_stat(self->fd).woken);
	EXPECT_EQ(0, region_stat(self->fd).waiters);
}

TEST_F(wait, on_different_slots_is_ended_by_one_notification_of_all)
{
	pid_t one = spawn_waiter(self->fd, 0, 1),
	      two = spawn_waiter(self->fd, 1, 1);

	ASSERT_LT(0, two);
	move_slot(self->seq, 0);
	move_slot(self->seq, 1);
	EXPECT_EQ(2, notify(self->fd, 3));
	EXPECT_EQ(1, reap(one));
	EXPECT_EQ(1, reap(two));
}

TEST_F(wait, on_two_slots_is_one_waiting_call)
{
	pid_t child = spawn_waiter(self->fd, 0, 2);

	ASSERT_LT(0, child);
	EXPECT_EQ(1, region_stat(self->fd).waiters);
	move_slot(self->seq, 0);
	move_slot(self->seq, 1);
	EXPECT_EQ(1, notify(self->fd, 3));
	EXPECT_EQ(1, region_stat(self->fd).woken);
	EXPECT_EQ(2, reap(child));
}

TEST_F(wait, shows_on_the_waiters_page)
{
	pid_t one = spawn_waiter(self->fd, 2, 1),
	      two = spawn_waiter(self->fd, 1, 3);

	ASSERT_LT(0, one);
	ASSERT_LT(0, two);
	EXPECT_EQ(0, word(self->waiters + 0));
	EXPECT_EQ(1, word(self->waiters + 1));
	EXPECT_EQ(2, word(self->waiters + 2));
	EXPECT_EQ(1, word(self->waiters + 3));
	EXPECT_EQ(0, word(self->waiters + 4));
	EXPECT_EQ(2, announce(self->fd, self->seq, 2));
	EXPECT_EQ(1, reap(one));
	EXPECT_EQ(1, reap(two));
	EXPECT_EQ(0, word(self->waiters + 1));
	EXPECT_EQ(0, word(self->waiters + 2));
	EXPECT_EQ(0, word(self->waiters + 3));
}

TEST_F(wait, that_is_killed_leaves_the_waiters_page)
{
	pid_t child = spawn_waiter(self->fd, 0, SLOTS);

	ASSERT_LT(0, child);
	EXPECT_EQ(1, word(self->waiters + SLOTS - 1));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(0, word(self->waiters));
	EXPECT_EQ(0, word(self->waiters + SLOTS - 1));
	EXPECT_EQ(0, region_stat(self->fd).waiters);
}

TEST_F(wait, that_times_out_leaves_the_waiters_page)
{
	EXPECT_EQ(-ETIMEDOUT,
		  wait_slots(self->fd, self->slots, SLOTS,
			     .deadline_ns = now_ns() + NSEC_PER_MSEC));
	EXPECT_EQ(0, word(self->waiters));
	EXPECT_EQ(0, word(self->waiters + SLOTS - 1));
}

TEST_F(wait, is_for_readers_too)
{
	char name[NAME_SIZE];
	pid_t child;
	int fd, ro;

	unique_name(name, "readers");
	fd = open_region(name, CREATE, .bytes = 1,
			 .lifetime = MBX_LIFE_LAST_CLOSE);
	ro = open_region(name, MBX_READ);
	ASSERT_LE(0, ro);
	child = spawn_waiter(ro, 0, 1);
	ASSERT_LT(0, child);
	EXPECT_EQ(1, announce(fd, map_seq(fd), 0));
	EXPECT_EQ(1, reap(child));
}

TEST_F(wait, notifying_nobody_wakes_nobody)
{
	EXPECT_EQ(0, announce(self->fd, self->seq, 0));
	EXPECT_EQ(1, region_stat(self->fd).notified);
	EXPECT_EQ(0, region_stat(self->fd).woken);
}

TEST_F(wait, notifying_no_slot_is_refused)
{
	EXPECT_EQ(-EINVAL, notify(self->fd, 0));
	EXPECT_EQ(0, region_stat(self->fd).notified);
}

TEST_F(wait, notifying_a_slot_that_is_not_there_is_refused)
{
	int bit;

	for (bit = SLOTS; bit < 64; bit++)
		EXPECT_EQ(-EINVAL, notify(self->fd, 1 | 1ULL << bit));
	EXPECT_EQ(0, region_stat(self->fd).notified);
}

TEST_F(wait, notifying_the_64th_slot_works)
{
	int fd = open_region(NULL, CREATE, .bytes = 1, .slots = MBX_SLOTS_MAX);
	pid_t child = spawn_waiter(fd, MBX_SLOTS_MAX - 1, 1);

	ASSERT_LT(0, child);
	EXPECT_EQ(1, announce(fd, map_seq(fd), MBX_SLOTS_MAX - 1));
	EXPECT_EQ(1, reap(child));
}

/* Whoever can write may write nonsense: the others wait or wake, no more. */
#define ROUNDS ((int)amount(NULL, 20000))

struct scribbler {
	__u32 *words;
	__u32 count;
	bool stop;
};

static void *scribble(void *arg)
{
	struct scribbler *s = arg;
	__u32 x = 1, i;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		for (i = 0; i < s->count; i++) {
			x = x * 1664525 + 1013904223;
			__atomic_store_n(s->words + i, x & 3, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

TEST_F(wait, garbage_in_the_sequence_page_is_harmless)
{
	struct scribbler s = { .words = self->seq, .count = page_size() / 4 };
	pthread_t thread;
	int i, ret;

	ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, &s));
	for (i = 0; i < ROUNDS; i++) {
		ret = wait_slots(self->fd, self->slots, SLOTS,
				 .deadline_ns = now_ns() + 50000);
		if (ret != -ETIMEDOUT && (ret < 1 || ret > SLOTS))
			break;
		if (i % 16 == 0)
			notify(self->fd, 0xff);
	}
	__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(ROUNDS, i) TH_LOG("wait returned %d", ret);
	EXPECT_EQ(0, word(self->waiters));
	EXPECT_EQ(0, region_stat(self->fd).waiters);
}

/*
 * Two processes take turns through two slots, each entering the kernel only when
 * it must. A lost wake-up ends this only by the deadline.
 */
struct player {
	int fd;
	__u32 *seq;
	const __u32 *waiters;
	__u32 mine; /* the slot to move */
	__u32 other; /* the slot to wait for */
	bool begins;
};

static int take_turns(void *arg)
{
	struct player *p = arg;
	struct mbx_slot slot = { .slot = p->other };
	int i, ret;

	for (i = 0; i < ROUNDS; i++) {
		if (i || p->begins) {
			move_slot(p->seq, p->mine);
			if (word(p->waiters + p->mine))
				notify(p->fd, 1ULL << p->mine);
		}
		ret = wait_slots(p->fd, &slot, 1,
				 .deadline_ns = now_ns() + PATIENCE_NS);
		if (ret != 1)
			return -ret;
	}
	if (!p->begins)
		announce(p->fd, p->seq, p->mine);
	return 0;
}

TEST_F_TIMEOUT(wait, no_wake_up_is_lost, 90)
{
	struct player ping = { self->fd, self->seq, self->waiters, 0, 1, true };
	struct player pong = { self->fd, self->seq, self->waiters, 1, 0, false };
	pid_t one = spawn(take_turns, &ping), two = spawn(take_turns, &pong);

	EXPECT_EQ(0, reap(one));
	EXPECT_EQ(0, reap(two));
	EXPECT_EQ(ROUNDS, self->seq[0]);
	EXPECT_EQ(ROUNDS, self->seq[1]);
}

static void on_signal(int sig)
{
}

static int wait_for_signal(void *arg)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	return wait_child(arg);
}

/* Both come before the one who waits can run: this process has its processor. */
TEST_F(wait, signal_ends_wait_that_was_woken_in_vain)
{
	struct sched_param at_once = { .sched_priority = 1 }, usual = { 0 };
	struct waiter w = { .fd = self->fd, .count = 1 };
	pid_t child;

	ASSERT_EQ(0, stay_here());
	child = spawn(wait_for_signal, &w);
	ASSERT_TRUE(waiters_are(self->fd, 1));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_FIFO, &at_once));
	EXPECT_EQ(1, notify(self->fd, 1));
	EXPECT_EQ(0, kill(child, SIGUSR1));
	ASSERT_EQ(0, sched_setscheduler(0, SCHED_OTHER, &usual));
	EXPECT_EQ(EINTR, reap(child));
}

TEST_HARNESS_MAIN
