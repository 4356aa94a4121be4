/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Structs of the kernel, shown by a table of their fields: as JSON and for
 * people, with the same names and the same values.
 */
#ifndef MBX_FIELDS_H
#define MBX_FIELDS_H

#include "json.h"

enum field_type {
	FIELD_U32,
	FIELD_U64,
	FIELD_MODE,
	FIELD_LIFETIME,
	FIELD_OVERFLOW,
	FIELD_NAMED, /* a bit of &enum mbx_state, as are the next */
	FIELD_DEAD,
	FIELD_DIRECT,
};

/**
 * struct field - one field; a name of NULL ends an array
 * @name: key in JSON, and for people
 * @type: of the value
 * @offset: in the struct
 */
struct field {
	const char *name;
	enum field_type type;
	size_t offset;
};

void fields_json(struct json *json, const struct field *fields,
		 const void *object);
void fields_text(FILE *out, const struct field *fields, const void *object);

/* One line for people, aligned with those of fields_text(). */
void fields_line(FILE *out, const char *name, const char *value);

#endif
