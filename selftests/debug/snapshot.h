/* SPDX-License-Identifier: GPL-2.0-only */
/* All that can be seen of the module's state, to be compared, for the tests. */
#ifndef MBX_TEST_SNAPSHOT_H
#define MBX_TEST_SNAPSHOT_H

#include "call.h"
#include "params.h"
#include "region.h"

#define SNAPSHOT_MESSAGES 8
#define SNAPSHOT_FDS 64

/* What the system has lent to the process, or to the user. */
struct holdings {
	__u64 objects;
	__u64 msg_bytes;
	__u64 region_bytes;
	long module_refs;
	int fds;
};

struct snapshot {
	struct holdings holdings;
	struct mbx_mailbox_stat mailbox;
	struct mbx_region_stat region;
	int queued;
	struct letter letters[SNAPSHOT_MESSAGES];
	bool named;
	bool bound;
};

static inline int count_fds(void)
{
	int fd, count = 0;

	for (fd = 0; fd < SNAPSHOT_FDS; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static inline void holdings_take(struct holdings *holdings)
{
	struct mbx_info now = info();

	*holdings = (struct holdings){
		.objects = now.used_objects,
		.msg_bytes = now.used_msg_bytes,
		.region_bytes = now.used_region_bytes,
		.module_refs = read_field("/sys/module/mbx/refcnt", ""),
		.fds = count_fds(),
	};
}

/* Without taking: the messages, and how many there are. */
static inline int look_at_queue(int fd, struct letter *letters)
{
	struct mbx_message messages[SNAPSHOT_MESSAGES] = { 0 };
	int i, ret;

	for (i = 0; i < SNAPSHOT_MESSAGES; i++) {
		messages[i].data = (uintptr_t)letters[i].text;
		messages[i].capacity = sizeof(letters[i].text);
	}
	ret = recv_array(fd, messages, SNAPSHOT_MESSAGES,
			 .flags = MBX_RECV_NONBLOCK | MBX_RECV_PEEK);
	for (i = 0; i < ret; i++) {
		letters[i].msg = messages[i];
		letters[i].msg.data = 0;
	}
	return ret;
}

static inline bool can_open(const char *name, __u32 flags, __s32 target)
{
	int fd = open_mailbox(name, MBX_WRITE | flags, .target = target);

	if (fd >= 0)
		close(fd);
	/* It may name a region. */
	return fd >= 0 || fd == -EPROTOTYPE;
}

static inline void snapshot_take(struct snapshot *snapshot, int mailbox,
				 int region, const char *name)
{
	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->queued = look_at_queue(mailbox, snapshot->letters);
	snapshot->named = can_open(name, 0, 0);
	snapshot->bound = can_open(NULL, MBX_DIRECT, getpid());
	snapshot->mailbox = stat_of(mailbox);
	snapshot->region = region_stat(region);
	holdings_take(&snapshot->holdings);
}

static inline bool differ(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) != 0;
}

static inline const char *holdings_difference(const struct holdings *a,
					      const struct holdings *b)
{
	if (a->objects != b->objects)
		return "the user's objects";
	if (a->msg_bytes != b->msg_bytes)
		return "the user's queued bytes";
	if (a->region_bytes != b->region_bytes)
		return "the user's region bytes";
	if (a->module_refs != b->module_refs)
		return "the references to the module";
	return a->fds != b->fds ? "the open descriptors" : "";
}

/* What has changed, or "". */
static inline const char *snapshot_difference(const struct snapshot *a,
					      const struct snapshot *b)
{
	if (differ(&a->mailbox, &b->mailbox, sizeof(a->mailbox)))
		return "the mailbox's counters";
	if (differ(&a->region, &b->region, sizeof(a->region)))
		return "the region's counters";
	if (a->queued != b->queued ||
	    differ(&a->letters, &b->letters, sizeof(a->letters)))
		return "the queued messages";
	if (a->named != b->named)
		return "the name";
	if (a->bound != b->bound)
		return "the direct mailbox";
	return holdings_difference(&a->holdings, &b->holdings);
}

#endif /* MBX_TEST_SNAPSHOT_H */
