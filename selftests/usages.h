/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways to issue each command that succeed, and the stage they need
 *
 * Tests of what holds for every command walk this table. Each usage takes
 * another path through the module.
 *
 *	struct stage stage;
 *	const struct usage *u;
 *	const struct command *c;
 *	union arguments args;
 *
 *	stage_init(&stage);
 *	for_each_usage(u, c) {
 *		stage_prepare(&stage, u);       it will succeed at once
 *		stage_args(&stage, u, &args);   a good argument
 *		stage_call(&stage, u, &args);   >= 0
 *	}
 *	stage_clean(&stage);
 *
 * stage_prepare() may be called again after a call, whether that has failed or
 * not, and before any usage. What stage_call() opens it closes.
 */
#ifndef MBX_TEST_USAGES_H
#define MBX_TEST_USAGES_H

#include "stage.h"

/**
 * struct usage - a way to issue a command that succeeds
 * @label: of the command, and what is special
 * @cmd: number of the command
 * @part: starts the process that has to be there, or NULL
 * @prepare: makes the call succeed at once, or NULL if it does anyway
 * @args: fills in the argument, all but its size; or NULL if all is 0
 * @writes: it writes to the argument
 */
struct usage {
	const char *label;
	unsigned int cmd;
	pid_t (*part)(struct stage *stage);
	int (*prepare)(struct stage *stage);
	void (*args)(struct stage *stage, union arguments *args);
	bool writes;
};

/* --- the arguments --- */

/* A message to send and a buffer to receive into: each looks at its part. */
static inline struct mbx_message stage_buffer(struct stage *stage)
{
	return (struct mbx_message){
		.data = (uintptr_t)stage->text,
		.len = 4,
		.capacity = sizeof(stage->text),
	};
}

static inline void name_args(struct stage *stage, union arguments *args)
{
	args->unlink.name = (uintptr_t)stage->name;
	args->unlink.name_len = strlen(stage->name);
}

static inline void mailbox_args(struct stage *stage, union arguments *args)
{
	args->mailbox_open.flags = CREATE;
}

static inline void named_mailbox_args(struct stage *stage,
				      union arguments *args)
{
	args->mailbox_open.flags = CREATE;
	args->mailbox_open.name = (uintptr_t)stage->name;
	args->mailbox_open.name_len = strlen(stage->name);
}

static inline void own_args(struct stage *stage, union arguments *args)
{
	args->mailbox_open.flags = CREATE | MBX_DIRECT;
}

static inline void pid_args(struct stage *stage, union arguments *args)
{
	args->mailbox_open.flags = MBX_WRITE | MBX_DIRECT | MBX_WAIT_BOUND;
	args->mailbox_open.target = stage->partner;
}

static inline void pidfd_args(struct stage *stage, union arguments *args)
{
	args->mailbox_open.flags = MBX_WRITE | MBX_DIRECT | MBX_PIDFD;
	args->mailbox_open.target = stage->pidfd;
}

static inline void region_args(struct stage *stage, union arguments *args)
{
	args->region_open.flags = CREATE;
	args->region_open.bytes = 1;
}

static inline void named_region_args(struct stage *stage, union arguments *args)
{
	region_args(stage, args);
	args->region_open.name = (uintptr_t)stage->name;
	args->region_open.name_len = strlen(stage->name);
}

static inline void send_args(struct stage *stage, union arguments *args)
{
	stage->message = stage_buffer(stage);
	args->send.messages = (uintptr_t)&stage->message;
	args->send.count = 1;
	args->send.elem_size = sizeof(stage->message);
}

static inline void recv_args(struct stage *stage, union arguments *args)
{
	stage->message = stage_buffer(stage);
	args->recv.messages = (uintptr_t)&stage->message;
	args->recv.count = 1;
	args->recv.elem_size = sizeof(stage->message);
}

static inline void peek_args(struct stage *stage, union arguments *args)
{
	recv_args(stage, args);
	args->recv.flags = MBX_RECV_PEEK;
}

static inline void select_args(struct stage *stage, union arguments *args)
{
	recv_args(stage, args);
	args->recv.flags = MBX_RECV_BY_PRIO | MBX_RECV_BY_TAG | MBX_RECV_BY_PID;
	args->recv.min_prio = PRIO;
	args->recv.tag = TAG;
	args->recv.pid = getpid();
}

static inline void call_args(struct stage *stage, union arguments *args)
{
	stage->message = stage_buffer(stage);
	stage->reply = stage_buffer(stage);
	args->call.request = (uintptr_t)&stage->message;
	args->call.reply = (uintptr_t)&stage->reply;
	args->call.elem_size = sizeof(stage->message);
	args->call.deadline_ns = IN_PATIENCE;
}

static inline void reply_args(struct stage *stage, union arguments *args)
{
	stage->message = stage_buffer(stage);
	args->reply.token = stage->token;
	args->reply.message = (uintptr_t)&stage->message;
	args->reply.elem_size = sizeof(stage->message);
}

static inline void query_args(struct stage *stage, union arguments *args)
{
	args->reply.flags = MBX_REPLY_QUERY;
	args->reply.token = stage->token;
	args->reply.elem_size = sizeof(stage->message);
}

static inline void reply_recv_args(struct stage *stage, union arguments *args)
{
	reply_args(stage, args);
	stage->reply = stage_buffer(stage);
	stage->recv = (struct mbx_recv){
		.size = sizeof(stage->recv),
		.messages = (uintptr_t)&stage->reply,
		.count = 1,
		.elem_size = sizeof(stage->reply),
		.deadline_ns = IN_PATIENCE,
	};
	args->reply.flags = MBX_REPLY_RECV;
	args->reply.recv = (uintptr_t)&stage->recv;
}

static inline void wait_args(struct stage *stage, union arguments *args)
{
	args->region_wait.slots = (uintptr_t)&stage->slot;
	args->region_wait.count = 1;
	args->region_wait.elem_size = sizeof(stage->slot);
}

static inline void notify_args(struct stage *stage, union arguments *args)
{
	args->region_notify.slot_mask = 1;
}

static inline void subscribe_args(struct stage *stage, union arguments *args)
{
	args->region_subscribe.slot_mask = 1;
}

/* --- the table --- */

#define USAGE(_name, _special, ...)                                           \
	{                                                                     \
		.label = #_name _special, .cmd = MBX_IOC_##_name, __VA_ARGS__ \
	}

static const struct usage usages[] = {
	USAGE(INFO, "", .writes = true),
	USAGE(UNLINK, ", mailbox", .prepare = mailbox_named, .args = name_args),
	USAGE(UNLINK, ", region", .prepare = region_named, .args = name_args),
	USAGE(MAILBOX_OPEN, ", anonymous", .args = mailbox_args),
	USAGE(MAILBOX_OPEN, ", new", .prepare = nothing_named,
	      .args = named_mailbox_args),
	USAGE(MAILBOX_OPEN, ", existing", .prepare = mailbox_named,
	      .args = named_mailbox_args),
	USAGE(MAILBOX_OPEN, ", own", .args = own_args),
	USAGE(MAILBOX_OPEN, ", by pid", .part = part_bound, .args = pid_args),
	USAGE(MAILBOX_OPEN, ", by pidfd", .part = part_bound,
	      .args = pidfd_args),
	USAGE(REGION_OPEN, ", anonymous", .args = region_args),
	USAGE(REGION_OPEN, ", new", .prepare = nothing_named,
	      .args = named_region_args),
	USAGE(REGION_OPEN, ", existing", .prepare = region_named,
	      .args = named_region_args),
	USAGE(SEND, "", .prepare = room_there, .args = send_args),
	USAGE(RECV, "", .prepare = message_there, .args = recv_args),
	USAGE(RECV, ", peek", .prepare = message_there, .args = peek_args),
	USAGE(RECV, ", select", .prepare = message_there, .args = select_args),
	USAGE(MAILBOX_STAT, "", .writes = true),
	USAGE(CALL, "", .part = part_server, .args = call_args),
	USAGE(REPLY, "", .part = part_caller, .prepare = request_taken,
	      .args = reply_args),
	USAGE(REPLY, ", query", .part = part_caller, .prepare = request_taken,
	      .args = query_args),
	USAGE(REPLY, ", receive", .part = part_caller, .prepare = request_taken,
	      .args = reply_recv_args, .writes = true),
	USAGE(REGION_STAT, "", .writes = true),
	USAGE(REGION_WAIT, "", .prepare = slot_moved, .args = wait_args),
	USAGE(REGION_NOTIFY, "", .args = notify_args),
	USAGE(REGION_SUBSCRIBE, "", .args = subscribe_args),
};

/* Each usage, with its command. */
#define for_each_usage(u, c)                                    \
	for ((u) = usages; (u) < usages + ARRAY_SIZE(usages) && \
			   ((c) = command_of((u)->cmd));        \
	     (u)++)

/* --- a call --- */

/* Returns 0 when the usage will succeed at once, or an error. */
static inline int stage_prepare(struct stage *stage, const struct usage *usage)
{
	int err = begin_part(stage, usage->part);

	if (err || !usage->prepare)
		return err;
	return usage->prepare(stage);
}

/* Writes as much as the command's size says, and no more. */
static inline void stage_args(struct stage *stage, const struct usage *usage,
			      void *args)
{
	__u32 size = command_of(usage->cmd)->size;
	union arguments good = { 0 };

	if (usage->args)
		usage->args(stage, &good);
	good.head.size = size;
	memcpy(args, &good, size);
}

/* Returns what the command has returned, or the error. */
static inline int stage_call(struct stage *stage, const struct usage *usage,
			     void *args)
{
	int ret = call(stage->fds[command_of(usage->cmd)->target], usage->cmd,
		       args);

	/* What an open returns is a descriptor. */
	if (ret > 2 && (usage->cmd == MBX_IOC_MAILBOX_OPEN ||
			usage->cmd == MBX_IOC_REGION_OPEN))
		close(ret);
	return ret;
}

#endif /* MBX_TEST_USAGES_H */
