// SPDX-License-Identifier: GPL-2.0-only
/* Locks, in memory that processes share without a region. */
#include "kselftest_harness.h"

#include <pthread.h>
#include <sys/mman.h>

#include <mbx.h>

#define ROUNDS 20000
#define PROCESSES 4

struct shared {
	struct mbx_lock lock;
	unsigned int count;
};

typedef int take_fn(struct mbx_lock *lock);

/* A child's exit status says what the call returned. */
#define IN_CHILD(call)                                         \
	({                                                     \
		pid_t pid__ = fork();                          \
		int status__ = -1;                             \
		if (!pid__)                                    \
			_exit(-(call));                        \
		waitpid(pid__, &status__, 0);                  \
		WIFEXITED(status__) ? -WEXITSTATUS(status__) : \
				      WTERMSIG(status__);      \
	})

static int die_with(struct mbx_lock *lock)
{
	int ret = mbx_lock_acquire(lock);

	if (!ret || ret == -EOWNERDEAD)
		raise(SIGKILL);
	return ret;
}

FIXTURE(lock)
{
	struct shared *shared;
	struct mbx_lock *lock;
};

FIXTURE_SETUP(lock)
{
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	self->lock = &self->shared->lock;
	ASSERT_EQ(0, mbx_lock_init(self->lock));
}

FIXTURE_TEARDOWN(lock)
{
	munmap(self->shared, sizeof(*self->shared));
}

TEST_F(lock, memory_that_is_no_lock_is_refused)
{
	struct mbx_lock zero = { 0 };

	EXPECT_EQ(-EINVAL, mbx_lock_acquire(&zero));
	EXPECT_EQ(-EINVAL, mbx_lock_try(&zero));
	EXPECT_EQ(-EINVAL, mbx_lock_until(&zero, 1));
	EXPECT_EQ(-EINVAL, mbx_lock_recovered(&zero));
	EXPECT_EQ(-EINVAL, mbx_lock_release(&zero));
	EXPECT_EQ(-EINVAL, mbx_lock_destroy(&zero));
}

TEST_F(lock, out_of_alignment_is_refused)
{
	struct mbx_lock *askew = (void *)((char *)self->lock + 4);

	EXPECT_EQ(-EINVAL, mbx_lock_init(askew));
	EXPECT_EQ(-EINVAL, mbx_lock_acquire(askew));
	EXPECT_EQ(-EINVAL, mbx_lock_destroy(askew));
}

TEST_F(lock, is_not_made_twice)
{
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EBUSY, mbx_lock_init(self->lock));
	EXPECT_EQ(-EBUSY, IN_CHILD(mbx_lock_try(self->lock)));
}

TEST_F(lock, taken_twice_by_a_thread_is_an_error)
{
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EDEADLK, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EDEADLK, mbx_lock_until(self->lock, 0));
	EXPECT_EQ(-EDEADLK, mbx_lock_until(self->lock, mbx_deadline_ms(60000)));
	EXPECT_EQ(-EBUSY, mbx_lock_try(self->lock));
}

TEST_F(lock, is_released_by_its_holder_only)
{
	EXPECT_EQ(-EPERM, mbx_lock_release(self->lock));
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EPERM, IN_CHILD(mbx_lock_release(self->lock)));
	EXPECT_EQ(0, mbx_lock_release(self->lock));
	EXPECT_EQ(-EPERM, mbx_lock_release(self->lock));
}

TEST_F(lock, held_by_another_process_is_not_waited_for)
{
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EBUSY, IN_CHILD(mbx_lock_try(self->lock)));
	EXPECT_EQ(-ETIMEDOUT, IN_CHILD(mbx_lock_until(self->lock, 1)));
	EXPECT_EQ(-ETIMEDOUT,
		  IN_CHILD(mbx_lock_until(self->lock, mbx_deadline(1000))));
}

TEST_F(lock, free_is_taken_after_the_deadline_too)
{
	EXPECT_EQ(0, mbx_lock_until(self->lock, 1));
	EXPECT_EQ(0, mbx_lock_release(self->lock));
	EXPECT_EQ(0, mbx_lock_until(self->lock, UINT64_MAX));
}

TEST_F(lock, in_use_is_not_destroyed)
{
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EBUSY, mbx_lock_destroy(self->lock));
	EXPECT_EQ(-EBUSY, IN_CHILD(mbx_lock_destroy(self->lock)));
	EXPECT_EQ(0, mbx_lock_release(self->lock));
}

TEST_F(lock, destroyed_is_none_and_can_be_made_again)
{
	EXPECT_EQ(0, mbx_lock_destroy(self->lock));
	EXPECT_EQ(-EINVAL, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EINVAL, mbx_lock_destroy(self->lock));
	EXPECT_EQ(0, mbx_lock_init(self->lock));
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
}

TEST_F(lock, without_a_dead_holder_has_nothing_to_recover)
{
	EXPECT_EQ(-EINVAL, mbx_lock_recovered(self->lock));
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EINVAL, mbx_lock_recovered(self->lock));
}

FIXTURE_VARIANT(lock)
{
	take_fn *take;
};

static int take_until(struct mbx_lock *lock)
{
	return mbx_lock_until(lock, mbx_deadline_ms(60000));
}

/* clang-format off */
FIXTURE_VARIANT_ADD(lock, acquire) {
	.take = mbx_lock_acquire,
};

FIXTURE_VARIANT_ADD(lock, try) {
	.take = mbx_lock_try,
};

FIXTURE_VARIANT_ADD(lock, until) {
	.take = take_until,
};

/* clang-format on */

TEST_F(lock, of_a_dead_holder_is_had_and_recovered)
{
	EXPECT_EQ(SIGKILL, IN_CHILD(die_with(self->lock)));
	EXPECT_EQ(-EOWNERDEAD, variant->take(self->lock));
	EXPECT_EQ(-EBUSY, IN_CHILD(mbx_lock_try(self->lock)));
	EXPECT_EQ(0, mbx_lock_recovered(self->lock));
	EXPECT_EQ(0, mbx_lock_release(self->lock));
	EXPECT_EQ(0, variant->take(self->lock));
}

TEST_F(lock, of_a_dead_holder_unrecovered_is_lost)
{
	EXPECT_EQ(SIGKILL, IN_CHILD(die_with(self->lock)));
	EXPECT_EQ(-EOWNERDEAD, mbx_lock_acquire(self->lock));
	EXPECT_EQ(0, mbx_lock_release(self->lock));
	EXPECT_EQ(-ENOTRECOVERABLE, variant->take(self->lock));
	EXPECT_EQ(-ENOTRECOVERABLE, IN_CHILD(variant->take(self->lock)));
}

TEST_F(lock, lost_can_be_destroyed_and_made_again)
{
	EXPECT_EQ(SIGKILL, IN_CHILD(die_with(self->lock)));
	EXPECT_EQ(-EOWNERDEAD, mbx_lock_acquire(self->lock));
	EXPECT_EQ(0, mbx_lock_release(self->lock));
	EXPECT_EQ(0, mbx_lock_destroy(self->lock));
	EXPECT_EQ(0, mbx_lock_init(self->lock));
	EXPECT_EQ(0, variant->take(self->lock));
}

TEST_F(lock, of_a_dead_holder_can_be_destroyed)
{
	EXPECT_EQ(SIGKILL, IN_CHILD(die_with(self->lock)));
	EXPECT_EQ(0, mbx_lock_destroy(self->lock));
	EXPECT_EQ(0, mbx_lock_init(self->lock));
	EXPECT_EQ(0, variant->take(self->lock));
}

TEST_F(lock, of_two_dead_holders_is_reported_each_time)
{
	EXPECT_EQ(SIGKILL, IN_CHILD(die_with(self->lock)));
	EXPECT_EQ(SIGKILL, IN_CHILD(die_with(self->lock)));
	EXPECT_EQ(-EOWNERDEAD, variant->take(self->lock));
}

static int count_rounds(struct shared *shared, take_fn *take)
{
	int ret;

	for (int i = 0; i < ROUNDS; i++) {
		while ((ret = take(&shared->lock)) == -EBUSY)
			sched_yield();
		if (ret)
			return ret;
		shared->count++;
		ret = mbx_lock_release(&shared->lock);
		if (ret)
			return ret;
	}
	return 0;
}

TEST_F(lock, lets_one_process_in_at_a_time)
{
	int status;

	for (int i = 0; i < PROCESSES; i++)
		if (!fork())
			_exit(-count_rounds(self->shared, variant->take));
	for (int i = 0; i < PROCESSES; i++) {
		ASSERT_LT(0, wait(&status));
		EXPECT_EQ(0, status);
	}
	EXPECT_EQ(PROCESSES * ROUNDS, self->shared->count);
}

TEST_F(lock, leaves_errno_alone)
{
	errno = 7777;
	EXPECT_EQ(0, mbx_lock_acquire(self->lock));
	EXPECT_EQ(-EDEADLK, mbx_lock_acquire(self->lock));
	EXPECT_EQ(0, mbx_lock_release(self->lock));
	EXPECT_EQ(-EPERM, mbx_lock_release(self->lock));
	EXPECT_EQ(7777, errno);
}

TEST_HARNESS_MAIN
