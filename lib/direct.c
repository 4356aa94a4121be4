// SPDX-License-Identifier: LGPL-2.1-or-later
/* The mailboxes of processes. */
#include <errno.h>

#include "internal.h"

int mbx_direct_bind(unsigned int flags, const struct mbx_mailbox_opts *opts)
{
	return mbx_mailbox_open(NULL, flags | MBX_CREATE | MBX_DIRECT, opts);
}

/*
 * Flags that would give the target another meaning do not reach the kernel. Those
 * of a later kernel do: they are its to judge.
 */
static int open_target(int32_t target, unsigned int flags, bool pidfd,
		       const struct mbx_mailbox_opts *opts)
{
	struct mbx_mailbox_open request = {
		.flags = flags | MBX_DIRECT | (pidfd ? MBX_PIDFD : 0),
		.target = target,
	};

	if (flags & (MBX_CREATE | MBX_EXCL | MBX_PIDFD))
		return -EINVAL;
	return mbx_mailbox_request(&request, opts);
}

int mbx_direct_open(pid_t pid, unsigned int flags,
		    const struct mbx_mailbox_opts *opts)
{
	return open_target(pid, flags, false, opts);
}

int mbx_direct_open_pidfd(int pidfd, unsigned int flags,
			  const struct mbx_mailbox_opts *opts)
{
	return open_target(pidfd, flags, true, opts);
}
