// SPDX-License-Identifier: GPL-2.0-only
/* Races for messages: whatever happens at the same time, none is lost. */
#include "blocked.h"
#include "race.h"

#include <sys/mman.h>

#define ROUNDS ((int)amount(NULL, 10000))

FIXTURE(race)
{
	int fd;
};

FIXTURE_SETUP(race)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 64);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(race)
{
	close(self->fd);
}

static void send_some(void *arg)
{
	int i, fd = *(int *)arg;

	for (i = 0; i < 8; i++)
		send_text(fd, "x");
	sched_yield();
}

static unsigned int drain(int fd)
{
	struct letter letter;
	unsigned int count = 0;

	while (take_now(fd, &letter) == 1)
		count++;
	return count;
}

/* A receiver times out just when it is handed a message. */
struct impatient {
	int fd;
	pthread_t thread;
	unsigned int received;
	int unexpected;
};

static void *receive_impatiently(void *arg)
{
	struct impatient *me = arg;
	__u32 random = me->fd;
	struct letter letter;
	int i, ret;

	/* The sender may have to wait for a processor for as long as all of these. */
	for (i = 0; i < ROUNDS || !(me->received || me->unexpected); i++) {
		__u64 deadline = now_ns() + next_random(&random) % 100000;

		ret = take(me->fd, &letter, .deadline_ns = deadline);
		if (ret == 1)
			me->received++;
		else if (ret != -ETIMEDOUT)
			me->unexpected = ret;
	}
	return NULL;
}

TEST_F_TIMEOUT(race, of_deadlines_against_messages_loses_none, 90)
{
	struct impatient receivers[2] = { { .fd = self->fd },
					  { .fd = self->fd } };
	struct racer sender;
	unsigned int received;
	int i;

	ASSERT_EQ(0, racer_begin(&sender, send_some, &self->fd));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0,
			  pthread_create(&receivers[i].thread, NULL,
					 receive_impatiently, &receivers[i]));
	for (i = 0; i < 2; i++) {
		pthread_join(receivers[i].thread, NULL);
		EXPECT_EQ(0, receivers[i].unexpected);
	}
	racer_end(&sender);
	received = receivers[0].received + receivers[1].received;
	EXPECT_LT(0, received);
	EXPECT_EQ(received, stat_of(self->fd).received);
	EXPECT_EQ(0, stat_of(self->fd).waiting_receivers);
	EXPECT_TRUE(counters_add_up(self->fd));
	EXPECT_EQ(stat_of(self->fd).msgs, drain(self->fd));
}

static void drain_turn(void *arg)
{
	drain(*(int *)arg);
	sched_yield();
}

TEST_F_TIMEOUT(race, of_deadlines_against_room_sends_each_once, 90)
{
	struct mbx_message msg = { .len = 1, .data = (uintptr_t) "x" };
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 4);
	struct racer receiver;
	unsigned int sent = 0;
	__u32 random = 1;
	int i, ret = 0;

	ASSERT_EQ(0, racer_begin(&receiver, drain_turn, &fd));
	for (i = 0; i < ROUNDS / 2 && (ret == 1 || ret == -ETIMEDOUT || !ret);
	     i++) {
		__u64 deadline = now_ns() + next_random(&random) % 50000;

		/* Fill it, then be impatient. */
		while ((ret = send_array(fd, &msg, 1,
					 .flags = MBX_SEND_NONBLOCK)) == 1)
			sent++;
		ret = send_array(fd, &msg, 1, .deadline_ns = deadline);
		sent += ret == 1;
	}
	racer_end(&receiver);
	EXPECT_EQ(ROUNDS / 2, i) TH_LOG("send returned %d", ret);
	EXPECT_EQ(sent, stat_of(fd).sent);
	EXPECT_EQ(0, stat_of(fd).waiting_senders);
	EXPECT_TRUE(counters_add_up(fd));
}

TEST_F_TIMEOUT(race, of_dropping_against_receiving_counts_all, 90)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 8,
			      .overflow = MBX_OVERFLOW_DROP_OLDEST);
	struct racer receiver;
	int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, racer_begin(&receiver, drain_turn, &fd));
	for (i = 0; i < ROUNDS && send_text(fd, "x") == 1; i++)
		;
	racer_end(&receiver);
	EXPECT_EQ(ROUNDS, i);
	EXPECT_EQ(ROUNDS, stat_of(fd).sent);
	EXPECT_TRUE(counters_add_up(fd));
	EXPECT_EQ(stat_of(fd).msgs, drain(fd));
}

static void peek_and_steal(void *arg)
{
	int fd = *(int *)arg;
	struct letter letter;

	take(fd, &letter, .flags = MBX_RECV_PEEK | MBX_RECV_NONBLOCK);
	take(fd, &letter, .flags = MBX_RECV_BY_TAG | MBX_RECV_NONBLOCK,
	     .tag = 3);
}

TEST_F_TIMEOUT(race, of_peeking_and_selecting_against_receiving_keeps_order, 90)
{
	struct mbx_message msgs[8];
	struct letter letter;
	struct racer other;
	__u64 last = 0;
	int i, j;

	ASSERT_EQ(0, racer_begin(&other, peek_and_steal, &self->fd));
	for (i = 0; i < ROUNDS / 8; i++) {
		for (j = 0; j < 8; j++)
			msgs[j] = (struct mbx_message){ .tag = j };
		ASSERT_EQ(8, send_array(self->fd, msgs, 8));
		while (take_now(self->fd, &letter) == 1) {
			EXPECT_TRUE(!last || letter.msg.seq > last);
			last = letter.msg.seq;
		}
	}
	racer_end(&other);
	EXPECT_TRUE(counters_add_up(self->fd));
}

/*
 * Receivers that are killed at any moment. Each writes what it gets to memory
 * that survives it, so that whatever was copied to a receiver is found there, and
 * whatever was not must still be queued.
 */
#define MESSAGES 4000
#define KILLS 40

struct loot {
	int fd;
	__u32 next; /* slot to receive into */
	__u32 slots[MESSAGES + KILLS];
};

static int receive_into_loot(void *arg)
{
	struct loot *loot = arg;
	__u32 slot;

	for (;;) {
		struct mbx_message msg = { .capacity = sizeof(loot->slots[0]) };

		slot = __atomic_fetch_add(&loot->next, 1, __ATOMIC_SEQ_CST);
		msg.data = (uintptr_t)&loot->slots[slot];
		if (slot >= ARRAY_SIZE(loot->slots) ||
		    recv_array(loot->fd, &msg, 1) != 1)
			return EXIT_FAILURE;
	}
}

/* Sends the numbers from @from to before @to. */
static bool send_numbers(int fd, __u32 from, __u32 to)
{
	while (from < to) {
		if (send_bytes(fd, &from, sizeof(from), 0) != 1)
			return false;
		from++;
	}
	return true;
}

static bool seen[MESSAGES + 1];

/* What a receiver did not get must not stop the next round. */
static void collect_rest(int fd)
{
	__u32 number;
	struct mbx_message msg = { .data = (uintptr_t)&number,
				   .capacity = sizeof(number) };

	while (recv_array(fd, &msg, 1, .flags = MBX_RECV_NONBLOCK) == 1)
		seen[number] = true;
}

TEST_F_TIMEOUT(race, of_receivers_against_their_death_loses_none, 90)
{
	struct loot *loot = mmap(NULL, sizeof(*loot), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	__u32 i, missing = 0, share = MESSAGES / KILLS;
	pid_t child;

	ASSERT_NE(MAP_FAILED, loot);
	loot->fd = self->fd;
	for (i = 0; i < KILLS; i++) {
		child = spawn(receive_into_loot, loot);
		ASSERT_TRUE(send_numbers(self->fd, 1 + i * share,
					 1 + (i + 1) * share));
		ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
		collect_rest(self->fd);
	}
	for (i = 0; i < ARRAY_SIZE(loot->slots); i++)
		seen[loot->slots[i]] = true;
	for (i = 1; i <= MESSAGES; i++)
		missing += !seen[i];
	EXPECT_EQ(0, missing);
	EXPECT_TRUE(counters_add_up(self->fd));
	EXPECT_EQ(0, stat_of(self->fd).waiting_receivers);
}

#define LOOKED_FOR ((__u32)amount("MBX_LOOKS", 50000))

static void *send_all_numbers(void *arg)
{
	send_numbers(*(int *)arg, 0, LOOKED_FOR);
	return NULL;
}

/* Who does not wait looks at the mailbox in any state that a sender leaves it in. */
TEST_F_TIMEOUT(race, of_looking_against_sending_keeps_the_order, 180)
{
	__u32 next = 0, number;
	struct mbx_message msg = { .data = (uintptr_t)&number,
				   .capacity = sizeof(number) };
	pthread_t sender;
	int ret;

	ASSERT_EQ(0,
		  pthread_create(&sender, NULL, send_all_numbers, &self->fd));
	do {
		ret = recv_array(self->fd, &msg, 1, .flags = MBX_RECV_NONBLOCK);
		if (ret == 1 && number != next++)
			break;
	} while (next < LOOKED_FOR && (ret == 1 || ret == -EAGAIN));
	ASSERT_EQ(1, ret);
	ASSERT_EQ(next - 1, number);
	/* Else the sender may wait for room. */
	ASSERT_EQ(LOOKED_FOR, next);
	pthread_join(sender, NULL);
}

/* The descriptor goes while a call waits on it: the call goes on. */
struct waiting_thread {
	int fd;
	int result;
};

static void *wait_in_thread(void *arg)
{
	struct waiting_thread *me = arg;
	struct letter letter;

	me->result = take(me->fd, &letter);
	return NULL;
}

TEST_F(race, of_close_against_a_waiting_call_lets_it_go_on)
{
	struct waiting_thread waiting = { .fd = dup(self->fd) };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_in_thread, &waiting));
	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(0, close(waiting.fd));
	EXPECT_EQ(1, stat_of(self->fd).waiting_receivers);
	ASSERT_EQ(1, send_text(self->fd, "x"));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(1, waiting.result);
}

TEST_HARNESS_MAIN
