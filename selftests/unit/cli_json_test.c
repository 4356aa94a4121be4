// SPDX-License-Identifier: GPL-2.0-only
/* The JSON that the tool writes. */
#include "kselftest_harness.h"

#include "../../tools/mbx/json.c"

/* clang-format off */
FIXTURE(json) {
	struct json json;
	FILE *file;
	char *text;
	size_t length;
};

/* clang-format on */

FIXTURE_SETUP(json)
{
	self->file = open_memstream(&self->text, &self->length);
	ASSERT_NE(NULL, self->file);
	json_begin(&self->json, self->file);
}

FIXTURE_TEARDOWN(json)
{
	fclose(self->file);
	free(self->text);
}

/* Ends the object; the text is that of its line. */
static const char *line(FIXTURE_DATA(json) * self)
{
	json_end(&self->json);
	fflush(self->file);
	return self->text;
}

TEST_F(json, an_empty_object_is_a_line)
{
	EXPECT_STREQ("{}\n", line(self));
}

TEST_F(json, fields_are_separated)
{
	json_number(&self->json, "n", UINT64_MAX);
	json_bool(&self->json, "t", true);
	json_bool(&self->json, "f", false);
	json_string(&self->json, "s", "x");
	EXPECT_STREQ("{\"n\":18446744073709551615,\"t\":true,\"f\":false,"
		     "\"s\":\"x\"}\n",
		     line(self));
}

TEST_F(json, decimals_have_two_digits)
{
	json_decimal(&self->json, "d", 1234.567);
	json_decimal(&self->json, "n", -0.5);
	EXPECT_STREQ("{\"d\":1234.57,\"n\":-0.50}\n", line(self));
}

TEST_F(json, arrays_and_objects_nest)
{
	json_array_begin(&self->json, "a");
	json_number(&self->json, NULL, 1);
	json_object_begin(&self->json, NULL);
	json_number(&self->json, "b", 2);
	json_object_end(&self->json);
	json_array_end(&self->json);
	json_array_begin(&self->json, "e");
	json_array_end(&self->json);
	EXPECT_STREQ("{\"a\":[1,{\"b\":2}],\"e\":[]}\n", line(self));
}

TEST_F(json, a_string_is_escaped)
{
	json_string(&self->json, "s", "\"\\/\b\f\n\r\t\x01\x1f\x7f");
	EXPECT_STREQ("{\"s\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"}"
		     "\n",
		     line(self));
}

TEST_F(json, a_nul_byte_is_escaped)
{
	json_bytes(&self->json, "p", "encoding", "a\0b", 3);
	EXPECT_STREQ("{\"p\":\"a\\u0000b\",\"encoding\":\"utf-8\"}\n",
		     line(self));
}

TEST_F(json, utf8_stays_as_it_is)
{
	json_bytes(&self->json, "p", "encoding", "\xc3\xa4\xe2\x82\xac", 5);
	EXPECT_STREQ("{\"p\":\"\xc3\xa4\xe2\x82\xac\",\"encoding\":\"utf-8\"}"
		     "\n",
		     line(self));
}

TEST_F(json, empty_bytes_are_an_empty_string)
{
	json_bytes(&self->json, "p", "encoding", NULL, 0);
	EXPECT_STREQ("{\"p\":\"\",\"encoding\":\"utf-8\"}\n", line(self));
}

TEST_F(json, other_bytes_become_base64)
{
	json_bytes(&self->json, "a", "ea", "\xff", 1);
	json_bytes(&self->json, "b", "eb", "\xff\xfe", 2);
	json_bytes(&self->json, "c", "ec", "\xff\xfe\xfd", 3);
	json_bytes(&self->json, "d", "ed", "\xfb\xff\xbf\x00", 4);
	EXPECT_STREQ("{\"a\":\"/w==\",\"ea\":\"base64\","
		     "\"b\":\"//4=\",\"eb\":\"base64\","
		     "\"c\":\"//79\",\"ec\":\"base64\","
		     "\"d\":\"+/+/AA==\",\"ed\":\"base64\"}\n",
		     line(self));
}

TEST_F(json, a_name_that_is_not_utf8_is_replaced_and_stays_valid)
{
	json_string(&self->json, "s", "a\xff\"b");
	EXPECT_STREQ("{\"s\":\"a\\ufffd\\\"b\"}\n", line(self));
}

static bool valid(const char *text)
{
	return utf8_valid(text, strlen(text));
}

TEST(utf8_takes_the_ends_of_each_range)
{
	EXPECT_TRUE(valid("\x7f"));
	EXPECT_TRUE(valid("\xc2\x80\xdf\xbf"));
	EXPECT_TRUE(valid("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
	EXPECT_TRUE(valid("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
	EXPECT_TRUE(utf8_valid("\0", 1));
}

TEST(utf8_refuses_what_is_malformed)
{
	EXPECT_FALSE(valid("\x80")); /* no lead */
	EXPECT_FALSE(valid("\xc3")); /* cut off */
	EXPECT_FALSE(valid("\xe2\x82")); /* cut off */
	EXPECT_FALSE(valid("\xc0\x80")); /* overlong */
	EXPECT_FALSE(valid("\xc1\xbf")); /* overlong */
	EXPECT_FALSE(valid("\xe0\x9f\xbf")); /* overlong */
	EXPECT_FALSE(valid("\xf0\x8f\xbf\xbf")); /* overlong */
	EXPECT_FALSE(valid("\xed\xa0\x80")); /* surrogate */
	EXPECT_FALSE(valid("\xf4\x90\x80\x80")); /* beyond U+10FFFF */
	EXPECT_FALSE(valid("\xf5\x80\x80\x80")); /* likewise */
	EXPECT_FALSE(valid("\xe2\x28\xa1")); /* second byte */
	EXPECT_FALSE(valid("\xe2\x82\x28")); /* third byte */
	EXPECT_FALSE(valid("\xff"));
}

TEST_HARNESS_MAIN
