/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pread(2) and pwrite(2) of a mailbox, in line. */
#ifndef MBX_SYS_MAILBOX_H
#define MBX_SYS_MAILBOX_H

#include <stdint.h>
#include <sys/types.h>

#include "mbx.h"
#include "syscall.h"

/*
 * A result or -errno. Where a position takes two registers it differs which, and
 * others have to do without: the commands do the same.
 */
static inline ssize_t mbx_sys_at_mailbox(long number, int fd, const void *buf,
					 size_t len)
{
#ifdef __LP64__
	return mbx_syscall(number, fd, (long)(uintptr_t)buf, (long)len,
			   MBX_MAILBOX_OFFSET);
#else
	(void)number;
	(void)fd;
	(void)buf;
	(void)len;
	return -ENOSYS;
#endif
}

static inline ssize_t mbx_sys_mailbox_read(int fd, void *buf, size_t len)
{
	return mbx_sys_at_mailbox(SYS_pread64, fd, buf, len);
}

static inline ssize_t mbx_sys_mailbox_write(int fd, const void *data,
					    size_t len)
{
	return mbx_sys_at_mailbox(SYS_pwrite64, fd, data, len);
}

#endif /* MBX_SYS_MAILBOX_H */
