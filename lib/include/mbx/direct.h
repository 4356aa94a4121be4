/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx: the mailboxes of processes
 *
 * A process can have one mailbox that has no name: others reach it by the
 * process's id or by a pidfd. It belongs to the process, not to its number, and
 * ends with it. Everything else is as with any other mailbox. Programs include
 * <mbx.h>.
 */
#ifndef MBX_DIRECT_API_H
#define MBX_DIRECT_API_H

#include <mbx/mailbox.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * mbx_direct_bind() - open the calling process's own mailbox
 * @flags: %MBX_READ, %MBX_WRITE or both; with %MBX_NONBLOCK, O_NONBLOCK is set;
 *	with %MBX_EXCL it fails if the process has bound one already
 * @opts: attributes of the mailbox, or NULL; lifetime and deadline must be 0
 *
 * Any thread may do this. The mailbox ends when the descriptor that was returned
 * first is closed, in all processes that have it, or when the process ends, even
 * if others have the descriptor. Who has opened it gets -ESRCH and POLLHUP then.
 *
 * Return: a descriptor, to be closed with close(2), or
 * -EACCES  the process's mailbox exists, and its mode does not allow that
 * -EDQUOT  the user has as many objects as are allowed
 * -EEXIST  it exists, with %MBX_EXCL
 * -EINVAL  malformed flags, mode or attribute
 * -ENOMEM  out of memory
 */
MBX_API int mbx_direct_bind(unsigned int flags,
			    const struct mbx_mailbox_opts *opts);

/**
 * mbx_direct_open() - open the mailbox of a process
 * @pid: the process, by its number in the caller's pid namespace
 * @flags: %MBX_READ, %MBX_WRITE or both; with %MBX_NONBLOCK, O_NONBLOCK is set;
 *	with %MBX_WAIT_BOUND it waits until the process has bound its mailbox
 * @opts: for deadline_ns, which only goes with %MBX_WAIT_BOUND; or NULL. What
 *	else is in it must be valid and has no effect
 *
 * A number is used again some time after its process has ended; a pidfd is not.
 *
 * Return: a descriptor, to be closed with close(2), or
 * -EACCES     the mode of the mailbox does not allow that
 * -EINVAL     malformed flags or options, or no possible process id
 * -ENOMEM     out of memory
 * -ENXIO      the process has bound no mailbox
 * -ESRCH      no such process, or it has ended, or this is the id of a thread
 * -ETIMEDOUT  not bound until the deadline
 */
MBX_API int mbx_direct_open(pid_t pid, unsigned int flags,
			    const struct mbx_mailbox_opts *opts);

/**
 * mbx_direct_open_pidfd() - open the mailbox of the process behind a pidfd
 * @pidfd: see pidfd_open(2); it stays the caller's
 * @flags: as for mbx_direct_open()
 * @opts: as for mbx_direct_open()
 *
 * Return: as mbx_direct_open(), or
 * -EBADF  not a pidfd
 */
MBX_API int mbx_direct_open_pidfd(int pidfd, unsigned int flags,
				  const struct mbx_mailbox_opts *opts);

#ifdef __cplusplus
}
#endif

#endif /* MBX_DIRECT_API_H */
