// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel is told: the meaning of values, at the moment of the call. */
#include "actor.h"

static __u64 deadline_of(__u64 value)
{
	__u64 number = NUMBER_OF(value), now = now_ns();

	switch (WORD_OF(value)) {
	case DEADLINE_NONE:
		return 0;
	case DEADLINE_AGO:
		return now - number * 1000 ?: 1;
	case DEADLINE_LAST:
		return INT64_MAX - number;
	case DEADLINE_BEYOND:
		return INT64_MAX + 1ULL + number;
	default:
		return now + number * 1000;
	}
}

static __u64 pid_of(__u64 value)
{
	__u32 number = NUMBER_OF(value);

	switch (WORD_OF(value)) {
	case PID_SELF:
		return getpid();
	case PID_ACTOR:
		return team->pids[number % ACTORS];
	case PID_THREAD:
		return team->tids[number % ACTORS];
	case PID_CHILD:
		return team->children[number % CHILDREN];
	case PID_RAW:
		return number;
	case PID_FD:
		return fd_of(number);
	default:
		return 0;
	}
}

static __u64 token_of(__u64 value)
{
	__u32 back = NUMBER_OF(value), made;

	if (WORD_OF(value) == TOKEN_RAW)
		return back;
	made = __atomic_load_n(&team->tokens_made, __ATOMIC_RELAXED);
	return team->tokens[(made - 1 - back) % TOKENS];
}

static __u64 name_address(const struct actor *me, __u64 value)
{
	const struct object_name *name = object_name(value);

	if (name)
		return (uintptr_t)name->text;
	if (WORD_OF(value) == NAME_NULL)
		return 0;
	return (uintptr_t)me->memory + NEARS * NEAR_SIZE;
}

/* How long the name of this step is. */
static __u64 name_length_of(const struct step *step)
{
	const struct object_name *name;
	__u32 i;

	for (i = 0; i < step->op->params_count; i++) {
		if (step->op->params[i].kind != KIND_NAME)
			continue;
		name = object_name(step_value(step, i));
		return name ? name->len : 0;
	}
	return 0;
}

__u64 resolve(const struct actor *me, const struct step *step, __u32 i)
{
	const struct param *param = &step->op->params[i];
	__u64 value = step_value(step, i);

	switch (param->kind) {
	case KIND_FD:
		return fd_of(value);
	case KIND_RELATIVE:
		/* The good value is what it is relative to. */
		return step->set & (1ULL << i) ? param->good + value :
						 param->good;
	case KIND_NAME:
		return name_address(me, value);
	case KIND_LENGTH:
		return value + name_length_of(step);
	case KIND_DEADLINE:
		return deadline_of(value);
	case KIND_PID:
	case KIND_PEER:
		return pid_of(value);
	case KIND_TOKEN:
		return token_of(value);
	default:
		return value;
	}
}
