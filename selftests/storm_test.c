// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many senders and receivers at full speed: nothing is lost, duplicated or
 * reordered within one sender and priority
 *
 * Each message carries its sender and its number. Whoever receives it notes its
 * sequence number there, in memory that all share; the parent looks for holes and
 * for numbers that do not grow.
 */
#include "blocked.h"

#include <sys/mman.h>

#define SENDERS 4
#define RECEIVERS 2
#define PRIOS 4
#define BATCH 64

FIXTURE(storm)
{
	int fd;
};

FIXTURE_VARIANT(storm)
{
	__u32 each; /* messages of a sender */
	__u32 batch; /* at most in a call */
	__u32 max_msgs;
	__u32 overflow;
};

FIXTURE_VARIANT_ADD(storm, of_arrays){
	.each = 100000,
	.batch = BATCH,
	.max_msgs = 1024,
};

FIXTURE_VARIANT_ADD(storm, of_single_messages){
	.each = 10000,
	.batch = 1,
	.max_msgs = 1024,
};

/* Everybody waits for everybody. */
FIXTURE_VARIANT_ADD(storm, through_a_small_mailbox){
	.each = 5000,
	.batch = 3,
	.max_msgs = 2,
};

FIXTURE_VARIANT_ADD(storm, against_rejection){
	.each = 10000,
	.batch = BATCH,
	.max_msgs = 100,
	.overflow = MBX_OVERFLOW_REJECT,
};

FIXTURE_SETUP(storm)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = variant->max_msgs,
				.overflow = variant->overflow);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(storm)
{
	close(self->fd);
}

/* What all processes share. */
struct weather {
	int fd;
	__u32 each;
	__u32 batch;
	__u32 next_sender;
	__u32 received;
	__u32 duplicates;
	__u32 strangers;
	__u64 seq[]; /* of each message, plus 1; 0 if it never came */
};

static __u32 all(const struct weather *w)
{
	return SENDERS * w->each;
}

/* Send these, waiting or trying until they are sent. */
static int send_all(int fd, struct mbx_message *msgs, __u32 count)
{
	int ret;

	while (count) {
		ret = send_array(fd, msgs, count);
		if (ret == -EAGAIN) {
			sched_yield();
			continue;
		}
		if (ret < 0)
			return -ret;
		msgs += ret;
		count -= ret;
	}
	return 0;
}

static int storm_sender(void *arg)
{
	struct mbx_message msgs[BATCH] = { { .len = 0 } };
	struct weather *w = arg;
	__u32 sender = __atomic_fetch_add(&w->next_sender, 1, __ATOMIC_RELAXED),
	      n = 0, i;
	int err = 0;

	while (n < w->each && !err) {
		for (i = 0; i < w->batch && n < w->each; i++, n++) {
			msgs[i].tag = sender * w->each + n;
			msgs[i].prio = n % PRIOS;
		}
		err = send_all(w->fd, msgs, i);
	}
	return err;
}

static void note(struct weather *w, const struct mbx_message *msg)
{
	__u64 none = 0;

	if (msg->tag >= all(w))
		__atomic_add_fetch(&w->strangers, 1, __ATOMIC_RELAXED);
	else if (!__atomic_compare_exchange_n(
			 &w->seq[msg->tag], &none, msg->seq + 1, false,
			 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		__atomic_add_fetch(&w->duplicates, 1, __ATOMIC_RELAXED);
}

/* Until a message of length 1 says that all is over. */
static int storm_receiver(void *arg)
{
	struct mbx_message msgs[BATCH] = { { .len = 0 } };
	struct weather *w = arg;
	char end[BATCH];
	int i, ret;

	for (i = 0; i < BATCH; i++) {
		msgs[i].data = (uintptr_t)(end + i);
		msgs[i].capacity = 1;
	}
	for (;;) {
		ret = recv_array(w->fd, msgs, w->batch);
		if (ret <= 0)
			return -ret;
		for (i = 0; i < ret && !msgs[i].len; i++)
			note(w, &msgs[i]);
		__atomic_add_fetch(&w->received, i, __ATOMIC_RELAXED);
		if (i < ret)
			return i + 1 == ret ? 0 : EXIT_FAILURE;
	}
}

/* Within one sender and priority: no hole, and growing numbers. */
static void check_stream(const struct weather *w, __u32 sender, __u32 prio,
			 __u32 *holes, __u32 *disorder)
{
	__u64 last = 0, seq;
	__u32 n;

	for (n = prio; n < w->each; n += PRIOS) {
		seq = w->seq[sender * w->each + n];
		*holes += !seq;
		*disorder += seq <= last;
		last = seq;
	}
}

static struct weather *make_weather(int fd, __u32 each, __u32 batch)
{
	size_t size =
		sizeof(struct weather) + (size_t)SENDERS * each * sizeof(__u64);
	struct weather *w = mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (w == MAP_FAILED)
		return NULL;
	w->fd = fd;
	w->each = each;
	w->batch = batch;
	return w;
}

static void check_weather(struct __test_metadata *_metadata,
			  const struct weather *w)
{
	__u32 sender, prio, holes = 0, disorder = 0;

	EXPECT_EQ(all(w), w->received);
	EXPECT_EQ(0, w->duplicates);
	EXPECT_EQ(0, w->strangers);
	for (sender = 0; sender < SENDERS; sender++)
		for (prio = 0; prio < PRIOS; prio++)
			check_stream(w, sender, prio, &holes, &disorder);
	EXPECT_EQ(0, holes);
	EXPECT_EQ(0, disorder);
}

TEST_F_TIMEOUT(storm, loses_duplicates_and_reorders_nothing, 120)
{
	struct weather *w = make_weather(self->fd, amount(NULL, variant->each),
					 variant->batch);
	pid_t senders[SENDERS];
	int i;

	ASSERT_NE(NULL, w);
	for (i = 0; i < RECEIVERS; i++)
		ASSERT_LT(0, spawn(storm_receiver, w));
	for (i = 0; i < SENDERS; i++)
		senders[i] = spawn(storm_sender, w);
	for (i = 0; i < SENDERS; i++)
		EXPECT_EQ(0, reap(senders[i]));
	/* Not two at once: a receiver could take both. */
	for (i = 0; i < RECEIVERS; i++) {
		ASSERT_EQ(1, send_waiting(self->fd, "."));
		EXPECT_EQ(0, reap(-1));
	}
	check_weather(_metadata, w);
	EXPECT_EQ(all(w) + RECEIVERS, stat_of(self->fd).received);
	EXPECT_TRUE(counters_add_up(self->fd));
}

TEST_HARNESS_MAIN
