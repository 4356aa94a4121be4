/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables in which a process keeps its descriptors and mappings
 *
 * What is where is only a habit: a step may name any place.
 */
#ifndef FUZZ_SLOTS_H
#define FUZZ_SLOTS_H

#include <linux/types.h>

#define SLOT_MAILBOX 0
#define SLOT_REGION 8
#define SLOT_EPOLL 12
#define SLOT_DEVICE 14
#define SLOT_PIDFD 15
#define SLOT_SOCKET 16 /* and the next: the two ends */
#define SLOTS 18

#define MAPS 6
#define CHILDREN 8
#define TOKENS 8

/* A place for the same kind of descriptor as @slot has. */
static inline __u32 slot_like(__u32 slot, __u32 any)
{
	if (slot < SLOT_REGION)
		return any % 4;
	if (slot < SLOT_EPOLL)
		return SLOT_REGION + any % 3;
	if (slot < SLOT_DEVICE)
		return SLOT_EPOLL + any % 2;
	return slot;
}

#endif /* FUZZ_SLOTS_H */
