// SPDX-License-Identifier: GPL-2.0-only
/* Making and freeing messages. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "message.h"
#include "quota.h"
#include "request.h"
#include "spare.h"

#define SPARES_LOOKED_AT 4

/*
 * Without memory a sender is to get an error, not to set the OOM killer on its
 * cgroup: hence RETRY_MAYFAIL.
 */
#define MSG_GFP (GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Contiguous pages are not worth an effort: kvmalloc() would make one here. */
static void *alloc_memory(size_t size)
{
	void *memory;

	if (size <= PAGE_SIZE)
		return kmalloc(size, MSG_GFP);
	memory = kmalloc(size,
			 GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN);
	return memory ?: __vmalloc(size, MSG_GFP);
}

static unsigned long charge_of(u32 len)
{
	return (unsigned long)len + MBX_MSG_OVERHEAD;
}

/* The account is named already. Field by field: an assignment makes calls. */
static void fill_in(struct mbx_msg *msg, u32 len)
{
	INIT_LIST_HEAD(&msg->link);
	msg->seq = 0;
	msg->time_ns = 0;
	msg->deliveries = 0;
	msg->queued = false;
	msg->prio = 0;
	msg->flags = 0;
	msg->tag = 0;
	msg->pid = get_pid(task_tgid(current));
	msg->request = NULL;
	msg->uid = current_euid();
	msg->gid = current_egid();
	msg->len = len;
	refcount_set(&msg->ref, 1);
}

/* Tasks of different groups who talk find their own among the first. */
static struct mbx_msg *find_spare(struct mbx_spares *spares)
{
	u64 memcg = mbx_memcg();
	u32 looks = SPARES_LOOKED_AT;
	struct mbx_msg *msg;

	lockdep_assert_held(&spares->lock);
	hlist_for_each_entry(msg, &spares->list, spare) {
		if (likely(msg->memcg == memcg))
			return msg;
		if (!--looks)
			break;
	}
	return NULL;
}

static void free_memory(struct mbx_msg *msg)
{
	mbx_user_put(msg->user);
	kvfree(msg);
}

static void take_out(struct mbx_spares *spares, struct mbx_msg *msg)
{
	lockdep_assert_held(&spares->lock);
	__hlist_del(&msg->spare);
	WRITE_ONCE(spares->count, spares->count - 1);
}

static struct mbx_msg *take_spare(struct mbx_spares *spares)
{
	struct mbx_msg *msg, *foreign = NULL;

	spin_lock(&spares->lock);
	msg = find_spare(spares);
	if (msg) {
		take_out(spares, msg);
	} else if (spares->count == MBX_SPARES_MAX) {
		/* Those of groups that are gone must not keep others out. */
		foreign =
			hlist_entry(spares->list.first, struct mbx_msg, spare);
		take_out(spares, foreign);
	}
	spin_unlock(&spares->lock);
	if (foreign)
		free_memory(foreign);
	return msg;
}

static struct mbx_msg *make(struct mbx_spares *spares, u32 len)
{
	bool small = len <= MBX_SPARE_LEN;
	struct mbx_msg *msg;
	u64 memcg;

	msg = small && READ_ONCE(spares->count) ? take_spare(spares) : NULL;
	if (msg)
		return msg;
	memcg = mbx_memcg();
	msg = alloc_memory(struct_size(msg, data, small ? MBX_SPARE_LEN : len));
	if (!msg)
		return NULL;
	msg->small = small;
	/* The task may have been moved meanwhile. */
	msg->memcg = memcg == mbx_memcg() ? memcg : MBX_NO_MEMCG;
	msg->user = NULL;
	return msg;
}

static void name_account(struct mbx_msg *msg, struct mbx_user *user)
{
	if (likely(msg->user == user))
		return;
	if (msg->user)
		mbx_user_put(msg->user);
	msg->user = mbx_user_ref(user);
}

/**
 * mbx_msg_alloc - make a message from the current task
 * @spares: of the mailbox that it is for
 * @user: the account to charge
 * @len: bytes of payload, at most MBX_MSG_SIZE_MAX; the payload is not filled in
 *
 * Return: the message with one reference, or -EDQUOT or -ENOMEM as an error
 * pointer.
 */
struct mbx_msg *mbx_msg_alloc(struct mbx_spares *spares, struct mbx_user *user,
			      u32 len)
{
	struct mbx_msg *msg;
	int err;

	err = mbx_charge(user, MBX_QUOTA_MSG_BYTES, charge_of(len));
	if (err)
		return ERR_PTR(err);
	msg = make(spares, len);
	if (!msg) {
		mbx_uncharge(user, MBX_QUOTA_MSG_BYTES, charge_of(len));
		return ERR_PTR(-ENOMEM);
	}
	name_account(msg, user);
	fill_in(msg, len);
	return msg;
}

/**
 * mbx_msg_charge_to - let another user answer for a message
 * @msg: a message that nobody else has seen
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
	unsigned long amount = charge_of(msg->len);
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

/* Give back all but the memory and the reference to the account. */
static void clear(struct mbx_msg *msg)
{
	if (msg->request)
		mbx_request_put(msg->request);
	put_pid(msg->pid);
	mbx_uncharge(msg->user, MBX_QUOTA_MSG_BYTES, charge_of(msg->len));
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

/**
 * mbx_msg_recycle - drop a reference; the last one makes the message a spare
 * @spares: of the mailbox through which it came
 * @msg: the message
 */
void mbx_msg_recycle(struct mbx_spares *spares, struct mbx_msg *msg)
{
	bool kept = false;

	if (!refcount_dec_and_test(&msg->ref))
		return;
	clear(msg);
	if (msg->small && !want_init_on_free() &&
	    READ_ONCE(spares->count) < MBX_SPARES_MAX) {
		spin_lock(&spares->lock);
		if (likely(spares->count < MBX_SPARES_MAX)) {
			hlist_add_head(&msg->spare, &spares->list);
			WRITE_ONCE(spares->count, spares->count + 1);
			kept = true;
		}
		spin_unlock(&spares->lock);
	}
	if (!kept)
		free_memory(msg);
}

/**
 * mbx_spares_destroy - free all spares
 * @spares: those of a mailbox that nobody uses any more
 */
void mbx_spares_destroy(struct mbx_spares *spares)
{
	struct hlist_node *next;
	struct mbx_msg *msg;

	hlist_for_each_entry_safe(msg, next, &spares->list, spare)
		free_memory(msg);
	INIT_HLIST_HEAD(&spares->list);
}
