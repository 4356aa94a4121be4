/* SPDX-License-Identifier: GPL-2.0-only */
/* Sending, receiving and looking at mailboxes, for the tests. */
#ifndef MBX_TEST_MAILBOX_H
#define MBX_TEST_MAILBOX_H

#include "mbx_test.h"

/* A message with a buffer of its own; what is received is NUL-terminated. */
struct letter {
	struct mbx_message msg;
	char text[64];
};

static inline int do_send(int fd, struct mbx_message *messages, __u32 count,
			  struct mbx_send args)
{
	args.size = sizeof(args);
	args.messages = (uintptr_t)messages;
	args.count = count;
	args.elem_size = sizeof(*messages);
	return call(fd, MBX_IOC_SEND, &args);
}

static inline int do_recv(int fd, struct mbx_message *messages, __u32 count,
			  struct mbx_recv args)
{
	args.size = sizeof(args);
	args.messages = (uintptr_t)messages;
	args.count = count;
	args.elem_size = sizeof(*messages);
	return call(fd, MBX_IOC_RECV, &args);
}

/* send_array(fd, messages, count, .flags = ..., .deadline_ns = ...) */
#define send_array(fd, messages, count, ...) \
	do_send(fd, messages, count, (struct mbx_send){ __VA_ARGS__ })
#define recv_array(fd, messages, count, ...) \
	do_recv(fd, messages, count, (struct mbx_recv){ __VA_ARGS__ })

static inline int do_send_text(int fd, const char *text, __u32 flags,
			       struct mbx_message msg)
{
	msg.data = (uintptr_t)text;
	msg.len = strlen(text);
	return send_array(fd, &msg, 1, .flags = flags);
}

/* send_text(fd, "text", .prio = 1, .tag = 2): without waiting */
#define send_text(fd, text, ...)                  \
	do_send_text(fd, text, MBX_SEND_NONBLOCK, \
		     (struct mbx_message){ __VA_ARGS__ })
/* The same, and wait for room if need be. */
#define send_waiting(fd, text, ...) \
	do_send_text(fd, text, 0, (struct mbx_message){ __VA_ARGS__ })

static inline int send_bytes(int fd, const void *data, __u32 len, __u32 flags)
{
	struct mbx_message msg = { .data = (uintptr_t)data, .len = len };

	return send_array(fd, &msg, 1, .flags = flags);
}

static inline int do_take(int fd, struct letter *letter, struct mbx_recv args)
{
	int ret;

	memset(letter, 0, sizeof(*letter));
	letter->msg.data = (uintptr_t)letter->text;
	letter->msg.capacity = sizeof(letter->text) - 1;
	ret = do_recv(fd, &letter->msg, 1, args);
	if (ret == 1)
		letter->text[letter->msg.len] = '\0';
	return ret;
}

/* take(fd, &letter, .flags = MBX_RECV_BY_TAG, .tag = 2): waits */
#define take(fd, letter, ...) \
	do_take(fd, letter, (struct mbx_recv){ __VA_ARGS__ })

static inline int take_now(int fd, struct letter *letter)
{
	return take(fd, letter, .flags = MBX_RECV_NONBLOCK);
}

/* The next message's text, taken without waiting, or the error's name. */
static inline const char *next_text(int fd)
{
	static struct letter letter;
	int ret = take_now(fd, &letter);

	return ret < 0 ? strerrorname_np(-ret) : letter.text;
}

static inline const char *peek_text(int fd)
{
	static struct letter letter;
	int ret = take(fd, &letter, .flags = MBX_RECV_NONBLOCK | MBX_RECV_PEEK);

	return ret < 0 ? strerrorname_np(-ret) : letter.text;
}

static inline struct mbx_mailbox_stat stat_of(int fd)
{
	struct mbx_mailbox_stat args = { .size = sizeof(args) };

	if (call(fd, MBX_IOC_MAILBOX_STAT, &args) < 0)
		memset(&args, 0xff, sizeof(args));
	return args;
}

static inline bool counters_add_up(int fd)
{
	struct mbx_mailbox_stat st = stat_of(fd);

	return st.sent == st.received + st.dropped + st.withdrawn + st.msgs;
}

#endif /* MBX_TEST_MAILBOX_H */
