/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx: mailboxes
 *
 * A mailbox is a file descriptor: made here, given to poll(2) and epoll(7),
 * passed on and closed like any other. Programs include <mbx.h>.
 */
#ifndef MBX_MAILBOX_H
#define MBX_MAILBOX_H

#include <mbx/base.h>

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* see mbx/base.h */
extern "C" {
#endif

/**
 * struct mbx_mailbox_opts - how to create a mailbox
 * @size: sizeof(struct mbx_mailbox_opts)
 * @mode: permission bits to 0777, less the umask; 0 for 0600
 * @lifetime: &enum mbx_lifetime
 * @overflow: &enum mbx_overflow
 * @max_msgs: most messages queued, to %MBX_MSGS_MAX; 0 for 1024
 * @max_msg_size: largest payload in bytes, to %MBX_MSG_SIZE_MAX; 0 for 64 KiB,
 *	or @max_bytes if that is less
 * @max_bytes: most payload bytes queued, to %MBX_BYTES_MAX; 0 for 1 MiB, or
 *	@max_msg_size if that is more
 * @deadline_ns: for mbx_direct_open() with %MBX_WAIT_BOUND: when to stop waiting;
 *	else 0
 *
 * The attributes, @mode to @max_bytes, have no effect on a mailbox that exists.
 */
struct mbx_mailbox_opts {
	MBX_OPTS_HEAD(mbx_mailbox_opts);
	uint32_t mode;
	uint32_t lifetime;
	uint32_t overflow;
	uint32_t max_msgs;
	uint32_t max_msg_size;
	uint64_t max_bytes;
	uint64_t deadline_ns;
};

/**
 * struct mbx_send_opts - how to send
 * @size: sizeof(struct mbx_send_opts)
 * @flags: bits of &enum mbx_send_flags
 * @tag: any number, for the receiver to see and to select by
 * @deadline_ns: when to stop waiting for room
 * @prio: 0 to %MBX_PRIO_MAX, higher is received first
 * @reserved: 0
 */
struct mbx_send_opts {
	MBX_OPTS_HEAD(mbx_send_opts);
	uint32_t flags;
	uint64_t tag;
	uint64_t deadline_ns;
	uint32_t prio;
	uint32_t reserved;
};

/**
 * struct mbx_recv_opts - how to receive, and what
 * @size: sizeof(struct mbx_recv_opts)
 * @flags: bits of &enum mbx_recv_flags
 * @tag: with %MBX_RECV_BY_TAG: only messages with this tag; else 0
 * @deadline_ns: when to stop waiting for a message
 * @min_prio: with %MBX_RECV_BY_PRIO: only messages of at least this priority;
 *	else 0
 * @pid: with %MBX_RECV_BY_PID: only messages from this process, by its number
 *	in the caller's pid namespace; else 0
 */
struct mbx_recv_opts {
	MBX_OPTS_HEAD(mbx_recv_opts);
	uint32_t flags;
	uint64_t tag;
	uint64_t deadline_ns;
	uint32_t min_prio;
	uint32_t pid;
};

#define MBX_MAILBOX_OPTS(...) MBX_OPTS(mbx_mailbox_opts, __VA_ARGS__)
#define MBX_SEND_OPTS(...) MBX_OPTS(mbx_send_opts, __VA_ARGS__)
#define MBX_RECV_OPTS(...) MBX_OPTS(mbx_recv_opts, __VA_ARGS__)

/**
 * mbx_mailbox_open() - open or create a mailbox
 * @name: 1 to %MBX_NAME_MAX bytes, components separated by '/', none of them
 *	empty, "." or ".."; NULL with %MBX_CREATE makes an anonymous mailbox
 * @flags: bits of &enum mbx_open_flags, at least one of %MBX_READ (to receive)
 *	and %MBX_WRITE (to send)
 * @opts: attributes of a mailbox to be created, or NULL
 *
 * Return: a descriptor, to be closed with close(2), or
 * -EACCES      its mode does not allow that
 * -EDQUOT      the user has as many objects as are allowed
 * -EEXIST      the name exists, with %MBX_CREATE and %MBX_EXCL
 * -EINVAL      malformed name, flags, mode or attribute; or a deadline
 * -ENOENT      no such name, without %MBX_CREATE
 * -ENOMEM      out of memory
 * -EPROTOTYPE  the name is a region's
 */
MBX_API int mbx_mailbox_open(const char *name, unsigned int flags,
			     const struct mbx_mailbox_opts *opts);

/**
 * mbx_open() - open or create a mailbox with the default attributes
 * @name: as for mbx_mailbox_open()
 * @flags: as for mbx_mailbox_open()
 *
 * Return: as mbx_mailbox_open().
 */
MBX_API int mbx_open(const char *name, unsigned int flags);

/**
 * mbx_send() - send a message, waiting for room
 * @fd: a mailbox opened with %MBX_WRITE
 * @data: the payload; may be NULL if @len is 0
 * @len: bytes of payload
 *
 * Return: 0 or
 * -EAGAIN      full, and O_NONBLOCK is set or the mailbox does not let wait
 * -EBADF       not opened for sending
 * -EDQUOT      the user has as many bytes queued as are allowed
 * -EMSGSIZE    more than the mailbox allows
 * -ENOMEM      out of memory
 * -EOWNERDEAD  the mailbox's owner is gone
 * -ESRCH       the process is gone whose mailbox this is
 */
MBX_API int mbx_send(int fd, const void *data, size_t len);

/**
 * mbx_send_with() - send a message with priority, tag, deadline
 * @fd: a mailbox opened with %MBX_WRITE
 * @data: the payload; may be NULL if @len is 0
 * @len: bytes of payload
 * @opts: or NULL
 *
 * Return: as mbx_send(), or
 * -EINVAL     malformed options
 * -ETIMEDOUT  still full at the deadline
 */
MBX_API int mbx_send_with(int fd, const void *data, size_t len,
			  const struct mbx_send_opts *opts);

/**
 * mbx_recv() - receive a message, waiting for one
 * @fd: a mailbox opened with %MBX_READ
 * @buf: where to put the payload
 * @capacity: bytes in @buf
 *
 * If the message is a request, its mbx_call() fails with -ECONNRESET, as nobody is told
 * the token: servers use mbx_recv_with() or mbx_reply_recv().
 *
 * Return: bytes of payload, or
 * -EAGAIN      no message, and O_NONBLOCK is set
 * -EBADF       not opened for receiving
 * -EDQUOT      the user has as many bytes queued as are allowed, and @buf is memory
 *              that goes again and again; the message stays
 * -EFAULT      @buf can't be written, or has no @capacity bytes; the message stays
 * -EMSGSIZE    @buf is too small; the message stays. mbx_recv_with() can tell
 *              how much it needs
 * -ENOMEM      out of memory; the message stays
 * -EOWNERDEAD  no message, and the mailbox's owner is gone
 * -ESRCH       no message, and the process is gone whose mailbox this is
 */
MBX_API ssize_t mbx_recv(int fd, void *buf, size_t capacity);

MBX_API ssize_t mbx_recv_with_sized(int fd, void *buf, size_t capacity,
				    const struct mbx_recv_opts *opts,
				    struct mbx_message *info, size_t info_size);

/**
 * mbx_recv_with() - receive or look at a selected message
 * @fd: a mailbox opened with %MBX_READ
 * @buf: where to put the payload
 * @capacity: bytes in @buf
 * @opts: or NULL
 * @info: where to put what the kernel knows of the message (sender, priority,
 *	tag, ...), or NULL, and requests fail as in mbx_recv(). It is complete on
 *	success and after -EMSGSIZE, when its len says how many bytes are needed
 *
 * Return: as mbx_recv(), or
 * -EDQUOT     also if the user's queued bytes have no room for the token of a
 *             request; it stays
 * -EINVAL     malformed options
 * -ETIMEDOUT  no such message until the deadline
 */
static inline ssize_t mbx_recv_with(int fd, void *buf, size_t capacity,
				    const struct mbx_recv_opts *opts,
				    struct mbx_message *info)
{
	return mbx_recv_with_sized(fd, buf, capacity, opts, info,
				   sizeof(*info));
}

MBX_API int mbx_send_many_sized(int fd, const struct mbx_message *msgs,
				size_t msg_size, unsigned int count,
				const struct mbx_send_opts *opts);

/**
 * mbx_send_many() - send several messages in one system call
 * @fd: a mailbox opened with %MBX_WRITE
 * @msgs: of each, data, len, tag and prio are read; flags must be 0
 * @count: elements of @msgs, 1 to %MBX_BATCH_MAX
 * @opts: flags and deadline for all, or NULL; its tag and prio must be 0
 *
 * Return: how many were sent, in order from the first; an error, as from
 * mbx_send_with(), only when none was.
 */
static inline int mbx_send_many(int fd, const struct mbx_message *msgs,
				unsigned int count,
				const struct mbx_send_opts *opts)
{
	return mbx_send_many_sized(fd, msgs, sizeof(*msgs), count, opts);
}

MBX_API int mbx_recv_many_sized(int fd, struct mbx_message *msgs,
				size_t msg_size, unsigned int count,
				const struct mbx_recv_opts *opts);

/**
 * mbx_recv_many() - receive several messages in one system call
 * @fd: a mailbox opened with %MBX_READ
 * @msgs: of each, data (address of the buffer) and capacity are read, all else
 *	is written
 * @count: elements of @msgs, 1 to %MBX_BATCH_MAX
 * @opts: or NULL
 *
 * Waits for one message, then takes what else is there.
 *
 * Return: how many were received; an error, as from mbx_recv_with(), only when
 * none was. After -EMSGSIZE, the first element's len says how many bytes are
 * needed.
 */
static inline int mbx_recv_many(int fd, struct mbx_message *msgs,
				unsigned int count,
				const struct mbx_recv_opts *opts)
{
	return mbx_recv_many_sized(fd, msgs, sizeof(*msgs), count, opts);
}

MBX_API int mbx_mailbox_get_stat_sized(int fd, struct mbx_mailbox_stat *stat,
				       size_t stat_size);

/**
 * mbx_mailbox_get_stat() - attributes and counters of a mailbox
 * @fd: a mailbox
 * @stat: where to put them
 *
 * Return: 0 or an error that all calls have.
 */
static inline int mbx_mailbox_get_stat(int fd, struct mbx_mailbox_stat *stat)
{
	return mbx_mailbox_get_stat_sized(fd, stat, sizeof(*stat));
}

#ifdef __cplusplus
}

#pragma GCC diagnostic pop
#endif

#endif /* MBX_MAILBOX_H */
