// SPDX-License-Identifier: GPL-2.0-only
/* The table of tokens of an open file. */
#include "message.h"
#include "quota.h"
#include "request.h"
#include "token.h"

#define TOKEN_CHARGE MBX_MSG_OVERHEAD

static atomic_t last_table;

/**
 * mbx_tokens_init - make an empty table; it needs no undoing before its first use
 * @tokens: the table
 */
void mbx_tokens_init(struct mbx_tokens *tokens)
{
	tokens->base = (u64)atomic_inc_return(&last_table) << 32;
	atomic64_set(&tokens->last, 0);
	xa_init_flags(&tokens->table, XA_FLAGS_ACCOUNT);
}

/**
 * mbx_tokens_add - make a token for a request
 * @tokens: the table
 * @req: the request; a reference is taken
 * @user: account to charge; the reference goes to the request
 * @token: out: the token, never 0
 *
 * Return: 0, -EDQUOT or -ENOMEM.
 */
int mbx_tokens_add(struct mbx_tokens *tokens, struct mbx_request *req,
		   struct mbx_user *user, u64 *token)
{
	u64 entry = atomic64_inc_return(&tokens->last);
	int err;

	if (req->holder)
		mbx_user_put(req->holder);
	req->holder = user;
	err = mbx_charge(user, MBX_QUOTA_MSG_BYTES, TOKEN_CHARGE);
	if (err)
		return err;
	err = xa_insert(&tokens->table, entry, mbx_request_get(req),
			GFP_KERNEL_ACCOUNT);
	if (err) {
		mbx_request_put(req);
		mbx_uncharge(user, MBX_QUOTA_MSG_BYTES, TOKEN_CHARGE);
		return -ENOMEM;
	}
	*token = tokens->base + entry;
	return 0;
}

static struct mbx_request *take_out(struct mbx_tokens *tokens,
				    unsigned long entry)
{
	struct mbx_request *req = xa_erase(&tokens->table, entry);

	if (req)
		mbx_uncharge(req->holder, MBX_QUOTA_MSG_BYTES, TOKEN_CHARGE);
	return req;
}

/**
 * mbx_tokens_find - the request that a token stands for
 * @tokens: the table
 * @token: as user space gave it
 *
 * Return: the request, without a reference, or NULL.
 */
struct mbx_request *mbx_tokens_find(struct mbx_tokens *tokens, u64 token)
{
	return xa_load(&tokens->table, token - tokens->base);
}

/**
 * mbx_tokens_remove - use a token up
 * @tokens: the table
 * @token: as user space gave it
 *
 * Return: the request, with the token's reference, or NULL.
 */
struct mbx_request *mbx_tokens_remove(struct mbx_tokens *tokens, u64 token)
{
	return take_out(tokens, token - tokens->base);
}

/**
 * mbx_tokens_pop - use any token up
 * @tokens: the table
 *
 * Return: the request, with the token's reference, or NULL when there is none.
 */
struct mbx_request *mbx_tokens_pop(struct mbx_tokens *tokens)
{
	unsigned long entry = 0;

	if (!xa_find(&tokens->table, &entry, ULONG_MAX, XA_PRESENT))
		return NULL;
	return take_out(tokens, entry);
}

/**
 * mbx_tokens_destroy - nobody will use the table any more
 * @tokens: the table, without tokens
 *
 * Where memory ran out half-way, it has made a place that nothing was put into.
 */
void mbx_tokens_destroy(struct mbx_tokens *tokens)
{
	xa_destroy(&tokens->table);
}
