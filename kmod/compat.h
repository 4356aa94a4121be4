/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences between the kernels that mbx builds for, and nothing else. */
#ifndef MBX_COMPAT_H
#define MBX_COMPAT_H

#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/shmem_fs.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/*
 * Kernels can be configured to clear each local variable first. For those of the
 * hot path that are written before they are read, that costs more than their use.
 */
#if __has_attribute(__uninitialized__)
#define mbx_uninitialized __attribute__((__uninitialized__))
#else
#define mbx_uninitialized
#endif

/*
 * To get an error instead of the OOM killer. Some kernels warn of the one flag in
 * __vmalloc(), and ignore it; the other one gives up sooner.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
#define MBX_VMALLOC_NO_OOM __GFP_NORETRY
#else
#define MBX_VMALLOC_NO_OOM __GFP_RETRY_MAYFAIL
#endif

#ifndef CONFIG_64BIT
#error "mbx needs a 64-bit kernel; 32-bit programs can use it there"
#endif

#define MBX_NO_MEMCG 0

/**
 * mbx_memcg_locked - mbx_memcg(), while any spinlock is held
 *
 * To hold a spinlock, even one that sleeps, is to read under RCU.
 */
static inline u64 mbx_memcg_locked(void)
{
#ifdef CONFIG_MEMCG
	return task_css(current, memory_cgrp_id)->serial_nr;
#else
	return MBX_NO_MEMCG + 1;
#endif
}

/**
 * mbx_memcg - the memory control group that pays for what the current task allocates
 *
 * While a task is being moved to another group, what it allocates may still be charged
 * to the one before.
 *
 * Return: a number that no other group ever has.
 */
static inline u64 mbx_memcg(void)
{
	u64 number;

	/* Not rcu_read_lock(), which is a call where kernels are preempted. */
	rcu_read_lock_sched();
	number = mbx_memcg_locked();
	rcu_read_unlock_sched();
	return number;
}

/* Kernels with two bits for it give each pair of them another meaning. */
static inline void mbx_compat_no_notify(struct file *file)
{
#ifdef FMODE_FSNOTIFY_MASK
	file->f_mode &= ~FMODE_FSNOTIFY_MASK;
#endif
	file->f_mode |= FMODE_NONOTIFY;
}

/*
 * For files that know positions to which no length can be added. That is a mode of the
 * file, or a flag of its operations.
 */
#ifdef FOP_UNSIGNED_OFFSET
#define MBX_COMPAT_FOP_ANY_POSITION .fop_flags = FOP_UNSIGNED_OFFSET
#define MBX_COMPAT_FMODE_ANY_POSITION ((__force fmode_t)0)
#else
#define MBX_COMPAT_FOP_ANY_POSITION .llseek = NULL /* says nothing */
#define MBX_COMPAT_FMODE_ANY_POSITION FMODE_UNSIGNED_OFFSET
#endif

static inline struct file *mbx_compat_shmem_file(const char *name, loff_t bytes)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
	return shmem_file_setup(name, bytes, EMPTY_VMA_FLAGS);
#else
	return shmem_file_setup(name, bytes, 0);
#endif
}

static inline void mbx_compat_vm_flags_set(struct vm_area_struct *vma,
					   vm_flags_t flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, flags);
#else
	vma->vm_flags |= flags;
#endif
}

static inline void mbx_compat_vm_flags_clear(struct vm_area_struct *vma,
					     vm_flags_t flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_clear(vma, flags);
#else
	vma->vm_flags &= ~flags;
#endif
}

/*
 * Some kernels, when flags were changed, may extend the mapping before a new one and
 * free that without closing it. There data is neither locked by mlock() nor grown.
 */
static inline void mbx_compat_keep_apart(struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0) && \
	LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	mbx_compat_vm_flags_set(vma, VM_DONTEXPAND);
#endif
}

static inline int mbx_compat_call_mmap(struct file *file,
				       struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	return vfs_mmap(file, vma);
#else
	return call_mmap(file, vma);
#endif
}

/*
 * No kernel exports how to get at the process behind a pidfd. Where there is a
 * file system for them, the inode tells; otherwise they are anonymous files, of
 * a name that only the kernel gives.
 */
static inline struct pid *mbx_compat_pid_of_file(const struct file *file)
{
	const struct inode *inode = file_inode(file);

#ifdef PID_FS_MAGIC
	if (inode->i_sb->s_magic == PID_FS_MAGIC)
		return inode->i_private;
#endif
	if (inode->i_sb->s_magic == ANON_INODE_FS_MAGIC &&
	    !strcmp(file->f_path.dentry->d_name.name, "[pidfd]"))
		return file->private_data;
	return NULL;
}

static inline struct pid *mbx_compat_pid_of_pidfd(int fd)
{
	struct file *file = fget(fd);
	struct pid *pid;

	if (!file)
		return ERR_PTR(-EBADF);
	pid = get_pid(mbx_compat_pid_of_file(file));
	fput(file);
	return pid ?: ERR_PTR(-EBADF);
}

#endif /* MBX_COMPAT_H */
