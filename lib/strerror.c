// SPDX-License-Identifier: LGPL-2.1-or-later
/* What errors mean to a user of mbx. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "internal.h"

struct meaning {
	int err;
	const char *text;
};

static const struct meaning meanings[] = {
	{ E2BIG,
	  "newer than the module or library: an unknown field is not zero" },
	{ EACCES, "the mode of the object, or of /dev/mbx, does not allow it" },
	{ EAGAIN,
	  "would have to wait: mailbox full or empty, or slot not moved" },
	{ EBADF,
	  "not an open descriptor, or opened without the right to do this" },
	{ EBUSY, "the lock is in use" },
	{ ECONNRESET,
	  "the request was received, but there is nobody who could answer it" },
	{ EDEADLK, "the calling thread has the lock already" },
	{ EDQUOT,
	  "the user's quota of objects, queued bytes or region bytes is used up" },
	{ EEXIST, "the name exists already" },
	{ EFAULT, "an address does not point to usable memory" },
	{ EINTR, "interrupted by a signal" },
	{ EINVAL,
	  "malformed name, flags, options, size, slot, process id or token" },
	{ EMFILE, "the process has too many open descriptors" },
	{ EMSGSIZE, "the message is too large for the buffer or the mailbox" },
	{ ENFILE, "the system has too many open files" },
	{ ENODEV, "the mbx module is not loaded, or /dev/mbx is missing" },
	{ ENOENT, "no mailbox or region has this name" },
	{ ENOMEM, "out of memory" },
	{ ENOSPC, "the region is larger than the module allows" },
	{ ENOTRECOVERABLE, "the lock was given up after its holder died" },
	{ ENOTTY,
	  "not a mailbox or region, or the module is older than this call" },
	{ ENXIO, "the process has bound no mailbox of its own" },
	{ EOWNERDEAD,
	  "the owner of the object, or the holder of the lock, is gone" },
	{ EPERM, "not allowed, or the lock is held by another thread" },
	{ EPROTOTYPE, "the object is of the other kind (mailbox or region)" },
	{ EREMOTEIO, "the server says that the request has failed" },
	{ ESPIPE, "a mailbox or region has no such position" },
	{ ESRCH,
	  "no such process, or it has ended, or the caller no longer waits" },
	{ ETIMEDOUT, "the deadline has passed" },
	{ 0, NULL },
};

const char *mbx_strerror(int err)
{
	const struct meaning *meaning;
	const char *text;

	if (err < 0 && err != INT_MIN)
		err = -err;
	for (meaning = meanings; meaning->text; meaning++)
		if (meaning->err == err)
			return meaning->text;
	text = strerrordesc_np(err);
	return text ? text : "unknown error";
}
