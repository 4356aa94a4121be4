/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Quotas: what each user may have of the system
 *
 * A struct mbx_user stands for a real user id, system-wide. It exists while
 * somebody holds a reference: each object for its creator, each message for whom
 * it is charged to, each region memory for its creator, each mailbox handle for who
 * opened it, each spare for whom its last message was charged to, each request for its
 * caller and for who has its token, if these have not opened the file. Charges are made
 * before the thing exists and returned after it is gone, so that a user without
 * CAP_SYS_RESOURCE never has more than the limit; but for messages that go back to
 * a mailbox, see slow.h.
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

extern unsigned long mbx_quotas[MBX_QUOTAS];

/**
 * mbx_quota_limit - the limit in force
 * @what: of what
 */
static inline unsigned long mbx_quota_limit(enum mbx_quota what)
{
	return READ_ONCE(mbx_quotas[what]);
}

struct mbx_user *mbx_user_get(kuid_t uid);
void mbx_user_put(struct mbx_user *user);
int mbx_charge_beyond(struct mbx_user *user, enum mbx_quota what,
		      unsigned long amount);
unsigned long mbx_region_max_bytes(void);

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
static inline bool mbx_charge_within(struct mbx_user *user, enum mbx_quota what,
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
 * mbx_charge_anyway - charge a user, whatever the limit is
 * @user: the account
 * @what: for what
 * @amount: how much
 */
static inline void mbx_charge_anyway(struct mbx_user *user, enum mbx_quota what,
				     unsigned long amount)
{
	atomic_long_add(amount, &user->used[what]);
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
static inline int mbx_charge(struct mbx_user *user, enum mbx_quota what,
			     unsigned long amount)
{
	if (likely(mbx_charge_within(user, what, amount)))
		return 0;
	return mbx_charge_beyond(user, what, amount);
}

/**
 * mbx_uncharge - return a charge
 * @user: the account
 * @what: for what
 * @amount: how much
 */
static inline void mbx_uncharge(struct mbx_user *user, enum mbx_quota what,
				unsigned long amount)
{
	atomic_long_sub(amount, &user->used[what]);
}

#endif /* MBX_QUOTA_H */
