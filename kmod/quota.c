// SPDX-License-Identifier: GPL-2.0-only
/* Users and what they are charged for. */
#include <linux/capability.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "quota.h"

static unsigned long quota_objects = 4096;
module_param(quota_objects, ulong, 0644);
MODULE_PARM_DESC(quota_objects, "Objects that a user may have");

static unsigned long quota_msg_bytes = 64UL << 20;
module_param(quota_msg_bytes, ulong, 0644);
MODULE_PARM_DESC(quota_msg_bytes,
		 "Bytes that a user may have queued, with overhead");

static unsigned long quota_region_bytes = 1UL << 30;
module_param(quota_region_bytes, ulong, 0644);
MODULE_PARM_DESC(quota_region_bytes, "Bytes of regions that a user may have");

static unsigned long region_max_bytes = 1UL << 30;
module_param(region_max_bytes, ulong, 0644);
MODULE_PARM_DESC(region_max_bytes,
		 "Size of the largest region, whoever creates it");

static DEFINE_HASHTABLE(users, 6);
static DEFINE_SPINLOCK(users_lock);

/**
 * mbx_quota_limit - the limit in force
 * @what: of what
 */
unsigned long mbx_quota_limit(enum mbx_quota what)
{
	switch (what) {
	case MBX_QUOTA_OBJECTS:
		return READ_ONCE(quota_objects);
	case MBX_QUOTA_MSG_BYTES:
		return READ_ONCE(quota_msg_bytes);
	default:
		return READ_ONCE(quota_region_bytes);
	}
}

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
 * mbx_charge_within - charge a user, within the limit, whoever asks
 * @user: the account
 * @what: for what
 * @amount: how much
 *
 * A charge that fails is never visible to others, not even for a moment.
 *
 * Return: whether it was within the limit.
 */
bool mbx_charge_within(struct mbx_user *user, enum mbx_quota what,
		       unsigned long amount)
{
	unsigned long limit = mbx_quota_limit(what);
	long used = atomic_long_read(&user->used[what]);

	do {
		if (amount > limit || (unsigned long)used > limit - amount)
			return false;
	} while (!atomic_long_try_cmpxchg(&user->used[what], &used,
					  used + amount));
	return true;
}

/**
 * mbx_charge - charge a user for what the current task does
 * @user: the account
 * @what: for what
 * @amount: how much
 *
 * CAP_SYS_RESOURCE passes the limit.
 *
 * Return: 0 or -EDQUOT.
 */
int mbx_charge(struct mbx_user *user, enum mbx_quota what, unsigned long amount)
{
	if (mbx_charge_within(user, what, amount))
		return 0;
	if (!capable(CAP_SYS_RESOURCE))
		return -EDQUOT;
	mbx_charge_anyway(user, what, amount);
	return 0;
}

/**
 * mbx_charge_anyway - charge a user, whatever the limit is
 * @user: the account
 * @what: for what
 * @amount: how much
 */
void mbx_charge_anyway(struct mbx_user *user, enum mbx_quota what,
		       unsigned long amount)
{
	atomic_long_add(amount, &user->used[what]);
}

/**
 * mbx_uncharge - return a charge
 * @user: the account
 * @what: for what
 * @amount: how much
 */
void mbx_uncharge(struct mbx_user *user, enum mbx_quota what,
		  unsigned long amount)
{
	atomic_long_sub(amount, &user->used[what]);
}
