// SPDX-License-Identifier: LGPL-2.1-or-later
/* call TEXT: have examples/serve.c put TEXT into capitals, and print that. */
#include <errno.h>
#include <mbx.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static int fail(const char *what, int err)
{
	fprintf(stderr, "call: %s: %s\n", what, mbx_strerror(err));
	return 1;
}

int main(int argc, char **argv)
{
	const struct mbx_call_opts *opts =
		MBX_CALL_OPTS(.deadline_ns = mbx_deadline_ms(PATIENCE_MS));
	struct mbx_message info;
	char text[80];
	ssize_t len;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: call TEXT\n");
		return 2;
	}
	fd = mbx_open("upper", MBX_WRITE);
	if (fd < 0)
		return fail("open", fd);
	len = mbx_call_with(fd, argv[1], strlen(argv[1]), text, sizeof(text),
			    opts, &info);
	close(fd);
	if (len == -EREMOTEIO)
		return fail("the server says", mbx_reply_error(&info));
	if (len < 0)
		return fail("no reply", (int)len);
	printf("%.*s\n", (int)len, text);
	return 0;
}
