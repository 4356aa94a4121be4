/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls, replies and direct mailboxes, for the tests. */
#ifndef MBX_TEST_CALL_H
#define MBX_TEST_CALL_H

#include "mailbox.h"
#include "process.h"

#include <pthread.h>

/* For calls that are to time out, and for those that must not hang. */
#define SOON (now_ns() + 50 * NSEC_PER_MSEC)
/* For a request that is to arrive before its caller gives up. */
#define LATER (now_ns() + NSEC_PER_SEC)
#define IN_PATIENCE (now_ns() + PATIENCE_NS)

/* So many tokens of an open file need no memory of their own. */
#define TOKEN_PLACES 8

/* --- calling --- */

static inline int do_call_message(int fd, struct mbx_message *request,
				  struct mbx_message *reply,
				  struct mbx_call args)
{
	args.size = sizeof(args);
	args.request = (uintptr_t)request;
	args.reply = (uintptr_t)reply;
	args.elem_size = sizeof(*request);
	return call(fd, MBX_IOC_CALL, &args);
}

/* call_message(fd, &request, &reply, .deadline_ns = ...) */
#define call_message(fd, request, reply, ...) \
	do_call_message(fd, request, reply, (struct mbx_call){ __VA_ARGS__ })

static inline void prepare(struct letter *letter)
{
	memset(letter, 0, sizeof(*letter));
	letter->msg.data = (uintptr_t)letter->text;
	letter->msg.capacity = sizeof(letter->text) - 1;
}

static inline int do_ask(int fd, const char *text, struct letter *reply,
			 struct mbx_call args)
{
	struct mbx_message request = { .data = (uintptr_t)text,
				       .len = strlen(text) };

	prepare(reply);
	return do_call_message(fd, &request, &reply->msg, args);
}

/* ask(fd, "text", &letter, .deadline_ns = ...): waits for the reply */
#define ask(fd, text, reply, ...) \
	do_ask(fd, text, reply, (struct mbx_call){ __VA_ARGS__ })

/* A call in a thread of its own. */
struct caller {
	pthread_t thread;
	int fd;
	struct mbx_call args;
	struct mbx_message request;
	struct letter reply;
	int result;
};

static inline void *caller_thread(void *arg)
{
	struct caller *c = arg;

	c->result = do_call_message(c->fd, &c->request, &c->reply.msg, c->args);
	return NULL;
}

static inline int caller_start_message(struct caller *c, int fd,
				       struct mbx_message request,
				       struct mbx_call args)
{
	c->fd = fd;
	c->args = args;
	c->request = request;
	prepare(&c->reply);
	return pthread_create(&c->thread, NULL, caller_thread, c);
}

/* caller_start(&caller, fd, "text", .deadline_ns = ...): 0, and the call begins */
#define caller_start(c, fd, text, ...)                                        \
	caller_start_message(c, fd,                                           \
			     (struct mbx_message){ .data = (uintptr_t)(text), \
						   .len = strlen(text) },     \
			     (struct mbx_call){ __VA_ARGS__ })

/* What the call has returned. */
static inline int caller_end(struct caller *c)
{
	pthread_join(c->thread, NULL);
	return c->result;
}

static inline bool calls_wait(int fd, __u32 count)
{
	return wait_until(stat_of(fd).calls == count);
}

/* A child in a call; its status is 0 or the error. */
static inline int ask_child(void *arg)
{
	struct letter reply;

	return status_of(ask(*(int *)arg, "ask", &reply));
}

static inline pid_t spawn_caller(int fd)
{
	return spawn(ask_child, &fd);
}

/* --- replying --- */

static inline int do_reply(int fd, struct mbx_reply args)
{
	args.size = sizeof(args);
	args.elem_size = sizeof(struct mbx_message);
	return call(fd, MBX_IOC_REPLY, &args);
}

static inline int reply_bytes(int fd, __u64 token, const void *data, __u32 len)
{
	struct mbx_message msg = { .data = (uintptr_t)data, .len = len };

	return do_reply(fd, (struct mbx_reply){ .token = token,
						.message = (uintptr_t)&msg });
}

static inline int reply_text(int fd, __u64 token, const char *text)
{
	return reply_bytes(fd, token, text, strlen(text));
}

static inline int query(int fd, __u64 token)
{
	return do_reply(fd, (struct mbx_reply){ .flags = MBX_REPLY_QUERY,
						.token = token });
}

static inline int do_reply_and_take(int fd, __u64 *token, const char *text,
				    struct letter *letter, struct mbx_recv recv)
{
	struct mbx_message msg = { .data = (uintptr_t)text,
				   .len = strlen(text) };
	struct mbx_reply args = {
		.size = sizeof(args),
		.flags = MBX_REPLY_RECV,
		.token = *token,
		.message = (uintptr_t)&msg,
		.recv = (uintptr_t)&recv,
		.elem_size = sizeof(msg),
	};
	int ret;

	prepare(letter);
	recv.size = sizeof(recv);
	recv.messages = (uintptr_t)&letter->msg;
	recv.count = 1;
	recv.elem_size = sizeof(letter->msg);
	ret = call(fd, MBX_IOC_REPLY, &args);
	*token = args.token;
	return ret;
}

/*
 * reply_and_take(fd, &token, "text", &letter, .flags = MBX_RECV_...): one call;
 * the token is what the kernel has left of it
 */
#define reply_and_take(fd, token, text, letter, ...) \
	do_reply_and_take(fd, token, text, letter,   \
			  (struct mbx_recv){ __VA_ARGS__ })

/* A child that sends back what it is asked, until it is killed. */
static inline int serve_child(void *arg)
{
	char text[sizeof(((struct letter *)NULL)->text)] = "";
	int fd = *(int *)arg, ret;
	struct letter letter;
	__u64 token = 0;

	for (;;) {
		ret = reply_and_take(fd, &token, text, &letter);
		if (ret < 0 && ret != -ESRCH)
			return -ret;
		token = ret < 0 ? 0 : letter.msg.token;
		strcpy(text, letter.text);
	}
}

/* --- direct mailboxes --- */

/* bind_direct(0 or MBX_EXCL, .mode = ...): the own mailbox */
#define bind_direct(flags, ...) \
	open_mailbox(NULL, CREATE | MBX_DIRECT | (flags), __VA_ARGS__)

/* open_direct(MBX_WRITE | ..., pid or pidfd, .deadline_ns = ...) */
#define open_direct(flags, whom, ...) \
	open_mailbox(NULL, MBX_DIRECT | (flags), .target = (whom), __VA_ARGS__)

static inline int open_pidfd(pid_t pid, unsigned int flags)
{
	return result_of(syscall(SYS_pidfd_open, pid, flags));
}

/* A child that has bound its mailbox before it goes on. */
struct bound_child {
	uid_t uid;
	struct mbx_mailbox_open attr;
	child_fn *fn; /* gets the address of the descriptor */
	struct gate bound;
};

static inline int bound_child(void *arg)
{
	struct bound_child *child = arg;
	int fd;

	if (child->uid && become(child->uid))
		return EXIT_FAILURE;
	fd = do_open_mailbox(NULL, CREATE | MBX_DIRECT, child->attr);
	if (fd < 0)
		return -fd;
	gate_open(&child->bound);
	gate_close(&child->bound);
	return child->fn(&fd);
}

static inline pid_t do_spawn_bound(struct bound_child child)
{
	pid_t pid;

	device();
	if (gate_init(&child.bound))
		return -errno;
	pid = spawn(bound_child, &child);
	close(child.bound.fds[1]);
	gate_wait(&child.bound);
	close(child.bound.fds[0]);
	return pid;
}

/* spawn_bound(fn, .uid = ALICE, .attr.mode = 0620) */
#define spawn_bound(what, ...) \
	do_spawn_bound((struct bound_child){ .fn = (what), __VA_ARGS__ })

/* Until a child has ended, without reaping it. */
static inline int wait_for_zombie(pid_t pid)
{
	siginfo_t si;

	return result_of(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
}

#endif /* MBX_TEST_CALL_H */
