// SPDX-License-Identifier: LGPL-2.1-or-later
/* The public header from strict C++17: it compiles without a warning, and links. */
#include <mbx.h>

static_assert(mbx_send_opts{}.size == sizeof(mbx_send_opts),
	      "C++ sets the size of options");

static ssize_t stop(const mbx_message *, const void *, void *, size_t, void *)
{
	return MBX_SERVE_STOP;
}

int main()
{
	mbx_mailbox_opts attributes{};
	mbx_send_opts how{};
	mbx_region_opts shape{};
	mbx_message info;
	mbx_region *region;
	mbx_lock lock{};
	mbx_call_opts calling{};
	mbx_reply_opts answering{};
	mbx_next_opts next{};
	mbx_serve_opts serving{};
	uint64_t token = 0;
	/* Structs of the kernel which share their name with a function. */
	struct mbx_send request = {};
	struct mbx_call call = {};
	struct mbx_reply answer = {};
	char byte;

	how.prio = 3;
	shape.slots = 2;
	request.count = 1;
	attributes.max_msgs = request.count;

	int fd = mbx_mailbox_open("use", MBX_CREATE | MBX_READ, &attributes);

	calling.flags = call.flags;
	answering.tag = answer.token;
	if (mbx_call_with(fd, "", 0, &byte, 1, &calling, &info) < 0 ||
	    mbx_reply_with(fd, token, "", 0, &answering) ||
	    mbx_reply_recv_with(fd, &token, "", 0, &byte, 1, &next, &info) < 0 ||
	    mbx_serve(fd, stop, nullptr, &serving))
		return mbx_reply_error(&info);

	if (fd < 0 || mbx_send_with(fd, "", 0, &how) ||
	    mbx_recv_with(fd, &byte, 1, nullptr, &info))
		return 1;
	return mbx_region_open(&region, nullptr, MBX_READ, 1, &shape) ||
	       mbx_lock_init(&lock);
}
