// SPDX-License-Identifier: GPL-2.0-only
/* Values of options and operands. */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "values.h"

#define NSEC_PER_SEC 1000000000ULL

/* These numbers stand in sentences below. */
static_assert(MBX_PRIO_MAX == 31 && MBX_SLOTS_MAX == 64 && MBX_NAME_MAX == 255,
	      "sentences tell other limits");

static const char not_a_number[] = "is not a number";
static const char too_large[] = "is too large";

struct unit {
	const char *name;
	uint64_t factor;
};

/* clang-format off */
static const struct unit size_units[] = {
	{ "", 1 },
	{ "K", 1ULL << 10 }, { "k", 1ULL << 10 },
	{ "M", 1ULL << 20 }, { "m", 1ULL << 20 },
	{ "G", 1ULL << 30 }, { "g", 1ULL << 30 },
	{ "T", 1ULL << 40 }, { "t", 1ULL << 40 },
	{ NULL, 0 },
};

static const struct unit time_units[] = {
	{ "", NSEC_PER_SEC },
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 },
	{ "s", NSEC_PER_SEC },
	{ "m", 60 * NSEC_PER_SEC },
	{ "h", 3600 * NSEC_PER_SEC },
	{ NULL, 0 },
};

/* clang-format on */

static int digit_value(char c, unsigned int base)
{
	int value;

	if (isdigit((unsigned char)c))
		value = c - '0';
	else if (isxdigit((unsigned char)c))
		value = tolower((unsigned char)c) - 'a' + 10;
	else
		return -1;
	return value < (int)base ? value : -1;
}

/*
 * Reads digits from *@text on and moves it behind them. strtoull() won't do: it
 * takes blanks, signs and wraps "-1" to a huge number.
 */
static const char *scan_digits(const char **text, unsigned int base,
			       uint64_t *result)
{
	const char *at = *text;
	uint64_t number = 0;
	int digit;

	while ((digit = digit_value(*at, base)) >= 0) {
		if (__builtin_mul_overflow(number, base, &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return too_large;
		at++;
	}
	if (at == *text)
		return not_a_number;
	*text = at;
	*result = number;
	return NULL;
}

static const char *store(void *value, uint64_t number)
{
	struct number *target = value;

	target->given = true;
	target->value = number;
	return NULL;
}

const char *parse_u64(const char *text, void *value)
{
	unsigned int base = 10;
	const char *problem;
	uint64_t number;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	problem = scan_digits(&text, base, &number);
	if (problem)
		return problem;
	return *text ? not_a_number : store(value, number);
}

static const char *parse_range(const char *text, void *value, uint64_t min,
			       uint64_t max, const char *range)
{
	struct number number;
	const char *problem = parse_u64(text, &number);

	if (problem)
		return problem;
	if (number.value < min || number.value > max)
		return range;
	return store(value, number.value);
}

const char *parse_u32(const char *text, void *value)
{
	return parse_range(text, value, 0, UINT32_MAX, too_large);
}

const char *parse_count(const char *text, void *value)
{
	return parse_range(text, value, 1, UINT32_MAX,
			   "is not from 1 to 4294967295");
}

const char *parse_prio(const char *text, void *value)
{
	return parse_range(text, value, 0, MBX_PRIO_MAX,
			   "is not a priority from 0 to 31");
}

const char *parse_pid(const char *text, void *value)
{
	return parse_range(text, value, 1, INT32_MAX, "is not a process id");
}

static uint64_t unit_factor(const struct unit *units, const char *name)
{
	for (; units->name; units++) {
		if (!strcmp(units->name, name))
			return units->factor;
	}
	return 0;
}

const char *parse_offset(const char *text, void *value)
{
	const char *problem;
	uint64_t number, factor;

	problem = scan_digits(&text, 10, &number);
	if (problem == not_a_number)
		return "is not a size; a size is bytes, or a number with K, M, G or T";
	if (problem)
		return problem;
	factor = unit_factor(size_units, text);
	if (!factor)
		return "has an unknown unit; sizes take K, M, G or T";
	if (__builtin_mul_overflow(number, factor, &number))
		return too_large;
	return store(value, number);
}

const char *parse_size(const char *text, void *value)
{
	struct number number;
	const char *problem = parse_offset(text, &number);

	if (problem)
		return problem;
	return number.value ? store(value, number.value) :
			      "is not a size; it has to be at least 1";
}

const char *parse_mode(const char *text, void *value)
{
	static const char range[] = "is not an octal mode from 1 to 0777";
	uint64_t number;

	if (scan_digits(&text, 8, &number) || *text || !number || number > 0777)
		return range;
	return store(value, number);
}

/*
 * Nanoseconds in the digits behind a decimal point, each worth a tenth of the
 * one before; what is less than a nanosecond is dropped.
 */
static uint64_t scan_fraction(const char **text, uint64_t factor)
{
	uint64_t sum = 0;

	for (; isdigit((unsigned char)**text); (*text)++) {
		sum = sum * 10 + (uint64_t)(**text - '0');
		factor /= 10;
		if (factor < 10)
			break;
	}
	while (isdigit((unsigned char)**text))
		(*text)++;
	return sum * factor;
}

const char *parse_duration(const char *text, void *value)
{
	static const char problem[] =
		"is not a duration; examples: 2, 0.5, 500ms, 2s, 1m";
	const char *fraction = NULL;
	uint64_t number, factor, rest = 0;

	if (scan_digits(&text, 10, &number))
		return isdigit((unsigned char)*text) ? too_large : problem;
	if (*text == '.') {
		fraction = ++text;
		if (!isdigit((unsigned char)*text))
			return problem;
		text += strspn(text, "0123456789");
	}
	factor = unit_factor(time_units, text);
	if (!factor)
		return problem;
	if (fraction)
		rest = scan_fraction(&fraction, factor);
	if (__builtin_mul_overflow(number, factor, &number) ||
	    __builtin_add_overflow(number, rest, &number))
		return too_large;
	return store(value, number);
}

const char *parse_slot(const char *text, void *value)
{
	struct slot_list *list = value;
	struct number number = { 0 };
	const char *problem;
	unsigned int i;

	problem = parse_range(text, &number, 0, MBX_SLOTS_MAX - 1,
			      "is not a slot from 0 to 63");
	if (problem)
		return problem;
	for (i = 0; i < list->count; i++) {
		if (list->slot[i] == number.value)
			return "is given twice";
	}
	list->slot[list->count++] = (uint32_t)number.value;
	return NULL;
}

const char *parse_text(const char *text, void *value)
{
	*(const char **)value = text;
	return NULL;
}

static bool is_dots(const char *component, size_t length)
{
	return (length == 1 && component[0] == '.') ||
	       (length == 2 && component[0] == '.' && component[1] == '.');
}

const char *name_problem(const char *name)
{
	size_t length;

	if (!*name)
		return "is empty";
	if (strlen(name) > MBX_NAME_MAX)
		return "is longer than 255 bytes";
	if (*name == '/')
		return "begins with '/'";
	for (;; name += length + 1) {
		length = strcspn(name, "/");
		if (!length)
			return name[0] ? "has an empty component" :
					 "ends with '/'";
		if (is_dots(name, length))
			return "has '.' or '..' as a component";
		if (!name[length])
			return NULL;
	}
}
