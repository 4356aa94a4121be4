// SPDX-License-Identifier: GPL-2.0-only
/* Writes JSON to a stream. */
#include <string.h>

#include "json.h"

static void put_escaped(FILE *file, unsigned char c)
{
	static const char named[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *found = c ? strchr(named, c) : NULL;

	if (found)
		fprintf(file, "\\%c", letters[found - named]);
	else if (c < 0x20 || c == 0x7f)
		fprintf(file, "\\u%04x", c);
	else
		putc(c, file);
}

static void put_string(FILE *file, const void *data, size_t length)
{
	const unsigned char *at = data;

	putc('"', file);
	while (length--)
		put_escaped(file, *at++);
	putc('"', file);
}

static void put_replaced(FILE *file, const char *text)
{
	putc('"', file);
	for (; *text; text++) {
		if ((unsigned char)*text < 0x80)
			put_escaped(file, (unsigned char)*text);
		else
			fputs("\\ufffd", file);
	}
	putc('"', file);
}

static void put_base64(FILE *file, const void *data, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *at = data;
	unsigned int bits;

	putc('"', file);
	for (; length; length -= length < 3 ? length : 3, at += 3) {
		bits = (unsigned int)at[0] << 16;
		bits |= length > 1 ? (unsigned int)at[1] << 8 : 0;
		bits |= length > 2 ? at[2] : 0;
		putc(digits[bits >> 18], file);
		putc(digits[bits >> 12 & 63], file);
		putc(length > 1 ? digits[bits >> 6 & 63] : '=', file);
		putc(length > 2 ? digits[bits & 63] : '=', file);
	}
	putc('"', file);
}

static void put_key(struct json *json, const char *key)
{
	if (json->comma)
		putc(',', json->file);
	json->comma = true;
	if (!key)
		return;
	put_string(json->file, key, strlen(key));
	putc(':', json->file);
}

static void open_nested(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	putc(bracket, json->file);
	json->comma = false;
}

static void close_nested(struct json *json, char bracket)
{
	putc(bracket, json->file);
	json->comma = true;
}

void json_begin(struct json *json, FILE *file)
{
	json->file = file;
	json->comma = false;
	putc('{', file);
}

void json_end(struct json *json)
{
	fputs("}\n", json->file);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	put_key(json, key);
	fprintf(json->file, "%ju", (uintmax_t)value);
}

void json_decimal(struct json *json, const char *key, double value)
{
	put_key(json, key);
	fprintf(json->file, "%.2f", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	put_key(json, key);
	fputs(value ? "true" : "false", json->file);
}

void json_null(struct json *json, const char *key)
{
	put_key(json, key);
	fputs("null", json->file);
}

void json_string(struct json *json, const char *key, const char *value)
{
	put_key(json, key);
	if (utf8_valid(value, strlen(value)))
		put_string(json->file, value, strlen(value));
	else
		put_replaced(json->file, value);
}

void json_bytes(struct json *json, const char *key, const char *encoding_key,
		const void *data, size_t length)
{
	bool text = utf8_valid(data, length);

	put_key(json, key);
	if (text)
		put_string(json->file, data, length);
	else
		put_base64(json->file, data, length);
	json_string(json, encoding_key, text ? "utf-8" : "base64");
}

void json_array_begin(struct json *json, const char *key)
{
	open_nested(json, key, '[');
}

void json_array_end(struct json *json)
{
	close_nested(json, ']');
}

void json_object_begin(struct json *json, const char *key)
{
	open_nested(json, key, '{');
}

void json_object_end(struct json *json)
{
	close_nested(json, '}');
}

/*
 * Length of the sequence that begins with @lead, 0 if none does. @min is the
 * least second byte, @max the greatest: they rule out overlong forms, the
 * surrogates and what is beyond U+10FFFF (Unicode, table 3-7).
 */
static size_t utf8_sequence(unsigned char lead, unsigned char *min,
			    unsigned char *max)
{
	*min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	*max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef)
		return 3;
	return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

bool utf8_valid(const void *data, size_t length)
{
	const unsigned char *at = data, *end = at + length;
	unsigned char min, max;
	size_t i, size;

	for (; at < end; at += size) {
		size = utf8_sequence(*at, &min, &max);
		if (!size || size > (size_t)(end - at))
			return false;
		if (size > 1 && (at[1] < min || at[1] > max))
			return false;
		for (i = 2; i < size; i++) {
			if ((at[i] & 0xc0) != 0x80)
				return false;
		}
	}
	return true;
}
