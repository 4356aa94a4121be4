/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Receiving from an open mailbox, whatever the size of the messages, and
 * printing what comes.
 */
#ifndef MBX_RECEIVING_H
#define MBX_RECEIVING_H

#include <mbx.h>

#include "message.h"
#include "payload.h"
#include "place.h"
#include "values.h"

/**
 * struct receiving - what to receive, and how to print it
 * @fd: the mailbox
 * @place: how it is called
 * @opts: selection and flags; the deadline is set for each message
 * @timeout: how long to wait for each message
 * @form: how to print it
 * @buffer: grows to the largest message met
 * @stopped: out: a stop was wanted before all was received
 */
struct receiving {
	int fd;
	struct place place;
	struct mbx_recv_opts opts;
	struct number timeout;
	enum message_form form;
	struct payload buffer;
	bool stopped;
};

/*
 * Each returns 0 or, having reported it, an exit status. A @count of 0 is no
 * limit.
 */
int receive_messages(struct receiving *receiving, uint64_t count);
int peek_messages(struct receiving *receiving, unsigned int count);

/* Why no message was received. */
int report_receiving(const struct receiving *receiving, int err);

#endif
