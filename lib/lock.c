// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Locks in regions: robust mutexes that processes share
 *
 * The mutex checks its owner, so that a mistake is an error and no deadlock,
 * and the mark tells a lock from memory that merely is zero, which the C
 * library would take for a mutex of the wrong kind.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "internal.h"

#define LOCK_MARK 0x4d42584cU
#define NS_PER_SEC 1000000000ULL
#define LONG_AGO 1

struct lock {
	pthread_mutex_t mutex;
	uint32_t mark;
} __attribute__((__may_alias__));

static_assert(sizeof(struct lock) <= sizeof(struct mbx_lock),
	      "struct mbx_lock is part of the ABI and can't grow");
static_assert(__alignof__(struct lock) <= __alignof__(struct mbx_lock),
	      "a lock is aligned where struct mbx_lock is");

static bool aligned(const struct mbx_lock *lock)
{
	return (uintptr_t)lock % sizeof(lock->opaque[0]) == 0;
}

/* The lock within @outer, or NULL if there is none. */
static struct lock *inner(struct mbx_lock *outer)
{
	struct lock *lock = (struct lock *)outer;

	if (!aligned(outer) ||
	    __atomic_load_n(&lock->mark, __ATOMIC_ACQUIRE) != LOCK_MARK)
		return NULL;
	return lock;
}

static int init_mutex(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attr;
	int err = pthread_mutexattr_init(&attr);

	if (err)
		return -err;
	err = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (!err)
		err = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (!err)
		err = pthread_mutexattr_settype(&attr,
						PTHREAD_MUTEX_ERRORCHECK);
	if (!err)
		err = pthread_mutex_init(mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	return -err;
}

int mbx_lock_init(struct mbx_lock *outer)
{
	struct lock *lock = (struct lock *)outer;
	int ret;

	if (!aligned(outer))
		return -EINVAL;
	if (inner(outer))
		return -EBUSY;
	memset(outer, 0, sizeof(*outer));
	ret = init_mutex(&lock->mutex);
	if (!ret)
		__atomic_store_n(&lock->mark, LOCK_MARK, __ATOMIC_RELEASE);
	return ret;
}

int mbx_lock_acquire(struct mbx_lock *outer)
{
	struct lock *lock = inner(outer);

	return lock ? -pthread_mutex_lock(&lock->mutex) : -EINVAL;
}

int mbx_lock_until(struct mbx_lock *outer, uint64_t deadline_ns)
{
	struct lock *lock = inner(outer);
	struct timespec deadline = {
		.tv_sec = (time_t)(deadline_ns / NS_PER_SEC),
		.tv_nsec = (long)(deadline_ns % NS_PER_SEC),
	};

	if (!lock)
		return -EINVAL;
	if (!deadline_ns)
		return -pthread_mutex_lock(&lock->mutex);
	return -pthread_mutex_clocklock(&lock->mutex, CLOCK_MONOTONIC,
					&deadline);
}

/*
 * Not by pthread_mutex_trylock(): in the C library, that leaves a lock which
 * can't be recovered in the hands of the caller, and its release then crashes.
 */
int mbx_lock_try(struct mbx_lock *outer)
{
	int ret = mbx_lock_until(outer, LONG_AGO);

	return ret == -ETIMEDOUT || ret == -EDEADLK ? -EBUSY : ret;
}

int mbx_lock_recovered(struct mbx_lock *outer)
{
	struct lock *lock = inner(outer);

	return lock ? -pthread_mutex_consistent(&lock->mutex) : -EINVAL;
}

int mbx_lock_release(struct mbx_lock *outer)
{
	struct lock *lock = inner(outer);

	return lock ? -pthread_mutex_unlock(&lock->mutex) : -EINVAL;
}

/* A robust mutex is destroyed even if it is held, so try to get it first. */
int mbx_lock_destroy(struct mbx_lock *outer)
{
	struct lock *lock = inner(outer);
	int ret = mbx_lock_try(outer);

	if (ret && ret != -EOWNERDEAD && ret != -ENOTRECOVERABLE)
		return ret;
	__atomic_store_n(&lock->mark, 0, __ATOMIC_RELEASE);
	if (ret == -EOWNERDEAD)
		pthread_mutex_consistent(&lock->mutex);
	if (ret != -ENOTRECOVERABLE)
		pthread_mutex_unlock(&lock->mutex);
	return -pthread_mutex_destroy(&lock->mutex);
}
