// SPDX-License-Identifier: LGPL-2.1-or-later
/* System calls that are not made often, with errno kept out of sight. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"

static_assert(sizeof(off_t) == 8,
	      "the control pages of a region are at high offsets");

/* -errno if @result tells of a failure, and errno as it was at @saved. */
static ssize_t outcome(ssize_t result, int saved)
{
	if (result >= 0)
		return result;
	result = -errno;
	errno = saved;
	return result;
}

/*
 * A missing node or driver must not look like a missing name, so all ways of
 * saying that there is no device become -ENODEV.
 */
int mbx_sys_open_device(void)
{
	int saved = errno;
	int fd = (int)outcome(open(MBX_DEVICE, O_RDWR | O_CLOEXEC), saved);

	return fd == -ENOENT || fd == -ENXIO ? -ENODEV : fd;
}

void mbx_sys_close(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

int mbx_sys_set_cloexec(int fd)
{
	int saved = errno;

	return (int)outcome(fcntl(fd, F_SETFD, FD_CLOEXEC), saved);
}

int mbx_sys_poll(struct pollfd *fds, unsigned int count, bool wait)
{
	int saved = errno;

	return (int)outcome(poll(fds, count, wait ? -1 : 0), saved);
}

ssize_t mbx_sys_read(int fd, void *buf, size_t len)
{
	int saved = errno;

	return outcome(read(fd, buf, len), saved);
}

int mbx_sys_map(void **where, int fd, uint64_t offset, size_t len, int prot)
{
	int saved = errno;
	void *start = mmap(NULL, len, prot, MAP_SHARED, fd, (off_t)offset);

	if (start == MAP_FAILED)
		return (int)outcome(-1, saved);
	*where = start;
	return 0;
}

void mbx_sys_unmap(void *where, size_t len)
{
	int saved = errno;

	munmap(where, len);
	errno = saved;
}

size_t mbx_sys_page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void *mbx_sys_alloc(size_t bytes)
{
	int saved = errno;
	void *memory = calloc(1, bytes);

	errno = saved;
	return memory;
}
