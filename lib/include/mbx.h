/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx - mailboxes and shared regions between the processes of a machine
 *
 * A mailbox is a file descriptor: it is opened here, given to poll(2) and
 * epoll(7), passed on and closed like any other. A region is a handle that
 * holds a descriptor and its mappings.
 *
 *	int fd = mbx_open("jobs", MBX_CREATE | MBX_WRITE);
 *	mbx_send(fd, "hello", 5);
 *
 * What holds for all functions:
 *
 * - The result is 0 or a count; -errno on failure. errno itself is never
 *   changed and nothing is printed. mbx_strerror() puts an error into words.
 * - All functions can be called from any thread, on the same object too. Only
 *   mbx_region_close() and mbx_lock_destroy() must be the last to use theirs.
 * - All descriptors are close-on-exec. They and the handles of regions work in
 *   the child of fork(2) too.
 * - Deadlines are absolute nanoseconds of CLOCK_MONOTONIC, see mbx_deadline();
 *   0 means none. A call that need not wait succeeds also after its deadline.
 * - An options struct begins with its size, which MBX_SEND_OPTS() and its like
 *   fill in (in C++, mbx_send_opts opts{} does). It may grow at its end: a size
 *   below the first version's is -EINVAL, bytes that this library does not know
 *   are -E2BIG unless zero. NULL stands for all zero, which means the defaults.
 * - Unknown flags and reserved fields that are not zero are -EINVAL.
 * - Everything is there since version 0.1 unless it says otherwise.
 *
 * Errors not repeated below: what takes a descriptor fails with -EBADF if it is
 * not open, -ENOTTY if it is no object of mbx, -EPROTOTYPE if it is one of the
 * other kind. What opens, binds or unlinks, and mbx_get_info(), fails with -ENODEV
 * if the module is not loaded or /dev/mbx is missing, -EACCES if that may not be
 * opened, -EMFILE or -ENFILE with too many open files; what takes a name, with
 * -EINVAL if that is malformed. What waits fails with -EINTR when a signal
 * arrives, what is given memory that it can't use with -EFAULT.
 *
 * Flags, limits and structs which come straight from the kernel are described
 * in <linux/mbx.h>. Link with -lmbx, or see pkg-config libmbx.
 */
#ifndef MBX_H
#define MBX_H

#include <mbx/base.h>
#include <mbx/call.h>
#include <mbx/direct.h>
#include <mbx/lock.h>
#include <mbx/mailbox.h>
#include <mbx/region.h>
#include <mbx/serve.h>

#endif /* MBX_H */
