/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values of options and operands: from text to numbers, with nothing accepted
 * that is not wholly understood.
 *
 * Every parser has one shape: it stores at @value and returns NULL, or returns
 * what is wrong as the end of a sentence ("is not a size; ...") and stores
 * nothing. None knows of any option.
 */
#ifndef MBX_VALUES_H
#define MBX_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/mbx.h>

typedef const char *(*value_parser)(const char *text, void *value);

/* A number that an option may leave unset. */
struct number {
	bool given;
	uint64_t value;
};

/* Slot numbers in the order given, each once. */
struct slot_list {
	unsigned int count;
	uint32_t slot[MBX_SLOTS_MAX];
};

/* Into a &struct number. */
const char *parse_u64(const char *text, void *value); /* 10 or 0xa */
const char *parse_u32(const char *text, void *value);
const char *parse_count(const char *text, void *value); /* 1 to 2^32 - 1 */
const char *parse_prio(const char *text, void *value); /* 0 to 31 */
const char *parse_pid(const char *text, void *value);
const char *parse_offset(const char *text,
			 void *value); /* bytes; 4K, 2M, 1G, 1T */
const char *parse_size(const char *text, void *value); /* likewise, not 0 */
const char *parse_mode(const char *text, void *value); /* octal, 1 to 0777 */
const char *parse_duration(const char *text,
			   void *value); /* nanoseconds; 500ms, 2s, 1m */

const char *parse_slot(const char *text,
		       void *value); /* adds to a struct slot_list */
const char *parse_text(const char *text, void *value); /* into a const char * */

/*
 * What is wrong with the name of an object, as the end of a sentence ("has an
 * empty component"), or NULL.
 */
const char *name_problem(const char *name);

#endif
