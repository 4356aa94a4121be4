/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sending into an open mailbox: one payload, or the lines of a source as many
 * messages.
 */
#ifndef MBX_SENDING_H
#define MBX_SENDING_H

#include <mbx.h>

#include "payload.h"
#include "place.h"
#include "values.h"

/**
 * struct sending - what to send with, and what was sent
 * @fd: the mailbox
 * @place: how it is called
 * @prio: of each message
 * @tag: of each message
 * @nonblock: do not wait for room
 * @timeout: how long to wait for room, each time
 * @messages: sent so far
 * @bytes: of payload in them
 */
struct sending {
	int fd;
	struct place place;
	uint32_t prio;
	uint64_t tag;
	bool nonblock;
	struct number timeout;
	uint64_t messages;
	uint64_t bytes;
};

/* Each returns 0 or, having reported it, an exit status. */
int send_payload(struct sending *sending, const struct payload *payload);
int send_lines(struct sending *sending, struct source *source);

/*
 * Sends @count messages, of which data and len are set, in as few calls as
 * possible. Returns 0 or -errno; sending->messages tells how many were sent.
 */
int send_messages(struct sending *sending, struct mbx_message *messages,
		  unsigned int count);

/* Why a message of @length bytes was not sent. */
int report_sending(const struct sending *sending, int err, size_t length);

#endif
