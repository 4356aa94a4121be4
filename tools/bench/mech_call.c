// SPDX-License-Identifier: GPL-2.0-only
/* Request and reply: mbx_call() on one side, mbx_reply_recv() on the other. */
#include <errno.h>

#include <mbx.h>

#include "mechanisms.h"

static int open_for_calls(struct channel *ch)
{
	ch->rx = mbx_open(NULL, MBX_CREATE | MBX_READ | MBX_WRITE);
	ch->tx = ch->rx;
	return ch->rx < 0 ? ch->rx : 0;
}

int mailbox_serve(struct channel *ch)
{
	uint64_t token = 0;
	ssize_t got;

	do {
		got = mbx_reply_recv(ch->rx, &token, ch->payload, ch->size,
				     ch->buffer, ch->size);
	} while (got == (ssize_t)ch->size);
	return got < 0 ? (int)got : -EIO;
}

int mailbox_call(struct channel *ch)
{
	ssize_t got =
		mbx_call(ch->tx, ch->payload, ch->size, ch->buffer, ch->size);

	if (got < 0)
		return (int)got;
	return got == (ssize_t)ch->size ? 0 : -EIO;
}

const struct mechanism mech_call = {
	.name = "mbx-call",
	.about = "a mailbox: mbx_call() and mbx_reply_recv()",
	.batch = 1,
	.open = open_for_calls,
	.close = fds_close,
	.serve = mailbox_serve,
	.call = mailbox_call,
};
