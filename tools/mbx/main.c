// SPDX-License-Identifier: GPL-2.0-only
/* mbx: mailboxes and shared regions from the command line. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <mbx.h>

#include "cli.h"
#include "out.h"

/*
 * With one of the three standard descriptors closed, the next object opened
 * would take its number, and output would go into a mailbox. They are opened
 * the wrong way round, so that using them is still an error.
 */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_WRONLY);
		if (fd == STDOUT_FILENO || fd == STDERR_FILENO) {
			close(fd);
			fd = open("/dev/null", O_RDONLY);
		}
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static int print_version(void)
{
	fprintf(out_file(), "mbx %s, libmbx %s\n", MBX_VERSION, mbx_version());
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";

	if (!strcmp(first, "--version"))
		return print_version();
	if (!strcmp(first, "--help") || !strcmp(first, "-h"))
		return help_overview();
	return cli_dispatch(argc, argv);
}

int main(int argc, char **argv)
{
	int status;

	fill_standard_descriptors();
	/* A closed pipe is an error of write(), to be handled like a full disk. */
	signal(SIGPIPE, SIG_IGN);
	status = out_init();
	return status ? status : out_close(run(argc, argv));
}
