/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all processes of the soak share: what is counted, what was found wrong
 *
 * Any of them can be killed at any instruction, so nothing here needs a lock, and
 * each change that has to be whole is one atomic store.
 */
#ifndef SOAK_ARENA_H
#define SOAK_ARENA_H

#include "mbx_test.h"

/* What the soak shows; check_names in arena.c says it in words. */
enum check {
	CHECK_COUNTERS,
	CHECK_GROWTH,
	CHECK_WAITING,
	CHECK_LEDGER,
	CHECK_CONTENT,
	CHECK_ONCE,
	CHECK_ORDER,
	CHECK_LOST,
	CHECK_REPLY,
	CHECK_RESULT,
	CHECK_REGION,
	CHECK_PROGRESS,
	CHECK_QUOTA,
	CHECK_SLAB,
	CHECK_PAGES,
	CHECK_GROUP,
	CHECKS,
};

/* What the status line counts. */
enum op {
	OP_SENT,
	OP_RECEIVED,
	OP_CALLED,
	OP_DIRECT,
	OP_PASSED,
	OP_REGION,
	OP_POLLED,
	OP_CHURNED,
	OP_KILLED,
	OPS,
};

#define COMPLAINT_SIZE 200

struct finding {
	__u64 checked;
	__u64 failed;
	__u32 claimed; /* by the first who complains */
	char text[COMPLAINT_SIZE]; /* the first complaint */
};

struct arena {
	__u32 seed;
	__u64 ops[OPS];
	struct finding findings[CHECKS];
};

extern struct arena *arena;

extern const char *const check_names[CHECKS];
extern const char *const op_names[OPS];

/* Zeroed memory that children share. Ends the program if there is none. */
void *share(size_t size);
void arena_init(__u32 seed);
__u64 all_checks(void);
void complain(enum check check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void count_op(enum op op, __u64 times)
{
	__atomic_add_fetch(&arena->ops[op], times, __ATOMIC_RELAXED);
}

static inline void count_check(enum check check)
{
	__atomic_add_fetch(&arena->findings[check].checked, 1,
			   __ATOMIC_RELAXED);
}

/* verify(CHECK_..., condition, "what is wrong %d", ...) */
#define verify(check, condition, ...)                 \
	({                                            \
		bool true__ = (condition);            \
		count_check(check);                   \
		if (!true__)                          \
			complain(check, __VA_ARGS__); \
		true__;                               \
	})

static inline __u64 load(const __u64 *p)
{
	return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

static inline void store(__u64 *p, __u64 value)
{
	__atomic_store_n(p, value, __ATOMIC_SEQ_CST);
}

static inline void add(__u64 *p, __u64 value)
{
	__atomic_add_fetch(p, value, __ATOMIC_SEQ_CST);
}

#endif /* SOAK_ARENA_H */
