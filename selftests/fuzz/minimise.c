// SPDX-License-Identifier: GPL-2.0-only
/* Finding out what of a recording it takes. */
#include "corpus.h"
#include "execute.h"
#include "finding.h"
#include "minimise.h"
#include "trace.h"

static __u64 end_ns;

void try_until(__u64 end)
{
	end_ns = end;
}

/* One of the sequences is another one. */
struct change {
	__u32 which;
	const struct sequence *seq;
};

static bool try_once(__u32 first, __u32 count, __u32 without,
		     __u32 without_count, const struct change *change)
{
	__u32 i;

	for (i = first; i < first + count; i++) {
		if (i >= without && i < without + without_count)
			continue;
		if (!execute(change && change->which == i ? change->seq :
							    corpus_at(i)))
			return false;
	}
	return true;
}

/* Returns whether nothing was found and there is time, so that one can go on. */
static bool try(__u32 repeat, __u32 first, __u32 count, __u32 without,
		__u32 without_count, const struct change *change)
{
	__u32 i;

	for (i = 0; i < repeat; i++) {
		if (now_ns() > end_ns)
			return false;
		trace_note("candidate");
		if (!try_once(first, count, without, without_count, change))
			return false;
	}
	return true;
}

static bool try_change(__u32 repeat, __u32 which, const struct sequence *seq)
{
	const struct change change = { which, seq };

	return try(repeat, 0, corpus_size(), 0, 0, &change);
}

void try_all(__u32 repeat)
{
	try(repeat, 0, corpus_size(), 0, 0, NULL);
}

void try_suffixes(__u32 repeat)
{
	__u32 size = corpus_size(), count;

	for (count = 1; count < size; count *= 4)
		if (!try(repeat / count + 1, size - count, count, 0, 0, NULL))
			return;
	try_all(2);
}

static bool try_fewer_sequences(__u32 repeat)
{
	__u32 size = corpus_size(), chunk, at;

	for (chunk = size / 2; chunk; chunk /= 2) {
		for (at = 0; at < size; at += chunk)
			if (!try(repeat, 0, size, at, chunk, NULL))
				return false;
	}
	return true;
}

static bool try_fewer_steps(__u32 repeat, __u32 which)
{
	const struct sequence *seq = corpus_at(which);
	static struct sequence smaller;
	__u32 chunk, at;

	for (chunk = seq->count / 2; chunk; chunk /= 2) {
		for (at = 0; at + chunk <= seq->count; at += chunk) {
			smaller = *seq;
			sequence_drop(&smaller, at, chunk);
			if (!try_change(repeat, which, &smaller))
				return false;
		}
	}
	return true;
}

/* The step with its arguments, and how it is made, as plain as can be. */
static bool try_plainer_step(__u32 repeat, __u32 which, __u32 at)
{
	const struct sequence *seq = corpus_at(which);
	static struct sequence plainer;
	struct step *step = &plainer.steps[at];
	__u32 i;

	plainer = *seq;
	step->set = 0;
	if (seq->steps[at].set && !try_change(repeat, which, &plainer))
		return false;
	for (i = 0; i < step->op->params_count; i++) {
		plainer = *seq;
		if (!(step->set & (1ULL << i)))
			continue;
		step->set &= ~(1ULL << i);
		if (!try_change(repeat, which, &plainer))
			return false;
	}
	plainer = *seq;
	step->early = false;
	step->fail = 0;
	if ((seq->steps[at].early || seq->steps[at].fail) &&
	    !try_change(repeat, which, &plainer))
		return false;
	plainer = *seq;
	step->actor = 0;
	return !seq->steps[at].actor || try_change(repeat, which, &plainer);
}

void try_smaller(__u32 repeat)
{
	__u32 which, at;

	if (!try_fewer_sequences(repeat))
		return;
	for (which = 0; which < corpus_size(); which++)
		if (!try_fewer_steps(repeat, which))
			return;
	for (which = 0; which < corpus_size(); which++)
		for (at = 0; at < corpus_at(which)->count; at++)
			if (!try_plainer_step(repeat, which, at))
				return;
}
