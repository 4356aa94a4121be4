// SPDX-License-Identifier: GPL-2.0-only
/* Structs of the kernel, shown by a table of their fields. */
#include <string.h>

#include <mbx.h>

#include "fields.h"

#define VALUE_MAX 32

static const char *lifetime_name(uint64_t lifetime)
{
	switch (lifetime) {
	case MBX_LIFE_PERSIST:
		return "persist";
	case MBX_LIFE_LAST_CLOSE:
		return "last-close";
	case MBX_LIFE_OWNER:
		return "owner";
	default:
		return "unknown";
	}
}

static const char *overflow_name(uint64_t overflow)
{
	switch (overflow) {
	case MBX_OVERFLOW_BLOCK:
		return "block";
	case MBX_OVERFLOW_REJECT:
		return "reject";
	case MBX_OVERFLOW_DROP_OLDEST:
		return "drop-oldest";
	default:
		return "unknown";
	}
}

static uint64_t value_of(const struct field *field, const void *object)
{
	const char *at = (const char *)object + field->offset;
	uint64_t wide;
	uint32_t narrow;

	if (field->type == FIELD_U64) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	if (field->type == FIELD_NAMED)
		return !!(narrow & MBX_STATE_NAMED);
	if (field->type == FIELD_DEAD)
		return !!(narrow & MBX_STATE_DEAD);
	if (field->type == FIELD_DIRECT)
		return !!(narrow & MBX_STATE_DIRECT);
	return narrow;
}

/* The value as text: for JSON, a string if it is one of the types named here. */
static const char *text_of(const struct field *field, uint64_t value,
			   char *buffer)
{
	switch (field->type) {
	case FIELD_MODE:
		snprintf(buffer, VALUE_MAX, "%04jo", (uintmax_t)value);
		return buffer;
	case FIELD_LIFETIME:
		return lifetime_name(value);
	case FIELD_OVERFLOW:
		return overflow_name(value);
	default:
		return NULL;
	}
}

static bool is_bit(const struct field *field)
{
	return field->type == FIELD_NAMED || field->type == FIELD_DEAD ||
	       field->type == FIELD_DIRECT;
}

void fields_json(struct json *json, const struct field *fields,
		 const void *object)
{
	char buffer[VALUE_MAX];
	const char *text;
	uint64_t value;

	for (; fields->name; fields++) {
		value = value_of(fields, object);
		text = text_of(fields, value, buffer);
		if (text)
			json_string(json, fields->name, text);
		else if (is_bit(fields))
			json_bool(json, fields->name, value);
		else
			json_number(json, fields->name, value);
	}
}

void fields_text(FILE *out, const struct field *fields, const void *object)
{
	char buffer[VALUE_MAX];
	const char *text;
	uint64_t value;

	for (; fields->name; fields++) {
		value = value_of(fields, object);
		text = text_of(fields, value, buffer);
		if (!text && is_bit(fields))
			text = value ? "yes" : "no";
		if (!text) {
			snprintf(buffer, sizeof(buffer), "%ju",
				 (uintmax_t)value);
			text = buffer;
		}
		fields_line(out, fields->name, text);
	}
}

void fields_line(FILE *out, const char *name, const char *value)
{
	fprintf(out, "  %-20s%s\n", name, value);
}
