// SPDX-License-Identifier: GPL-2.0-only
/* The kinds of argument: their text, and which values are worth trying. */
#include "kind.h"
#include "random.h"
#include "slots.h"

static const char *const place_words[] = {
	[PLACE_NEAR] = "near",	       [PLACE_NULL] = "null",
	[PLACE_HALF] = "half",	       [PLACE_HOLE] = "hole",
	[PLACE_READONLY] = "readonly", [PLACE_MAPPING] = "mapping",
	[PLACE_TOP] = "top",	       [PLACE_KERNEL] = "kernel",
	[PLACE_NONSENSE] = "nonsense", [PLACE_NEST] = "nest",
};

static const char *const name_words[] = {
	[NAME_GOOD] = "name",
	[NAME_BAD] = "bad",
	[NAME_HOLE] = "hole",
	[NAME_NULL] = "null",
};

static const char *const deadline_words[] = {
	[DEADLINE_IN] = "in",	      [DEADLINE_AGO] = "ago",
	[DEADLINE_NONE] = "none",     [DEADLINE_LAST] = "last",
	[DEADLINE_BEYOND] = "beyond",
};

static const char *const pid_words[] = {
	[PID_NONE] = "none",	 [PID_SELF] = "self",	[PID_ACTOR] = "actor",
	[PID_THREAD] = "thread", [PID_CHILD] = "child", [PID_RAW] = "raw",
	[PID_FD] = "fd",
};

static const char *const token_words[] = {
	[TOKEN_RECENT] = "recent",
	[TOKEN_RAW] = "raw",
};

static const char *const no_words[] = { NULL };

/* The words of each kind that has some. */
static const struct {
	const char *const *words;
	__u32 count;
} vocabulary[KINDS] = {
	[KIND_NUMBER] = { no_words, 0 },
	[KIND_PLACE] = { place_words, ARRAY_SIZE(place_words) },
	[KIND_NAME] = { name_words, ARRAY_SIZE(name_words) },
	[KIND_DEADLINE] = { deadline_words, ARRAY_SIZE(deadline_words) },
	[KIND_PID] = { pid_words, ARRAY_SIZE(pid_words) },
	[KIND_PEER] = { pid_words, ARRAY_SIZE(pid_words) },
	[KIND_TOKEN] = { token_words, ARRAY_SIZE(token_words) },
};

/* --- names of objects --- */

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X256 X32 X32 X32 X32 X32 X32 X32 X32
#define NAME(_text)                      \
	{                                \
		_text, sizeof(_text) - 1 \
	}

static const struct object_name names[] = {
	NAME("fuzz/0"),
	NAME("fuzz/1"),
	NAME("fuzz/2"),
	NAME("fuzz"),
	{ X256, 255 },
	NAME("f"),
	NAME("fuzz/..."),
	NAME("\xff\x01 /\n"),
	NAME(""),
	NAME("/"),
	NAME("/fuzz"),
	NAME("fuzz/"),
	NAME("fuzz//1"),
	NAME("."),
	NAME(".."),
	NAME("fuzz/../1"),
	NAME("fuzz\0"
	     "0"),
	NAME(X256),
	NAME("fuzz/./"),
};

/* NULL for what is no name. */
const struct object_name *object_name(__u64 value)
{
	__u32 i = NUMBER_OF(value);

	switch (WORD_OF(value)) {
	case NAME_GOOD:
		return &names[i % GOOD_NAMES];
	case NAME_BAD:
		return &names[GOOD_NAMES + i % (ARRAY_SIZE(names) - GOOD_NAMES)];
	default:
		return NULL;
	}
}

/* --- values --- */

static __u64 pick_edge(void)
{
	static const __u64 edges[] = {
		1 << 4,	      1 << 5,	     1 << 6,	    1 << 7,
		1 << 8,	      4096,	     8192,	    65536,
		1 << 20,      16 << 20,	     1ULL << 31,    1ULL << 32,
		1ULL << 40,   1ULL << 41,    1ULL << 63,    MBX_MSGS_MAX,
		MBX_PRIO_MAX, MBX_BATCH_MAX, MBX_SLOTS_MAX, 0,
	};

	return edges[below(ARRAY_SIZE(edges))] + below(3) - 1;
}

static __u64 pick_number(const struct param *param)
{
	switch (below(8)) {
	case 0:
		return pick_edge();
	case 1:
		return param->good + below(3) - 1;
	case 2:
		return param->most + below(3) - 1;
	case 3:
		return below(4096);
	default:
		return param->most && param->most < 16 ?
			       below(param->most + 1) :
			       below(9);
	}
}

static __u64 pick_flags(const struct param *param)
{
	if (one_in(16))
		return param->good ^ 1ULL << below(32);
	if (one_in(2))
		return (random_64() & param->most) | param->good;
	return param->good ^ (random_64() & random_64() & param->most);
}

static __u64 pick_relative(void)
{
	static const __s64 steps[] = { -1, 1, 4, -4, 8, -8, 64, 4096, -64 };

	return steps[below(ARRAY_SIZE(steps))];
}

static __u64 pick_fd(const struct param *param)
{
	if (one_in(32))
		return below(2) ? 9999 : 0xffffffff;
	if (one_in(6))
		return below(SLOTS);
	return slot_like(param->good, below(SLOTS));
}

static __u64 pick_place(void)
{
	__u32 word = below(PLACE_NEST + 1);

	if (one_in(3))
		word = PLACE_HALF;
	switch (word) {
	case PLACE_HALF:
	case PLACE_TOP:
		return WORD(word, one_in(2) ? below(64) : below(70) * 8);
	case PLACE_MAPPING:
		return WORD(word, below(MAPS));
	default:
		return WORD(word, 0);
	}
}

static __u64 pick_deadline(void)
{
	switch (below(8)) {
	case 0:
		return WORD(DEADLINE_NONE, 0);
	case 1:
		return WORD(DEADLINE_AGO, below(1000));
	case 2:
		return WORD(DEADLINE_LAST + below(2), below(3));
	case 3:
		return WORD(DEADLINE_IN, below(20000));
	default:
		return WORD(DEADLINE_IN, below(400));
	}
}

static __u64 pick_pid(void)
{
	static const __u32 raw[] = { 1, 4000000, 0x7fffffff, 0xffffffff,
				     0x80000000 };
	__u32 word = below(PID_FD + 1);

	if (word == PID_RAW)
		return WORD(word, raw[below(ARRAY_SIZE(raw))]);
	if (word == PID_FD)
		return WORD(word, one_in(2) ? SLOT_PIDFD : below(SLOTS));
	return WORD(word, below(ACTORS));
}

/* For processes that may be killed. */
static __u64 pick_peer(void)
{
	if (one_in(4))
		return WORD(PID_CHILD, below(CHILDREN));
	return WORD(one_in(2) ? PID_ACTOR : PID_THREAD, below(ACTORS));
}

static __u64 pick_command(void)
{
	if (one_in(3))
		return _IOC(below(4), MBX_IOC_MAGIC, below(0x28), below(65));
	return commands[below(ARRAY_SIZE(commands))].cmd;
}

__u64 kind_pick(const struct param *param)
{
	switch (param->kind) {
	case KIND_FLAGS:
		return pick_flags(param);
	case KIND_RELATIVE:
	case KIND_LENGTH:
		return pick_relative();
	case KIND_FD:
		return pick_fd(param);
	case KIND_MAP:
		return below(MAPS);
	case KIND_PLACE:
		return pick_place();
	case KIND_NAME:
		return WORD(one_in(4) ? 1 + below(NAME_NULL) : NAME_GOOD,
			    one_in(3) ? below(16) : below(3));
	case KIND_DEADLINE:
		return pick_deadline();
	case KIND_PID:
		return pick_pid();
	case KIND_PEER:
		return pick_peer();
	case KIND_TOKEN:
		return one_in(4) ? WORD(TOKEN_RAW, below(20)) :
				   WORD(TOKEN_RECENT, below(4));
	case KIND_COMMAND:
		return pick_command();
	default:
		return pick_number(param);
	}
}

/* --- text --- */

void kind_print(FILE *to, const struct param *param, __u64 value)
{
	__u32 word = WORD_OF(value);

	if (param->kind == KIND_RELATIVE || param->kind == KIND_LENGTH)
		fprintf(to, "%+lld", value);
	else if (param->kind == KIND_FLAGS || param->kind == KIND_COMMAND)
		fprintf(to, "%#llx", value);
	else if (!vocabulary[param->kind].count)
		fprintf(to, "%llu", value);
	else if (NUMBER_OF(value))
		fprintf(to, "%s:%u", vocabulary[param->kind].words[word],
			NUMBER_OF(value));
	else
		fputs(vocabulary[param->kind].words[word], to);
}

static bool parse_word(const char *text, enum kind kind, __u64 *value)
{
	size_t len = strcspn(text, ":");
	__u32 i, number = 0;
	char *end;

	if (text[len]) {
		number = strtoul(text + len + 1, &end, 0);
		if (*end)
			return false;
	}
	for (i = 0; i < vocabulary[kind].count; i++) {
		if (strlen(vocabulary[kind].words[i]) == len &&
		    !strncmp(vocabulary[kind].words[i], text, len)) {
			*value = WORD(i, number);
			return true;
		}
	}
	return false;
}

bool kind_parse(const char *text, const struct param *param, __u64 *value)
{
	char *end;

	if (vocabulary[param->kind].count)
		return parse_word(text, param->kind, value);
	errno = 0;
	*value = *text == '-' ? (__u64)strtoll(text, &end, 0) :
				strtoull(text, &end, 0);
	return !errno && *text && !*end;
}
