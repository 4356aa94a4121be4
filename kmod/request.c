// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for replies, and how the wait can end. */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "compat.h"
#include "mailbox.h"
#include "message.h"
#include "quota.h"
#include "request.h"

static struct mbx_request *take_spare(struct mbx_request **spare)
{
	struct mbx_request *req = READ_ONCE(*spare) ? xchg(spare, NULL) : NULL;

	if (!req || likely(req->memcg == mbx_memcg()))
		return req;
	kfree(req);
	return NULL;
}

static struct mbx_request *allocate(void)
{
	u64 memcg = mbx_memcg();
	struct mbx_request *req = kmalloc(sizeof(*req), GFP_KERNEL_ACCOUNT);

	/* The task may have been moved meanwhile. */
	if (req)
		req->memcg = memcg == mbx_memcg() ? memcg : MBX_NO_MEMCG;
	return req;
}

/**
 * mbx_request_create - a request of the current task
 * @spare: a place for one that was retired, or NULL there
 * @capacity: bytes in the buffer for the reply
 *
 * Return: the request with one reference, or NULL without memory.
 */
struct mbx_request *mbx_request_create(struct mbx_request **spare, u32 capacity)
{
	struct mbx_request *req = take_spare(spare);

	if (!req) {
		req = allocate();
		if (!req)
			return NULL;
	}
	mbx_waiter_init(&req->waiter);
	refcount_set(&req->ref, 1);
	req->capacity = capacity;
	/* In the first user namespace: everybody can be root of one of his own. */
	req->privileged =
		current_user_ns() == &init_user_ns &&
		cap_raised(current_cred()->cap_effective, CAP_SYS_RESOURCE);
	req->exceeded = false;
	req->user_counted = false;
	req->holder_counted = false;
	req->user = NULL;
	INIT_LIST_HEAD(&req->link);
	req->msg = NULL;
	req->reply = NULL;
	req->server = NULL;
	req->holder = NULL;
	return req;
}

static void clear(struct mbx_request *req)
{
	if (unlikely(req->user_counted))
		mbx_user_put(req->user);
	if (unlikely(req->holder_counted))
		mbx_user_put(req->holder);
}

/**
 * mbx_request_free - nobody refers to it any more
 * @req: the request
 */
void mbx_request_free(struct mbx_request *req)
{
	clear(req);
	kfree(req);
}

/**
 * mbx_request_retire - drop a reference; the last one keeps the memory
 * @spare: a place for it
 * @req: the request
 */
void mbx_request_retire(struct mbx_request **spare, struct mbx_request *req)
{
	if (!refcount_dec_and_test(&req->ref))
		return;
	clear(req);
	if (cmpxchg(spare, NULL, req))
		kfree(req);
}

/**
 * mbx_request_end - mbx_request_decide(), if that has not been done
 * @mb: the mailbox
 * @req: the request
 * @result: what the call returns
 * @after: what is left to do after unlocking
 */
void mbx_request_end(struct mbx_mailbox *mb, struct mbx_request *req,
		     int result, struct mbx_after *after)
{
	if (!mbx_request_over(req))
		mbx_wakes_add(&after->wakes,
			      mbx_request_decide(mb, req, result));
}

static void withdraw(struct mbx_mailbox *mb, struct mbx_request *req,
		     struct mbx_after *after)
{
	struct mbx_msg *msg = req->msg;

	lockdep_assert_held(&mb->lock);
	req->msg = NULL;
	mbx_queue_remove(&mb->queue, msg);
	list_add_tail(&msg->link, &after->victims);
	mb->withdrawn++;
}

/**
 * mbx_requests_kill - the mailbox has died; under its lock
 * @mb: the mailbox
 * @after: what is left to do after unlocking
 *
 * Nobody can be told any more that the process behind a direct mailbox has gone
 * after it had received the request: to the caller that is a reset.
 */
void mbx_requests_kill(struct mbx_mailbox *mb, struct mbx_after *after)
{
	struct mbx_request *req, *next;
	int result;

	list_for_each_entry_safe(req, next, &mb->requests, link) {
		result = mb->death;
		if (req->msg)
			withdraw(mb, req, after);
		else if (result == -ESRCH)
			result = -ECONNRESET;
		mbx_request_end(mb, req, result, after);
	}
}

/* Nobody has served a request that is still queued: a signal may restart it. */
static int give_up(struct mbx_mailbox *mb, struct mbx_request *req, int err,
		   struct mbx_after *after)
{
	mbx_request_over_now(mb, req);
	if (!req->msg)
		return err == -ERESTARTSYS ? -EINTR : err;
	withdraw(mb, req, after);
	mbx_mailbox_let_senders_in(mb, after);
	return err;
}

/**
 * mbx_request_wait - wait for the reply
 * @mb: the mailbox
 * @req: the current task's request, which the mailbox has taken in
 * @deadline_ns: absolute CLOCK_MONOTONIC time, 0 for none
 *
 * Return: 0, and the reply is in @req; or a negative errno. The request is over.
 */
int mbx_request_wait(struct mbx_mailbox *mb, struct mbx_request *req,
		     u64 deadline_ns)
{
	int err = mbx_waiter_sleep(&req->waiter, deadline_ns);
	struct mbx_after after mbx_uninitialized;

	if (!err)
		return req->waiter.result;
	mbx_after_init(&after);
	spin_lock(&mb->lock);
	if (!mbx_request_over(req)) {
		err = give_up(mb, req, err, &after);
		mbx_mailbox_unlock(mb, &after);
		return err;
	}
	spin_unlock(&mb->lock);
	return req->waiter.result;
}

/**
 * mbx_request_reset - who has received the request will not answer it
 * @mb: the mailbox
 * @req: the request
 */
void mbx_request_reset(struct mbx_mailbox *mb, struct mbx_request *req)
{
	struct mbx_after after mbx_uninitialized;

	mbx_after_init(&after);
	spin_lock(&mb->lock);
	mbx_request_end(mb, req, -ECONNRESET, &after);
	mbx_mailbox_unlock(mb, &after);
}
