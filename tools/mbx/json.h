/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON (RFC 8259) to a stream, one object per line.
 *
 * Strings are valid UTF-8 or they are not written as strings: bytes that are
 * not UTF-8 become base64, and a field beside them says which of the two it is.
 * Errors of the stream are the stream's to keep; ask ferror().
 */
#ifndef MBX_JSON_H
#define MBX_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct json - an object that is being written
 * @file: where to
 * @comma: whether the next field needs one before it
 */
struct json {
	FILE *file;
	bool comma;
};

void json_begin(struct json *json, FILE *file);
void json_end(struct json *json); /* ends the line too */

void json_number(struct json *json, const char *key, uint64_t value);
void json_decimal(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* For names: in one that is not UTF-8, each byte beyond ASCII becomes U+FFFD. */
void json_string(struct json *json, const char *key, const char *value);

/* @encoding_key: the field that says "utf-8" or "base64". */
void json_bytes(struct json *json, const char *key, const char *encoding_key,
		const void *data, size_t length);

/* A key of NULL makes an element of an array. */
void json_array_begin(struct json *json, const char *key);
void json_array_end(struct json *json);
void json_object_begin(struct json *json, const char *key);
void json_object_end(struct json *json);

bool utf8_valid(const void *data, size_t length);

#endif
