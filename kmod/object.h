/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An object: what mailboxes and regions have in common
 *
 * States and who may bring them about:
 *
 *   nascent   created, known to its creator only
 *   linked    has a name: others can open it       mbx_names_add()
 *   unlinked  has none (any more, or ever)         unlink, owner's exit, last
 *                                                  close, end of the namespace
 *   dead      its owner is gone (lifetime OWNER)   mbx_object_kill()
 *   freed     nobody refers to it                  mbx_object_put()
 *
 * A reference is held by each open file and, for the lifetime PERSIST, by the
 * name. The last one to go removes the name if it is still there; so a look-up
 * must take its reference with mbx_object_tryget() under RCU. Memory is freed
 * after a grace period, as look-ups compare names without a lock.
 *
 * Every object pins the module.
 *
 * Lock order, outermost first; no lock is held across a copy to or from user
 * space, but for the mutex of a region handle:
 *
 *   mbx_region_handle.read_lock          serializes read(2) on one open file
 *     mbx_names.lock                     names of a network namespace
 *     mbx_servers.lock                   processes that receive requests
 *       mbx_mailbox.lock                 queue and waiters of a mailbox
 *         mbx_tokens.table's lock        requests without a place of their own
 *         mbx_mailbox.poll_wq.lock       (looked at only; woken after unlock)
 *       processes_lock (process.c)       processes that are watched
 *       pid->wait_pidfd.lock             (entered by the one watch of a process)
 *     mbx_region.lock                    watches of a region
 *       mbx_region_handle.wq.lock        pollers of one open file
 *     users_lock (quota.c)               table of users
 *     mbx_spares.lock                    memory kept for messages
 *   data_vm_ops_lock (region_mem.c)      first mapping of a region's data
 */
#ifndef MBX_OBJECT_H
#define MBX_OBJECT_H

#include <linux/cred.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/seq_file.h>
#include <linux/types.h>
#include <uapi/linux/mbx.h>

struct mbx_names;
struct mbx_object;
struct mbx_user;

/**
 * struct mbx_object_ops - what a kind of object adds
 * @kind: which kind this is
 * @kill: the owner is gone: end blocked calls, hang up
 * @release: nobody refers to the object: give back all that it holds
 * @free: a grace period later: free the memory
 */
struct mbx_object_ops {
	enum mbx_kind kind;
	void (*kill)(struct mbx_object *obj);
	void (*release)(struct mbx_object *obj);
	void (*free)(struct mbx_object *obj);
};

/**
 * struct mbx_name - a name as the user gave it, checked
 * @text: the bytes, not NUL-terminated
 * @len: how many; 0 stands for no name
 */
struct mbx_name {
	const char *text;
	u32 len;
};

struct mbx_object {
	/* Constant after creation. */
	const struct mbx_object_ops *ops;
	struct user_namespace *user_ns;
	struct mbx_user *user; /* charged for the object */
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	u8 lifetime; /* enum mbx_lifetime, never the default */

	/* Constant once linked. */
	struct mbx_name name;
	struct mbx_names *names;

	/* Under names->lock. */
	bool linked;
	struct list_head names_link;
	struct rhash_head names_node;

	refcount_t ref;
	struct rcu_head rcu;
};

/**
 * struct mbx_object_attr - what a creator chooses for any kind of object
 * @mode: permission bits, 0 for the default, before the umask
 * @lifetime: enum mbx_lifetime
 */
struct mbx_object_attr {
	u32 mode;
	u32 lifetime;
};

int mbx_object_attr_check(const struct mbx_object_attr *attr, bool named);
int mbx_object_init(struct mbx_object *obj, const struct mbx_object_ops *ops,
		    const struct mbx_object_attr *attr,
		    const struct mbx_name *name);
void mbx_object_abort(struct mbx_object *obj);
bool mbx_object_tryget(struct mbx_object *obj);
void mbx_object_put(struct mbx_object *obj);
void mbx_object_kill(struct mbx_object *obj);
int mbx_object_permission(const struct mbx_object *obj, u32 open_flags);
int mbx_object_may_unlink(const struct mbx_object *obj);
bool mbx_object_unlink(struct mbx_object *obj);
u32 mbx_object_state(const struct mbx_object *obj, bool dead);
void mbx_object_show(struct seq_file *m, const struct mbx_object *obj);

#endif /* MBX_OBJECT_H */
