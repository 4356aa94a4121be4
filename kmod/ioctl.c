// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and the rules that hold for all of them. */
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "abi.h"
#include "call_file.h"
#include "compat.h"
#include "device.h"
#include "ioctl.h"
#include "mailbox_file.h"
#include "region_file.h"

/**
 * struct command - one ioctl
 * @cmd: its number
 * @kind: on which descriptors: a kind of object, or MBX_KIND_ANY for the device
 * @mode: rights that the descriptor needs
 * @flags: bits that the argument's flags may have
 * @min_size: size of the argument's first version
 * @size: size of the argument here
 * @out: the argument is written back on success
 * @run: the function; it gets a checked copy, and where that comes from
 */
struct command {
	unsigned int cmd;
	enum mbx_kind kind;
	fmode_t mode;
	u32 flags;
	u16 min_size;
	u16 size;
	bool out;
	long (*run)(struct file *file, void *args, void __user *uargs);
};

/* What every argument begins with. */
struct head {
	u32 size;
	u32 flags;
};

union args {
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

#define OPEN_FLAGS (MBX_READ | MBX_WRITE | MBX_CREATE | MBX_EXCL | MBX_NONBLOCK)
#define MAILBOX_OPEN_FLAGS \
	(OPEN_FLAGS | MBX_DIRECT | MBX_PIDFD | MBX_WAIT_BOUND)
#define SEND_FLAGS MBX_SEND_NONBLOCK
#define RECV_FLAGS                                              \
	(MBX_RECV_NONBLOCK | MBX_RECV_PEEK | MBX_RECV_BY_PRIO | \
	 MBX_RECV_BY_TAG | MBX_RECV_BY_PID)

#define COMMAND(_name, _kind, _mode, _flags, _type, _size_v1, _out, _run) \
	[_IOC_NR(_name)] = {                                              \
		.cmd = _name,                                             \
		.kind = _kind,                                            \
		.mode = _mode,                                            \
		.flags = _flags,                                          \
		.min_size = _size_v1,                                     \
		.size = sizeof(struct _type),                             \
		.out = _out,                                              \
		.run = _run,                                              \
	}

static const struct command commands[] = {
	COMMAND(MBX_IOC_INFO, MBX_KIND_ANY, 0, 0, mbx_info, MBX_INFO_SIZE_V1,
		true, mbx_ioc_info),
	COMMAND(MBX_IOC_UNLINK, MBX_KIND_ANY, 0, 0, mbx_unlink,
		MBX_UNLINK_SIZE_V1, false, mbx_ioc_unlink),
	COMMAND(MBX_IOC_MAILBOX_OPEN, MBX_KIND_ANY, 0, MAILBOX_OPEN_FLAGS,
		mbx_mailbox_open, MBX_MAILBOX_OPEN_SIZE_V1, false,
		mbx_ioc_mailbox_open),
	COMMAND(MBX_IOC_REGION_OPEN, MBX_KIND_ANY, 0, OPEN_FLAGS,
		mbx_region_open, MBX_REGION_OPEN_SIZE_V1, false,
		mbx_ioc_region_open),

	COMMAND(MBX_IOC_SEND, MBX_KIND_MAILBOX, FMODE_WRITE, SEND_FLAGS,
		mbx_send, MBX_SEND_SIZE_V1, false, mbx_ioc_send),
	COMMAND(MBX_IOC_RECV, MBX_KIND_MAILBOX, FMODE_READ, RECV_FLAGS,
		mbx_recv, MBX_RECV_SIZE_V1, false, mbx_ioc_recv),
	COMMAND(MBX_IOC_MAILBOX_STAT, MBX_KIND_MAILBOX, 0, 0, mbx_mailbox_stat,
		MBX_MAILBOX_STAT_SIZE_V1, true, mbx_ioc_mailbox_stat),
	COMMAND(MBX_IOC_CALL, MBX_KIND_MAILBOX, FMODE_WRITE, MBX_CALL_NONBLOCK,
		mbx_call, MBX_CALL_SIZE_V1, false, mbx_ioc_call),
	COMMAND(MBX_IOC_REPLY, MBX_KIND_MAILBOX, FMODE_READ,
		MBX_REPLY_RECV | MBX_REPLY_QUERY, mbx_reply, MBX_REPLY_SIZE_V1,
		false, mbx_ioc_reply),

	COMMAND(MBX_IOC_REGION_STAT, MBX_KIND_REGION, 0, 0, mbx_region_stat,
		MBX_REGION_STAT_SIZE_V1, true, mbx_ioc_region_stat),
	COMMAND(MBX_IOC_REGION_WAIT, MBX_KIND_REGION, FMODE_READ,
		MBX_WAIT_NONBLOCK, mbx_region_wait, MBX_REGION_WAIT_SIZE_V1,
		false, mbx_ioc_region_wait),
	COMMAND(MBX_IOC_REGION_NOTIFY, MBX_KIND_REGION, FMODE_WRITE, 0,
		mbx_region_notify, MBX_REGION_NOTIFY_SIZE_V1, false,
		mbx_ioc_region_notify),
	COMMAND(MBX_IOC_REGION_SUBSCRIBE, MBX_KIND_REGION, FMODE_READ, 0,
		mbx_region_subscribe, MBX_REGION_SUBSCRIBE_SIZE_V1, false,
		mbx_ioc_region_subscribe),
};

static const struct command *find_command(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	if (nr >= ARRAY_SIZE(commands))
		return NULL;
	nr = array_index_nospec(nr, ARRAY_SIZE(commands));
	return commands[nr].cmd == cmd ? &commands[nr] : NULL;
}

/*
 * The size is fetched first and counts, whatever the copy then says: user space
 * may be changing it.
 */
static noinline int copy_args_of_other_size(const struct command *command,
					    union args *args,
					    void __user *uargs)
{
	u32 usize;
	int err;

	if (get_user(usize, (u32 __user *)uargs))
		return -EFAULT;
	if (usize < command->min_size)
		return -EINVAL;
	err = mbx_copy_struct(args, command->size, uargs, usize);
	if (err)
		return err;
	args->head.size = usize;
	return 0;
}

static __always_inline int copy_args(const struct command *command,
				     union args *args, void __user *uargs)
{
	int err = mbx_get_sized(args, uargs, command->size);

	if (unlikely(err == -EAGAIN))
		err = copy_args_of_other_size(command, args, uargs);
	if (unlikely(err))
		return err;
	return args->head.flags & ~command->flags ? -EINVAL : 0;
}

static __always_inline long run(const struct command *command,
				struct file *file, enum mbx_kind kind,
				void __user *uargs)
{
	union args args mbx_uninitialized;
	long ret;

	if (command->kind != kind)
		return -EPROTOTYPE;
	if (command->mode & ~file->f_mode)
		return -EBADF;
	ret = copy_args(command, &args, uargs);
	if (unlikely(ret))
		return ret;
	ret = command->run(file, &args, uargs);
	if (ret >= 0 && command->out &&
	    copy_to_user(uargs, &args,
			 min_t(u32, args.head.size, command->size)))
		return -EFAULT;
	return ret;
}

static noinline long run_command(struct file *file, enum mbx_kind kind,
				 unsigned int cmd, void __user *uargs)
{
	const struct command *command = find_command(cmd);

	return command ? run(command, file, kind, uargs) : -ENOTTY;
}

/* Of a command that the compiler knows it takes the table to pieces. */
#define RUN_KNOWN(cmd, file, kind, uargs) \
	run(&commands[_IOC_NR(cmd)], file, kind, uargs)

/**
 * mbx_device_ioctl - a command on the device node
 * @file: open file of the device
 * @cmd: MBX_IOC_...
 * @arg: user address of its argument
 *
 * Return: as the command says, or a negative errno.
 */
long mbx_device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return run_command(file, MBX_KIND_ANY, cmd, (void __user *)arg);
}

/**
 * mbx_mailbox_ioctl - a command on a mailbox
 * @file: open file of a mailbox
 * @cmd: MBX_IOC_...
 * @arg: user address of its argument
 *
 * Return: as the command says, or a negative errno.
 */
long mbx_mailbox_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *uargs = (void __user *)arg;

	switch (cmd) {
	case MBX_IOC_SEND:
		return RUN_KNOWN(MBX_IOC_SEND, file, MBX_KIND_MAILBOX, uargs);
	case MBX_IOC_RECV:
		return RUN_KNOWN(MBX_IOC_RECV, file, MBX_KIND_MAILBOX, uargs);
	case MBX_IOC_CALL:
		return RUN_KNOWN(MBX_IOC_CALL, file, MBX_KIND_MAILBOX, uargs);
	case MBX_IOC_REPLY:
		return RUN_KNOWN(MBX_IOC_REPLY, file, MBX_KIND_MAILBOX, uargs);
	default:
		return run_command(file, MBX_KIND_MAILBOX, cmd, uargs);
	}
}

/**
 * mbx_mailbox_recv - MBX_IOC_RECV, within another command
 * @file: open file of a mailbox
 * @arg: user address of its argument
 *
 * Return: as the command says, or a negative errno.
 */
long mbx_mailbox_recv(struct file *file, u64 arg)
{
	return RUN_KNOWN(MBX_IOC_RECV, file, MBX_KIND_MAILBOX,
			 u64_to_user_ptr(arg));
}

/**
 * mbx_region_ioctl - a command on a region
 * @file: open file of a region
 * @cmd: MBX_IOC_...
 * @arg: user address of its argument
 *
 * Return: as the command says, or a negative errno.
 */
long mbx_region_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return run_command(file, MBX_KIND_REGION, cmd, (void __user *)arg);
}
