// SPDX-License-Identifier: GPL-2.0-only
/* The table of tokens of an open file. */
#include "mailbox.h"
#include "message.h"
#include "token.h"

static atomic_t last_table;

/**
 * mbx_tokens_init - make an empty table; it needs no undoing before its first use
 * @tokens: the table
 * @mb: the mailbox of the open file
 */
void mbx_tokens_init(struct mbx_tokens *tokens, struct mbx_mailbox *mb)
{
	tokens->mb = mb;
	tokens->base = (u64)atomic_inc_return(&last_table) << 32;
	tokens->last = 0;
	memset(tokens->places, 0, sizeof(tokens->places));
	xa_init_flags(&tokens->table, XA_FLAGS_ACCOUNT);
}

/* Returns the number of the new entry; whether it has found a place in @placed. */
static u64 take_place(struct mbx_tokens *tokens, struct mbx_request *req,
		      bool *placed)
{
	u64 entry = ++tokens->last;
	struct mbx_token_place *place =
		&tokens->places[entry % MBX_TOKEN_PLACES];

	lockdep_assert_held(&tokens->mb->lock);
	*placed = !place->req;
	if (*placed) {
		place->entry = entry;
		place->req = mbx_request_get(req);
	}
	return entry;
}

static int put_into_table(struct mbx_tokens *tokens, struct mbx_request *req,
			  u64 entry)
{
	int err = xa_insert(&tokens->table, entry, mbx_request_get(req),
			    GFP_KERNEL_ACCOUNT);

	if (err)
		mbx_request_put(req);
	return err;
}

/**
 * mbx_tokens_add - make a token for a request
 * @tokens: the table
 * @req: the request; a reference is taken, and its holder is charged
 * @token: out: the token, never 0
 *
 * Return: 0, -EDQUOT or -ENOMEM.
 */
int mbx_tokens_add(struct mbx_tokens *tokens, struct mbx_request *req,
		   u64 *token)
{
	bool placed;
	u64 entry;
	int err;

	err = mbx_charge(req->holder, MBX_QUOTA_MSG_BYTES, MBX_TOKEN_CHARGE);
	if (err)
		return err;
	spin_lock(&tokens->mb->lock);
	entry = take_place(tokens, req, &placed);
	spin_unlock(&tokens->mb->lock);
	if (!placed && put_into_table(tokens, req, entry)) {
		mbx_uncharge(req->holder, MBX_QUOTA_MSG_BYTES,
			     MBX_TOKEN_CHARGE);
		return -ENOMEM;
	}
	*token = tokens->base + entry;
	return 0;
}

/**
 * mbx_tokens_drop - use a token up, to no end
 * @tokens: the table
 * @token: the token; it may have been used, also by who has guessed it
 *
 * Return: whether there was one.
 */
bool mbx_tokens_drop(struct mbx_tokens *tokens, u64 token)
{
	struct mbx_request *req;

	spin_lock(&tokens->mb->lock);
	req = mbx_tokens_find(tokens, token);
	if (req)
		mbx_tokens_remove(tokens, token, req);
	spin_unlock(&tokens->mb->lock);
	mbx_request_put(req);
	return req;
}

/**
 * mbx_tokens_next - go through all requests; under the mailbox's lock
 * @tokens: the table
 * @cursor: 0 to begin with; changed
 *
 * Requests that are added meanwhile may be left out.
 *
 * Return: the next request, without a reference, or NULL after the last.
 */
struct mbx_request *mbx_tokens_next(struct mbx_tokens *tokens,
				    unsigned long *cursor)
{
	struct mbx_request *req = NULL;
	unsigned long entry;

	lockdep_assert_held(&tokens->mb->lock);
	while (!req && *cursor < MBX_TOKEN_PLACES)
		req = tokens->places[(*cursor)++].req;
	if (req)
		return req;
	entry = *cursor - MBX_TOKEN_PLACES;
	req = xa_find_after(&tokens->table, &entry, ULONG_MAX, XA_PRESENT);
	*cursor = entry + MBX_TOKEN_PLACES;
	return req;
}

static u64 any_entry(struct mbx_tokens *tokens)
{
	unsigned long entry = 0;
	u32 i;

	for (i = 0; i < MBX_TOKEN_PLACES; i++) {
		if (tokens->places[i].req)
			return tokens->places[i].entry;
	}
	xa_find(&tokens->table, &entry, ULONG_MAX, XA_PRESENT);
	return entry;
}

/**
 * mbx_tokens_pop - use any token up
 * @tokens: a table that nobody else uses any more
 *
 * Return: the request, with the token's reference, or NULL when there is none.
 */
struct mbx_request *mbx_tokens_pop(struct mbx_tokens *tokens)
{
	u64 token = tokens->base + any_entry(tokens);
	struct mbx_request *req;

	spin_lock(&tokens->mb->lock);
	req = mbx_tokens_find(tokens, token);
	if (req)
		mbx_tokens_remove(tokens, token, req);
	spin_unlock(&tokens->mb->lock);
	return req;
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
