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
 * The table has its own locks; taking an entry out under the mailbox's lock makes
 * "once" true.
 */
#ifndef MBX_TOKEN_H
#define MBX_TOKEN_H

#include <linux/spinlock.h>
#include <linux/xarray.h>

struct mbx_request;
struct mbx_user;

#define MBX_TOKEN_PLACES 8

struct mbx_token_place {
	u64 entry;
	struct mbx_request *req; /* NULL: free */
};

struct mbx_tokens {
	u64 base; /* constant: entries are numbered from here, less than tokens */
	spinlock_t lock; /* of the two below */
	u64 last; /* number of the newest entry */
	struct mbx_token_place places[MBX_TOKEN_PLACES];
	struct xarray table; /* struct mbx_request, each with a reference */
};

void mbx_tokens_init(struct mbx_tokens *tokens);
int mbx_tokens_add(struct mbx_tokens *tokens, struct mbx_request *req,
		   struct mbx_user *user, u64 *token);
struct mbx_request *mbx_tokens_find(struct mbx_tokens *tokens, u64 token);
struct mbx_request *mbx_tokens_remove(struct mbx_tokens *tokens, u64 token);
struct mbx_request *mbx_tokens_next(struct mbx_tokens *tokens,
				    unsigned long *cursor);
struct mbx_request *mbx_tokens_pop(struct mbx_tokens *tokens);
void mbx_tokens_destroy(struct mbx_tokens *tokens);

#endif /* MBX_TOKEN_H */
