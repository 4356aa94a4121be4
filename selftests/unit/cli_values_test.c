// SPDX-License-Identifier: GPL-2.0-only
/* What the tool takes as numbers, sizes, durations, slots and names. */
#include "kselftest_harness.h"

#include "../../tools/mbx/values.c"

#define SEC 1000000000ULL

struct good {
	const char *text;
	uint64_t value;
};

/* The value of @text, or -1 if the parser refuses it and stores nothing. */
static uint64_t parsed(value_parser parse, const char *text)
{
	struct number number = { false, 77 };

	if (!parse(text, &number))
		return number.given ? number.value : 0xbad;
	return !number.given && number.value == 77 ? UINT64_MAX : 0xbad;
}

/* The first of the texts, up to NULL, that the parser takes; NULL if none. */
static const char *taken(value_parser parse, const char *const *texts)
{
	for (; *texts; texts++) {
		if (parsed(parse, *texts) != UINT64_MAX)
			return *texts;
	}
	return NULL;
}

TEST(a_number_is_decimal_or_hexadecimal)
{
	EXPECT_EQ(0, parsed(parse_u64, "0"));
	EXPECT_EQ(10, parsed(parse_u64, "10"));
	EXPECT_EQ(10, parsed(parse_u64, "010"));
	EXPECT_EQ(0xbeef, parsed(parse_u64, "0xbeef"));
	EXPECT_EQ(0xBEEF, parsed(parse_u64, "0XBEEF"));
	EXPECT_EQ(UINT64_MAX - 1, parsed(parse_u64, "18446744073709551614"));
}

TEST(a_number_with_anything_else_is_refused)
{
	static const char *const texts[] = { "",   " ",	  "-1", "+1",
					     "1 ", " 1",  "1x", "0x",
					     "x",  "1.5", NULL };

	EXPECT_EQ(NULL, taken(parse_u64, texts));
}

TEST(a_number_beyond_64_bits_is_refused)
{
	struct number number;

	EXPECT_STREQ("is too large",
		     parse_u64("18446744073709551616", &number));
	EXPECT_STREQ("is too large",
		     parse_u64("99999999999999999999999", &number));
	EXPECT_STREQ("is too large", parse_u64("0x10000000000000000", &number));
	EXPECT_EQ(NULL, parse_u64("18446744073709551615", &number));
}

TEST(ranges_end_where_they_should)
{
	EXPECT_EQ(UINT32_MAX, parsed(parse_u32, "4294967295"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_u32, "4294967296"));
	EXPECT_EQ(31, parsed(parse_prio, "31"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_prio, "32"));
	EXPECT_EQ(1, parsed(parse_count, "1"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_count, "0"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_pid, "0"));
	EXPECT_EQ(INT32_MAX, parsed(parse_pid, "2147483647"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_pid, "2147483648"));
}

TEST(a_size_has_binary_units)
{
	EXPECT_EQ(1, parsed(parse_size, "1"));
	EXPECT_EQ(4096, parsed(parse_size, "4K"));
	EXPECT_EQ(4096, parsed(parse_size, "4k"));
	EXPECT_EQ(3ULL << 20, parsed(parse_size, "3M"));
	EXPECT_EQ(2ULL << 30, parsed(parse_size, "2g"));
	EXPECT_EQ(1ULL << 40, parsed(parse_size, "1T"));
}

TEST(a_size_that_is_none_is_refused)
{
	static const char *const texts[] = {
		"",
		"K",
		"-1",
		"1KK",
		"1B",
		"1 K",
		"0x1",
		"1.5M",
		"1e3",
		"0",
		"0K",
		"16777216T",
		"18446744073709551616",
		"18014398509481984K",
		NULL,
	};

	EXPECT_EQ(NULL, taken(parse_size, texts));
}

TEST(an_offset_may_be_zero_and_a_size_not)
{
	EXPECT_EQ(0, parsed(parse_offset, "0"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_size, "0"));
}

TEST(a_duration_is_seconds_or_has_a_unit)
{
	static const struct good cases[] = {
		{ "0", 0 },	      { "2", 2 * SEC },
		{ "2s", 2 * SEC },    { "500ms", SEC / 2 },
		{ "1m", 60 * SEC },   { "1h", 3600 * SEC },
		{ "7us", 7000 },      { "9ns", 9 },
		{ "0.5", SEC / 2 },   { "1.25s", SEC + SEC / 4 },
		{ "1.5m", 90 * SEC }, { "0.000000001", 1 },
		{ "0.5ns", 0 },	      { "1.0000000019", SEC + 1 },
		{ "0.1ms", 100000 },  { "3.000", 3 * SEC },
	};
	const struct good *end = cases + sizeof(cases) / sizeof(cases[0]);
	const struct good *each;

	for (each = cases; each < end; each++)
		EXPECT_EQ(each->value, parsed(parse_duration, each->text));
}

TEST(a_duration_that_is_none_is_refused)
{
	static const char *const texts[] = {
		"",
		"s",
		"-1",
		"+1",
		"1.",
		".5",
		"1.s",
		"1 s",
		"1sec",
		"1.2.3",
		"1d",
		"nan",
		"18446744073709551615",
		"18446744073709551616",
		NULL,
	};

	EXPECT_EQ(NULL, taken(parse_duration, texts));
}

TEST(a_mode_is_octal_and_not_zero)
{
	EXPECT_EQ(0660, parsed(parse_mode, "0660"));
	EXPECT_EQ(0666, parsed(parse_mode, "666"));
	EXPECT_EQ(0777, parsed(parse_mode, "777"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_mode, "0"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_mode, "1000"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_mode, "689"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_mode, "rw"));
	EXPECT_EQ(UINT64_MAX, parsed(parse_mode, ""));
}

TEST(slots_gather_in_the_order_given)
{
	struct slot_list list = { 0 };

	EXPECT_EQ(NULL, parse_slot("63", &list));
	EXPECT_EQ(NULL, parse_slot("0", &list));
	ASSERT_EQ(2, list.count);
	EXPECT_EQ(63, list.slot[0]);
	EXPECT_EQ(0, list.slot[1]);
}

TEST(all_slots_fit_and_none_twice)
{
	struct slot_list list = { 0 };
	char text[8];
	int i;

	for (i = 0; i < 64; i++) {
		snprintf(text, sizeof(text), "%d", i);
		EXPECT_EQ(NULL, parse_slot(text, &list));
	}
	EXPECT_STREQ("is given twice", parse_slot("5", &list));
	EXPECT_NE(NULL, parse_slot("64", &list));
	EXPECT_EQ(64, list.count);
}

TEST(a_sound_name_has_no_problem)
{
	char longest[256];

	memset(longest, 'x', 255);
	longest[255] = 0;
	EXPECT_EQ(NULL, name_problem("a"));
	EXPECT_EQ(NULL, name_problem("a/b/c"));
	EXPECT_EQ(NULL, name_problem("..."));
	EXPECT_EQ(NULL, name_problem(".a/b."));
	EXPECT_EQ(NULL, name_problem("with blank\nand \xff"));
	EXPECT_EQ(NULL, name_problem(longest));
}

TEST(a_malformed_name_is_told_why)
{
	char longer[257];

	memset(longer, 'x', 256);
	longer[256] = 0;
	EXPECT_STREQ("is empty", name_problem(""));
	EXPECT_STREQ("is longer than 255 bytes", name_problem(longer));
	EXPECT_STREQ("begins with '/'", name_problem("/a"));
	EXPECT_STREQ("begins with '/'", name_problem("/"));
	EXPECT_STREQ("ends with '/'", name_problem("a/"));
	EXPECT_STREQ("has an empty component", name_problem("a//b"));
	EXPECT_STREQ("has '.' or '..' as a component", name_problem("."));
	EXPECT_STREQ("has '.' or '..' as a component", name_problem("a/../b"));
	EXPECT_STREQ("has '.' or '..' as a component", name_problem("a/."));
}

TEST_HARNESS_MAIN
