/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sequences as text
 *
 *	0 MAILBOX_OPEN name=name:1 to=2
 *	1& RECV fd=2 deadline_ns=in:5000
 *	0 SEND fd=2 m.len=8 fail=3
 *
 * A step is a line: the actor, with an & if the next step need not wait for it, the
 * operation, and the arguments that differ from the good ones. Several sequences
 * are separated by empty lines. A # begins a comment.
 */
#ifndef FUZZ_SEQUENCE_H
#define FUZZ_SEQUENCE_H

#include "op.h"

void sequence_print(FILE *to, const struct sequence *seq);

/*
 * The next sequence of a file: 1, or 0 if there is no more, or -1 for text that is
 * none, with a complaint.
 */
int sequence_read(FILE *from, const char *path, struct sequence *seq);

static inline bool has_room(const struct sequence *seq)
{
	return seq->count < STEPS_MAX;
}

static inline void sequence_drop(struct sequence *seq, __u32 first, __u32 count)
{
	memmove(&seq->steps[first], &seq->steps[first + count],
		(seq->count - first - count) * sizeof(seq->steps[0]));
	seq->count -= count;
}

/* There must be room. */
static inline void sequence_insert(struct sequence *seq, __u32 at,
				   const struct step *step)
{
	memmove(&seq->steps[at + 1], &seq->steps[at],
		(seq->count - at) * sizeof(seq->steps[0]));
	seq->steps[at] = *step;
	seq->count++;
}

#endif /* FUZZ_SEQUENCE_H */
