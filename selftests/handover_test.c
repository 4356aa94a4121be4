// SPDX-License-Identifier: GPL-2.0-only
/* Waiting receivers are handed the message: who, how many, and if they fail. */
#include "blocked.h"

#include <sys/mman.h>

#define HERD 64

/* Receivers that wait, in a known order, and put what they got where all see it. */
struct receipt {
	int fd;
	__u32 capacity;
	__u32 flags;
	struct mbx_message msg;
};

FIXTURE(handover)
{
	int fd;
	struct receipt *receipts;
	pid_t children[HERD];
	int count;
};

FIXTURE_SETUP(handover)
{
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
	self->receipts = mmap(NULL, HERD * sizeof(*self->receipts),
			      PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->receipts);
}

FIXTURE_TEARDOWN(handover)
{
	close(self->fd);
}

static int receive_one(void *arg)
{
	struct receipt *r = arg;
	char buf[16];
	struct mbx_recv args = { .flags = r->flags,
				 .tag = r->flags & MBX_RECV_BY_TAG ? 7 : 0 };

	r->msg.data = (uintptr_t)buf;
	r->msg.capacity = r->capacity;
	return status_of(do_recv(r->fd, &r->msg, 1, args));
}

/* Returns when the receiver waits. */
static bool add_receiver(FIXTURE_DATA(handover) * self, __u32 capacity,
			 __u32 flags)
{
	struct receipt *r = &self->receipts[self->count];
	__u32 waiting = stat_of(self->fd).waiting_receivers;

	r->fd = self->fd;
	r->capacity = capacity;
	r->flags = flags;
	self->children[self->count++] = spawn(receive_one, r);
	return receivers_wait(self->fd, waiting + 1);
}

TEST_F(handover, first_come_first_served)
{
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_TRUE(add_receiver(self, 16, 0));
	for (i = 0; i < 4; i++)
		ASSERT_EQ(1, send_text(self->fd, "x", .tag = 100 + i));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, reap(self->children[i]));
		EXPECT_EQ(100ULL + i, self->receipts[i].msg.tag);
	}
}

TEST_F_TIMEOUT(handover, one_message_wakes_exactly_one_of_64, 120)
{
	long slept[HERD];
	int i, disturbed = 0;

	for (i = 0; i < HERD; i++)
		ASSERT_TRUE(add_receiver(self, 16, 0));
	for (i = 0; i < HERD; i++) {
		ASSERT_SOON(is_asleep(self->children[i]));
		slept[i] = times_slept(self->children[i]);
	}
	ASSERT_EQ(1, send_text(self->fd, "x", .tag = 100));
	EXPECT_EQ(0, reap(self->children[0]));
	EXPECT_EQ(100, self->receipts[0].msg.tag);
	EXPECT_EQ(HERD - 1, stat_of(self->fd).waiting_receivers);
	for (i = 1; i < HERD; i++) {
		disturbed += times_slept(self->children[i]) != slept[i];
		EXPECT_EQ(0, waitpid(self->children[i], NULL, WNOHANG));
	}
	EXPECT_EQ(0, disturbed);
	for (i = 1; i < HERD; i++)
		EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->children[i]));
	EXPECT_EQ(0, stat_of(self->fd).waiting_receivers);
}

TEST_F_TIMEOUT(handover, as_many_messages_wake_all_of_64, 120)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < HERD; i++)
		ASSERT_TRUE(add_receiver(self, 16, 0));
	for (i = 0; i < HERD; i++)
		ASSERT_EQ(1, send_text(self->fd, "x", .tag = i));
	for (i = 0; i < HERD; i++) {
		EXPECT_EQ(0, reap(self->children[i]));
		sum += self->receipts[i].msg.tag;
	}
	EXPECT_EQ(HERD * (HERD - 1) / 2, sum);
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

TEST_F(handover, is_a_delivery_and_counts_once)
{
	ASSERT_TRUE(add_receiver(self, 16, 0));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(0, reap(self->children[0]));
	EXPECT_EQ(1, self->receipts[0].msg.deliveries);
	EXPECT_EQ(1, stat_of(self->fd).sent);
	EXPECT_EQ(1, stat_of(self->fd).received);
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

/*
 * This process and a child share one processor, and the child can run only when
 * this one sleeps: what is between hand-over and copy can be looked at.
 */
static int freeze_receivers(void)
{
	struct sched_param param = { .sched_priority = 1 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		return -errno;
	return result_of(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK,
					    &param));
}

static void thaw_receivers(void)
{
	struct sched_param param = { .sched_priority = 0 };

	sched_setscheduler(0, SCHED_OTHER, &param);
}

/* A receiver on the processor of freeze_receivers(). */
static bool add_frozen_receiver(FIXTURE_DATA(handover) * self)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (!add_receiver(self, 16, 0))
		return false;
	return !sched_setaffinity(self->children[0], sizeof(one), &one) &&
	       wait_until(is_asleep(self->children[0]));
}

TEST_F(handover, cannot_be_stolen)
{
	struct letter letter;
	int stolen;

	ASSERT_TRUE(add_frozen_receiver(self));
	ASSERT_EQ(0, freeze_receivers());
	EXPECT_EQ(1, send_text(self->fd, "x"));
	stolen = take_now(self->fd, &letter);
	thaw_receivers();
	EXPECT_EQ(-EAGAIN, stolen);
	EXPECT_EQ(0, reap(self->children[0]));
}

TEST_F(handover, to_a_receiver_that_is_killed_leaves_the_message)
{
	ASSERT_TRUE(add_frozen_receiver(self));
	ASSERT_EQ(0, freeze_receivers());
	EXPECT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(1, stat_of(self->fd).received);
	kill(self->children[0], SIGKILL);
	thaw_receivers();
	EXPECT_EQ(KILLED_BY(SIGKILL), reap(self->children[0]));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_EQ(0, stat_of(self->fd).received);
	EXPECT_STREQ("x", next_text(self->fd));
}

TEST_F(handover, to_a_receiver_that_is_killed_goes_on_to_the_next)
{
	ASSERT_TRUE(add_frozen_receiver(self));
	ASSERT_TRUE(add_receiver(self, 16, 0));
	ASSERT_EQ(0, freeze_receivers());
	EXPECT_EQ(1, send_text(self->fd, "x", .tag = 100));
	kill(self->children[0], SIGKILL);
	thaw_receivers();
	EXPECT_EQ(KILLED_BY(SIGKILL), reap(self->children[0]));
	EXPECT_EQ(0, reap(self->children[1]));
	EXPECT_EQ(100, self->receipts[1].msg.tag);
	EXPECT_EQ(1, self->receipts[1].msg.deliveries);
	EXPECT_EQ(1, stat_of(self->fd).received);
}

TEST_F(handover, short_buffer_ends_that_receiver_and_keeps_the_message)
{
	ASSERT_TRUE(add_receiver(self, 2, 0));
	ASSERT_EQ(1, send_text(self->fd, "hello", .tag = 100));
	EXPECT_EQ(EMSGSIZE, reap(self->children[0]));
	EXPECT_EQ(5, self->receipts[0].msg.len);
	EXPECT_EQ(100, self->receipts[0].msg.tag);
	EXPECT_EQ(0, stat_of(self->fd).received);
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(handover, short_buffer_passes_the_message_on)
{
	ASSERT_TRUE(add_receiver(self, 2, 0));
	ASSERT_TRUE(add_receiver(self, 16, 0));
	ASSERT_TRUE(add_receiver(self, 16, 0));
	ASSERT_EQ(1, send_text(self->fd, "hello", .tag = 100));
	EXPECT_EQ(EMSGSIZE, reap(self->children[0]));
	EXPECT_EQ(0, reap(self->children[1]));
	EXPECT_EQ(100, self->receipts[1].msg.tag);
	EXPECT_EQ(1, stat_of(self->fd).waiting_receivers);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->children[2]));
}

TEST_F(handover, goes_to_the_first_receiver_that_wants_it)
{
	ASSERT_TRUE(add_receiver(self, 16, MBX_RECV_BY_TAG));
	ASSERT_TRUE(add_receiver(self, 16, 0));
	ASSERT_EQ(1, send_text(self->fd, "x", .tag = 8));
	EXPECT_EQ(0, reap(self->children[1]));
	EXPECT_EQ(1, stat_of(self->fd).waiting_receivers);
	ASSERT_EQ(1, send_text(self->fd, "x", .tag = 7));
	EXPECT_EQ(0, reap(self->children[0]));
}

TEST_F(handover, shows_the_message_to_those_who_peek_on_the_way)
{
	ASSERT_TRUE(add_receiver(self, 16, MBX_RECV_PEEK));
	ASSERT_TRUE(add_receiver(self, 16, 0));
	ASSERT_EQ(1, send_text(self->fd, "x", .tag = 100));
	EXPECT_EQ(0, reap(self->children[0]));
	EXPECT_EQ(0, reap(self->children[1]));
	EXPECT_EQ(100, self->receipts[0].msg.tag);
	EXPECT_EQ(100, self->receipts[1].msg.tag);
	EXPECT_EQ(1, stat_of(self->fd).received);
}

TEST_F(handover, does_not_count_as_a_delivery_for_those_who_peek)
{
	ASSERT_TRUE(add_receiver(self, 16, MBX_RECV_PEEK));
	ASSERT_TRUE(add_receiver(self, 16, 0));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(0, reap(self->children[0]));
	EXPECT_EQ(0, reap(self->children[1]));
	EXPECT_EQ(0, self->receipts[0].msg.deliveries);
	EXPECT_EQ(1, self->receipts[1].msg.deliveries);
}

TEST_F(handover, comes_from_a_waiting_sender_too)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	pid_t sender;

	ASSERT_EQ(1, send_text(fd, "first"));
	sender = spawn_sender(fd);
	ASSERT_TRUE(senders_wait(fd, 1));
	EXPECT_STREQ("first", next_text(fd));
	EXPECT_EQ(0, reap(sender));
	EXPECT_STREQ("blocked", next_text(fd));
}

static int send_tag_seven(void *arg)
{
	return status_of(send_waiting(*(int *)arg, "seven", .tag = 7));
}

static int send_three(void *arg)
{
	return status_of(send_waiting(*(int *)arg, "123"));
}

/* In one call. */
static int take_all_of_tag_one(int fd)
{
	struct mbx_message msgs[MBX_BATCH_MAX] = { { .len = 0 } };

	return recv_array(fd, msgs, MBX_BATCH_MAX,
			  .flags = MBX_RECV_BY_TAG | MBX_RECV_NONBLOCK,
			  .tag = 1);
}

/* Waiting for each other would help neither. */
TEST_F(handover, takes_a_message_from_a_sender_who_waits_for_room)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	struct letter letter;
	pid_t sender;

	ASSERT_EQ(1, send_text(fd, "first", .tag = 1));
	sender = spawn(send_tag_seven, &fd);
	ASSERT_TRUE(senders_wait(fd, 1));
	ASSERT_EQ(1, take(fd, &letter, .flags = MBX_RECV_BY_TAG, .tag = 7));
	EXPECT_STREQ("seven", letter.text);
	EXPECT_EQ(0, reap(sender));
	EXPECT_EQ(1, stat_of(fd).msgs);
	EXPECT_TRUE(counters_add_up(fd));
	EXPECT_STREQ("first", next_text(fd));
}

TEST_F(handover, from_a_sender_who_waits_lets_the_next_one_in)
{
	int fd = open_mailbox(NULL, CREATE, .max_bytes = 10);
	struct letter letter;
	pid_t first, second;

	ASSERT_EQ(1, send_text(fd, "1234567", .tag = 1));
	/* Five bytes do not fit, and the three behind them have to wait... */
	first = spawn(send_tag_seven, &fd);
	ASSERT_TRUE(senders_wait(fd, 1));
	second = spawn(send_three, &fd);
	ASSERT_TRUE(senders_wait(fd, 2));
	/* ...until they stand there no more. */
	ASSERT_EQ(1, take(fd, &letter, .flags = MBX_RECV_BY_TAG, .tag = 7));
	EXPECT_EQ(0, reap(first));
	EXPECT_TRUE(senders_wait(fd, 0));
	EXPECT_EQ(2, stat_of(fd).msgs);
	kill(second, SIGKILL);
	reap(second);
}

/* Receivers who want what is not there, a crowd of senders in between. */
TEST_F(handover, serves_a_crowd_of_senders_while_receivers_wait)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 30), i;
	pid_t senders[30];

	for (i = 0; i < 30; i++)
		ASSERT_EQ(1, send_text(fd, "", .tag = 1));
	for (i = 0; i < 30; i++)
		senders[i] = spawn_sender(fd);
	ASSERT_TRUE(senders_wait(fd, 30));
	self->fd = fd;
	ASSERT_TRUE(add_receiver(self, 16, MBX_RECV_BY_TAG));
	ASSERT_TRUE(add_receiver(self, 16, MBX_RECV_BY_TAG));
	EXPECT_EQ(30, take_all_of_tag_one(fd));
	for (i = 0; i < 30; i++)
		EXPECT_EQ(0, reap(senders[i]));
	EXPECT_EQ(30, stat_of(fd).msgs);
	EXPECT_EQ(2, stat_of(fd).waiting_receivers);
	EXPECT_TRUE(counters_add_up(fd));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->children[i]));
}

TEST_F(handover, serves_a_receiver_although_senders_wait)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	pid_t sender;

	ASSERT_EQ(1, send_text(fd, "first", .tag = 1));
	sender = spawn_sender(fd);
	ASSERT_TRUE(senders_wait(fd, 1));
	self->fd = fd;
	ASSERT_TRUE(add_receiver(self, 16, MBX_RECV_BY_TAG));
	ASSERT_EQ(1, send_text(fd, "x", .tag = 7));
	EXPECT_EQ(0, reap(self->children[0]));
	EXPECT_EQ(1, stat_of(fd).waiting_senders);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(sender));
}

TEST_HARNESS_MAIN
