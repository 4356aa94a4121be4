/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A request: a message whose sender waits for a reply
 *
 * States, all under the mailbox's lock:
 *
 *   queued    its message is in the queue: msg is set
 *   in hand   being copied to a receiver, or received: a token stands for it
 *   over      answered, failed, or given up by the caller: not in the list of
 *             the mailbox's open requests any more
 *
 *   queued -> in hand    received               exchange.c
 *   in hand -> queued    the copy failed        exchange.c
 *   queued -> over       the caller gave up (withdrawn), dropped, mailbox died
 *   in hand -> over      answered, reset by who received it, the caller gave up,
 *                        mailbox died
 *
 * A request becomes over once, whoever comes first; the others find it so.
 * Unless the caller gave up, becoming over decides the caller's waiter. It is
 * referenced by the caller, by its message and by its token.
 */
#ifndef MBX_REQUEST_H
#define MBX_REQUEST_H

#include <linux/list.h>
#include <linux/refcount.h>

#include "mailbox.h"
#include "wait.h"

struct mbx_request {
	struct mbx_waiter waiter; /* the caller */
	refcount_t ref;
	u32 capacity; /* constant: of the caller's buffer */
	bool privileged; /* constant: the caller may be allowed to exceed its quota */
	bool exceeded; /* under the mailbox's lock: the reply has done so */
	bool user_counted; /* there is a reference for user */
	bool holder_counted; /* and for holder */
	u64 memcg; /* constant: that its memory is charged to */
	/*
	 * The caller's account, set before it is sent, and good until the request is
	 * over: that of who opened the file, which stays open as long, is not counted.
	 */
	struct mbx_user *user;

	/* Under the mailbox's lock. */
	struct list_head link; /* in the mailbox's requests, or empty: over */
	struct mbx_msg *msg; /* while queued */
	struct mbx_msg *reply; /* when answered, until the caller has taken it */

	/* Of who has it in hand; others read it under the mailbox's lock. */
	struct pid *server; /* only compared */
	/* Account that the token is charged to; as with user, good as long as there is one. */
	struct mbx_user *holder;
};

struct mbx_request *mbx_request_create(struct mbx_request **spare,
				       u32 capacity);
void mbx_request_retire(struct mbx_request **spare, struct mbx_request *req);
void mbx_request_free(struct mbx_request *req);

static inline struct mbx_request *mbx_request_get(struct mbx_request *req)
{
	refcount_inc(&req->ref);
	return req;
}

/* @req may be NULL. */
static inline void mbx_request_put(struct mbx_request *req)
{
	if (req && refcount_dec_and_test(&req->ref))
		mbx_request_free(req);
}

/* Under the mailbox's lock. */
static inline bool mbx_request_over(const struct mbx_request *req)
{
	return list_empty(&req->link);
}

/* From here on it can be answered, or fail. */
static inline void mbx_request_begin(struct mbx_mailbox *mb,
				     struct mbx_request *req)
{
	lockdep_assert_held(&mb->lock);
	list_add_tail(&req->link, &mb->requests);
	mb->calls++;
}

static inline void mbx_request_over_now(struct mbx_mailbox *mb,
					struct mbx_request *req)
{
	lockdep_assert_held(&mb->lock);
	list_del_init(&req->link);
	mb->calls--;
}

/**
 * mbx_request_decide - decide what the caller gets; under the mailbox's lock
 * @mb: the mailbox
 * @req: a request that is not over
 * @result: what the call returns
 *
 * Return: the caller, for mbx_wake_task() after unlocking.
 */
static inline struct task_struct *
mbx_request_decide(struct mbx_mailbox *mb, struct mbx_request *req, int result)
{
	mbx_request_over_now(mb, req);
	return mbx_waiter_settle(&req->waiter, result);
}

void mbx_request_end(struct mbx_mailbox *mb, struct mbx_request *req,
		     int result, struct mbx_after *after);
void mbx_requests_kill(struct mbx_mailbox *mb, struct mbx_after *after);

/* Without it. */
int mbx_request_wait(struct mbx_mailbox *mb, struct mbx_request *req,
		     u64 deadline_ns);
void mbx_request_reset(struct mbx_mailbox *mb, struct mbx_request *req);

#endif /* MBX_REQUEST_H */
