// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking at several messages without taking them.
 *
 * Only one call can do that: a second one would begin with the first message
 * again. So all messages need their buffers at once, and the call is repeated
 * with larger ones until the first that did not fit does.
 */
#include <errno.h>
#include <stdlib.h>

#include "object.h"
#include "receiving.h"
#include "stop.h"

#define FIRST_CAPACITY 4096

/**
 * struct view - messages being looked at
 * @count: most of them
 * @messages: array of @count
 * @buffers: their payloads, array of @count
 */
struct view {
	unsigned int count;
	struct mbx_message *messages;
	struct payload *buffers;
};

static void view_free(struct view *view)
{
	unsigned int i;

	for (i = 0; view->buffers && i < view->count; i++)
		payload_free(&view->buffers[i]);
	free(view->buffers);
	free(view->messages);
}

/* Gives all messages from @first on a buffer of @capacity at least. */
static int view_reserve(struct view *view, unsigned int first, size_t capacity)
{
	int status = EXIT_DONE;
	unsigned int i;

	for (i = first; !status && i < view->count; i++)
		status = payload_reserve(&view->buffers[i], capacity);
	return status;
}

static int view_init(struct view *view, unsigned int count)
{
	view->count = count;
	view->messages = calloc(count, sizeof(*view->messages));
	view->buffers = calloc(count, sizeof(*view->buffers));
	if (!view->messages || !view->buffers)
		return report("out of memory, for %u messages", count);
	return view_reserve(view, 0, FIRST_CAPACITY);
}

static int look(struct receiving *receiving, struct view *view)
{
	unsigned int i;

	for (i = 0; i < view->count; i++) {
		view->messages[i] = (struct mbx_message){
			.data = (uintptr_t)view->buffers[i].data,
			.capacity = (uint32_t)view->buffers[i].capacity,
		};
	}
	return mbx_recv_many(receiving->fd, view->messages, view->count,
			     &receiving->opts);
}

/* *@seen messages were seen whole. */
static int look_until_whole(struct receiving *receiving, struct view *view,
			    unsigned int *seen)
{
	int got, status = EXIT_DONE;

	*seen = 0;
	while (!status && !stop_wanted()) {
		got = look(receiving, view);
		if (got == -EINTR)
			continue;
		if (got < 0 && got != -EMSGSIZE)
			return report_receiving(receiving, got);
		*seen = got < 0 ? 0 : (unsigned int)got;
		if (*seen == view->count ||
		    view->messages[*seen].len <= view->messages[*seen].capacity)
			return EXIT_DONE;
		status = view_reserve(view, *seen, view->messages[*seen].len);
	}
	receiving->stopped = !status;
	*seen = 0;
	return status;
}

int peek_messages(struct receiving *receiving, unsigned int count)
{
	struct view view = { 0 };
	unsigned int i, seen = 0;
	int status;

	receiving->opts.deadline_ns = deadline_after(&receiving->timeout);
	status = view_init(&view, count);
	if (!status)
		status = look_until_whole(receiving, &view, &seen);
	for (i = 0; i < seen; i++) {
		if (!message_print(&receiving->place, &view.messages[i],
				   receiving->form))
			break;
	}
	view_free(&view);
	return status;
}
