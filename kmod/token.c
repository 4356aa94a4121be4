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
	spin_lock_init(&tokens->lock);
	tokens->last = 0;
	memset(tokens->places, 0, sizeof(tokens->places));
	xa_init_flags(&tokens->table, XA_FLAGS_ACCOUNT);
}

static struct mbx_token_place *place_of(struct mbx_tokens *tokens, u64 entry)
{
	return &tokens->places[entry % MBX_TOKEN_PLACES];
}

/* Returns the number of the new entry; whether it has found a place in @placed. */
static u64 take_place(struct mbx_tokens *tokens, struct mbx_request *req,
		      bool *placed)
{
	struct mbx_token_place *place;
	u64 entry;

	spin_lock(&tokens->lock);
	entry = ++tokens->last;
	place = place_of(tokens, entry);
	*placed = !place->req;
	if (*placed) {
		place->entry = entry;
		place->req = mbx_request_get(req);
	}
	spin_unlock(&tokens->lock);
	return entry;
}

/* Under the lock; NULL if @entry has no place. */
static struct mbx_token_place *find_place(struct mbx_tokens *tokens, u64 entry)
{
	struct mbx_token_place *place = place_of(tokens, entry);

	lockdep_assert_held(&tokens->lock);
	return place->req && place->entry == entry ? place : NULL;
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
 * @req: the request; a reference is taken
 * @user: account to charge; the reference goes to the request
 * @token: out: the token, never 0
 *
 * Return: 0, -EDQUOT or -ENOMEM.
 */
int mbx_tokens_add(struct mbx_tokens *tokens, struct mbx_request *req,
		   struct mbx_user *user, u64 *token)
{
	bool placed;
	u64 entry;
	int err;

	if (req->holder)
		mbx_user_put(req->holder);
	req->holder = user;
	err = mbx_charge(user, MBX_QUOTA_MSG_BYTES, TOKEN_CHARGE);
	if (err)
		return err;
	entry = take_place(tokens, req, &placed);
	if (!placed && put_into_table(tokens, req, entry)) {
		mbx_uncharge(user, MBX_QUOTA_MSG_BYTES, TOKEN_CHARGE);
		return -ENOMEM;
	}
	*token = tokens->base + entry;
	return 0;
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
	struct mbx_request *req = NULL;
	struct mbx_token_place *place;

	spin_lock(&tokens->lock);
	place = find_place(tokens, token - tokens->base);
	if (place)
		req = place->req;
	spin_unlock(&tokens->lock);
	return req ?: xa_load(&tokens->table, token - tokens->base);
}

static struct mbx_request *take_out(struct mbx_tokens *tokens, u64 entry)
{
	struct mbx_request *req = NULL;
	struct mbx_token_place *place;

	spin_lock(&tokens->lock);
	place = find_place(tokens, entry);
	if (place) {
		req = place->req;
		place->req = NULL;
	}
	spin_unlock(&tokens->lock);
	return req ?: xa_erase(&tokens->table, entry);
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
	struct mbx_request *req = take_out(tokens, token - tokens->base);

	if (req)
		mbx_uncharge(req->holder, MBX_QUOTA_MSG_BYTES, TOKEN_CHARGE);
	return req;
}

/**
 * mbx_tokens_next - go through all requests
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

	spin_lock(&tokens->lock);
	while (!req && *cursor < MBX_TOKEN_PLACES)
		req = tokens->places[(*cursor)++].req;
	spin_unlock(&tokens->lock);
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
	return mbx_tokens_remove(tokens, tokens->base + any_entry(tokens));
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
