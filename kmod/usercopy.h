/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copying a few words from and to user space
 *
 * A small struct or message is copied word by word, which takes less time than
 * the calls and look-ups of copy_from_user() and copy_to_user(). Those find out
 * whether the kernel's side is an object of at least this length; here the caller
 * has to know.
 */
#ifndef MBX_USERCOPY_H
#define MBX_USERCOPY_H

#include <linux/errno.h>
#include <linux/fault-inject-usercopy.h>
#include <linux/types.h>
#include <linux/uaccess.h>

/*
 * Words are copied in place where that works at any address, and where the test of
 * addresses does in a module: some kernels for x86-64 patch theirs in their own
 * code only.
 */
#if defined(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) && \
	!(defined(CONFIG_X86_64) && defined(runtime_const_init))
#define MBX_COPY_WORDS 1
#else
#define MBX_COPY_WORDS 0
#endif

/**
 * mbx_get_words - copy the beginning of a struct from user space
 * @dst: the kernel's struct, with room for all of it
 * @src: user address
 * @words: how many times 8 bytes; best a constant
 * @total: how many words the struct has; the last one must be readable, so that
 *	what a caller may leave out does not depend on what is looked at
 *
 * Return: 0 or -EFAULT, and an unknown part has been copied.
 */
static __always_inline int mbx_get_words(void *dst, const void __user *src,
					 unsigned int words, unsigned int total)
{
	const u64 __user *from = src;
	u64 *to = dst;
	unsigned int i;

	might_fault();
	if (!MBX_COPY_WORDS)
		return copy_from_user(dst, src, total * sizeof(*from)) ?
			       -EFAULT :
			       0;
	if (should_fail_usercopy() ||
	    !user_read_access_begin(from, total * sizeof(*from)))
		return -EFAULT;
#pragma GCC unroll 16
	for (i = 0; i < words; i++)
		unsafe_get_user(to[i], &from[i], fault);
	if (words < total)
		unsafe_get_user(to[total - 1], &from[total - 1], fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

/**
 * mbx_get_sized - copy a struct of the expected size from user space
 * @dst: the kernel's struct, which begins with its size
 * @src: user address
 * @size: the expected size, a multiple of 8
 *
 * Return: 0; -EFAULT; or -EAGAIN, and nothing is known but that it is of another
 * size or a part of it can't be read.
 */
static __always_inline int mbx_get_sized(void *dst, const void __user *src,
					 unsigned int size)
{
	const u64 __user *from = src;
	unsigned int i;
	u64 *to = dst;

	might_fault();
	if (!MBX_COPY_WORDS)
		return -EAGAIN;
	if (should_fail_usercopy())
		return -EFAULT;
	if (!user_read_access_begin(from, size))
		return -EAGAIN;
	unsafe_get_user(to[0], &from[0], fault);
	if (*(u32 *)dst != size)
		goto fault;
#pragma GCC unroll 8
	for (i = 1; i < size / sizeof(*to); i++)
		unsafe_get_user(to[i], &from[i], fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EAGAIN;
}

/**
 * mbx_put_words - copy the beginning of a struct to user space
 * @dst: user address
 * @src: the kernel's struct
 * @words: how many times 8 bytes; best a constant
 *
 * Return: 0 or -EFAULT, and an unknown part has been copied.
 */
static __always_inline int mbx_put_words(void __user *dst, const void *src,
					 unsigned int words)
{
	u64 __user *to = dst;
	const u64 *from = src;
	unsigned int i;

	might_fault();
	if (!MBX_COPY_WORDS)
		return copy_to_user(dst, src, words * sizeof(*to)) ? -EFAULT :
								     0;
	if (should_fail_usercopy() ||
	    !user_write_access_begin(to, words * sizeof(*to)))
		return -EFAULT;
#pragma GCC unroll 16
	for (i = 0; i < words; i++)
		unsafe_put_user(from[i], &to[i], fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

int mbx_copy_in(void *dst, const void __user *src, size_t len);
int mbx_copy_out(void __user *dst, const void *src, size_t len);

#endif /* MBX_USERCOPY_H */
