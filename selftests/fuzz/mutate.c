// SPDX-License-Identifier: GPL-2.0-only
/* Making sequences of others, by chance. */
#include "kind.h"
#include "mutate.h"
#include "random.h"

__u64 random_state;

static const struct op *random_op(void)
{
	__u32 i, sum = 0, at;

	for (i = 0; i < op_count; i++)
		sum += ops[i].weight;
	at = below(sum);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return &ops[i];
}

static void change_arg(struct step *step)
{
	__u32 i;

	if (!step->op->params_count)
		return;
	i = below(step->op->params_count);
	if (step->set & (1ULL << i) && one_in(3)) {
		step->set &= ~(1ULL << i);
		return;
	}
	step->set |= 1ULL << i;
	step->args[i] = kind_pick(&step->op->params[i]);
}

/* Some are two of a process, some are alone; most steps are the first one's. */
static __u8 random_actor(void)
{
	return one_in(2) ? 0 : below(ACTORS);
}

static void random_step(struct step *step)
{
	__u32 args = below(5);

	*step = (struct step){
		.op = random_op(),
		.actor = random_actor(),
		.early = one_in(4),
	};
	if (one_in(24))
		step->fail = 1 + below(12);
	while (args--)
		change_arg(step);
}

static void insert_random(struct sequence *seq)
{
	struct step step;

	if (!has_room(seq))
		return;
	random_step(&step);
	sequence_insert(seq, below(seq->count + 1), &step);
}

static void drop_some(struct sequence *seq)
{
	if (seq->count > 1)
		sequence_drop(seq, below(seq->count), 1);
}

static void repeat_one(struct sequence *seq)
{
	struct step step;

	if (!has_room(seq))
		return;
	step = seq->steps[below(seq->count)];
	if (one_in(2))
		step.actor = random_actor();
	sequence_insert(seq, below(seq->count + 1), &step);
}

static void change_way(struct step *step)
{
	switch (below(4)) {
	case 0:
		step->actor = random_actor();
		break;
	case 1:
		step->fail = step->fail && one_in(2) ? 0 : 1 + below(20);
		break;
	default:
		step->early = !step->early;
	}
}

static void swap_two(struct sequence *seq)
{
	__u32 a = below(seq->count), b = below(seq->count);
	struct step step = seq->steps[a];

	seq->steps[a] = seq->steps[b];
	seq->steps[b] = step;
}

/* The beginning of the one, the end of the other. */
static void graft(struct sequence *seq, const struct sequence *other)
{
	__u32 from = below(other->count);

	seq->count = 1 + below(seq->count);
	while (from < other->count && has_room(seq))
		seq->steps[seq->count++] = other->steps[from++];
}

static void mutate_once(struct sequence *seq, const struct sequence *other)
{
	struct step *step = &seq->steps[below(seq->count)];

	switch (below(16)) {
	case 0 ... 4:
		insert_random(seq);
		break;
	case 5 ... 9:
		change_arg(step);
		break;
	case 10:
		drop_some(seq);
		break;
	case 11:
		repeat_one(seq);
		break;
	case 12 ... 13:
		change_way(step);
		break;
	case 14:
		swap_two(seq);
		break;
	default:
		graft(seq, other);
	}
}

void mutate(struct sequence *seq, const struct sequence *other)
{
	do {
		mutate_once(seq, other);
	} while (!one_in(3));
}
