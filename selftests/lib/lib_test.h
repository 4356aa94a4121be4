/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the library share
 *
 * They see the public header only; mbx_test.h and process.h lend them names,
 * waiting and children. Those who block are children or threads, and the test
 * goes on when STAT says that they wait.
 */
#ifndef MBX_LIB_TEST_H
#define MBX_LIB_TEST_H

#include "mbx_test.h"
#include "process.h"

#include <pthread.h>
#include <mbx.h>

#define UNTOUCHED 7777 /* errno before a call, and after it */
#define PATIENCE mbx_deadline(PATIENCE_NS)
#define PAST 1

/* Sizes in the first version of the ABI; below them is -EINVAL. */
#define MESSAGE_FIRST 64
#define MAILBOX_STAT_FIRST 120
#define REGION_STAT_FIRST 64

static inline struct mbx_mailbox_stat mailbox_stat(int fd)
{
	struct mbx_mailbox_stat stat;

	if (mbx_mailbox_get_stat(fd, &stat) < 0)
		memset(&stat, 0xff, sizeof(stat));
	return stat;
}

static inline struct mbx_region_stat region_stat(struct mbx_region *region)
{
	struct mbx_region_stat stat;

	if (mbx_region_get_stat(region, &stat) < 0)
		memset(&stat, 0xff, sizeof(stat));
	return stat;
}

static inline bool is_cloexec(int fd)
{
	return fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

static inline int set_nonblock(int fd)
{
	return result_of(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK));
}

/* An open file that is no object of mbx. */
static inline int open_stranger(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

#endif /* MBX_LIB_TEST_H */
