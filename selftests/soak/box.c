// SPDX-License-Identifier: GPL-2.0-only
/* The mailboxes that last for a whole round. */
#include "box.h"

struct box boxes[BOXES] = {
	{
		.name = "soak/block",
		.max_msgs = 16,
		.senders = 2,
		.receivers = 2,
		.watched = true,
	},
	{
		.name = "soak/reject",
		.overflow = MBX_OVERFLOW_REJECT,
		.max_msgs = 64,
		.senders = 2,
		.receivers = 2,
	},
	{
		.name = "soak/drop",
		.overflow = MBX_OVERFLOW_DROP_OLDEST,
		.max_msgs = 32,
		.senders = 2,
		.receivers = 2,
		.watched = true,
	},
	{
		.name = "soak/select",
		.max_msgs = 24,
		.senders = 3,
		.receivers = 3,
		.selective = true,
	},
	{
		.max_msgs = 8,
		.senders = 2,
		.receivers = 1,
	},
	{
		.overflow = MBX_OVERFLOW_DROP_OLDEST,
		.max_msgs = 20,
		.senders = 2,
		.receivers = 1,
	},
	{
		.name = "soak/serve",
		.max_msgs = 4,
		.senders = 3,
		.receivers = 2,
		.calls = true,
	},
	{
		.name = "soak/serve/drop",
		.overflow = MBX_OVERFLOW_DROP_OLDEST,
		.max_msgs = 2,
		.senders = 3,
		.receivers = 2,
		.calls = true,
	},
};

static int box_open(const struct box *box)
{
	return open_mailbox(box->name, CREATE | (box->name ? MBX_EXCL : 0),
			    .mode = 0666, .overflow = box->overflow,
			    .max_msgs = box->max_msgs, .max_msg_size = MAX_LEN);
}

void boxes_open(void)
{
	struct box *box;

	for_each_box(box) {
		box->fd = box_open(box);
		verify(CHECK_RESULT, box->fd >= 0, "opening %s: %d",
		       box->name ?: "an anonymous mailbox", box->fd);
	}
}

void boxes_close(void)
{
	struct box *box;

	for_each_box(box) {
		if (box->name)
			unlink_name(box->name);
		close(box->fd);
	}
}

int box_attach(const struct box *box, __u32 flags, bool by_name)
{
	int fd;

	if (!box->name || !by_name)
		return box->fd;
	fd = open_mailbox(box->name, flags);
	verify(CHECK_RESULT, fd >= 0, "opening %s: %d", box->name, fd);
	return fd;
}
