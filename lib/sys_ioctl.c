// SPDX-License-Identifier: LGPL-2.1-or-later
/* ioctl(2), by itself, so that a test can have another one. */
#include <stdint.h>

#include "internal.h"
#include "syscall.h"

int mbx_sys_ioctl(int fd, unsigned long command, void *arg)
{
	return (int)mbx_syscall(SYS_ioctl, fd, (long)command,
				(long)(uintptr_t)arg, 0);
}
