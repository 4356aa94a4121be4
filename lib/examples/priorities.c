// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sends with options, and receives with what the kernel says of the sender. */
#include <errno.h>
#include <mbx.h>
#include <stdio.h>
#include <unistd.h>

static int fail(const char *what, int err)
{
	fprintf(stderr, "priorities: %s: %s\n", what, mbx_strerror(err));
	return 1;
}

static int show_next(int fd)
{
	const struct mbx_recv_opts *opts =
		MBX_RECV_OPTS(.flags = MBX_RECV_NONBLOCK);
	struct mbx_message info;
	char text[80];
	ssize_t len = mbx_recv_with(fd, text, sizeof(text), opts, &info);

	if (len >= 0)
		printf("%.*s: priority %u, tag %llu, from process %u\n",
		       (int)len, text, info.prio, (unsigned long long)info.tag,
		       info.pid);
	return (int)len;
}

int main(void)
{
	int fd = mbx_open(NULL, MBX_CREATE | MBX_READ | MBX_WRITE);
	int ret = fd;

	if (ret >= 0)
		ret = mbx_send(fd, "routine", 7);
	if (ret >= 0)
		ret = mbx_send_with(fd, "urgent", 6,
				    MBX_SEND_OPTS(.prio = 9, .tag = 42));
	if (ret < 0)
		return fail("send", ret);

	while ((ret = show_next(fd)) >= 0)
		;
	if (ret != -EAGAIN)
		return fail("receive", ret);
	close(fd);
	return 0;
}
