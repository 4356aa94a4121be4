/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Direct mailboxes: a mailbox that is bound to a process
 *
 * They stand in a table of names like any other object; the name is the address
 * of the process's struct pid, which stays the same and is not reused as long as
 * the mailbox holds a reference to it. So a later process with the same number
 * is not found under it.
 *
 * A watch on the struct pid's own wait queue tells when the process has ended,
 * however many copies of the descriptor live on; the mailbox then dies, from a
 * work item, as the queue is woken in no state to do it at once. It also dies
 * when the process goes on as a program with other rights.
 */
#ifndef MBX_DIRECT_H
#define MBX_DIRECT_H

#include <linux/types.h>

struct mbx_direct;
struct mbx_name;
struct mbx_names;
struct mbx_object;
struct pid;

struct mbx_direct *mbx_direct_create(struct mbx_object *obj);
void mbx_direct_destroy(struct mbx_direct *direct);
bool mbx_direct_check(struct mbx_direct *direct);
void mbx_direct_announce(struct pid *pid);

struct pid *mbx_direct_target(s32 target, bool pidfd);
struct mbx_object *mbx_direct_find(struct pid *pid);
struct mbx_object *mbx_direct_lookup(struct pid *pid, bool wait,
				     u64 deadline_ns);
void mbx_direct_name(struct pid *const *pid, struct mbx_name *name);
struct mbx_names *mbx_direct_names(void);

int mbx_direct_init(void);
void mbx_direct_exit(void);

#endif /* MBX_DIRECT_H */
