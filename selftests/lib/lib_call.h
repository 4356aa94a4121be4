/* SPDX-License-Identifier: GPL-2.0-only */
/* Callers in threads, and signals, for the tests of calls and servers. */
#ifndef MBX_LIB_CALL_H
#define MBX_LIB_CALL_H

#include "lib_test.h"

#define SOON mbx_deadline_ms(50) /* for calls that are to time out */
#define TEXT_SIZE 64

/* A call in a thread of its own. */
struct caller {
	pthread_t thread;
	int fd;
	const char *request;
	struct mbx_call_opts opts;
	size_t capacity;
	char reply[TEXT_SIZE];
	struct mbx_message info;
	ssize_t result;
};

static inline void *caller_thread(void *arg)
{
	struct caller *c = arg;

	c->result = mbx_call_with(c->fd, c->request, strlen(c->request),
				  c->reply, c->capacity, &c->opts, &c->info);
	if (c->result >= 0)
		c->reply[c->result] = '\0';
	return NULL;
}

static inline int do_caller_start(struct caller *c, int fd, const char *request,
				  const struct mbx_call_opts *opts)
{
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->request = request;
	c->opts = *opts;
	c->capacity = TEXT_SIZE - 1;
	return pthread_create(&c->thread, NULL, caller_thread, c);
}

/* caller_start(&caller, fd, "text", .tag = 1, ...): 0, and the call begins */
#define caller_start(c, fd, request, ...) \
	do_caller_start(c, fd, request, MBX_CALL_OPTS(__VA_ARGS__))

/* What the call has returned. */
static inline ssize_t caller_end(struct caller *c)
{
	pthread_join(c->thread, NULL);
	return c->result;
}

/* The next message and its token; its payload is a string. */
static inline ssize_t take(int fd, char text[TEXT_SIZE], uint64_t *token)
{
	struct mbx_message info;
	ssize_t ret = mbx_recv_with(fd, text, TEXT_SIZE - 1,
				    MBX_RECV_OPTS(.deadline_ns = PATIENCE),
				    &info);

	if (ret < 0)
		return ret;
	text[ret] = '\0';
	*token = info.token;
	return ret;
}

/* A child that waits for a reply; its status is 0 or the error. */
static inline int call_child(void *arg)
{
	char reply[TEXT_SIZE];

	return status_of(
		(int)mbx_call(*(int *)arg, "child", 5, reply, sizeof(reply)));
}

/* The token of a request whose caller has died. */
static inline uint64_t orphaned_token(int fd)
{
	pid_t child = spawn(call_child, &fd);
	char text[TEXT_SIZE];
	uint64_t token = 0;

	take(fd, text, &token);
	return kill_and_reap(child) == KILLED_BY(SIGKILL) ? token : 0;
}

static inline void ignore_signal(int sig)
{
}

static inline void on_signal(int sig, int sa_flags)
{
	struct sigaction action = { .sa_handler = ignore_signal,
				    .sa_flags = sa_flags };

	sigaction(sig, &action, NULL);
}

/* Waits until the process above is asleep, and sends it a signal. */
static inline int wake_parent(void *arg)
{
	if (!wait_until(is_asleep(getppid())))
		return ETIME;
	return kill(getppid(), *(int *)arg) ? errno : 0;
}

#endif /* MBX_LIB_CALL_H */
