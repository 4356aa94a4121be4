// SPDX-License-Identifier: GPL-2.0-only
/* Deadlines from time spans, on a clock that stands where the test puts it. */
#include "kselftest_harness.h"

#include <time.h>

#include <mbx.h>

#define LATEST ((uint64_t)INT64_MAX)

static struct timespec clock_now;
static clockid_t clock_asked;

int clock_gettime(clockid_t clock, struct timespec *time)
{
	clock_asked = clock;
	*time = clock_now;
	return 0;
}

FIXTURE(deadline)
{
	uint64_t now;
};

FIXTURE_SETUP(deadline)
{
	clock_now = (struct timespec){ .tv_sec = 5, .tv_nsec = 999999999 };
	self->now = 5999999999ULL;
}

FIXTURE_TEARDOWN(deadline)
{
}

TEST_F(deadline, counts_from_the_monotonic_clock)
{
	EXPECT_EQ(self->now + 1, mbx_deadline(1));
	EXPECT_EQ(CLOCK_MONOTONIC, clock_asked);
}

TEST_F(deadline, of_no_time_is_now)
{
	EXPECT_EQ(self->now, mbx_deadline(0));
	EXPECT_EQ(self->now, mbx_deadline_ms(0));
}

TEST_F(deadline, of_milliseconds_counts_those)
{
	EXPECT_EQ(self->now + 1500000000ULL, mbx_deadline_ms(1500));
}

TEST_F(deadline, is_never_zero_which_would_be_for_ever)
{
	clock_now = (struct timespec){ 0 };
	EXPECT_EQ(1, mbx_deadline(0));
	EXPECT_EQ(1, mbx_deadline_ms(0));
}

TEST_F(deadline, can_be_the_last_moment_of_the_clock)
{
	EXPECT_EQ(LATEST - 1, mbx_deadline(LATEST - self->now - 1));
	EXPECT_EQ(LATEST, mbx_deadline(LATEST - self->now));
}

TEST_F(deadline, is_not_beyond_the_last_moment)
{
	EXPECT_EQ(LATEST, mbx_deadline(LATEST - self->now + 1));
	EXPECT_EQ(LATEST, mbx_deadline(UINT64_MAX));
}

TEST_F(deadline, of_too_many_milliseconds_is_the_last_moment)
{
	EXPECT_EQ(LATEST, mbx_deadline_ms(LATEST / 1000000));
	EXPECT_EQ(LATEST, mbx_deadline_ms(UINT64_MAX / 1000000));
	EXPECT_EQ(LATEST, mbx_deadline_ms(UINT64_MAX / 1000000 + 1));
	EXPECT_EQ(LATEST, mbx_deadline_ms(UINT64_MAX));
}

TEST_HARNESS_MAIN
