// SPDX-License-Identifier: LGPL-2.1-or-later
/* With an argument, sends it to the mailbox "hello"; without, receives. */
#include <mbx.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	char text[80] = "";
	int fd = mbx_open("hello", MBX_CREATE | MBX_READ | MBX_WRITE);
	ssize_t ret = fd;

	if (fd >= 0 && argc > 1)
		ret = mbx_send(fd, argv[1], strlen(argv[1]));
	else if (fd >= 0)
		ret = mbx_recv(fd, text, sizeof(text) - 1);
	puts(ret < 0 ? mbx_strerror((int)ret) : text);
	return ret < 0;
}
