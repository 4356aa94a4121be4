// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Sends to a process, not to a name: the child binds its own mailbox, and the
 * parent opens it by the child's process id as soon as it is there.
 */
#include <mbx.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static int check(const char *what, int ret)
{
	if (ret >= 0)
		return ret;
	fprintf(stderr, "direct: %s: %s\n", what, mbx_strerror(ret));
	exit(1);
}

static int child(void)
{
	int own = check("bind", mbx_direct_bind(MBX_READ, NULL));
	struct mbx_message info;
	char text[80];
	int len = check("receive", (int)mbx_recv_with(own, text, sizeof(text),
						      NULL, &info));

	printf("from %s: %.*s\n",
	       info.pid == (unsigned int)getppid() ? "parent" : "somebody", len,
	       text);
	close(own);
	return 0;
}

int main(void)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.deadline_ns = mbx_deadline_ms(PATIENCE_MS));
	pid_t pid = fork();
	int status, fd;

	if (!pid) {
		status = child();
		fflush(stdout);
		_exit(status);
	}
	fd = check("open",
		   mbx_direct_open(pid, MBX_WRITE | MBX_WAIT_BOUND, opts));
	check("send", mbx_send(fd, "hello", 5));
	close(fd);
	waitpid(pid, &status, 0);
	return status ? 1 : 0;
}
