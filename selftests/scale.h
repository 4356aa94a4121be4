/* SPDX-License-Identifier: GPL-2.0-only */
/* Many named mailboxes. */
#ifndef MBX_TEST_SCALE_H
#define MBX_TEST_SCALE_H

#include "mailbox.h"
#include "params.h"

#include <sched.h>

static inline int new_netns(void)
{
	if (unshare(CLONE_NEWNET))
		return -errno;
	return result_of(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
}

static inline void name_of(char name[32], int number)
{
	snprintf(name, 32, "scale/mailbox-%06d", number);
}

/* How many of those wanted could be made. */
static inline int create_many(int count)
{
	char name[32];
	int i, fd;

	for (i = 0; i < count; i++) {
		name_of(name, i);
		fd = open_mailbox(name, CREATE | MBX_EXCL);
		if (fd < 0)
			break;
		close(fd);
	}
	return i;
}

static inline int unlink_many(int count)
{
	char name[32];
	int i;

	for (i = 0; i < count; i++) {
		name_of(name, i);
		if (unlink_name(name))
			break;
	}
	return i;
}

#endif /* MBX_TEST_SCALE_H */
