/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx: locks in shared regions
 *
 * Programs include <mbx.h>.
 */
#ifndef MBX_LOCK_H
#define MBX_LOCK_H

#include <mbx/base.h>

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* see mbx/base.h */
extern "C" {
#endif

/**
 * struct mbx_lock - a lock for threads of different processes
 *
 * To be placed in the data of a region, aligned as its type demands (where the
 * region begins is fine), and used where it is. A holder which dies is reported
 * to the next one, who has the lock then and can put the data right.
 *
 * Who can write to a lock can harm all that use it: it is for processes that
 * trust each other. All of them must be of one architecture and C library.
 *
 */
struct mbx_lock {
	uint64_t opaque[8];
};

/**
 * mbx_lock_init() - make a lock, not held
 * @lock: zeroed or once destroyed memory in a region opened with %MBX_WRITE
 *
 * One process does this, before others use the lock: for instance the one whose
 * %MBX_CREATE | %MBX_EXCL succeeded.
 *
 * Return: 0 or
 * -EBUSY   it is a lock already
 * -EINVAL  not aligned
 */
MBX_API int mbx_lock_init(struct mbx_lock *lock);

/**
 * mbx_lock_acquire() - take a lock, waiting for it
 * @lock: the lock
 *
 * Return: 0: the caller has the lock;
 * -EOWNERDEAD: the caller has the lock, and its last holder died with it: put
 * the data right and call mbx_lock_recovered(), or release it for good; or
 * without having the lock
 * -EDEADLK          the calling thread has it already
 * -EINVAL           not a lock
 * -ENOTRECOVERABLE  it was released after -EOWNERDEAD without
 *                   mbx_lock_recovered()
 */
MBX_API int mbx_lock_acquire(struct mbx_lock *lock);

/**
 * mbx_lock_try() - take a lock if nobody has it
 * @lock: the lock
 *
 * Return: as mbx_lock_acquire(), or
 * -EBUSY  somebody has it, maybe the caller
 */
MBX_API int mbx_lock_try(struct mbx_lock *lock);

/**
 * mbx_lock_until() - take a lock, waiting for it until a deadline
 * @lock: the lock
 * @deadline_ns: when to stop waiting, 0 for never
 *
 * Return: as mbx_lock_acquire(), or
 * -ETIMEDOUT  somebody else has it at the deadline
 */
MBX_API int mbx_lock_until(struct mbx_lock *lock, uint64_t deadline_ns);

/**
 * mbx_lock_recovered() - say that the data is in order again
 * @lock: a lock that the caller got with -EOWNERDEAD and still has
 *
 * Return: 0 or
 * -EINVAL  not a lock, or not one to be recovered
 */
MBX_API int mbx_lock_recovered(struct mbx_lock *lock);

/**
 * mbx_lock_release() - let go of a lock
 * @lock: the lock
 *
 * Return: 0 or
 * -EINVAL  not a lock
 * -EPERM   the calling thread does not have it
 */
MBX_API int mbx_lock_release(struct mbx_lock *lock);

/**
 * mbx_lock_destroy() - end a lock that nobody uses any more
 * @lock: the lock
 *
 * Return: 0 or
 * -EBUSY   somebody has it, maybe the caller
 * -EINVAL  not a lock
 */
MBX_API int mbx_lock_destroy(struct mbx_lock *lock);

#ifdef __cplusplus
}

#pragma GCC diagnostic pop
#endif

#endif /* MBX_LOCK_H */
