/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue of messages: by priority, first in first out within one
 *
 * Pure data structure: no lock, no policy, no user memory. The caller
 * serializes. Each priority is a ring of messages, and head[] points to its
 * oldest; all but selection by tag or sender and the walk after a message that
 * has left the queue take constant time.
 */
#ifndef MBX_QUEUE_H
#define MBX_QUEUE_H

#include <linux/types.h>
#include <uapi/linux/mbx.h>

struct mbx_msg;
struct pid_namespace;

struct mbx_queue {
	u32 occupied; /* a bit for each priority */
	u32 msgs;
	u64 bytes; /* of payload */
	struct mbx_msg *head[MBX_PRIO_MAX + 1];
};

/**
 * struct mbx_match - which messages a receiver wants
 * @flags: bits of enum mbx_recv_flags; those for selection count here
 * @min_prio: with MBX_RECV_BY_PRIO
 * @tag: with MBX_RECV_BY_TAG
 * @pid: with MBX_RECV_BY_PID
 * @pid_ns: what @pid is relative to
 */
struct mbx_match {
	u32 flags;
	u32 min_prio;
	u64 tag;
	u32 pid;
	struct pid_namespace *pid_ns;
};

bool mbx_matches(const struct mbx_match *match, const struct mbx_msg *msg);
void mbx_queue_push(struct mbx_queue *q, struct mbx_msg *msg);
void mbx_queue_put_back(struct mbx_queue *q, struct mbx_msg *msg);
void mbx_queue_remove(struct mbx_queue *q, struct mbx_msg *msg);
struct mbx_msg *mbx_queue_first(const struct mbx_queue *q,
				const struct mbx_match *match);
struct mbx_msg *mbx_queue_after(const struct mbx_queue *q,
				const struct mbx_msg *prev,
				const struct mbx_match *match);
struct mbx_msg *mbx_queue_lowest(const struct mbx_queue *q);
struct mbx_msg *mbx_queue_next_dropped(const struct mbx_queue *q,
				       const struct mbx_msg *msg);

#endif /* MBX_QUEUE_H */
