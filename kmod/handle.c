// SPDX-License-Identifier: GPL-2.0-only
/* Opening, creating and unlinking objects by name. */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "direct.h"
#include "handle.h"
#include "names.h"
#include "netns.h"
#include "object.h"

/**
 * mbx_handle_init - make a handle refer to an object
 * @handle: the handle
 * @obj: the object; the caller's reference goes to the handle
 * @creator: the caller has just created the object
 */
void mbx_handle_init(struct mbx_handle *handle, struct mbx_object *obj,
		     bool creator)
{
	handle->obj = obj;
	handle->owner = creator && obj->lifetime == MBX_LIFE_OWNER;
}

/**
 * mbx_handle_release - the open file is gone
 * @handle: the handle; its memory stays the caller's
 */
void mbx_handle_release(struct mbx_handle *handle)
{
	if (handle->owner)
		mbx_object_kill(handle->obj);
	mbx_object_put(handle->obj);
}

/**
 * mbx_handle_file - make the open file of a handle
 * @handle: becomes the file's private data
 * @class: what it is called in /proc/PID/fd
 * @fops: file operations
 * @flags: bits of enum mbx_open_flags
 *
 * Return: the file, or an error pointer.
 */
struct file *mbx_handle_file(struct mbx_handle *handle, const char *class,
			     const struct file_operations *fops, u32 flags)
{
	int mode = flags & MBX_NONBLOCK ? O_NONBLOCK : 0;
	struct file *file;

	if ((flags & (MBX_READ | MBX_WRITE)) == (MBX_READ | MBX_WRITE))
		mode |= O_RDWR;
	else
		mode |= flags & MBX_WRITE ? O_WRONLY : O_RDONLY;
	file = anon_inode_getfile(class, fops, handle, mode);
	if (!IS_ERR(file)) {
		/* There is no position to seek to, and no file to watch. */
		stream_open(file_inode(file), file);
		mbx_compat_no_notify(file);
		file->f_mode |= FMODE_NOWAIT;
	}
	return file;
}

struct name_buffer {
	struct mbx_name name;
	char text[MBX_NAME_MAX];
};

/* No address and no length stand for no name. */
static int get_name(struct name_buffer *buffer, u64 uname, u32 len)
{
	buffer->name.text = buffer->text;
	buffer->name.len = len;
	if (!uname && !len)
		return 0;
	if (!len || len > MBX_NAME_MAX)
		return -EINVAL;
	if (copy_from_user(buffer->text, u64_to_user_ptr(uname), len))
		return -EFAULT;
	return mbx_name_valid(&buffer->name) ? 0 : -EINVAL;
}

static int check_flags(u32 flags, bool named)
{
	if (!(flags & (MBX_READ | MBX_WRITE)))
		return -EINVAL;
	if ((flags & MBX_EXCL) && !(flags & MBX_CREATE))
		return -EINVAL;
	return named || (flags & MBX_CREATE) ? 0 : -EINVAL;
}

static int may_attach(const struct mbx_opener *opener, struct mbx_object *obj,
		      u32 flags, const void *attr)
{
	int err;

	if (flags & MBX_EXCL)
		return -EEXIST;
	if ((int)obj->ops->kind != opener->kind)
		return -EPROTOTYPE;
	err = mbx_object_permission(obj, flags);
	return err ?: opener->attach(obj, attr);
}

/* Consumes the caller's reference. */
static struct file *attach(const struct mbx_opener *opener,
			   struct mbx_object *obj, u32 flags, const void *attr)
{
	struct file *file;
	int err = may_attach(opener, obj, flags, attr);

	file = err ? ERR_PTR(err) : opener->open_file(obj, flags, false);
	if (IS_ERR(file))
		mbx_object_put(obj);
	return file;
}

/*
 * The name comes last, when nothing can fail any more, so that others never
 * meet an object whose creation is then undone.
 */
static struct file *create(const struct mbx_opener *opener,
			   struct mbx_names *names, const struct mbx_name *name,
			   u32 flags, const void *attr)
{
	struct mbx_object *obj, *old = NULL;
	struct file *file;

	obj = opener->create(attr, name);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	file = opener->open_file(obj, flags, true);
	if (IS_ERR(file)) {
		mbx_object_put(obj);
		return file;
	}
	if (name->len)
		old = mbx_names_add(names, obj);
	if (!old)
		return file;
	fput(file);
	return IS_ERR(old) ? ERR_CAST(old) : attach(opener, old, flags, attr);
}

static struct file *open_in(const struct mbx_opener *opener,
			    struct mbx_names *names,
			    const struct mbx_name *name, u32 flags,
			    const void *attr)
{
	struct mbx_object *obj = NULL;

	if (name->len)
		obj = mbx_names_lookup(names, name);
	if (obj)
		return attach(opener, obj, flags, attr);
	if (!(flags & MBX_CREATE))
		return ERR_PTR(-ENOENT);
	return create(opener, names, name, flags, attr);
}

/* The descriptor was reserved before, so that nothing fails after the naming. */
static long install(int fd, struct file *file)
{
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

/**
 * mbx_open_named - open or create an object with a name, or an anonymous one
 * @opener: of which kind
 * @flags: bits of enum mbx_open_flags
 * @uname: user address of the name
 * @name_len: its length
 * @attr: the kind's attributes, checked, in kernel memory
 *
 * Return: a new descriptor or a negative errno.
 */
long mbx_open_named(const struct mbx_opener *opener, u32 flags, u64 uname,
		    u32 name_len, const void *attr)
{
	struct name_buffer buffer;
	int fd, err;

	err = get_name(&buffer, uname, name_len) ?:
						   check_flags(flags, name_len);
	if (err)
		return err;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	return install(fd, open_in(opener, mbx_current_names(), &buffer.name,
				   flags, attr));
}

/**
 * mbx_open_own - open or create the direct mailbox of the current process
 * @opener: for mailboxes
 * @flags: bits of enum mbx_open_flags
 * @attr: attributes, checked, in kernel memory
 *
 * Return: a new descriptor or a negative errno.
 */
long mbx_open_own(const struct mbx_opener *opener, u32 flags, const void *attr)
{
	struct pid *pid = task_tgid(current);
	struct mbx_object *obj;
	struct mbx_name name;
	struct file *file;
	int fd, err;

	err = check_flags(flags, true);
	if (err)
		return err;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	/* One that is there in spite of execve() of a privileged program ends. */
	obj = mbx_direct_find(pid);
	if (!IS_ERR(obj))
		mbx_object_put(obj);
	mbx_direct_name(&pid, &name);
	file = open_in(opener, mbx_direct_names(), &name, flags, attr);
	if (!IS_ERR(file))
		mbx_direct_announce(pid);
	return install(fd, file);
}

/**
 * mbx_open_target - open the direct mailbox of a process
 * @opener: for mailboxes
 * @flags: bits of enum mbx_open_flags
 * @target: the process
 * @deadline_ns: with MBX_WAIT_BOUND: how long to wait
 * @attr: attributes, checked, in kernel memory
 *
 * Return: a new descriptor or a negative errno.
 */
long mbx_open_target(const struct mbx_opener *opener, u32 flags, s32 target,
		     u64 deadline_ns, const void *attr)
{
	struct mbx_object *obj;
	struct pid *pid;
	int fd, err;

	err = check_flags(flags, true);
	if (err)
		return err;
	pid = mbx_direct_target(target, flags & MBX_PIDFD);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	obj = mbx_direct_lookup(pid, flags & MBX_WAIT_BOUND, deadline_ns);
	put_pid(pid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		mbx_object_put(obj);
		return fd;
	}
	return install(fd, attach(opener, obj, flags, attr));
}

/**
 * mbx_unlink - take a name away
 * @uname: user address of the name
 * @name_len: its length
 * @kind: enum mbx_kind
 *
 * Return: 0 or a negative errno.
 */
long mbx_unlink(u64 uname, u32 name_len, u32 kind)
{
	struct name_buffer buffer;
	struct mbx_object *obj;
	int err;

	err = get_name(&buffer, uname, name_len);
	if (err)
		return err;
	if (!name_len || kind > MBX_KIND_REGION)
		return -EINVAL;
	obj = mbx_names_lookup(mbx_current_names(), &buffer.name);
	if (!obj)
		return -ENOENT;
	if (kind != MBX_KIND_ANY && kind != obj->ops->kind)
		err = -EPROTOTYPE;
	else
		err = mbx_object_may_unlink(obj);
	if (!err && !mbx_object_unlink(obj))
		err = -ENOENT;
	mbx_object_put(obj);
	return err;
}
