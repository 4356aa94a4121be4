/* SPDX-License-Identifier: GPL-2.0-only */
/* Printing messages that were received, in the form that was asked for. */
#ifndef MBX_MESSAGE_H
#define MBX_MESSAGE_H

#include <mbx.h>

#include <stdbool.h>

#include "place.h"

/**
 * enum message_form - how to print a message
 * @MESSAGE_TEXT: for people: the payload, and a newline if it ends without;
 *	on a terminal, control characters are made visible, since who sent them
 *	is not trusted with it
 * @MESSAGE_VERBOSE: as text, after a line that tells of the message
 * @MESSAGE_RAW: the bytes of the payload and nothing else
 * @MESSAGE_JSON: one line with everything
 */
enum message_form {
	MESSAGE_TEXT,
	MESSAGE_VERBOSE,
	MESSAGE_RAW,
	MESSAGE_JSON,
};

/* False if the message, or something before it, could not be written. */
bool message_print(const struct place *place, const struct mbx_message *message,
		   enum message_form form);

/*
 * Keeps the payload of a message that was taken and could not be written, in a
 * file of its own in $TMPDIR, and tells where.
 */
void message_keep(const struct place *place, const struct mbx_message *message);

#endif
