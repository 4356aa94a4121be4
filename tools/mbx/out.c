// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where results go.
 *
 * The stream writes through a function of its own, because a plain one forgets
 * why a write failed when it was not the last, and gives up, with the data
 * lost, when a signal interrupts it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "report.h"

struct sink {
	FILE *file;
	int fd;
	const char *name;
	int error; /* errno of the first write that failed */
};

static struct sink sink = { .fd = STDOUT_FILENO, .name = "standard output" };

static ssize_t sink_write(void *cookie, const char *data, size_t length)
{
	struct sink *to = cookie;
	size_t done = 0;
	ssize_t result;

	while (done < length && !to->error) {
		result = write(to->fd, data + done, length - done);
		if (result >= 0)
			done += (size_t)result;
		else if (errno != EINTR)
			to->error = errno;
	}
	return (ssize_t)done;
}

static void report_error(void)
{
	if (sink.error != EPIPE)
		report("cannot write to %s: %s", sink.name,
		       strerror(sink.error));
}

int out_init(void)
{
	static const cookie_io_functions_t functions = { .write = sink_write };

	sink.file = fopencookie(&sink, "w", functions);
	return sink.file ? EXIT_DONE : report("out of memory");
}

int out_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	if (fd < 0)
		return report_file(-errno, "create", path);
	sink.fd = fd;
	sink.name = path;
	return EXIT_DONE;
}

FILE *out_file(void)
{
	return sink.file;
}

int out_fd(void)
{
	return sink.fd;
}

bool out_is_terminal(void)
{
	return isatty(sink.fd);
}

bool out_flush(void)
{
	bool was_well = !sink.error;

	fflush(sink.file);
	if (was_well && sink.error)
		report_error();
	return !sink.error;
}

int out_close(int status)
{
	bool well = out_flush();

	if (close(sink.fd) && well) {
		sink.error = errno;
		report_error();
	}
	return sink.error && status == EXIT_DONE ? EXIT_FAILED : status;
}
