/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process of the team has when a sequence begins, and puts away after it
 */
#ifndef FUZZ_TABLE_H
#define FUZZ_TABLE_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

/* Before there is a team: the device, once for all teams. */
bool table_open_device(void);
/* In the first process, before there are others. */
bool table_init(void);
/* In the first process: a mailbox, a region, the device and two sockets. */
void table_fill(void);
/* The same for an actor with a process of its own, and in that process. */
void table_send(__u32 actor);
void table_receive(__u32 actor);
/* In the first process: what somebody who is dead has not received. */
void table_take_back(__u32 actor);
/* In each: close and unmap everything, end the children. */
void table_clear(void);

/* A child that table_clear() has to end. */
void table_add_child(pid_t pid);

#endif /* FUZZ_TABLE_H */
