// SPDX-License-Identifier: LGPL-2.1-or-later
/* The public header from strict C11: it compiles without a warning, and links. */
#include <mbx.h>

static ssize_t echo(const struct mbx_message *message, const void *payload,
		    void *reply, size_t capacity, void *arg)
{
	(void)payload;
	(void)reply;
	return arg && message->len <= capacity ? 0 : MBX_SERVE_STOP;
}

static int converse(int fd)
{
	struct mbx_message info;
	uint64_t token = 0;
	char byte;

	mbx_call_with(fd, "", 0, &byte, 1, MBX_CALL_OPTS(.prio = 1), &info);
	mbx_reply_recv_with(fd, &token, "", 0, &byte, 1,
			    MBX_NEXT_OPTS(.reply_tag = 1), &info);
	mbx_reply_with(fd, token, "", 0, MBX_REPLY_OPTS(.error = 1));
	return mbx_serve(fd, echo, NULL, MBX_SERVE_OPTS(.reply_capacity = 1)) +
	       mbx_reply_error(&info);
}

int main(void)
{
	struct mbx_message info;
	struct mbx_region *region;
	char byte;
	int fd = mbx_mailbox_open("use", MBX_CREATE | MBX_READ,
				  MBX_MAILBOX_OPTS(.max_msgs = 1));

	if (fd < 0)
		return 1;
	mbx_send_with(fd, "", 0, MBX_SEND_OPTS());
	mbx_recv_with(fd, &byte, 1, MBX_RECV_OPTS(.tag = 1), &info);
	if (converse(fd) || mbx_direct_open(1, MBX_WRITE, NULL) < 0)
		return 1;
	return mbx_region_open(&region, NULL, MBX_READ, 1,
			       MBX_REGION_OPTS(.slots = 2));
}
