/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * mbx - kernel-mediated mailboxes and shared regions: the user interface
 *
 * Everything a program can ask of the module is in this file. Objects are
 * reached through the device node /dev/mbx: MBX_IOC_MAILBOX_OPEN and
 * MBX_IOC_REGION_OPEN on it return a new descriptor, and every other command
 * is issued on such a descriptor.
 *
 * Rules that hold for every command:
 *
 * - The argument is a pointer to a struct that begins with @size and @flags.
 *   @size is sizeof(the struct) as the caller was compiled. A size below the
 *   first version's is -EINVAL. A larger one is accepted if all bytes which
 *   the kernel does not know are zero, else -E2BIG; one above a page is -E2BIG
 *   in any case. The same holds for the elements of arrays.
 * - Unknown flags and non-zero reserved fields are -EINVAL, an unreadable
 *   struct is -EFAULT, an unknown command is -ENOTTY, and a command for the
 *   other kind of object is -EPROTOTYPE.
 * - A descriptor without the needed right (%MBX_READ, %MBX_WRITE) is -EBADF.
 * - A failing command changes nothing.
 * - Results are written back into the struct on success only, unless the
 *   command says otherwise, and never beyond @size.
 * - Deadlines are absolute CLOCK_MONOTONIC nanoseconds in the caller's time
 *   namespace, at most 2^63 - 1; 0 means none. One that has passed does not stop
 *   a call which need not wait.
 * - 32-bit and 64-bit callers use the same layouts.
 */
#ifndef _UAPI_LINUX_MBX_H
#define _UAPI_LINUX_MBX_H

#include <linux/types.h>
#include <linux/ioctl.h>

#define MBX_DEVICE		"/dev/mbx"

/* Grows when a command, flag or field is added; nothing is ever taken away. */
#define MBX_ABI_VERSION		1

/* Fixed limits. */
#define MBX_NAME_MAX		255		/* bytes in a name */
#define MBX_PRIO_MAX		31		/* highest message priority */
#define MBX_BATCH_MAX		1024		/* messages in one call */
#define MBX_SLOTS_MAX		64		/* wait queues of a region */
#define MBX_MSGS_MAX		16384		/* messages in a mailbox */
#define MBX_MSG_SIZE_MAX	(16U << 20)	/* bytes in a message */
#define MBX_BYTES_MAX		(1ULL << 40)	/* payload bytes in a mailbox */

/* Attributes of a mailbox whose creator leaves them 0. */
#define MBX_DEFAULT_MSGS	1024
#define MBX_DEFAULT_BYTES	(1U << 20)
#define MBX_DEFAULT_MSG_SIZE	(64U << 10)
#define MBX_DEFAULT_MODE	0600
#define MBX_DEFAULT_SLOTS	1

/**
 * enum mbx_open_flags - how to open an object
 * @MBX_READ: receive from a mailbox; map a region for reading, wait on it
 * @MBX_WRITE: send to a mailbox; write to a region, notify (needs %MBX_READ)
 * @MBX_CREATE: create the object if the name does not exist
 * @MBX_EXCL: with %MBX_CREATE: fail if the name exists
 * @MBX_NONBLOCK: set O_NONBLOCK on the new descriptor
 * @MBX_DIRECT: the mailbox of a process: with %MBX_CREATE the caller's own is
 *	bound, else that of the target is opened
 * @MBX_PIDFD: with %MBX_DIRECT: the target is a pidfd, not a process id
 * @MBX_WAIT_BOUND: with %MBX_DIRECT: wait until the target has bound one
 */
enum mbx_open_flags {
	MBX_READ	= 1 << 0,
	MBX_WRITE	= 1 << 1,
	MBX_CREATE	= 1 << 2,
	MBX_EXCL	= 1 << 3,
	MBX_NONBLOCK	= 1 << 4,
	MBX_DIRECT	= 1 << 5,
	MBX_PIDFD	= 1 << 6,
	MBX_WAIT_BOUND	= 1 << 7,
};

/**
 * enum mbx_lifetime - when an object ends; chosen at creation
 * @MBX_LIFE_DEFAULT: %MBX_LIFE_PERSIST with a name, else %MBX_LIFE_LAST_CLOSE
 * @MBX_LIFE_PERSIST: when it is unlinked and its last descriptor is closed
 * @MBX_LIFE_LAST_CLOSE: when its last descriptor is closed
 * @MBX_LIFE_OWNER: when the creating open file is closed, by a crash too: the
 *	name goes, other holders see POLLHUP and -EOWNERDEAD
 */
enum mbx_lifetime {
	MBX_LIFE_DEFAULT	= 0,
	MBX_LIFE_PERSIST	= 1,
	MBX_LIFE_LAST_CLOSE	= 2,
	MBX_LIFE_OWNER		= 3,
};

/**
 * enum mbx_overflow - what a full mailbox does with one more message
 * @MBX_OVERFLOW_BLOCK: the sender waits
 * @MBX_OVERFLOW_REJECT: the sender gets -EAGAIN, also if it could wait (but
 *	io_uring takes that for a reason to wait until there is room)
 * @MBX_OVERFLOW_DROP_OLDEST: queued messages make room, lowest priority first
 *	and oldest first within one; they are counted as dropped. A message of
 *	higher priority is never dropped for one of lower: the send is -EAGAIN,
 *	although poll reports that it would not block
 */
enum mbx_overflow {
	MBX_OVERFLOW_BLOCK		= 0,
	MBX_OVERFLOW_REJECT		= 1,
	MBX_OVERFLOW_DROP_OLDEST	= 2,
};

/**
 * enum mbx_kind - kinds of named object
 * @MBX_KIND_ANY: either kind
 * @MBX_KIND_MAILBOX: a mailbox
 * @MBX_KIND_REGION: a region
 */
enum mbx_kind {
	MBX_KIND_ANY		= 0,
	MBX_KIND_MAILBOX	= 1,
	MBX_KIND_REGION		= 2,
};

/**
 * enum mbx_features - bits of &struct mbx_info.features
 * @MBX_FEATURE_MAILBOX: named and anonymous mailboxes
 * @MBX_FEATURE_REGION: regions with wait queues
 * @MBX_FEATURE_DIRECT: mailboxes of processes
 * @MBX_FEATURE_CALL: request and reply
 */
enum mbx_features {
	MBX_FEATURE_MAILBOX	= 1 << 0,
	MBX_FEATURE_REGION	= 1 << 1,
	MBX_FEATURE_DIRECT	= 1 << 2,
	MBX_FEATURE_CALL	= 1 << 3,
};

/**
 * struct mbx_info - what the module offers, and the caller's quota
 * @size: sizeof(struct mbx_info)
 * @flags: 0
 * @abi_version: out: %MBX_ABI_VERSION of the module
 * @page_size: out: bytes in a page; the length of each region control mapping
 * @features: out: bits of &enum mbx_features
 * @region_max_bytes: out: largest region that can be created
 * @quota_objects: out: objects a user may have
 * @quota_msg_bytes: out: bytes a user may have queued, with overhead
 * @quota_region_bytes: out: bytes of regions a user may have
 * @used_objects: out: objects the caller's user has
 * @used_msg_bytes: out: bytes the caller's user has queued, with overhead
 * @used_region_bytes: out: bytes of regions the caller's user has
 * @msg_overhead: out: bytes charged for a message beside its payload
 * @reserved: 0
 *
 * Argument of MBX_IOC_INFO, on the device node. The quotas are those of the
 * caller's real user id; a caller with CAP_SYS_RESOURCE may exceed them.
 *
 * Errors: E2BIG, EFAULT, EINVAL as for every command; ENOMEM.
 */
struct mbx_info {
	__u32 size;
	__u32 flags;
	__u32 abi_version;
	__u32 page_size;
	__aligned_u64 features;
	__aligned_u64 region_max_bytes;
	__aligned_u64 quota_objects;
	__aligned_u64 quota_msg_bytes;
	__aligned_u64 quota_region_bytes;
	__aligned_u64 used_objects;
	__aligned_u64 used_msg_bytes;
	__aligned_u64 used_region_bytes;
	__u32 msg_overhead;
	__u32 reserved;
};

/**
 * struct mbx_unlink - remove a name
 * @size: sizeof(struct mbx_unlink)
 * @flags: 0
 * @name: address of the name, not NUL-terminated
 * @name_len: bytes in the name
 * @kind: &enum mbx_kind: remove it only if it names such an object
 *
 * Argument of MBX_IOC_UNLINK, on the device node. Only the object's owner and
 * callers with CAP_IPC_OWNER may. The name is free at once; holders of
 * descriptors go on with the object.
 *
 * Errors: EACCES neither owner nor capable; EFAULT the name can't be read;
 * EINVAL malformed name or kind; ENOENT no such name; EPROTOTYPE it names the
 * other kind.
 */
struct mbx_unlink {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 kind;
};

/**
 * struct mbx_mailbox_open - open or create a mailbox
 * @size: sizeof(struct mbx_mailbox_open)
 * @flags: bits of &enum mbx_open_flags; at least one of %MBX_READ, %MBX_WRITE
 * @name: address of the name, not NUL-terminated; 0 with @name_len 0 makes an
 *	anonymous mailbox (with %MBX_CREATE only)
 * @name_len: bytes in the name, 1 to %MBX_NAME_MAX
 * @mode: permission bits 0 to 0777, less the umask; 0 for %MBX_DEFAULT_MODE
 * @lifetime: &enum mbx_lifetime
 * @overflow: &enum mbx_overflow
 * @max_msgs: most messages queued, to %MBX_MSGS_MAX; 0 for %MBX_DEFAULT_MSGS
 * @max_msg_size: largest payload, to %MBX_MSG_SIZE_MAX; 0 for
 *	%MBX_DEFAULT_MSG_SIZE, or @max_bytes if that is less
 * @max_bytes: most payload bytes queued, to %MBX_BYTES_MAX, not below
 *	@max_msg_size; 0 for %MBX_DEFAULT_BYTES, or @max_msg_size if that is more
 * @target: with %MBX_DIRECT and without %MBX_CREATE: a process id in the
 *	caller's pid namespace, or with %MBX_PIDFD a pidfd; else 0
 * @reserved: 0
 * @deadline_ns: with %MBX_WAIT_BOUND: when to stop waiting; else 0
 *
 * Argument of MBX_IOC_MAILBOX_OPEN, on the device node. Returns a descriptor,
 * always close-on-exec. A name is components separated by '/', none of them
 * empty, "." or "..", with no NUL byte, and belongs to the network namespace
 * of the caller. If the name exists, @mode and all that follow are checked to
 * be valid but have no effect.
 *
 * With %MBX_DIRECT there is no name. A process has at most one direct mailbox,
 * bound by any of its threads; it is bound to the process, not to its number,
 * and its lifetime is %MBX_LIFE_OWNER. When the process ends, even if a
 * descriptor lives on elsewhere, or the descriptor that bound it is closed,
 * others see POLLHUP and -ESRCH, and the process can be opened no more. So do
 * they, from the next send or open on, when the process has executed a program
 * with other user or group ids, or more capabilities. @mode is checked against
 * the owner and group of the process that has bound it.
 *
 * Errors: EACCES mode; EDQUOT the user's objects; EEXIST with %MBX_EXCL; EFAULT
 * the name can't be read; EINVAL malformed name, mode, flags, attribute or
 * target; EMFILE, ENFILE too many descriptors; ENOENT no such name and no
 * %MBX_CREATE; ENOMEM; EPROTOTYPE the name is a region's. With %MBX_DIRECT
 * further: EBADF not a pidfd; EINTR a signal; ENXIO the target has bound no
 * mailbox; ESRCH no such process, or it has ended, or a thread's id; ETIMEDOUT
 * not bound until the deadline.
 */
struct mbx_mailbox_open {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 mode;
	__u32 lifetime;
	__u32 overflow;
	__u32 max_msgs;
	__u32 max_msg_size;
	__aligned_u64 max_bytes;
	__s32 target;
	__u32 reserved;
	__aligned_u64 deadline_ns;
};

/**
 * struct mbx_region_open - open or create a region
 * @size: sizeof(struct mbx_region_open)
 * @flags: bits of &enum mbx_open_flags; %MBX_READ is required
 * @name: as in &struct mbx_mailbox_open
 * @name_len: as in &struct mbx_mailbox_open
 * @mode: as in &struct mbx_mailbox_open
 * @lifetime: &enum mbx_lifetime
 * @slots: number of wait queues, 1 to %MBX_SLOTS_MAX; 0 for
 *	%MBX_DEFAULT_SLOTS, or whatever an existing region has
 * @bytes: size of the data; 0 for whatever an existing region has
 *
 * Argument of MBX_IOC_REGION_OPEN, on the device node. Returns a descriptor,
 * always close-on-exec. All pages are allocated and zeroed at creation; the
 * size never changes.
 *
 * Errors: as for &struct mbx_mailbox_open, with EPROTOTYPE if the name is a
 * mailbox's; EDQUOT also for the user's region bytes; EINVAL also for @bytes
 * or @slots that differ from the existing region's, or @bytes 0 when it has to
 * be created; ENOSPC larger than allowed.
 */
struct mbx_region_open {
	__u32 size;
	__u32 flags;
	__aligned_u64 name;
	__u32 name_len;
	__u32 mode;
	__u32 lifetime;
	__u32 slots;
	__aligned_u64 bytes;
};

/**
 * enum mbx_message_flags - bits of &struct mbx_message.flags
 * @MBX_MSG_WRITE: out: sent by write(2), not by MBX_IOC_SEND or at
 *	%MBX_MAILBOX_OFFSET. A program can be made to write to a descriptor it did
 *	not open, so do not take the sender's identity for its intention
 * @MBX_MSG_CALL: out: the sender waits for a reply; answer with the token
 */
enum mbx_message_flags {
	MBX_MSG_WRITE	= 1 << 0,
	MBX_MSG_CALL	= 1 << 1,
};

/**
 * struct mbx_message - one message, an element of the array of a call
 * @data: address of the payload (send) or of the buffer (receive)
 * @len: send: bytes of payload; receive: out: bytes of payload
 * @capacity: receive: bytes in the buffer; send: ignored
 * @tag: the user's own
 * @prio: priority, 0 to %MBX_PRIO_MAX, higher is received first
 * @flags: send: 0; receive: out: bits of &enum mbx_message_flags
 * @seq: out: number of the message within its mailbox, only grows
 * @time_ns: out: CLOCK_MONOTONIC time of sending, in the receiver's time
 *	namespace
 * @pid: out: sender's process in the receiver's pid namespace, 0 if not there
 * @uid: out: sender's effective user in the receiver's user namespace
 * @gid: out: sender's effective group in the receiver's user namespace
 * @deliveries: out: how many times the message has been received, this time
 *	included; 0 when peeked at
 * @token: out: with %MBX_MSG_CALL: what MBX_IOC_REPLY needs; 0 when peeked at
 *
 * Fields marked out are filled in by the kernel and ignored when sending.
 */
struct mbx_message {
	__aligned_u64 data;
	__u32 len;
	__u32 capacity;
	__aligned_u64 tag;
	__u32 prio;
	__u32 flags;
	__aligned_u64 seq;
	__aligned_u64 time_ns;
	__u32 pid;
	__u32 uid;
	__u32 gid;
	__u32 deliveries;
	__aligned_u64 token;
};

/**
 * enum mbx_send_flags - bits of &struct mbx_send.flags
 * @MBX_SEND_NONBLOCK: do not wait for room, whatever O_NONBLOCK says
 */
enum mbx_send_flags {
	MBX_SEND_NONBLOCK	= 1 << 0,
};

/**
 * struct mbx_send - send messages
 * @size: sizeof(struct mbx_send)
 * @flags: bits of &enum mbx_send_flags
 * @messages: address of an array of &struct mbx_message
 * @count: elements in the array, 1 to %MBX_BATCH_MAX
 * @elem_size: sizeof(struct mbx_message)
 * @deadline_ns: when to stop waiting for room
 *
 * Argument of MBX_IOC_SEND, on a mailbox opened with %MBX_WRITE. Sends the
 * messages in order, waiting for room where the mailbox's overflow policy says
 * so. Returns how many were sent; an error only when none was. A signal ends the
 * call after a message. The struct and the array are not written to. A few small
 * messages may be copied in before the first of them is queued; they count against
 * the user's quota meanwhile.
 *
 * Errors: EAGAIN full, and not to wait; EBADF; EDQUOT the user's queued bytes;
 * EFAULT; EINTR a signal; EINVAL count, element, priority or deadline; EMSGSIZE
 * longer than the mailbox allows; ENOMEM; EOWNERDEAD the mailbox's owner is
 * gone; ESRCH the process that the mailbox is bound to has ended; ETIMEDOUT full
 * until the deadline. E2BIG also for an element whose part that the kernel does
 * not know is not zero.
 */
struct mbx_send {
	__u32 size;
	__u32 flags;
	__aligned_u64 messages;
	__u32 count;
	__u32 elem_size;
	__aligned_u64 deadline_ns;
};

/**
 * enum mbx_recv_flags - bits of &struct mbx_recv.flags
 * @MBX_RECV_NONBLOCK: do not wait for a message, whatever O_NONBLOCK says
 * @MBX_RECV_PEEK: leave the messages where they are
 * @MBX_RECV_BY_PRIO: only messages of at least @min_prio
 * @MBX_RECV_BY_TAG: only messages with @tag
 * @MBX_RECV_BY_PID: only messages from process @pid
 */
enum mbx_recv_flags {
	MBX_RECV_NONBLOCK	= 1 << 0,
	MBX_RECV_PEEK		= 1 << 1,
	MBX_RECV_BY_PRIO	= 1 << 2,
	MBX_RECV_BY_TAG		= 1 << 3,
	MBX_RECV_BY_PID		= 1 << 4,
};

/**
 * struct mbx_recv - receive messages
 * @size: sizeof(struct mbx_recv)
 * @flags: bits of &enum mbx_recv_flags
 * @messages: address of an array of &struct mbx_message; of each element @data
 *	and @capacity are read, the rest is written
 * @count: elements in the array, 1 to %MBX_BATCH_MAX
 * @elem_size: sizeof(struct mbx_message)
 * @deadline_ns: when to stop waiting for the first message
 * @tag: with %MBX_RECV_BY_TAG, else 0
 * @min_prio: with %MBX_RECV_BY_PRIO, else 0
 * @pid: with %MBX_RECV_BY_PID: in the caller's pid namespace, else 0
 *
 * Argument of MBX_IOC_RECV, on a mailbox opened with %MBX_READ. Waits for one
 * message that matches all selections, then takes what else is there, highest
 * priority first, up to @count. Returns how many were received; an error only
 * when none was. A message whose buffer is too small, or can't be written to,
 * stays at the head of its queue; for the former all fields of the element but
 * @data and @capacity are written, so that @len tells what is needed. A few small
 * messages may be taken out before the first is copied; those that the call does
 * not deliver go back. After the death of the owner, messages still queued can be
 * received.
 *
 * A request that is received is charged to the receiver's user until it is
 * answered, as a message without payload. A message whose buffer can't be written
 * without waiting for memory is charged to the receiver's user until it has been
 * copied, or a copy of it is when peeking. If there is no room for that, the kernel
 * waits for the memory first, with nothing in hand.
 *
 * Errors: EAGAIN no message, and not to wait; EBADF; EDQUOT the user's queued
 * bytes have no room for a request, or for a message whose buffer's memory goes
 * again and again; EFAULT; EINTR a signal; EINVAL count, element size,
 * selection or deadline; EMSGSIZE the buffer is too small; ENOMEM;
 * EOWNERDEAD no message, and the mailbox's owner is gone; ESRCH no message, and
 * the process that the mailbox is bound to has ended; ETIMEDOUT no message until
 * the deadline. E2BIG also for an element whose part that the kernel does
 * not know is not zero.
 */
struct mbx_recv {
	__u32 size;
	__u32 flags;
	__aligned_u64 messages;
	__u32 count;
	__u32 elem_size;
	__aligned_u64 deadline_ns;
	__aligned_u64 tag;
	__u32 min_prio;
	__u32 pid;
};

/**
 * enum mbx_call_flags - bits of &struct mbx_call.flags
 * @MBX_CALL_NONBLOCK: do not wait for room, whatever O_NONBLOCK says; the reply
 *	is waited for all the same
 */
enum mbx_call_flags {
	MBX_CALL_NONBLOCK	= 1 << 0,
};

/**
 * struct mbx_call - send a request and wait for its reply
 * @size: sizeof(struct mbx_call)
 * @flags: bits of &enum mbx_call_flags
 * @request: address of the &struct mbx_message to send
 * @reply: address of the &struct mbx_message to receive into, as in &struct
 *	mbx_recv
 * @elem_size: sizeof(struct mbx_message)
 * @reserved: 0
 * @deadline_ns: when to stop waiting, for room and for the reply
 *
 * Argument of MBX_IOC_CALL, on a mailbox opened with %MBX_WRITE. Returns 0 when
 * the reply is there. When the call ends without one, a request that is still
 * queued is withdrawn; who has received it learns of it by -ESRCH. A signal (or
 * being stopped and continued, attached to by a debugger, frozen with its control
 * group or for a suspend, or work of io_uring for the thread) restarts a call only
 * while its request is queued, so that no request is ever served twice. A reply
 * that can't be written to @reply is lost, with -EFAULT; one that the user's queued
 * bytes have no room for, with -EDQUOT.
 *
 * Errors: those of &struct mbx_send; ECONNRESET the request was received, and
 * whoever did has died, or the last copy of his descriptor was closed, or he has
 * no way to learn of the token (read(2), pread(2), or elements from before there
 * were tokens), or it was dropped to make room; EOWNERDEAD, or ESRCH on a direct
 * mailbox, the owner is gone; EINTR a signal; ETIMEDOUT no reply until the
 * deadline.
 */
struct mbx_call {
	__u32 size;
	__u32 flags;
	__aligned_u64 request;
	__aligned_u64 reply;
	__u32 elem_size;
	__u32 reserved;
	__aligned_u64 deadline_ns;
};

/**
 * enum mbx_reply_flags - bits of &struct mbx_reply.flags
 * @MBX_REPLY_RECV: go on to receive as @recv says
 * @MBX_REPLY_QUERY: do not reply, only tell whether the caller still waits
 */
enum mbx_reply_flags {
	MBX_REPLY_RECV	= 1 << 0,
	MBX_REPLY_QUERY	= 1 << 1,
};

/**
 * struct mbx_reply - answer a request
 * @size: sizeof(struct mbx_reply)
 * @flags: bits of &enum mbx_reply_flags
 * @token: from the request's &struct mbx_message; with %MBX_REPLY_RECV the
 *	kernel sets it to 0 before it is used up, and back to what it was if that
 *	comes to nothing; 0 means that there is nothing to answer
 * @message: address of the &struct mbx_message to answer with; 0 with
 *	%MBX_REPLY_QUERY
 * @recv: with %MBX_REPLY_RECV: address of a &struct mbx_recv, else 0
 * @elem_size: sizeof(struct mbx_message)
 * @reserved: 0
 *
 * Argument of MBX_IOC_REPLY, on a mailbox opened with %MBX_READ. A token belongs
 * to the open file through which the request was received, and can be used once,
 * in any order and by any thread. Returns 0; with %MBX_REPLY_RECV the number of
 * messages received. A reply that fails with -EMSGSIZE, -EFAULT, -ENOMEM or
 * -EDQUOT leaves the token usable and the caller waiting. After -ESRCH the token
 * is used up, unless this was a query. With %MBX_REPLY_RECV nothing is received
 * if the reply fails; if it does not, errors are those of &struct mbx_recv, and
 * @token is 0.
 *
 * Errors: EDQUOT; EFAULT; EINVAL no such token, or malformed; EMSGSIZE larger
 * than the caller's buffer; ENOMEM; ESRCH the caller no longer waits, or its
 * user's queued bytes have no room for the reply.
 */
struct mbx_reply {
	__u32 size;
	__u32 flags;
	__aligned_u64 token;
	__aligned_u64 message;
	__aligned_u64 recv;
	__u32 elem_size;
	__u32 reserved;
};

/**
 * enum mbx_state - bits of the state in a STAT struct
 * @MBX_STATE_NAMED: the object has a name
 * @MBX_STATE_DEAD: its owner is gone
 * @MBX_STATE_DIRECT: it is the mailbox of a process
 */
enum mbx_state {
	MBX_STATE_NAMED	= 1 << 0,
	MBX_STATE_DEAD	= 1 << 1,
	MBX_STATE_DIRECT = 1 << 2,
};

/**
 * struct mbx_mailbox_stat - attributes and counters of a mailbox
 * @size: sizeof(struct mbx_mailbox_stat)
 * @flags: 0
 * @state: out: bits of &enum mbx_state
 * @lifetime: out: &enum mbx_lifetime, never the default
 * @mode: out: permission bits
 * @uid: out: owner in the caller's user namespace
 * @gid: out: group in the caller's user namespace
 * @overflow: out: &enum mbx_overflow
 * @max_msgs: out: most messages queued
 * @max_msg_size: out: largest payload
 * @max_bytes: out: most payload bytes queued
 * @msgs: out: messages queued
 * @bytes: out: payload bytes queued
 * @msgs_high: out: most messages ever queued at once
 * @bytes_high: out: most payload bytes ever queued at once
 * @sent: out: messages accepted
 * @received: out: messages taken
 * @dropped: out: messages dropped to make room for others
 * @rejected: out: sends refused because the mailbox was full
 * @waiting_receivers: out: receive calls that wait
 * @waiting_senders: out: send calls that wait
 * @withdrawn: out: requests taken back because their callers went away, or the
 *	mailbox died
 * @calls: out: calls that wait for a reply
 * @reserved: 0
 *
 * Argument of MBX_IOC_MAILBOX_STAT, on a mailbox. At any time @sent is
 * @received + @dropped + @withdrawn + @msgs.
 *
 * Errors: E2BIG, EFAULT, EINVAL, EPROTOTYPE as for every command.
 */
struct mbx_mailbox_stat {
	__u32 size;
	__u32 flags;
	__u32 state;
	__u32 lifetime;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	__u32 overflow;
	__u32 max_msgs;
	__u32 max_msg_size;
	__aligned_u64 max_bytes;
	__aligned_u64 msgs;
	__aligned_u64 bytes;
	__aligned_u64 msgs_high;
	__aligned_u64 bytes_high;
	__aligned_u64 sent;
	__aligned_u64 received;
	__aligned_u64 dropped;
	__aligned_u64 rejected;
	__u32 waiting_receivers;
	__u32 waiting_senders;
	__aligned_u64 withdrawn;
	__u32 calls;
	__u32 reserved;
};

/*
 * A mailbox's descriptor can be read and written, a message a call:
 *
 * write(2): sends one with priority 0; receivers see %MBX_MSG_WRITE.
 * read(2): receives the first one.
 * pwrite(2), pread(2) at MBX_MAILBOX_OFFSET: the same as MBX_IOC_SEND, with
 *	priority 0, and MBX_IOC_RECV, when nothing is asked for or said but the
 *	payload; at less cost. Other files refuse such a position if the length is
 *	not 0, and are left alone; but those of drivers that take all positions and
 *	ignore them, as of graphics cards, are read from.
 *
 * Errors are those of the commands. Any other position is ESPIPE, or EINVAL if it is
 * negative, but for 0 in preadv(2), pwritev(2), io_submit(2) and io_uring(7), which
 * stands for none. A request that is received so is reset, as there is no way to tell
 * its token.
 */
#define MBX_MAILBOX_OFFSET		0x7fffffffffffffffLL

/*
 * A region's descriptor can be mapped, MAP_SHARED only, in three places:
 *
 * offset 0: the data, up to its size rounded up to pages. PROT_WRITE needs
 *	%MBX_WRITE.
 * MBX_REGION_OFFSET_SEQ: one page, an array of __u32 with the sequence word of
 *	each slot. PROT_WRITE needs %MBX_WRITE.
 * MBX_REGION_OFFSET_WAITERS: one page, an array of __u32 with the number of
 *	waiting calls and subscriptions of each slot, kept by the kernel. Never
 *	writable.
 *
 * To notify, a program increments the slot's sequence word with an atomic
 * read-modify-write that is a full barrier, then reads the slot's waiters; only
 * if they are not 0 it calls MBX_IOC_REGION_NOTIFY. To wait, it reads the
 * sequence word, looks at the data, and hands the word it read to
 * MBX_IOC_REGION_WAIT. No notification between the two is lost.
 *
 * mmap errors: EACCES a protection that the descriptor does not allow; EINVAL
 * private, or a range that is not within the region; EOWNERDEAD the region's
 * owner is gone; EPERM PROT_EXEC. A process for which whatever it may read is
 * executable (READ_IMPLIES_EXEC) can map, without that.
 */
#define MBX_REGION_OFFSET_SEQ		(1ULL << 40)
#define MBX_REGION_OFFSET_WAITERS	(1ULL << 41)

/**
 * struct mbx_slot - a slot and a value of its sequence word
 * @slot: number of the slot, from 0
 * @seq: the sequence word
 *
 * read(2) of a region's descriptor returns an array of these: the subscribed
 * slots that have moved since they were last read through this open file. It
 * waits until there is one. A buffer for less than one is -EINVAL, as is
 * reading with nothing subscribed. As read(2) has no place for an element size,
 * this struct never grows.
 */
struct mbx_slot {
	__u32 slot;
	__u32 seq;
};

/**
 * enum mbx_wait_flags - bits of &struct mbx_region_wait.flags
 * @MBX_WAIT_NONBLOCK: only look, whatever O_NONBLOCK says
 */
enum mbx_wait_flags {
	MBX_WAIT_NONBLOCK	= 1 << 0,
};

/**
 * struct mbx_region_wait - wait until a slot moves
 * @size: sizeof(struct mbx_region_wait)
 * @flags: bits of &enum mbx_wait_flags
 * @slots: address of an array of &struct mbx_slot; @seq is what the caller last
 *	saw, and on success the value found
 * @count: elements in the array, 1 to %MBX_SLOTS_MAX
 * @elem_size: sizeof(struct mbx_slot)
 * @deadline_ns: when to stop waiting
 *
 * Argument of MBX_IOC_REGION_WAIT, on a region. Waits until the sequence word
 * of one of the slots differs from @seq; returns the number that do. After
 * -EFAULT a part of the array may hold the values found.
 *
 * Errors: EAGAIN none differs, and not to wait; EFAULT; EINTR a signal; EINVAL
 * count, element size, slot number or deadline; ENOMEM; EOWNERDEAD none differs,
 * and the region's owner is gone; ETIMEDOUT none differs until the deadline.
 */
struct mbx_region_wait {
	__u32 size;
	__u32 flags;
	__aligned_u64 slots;
	__u32 count;
	__u32 elem_size;
	__aligned_u64 deadline_ns;
};

/**
 * struct mbx_region_notify - wake those who wait on slots
 * @size: sizeof(struct mbx_region_notify)
 * @flags: 0
 * @slot_mask: bit n for slot n; at least one
 *
 * Argument of MBX_IOC_REGION_NOTIFY, on a region opened with %MBX_WRITE. The
 * caller has incremented the sequence words before. Wakes everybody who waits
 * on or is subscribed to one of the slots; returns how many waiting calls and
 * subscriptions that were.
 *
 * Errors: EBADF; EINVAL a slot that the region does not have; EOWNERDEAD the
 * region's owner is gone.
 */
struct mbx_region_notify {
	__u32 size;
	__u32 flags;
	__aligned_u64 slot_mask;
};

/**
 * struct mbx_region_subscribe - choose the slots that poll and read report
 * @size: sizeof(struct mbx_region_subscribe)
 * @flags: 0
 * @slot_mask: bit n for slot n; 0 ends all subscriptions
 *
 * Argument of MBX_IOC_REGION_SUBSCRIBE, on a region. Sets the subscriptions of
 * this open file. A slot that was not subscribed counts as read at its present
 * sequence; one that was keeps what it had.
 *
 * Errors: EINTR a signal; EINVAL a slot that the region does not have; EOWNERDEAD
 * the region's owner is gone.
 */
struct mbx_region_subscribe {
	__u32 size;
	__u32 flags;
	__aligned_u64 slot_mask;
};

/**
 * struct mbx_region_stat - attributes and counters of a region
 * @size: sizeof(struct mbx_region_stat)
 * @flags: 0
 * @state: out: bits of &enum mbx_state
 * @lifetime: out: &enum mbx_lifetime, never the default
 * @mode: out: permission bits
 * @uid: out: owner in the caller's user namespace
 * @gid: out: group in the caller's user namespace
 * @slots: out: number of slots
 * @bytes: out: size of the data
 * @notified: out: MBX_IOC_REGION_NOTIFY calls; the ones with nobody waiting
 *	never enter the kernel and are not counted
 * @woken: out: waiting calls and subscriptions that those have woken
 * @waiters: out: waiting calls
 * @subscribers: out: open files with a subscription
 *
 * Argument of MBX_IOC_REGION_STAT, on a region.
 *
 * Errors: E2BIG, EFAULT, EINVAL, EPROTOTYPE as for every command.
 */
struct mbx_region_stat {
	__u32 size;
	__u32 flags;
	__u32 state;
	__u32 lifetime;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	__u32 slots;
	__aligned_u64 bytes;
	__aligned_u64 notified;
	__aligned_u64 woken;
	__u32 waiters;
	__u32 subscribers;
};

#define MBX_IOC_MAGIC		0xe9

/* On the device node. */
#define MBX_IOC_INFO		_IO(MBX_IOC_MAGIC, 0x00) /* struct mbx_info */
#define MBX_IOC_UNLINK		_IO(MBX_IOC_MAGIC, 0x01) /* struct mbx_unlink */
#define MBX_IOC_MAILBOX_OPEN	_IO(MBX_IOC_MAGIC, 0x02) /* struct mbx_mailbox_open */
#define MBX_IOC_REGION_OPEN	_IO(MBX_IOC_MAGIC, 0x03) /* struct mbx_region_open */

/* On a mailbox. */
#define MBX_IOC_SEND		_IO(MBX_IOC_MAGIC, 0x10) /* struct mbx_send */
#define MBX_IOC_RECV		_IO(MBX_IOC_MAGIC, 0x11) /* struct mbx_recv */
#define MBX_IOC_MAILBOX_STAT	_IO(MBX_IOC_MAGIC, 0x12) /* struct mbx_mailbox_stat */
#define MBX_IOC_CALL		_IO(MBX_IOC_MAGIC, 0x13) /* struct mbx_call */
#define MBX_IOC_REPLY		_IO(MBX_IOC_MAGIC, 0x14) /* struct mbx_reply */

/* On a region. */
#define MBX_IOC_REGION_STAT	_IO(MBX_IOC_MAGIC, 0x20) /* struct mbx_region_stat */
#define MBX_IOC_REGION_WAIT	_IO(MBX_IOC_MAGIC, 0x21) /* struct mbx_region_wait */
#define MBX_IOC_REGION_NOTIFY	_IO(MBX_IOC_MAGIC, 0x22) /* struct mbx_region_notify */
#define MBX_IOC_REGION_SUBSCRIBE _IO(MBX_IOC_MAGIC, 0x23) /* struct mbx_region_subscribe */

#endif /* _UAPI_LINUX_MBX_H */
