/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of argument: their text, and which values are worth trying
 *
 * A value is a number, or a word with a number: the word is in the upper half.
 */
#ifndef FUZZ_KIND_H
#define FUZZ_KIND_H

#include "op.h"

#define WORD(word, number) ((__u64)(word) << 32 | (__u32)(number))
#define WORD_OF(value) ((__u32)((value) >> 32))
#define NUMBER_OF(value) ((__u32)(value))

/* Which address; the number is how many bytes before the end, or which one. */
enum place {
	PLACE_NEAR, /* memory that is there */
	PLACE_NULL,
	PLACE_HALF, /* so many bytes before memory that is not */
	PLACE_HOLE, /* memory that is not there */
	PLACE_READONLY,
	PLACE_MAPPING, /* one of the mapped regions */
	PLACE_TOP, /* so many bytes before the end of user space */
	PLACE_KERNEL,
	PLACE_NONSENSE, /* no address at all */
	PLACE_NEST, /* the struct that is part of the argument */
};

enum name_word { NAME_GOOD, NAME_BAD, NAME_HOLE, NAME_NULL };

enum deadline_word {
	DEADLINE_IN, /* so many microseconds */
	DEADLINE_AGO,
	DEADLINE_NONE,
	DEADLINE_LAST, /* so much less than the largest that is valid */
	DEADLINE_BEYOND, /* so much more */
};

enum pid_word {
	PID_NONE, /* 0 */
	PID_SELF,
	PID_ACTOR, /* the process of one */
	PID_THREAD, /* an actor's thread */
	PID_CHILD,
	PID_RAW, /* the number itself */
	PID_FD, /* the descriptor at this place in the table */
};

enum token_word {
	TOKEN_RECENT, /* the last one, or that many before */
	TOKEN_RAW,
};

/* The names of objects; those from GOOD_NAMES on are bad. */
#define GOOD_NAMES 8
struct object_name {
	const char *text;
	__u32 len;
};
const struct object_name *object_name(__u64 value);

/* A value that differs from the good one. */
__u64 kind_pick(const struct param *param);
void kind_print(FILE *to, const struct param *param, __u64 value);
/* Returns false if the text is none. */
bool kind_parse(const char *text, const struct param *param, __u64 *value);

#endif /* FUZZ_KIND_H */
