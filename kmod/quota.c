// SPDX-License-Identifier: GPL-2.0-only
/* Users and what they are charged for. */
#include <linux/capability.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "quota.h"

unsigned long mbx_quotas[MBX_QUOTAS] = {
	[MBX_QUOTA_OBJECTS] = 4096,
	[MBX_QUOTA_MSG_BYTES] = 64UL << 20,
	[MBX_QUOTA_REGION_BYTES] = 1UL << 30,
};

module_param_named(quota_objects, mbx_quotas[MBX_QUOTA_OBJECTS], ulong, 0644);
MODULE_PARM_DESC(quota_objects, "Objects that a user may have");

module_param_named(quota_msg_bytes, mbx_quotas[MBX_QUOTA_MSG_BYTES], ulong,
		   0644);
MODULE_PARM_DESC(quota_msg_bytes,
		 "Bytes that a user may have queued, with overhead");

module_param_named(quota_region_bytes, mbx_quotas[MBX_QUOTA_REGION_BYTES],
		   ulong, 0644);
MODULE_PARM_DESC(quota_region_bytes, "Bytes of regions that a user may have");

static unsigned long region_max_bytes = 1UL << 30;
module_param(region_max_bytes, ulong, 0644);
MODULE_PARM_DESC(region_max_bytes,
		 "Size of the largest region, whoever creates it");

static DEFINE_HASHTABLE(users, 6);
static DEFINE_SPINLOCK(users_lock);

/**
 * mbx_region_max_bytes - size of the largest region in force
 */
unsigned long mbx_region_max_bytes(void)
{
	return READ_ONCE(region_max_bytes);
}

static struct mbx_user *find_account(kuid_t uid)
{
	struct mbx_user *user;

	lockdep_assert_held(&users_lock);
	hash_for_each_possible(users, user, node, __kuid_val(uid)) {
		if (uid_eq(user->uid, uid)) {
			refcount_inc(&user->ref);
			return user;
		}
	}
	return NULL;
}

/**
 * mbx_user_get - the account of a user, made if need be
 * @uid: whose
 *
 * Return: the account, with a reference taken, or NULL without memory.
 */
struct mbx_user *mbx_user_get(kuid_t uid)
{
	struct mbx_user *user, *fresh;

	spin_lock(&users_lock);
	user = find_account(uid);
	spin_unlock(&users_lock);
	if (user)
		return user;

	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL_ACCOUNT);
	if (!fresh)
		return NULL;
	fresh->uid = uid;
	refcount_set(&fresh->ref, 1);

	spin_lock(&users_lock);
	user = find_account(uid);
	if (!user)
		hash_add(users, &fresh->node, __kuid_val(uid));
	spin_unlock(&users_lock);
	if (!user)
		return fresh;
	kfree(fresh);
	return user;
}

/**
 * mbx_user_put - drop a reference
 * @user: the account
 */
void mbx_user_put(struct mbx_user *user)
{
	/* Anybody who can find it under the lock revives it. */
	if (refcount_dec_not_one(&user->ref))
		return;
	spin_lock(&users_lock);
	if (refcount_dec_and_test(&user->ref))
		hash_del(&user->node);
	else
		user = NULL;
	spin_unlock(&users_lock);
	kfree(user);
}

/**
 * mbx_charge_beyond - charge a user beyond the limit, if the current task may
 * @user: the account
 * @what: for what
 * @amount: how much
 *
 * Return: 0 or -EDQUOT.
 */
int mbx_charge_beyond(struct mbx_user *user, enum mbx_quota what,
		      unsigned long amount)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EDQUOT;
	mbx_charge_anyway(user, what, amount);
	return 0;
}
