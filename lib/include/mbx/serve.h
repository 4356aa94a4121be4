/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx: the loop of a server
 *
 * Programs include <mbx.h>.
 */
#ifndef MBX_SERVE_API_H
#define MBX_SERVE_API_H

#include <mbx/call.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a handler returns instead of a length or an error. */
#define MBX_SERVE_LATER (-(MBX_ERROR_MAX + 1)) /* it has replied, or will */
#define MBX_SERVE_STOP (-(MBX_ERROR_MAX + 2)) /* the same, and end the loop */

/**
 * typedef mbx_handler - serve one message
 * @message: what the kernel knows of it: sender, tag, len, ...; a reply is wanted
 *	if %MBX_MSG_CALL is in its flags
 * @payload: its len bytes
 * @reply: where to put the payload of the reply
 * @capacity: bytes in @reply
 * @arg: as given to mbx_serve()
 *
 * @message, @payload and @reply are the loop's and end with the handler.
 *
 * Return: bytes put into @reply. A negative errno value (to -%MBX_ERROR_MAX): the
 * request has failed, and the caller is told so, see &struct mbx_reply_opts.
 * %MBX_SERVE_LATER: mbx_reply() was or will be called with the message's token.
 * %MBX_SERVE_STOP: the same, and mbx_serve() returns 0. If no reply is wanted,
 * only the last of these means anything.
 */
typedef ssize_t mbx_handler(const struct mbx_message *message,
			    const void *payload, void *reply, size_t capacity,
			    void *arg);

/**
 * enum mbx_serve_flags - bits of &struct mbx_serve_opts.flags
 * @MBX_SERVE_STOP_FD: stop when stop_fd is readable
 */
enum mbx_serve_flags {
	MBX_SERVE_STOP_FD = 1 << 0,
};

/**
 * struct mbx_serve_opts - how to serve
 * @size: sizeof(struct mbx_serve_opts)
 * @flags: bits of &enum mbx_serve_flags
 * @stop_fd: with %MBX_SERVE_STOP_FD: an eventfd, the end of a pipe, a signalfd,
 *	a timerfd, ...: it is not read from; else 0
 * @reply_capacity: room for a reply in bytes, to %MBX_MSG_SIZE_MAX; 0 for 64 KiB
 */
struct mbx_serve_opts {
	MBX_OPTS_HEAD(mbx_serve_opts);
	uint32_t flags;
	int32_t stop_fd;
	uint32_t reply_capacity;
};

#define MBX_SERVE_OPTS(...) MBX_OPTS(mbx_serve_opts, __VA_ARGS__)

MBX_API int mbx_serve_sized(int fd, mbx_handler *handler, void *arg,
			    const struct mbx_serve_opts *opts,
			    size_t message_size);

/**
 * mbx_serve() - receive requests and answer them, until told to stop
 * @fd: a mailbox opened with %MBX_READ
 * @handler: called for each message
 * @arg: for the handler
 * @opts: or NULL
 *
 * Several threads may serve the same descriptor. The buffer for requests grows as
 * needed. A reply that is larger than its caller allows, or larger than
 * reply_capacity, becomes one with the error EMSGSIZE and without payload; if
 * there is no memory or quota for a reply, that is reported likewise. Callers
 * that no longer wait are passed over.
 *
 * The loop makes one system call for each request, two with a stop descriptor.
 * Every way to stop lets the handler finish and its reply be given.
 *
 * A signal ends the loop while it waits, with -EINTR, unless its handler has
 * SA_RESTART and there is no stop descriptor. One that arrives while a message is
 * handled does not: to stop by a signal without fail, make the stop descriptor a
 * signalfd(2), or write to it from the signal's handler.
 *
 * Return: 0 when stopped by the descriptor or the handler, or
 * -EAGAIN      no message, O_NONBLOCK is set, and there is no stop descriptor
 * -EBADF       not opened for receiving; or the stop descriptor is not open
 * -EDQUOT, -ENOMEM  not even an error could be reported to a caller, which goes
 *              on waiting until @fd is closed; or no memory for a request, which
 *              stays in the mailbox
 * -EINTR       a signal
 * -EINVAL      malformed options; or the handler has replied and returns a length
 * -EOWNERDEAD  no message, and the mailbox's owner is gone
 * -ESRCH       no message, and the process is gone whose mailbox this is
 */
static inline int mbx_serve(int fd, mbx_handler *handler, void *arg,
			    const struct mbx_serve_opts *opts)
{
	return mbx_serve_sized(fd, handler, arg, opts,
			       sizeof(struct mbx_message));
}

#ifdef __cplusplus
}
#endif

#endif /* MBX_SERVE_API_H */
