/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes on their way into a mailbox or region: words of the command line, a
 * file or standard input.
 */
#ifndef MBX_PAYLOAD_H
#define MBX_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct payload - bytes in memory
 * @data: from malloc(), or NULL
 * @length: bytes of it in use
 * @capacity: bytes of it
 */
struct payload {
	char *data;
	size_t length;
	size_t capacity;
};

/**
 * struct source - an open file to read from
 * @fd: its descriptor
 * @name: for messages to the user
 * @is_sized: it is a regular file, whose end is known
 * @size: bytes from here to its end, if so
 */
struct source {
	int fd;
	const char *name;
	bool is_sized;
	uint64_t size;
};

/* All below return 0 or, having reported it, an exit status. */

/* "-" and NULL are standard input. */
int source_open(struct source *source, const char *path);
void source_close(struct source *source);

/* Reads up to @length bytes; *@done is less only at the end of the file. */
int source_read(struct source *source, void *data, size_t length, size_t *done);

/*
 * Reads all of a source; one byte more than @limit is read if there are more,
 * so that the caller can tell.
 */
int payload_read(struct payload *payload, struct source *source, size_t limit);

/*
 * What a message is to have: words, or if there are none, all of a source. More
 * than a message can have is refused.
 */
int payload_load(struct payload *payload, struct source *source, int count,
		 char **words);

/* Joins words with blanks between them. */
int payload_join(struct payload *payload, int count, char **words);

/* Makes room for at least @capacity bytes. */
int payload_reserve(struct payload *payload, size_t capacity);

void payload_free(struct payload *payload);

#endif
