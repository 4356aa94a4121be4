/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How argument structs cross into the kernel: the size rule, in one place
 *
 * A caller's struct may be older (shorter) or newer (longer) than ours. What it
 * lacks is zero; what we do not know must be zero.
 */
#ifndef MBX_ABI_H
#define MBX_ABI_H

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <uapi/linux/mbx.h>

#include "usercopy.h"

/* Sizes in the first version of the ABI: what callers must have at least. */
#define MBX_INFO_SIZE_V1 88
#define MBX_UNLINK_SIZE_V1 24
#define MBX_MAILBOX_OPEN_SIZE_V1 48
#define MBX_REGION_OPEN_SIZE_V1 40
#define MBX_MESSAGE_SIZE_V1 64
#define MBX_SEND_SIZE_V1 32
#define MBX_RECV_SIZE_V1 48
#define MBX_MAILBOX_STAT_SIZE_V1 120
#define MBX_CALL_SIZE_V1 40
#define MBX_REPLY_SIZE_V1 40
#define MBX_SLOT_SIZE_V1 8
#define MBX_REGION_STAT_SIZE_V1 64
#define MBX_REGION_WAIT_SIZE_V1 32
#define MBX_REGION_NOTIFY_SIZE_V1 16
#define MBX_REGION_SUBSCRIBE_SIZE_V1 16

static inline void __user *mbx_elem_ptr(u64 array, u32 i, u32 elem_size)
{
	return u64_to_user_ptr(array + (u64)i * elem_size);
}

/**
 * mbx_copy_struct - copy a struct in by the size rule
 * @dst: kernel copy
 * @size: its size
 * @src: user address
 * @usize: size as the caller knows it; not below the first version's
 *
 * Return: 0, -E2BIG or -EFAULT.
 */
static inline int mbx_copy_struct(void *dst, size_t size,
				  const void __user *src, size_t usize)
{
	if (likely(usize == size))
		return mbx_copy_in(dst, src, size);
	if (usize > PAGE_SIZE)
		return -E2BIG;
	return copy_struct_from_user(dst, size, src, usize);
}

/**
 * mbx_copy_elem - copy an element of an array in by the size rule
 * @dst: kernel copy
 * @size: its size
 * @array: user address of the array
 * @i: index
 * @elem_size: size of an element as the caller knows it
 *
 * Return: 0, -E2BIG or -EFAULT.
 */
static inline int mbx_copy_elem(void *dst, size_t size, u64 array, u32 i,
				u32 elem_size)
{
	return mbx_copy_struct(dst, size, mbx_elem_ptr(array, i, elem_size),
			       elem_size);
}

#endif /* MBX_ABI_H */
