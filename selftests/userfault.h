/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages that come when the test says so: who touches one before waits. */
#ifndef MBX_TEST_USERFAULT_H
#define MBX_TEST_USERFAULT_H

#include "mbx_test.h"

#include <linux/userfaultfd.h>

/* Returns a descriptor that tells of each touch, or a negative errno. */
static inline int userfault_watch(void *start, size_t len, __u64 mode)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range.start = (uintptr_t)start,
		.range.len = len,
		.mode = mode,
	};
	/* Who may block can't poll. */
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &area))
		return -errno;
	return fd;
}

/* Who waits for the page goes on. Returns 0 or a negative errno. */
static inline int userfault_serve(int fd, void *page, const void *contents,
				  size_t len)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)page,
		.src = (uintptr_t)contents,
		.len = len,
	};

	return result_of(ioctl(fd, UFFDIO_COPY, &copy));
}

#endif /* MBX_TEST_USERFAULT_H */
