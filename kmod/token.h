/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tokens: the requests that were received through one open file
 *
 * A token is a number of the table, which no other open file shares, and a
 * number of the entry: so one from elsewhere is not mistaken for one of these.
 * The table has its own lock; taking an entry out under the mailbox's lock makes
 * "once" true.
 */
#ifndef MBX_TOKEN_H
#define MBX_TOKEN_H

#include <linux/xarray.h>

struct mbx_request;

struct mbx_tokens {
	u32 id; /* constant */
	u32 next; /* under the lock of table */
	struct xarray table; /* struct mbx_request, each with a reference */
};

void mbx_tokens_init(struct mbx_tokens *tokens);
int mbx_tokens_add(struct mbx_tokens *tokens, struct mbx_request *req,
		   u64 *token);
struct mbx_request *mbx_tokens_find(struct mbx_tokens *tokens, u64 token);
struct mbx_request *mbx_tokens_remove(struct mbx_tokens *tokens, u64 token);
struct mbx_request *mbx_tokens_pop(struct mbx_tokens *tokens);

#endif /* MBX_TOKEN_H */
