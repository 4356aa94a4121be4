/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quotas: what each user may have of the system
 *
 * A struct mbx_user stands for a real user id, system-wide. It exists while
 * somebody holds a reference: each object for its creator, each message for its
 * sender, each region memory for its creator, each mailbox handle for who
 * opened it. Charges are made before the thing exists and returned after it is
 * gone, so that a user without CAP_SYS_RESOURCE never has more than the limit.
 */
#ifndef MBX_QUOTA_H
#define MBX_QUOTA_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/uidgid.h>

enum mbx_quota {
	MBX_QUOTA_OBJECTS,
	MBX_QUOTA_MSG_BYTES,
	MBX_QUOTA_REGION_BYTES,
	MBX_QUOTAS
};

struct mbx_user {
	struct hlist_node node; /* under users_lock */
	kuid_t uid; /* constant */
	refcount_t ref;
	atomic_long_t used[MBX_QUOTAS];
};

static inline struct mbx_user *mbx_user_ref(struct mbx_user *user)
{
	refcount_inc(&user->ref);
	return user;
}

struct mbx_user *mbx_user_get(kuid_t uid);
void mbx_user_put(struct mbx_user *user);
int mbx_charge(struct mbx_user *user, enum mbx_quota what,
	       unsigned long amount);
bool mbx_charge_within(struct mbx_user *user, enum mbx_quota what,
		       unsigned long amount);
void mbx_charge_anyway(struct mbx_user *user, enum mbx_quota what,
		       unsigned long amount);
void mbx_uncharge(struct mbx_user *user, enum mbx_quota what,
		  unsigned long amount);
unsigned long mbx_quota_limit(enum mbx_quota what);
unsigned long mbx_region_max_bytes(void);

#endif /* MBX_QUOTA_H */
