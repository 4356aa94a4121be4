/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The objects that commands are issued on, who is on their other side, and what
 * has to be so before: for usages.h
 */
#ifndef MBX_TEST_STAGE_H
#define MBX_TEST_STAGE_H

#include "call.h"
#include "commands.h"
#include "region.h"

/**
 * struct stage - the objects of the calls, and who is on their other side
 * @fds: the device, a mailbox and a region
 * @name: a name, for what is opened and unlinked by it
 * @text: a payload
 * @message: what is sent, or received into
 * @reply: what the reply is received into
 * @recv: how to go on after a reply
 * @slot: what is waited for
 * @seq: the region's sequence words
 * @token: of a request whose caller waits
 * @partner: the process on the other side, or 0
 * @part: what it does
 * @pidfd: of it, or -1
 */
struct stage {
	int fds[TARGETS];
	char name[NAME_SIZE];
	char text[64];
	struct mbx_message message;
	struct mbx_message reply;
	struct mbx_recv recv;
	struct mbx_slot slot;
	__u32 *seq;
	__u64 token;
	pid_t partner;
	pid_t (*part)(struct stage *stage);
	int pidfd;
};

#define STAGE_SLOTS 4
#define TAG 7
#define PRIO 3

/* --- who is on the other side --- */

static inline pid_t part_server(struct stage *stage)
{
	return spawn(serve_child, &stage->fds[ON_MAILBOX]);
}

static inline int part_call_child(void *arg)
{
	struct letter reply;
	int ret;

	do {
		ret = ask(*(int *)arg, "ask", &reply);
	} while (ret >= 0);
	return -ret;
}

static inline pid_t part_caller(struct stage *stage)
{
	return spawn(part_call_child, &stage->fds[ON_MAILBOX]);
}

static inline pid_t part_bound(struct stage *stage)
{
	pid_t pid = spawn_bound(sleep_forever);

	stage->pidfd = open_pidfd(pid, 0);
	return pid;
}

static inline void end_part(struct stage *stage)
{
	if (stage->partner > 0)
		kill_and_reap(stage->partner);
	if (stage->pidfd >= 0)
		close(stage->pidfd);
	stage->partner = 0;
	stage->part = NULL;
	stage->pidfd = -1;
}

static inline int begin_part(struct stage *stage,
			     pid_t (*part)(struct stage *stage))
{
	if (stage->part == part)
		return 0;
	end_part(stage);
	if (!part)
		return 0;
	stage->partner = part(stage);
	if (stage->partner < 0)
		return -errno;
	stage->part = part;
	return 0;
}

/* --- what has to be so before --- */

static inline int nothing_named(struct stage *stage)
{
	int ret = unlink_name(stage->name);

	return ret == -ENOENT ? 0 : ret;
}

static inline int just_named(int fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static inline int mailbox_named(struct stage *stage)
{
	int err = nothing_named(stage);

	if (err)
		return err;
	return just_named(open_mailbox(stage->name, CREATE));
}

static inline int region_named(struct stage *stage)
{
	int err = nothing_named(stage);

	if (err)
		return err;
	return just_named(open_region(stage->name, CREATE, .bytes = 1));
}

static inline int room_there(struct stage *stage)
{
	struct letter letter;

	while (take_now(stage->fds[ON_MAILBOX], &letter) == 1)
		;
	return 0;
}

static inline int message_there(struct stage *stage)
{
	int ret;

	room_there(stage);
	ret = send_text(stage->fds[ON_MAILBOX], "ready", .tag = TAG,
			.prio = PRIO);
	return ret < 0 ? ret : 0;
}

static inline int slot_moved(struct stage *stage)
{
	*stage->seq = 1;
	stage->slot = (struct mbx_slot){ 0 };
	return 0;
}

static inline bool is_waited_for(struct stage *stage, __u64 token)
{
	return token && query(stage->fds[ON_MAILBOX], token) == 0;
}

/* The request of a caller that waits: one that is held, or the next one. */
static inline int request_taken(struct stage *stage)
{
	struct letter letter;
	int ret;

	if (is_waited_for(stage, stage->token))
		return 0;
	stage->token = stage->reply.token;
	while (!is_waited_for(stage, stage->token)) {
		ret = take(stage->fds[ON_MAILBOX], &letter,
			   .deadline_ns = IN_PATIENCE);
		if (ret < 0)
			return ret;
		stage->token = letter.msg.token;
	}
	return 0;
}

/* --- the stage itself --- */

/* To be called in the test's own process. Returns 0 or an error. */
static inline int stage_init(struct stage *stage)
{
	*stage = (struct stage){ .text = "text", .pidfd = -1 };
	unique_name(stage->name, "stage");
	stage->fds[ON_DEVICE] = device();
	stage->fds[ON_MAILBOX] = open_mailbox(NULL, CREATE);
	stage->fds[ON_REGION] =
		open_region(NULL, CREATE, .bytes = 1, .slots = STAGE_SLOTS);
	if (stage->fds[ON_MAILBOX] < 0)
		return stage->fds[ON_MAILBOX];
	if (stage->fds[ON_REGION] < 0)
		return stage->fds[ON_REGION];
	stage->seq = map_seq(stage->fds[ON_REGION]);
	return stage->seq ? 0 : -errno;
}

static inline void stage_clean(struct stage *stage)
{
	end_part(stage);
	nothing_named(stage);
	if (stage->seq)
		munmap(stage->seq, page_size());
	close(stage->fds[ON_MAILBOX]);
	close(stage->fds[ON_REGION]);
}

#endif /* MBX_TEST_STAGE_H */
