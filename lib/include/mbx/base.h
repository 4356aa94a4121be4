/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx: versions, errors, time, names, and what all parts need
 *
 * Programs include <mbx.h>.
 */
#ifndef MBX_BASE_H
#define MBX_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/mbx.h>

/* Version of this header; mbx_version() tells that of the library. */
#define MBX_VERSION_MAJOR 0
#define MBX_VERSION_MINOR 1
#define MBX_VERSION_PATCH 0
#define MBX_VERSION "0.1.0"

#define MBX_API __attribute__((__visibility__("default")))

/* The first field of all options. C++ sets it by itself. */
#ifdef __cplusplus
#define MBX_OPTS_HEAD(type) uint32_t size = sizeof(struct type)
#else
#define MBX_OPTS_HEAD(type) uint32_t size
#endif

/*
 * In C, a pointer to options that live as long as the block around them, for
 * instance mbx_send_with(fd, data, len, MBX_SEND_OPTS(.prio = 3, .tag = 7)).
 */
#define MBX_OPTS(type, ...) \
	(&(struct type){ .size = (uint32_t)sizeof(struct type), __VA_ARGS__ })

/*
 * Functions whose name ends in _sized take the size of a kernel struct as the
 * caller was compiled, because these structs grow too. They are meant for other
 * languages; C and C++ have the inline functions beside them.
 */

/*
 * As with stat(2), functions share names with structs of the kernel. C++ allows
 * that, but some compilers warn of it.
 */
#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" {
#endif

/**
 * mbx_version() - version of the library in use, as "0.1.0"
 *
 * Return: a constant string.
 */
MBX_API const char *mbx_version(void);

/**
 * mbx_strerror() - what an error means to a user of mbx
 * @err: an errno value, negative (as returned here) or positive
 *
 * Return: a constant string in English, never NULL: a phrase without capital
 * and full stop.
 */
MBX_API const char *mbx_strerror(int err);

/**
 * mbx_deadline() - the deadline that is a time span away
 * @timeout_ns: nanoseconds from now
 *
 * Return: a deadline, never 0. A span too long for the clock gives the latest
 * possible one.
 */
MBX_API uint64_t mbx_deadline(uint64_t timeout_ns);

/**
 * mbx_deadline_ms() - the deadline that is a number of milliseconds away
 * @timeout_ms: milliseconds from now
 *
 * Return: as mbx_deadline().
 */
MBX_API uint64_t mbx_deadline_ms(uint64_t timeout_ms);

/**
 * mbx_unlink() - remove the name of a mailbox or region
 * @name: the name
 *
 * The name is free at once; who holds the object goes on with it. Only its
 * owner and callers with CAP_IPC_OWNER may.
 *
 * Return: 0 or
 * -EACCES  neither owner nor capable
 * -ENOENT  no such name
 */
MBX_API int mbx_unlink(const char *name);

/**
 * mbx_unlink_kind() - remove a name if it is one of this kind
 * @name: the name
 * @kind: &enum mbx_kind
 *
 * Return: as mbx_unlink(), or
 * -EINVAL      unknown kind
 * -EPROTOTYPE  the name is one of the other kind
 */
MBX_API int mbx_unlink_kind(const char *name, unsigned int kind);

MBX_API int mbx_get_info_sized(struct mbx_info *info, size_t info_size);

/**
 * mbx_get_info() - what the module offers, and the caller's quotas
 * @info: where to put it
 *
 * Return: 0 or an error that all calls have.
 */
static inline int mbx_get_info(struct mbx_info *info)
{
	return mbx_get_info_sized(info, sizeof(*info));
}

#ifdef __cplusplus
}

#pragma GCC diagnostic pop
#endif

#endif /* MBX_BASE_H */
