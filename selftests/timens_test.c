// SPDX-License-Identifier: GPL-2.0-only
/* Deadlines and times of sending are those of the caller's time namespace. */
#include "blocked.h"
#include "region.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

FIXTURE(timens)
{
	int fd;
	int region;
};

FIXTURE_VARIANT(timens)
{
	const char *offset;
};

FIXTURE_VARIANT_ADD(timens, ahead){
	.offset = "monotonic 1000000 0\n",
};

/* So near its beginning that the host's clock cannot be set back further. */
FIXTURE_VARIANT_ADD(timens, behind){
	.offset = "monotonic -1 0\n",
};

FIXTURE_SETUP(timens)
{
	self->fd = open_mailbox(NULL, CREATE);
	self->region = open_region(NULL, CREATE, .bytes = 1);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->region);
	if (unshare(CLONE_NEWTIME))
		SKIP(return, "no time namespaces here");
	/* For the children of this process. */
	ASSERT_EQ(0, write_file("/proc/self/timens_offsets", variant->offset));
}

FIXTURE_TEARDOWN(timens)
{
	close(self->fd);
	close(self->region);
}

static int time_out_there(void *arg)
{
	__u64 deadline = now_ns() + 100 * NSEC_PER_MSEC;
	struct letter letter;
	int ret = take(*(int *)arg, &letter, .deadline_ns = deadline);

	if (now_ns() < deadline || now_ns() > deadline + PATIENCE_NS)
		return EXIT_FAILURE;
	return status_of(ret);
}

TEST_F(timens, deadline_is_that_of_the_caller)
{
	EXPECT_EQ(ETIMEDOUT, run(time_out_there, &self->fd));
}

static int wait_out_there(void *arg)
{
	__u64 deadline = now_ns() + 100 * NSEC_PER_MSEC;
	struct mbx_slot slot = { 0 };
	int ret = wait_slots(*(int *)arg, &slot, 1, .deadline_ns = deadline);

	if (now_ns() < deadline || now_ns() > deadline + PATIENCE_NS)
		return EXIT_FAILURE;
	return status_of(ret);
}

TEST_F(timens, deadline_of_a_wait_is_that_of_the_caller)
{
	EXPECT_EQ(ETIMEDOUT, run(wait_out_there, &self->region));
}

static int end_of_the_clock_there(void *arg)
{
	struct letter letter;

	return status_of(
		take(*(int *)arg, &letter, .deadline_ns = (1ULL << 63) - 1));
}

TEST_F(timens, end_of_the_clock_is_far_away)
{
	pid_t child = spawn(end_of_the_clock_there, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(0, reap(child));
}

static int past_there(void *arg)
{
	struct letter letter;

	return status_of(take(*(int *)arg, &letter, .deadline_ns = 1));
}

TEST_F(timens, beginning_of_the_clock_has_passed)
{
	EXPECT_EQ(ETIMEDOUT, run(past_there, &self->fd));
}

static int check_time_there(void *arg)
{
	int fd = *(int *)arg;
	__u64 before = now_ns();
	struct letter letter;

	if (send_text(fd, "x") != 1 || take_now(fd, &letter) != 1)
		return EXIT_FAILURE;
	return letter.msg.time_ns < before || letter.msg.time_ns > now_ns();
}

TEST_F(timens, time_of_sending_is_that_of_the_receiver)
{
	EXPECT_EQ(0, run(check_time_there, &self->fd));
}

TEST_HARNESS_MAIN
