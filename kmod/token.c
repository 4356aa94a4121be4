// SPDX-License-Identifier: GPL-2.0-only
/* The table of tokens of an open file. */
#include <linux/atomic.h>

#include "request.h"
#include "token.h"

static atomic_t last_id;

/**
 * mbx_tokens_init - make an empty table; it needs no undoing while empty
 * @tokens: the table
 */
void mbx_tokens_init(struct mbx_tokens *tokens)
{
	tokens->id = atomic_inc_return(&last_id);
	tokens->next = 1;
	xa_init_flags(&tokens->table, XA_FLAGS_ALLOC1);
}

/* 0 when it is not one of this table. */
static u32 entry_of(const struct mbx_tokens *tokens, u64 token)
{
	return upper_32_bits(token) == tokens->id ? lower_32_bits(token) : 0;
}

/**
 * mbx_tokens_add - make a token for a request
 * @tokens: the table
 * @req: the request; a reference is taken
 * @token: out: the token, never 0
 *
 * Return: 0 or -ENOMEM.
 */
int mbx_tokens_add(struct mbx_tokens *tokens, struct mbx_request *req,
		   u64 *token)
{
	u32 entry;
	int err;

	err = xa_alloc_cyclic(&tokens->table, &entry, mbx_request_get(req),
			      xa_limit_32b, &tokens->next, GFP_KERNEL_ACCOUNT);
	if (err < 0) {
		mbx_request_put(req);
		return -ENOMEM;
	}
	*token = (u64)tokens->id << 32 | entry;
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
	u32 entry = entry_of(tokens, token);

	return entry ? xa_load(&tokens->table, entry) : NULL;
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
	u32 entry = entry_of(tokens, token);

	return entry ? xa_erase(&tokens->table, entry) : NULL;
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
	return xa_erase(&tokens->table, entry);
}
