// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending lines, each as one message without its newline.
 *
 * What one read() brings is sent before the next, in arrays: a slow writer's
 * lines arrive as they are written, a fast one's cost few system calls.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "object.h"
#include "progress.h"
#include "sending.h"

#define READ_SIZE (64 << 10)

/**
 * struct line_buffer - lines that were read and not sent yet
 * @source: where they come from
 * @text: what was read
 * @sent: bytes of it that were sent
 * @batch: messages being gathered
 */
struct line_buffer {
	struct source *source;
	struct payload text;
	size_t sent;
	struct mbx_message batch[MBX_BATCH_MAX];
};

static int send_batch(struct sending *sending, struct line_buffer *lines,
		      unsigned int count)
{
	uint64_t before = sending->messages;
	int err, status;

	err = send_messages(sending, lines->batch, count);
	if (!err)
		return EXIT_DONE;
	status = report_sending(sending, err,
				lines->batch[sending->messages - before].len);
	report("line %ju of %s and all after it were not sent",
	       (uintmax_t)sending->messages + 1, lines->source->name);
	return status;
}

static void add_line(struct line_buffer *lines, unsigned int index,
		     size_t length)
{
	lines->batch[index] = (struct mbx_message){
		.data = (uintptr_t)(lines->text.data + lines->sent),
		.len = (uint32_t)length,
	};
}

/* Sends all whole lines; at the end of the source, also one without newline. */
static int send_whole_lines(struct sending *sending, struct line_buffer *lines,
			    bool at_end)
{
	unsigned int count = 0;
	const char *start, *newline;
	size_t left, length;
	int status;

	for (;;) {
		start = lines->text.data + lines->sent;
		left = lines->text.length - lines->sent;
		newline = left ? memchr(start, '\n', left) : NULL;
		if (!newline && !(at_end && left))
			break;
		length = newline ? (size_t)(newline - start) : left;
		add_line(lines, count++, length);
		lines->sent += length + (newline ? 1 : 0);
		if (count < MBX_BATCH_MAX)
			continue;
		status = send_batch(sending, lines, count);
		if (status)
			return status;
		count = 0;
	}
	return count ? send_batch(sending, lines, count) : EXIT_DONE;
}

/* Drops what was sent and makes room for more. */
static int make_room(const struct sending *sending, struct line_buffer *lines)
{
	struct payload *text = &lines->text;

	text->length -= lines->sent;
	if (lines->sent && text->length)
		memmove(text->data, text->data + lines->sent, text->length);
	lines->sent = 0;
	if (text->length > MBX_MSG_SIZE_MAX)
		return report("line %ju of %s is longer than a message can be "
			      "(%u bytes)",
			      (uintmax_t)sending->messages + 1,
			      lines->source->name, MBX_MSG_SIZE_MAX);
	return payload_reserve(text, text->length + READ_SIZE);
}

static int transfer(struct sending *sending, struct line_buffer *lines,
		    struct progress *progress)
{
	struct payload *text = &lines->text;
	ssize_t got;
	int status;

	do {
		status = make_room(sending, lines);
		if (status)
			return status;
		got = read(lines->source->fd, text->data + text->length,
			   READ_SIZE);
		if (got < 0)
			return report_file(-errno, "read", lines->source->name);
		text->length += (size_t)got;
		status = send_whole_lines(sending, lines, !got);
		progress_add(progress, (uint64_t)got);
	} while (!status && got);
	return status;
}

int send_lines(struct sending *sending, struct source *source)
{
	struct line_buffer *lines = calloc(1, sizeof(*lines));
	struct progress progress;
	int status;

	if (!lines)
		return report("out of memory");
	lines->source = source;
	progress_begin(&progress, source->name, source->size);
	status = transfer(sending, lines, &progress);
	progress_end(&progress);
	payload_free(&lines->text);
	free(lines);
	return status;
}
