/* SPDX-License-Identifier: GPL-2.0-only */
/* Writing messages that can be recognised, and receiving them. */
#ifndef SOAK_LETTER_H
#define SOAK_LETTER_H

#include "crew.h"

/* Fill in a message of @len bytes at @text. */
void letter_write(struct mbx_message *msg, __u64 *text, struct stamp stamp);
/* Is it what was written? Complains if not. */
bool letter_is_intact(const struct mbx_message *msg, const struct stamp *stamp);
/* Mostly short, some of several pages. */
__u32 letter_length(struct post *me);

/*
 * Receive into the buffers of the post, and enter what comes into the ledger.
 * Returns what the call does.
 */
int letters_receive(struct post *me, int fd, __u32 count,
		    const struct mbx_recv *args);
/* The same in two halves, for calls that receive in another way. */
void letters_prepare(struct post *me, __u32 count);
void letters_enter(struct post *me, int count, const struct mbx_recv *args);
/* As the latter, with what read() has filled. */
void letters_enter_text(struct post *me, ssize_t len);

static inline const struct stamp *letter_stamp(const struct post *me, int i)
{
	return (const struct stamp *)me->buffers[i];
}

#endif /* SOAK_LETTER_H */
