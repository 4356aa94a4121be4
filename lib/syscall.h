/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls in line, where that is known how to
 *
 * Around a short message the calls of the C library cost as much as copying it. And
 * pread() and pwrite() are points where threads can be cancelled; then nobody would
 * know whether there was a message.
 */
#ifndef MBX_SYSCALL_H
#define MBX_SYSCALL_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A result or -errno; errno stays as it is. */
static inline long mbx_syscall(long number, long a, long b, long c, long d)
{
#if defined(__x86_64__) && defined(__LP64__)
	register long r10 __asm__("r10") = d;
	long ret = number;

	__asm__ volatile("syscall"
			 : "+a"(ret)
			 : "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
#else
	int saved = errno;
	long ret = syscall(number, a, b, c, d);

	if (ret >= 0)
		return ret;
	ret = -errno;
	errno = saved;
	return ret;
#endif
}

#endif /* MBX_SYSCALL_H */
