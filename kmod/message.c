// SPDX-License-Identifier: GPL-2.0-only
/* Making and freeing messages. */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "message.h"
#include "quota.h"
#include "request.h"

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

/* Field by field: the compiler makes calls of an assignment of the whole. */
static void fill_in(struct mbx_msg *msg, struct mbx_user *user, u32 len)
{
	INIT_LIST_HEAD(&msg->link);
	msg->queued = false;
	msg->deliveries = 0;
	msg->seq = 0;
	msg->time_ns = 0;
	msg->tag = 0;
	msg->pid = get_pid(task_tgid(current));
	msg->user = user;
	msg->request = NULL;
	msg->uid = current_euid();
	msg->gid = current_egid();
	msg->len = len;
	msg->prio = 0;
	msg->flags = 0;
	refcount_set(&msg->ref, 1);
}

/**
 * mbx_msg_alloc - make a message from the current task
 * @user: the account to charge; on success the reference goes to the message
 * @len: bytes of payload, at most MBX_MSG_SIZE_MAX; the payload is not filled in
 *
 * Return: the message with one reference, or -EDQUOT or -ENOMEM as an error
 * pointer.
 */
struct mbx_msg *mbx_msg_alloc(struct mbx_user *user, u32 len)
{
	struct mbx_msg *msg;
	int err;

	err = mbx_charge(user, MBX_QUOTA_MSG_BYTES, charge_of(len));
	if (err)
		return ERR_PTR(err);
	msg = alloc_memory(struct_size(msg, data, len));
	if (!msg) {
		mbx_uncharge(user, MBX_QUOTA_MSG_BYTES, charge_of(len));
		return ERR_PTR(-ENOMEM);
	}
	fill_in(msg, user, len);
	return msg;
}

/**
 * mbx_msg_charge_to - let another user answer for a message
 * @msg: a message that nobody else has seen
 * @user: the account
 * @exempt: charge it even beyond its limit
 * @before: out: the account that is no longer charged, whose reference is the
 *	caller's; or NULL
 *
 * Return: 0, or -EDQUOT and nothing has changed.
 */
int mbx_msg_charge_to(struct mbx_msg *msg, struct mbx_user *user, bool exempt,
		      struct mbx_user **before)
{
	unsigned long amount = charge_of(msg->len);

	*before = NULL;
	if (msg->user == user)
		return 0;
	if (exempt)
		mbx_charge_anyway(user, MBX_QUOTA_MSG_BYTES, amount);
	else if (!mbx_charge_within(user, MBX_QUOTA_MSG_BYTES, amount))
		return -EDQUOT;
	*before = msg->user;
	mbx_uncharge(*before, MBX_QUOTA_MSG_BYTES, amount);
	msg->user = mbx_user_ref(user);
	return 0;
}

/**
 * mbx_msg_put - drop a reference; the last one frees the message
 * @msg: the message, or NULL
 */
void mbx_msg_put(struct mbx_msg *msg)
{
	if (!msg || !refcount_dec_and_test(&msg->ref))
		return;
	mbx_request_put(msg->request);
	put_pid(msg->pid);
	mbx_uncharge(msg->user, MBX_QUOTA_MSG_BYTES, charge_of(msg->len));
	mbx_user_put(msg->user);
	kvfree(msg);
}
