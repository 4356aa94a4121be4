/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A handle: what an open file of an object refers to
 *
 * It holds a reference to the object until the file is released; if it is the
 * owner's, releasing it kills the object. Each kind extends it with what an
 * open file of that kind remembers.
 */
#ifndef MBX_HANDLE_H
#define MBX_HANDLE_H

#include <linux/fs.h>
#include <linux/types.h>

#include "wait.h"

struct mbx_name;
struct mbx_object;

struct mbx_handle {
	struct mbx_object *obj;
	bool owner; /* the lifetime is OWNER, and this is the creator's */
};

/**
 * struct mbx_opener - how to open one kind of object
 * @kind: enum mbx_kind
 * @create: make a nascent object
 * @attach: may an existing object be opened with these attributes?
 * @open_file: make an open file; takes over the caller's reference on success
 */
struct mbx_opener {
	int kind;
	struct mbx_object *(*create)(const void *attr,
				     const struct mbx_name *name);
	int (*attach)(struct mbx_object *obj, const void *attr);
	struct file *(*open_file)(struct mbx_object *obj, u32 flags,
				  bool creator);
};

long mbx_open_named(const struct mbx_opener *opener, u32 flags, u64 uname,
		    u32 name_len, const void *attr);
long mbx_open_own(const struct mbx_opener *opener, u32 flags, const void *attr);
long mbx_open_target(const struct mbx_opener *opener, u32 flags, s32 target,
		     u64 deadline_ns, const void *attr);
long mbx_unlink(u64 uname, u32 name_len, u32 kind);

void mbx_handle_init(struct mbx_handle *handle, struct mbx_object *obj,
		     bool creator);
void mbx_handle_release(struct mbx_handle *handle);
struct file *mbx_handle_file(struct mbx_handle *handle, const char *class,
			     const struct file_operations *fops, u32 flags);

static inline bool mbx_file_nonblock(const struct file *file)
{
	return READ_ONCE(file->f_flags) & O_NONBLOCK;
}

/**
 * mbx_patience_of - how long a call on a file may wait
 * @file: the file
 * @nonblock: the call itself says that it may not
 * @deadline_ns: until when else, or 0
 */
static __always_inline struct mbx_patience
mbx_patience_of(const struct file *file, bool nonblock, u64 deadline_ns)
{
	return (struct mbx_patience){
		.nonblock = nonblock || mbx_file_nonblock(file),
		.deadline_ns = deadline_ns,
	};
}

#endif /* MBX_HANDLE_H */
