/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libmbx: shared regions
 *
 * A region is memory that processes share, with slots by which they learn of
 * changes in it. Programs include <mbx.h>.
 */
#ifndef MBX_REGION_H
#define MBX_REGION_H

#include <mbx/base.h>

#ifdef __cplusplus
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* see mbx/base.h */
extern "C" {
#endif

/**
 * struct mbx_region_opts - how to create a region
 * @size: sizeof(struct mbx_region_opts)
 * @mode: permission bits to 0777, less the umask; 0 for 0600
 * @lifetime: &enum mbx_lifetime
 * @slots: number of slots, 1 to %MBX_SLOTS_MAX; 0 for 1, or for what an
 *	existing region has
 *
 * @mode and @lifetime are without effect on a region that exists; @slots has to
 * be 0 or right.
 */
struct mbx_region_opts {
	MBX_OPTS_HEAD(mbx_region_opts);
	uint32_t mode;
	uint32_t lifetime;
	uint32_t slots;
};

/**
 * struct mbx_wait_opts - how to wait for slots of a region
 * @size: sizeof(struct mbx_wait_opts)
 * @flags: bits of &enum mbx_wait_flags
 * @deadline_ns: when to stop waiting
 */
struct mbx_wait_opts {
	MBX_OPTS_HEAD(mbx_wait_opts);
	uint32_t flags;
	uint64_t deadline_ns;
};

#define MBX_REGION_OPTS(...) MBX_OPTS(mbx_region_opts, __VA_ARGS__)
#define MBX_WAIT_OPTS(...) MBX_OPTS(mbx_wait_opts, __VA_ARGS__)

/**
 * struct mbx_region - a region, open and mapped
 *
 * Belongs to the process that opened it until mbx_region_close(). What other
 * processes write into the region can't harm the handle.
 */
struct mbx_region;

/**
 * mbx_region_open() - open or create a region, and map it
 * @region: where to put the handle
 * @name: as for mbx_mailbox_open()
 * @flags: bits of &enum mbx_open_flags: %MBX_READ, and %MBX_WRITE to write and
 *	notify
 * @bytes: size of the data; 0 for that of an existing region
 * @opts: attributes of a region to be created, or NULL
 *
 * A region has all its memory, zeroed, from the start, and never changes its
 * size. Without %MBX_WRITE, its data is mapped read-only.
 *
 * Return: 0 or
 * -EACCES      its mode does not allow that
 * -EDQUOT      the user has as many objects or region bytes as are allowed
 * -EEXIST      the name exists, with %MBX_CREATE and %MBX_EXCL
 * -EINVAL      malformed name, flags, mode or attribute; @bytes or slots differ
 *              from the existing region's; @bytes 0 where it has to be created
 * -ENOENT      no such name, without %MBX_CREATE
 * -ENOMEM      out of memory or of address space
 * -ENOSPC      larger than the module allows
 * -EOWNERDEAD  the region's owner ended meanwhile
 * -EPROTOTYPE  the name is a mailbox's
 *
 * On failure *@region is not changed. A region that was created but could not
 * be mapped exists.
 */
MBX_API int mbx_region_open(struct mbx_region **region, const char *name,
			    unsigned int flags, size_t bytes,
			    const struct mbx_region_opts *opts);

/**
 * mbx_region_from_fd() - map a region whose descriptor came from elsewhere
 * @region: where to put the handle
 * @fd: descriptor of a region, for instance received over a UNIX socket. It
 *	belongs to the handle on success, when it is made close-on-exec, and to
 *	the caller on failure
 *
 * The data is mapped writable if @fd allows it.
 *
 * Return: 0 or
 * -ENOMEM      out of memory or of address space
 * -EOWNERDEAD  the region's owner is gone
 */
MBX_API int mbx_region_from_fd(struct mbx_region **region, int fd);

/**
 * mbx_region_close() - unmap a region and close its descriptor
 * @region: the handle, or NULL
 *
 * Locks in the region must not be held by the caller.
 */
MBX_API void mbx_region_close(struct mbx_region *region);

/**
 * mbx_region_fd() - the descriptor of a region, for poll(2) or to be passed on
 * @region: the handle, which keeps the descriptor
 *
 * poll(2) reports POLLIN when a subscribed slot has moved, POLLHUP when the
 * region's owner is gone.
 */
MBX_API int mbx_region_fd(const struct mbx_region *region);

/**
 * mbx_region_data() - the data of a region
 * @region: the handle, with which the mapping goes
 *
 * Return: the first byte, aligned to a page. Writing to it without %MBX_WRITE
 * is a SIGSEGV.
 */
MBX_API void *mbx_region_data(const struct mbx_region *region);

/**
 * mbx_region_size() - bytes of data in a region
 * @region: the handle
 */
MBX_API size_t mbx_region_size(const struct mbx_region *region);

/**
 * mbx_region_slots() - number of slots in a region
 * @region: the handle
 */
MBX_API unsigned int mbx_region_slots(const struct mbx_region *region);

/**
 * mbx_region_writable() - whether this handle can write and notify
 * @region: the handle
 *
 * Return: 1 or 0.
 */
MBX_API int mbx_region_writable(const struct mbx_region *region);

/**
 * mbx_region_seq() - the sequence word of a slot
 * @region: the handle
 * @slot: number of the slot, from 0
 *
 * To miss nothing: read the word, then look at the data, then wait until the
 * word differs from the one read. What was written before a notification that
 * is counted in the word is seen after reading it.
 *
 * Return: the word; 0 for a slot that the region does not have.
 */
MBX_API uint32_t mbx_region_seq(const struct mbx_region *region,
				unsigned int slot);

/**
 * mbx_region_notify() - tell those who wait on a slot that it has moved
 * @region: a region opened with %MBX_WRITE
 * @slot: number of the slot, from 0
 *
 * Increments the slot's sequence word, and enters the kernel only if somebody
 * waits.
 *
 * Return: how many waiting calls and subscriptions were woken, or
 * -EBADF       not opened for writing
 * -EINVAL      no such slot
 * -EOWNERDEAD  somebody was waiting, and the region's owner is gone
 */
MBX_API int mbx_region_notify(struct mbx_region *region, unsigned int slot);

/**
 * mbx_region_notify_mask() - notify several slots, in one system call at most
 * @region: a region opened with %MBX_WRITE
 * @slot_mask: bit n for slot n, at least one
 *
 * Return: as mbx_region_notify().
 */
MBX_API int mbx_region_notify_mask(struct mbx_region *region,
				   uint64_t slot_mask);

/**
 * mbx_region_wait() - wait until a slot has moved
 * @region: the handle
 * @slot: number of the slot, from 0
 * @last_seq: its sequence word as last seen
 * @deadline_ns: when to stop waiting, 0 for never
 * @flags: bits of &enum mbx_wait_flags
 * @seq: where to put the word found, or NULL
 *
 * Is no system call if the slot has moved already.
 *
 * Return: 0 or
 * -EAGAIN      not moved, with %MBX_WAIT_NONBLOCK or O_NONBLOCK
 * -EINVAL      no such slot, unknown flag
 * -EOWNERDEAD  not moved, and the region's owner is gone
 * -ETIMEDOUT   not moved until the deadline
 *
 * *@seq is written on success only.
 */
MBX_API int mbx_region_wait(struct mbx_region *region, unsigned int slot,
			    uint32_t last_seq, uint64_t deadline_ns,
			    unsigned int flags, uint32_t *seq);

/**
 * mbx_region_wait_many() - wait until one of several slots has moved
 * @region: the handle
 * @slots: the slots and their sequence words as last seen; on success the words
 *	found are put there
 * @count: elements of @slots, 1 to %MBX_SLOTS_MAX
 * @opts: or NULL
 *
 * Return: how many of them have moved, or as mbx_region_wait().
 */
MBX_API int mbx_region_wait_many(struct mbx_region *region,
				 struct mbx_slot *slots, unsigned int count,
				 const struct mbx_wait_opts *opts);

/**
 * mbx_region_subscribe() - choose the slots that poll(2) reports
 * @region: the handle
 * @slot_mask: bit n for slot n; 0 for none
 *
 * A slot that was not subscribed to before counts as read at its present word.
 * The subscription is the open file's: descriptors made from the same open, by
 * fork(2) or by passing, share it.
 *
 * Return: 0 or
 * -EINTR       a signal
 * -EINVAL      no such slot
 * -EOWNERDEAD  the region's owner is gone
 */
MBX_API int mbx_region_subscribe(struct mbx_region *region, uint64_t slot_mask);

/**
 * mbx_region_read_moved() - the subscribed slots that have moved since last time
 * @region: the handle
 * @slots: where to put them, with their words
 * @count: elements of @slots, at least 1
 *
 * Waits for one, unless O_NONBLOCK is set on the descriptor.
 *
 * Return: how many were put there, or
 * -EAGAIN      none, with O_NONBLOCK
 * -EINVAL      nothing subscribed, or @count is 0
 * -EOWNERDEAD  none, and the region's owner is gone
 */
MBX_API int mbx_region_read_moved(struct mbx_region *region,
				  struct mbx_slot *slots, unsigned int count);

MBX_API int mbx_region_get_stat_sized(const struct mbx_region *region,
				      struct mbx_region_stat *stat,
				      size_t stat_size);

/**
 * mbx_region_get_stat() - attributes and counters of a region
 * @region: the handle
 * @stat: where to put them
 *
 * Return: 0.
 */
static inline int mbx_region_get_stat(const struct mbx_region *region,
				      struct mbx_region_stat *stat)
{
	return mbx_region_get_stat_sized(region, stat, sizeof(*stat));
}

#ifdef __cplusplus
}

#pragma GCC diagnostic pop
#endif

#endif /* MBX_REGION_H */
