/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a sequence is made of: steps, each an operation with arguments
 *
 * An operation has a good value for every argument, with which it has a chance to
 * succeed. A step lists the arguments that are to be something else. Such a value
 * is a word or a number with a meaning, "fd 3" or "in 2000 microseconds", so that
 * a sequence does the same in another run and can be read.
 */
#ifndef FUZZ_OP_H
#define FUZZ_OP_H

#include "commands.h"

#define ARGS_MAX 48
#define STEPS_MAX 24
#define ACTORS 4

/* What the values of an argument mean, and which of them are worth trying. */
enum kind {
	KIND_NUMBER, /* itself */
	KIND_FLAGS, /* itself; the good bits are known */
	KIND_RELATIVE, /* how much more than is right */
	KIND_FD, /* a place in the table of descriptors */
	KIND_MAP, /* a place in the table of mappings */
	KIND_PLACE, /* an address */
	KIND_NAME, /* the address of a name */
	KIND_LENGTH, /* how much more than the name has */
	KIND_DEADLINE,
	KIND_PID, /* a process, in the ABI's structs; or a pidfd */
	KIND_PEER, /* a process that may be killed */
	KIND_TOKEN,
	KIND_COMMAND, /* the number of a command */
	KINDS
};

/* Where a field of the ABI goes. */
enum part {
	PART_NONE, /* of the operation, not of a struct */
	PART_ARGUMENT,
	PART_ELEMENT, /* of each element of the arrays */
	PART_NESTED, /* of the struct that another points to */
};

/**
 * struct param - an argument of an operation
 * @name: how it is called in text
 * @kind: what its values mean
 * @good: the value if a step does not say otherwise
 * @most: for numbers and flags: the largest value, or all bits, that are valid
 * @part: which struct it is a field of
 * @offset: where in the struct
 * @bytes: its size there
 */
struct param {
	const char *name;
	enum kind kind;
	__u64 good;
	__u64 most;
	enum part part;
	__u32 offset;
	__u32 bytes;
};

struct actor;
struct step;

/**
 * struct op - an operation
 * @name: how it is called in text
 * @weight: how often it is chosen, compared with others
 * @run: does it; returns the result or a negative error
 * @command: the command of the ABI, or NULL
 * @params: its arguments
 * @params_count: how many of them there are
 */
struct op {
	const char *name;
	__u32 weight;
	long (*run)(struct actor *me, const struct step *step);
	const struct command *command;
	__u32 params_count;
	struct param params[ARGS_MAX];
};

/**
 * struct step - one call
 * @op: the operation
 * @actor: who makes it
 * @early: the next step need not wait until it is done
 * @fail: which of the points where the kernel could fail is to fail; 0 for none
 * @set: bit n: argument n is not the good one, but that in @args
 * @args: the values
 */
struct step {
	const struct op *op;
	__u8 actor;
	bool early;
	__u32 fail;
	__u64 set;
	__u64 args[ARGS_MAX];
};

struct sequence {
	__u32 count;
	struct step steps[STEPS_MAX];
};

extern struct op *ops;
extern __u32 op_count;

/* Complains and returns false if the ABI has something that is not known here. */
bool ops_init(void);
const struct op *op_named(const char *name);

/* The value of argument @i as a step has it. */
static inline __u64 step_value(const struct step *step, __u32 i)
{
	return step->set & (1ULL << i) ? step->args[i] :
					 step->op->params[i].good;
}

/* Tables of the operations that are no commands, each ending with a NULL name. */
extern const struct op file_ops[], memory_ops[], process_ops[];

/* Adds an operation for each command to the table at @ops, returns how many. */
__u32 command_ops(struct op *ops);

#endif /* FUZZ_OP_H */
