// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Answers requests to the mailbox "upper" with their text in capitals, until it
 * is told to terminate. Its client is examples/call.c.
 */
#include <ctype.h>
#include <errno.h>
#include <mbx.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int fail(const char *what, int err)
{
	fprintf(stderr, "serve: %s: %s\n", what, mbx_strerror(err));
	return 1;
}

static ssize_t to_upper(const struct mbx_message *message, const void *payload,
			void *reply, size_t capacity, void *arg)
{
	const unsigned char *text = payload;
	unsigned long *served = arg;
	size_t i;

	if (!message->len)
		return -ENODATA;
	if (message->len > capacity)
		return -EMSGSIZE;
	for (i = 0; i < message->len; i++)
		((unsigned char *)reply)[i] = (unsigned char)toupper(text[i]);
	++*served;
	return message->len;
}

/* SIGTERM, as something to read instead of a signal. */
static int open_stop(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(void)
{
	int stop = open_stop();
	int fd = mbx_open("upper", MBX_CREATE | MBX_READ);
	unsigned long served = 0;
	int ret;

	if (stop < 0)
		return fail("signalfd", errno);
	if (fd < 0)
		return fail("open", fd);
	ret = mbx_serve(fd, to_upper, &served,
			MBX_SERVE_OPTS(.flags = MBX_SERVE_STOP_FD,
				       .stop_fd = stop));
	close(fd);
	close(stop);
	if (ret < 0)
		return fail("serve", ret);
	printf("served %lu\n", served);
	return 0;
}
