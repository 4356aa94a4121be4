// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module, from many threads at once. */
#include "lib_test.h"

#define THREADS 8
#define MESSAGES 500 /* of each thread */
#define STOP UINT64_MAX

struct crowd {
	int fd;
	struct mbx_region *region;
	unsigned int number;
	unsigned int seen[THREADS][MESSAGES];
	unsigned int out_of_order;
	pthread_t threads[2 * THREADS];
};

FIXTURE(threads)
{
	struct crowd crowd;
};

FIXTURE_SETUP(threads)
{
	memset(&self->crowd, 0, sizeof(self->crowd));
	self->crowd.fd = mbx_mailbox_open(NULL, CREATE,
					  MBX_MAILBOX_OPTS(.max_msgs = 16));
	ASSERT_LE(0, self->crowd.fd);
}

FIXTURE_TEARDOWN(threads)
{
	close(self->crowd.fd);
}

static void *send_all(void *arg)
{
	struct crowd *crowd = arg;
	uint64_t thread =
		__atomic_fetch_add(&crowd->number, 1, __ATOMIC_RELAXED);
	uint64_t message;
	long ret = 0;

	for (message = 0; message < MESSAGES && !ret; message++)
		ret = mbx_send_with(crowd->fd, &message, sizeof(message),
				    MBX_SEND_OPTS(.tag = thread,
						  .deadline_ns = PATIENCE));
	return (void *)ret;
}

/* A receiver sees what one sender has sent in the order of sending. */
static void note(struct crowd *crowd, uint64_t last[THREADS], uint64_t thread,
		 uint64_t message)
{
	if (last[thread] > message)
		__atomic_fetch_add(&crowd->out_of_order, 1, __ATOMIC_RELAXED);
	last[thread] = message;
	__atomic_fetch_add(&crowd->seen[thread][message], 1, __ATOMIC_RELAXED);
}

static void *receive_all(void *arg)
{
	uint64_t last[THREADS] = { 0 }, message;
	struct mbx_message info;
	struct crowd *crowd = arg;
	ssize_t ret;

	for (;;) {
		ret = mbx_recv_with(crowd->fd, &message, sizeof(message),
				    MBX_RECV_OPTS(.deadline_ns = PATIENCE),
				    &info);
		if (ret != sizeof(message))
			return (void *)ret;
		if (info.tag == STOP)
			return NULL;
		note(crowd, last, info.tag, message);
	}
}

static void *join(pthread_t thread)
{
	void *result = (void *)1;

	pthread_join(thread, &result);
	return result;
}

TEST_F(threads, lose_double_and_reorder_no_message)
{
	struct crowd *crowd = &self->crowd;
	uint64_t nothing = 0;
	int i, j;

	for (i = 0; i < THREADS; i++) {
		pthread_create(&crowd->threads[i], NULL, send_all, crowd);
		pthread_create(&crowd->threads[THREADS + i], NULL, receive_all,
			       crowd);
	}
	for (i = 0; i < THREADS; i++)
		EXPECT_EQ(NULL, join(crowd->threads[i]));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, mbx_send_with(crowd->fd, &nothing, sizeof(nothing),
					   MBX_SEND_OPTS(.tag = STOP)));
	for (i = 0; i < THREADS; i++)
		EXPECT_EQ(NULL, join(crowd->threads[THREADS + i]));

	EXPECT_EQ(0, crowd->out_of_order);
	for (i = 0; i < THREADS; i++)
		for (j = 0; j < MESSAGES; j++)
			ASSERT_EQ(1, crowd->seen[i][j]);
}

/* Returns only if the thread is not cancelled before. */
static void *receive_and_send(void *arg)
{
	struct crowd *crowd = arg;
	char text[8] = "";

	if (mbx_recv(crowd->fd, text, sizeof(text)) != 5)
		return PTHREAD_CANCELED;
	return mbx_send(crowd->fd, "again", 5) ? PTHREAD_CANCELED : NULL;
}

TEST_F(threads, that_are_cancelled_lose_no_message)
{
	pthread_t thread;

	pthread_create(&thread, NULL, receive_and_send, &self->crowd);
	ASSERT_SOON(mailbox_stat(self->crowd.fd).waiting_receivers == 1);
	ASSERT_EQ(0, pthread_cancel(thread));
	ASSERT_EQ(0, mbx_send(self->crowd.fd, "hello", 5));
	EXPECT_EQ(NULL, join(thread));
	EXPECT_EQ(1, mailbox_stat(self->crowd.fd).msgs);
}

static void *open_and_close(void *arg)
{
	struct crowd *crowd = arg;
	struct mbx_region *region;
	int i, fd, ret = 0, times = amount(NULL, 50);
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "selftest/threads/%d/%d", getpid(),
		 __atomic_fetch_add(&crowd->number, 1, __ATOMIC_RELAXED));
	for (i = 0; i < times && !ret; i++) {
		fd = mbx_open(name, CREATE | MBX_EXCL);
		ret = fd < 0 ? fd : mbx_unlink(name);
		if (!ret)
			ret = mbx_region_open(&region, name, CREATE | MBX_EXCL,
					      1, NULL);
		if (ret)
			break;
		mbx_region_close(region);
		ret = mbx_unlink_kind(name, MBX_KIND_REGION);
		close(fd);
	}
	return (void *)(long)ret;
}

TEST_F(threads, open_and_close_without_minding_each_other)
{
	struct crowd *crowd = &self->crowd;
	int i;

	for (i = 0; i < THREADS; i++)
		pthread_create(&crowd->threads[i], NULL, open_and_close, crowd);
	for (i = 0; i < THREADS; i++)
		EXPECT_EQ(NULL, join(crowd->threads[i]));
}

static void *notify_all(void *arg)
{
	struct crowd *crowd = arg;
	int i, ret = 0;

	for (i = 0; i < MESSAGES && ret >= 0; i++)
		ret = mbx_region_notify(crowd->region, 0);
	return (void *)(long)(ret < 0 ? ret : 0);
}

/* Nobody misses the last notification, however many come at once. */
static void *wait_for_all(void *arg)
{
	struct crowd *crowd = arg;
	uint32_t seq = 0;
	long ret = 0;

	while (seq != THREADS * MESSAGES && !ret)
		ret = mbx_region_wait(crowd->region, 0, seq, PATIENCE, 0, &seq);
	return (void *)ret;
}

TEST_F(threads, share_the_handle_of_a_region)
{
	struct crowd *crowd = &self->crowd;
	int i;

	ASSERT_EQ(0, mbx_region_open(&crowd->region, NULL, CREATE, 1, NULL));
	for (i = 0; i < THREADS; i++) {
		pthread_create(&crowd->threads[i], NULL, notify_all, crowd);
		pthread_create(&crowd->threads[THREADS + i], NULL, wait_for_all,
			       crowd);
	}
	for (i = 0; i < 2 * THREADS; i++)
		EXPECT_EQ(NULL, join(crowd->threads[i]));
	EXPECT_EQ(THREADS * MESSAGES, mbx_region_seq(crowd->region, 0));
	mbx_region_close(crowd->region);
}

TEST_HARNESS_MAIN
