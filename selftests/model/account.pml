/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Accounts of users, and charging them (kmod/quota.c)
 *
 * Three threads of one user look its account up, making it if need be, charge
 * it, return the charge and drop the account. Two of them want 2, of which the
 * limit of 3 allows one at a time; the third wants 1, for which there is always
 * room. All that they share is changed by atomic operations or under a lock.
 *
 * To hold:
 * - an account is used only while it exists, and none is left over;
 * - a user has one account, not two that would each have the whole limit;
 * - no more than the limit is charged, and what one attempts in vain does not
 *   make another fail;
 * - in the end nothing is charged.
 *
 * Code:
 *   kmod/quota.c find_account()
 *     refcount_inc(&user->ref);
 *   kmod/quota.c mbx_user_get()
 *     spin_lock(&users_lock); user = find_account(uid);
 *     spin_unlock(&users_lock); if (user) return user;
 *     refcount_set(&fresh->ref, 1);
 *     spin_lock(&users_lock); user = find_account(uid);
 *     if (!user) hash_add(users, &fresh->node, __kuid_val(uid));
 *     spin_unlock(&users_lock); if (!user) return fresh;
 *     kfree(fresh);
 *   kmod/quota.c mbx_user_put()
 *     if (refcount_dec_not_one(&user->ref)) return;
 *     spin_lock(&users_lock);
 *     if (refcount_dec_and_test(&user->ref)) hash_del(&user->node);
 *     else user = NULL; spin_unlock(&users_lock); kfree(user);
 *   kmod/quota.h mbx_charge_within()
 *     long used = atomic_long_read(&user->used[what]);
 *     if (amount > limit || (unsigned long)used > limit - amount) return false;
 *     while (!atomic_long_try_cmpxchg(&user->used[what], &used, used + amount));
 *   kmod/quota.h mbx_uncharge()
 *     atomic_long_sub(amount, &user->used[what]);
 *
 * Mutants:
 *   not_looked_again table==account
 *   dropped_without_the_lock freed[account]
 *   charged_then_taken_back charged||(amount>1)
 *   charged_without_comparing used[n]==0
 */
#define THREADS 3
#define LIMIT 3
#define ACCOUNTS 6
#define NONE 15

byte lock;				/* users_lock */
byte table = NONE;			/* users */
byte made;
byte refs[ACCOUNTS];
byte used[ACCOUNTS];
bool freed[ACCOUNTS];

#define touch(a) assert(!freed[a])

inline spin_lock()
{
	atomic { lock == 0 -> lock = 1 }
}

inline spin_unlock()
{
	lock = 0
}

inline free(a)
{
	atomic { touch(a); freed[a] = true }
}

/* find_account() */
inline find_account()
{
	if
	:: table != NONE ->
		account = table;
		touch(account);
		refs[account]++
	:: else ->
		account = NONE
	fi
}

/* mbx_user_get() */
inline user_get()
{
	spin_lock();
	find_account();
	spin_unlock();
	if
	:: account == NONE ->
		atomic { fresh = made; made++; refs[fresh] = 1 };
		spin_lock();
#ifndef MUTANT_not_looked_again
		find_account();
#endif
		if
		:: account == NONE ->
			table = fresh;
			account = fresh;
			spin_unlock()
		:: else ->
			spin_unlock();
			free(fresh)
		fi;
		fresh = 0
	:: else
	fi
}

/* mbx_user_put() */
inline user_put()
{
	atomic {
		touch(account);
#ifdef MUTANT_dropped_without_the_lock
		refs[account]--;
		last = refs[account] == 0
#else
		/* refcount_dec_not_one() */
		last = refs[account] == 1;
		if
		:: !last -> refs[account]--
		:: else
		fi
#endif
	}
	if
	:: last ->
		spin_lock();
#ifndef MUTANT_dropped_without_the_lock
		/* refcount_dec_and_test() */
		atomic {
			touch(account);
			refs[account]--;
			last = refs[account] == 0
		}
#endif
		if
		:: last -> table = NONE
		:: else
		fi;
		spin_unlock();
		if
		:: last -> free(account)
		:: else
		fi
	:: else
	fi
}

/* mbx_charge_within() */
inline charge()
{
#ifdef MUTANT_charged_then_taken_back
	atomic { used[account] = used[account] + amount; seen = used[account] };
	charged = seen <= LIMIT;
	if
	:: !charged -> used[account] = used[account] - amount
	:: else
	fi;
#else
	seen = used[account];
	do
	:: seen + amount > LIMIT ->
		break
#ifdef MUTANT_charged_without_comparing
	:: else ->
		used[account] = seen + amount;
		charged = true;
		break
#else
	:: else ->
		/* atomic_long_try_cmpxchg() */
		atomic {
			if
			:: used[account] == seen ->
				used[account] = seen + amount;
				charged = true;
				break
			:: else ->
				seen = used[account]
			fi
		}
#endif
	od;
#endif
	assert(used[account] <= LIMIT || !charged);
	seen = 0
}

proctype thread(byte amount)
{
	byte account, fresh, seen;
	bool last, charged;

	user_get();
	touch(account);
	assert(table == account);
	charge();
	touch(account);
	assert(charged || amount > 1);
	if
	:: charged ->
		/* mbx_uncharge() */
		used[account] = used[account] - amount
	:: else
	fi;
	user_put()
}

init {
	byte n;

	atomic {
		run thread(1);
		run thread(2);
		run thread(2)
	}
	_nr_pr == 1;
	assert(table == NONE);
	do
	:: n < made ->
		assert(freed[n] && refs[n] <= 1 && used[n] == 0);
		n++
	:: else ->
		break
	od
}
