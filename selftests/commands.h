/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All commands with an argument that succeeds, for tests of the common rules
 *
 * A test takes struct stage for the objects, has a command's args() fill in a
 * struct for them, spoils it in one way and issues it.
 */
#ifndef MBX_TEST_COMMANDS_H
#define MBX_TEST_COMMANDS_H

#include "mailbox.h"
#include "region.h"

enum target { ON_DEVICE, ON_MAILBOX, ON_REGION, TARGETS };

#define STAGE_SLOTS 4

struct stage {
	int fds[TARGETS];
	char name[NAME_SIZE]; /* of a mailbox that can be unlinked */
	char payload[16];
	struct mbx_message message;
	struct mbx_slot slot;
	__u32 *seq; /* mapping of the region's sequence page */
};

struct command {
	const char *label;
	unsigned int cmd;
	__u32 first; /* size in the first version of the ABI */
	__u32 size; /* as this program knows it */
	__u32 flags; /* defined bits */
	__u32 reserved; /* offset of a reserved field, or 0 */
	enum target target;
	bool blocks; /* can't succeed without somebody else */
	void (*args)(struct stage *stage, void *args);
};

static inline void info_args(struct stage *stage, void *args)
{
	*(struct mbx_info *)args = (struct mbx_info){ 0 };
}

static inline void unlink_args(struct stage *stage, void *args)
{
	*(struct mbx_unlink *)args = (struct mbx_unlink){
		.name = (uintptr_t)stage->name,
		.name_len = strlen(stage->name),
	};
}

static inline void mailbox_open_args(struct stage *stage, void *args)
{
	*(struct mbx_mailbox_open *)args = (struct mbx_mailbox_open){
		.flags = CREATE,
	};
}

static inline void region_open_args(struct stage *stage, void *args)
{
	*(struct mbx_region_open *)args = (struct mbx_region_open){
		.flags = CREATE,
		.bytes = 1,
	};
}

static inline void send_args(struct stage *stage, void *args)
{
	*(struct mbx_send *)args = (struct mbx_send){
		.messages = (uintptr_t)&stage->message,
		.count = 1,
		.elem_size = sizeof(stage->message),
	};
}

static inline void recv_args(struct stage *stage, void *args)
{
	*(struct mbx_recv *)args = (struct mbx_recv){
		.messages = (uintptr_t)&stage->message,
		.count = 1,
		.elem_size = sizeof(stage->message),
	};
}

static inline void call_args(struct stage *stage, void *args)
{
	*(struct mbx_call *)args = (struct mbx_call){
		.request = (uintptr_t)&stage->message,
		.reply = (uintptr_t)&stage->message,
		.elem_size = sizeof(stage->message),
	};
}

static inline void reply_args(struct stage *stage, void *args)
{
	*(struct mbx_reply *)args = (struct mbx_reply){
		.token = 1,
		.message = (uintptr_t)&stage->message,
		.elem_size = sizeof(stage->message),
	};
}

static inline void mailbox_stat_args(struct stage *stage, void *args)
{
	*(struct mbx_mailbox_stat *)args = (struct mbx_mailbox_stat){ 0 };
}

static inline void region_stat_args(struct stage *stage, void *args)
{
	*(struct mbx_region_stat *)args = (struct mbx_region_stat){ 0 };
}

static inline void wait_args(struct stage *stage, void *args)
{
	*(struct mbx_region_wait *)args = (struct mbx_region_wait){
		.slots = (uintptr_t)&stage->slot,
		.count = 1,
		.elem_size = sizeof(stage->slot),
	};
}

static inline void notify_args(struct stage *stage, void *args)
{
	*(struct mbx_region_notify *)args =
		(struct mbx_region_notify){ .slot_mask = 1 };
}

static inline void subscribe_args(struct stage *stage, void *args)
{
	*(struct mbx_region_subscribe *)args =
		(struct mbx_region_subscribe){ .slot_mask = 1 };
}

#define OPEN_FLAGS (MBX_READ | MBX_WRITE | MBX_CREATE | MBX_EXCL | MBX_NONBLOCK)
#define MAILBOX_OPEN_FLAGS \
	(OPEN_FLAGS | MBX_DIRECT | MBX_PIDFD | MBX_WAIT_BOUND)
#define RECV_FLAGS                                              \
	(MBX_RECV_NONBLOCK | MBX_RECV_PEEK | MBX_RECV_BY_PRIO | \
	 MBX_RECV_BY_TAG | MBX_RECV_BY_PID)

#define COMMAND(name, type, first_size, on, fill)                   \
	.label = #name, .cmd = MBX_IOC_##name, .first = first_size, \
	.size = sizeof(struct type), .target = on, .args = fill

static const struct command commands[] = {
	{
		COMMAND(INFO, mbx_info, 88, ON_DEVICE, info_args),
		.reserved = offsetof(struct mbx_info, reserved),
	},
	{
		COMMAND(UNLINK, mbx_unlink, 24, ON_DEVICE, unlink_args),
	},
	{
		COMMAND(MAILBOX_OPEN, mbx_mailbox_open, 48, ON_DEVICE,
			mailbox_open_args),
		.flags = MAILBOX_OPEN_FLAGS,
		.reserved = offsetof(struct mbx_mailbox_open, reserved),
	},
	{
		COMMAND(REGION_OPEN, mbx_region_open, 40, ON_DEVICE,
			region_open_args),
		.flags = OPEN_FLAGS,
	},
	{
		COMMAND(SEND, mbx_send, 32, ON_MAILBOX, send_args),
		.flags = MBX_SEND_NONBLOCK,
	},
	{
		COMMAND(RECV, mbx_recv, 48, ON_MAILBOX, recv_args),
		.flags = RECV_FLAGS,
	},
	{
		COMMAND(MAILBOX_STAT, mbx_mailbox_stat, 120, ON_MAILBOX,
			mailbox_stat_args),
		.reserved = offsetof(struct mbx_mailbox_stat, reserved),
	},
	{
		COMMAND(CALL, mbx_call, 40, ON_MAILBOX, call_args),
		.flags = MBX_CALL_NONBLOCK,
		.reserved = offsetof(struct mbx_call, reserved),
		.blocks = true,
	},
	{
		COMMAND(REPLY, mbx_reply, 40, ON_MAILBOX, reply_args),
		.flags = MBX_REPLY_RECV | MBX_REPLY_QUERY,
		.reserved = offsetof(struct mbx_reply, reserved),
		.blocks = true,
	},
	{
		COMMAND(REGION_STAT, mbx_region_stat, 64, ON_REGION,
			region_stat_args),
	},
	{
		COMMAND(REGION_WAIT, mbx_region_wait, 32, ON_REGION, wait_args),
		.flags = MBX_WAIT_NONBLOCK,
	},
	{
		COMMAND(REGION_NOTIFY, mbx_region_notify, 16, ON_REGION,
			notify_args),
	},
	{
		COMMAND(REGION_SUBSCRIBE, mbx_region_subscribe, 16, ON_REGION,
			subscribe_args),
	},
};

#define for_each_command(c) \
	for ((c) = commands; (c) < commands + ARRAY_SIZE(commands); (c)++)

/* To be called in the test's own process. Returns 0 or an error. */
static inline int stage_init(struct stage *stage)
{
	memset(stage, 0, sizeof(*stage));
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
	unlink_name(stage->name);
	close(stage->fds[ON_MAILBOX]);
	close(stage->fds[ON_REGION]);
}

/* Make each command succeed once, at once: a message is there, a slot differs. */
static inline int stage_prepare(struct stage *stage)
{
	int fd = open_mailbox(stage->name, CREATE), ret;

	if (fd < 0)
		return fd;
	close(fd);
	ret = send_text(stage->fds[ON_MAILBOX], "ready");
	stage->message = (struct mbx_message){
		.data = (uintptr_t)stage->payload,
		.capacity = sizeof(stage->payload),
	};
	*stage->seq = 1;
	stage->slot = (struct mbx_slot){ 0 };
	return ret < 0 ? ret : 0;
}

static inline int stage_call(struct stage *stage, const struct command *command,
			     void *args)
{
	int ret = call(stage->fds[command->target], command->cmd, args);

	/* What an open returns is a descriptor. */
	if (ret > 2 && (command->cmd == MBX_IOC_MAILBOX_OPEN ||
			command->cmd == MBX_IOC_REGION_OPEN))
		close(ret);
	return ret;
}

#endif /* MBX_TEST_COMMANDS_H */
