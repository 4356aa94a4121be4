// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeping a message that was taken and could not be written.
 *
 * It can't go back into the mailbox: it would stand there as this process's
 * own, and whoever receives it next would trust it as that.
 */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "report.h"

/* Returns 0 or an errno. */
static int write_all(int fd, const char *data, size_t length)
{
	ssize_t result;

	while (length) {
		result = write(fd, data, length);
		if (result < 0)
			return errno;
		data += result;
		length -= (size_t)result;
	}
	return 0;
}

static int write_file(char *path, const struct mbx_message *message)
{
	int fd = mkstemp(path);
	int err;

	if (fd < 0)
		return errno;
	err = write_all(fd, (const char *)(uintptr_t)message->data,
			message->len);
	if (close(fd) && !err)
		err = errno;
	if (err)
		unlink(path);
	return err;
}

void message_keep(const struct place *place, const struct mbx_message *message)
{
	const char *directory = getenv("TMPDIR");
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), "%s/mbx-message-XXXXXX",
		 directory && *directory ? directory : "/tmp");
	err = write_file(path, message);
	if (err)
		report("message %ju (%u bytes) was taken from %s '%s' and is "
		       "lost: it could not be written, nor kept in '%s': %s",
		       (uintmax_t)message->seq, message->len,
		       subject_name(place->subject), place_name(place), path,
		       strerror(err));
	else
		report("message %ju (%u bytes) was taken from %s '%s' and "
		       "could not be written; it is kept in '%s'",
		       (uintmax_t)message->seq, message->len,
		       subject_name(place->subject), place_name(place), path);
}
