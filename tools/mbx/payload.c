// SPDX-License-Identifier: GPL-2.0-only
/* Bytes on their way into a mailbox or region. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "payload.h"
#include "progress.h"
#include "report.h"

#define PIECE (256 << 10)

int source_open(struct source *source, const char *path)
{
	struct stat status;
	off_t at;

	*source =
		(struct source){ .fd = STDIN_FILENO, .name = "standard input" };
	if (path && strcmp(path, "-")) {
		source->name = path;
		source->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (source->fd < 0)
			return report_file(-errno, "open", path);
	}
	if (fstat(source->fd, &status))
		return report_file(-errno, "read", source->name);
	if (S_ISDIR(status.st_mode))
		return report_file(-EISDIR, "read", source->name);
	if (!S_ISREG(status.st_mode))
		return EXIT_DONE;
	at = lseek(source->fd, 0, SEEK_CUR);
	/* A size of 0 says nothing: files of /proc have it too. */
	source->is_sized = at >= 0 && status.st_size > 0;
	source->size = source->is_sized && status.st_size > at ?
			       status.st_size - at :
			       0;
	return EXIT_DONE;
}

void source_close(struct source *source)
{
	if (source->fd > STDIN_FILENO)
		close(source->fd);
}

int source_read(struct source *source, void *data, size_t length, size_t *done)
{
	char *at = data;
	ssize_t result;

	for (*done = 0; *done < length; *done += (size_t)result) {
		result = read(source->fd, at + *done, length - *done);
		if (result < 0)
			return report_file(-errno, "read", source->name);
		if (!result)
			break;
	}
	return EXIT_DONE;
}

int payload_reserve(struct payload *payload, size_t capacity)
{
	size_t larger = payload->capacity + payload->capacity / 2;
	char *data;

	if (capacity <= payload->capacity)
		return EXIT_DONE;
	if (larger < capacity)
		larger = capacity;
	data = realloc(payload->data, larger);
	if (!data)
		return report("out of memory, for %zu bytes of payload",
			      larger);
	payload->data = data;
	payload->capacity = larger;
	return EXIT_DONE;
}

int payload_read(struct payload *payload, struct source *source, size_t limit)
{
	struct progress progress;
	size_t piece, done;
	int status;

	progress_begin(&progress, source->name, source->size);
	do {
		piece = limit - payload->length < PIECE ?
				limit - payload->length + 1 :
				PIECE;
		status = payload_reserve(payload, payload->length + piece);
		if (status)
			break;
		status = source_read(source, payload->data + payload->length,
				     piece, &done);
		payload->length += done;
		progress_add(&progress, done);
	} while (!status && done == piece && payload->length <= limit);
	progress_end(&progress);
	return status;
}

int payload_join(struct payload *payload, int count, char **words)
{
	size_t length;
	int i, status;

	for (i = 0; i < count; i++) {
		length = strlen(words[i]);
		status = payload_reserve(payload, payload->length + length + 1);
		if (status)
			return status;
		if (i)
			payload->data[payload->length++] = ' ';
		memcpy(payload->data + payload->length, words[i], length);
		payload->length += length;
	}
	return EXIT_DONE;
}

int payload_load(struct payload *payload, struct source *source, int count,
		 char **words)
{
	int status;

	if (count)
		return payload_join(payload, count, words);
	status = payload_read(payload, source, MBX_MSG_SIZE_MAX);
	if (status || payload->length <= MBX_MSG_SIZE_MAX)
		return status;
	return report("%s is larger than a message can be (%u bytes); larger "
		      "things go through a region, see 'mbx region put --help'",
		      source->name, MBX_MSG_SIZE_MAX);
}

void payload_free(struct payload *payload)
{
	free(payload->data);
	*payload = (struct payload){ 0 };
}
