/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tokens: the requests that were received through one open file
 *
 * Tokens are consecutive numbers, which a table never gives out again. Those of
 * another open file are far off, so that one from elsewhere is not mistaken for
 * one of these. Each is charged to who received the request, as a
 * message without payload is: nothing else limits how many requests can be
 * received and never answered.
 *
 * Most requests are answered before many others come: the newest tokens have a
 * few places of their own, by number, and only one whose place is taken goes into
 * the array, which allocates memory.
 *
 * All of it is under the mailbox's lock, which makes "once" true, but for the array
 * when that grows: it has a lock of its own.
 */
#ifndef MBX_TOKEN_H
#define MBX_TOKEN_H

#include <linux/types.h>
#include <linux/xarray.h>

#include "message.h"
#include "quota.h"
#include "request.h"

#define MBX_TOKEN_CHARGE MBX_MSG_OVERHEAD
#define MBX_TOKEN_PLACES 8

struct mbx_token_place {
	u64 entry;
	struct mbx_request *req; /* NULL: free */
};

struct mbx_tokens {
	struct mbx_mailbox *mb; /* constant */
	u64 base; /* constant: entries are numbered from here, less than tokens */

	/* Under the mailbox's lock. */
	u64 last; /* number of the newest entry */
	struct mbx_token_place places[MBX_TOKEN_PLACES];
	struct xarray table; /* struct mbx_request, each with a reference */
};

void mbx_tokens_init(struct mbx_tokens *tokens, struct mbx_mailbox *mb);
int mbx_tokens_add(struct mbx_tokens *tokens, struct mbx_request *req,
		   u64 *token);
bool mbx_tokens_drop(struct mbx_tokens *tokens, u64 token);
struct mbx_request *mbx_tokens_next(struct mbx_tokens *tokens,
				    unsigned long *cursor);
struct mbx_request *mbx_tokens_pop(struct mbx_tokens *tokens);
void mbx_tokens_destroy(struct mbx_tokens *tokens);

/* NULL if the token has no place. */
static inline struct mbx_token_place *
mbx_tokens_find_place(struct mbx_tokens *tokens, u64 token)
{
	u64 entry = token - tokens->base;
	struct mbx_token_place *place =
		&tokens->places[entry % MBX_TOKEN_PLACES];

	lockdep_assert_held(&tokens->mb->lock);
	return place->req && place->entry == entry ? place : NULL;
}

/**
 * mbx_tokens_find - the request that a token stands for; under the mailbox's lock
 * @tokens: the table
 * @token: as user space gave it
 *
 * Return: the request, without a reference, or NULL.
 */
static inline struct mbx_request *mbx_tokens_find(struct mbx_tokens *tokens,
						  u64 token)
{
	struct mbx_token_place *place = mbx_tokens_find_place(tokens, token);

	return likely(place) ? place->req :
			       xa_load(&tokens->table, token - tokens->base);
}

/**
 * mbx_tokens_remove - use a token up; under the mailbox's lock
 * @tokens: the table
 * @token: the token
 * @req: what mbx_tokens_find() has found by it; the token's reference is now the
 *	caller's
 */
static inline void mbx_tokens_remove(struct mbx_tokens *tokens, u64 token,
				     struct mbx_request *req)
{
	struct mbx_token_place *place = mbx_tokens_find_place(tokens, token);

	if (likely(place))
		place->req = NULL;
	else
		xa_erase(&tokens->table, token - tokens->base);
	mbx_uncharge(req->holder, MBX_QUOTA_MSG_BYTES, MBX_TOKEN_CHARGE);
}

#endif /* MBX_TOKEN_H */
