/* SPDX-License-Identifier: GPL-2.0-only */
/* Children that block in one call on a mailbox, for the tests. */
#ifndef MBX_TEST_BLOCKED_H
#define MBX_TEST_BLOCKED_H

#include "mailbox.h"
#include "process.h"

static inline int receive_child(void *arg)
{
	struct letter letter;

	return status_of(take(*(int *)arg, &letter));
}

static inline int send_child(void *arg)
{
	return status_of(send_waiting(*(int *)arg, "blocked"));
}

/* A child in a blocking receive; its status is 0 or the error. */
static inline pid_t spawn_receiver(int fd)
{
	return spawn(receive_child, &fd);
}

/* A child in a blocking send of "blocked". */
static inline pid_t spawn_sender(int fd)
{
	return spawn(send_child, &fd);
}

static inline bool receivers_wait(int fd, __u32 count)
{
	return wait_until(stat_of(fd).waiting_receivers == count);
}

static inline bool senders_wait(int fd, __u32 count)
{
	return wait_until(stat_of(fd).waiting_senders == count);
}

#endif /* MBX_TEST_BLOCKED_H */
