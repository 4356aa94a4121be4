/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All commands, with what the ABI says of the argument of each
 *
 * abi_table_test.c compares the table with the header and with the module, so
 * that none is forgotten. usages.h has the calls themselves.
 */
#ifndef MBX_TEST_COMMANDS_H
#define MBX_TEST_COMMANDS_H

#include "mbx_test.h"

enum target { ON_DEVICE, ON_MAILBOX, ON_REGION, TARGETS };

#define ARRAYS_MAX 2

/**
 * struct command - what the ABI says of a command
 * @label: its name, without MBX_IOC_
 * @type: name of the struct that is its argument
 * @cmd: its number
 * @target: the descriptor that it is for
 * @first: size of the argument in the first version of the ABI
 * @size: size of the argument as this program knows it
 * @flags: defined bits
 * @out: it fills in the whole argument
 * @arrays: offsets of the addresses of arrays in the argument; 0 for none
 * @sends: the first of the arrays is what to send
 * @elem_size_at: offset of the size of their elements
 * @elem_first: size of an element in the first version of the ABI
 * @elem_size: size of an element as this program knows it
 * @elem_type: name of the struct that is an element, or NULL
 */
struct command {
	const char *label;
	const char *type;
	unsigned int cmd;
	enum target target;
	__u32 first;
	__u32 size;
	__u32 flags;
	bool out;
	__u32 arrays[ARRAYS_MAX];
	bool sends;
	__u32 elem_size_at;
	__u32 elem_first;
	__u32 elem_size;
	const char *elem_type;
};

#define OPEN_FLAGS (MBX_READ | MBX_WRITE | MBX_CREATE | MBX_EXCL | MBX_NONBLOCK)
#define MAILBOX_OPEN_FLAGS \
	(OPEN_FLAGS | MBX_DIRECT | MBX_PIDFD | MBX_WAIT_BOUND)
#define RECV_FLAGS                                              \
	(MBX_RECV_NONBLOCK | MBX_RECV_PEEK | MBX_RECV_BY_PRIO | \
	 MBX_RECV_BY_TAG | MBX_RECV_BY_PID)

#define COMMAND(_name, _type, _first, _target)                   \
	.label = #_name, .type = #_type, .cmd = MBX_IOC_##_name, \
	.first = _first, .size = sizeof(struct _type), .target = _target

/* ELEMENTS(argument, element, size in the first version, fields with arrays) */
#define ELEMENTS(_type, _elem, _first, ...)                      \
	.elem_size_at = offsetof(struct _type, elem_size),       \
	.elem_first = _first, .elem_size = sizeof(struct _elem), \
	.elem_type = #_elem, .arrays = { __VA_ARGS__ }
#define ARRAY(_type, _member) offsetof(struct _type, _member)

/* The sizes of the first version never change. */
static const struct command commands[] = {
	{
		COMMAND(INFO, mbx_info, 88, ON_DEVICE),
		.out = true,
	},
	{
		COMMAND(UNLINK, mbx_unlink, 24, ON_DEVICE),
	},
	{
		COMMAND(MAILBOX_OPEN, mbx_mailbox_open, 48, ON_DEVICE),
		.flags = MAILBOX_OPEN_FLAGS,
	},
	{
		COMMAND(REGION_OPEN, mbx_region_open, 40, ON_DEVICE),
		.flags = OPEN_FLAGS,
	},
	{
		COMMAND(SEND, mbx_send, 32, ON_MAILBOX),
		.flags = MBX_SEND_NONBLOCK,
		.sends = true,
		ELEMENTS(mbx_send, mbx_message, 64, ARRAY(mbx_send, messages)),
	},
	{
		COMMAND(RECV, mbx_recv, 48, ON_MAILBOX),
		.flags = RECV_FLAGS,
		ELEMENTS(mbx_recv, mbx_message, 64, ARRAY(mbx_recv, messages)),
	},
	{
		COMMAND(MAILBOX_STAT, mbx_mailbox_stat, 120, ON_MAILBOX),
		.out = true,
	},
	{
		COMMAND(CALL, mbx_call, 40, ON_MAILBOX),
		.flags = MBX_CALL_NONBLOCK,
		.sends = true,
		ELEMENTS(mbx_call, mbx_message, 64, ARRAY(mbx_call, request),
			 ARRAY(mbx_call, reply)),
	},
	{
		COMMAND(REPLY, mbx_reply, 40, ON_MAILBOX),
		.flags = MBX_REPLY_RECV | MBX_REPLY_QUERY,
		.sends = true,
		ELEMENTS(mbx_reply, mbx_message, 64, ARRAY(mbx_reply, message)),
	},
	{
		COMMAND(REGION_STAT, mbx_region_stat, 64, ON_REGION),
		.out = true,
	},
	{
		COMMAND(REGION_WAIT, mbx_region_wait, 32, ON_REGION),
		.flags = MBX_WAIT_NONBLOCK,
		ELEMENTS(mbx_region_wait, mbx_slot, 8,
			 ARRAY(mbx_region_wait, slots)),
	},
	{
		COMMAND(REGION_NOTIFY, mbx_region_notify, 16, ON_REGION),
	},
	{
		COMMAND(REGION_SUBSCRIBE, mbx_region_subscribe, 16, ON_REGION),
	},
};

#define for_each_command(c) \
	for ((c) = commands; (c) < commands + ARRAY_SIZE(commands); (c)++)

/* NULL if there is none with this number. */
static inline const struct command *command_of(unsigned int cmd)
{
	const struct command *c;

	for_each_command(c)
		if (c->cmd == cmd)
			return c;
	return NULL;
}

/* What every argument begins with. */
struct head {
	__u32 size;
	__u32 flags;
};

union arguments {
	struct head head;
	struct mbx_info info;
	struct mbx_unlink unlink;
	struct mbx_mailbox_open mailbox_open;
	struct mbx_region_open region_open;
	struct mbx_send send;
	struct mbx_recv recv;
	struct mbx_mailbox_stat mailbox_stat;
	struct mbx_call call;
	struct mbx_reply reply;
	struct mbx_region_stat region_stat;
	struct mbx_region_wait region_wait;
	struct mbx_region_notify region_notify;
	struct mbx_region_subscribe region_subscribe;
};

#endif /* MBX_TEST_COMMANDS_H */
