// SPDX-License-Identifier: LGPL-2.1-or-later
/* How structs grow: the kernel's rule for its own, also for our options. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "internal.h"

#define CHECK_OPTS(type, first)                                        \
	static_assert(sizeof(struct type) >= (first) &&                \
			      sizeof(struct type) <= MBX_OPTS_LIMIT && \
			      offsetof(struct type, size) == 0,        \
		      #type)

CHECK_OPTS(mbx_mailbox_opts, MBX_MAILBOX_OPTS_FIRST);
CHECK_OPTS(mbx_send_opts, MBX_SEND_OPTS_FIRST);
CHECK_OPTS(mbx_recv_opts, MBX_RECV_OPTS_FIRST);
CHECK_OPTS(mbx_call_opts, MBX_CALL_OPTS_FIRST);
CHECK_OPTS(mbx_reply_opts, MBX_REPLY_OPTS_FIRST);
CHECK_OPTS(mbx_next_opts, MBX_NEXT_OPTS_FIRST);
CHECK_OPTS(mbx_serve_opts, MBX_SERVE_OPTS_FIRST);
CHECK_OPTS(mbx_region_opts, MBX_REGION_OPTS_FIRST);
CHECK_OPTS(mbx_wait_opts, MBX_WAIT_OPTS_FIRST);

static bool all_zero(const unsigned char *bytes, size_t count)
{
	while (count--)
		if (*bytes++)
			return false;
	return true;
}

/* @opts are zeros already, and @user is not NULL. */
int mbx_opts_copy(void *opts, size_t known, size_t first, const void *user)
{
	uint32_t size;

	memcpy(&size, user, sizeof(size));
	if (size < first)
		return -EINVAL;
	if (size > MBX_OPTS_LIMIT)
		return -E2BIG;
	if (size > known &&
	    !all_zero((const unsigned char *)user + known, size - known))
		return -E2BIG;
	memcpy(opts, user, size < known ? size : known);
	return 0;
}

int mbx_results_init(void *results, size_t size)
{
	uint32_t noted = (uint32_t)size;

	if (size > UINT32_MAX)
		return -E2BIG;
	if (size < sizeof(noted))
		return -EINVAL;
	memset(results, 0, size);
	memcpy(results, &noted, sizeof(noted));
	return 0;
}
