// SPDX-License-Identifier: GPL-2.0-only
/* Copying payloads from and to user space. */
#include "compat.h"
#include "usercopy.h"

/* For more, a call is worth it; and while words are copied nobody is scheduled. */
#define SMALL 128

/* No bytes can be copied from and to any address, which none of this knows. */
static bool is_small(size_t len)
{
	return MBX_COPY_WORDS && len && len <= SMALL;
}

#define FOUR_WORDS (4 * sizeof(u64))

#define GET_AT(type, dst, src, at)                                             \
	do {                                                                   \
		type word;                                                     \
		unsafe_get_user(word, (const type __user *)&(src)[at], fault); \
		put_unaligned(word, (type *)&(dst)[at]);                       \
	} while (0)

#define GET(type, dst, src, at)             \
	do {                                \
		GET_AT(type, dst, src, at); \
		(at) += sizeof(type);       \
	} while (0)

#define GET_FOUR(dst, src, at)                    \
	do {                                      \
		GET_AT(u64, dst, src, at);        \
		GET_AT(u64, dst, src, (at) + 8);  \
		GET_AT(u64, dst, src, (at) + 16); \
		GET_AT(u64, dst, src, (at) + 24); \
	} while (0)

static int copy_small_in(u8 *dst, const u8 __user *src, size_t len)
{
	size_t at = 0;

	might_fault();
	if (should_fail_usercopy() || !user_read_access_begin(src, len))
		return -EFAULT;
	for (; len - at >= FOUR_WORDS; at += FOUR_WORDS)
		GET_FOUR(dst, src, at);
	while (len - at >= sizeof(u64))
		GET(u64, dst, src, at);
	if (likely(len == at))
		goto done;
	if (len & sizeof(u32))
		GET(u32, dst, src, at);
	if (len & sizeof(u16))
		GET(u16, dst, src, at);
	if (len & sizeof(u8))
		GET(u8, dst, src, at);
done:
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

#define PUT_AT(type, dst, src, at)                               \
	unsafe_put_user(get_unaligned((const type *)&(src)[at]), \
			(type __user *)&(dst)[at], fault)

#define PUT(type, dst, src, at)             \
	do {                                \
		PUT_AT(type, dst, src, at); \
		(at) += sizeof(type);       \
	} while (0)

#define PUT_FOUR(dst, src, at)                    \
	do {                                      \
		PUT_AT(u64, dst, src, at);        \
		PUT_AT(u64, dst, src, (at) + 8);  \
		PUT_AT(u64, dst, src, (at) + 16); \
		PUT_AT(u64, dst, src, (at) + 24); \
	} while (0)

static int copy_small_out(u8 __user *dst, const u8 *src, size_t len)
{
	size_t at = 0;

	might_fault();
	if (should_fail_usercopy() || !user_write_access_begin(dst, len))
		return -EFAULT;
	for (; len - at >= FOUR_WORDS; at += FOUR_WORDS)
		PUT_FOUR(dst, src, at);
	while (len - at >= sizeof(u64))
		PUT(u64, dst, src, at);
	if (likely(len == at))
		goto done;
	if (len & sizeof(u32))
		PUT(u32, dst, src, at);
	if (len & sizeof(u16))
		PUT(u16, dst, src, at);
	if (len & sizeof(u8))
		PUT(u8, dst, src, at);
done:
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

/* By themselves, so that small copies need not save registers for their calls. */
static noinline int copy_large_in(void *dst, const void __user *src, size_t len)
{
	return copy_from_user(dst, src, len) ? -EFAULT : 0;
}

static noinline int copy_large_out(void __user *dst, const void *src,
				   size_t len)
{
	return copy_to_user(dst, src, len) ? -EFAULT : 0;
}

/**
 * mbx_copy_in - copy a payload from user space
 * @dst: kernel memory of at least @len bytes
 * @src: user address
 * @len: how many bytes
 *
 * Return: 0 or -EFAULT, and an unknown part has been copied.
 */
int mbx_copy_in(void *dst, const void __user *src, size_t len)
{
	if (is_small(len))
		return copy_small_in(dst, src, len);
	return copy_large_in(dst, src, len);
}

/**
 * mbx_copy_out - copy a payload to user space
 * @dst: user address
 * @src: kernel memory of at least @len bytes
 * @len: how many bytes
 *
 * Return: 0 or -EFAULT, and an unknown part has been copied.
 */
int mbx_copy_out(void __user *dst, const void *src, size_t len)
{
	if (is_small(len))
		return copy_small_out(dst, src, len);
	return copy_large_out(dst, src, len);
}
