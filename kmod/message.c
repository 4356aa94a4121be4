// SPDX-License-Identifier: GPL-2.0-only
/* Making and freeing messages. */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "message.h"
#include "quota.h"
#include "request.h"
#include "spare.h"

#define SPARES_LOOKED_AT 4

static void free_memory(struct mbx_msg *msg)
{
	if (msg->user)
		mbx_user_put(msg->user);
	put_pid(msg->pid);
	kfree(msg);
}

static __always_inline struct mbx_msg *take_at(struct mbx_spares *spares,
					       struct mbx_msg **link)
{
	struct mbx_msg *msg = *link;

	lockdep_assert_held(&spares->lock);
	*link = msg->next_spare;
	WRITE_ONCE(spares->count, spares->count - 1);
	return msg;
}

/* The first ones, as long as they are of one group. */
static __always_inline u32 take_first(struct mbx_spares *spares, u64 memcg,
				      struct mbx_msg **msgs, u32 count)
{
	struct mbx_msg *msg = spares->first;
	u32 n = 0;

	lockdep_assert_held(&spares->lock);
	while (n < count && msg && likely(msg->memcg == memcg)) {
		msgs[n++] = msg;
		msg = msg->next_spare;
	}
	spares->first = msg;
	WRITE_ONCE(spares->count, spares->count - n);
	return n;
}

/*
 * Tasks of different groups who talk find their own among the first. If there is
 * none, @foreign may be one that has been taken out instead: those of groups that
 * are gone must leave room for a handful of others.
 */
static noinline struct mbx_msg *take_behind(struct mbx_spares *spares,
					    u64 memcg, struct mbx_msg **foreign)
{
	struct mbx_msg **link = &spares->first;
	u32 looks = SPARES_LOOKED_AT;

	lockdep_assert_held(&spares->lock);
	for (; *link && looks--; link = &(*link)->next_spare) {
		if ((*link)->memcg == memcg)
			return take_at(spares, link);
	}
	if (spares->count > MBX_SPARES_MAX - MBX_HANDFUL)
		*foreign = take_at(spares, &spares->first);
	return NULL;
}

/**
 * mbx_spares_take - take spares that the current task may have
 * @spares: of a mailbox
 * @msgs: out: the spares
 * @count: how many at most, at least one
 *
 * Return: how many. They are for mbx_msg_alloc(), or go back by mbx_spares_give().
 */
u32 mbx_spares_take(struct mbx_spares *spares, struct mbx_msg **msgs, u32 count)
{
	struct mbx_msg *msg, *foreign = NULL;
	u64 memcg;
	u32 n;

	if (!READ_ONCE(spares->count))
		return 0;
	spin_lock(&spares->lock);
	memcg = mbx_memcg_locked();
	n = take_first(spares, memcg, msgs, count);
	while (unlikely(n < count && spares->count)) {
		msg = take_behind(spares, memcg, &foreign);
		if (!msg)
			break;
		msgs[n++] = msg;
	}
	spin_unlock(&spares->lock);
	if (unlikely(foreign))
		free_memory(foreign);
	return n;
}

/* By itself, so that the usual way has no variable that the stack is guarded for. */
static noinline struct mbx_msg *take_other(struct mbx_spares *spares)
{
	struct mbx_msg *msg;

	return mbx_spares_take(spares, &msg, 1) ? msg : NULL;
}

/*
 * Two processes that talk through one mailbox are to have a spare each, so that none
 * has to become the other's. The first one is another process's, of the same group;
 * or nobody's, as those are that come from other pid namespaces.
 */
static __always_inline struct mbx_msg *take_own(struct mbx_spares *spares)
{
	struct mbx_msg *first = spares->first, *second = first->next_spare;

	lockdep_assert_held(&spares->lock);
	if (!second)
		return first->pid ? NULL : take_at(spares, &spares->first);
	if (second->pid == task_tgid(current) && second->memcg == first->memcg)
		return take_at(spares, &first->next_spare);
	return take_at(spares, &spares->first);
}

/**
 * mbx_spare_take - take one spare
 * @spares: of a mailbox
 *
 * Return: as for mbx_spares_take(); or NULL if there is none, or only one that
 * another process has left.
 */
struct mbx_msg *mbx_spare_take(struct mbx_spares *spares)
{
	struct mbx_msg *msg;

	if (!READ_ONCE(spares->count))
		return NULL;
	spin_lock(&spares->lock);
	msg = spares->first;
	if (unlikely(!msg || msg->memcg != mbx_memcg_locked())) {
		spin_unlock(&spares->lock);
		return take_other(spares);
	}
	msg = likely(msg->pid == task_tgid(current)) ?
		      take_at(spares, &spares->first) :
		      take_own(spares);
	spin_unlock(&spares->lock);
	return msg;
}

static struct mbx_msg *make_new(void)
{
	u64 memcg = mbx_memcg();
	struct mbx_msg *msg = mbx_msg_kmalloc(sizeof(*msg));

	if (!msg)
		return NULL;
	/* The task may have been moved meanwhile. */
	msg->memcg = memcg == mbx_memcg() ? memcg : MBX_NO_MEMCG;
	msg->user = NULL;
	msg->pid = NULL;
	return msg;
}

/**
 * mbx_msg_change_sender - make a message another sender's
 * @msg: a message in the caller's hands, in no queue
 * @user: the account
 * @pid: the process
 */
void mbx_msg_change_sender(struct mbx_msg *msg, struct mbx_user *user,
			   struct pid *pid)
{
	if (msg->user != user) {
		if (msg->user)
			mbx_user_put(msg->user);
		msg->user = mbx_user_ref(user);
	}
	if (msg->pid != pid) {
		put_pid(msg->pid);
		msg->pid = get_pid(pid);
	}
}

/**
 * mbx_msg_charge_to - let another user answer for a message
 * @msg: a message in the caller's hands, in no queue
 * @user: the account
 * @exempt: charge it even beyond its limit
 * @exceeded: out: that was done
 * @before: out: the account that is no longer charged, whose reference is the
 *	caller's; or NULL
 *
 * Return: 0, or -EDQUOT and nothing has changed.
 */
int mbx_msg_charge_to(struct mbx_msg *msg, struct mbx_user *user, bool exempt,
		      bool *exceeded, struct mbx_user **before)
{
	unsigned long amount = mbx_msg_charge(msg->len);
	bool fits;

	*before = NULL;
	*exceeded = false;
	if (msg->user == user)
		return 0;
	fits = mbx_charge_within(user, MBX_QUOTA_MSG_BYTES, amount);
	if (!fits && !exempt)
		return -EDQUOT;
	*exceeded = !fits;
	if (!fits)
		mbx_charge_anyway(user, MBX_QUOTA_MSG_BYTES, amount);
	*before = msg->user;
	mbx_uncharge(*before, MBX_QUOTA_MSG_BYTES, amount);
	msg->user = mbx_user_ref(user);
	return 0;
}

/* Give back all but what a spare keeps. */
static __always_inline void clear(struct mbx_msg *msg)
{
	if (unlikely(msg->request))
		mbx_request_put(msg->request);
	if (unlikely(msg->len > MBX_INLINE_LEN))
		mbx_payload_free(&msg->far, msg->len);
	/* It would keep a pid namespace, and what that refers to. */
	if (unlikely(msg->pid->level)) {
		put_pid(msg->pid);
		msg->pid = NULL;
	}
	mbx_uncharge(msg->user, MBX_QUOTA_MSG_BYTES, mbx_msg_charge(msg->len));
}

/**
 * mbx_msg_put - drop a reference; the last one frees the message
 * @msg: the message, or NULL
 */
void mbx_msg_put(struct mbx_msg *msg)
{
	if (!msg || !refcount_dec_and_test(&msg->ref))
		return;
	clear(msg);
	free_memory(msg);
}

static bool may_keep(const struct mbx_spares *spares)
{
	return !want_init_on_free() &&
	       READ_ONCE(spares->count) < MBX_SPARES_MAX;
}

static __always_inline bool keep(struct mbx_spares *spares, struct mbx_msg *msg)
{
	lockdep_assert_held(&spares->lock);
	if (unlikely(spares->count >= MBX_SPARES_MAX))
		return false;
	msg->next_spare = spares->first;
	spares->first = msg;
	WRITE_ONCE(spares->count, spares->count + 1);
	return true;
}

/**
 * mbx_msg_recycle - drop a reference; the last one makes a spare of the message
 * @spares: of the mailbox through which it came
 * @msg: the message
 */
void mbx_msg_recycle(struct mbx_spares *spares, struct mbx_msg *msg)
{
	bool kept = false;

	if (unlikely(!refcount_dec_and_test(&msg->ref)))
		return;
	clear(msg);
	if (likely(may_keep(spares))) {
		spin_lock(&spares->lock);
		kept = keep(spares, msg);
		spin_unlock(&spares->lock);
	}
	if (unlikely(!kept))
		free_memory(msg);
}

/**
 * mbx_spares_give - add to the spares, as far as there is room
 * @spares: of a mailbox
 * @msgs: memory of messages that nobody refers to
 * @count: how many
 */
void mbx_spares_give(struct mbx_spares *spares, struct mbx_msg **msgs,
		     u32 count)
{
	u32 kept = 0;

	if (count && may_keep(spares)) {
		spin_lock(&spares->lock);
		while (kept < count && keep(spares, msgs[kept]))
			kept++;
		spin_unlock(&spares->lock);
	}
	for (; kept < count; kept++)
		free_memory(msgs[kept]);
}

/**
 * mbx_msg_alloc_failed - there is no memory for what is charged already
 * @spares: of the mailbox that the message was for
 * @msg: the message without a payload, or NULL; back among the spares
 * @user: the account that is charged
 * @len: bytes of payload
 *
 * Return: -ENOMEM as an error pointer.
 */
struct mbx_msg *mbx_msg_alloc_failed(struct mbx_spares *spares,
				     struct mbx_msg *msg, struct mbx_user *user,
				     u32 len)
{
	mbx_uncharge(user, MBX_QUOTA_MSG_BYTES, mbx_msg_charge(len));
	mbx_spares_give(spares, &msg, !!msg);
	return ERR_PTR(-ENOMEM);
}

/**
 * mbx_msg_prepare - memory for a message and its charge, without a spare or quota
 * @spares: of the mailbox that it is for
 * @spare: one of them to make it of, or NULL; back among them in case of an error
 * @user: the account to charge
 * @len: bytes of payload, for which there is no memory yet
 *
 * Return: the memory; or -EDQUOT or -ENOMEM as an error pointer, and nothing is
 * charged.
 */
struct mbx_msg *mbx_msg_prepare(struct mbx_spares *spares,
				struct mbx_msg *spare, struct mbx_user *user,
				u32 len)
{
	int err = mbx_charge(user, MBX_QUOTA_MSG_BYTES, mbx_msg_charge(len));

	if (unlikely(err)) {
		mbx_spares_give(spares, &spare, !!spare);
		return ERR_PTR(err);
	}
	return spare			  ?:
		       make_new()	  ?:
		       take_other(spares) ?:
		       mbx_msg_alloc_failed(spares, NULL, user, len);
}

/**
 * mbx_msg_copy - make a message like another one, for another user to answer for
 * @spares: of the mailbox through which it came
 * @msg: the other one
 * @user: the account to charge
 *
 * Return: the message with one reference, or -EDQUOT or -ENOMEM as an error
 * pointer.
 */
struct mbx_msg *mbx_msg_copy(struct mbx_spares *spares, struct mbx_msg *msg,
			     struct mbx_user *user)
{
	struct mbx_msg *copy = mbx_msg_alloc(spares, NULL, user, msg->len);

	if (IS_ERR(copy))
		return copy;
	put_pid(copy->pid);
	copy->pid = get_pid(msg->pid);
	copy->uid = msg->uid;
	copy->gid = msg->gid;
	copy->seq = msg->seq;
	copy->time_ns = msg->time_ns;
	copy->prio = msg->prio;
	copy->flags = msg->flags | (msg->request ? MBX_MSG_CALL : 0);
	copy->tag = msg->tag;
	memcpy(mbx_msg_data(copy), mbx_msg_data(msg), msg->len);
	return copy;
}

/**
 * mbx_msgs_recycle - mbx_msg_recycle() for several
 * @spares: of the mailbox through which they came
 * @msgs: the messages; the array is changed
 * @count: how many
 */
void mbx_msgs_recycle(struct mbx_spares *spares, struct mbx_msg **msgs,
		      u32 count)
{
	u32 i, left = 0;

	for (i = 0; i < count; i++) {
		if (unlikely(!refcount_dec_and_test(&msgs[i]->ref)))
			continue;
		clear(msgs[i]);
		msgs[left++] = msgs[i];
	}
	mbx_spares_give(spares, msgs, left);
}

/**
 * mbx_spares_destroy - free all spares
 * @spares: those of a mailbox that nobody uses any more
 */
void mbx_spares_destroy(struct mbx_spares *spares)
{
	struct mbx_msg *msg;

	while ((msg = spares->first)) {
		spares->first = msg->next_spare;
		free_memory(msg);
	}
	spares->count = 0;
}
