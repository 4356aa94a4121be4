// SPDX-License-Identifier: GPL-2.0-only
/* Sending into an open mailbox. */
#include <errno.h>

#include "object.h"
#include "sending.h"

int report_sending(const struct sending *sending, int err, size_t length)
{
	const struct place *place = &sending->place;

	if (err == -EMSGSIZE)
		return report_too_long(sending->fd, place, length);
	if (err == -EAGAIN)
		return report_wait("cannot send to %s '%s': it is full",
				   subject_name(place->subject),
				   place_name(place));
	if (err == -ETIMEDOUT)
		return report_wait("cannot send to %s '%s': it was full until "
				   "the timeout",
				   subject_name(place->subject),
				   place_name(place));
	return report_place(err, "send to", place);
}

static void count_sent(struct sending *sending,
		       const struct mbx_message *messages, unsigned int count)
{
	sending->messages += count;
	while (count--)
		sending->bytes += messages++->len;
}

int send_messages(struct sending *sending, struct mbx_message *messages,
		  unsigned int count)
{
	struct mbx_send_opts opts = {
		.size = sizeof(opts),
		.flags = sending->nonblock ? MBX_SEND_NONBLOCK : 0,
		.deadline_ns = deadline_after(&sending->timeout),
	};
	unsigned int i;
	int sent;

	for (i = 0; i < count; i++) {
		messages[i].prio = sending->prio;
		messages[i].tag = sending->tag;
	}
	while (count) {
		sent = mbx_send_many(sending->fd, messages, count, &opts);
		if (sent == -EINTR)
			continue;
		if (sent < 0)
			return sent;
		count_sent(sending, messages, (unsigned int)sent);
		messages += sent;
		count -= (unsigned int)sent;
		opts.deadline_ns = deadline_after(&sending->timeout);
	}
	return 0;
}

int send_payload(struct sending *sending, const struct payload *payload)
{
	struct mbx_message message = {
		.data = (uintptr_t)payload->data,
		.len = (uint32_t)payload->length,
	};
	int err = send_messages(sending, &message, 1);

	return err ? report_sending(sending, err, payload->length) : EXIT_DONE;
}
