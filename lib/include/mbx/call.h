/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx: request and reply
 *
 * mbx_call() sends a request to any mailbox and waits for its reply. Who receives
 * the request finds %MBX_MSG_CALL in the message's flags and a token, which
 * answers it once: in any order, from any thread, through the open file that has
 * received it. mbx_serve() is the loop of a server, ready made. Programs include
 * <mbx.h>.
 */
#ifndef MBX_CALL_API_H
#define MBX_CALL_API_H

#include <mbx/base.h>

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* see mbx/base.h */
extern "C" {
#endif

/*
 * How a server says that a request failed: this bit in the tag of the reply, and
 * an errno value in its low bits. The kernel knows nothing of it.
 */
#define MBX_TAG_FAILED (1ULL << 63)

/* The highest errno value that a reply can report. */
#define MBX_ERROR_MAX 4095

/**
 * struct mbx_call_opts - how to call
 * @size: sizeof(struct mbx_call_opts)
 * @flags: bits of &enum mbx_call_flags
 * @tag: of the request: any number
 * @deadline_ns: when to stop waiting, for room and for the reply
 * @prio: of the request: 0 to %MBX_PRIO_MAX, higher is received first
 * @reserved: 0
 */
struct mbx_call_opts {
	MBX_OPTS_HEAD(mbx_call_opts);
	uint32_t flags;
	uint64_t tag;
	uint64_t deadline_ns;
	uint32_t prio;
	uint32_t reserved;
};

/**
 * struct mbx_reply_opts - how to reply
 * @size: sizeof(struct mbx_reply_opts)
 * @flags: 0
 * @tag: of the reply: any number without the bit %MBX_TAG_FAILED
 * @error: 0; or 1 to %MBX_ERROR_MAX, normally an errno value: the request has
 *	failed, and mbx_call() returns -EREMOTEIO. @tag must be 0 then
 * @reserved: 0
 */
struct mbx_reply_opts {
	MBX_OPTS_HEAD(mbx_reply_opts);
	uint32_t flags;
	uint64_t tag;
	uint32_t error;
	uint32_t reserved;
};

/**
 * struct mbx_next_opts - how to reply, and what to receive next
 * @size: sizeof(struct mbx_next_opts)
 * @flags: bits of &enum mbx_recv_flags but %MBX_RECV_PEEK
 * @reply_tag: as tag of &struct mbx_reply_opts
 * @reply_error: as error of &struct mbx_reply_opts
 * @min_prio: as in &struct mbx_recv_opts
 * @tag: as in &struct mbx_recv_opts
 * @deadline_ns: when to stop waiting for the next message
 * @pid: as in &struct mbx_recv_opts
 * @reserved: 0
 */
struct mbx_next_opts {
	MBX_OPTS_HEAD(mbx_next_opts);
	uint32_t flags;
	uint64_t reply_tag;
	uint32_t reply_error;
	uint32_t min_prio;
	uint64_t tag;
	uint64_t deadline_ns;
	uint32_t pid;
	uint32_t reserved;
};

#define MBX_CALL_OPTS(...) MBX_OPTS(mbx_call_opts, __VA_ARGS__)
#define MBX_REPLY_OPTS(...) MBX_OPTS(mbx_reply_opts, __VA_ARGS__)
#define MBX_NEXT_OPTS(...) MBX_OPTS(mbx_next_opts, __VA_ARGS__)

/**
 * mbx_call() - send a request and wait for its reply
 * @fd: a mailbox opened with %MBX_WRITE
 * @request: the payload; may be NULL if @request_len is 0
 * @request_len: bytes of payload
 * @reply: where to put the payload of the reply
 * @reply_capacity: bytes in @reply; a server can't send more
 *
 * Waits for room, if the mailbox lets wait, and for the reply; only the former is
 * affected by O_NONBLOCK. When the call ends without a reply, a request that
 * nobody has received yet is taken back. After a signal whose handler has
 * SA_RESTART the call goes on only if nobody has received the request, so that
 * none is ever served twice.
 *
 * Return: bytes of payload in the reply, or
 * -EAGAIN      full, and O_NONBLOCK is set or the mailbox does not let wait
 * -EBADF       not opened for sending
 * -ECONNRESET  the request was received, and who did so has died, has closed the
 *              descriptor or has no means to answer; or it was dropped to make
 *              room for another
 * -EDQUOT      the user has as many bytes queued as are allowed, without or with
 *              the reply
 * -EFAULT      @request can't be read, or @reply not be written
 * -EINTR       a signal; the request may have been received. Also if the process
 *              was stopped, traced or frozen, or the machine suspended
 * -EMSGSIZE    more than the mailbox allows
 * -ENOMEM      out of memory
 * -EOWNERDEAD  the mailbox's owner is gone
 * -EREMOTEIO   the server says that the request failed; mbx_call_with() can tell
 *              why
 * -ESRCH       the process is gone whose mailbox this is
 */
MBX_API ssize_t mbx_call(int fd, const void *request, size_t request_len,
			 void *reply, size_t reply_capacity);

MBX_API ssize_t mbx_call_with_sized(int fd, const void *request,
				    size_t request_len, void *reply,
				    size_t reply_capacity,
				    const struct mbx_call_opts *opts,
				    struct mbx_message *info, size_t info_size);

/**
 * mbx_call_with() - call with priority, tag, deadline
 * @fd: a mailbox opened with %MBX_WRITE
 * @request: the payload; may be NULL if @request_len is 0
 * @request_len: bytes of payload
 * @reply: where to put the payload of the reply
 * @reply_capacity: bytes in @reply; a server can't send more
 * @opts: or NULL
 * @info: where to put what the kernel knows of the reply (who sent it, its tag,
 *	len, ...), or NULL. It is complete on success and after -EREMOTEIO, when
 *	mbx_reply_error() tells the error; len bytes are in @reply then
 *
 * Return: as mbx_call(), or
 * -EINVAL     malformed options
 * -ETIMEDOUT  no reply until the deadline; the request may have been received
 */
static inline ssize_t mbx_call_with(int fd, const void *request,
				    size_t request_len, void *reply,
				    size_t reply_capacity,
				    const struct mbx_call_opts *opts,
				    struct mbx_message *info)
{
	return mbx_call_with_sized(fd, request, request_len, reply,
				   reply_capacity, opts, info, sizeof(*info));
}

/**
 * mbx_reply_error() - the error that a reply reports
 * @reply: what mbx_call_with() has put into its @info
 *
 * Return: 1 to %MBX_ERROR_MAX, normally an errno value; 0 if it reports none.
 */
static inline int mbx_reply_error(const struct mbx_message *reply)
{
	return reply->tag & MBX_TAG_FAILED ? (int)(reply->tag & MBX_ERROR_MAX) :
					     0;
}

/**
 * mbx_reply() - answer a request
 * @fd: the descriptor through which it was received, or a duplicate
 * @token: of the request
 * @data: the payload; may be NULL if @len is 0
 * @len: bytes of payload
 *
 * Never waits. The token is used up on success and after -ESRCH; else the caller
 * goes on waiting, and the request can still be answered.
 *
 * Return: 0 or
 * -EBADF     not opened for receiving
 * -EDQUOT    the user has as many bytes queued as are allowed
 * -EINVAL    no such token: of a message that wants no reply, used up, or
 *            received through another open file
 * -EMSGSIZE  more than the caller has room for
 * -ENOMEM    out of memory
 * -ESRCH     the caller no longer waits, or its user has as many bytes queued as
 *            are allowed
 */
MBX_API int mbx_reply(int fd, uint64_t token, const void *data, size_t len);

/**
 * mbx_reply_with() - answer a request with a tag or an error
 * @fd: the descriptor through which it was received, or a duplicate
 * @token: of the request
 * @data: the payload; may be NULL if @len is 0
 * @len: bytes of payload
 * @opts: or NULL
 *
 * Return: as mbx_reply(), or
 * -EINVAL  malformed options
 */
MBX_API int mbx_reply_with(int fd, uint64_t token, const void *data, size_t len,
			   const struct mbx_reply_opts *opts);

/**
 * mbx_reply_recv() - answer a request and receive the next, in one system call
 * @fd: a mailbox opened with %MBX_READ
 * @token: in: of the request to answer, 0 for none; out: see below
 * @reply: the payload of the reply; may be NULL if @reply_len is 0
 * @reply_len: bytes of payload
 * @buf: where to put the payload of the next message; may be that of the request
 *	which is answered, and may be @reply
 * @capacity: bytes in @buf
 *
 * A caller that no longer waits is passed over. On success @token is that of the
 * message received, 0 if that wants no reply. After an error it is 0 if there is
 * nothing left to answer, so that a loop can just call again, also after a
 * signal: no request is answered twice. Else the reply was not given, the caller
 * goes on waiting, and nothing was received.
 *
 * Return: bytes of payload received. With @token left as it was: an error of
 * mbx_reply() other than -ESRCH. With @token 0: an error of mbx_recv(), or
 * -ESRCH  no message, and the process is gone whose mailbox this is
 */
MBX_API ssize_t mbx_reply_recv(int fd, uint64_t *token, const void *reply,
			       size_t reply_len, void *buf, size_t capacity);

MBX_API ssize_t mbx_reply_recv_with_sized(int fd, uint64_t *token,
					  const void *reply, size_t reply_len,
					  void *buf, size_t capacity,
					  const struct mbx_next_opts *opts,
					  struct mbx_message *info,
					  size_t info_size);

/**
 * mbx_reply_recv_with() - answer, and receive a selected message
 * @fd: a mailbox opened with %MBX_READ
 * @token: as for mbx_reply_recv()
 * @reply: the payload of the reply; may be NULL if @reply_len is 0
 * @reply_len: bytes of payload
 * @buf: where to put the payload of the next message, as for mbx_reply_recv()
 * @capacity: bytes in @buf
 * @opts: or NULL
 * @info: where to put what the kernel knows of the message, as for
 *	mbx_recv_with(); or NULL
 *
 * Return: as mbx_reply_recv(), or
 * -EINVAL     malformed options
 * -ETIMEDOUT  no such message until the deadline
 */
static inline ssize_t mbx_reply_recv_with(int fd, uint64_t *token,
					  const void *reply, size_t reply_len,
					  void *buf, size_t capacity,
					  const struct mbx_next_opts *opts,
					  struct mbx_message *info)
{
	return mbx_reply_recv_with_sized(fd, token, reply, reply_len, buf,
					 capacity, opts, info, sizeof(*info));
}

/**
 * mbx_caller_waits() - does the caller still wait for the reply?
 * @fd: the descriptor through which the request was received, or a duplicate
 * @token: of the request; it is not used up
 *
 * Return: 1 if it does, 0 if not, or
 * -EBADF   not opened for receiving
 * -EINVAL  no such token, as for mbx_reply()
 */
MBX_API int mbx_caller_waits(int fd, uint64_t token);

#ifdef __cplusplus
}

#pragma GCC diagnostic pop
#endif

#endif /* MBX_CALL_API_H */
