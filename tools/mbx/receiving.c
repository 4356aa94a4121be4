// SPDX-License-Identifier: GPL-2.0-only
/* Receiving from an open mailbox. */
#include <errno.h>

#include "object.h"
#include "receiving.h"
#include "stop.h"

/* Enough for a message of default size at once. */
#define FIRST_CAPACITY MBX_DEFAULT_MSG_SIZE

int report_receiving(const struct receiving *receiving, int err)
{
	const unsigned int selections = MBX_RECV_BY_PRIO | MBX_RECV_BY_TAG |
					MBX_RECV_BY_PID;
	const char *such = receiving->opts.flags & selections ? "such message" :
								"message";
	const struct place *place = &receiving->place;

	if (err == -EAGAIN)
		return report_wait("%s '%s' has no %s",
				   subject_name(place->subject),
				   place_name(place), such);
	if (err == -ETIMEDOUT)
		return report_wait("%s '%s' had no %s until the timeout",
				   subject_name(place->subject),
				   place_name(place), such);
	return report_place(err, "receive from", place);
}

/*
 * Takes one message into the buffer, which is made as large as it has to be; a
 * message that does not fit stays in the mailbox. If a stop is wanted before
 * there is one, that is noted and nothing taken.
 */
static int take(struct receiving *receiving, struct mbx_message *message)
{
	struct payload *buffer = &receiving->buffer;
	ssize_t got;
	int status;

	receiving->opts.deadline_ns = deadline_after(&receiving->timeout);
	while (!stop_wanted()) {
		got = mbx_recv_with(receiving->fd, buffer->data,
				    buffer->capacity, &receiving->opts,
				    message);
		if (got >= 0) {
			message->data = (uintptr_t)buffer->data;
			return EXIT_DONE;
		}
		if (got == -EINTR)
			continue;
		if (got != -EMSGSIZE)
			return report_receiving(receiving, (int)got);
		status = payload_reserve(buffer, message->len);
		if (status)
			return status;
	}
	receiving->stopped = true;
	return EXIT_DONE;
}

int receive_messages(struct receiving *receiving, uint64_t count)
{
	struct mbx_message message;
	uint64_t number;
	int status;

	status = payload_reserve(&receiving->buffer, FIRST_CAPACITY);
	for (number = 0; !status && (!count || number < count); number++) {
		status = take(receiving, &message);
		if (status || receiving->stopped)
			break;
		if (!message_print(&receiving->place, &message,
				   receiving->form)) {
			message_keep(&receiving->place, &message);
			status = EXIT_FAILED;
		}
	}
	payload_free(&receiving->buffer);
	return status;
}
