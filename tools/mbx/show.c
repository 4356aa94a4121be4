// SPDX-License-Identifier: GPL-2.0-only
/* Mailboxes and regions with their attributes and counters. */
#include "fields.h"
#include "out.h"
#include "report.h"
#include "show.h"

/* clang-format off */
#define MAILBOX_FIELD(name, type) \
	{ #name, type, offsetof(struct mbx_mailbox_stat, name) }
#define REGION_FIELD(name, type) \
	{ #name, type, offsetof(struct mbx_region_stat, name) }
/* clang-format on */

static const struct field mailbox_fields[] = {
	{ "named", FIELD_NAMED, offsetof(struct mbx_mailbox_stat, state) },
	{ "direct", FIELD_DIRECT, offsetof(struct mbx_mailbox_stat, state) },
	{ "dead", FIELD_DEAD, offsetof(struct mbx_mailbox_stat, state) },
	MAILBOX_FIELD(lifetime, FIELD_LIFETIME),
	MAILBOX_FIELD(mode, FIELD_MODE),
	MAILBOX_FIELD(uid, FIELD_U32),
	MAILBOX_FIELD(gid, FIELD_U32),
	MAILBOX_FIELD(overflow, FIELD_OVERFLOW),
	MAILBOX_FIELD(max_msgs, FIELD_U32),
	MAILBOX_FIELD(max_msg_size, FIELD_U32),
	MAILBOX_FIELD(max_bytes, FIELD_U64),
	MAILBOX_FIELD(msgs, FIELD_U64),
	MAILBOX_FIELD(bytes, FIELD_U64),
	MAILBOX_FIELD(msgs_high, FIELD_U64),
	MAILBOX_FIELD(bytes_high, FIELD_U64),
	MAILBOX_FIELD(sent, FIELD_U64),
	MAILBOX_FIELD(received, FIELD_U64),
	MAILBOX_FIELD(dropped, FIELD_U64),
	MAILBOX_FIELD(rejected, FIELD_U64),
	MAILBOX_FIELD(withdrawn, FIELD_U64),
	MAILBOX_FIELD(calls, FIELD_U32),
	MAILBOX_FIELD(waiting_receivers, FIELD_U32),
	MAILBOX_FIELD(waiting_senders, FIELD_U32),
	{ NULL, FIELD_U32, 0 },
};

static const struct field region_fields[] = {
	{ "named", FIELD_NAMED, offsetof(struct mbx_region_stat, state) },
	{ "dead", FIELD_DEAD, offsetof(struct mbx_region_stat, state) },
	REGION_FIELD(lifetime, FIELD_LIFETIME),
	REGION_FIELD(mode, FIELD_MODE),
	REGION_FIELD(uid, FIELD_U32),
	REGION_FIELD(gid, FIELD_U32),
	REGION_FIELD(slots, FIELD_U32),
	REGION_FIELD(bytes, FIELD_U64),
	REGION_FIELD(notified, FIELD_U64),
	REGION_FIELD(woken, FIELD_U64),
	REGION_FIELD(waiters, FIELD_U32),
	REGION_FIELD(subscribers, FIELD_U32),
	{ NULL, FIELD_U32, 0 },
};

static void begin(struct json *json, const char *kind,
		  const struct place *place, const bool *created)
{
	json_begin(json, out_file());
	json_string(json, "kind", kind);
	if (place->name)
		json_string(json, "name", place->name);
	else
		json_number(json, "process", (uint64_t)place->pid);
	if (created)
		json_bool(json, "created", *created);
}

int show_mailbox(int fd, const struct place *place, bool as_json,
		 const bool *created)
{
	struct mbx_mailbox_stat stat;
	struct json json;
	int err = mbx_mailbox_get_stat(fd, &stat);

	if (err)
		return report_place(err, "look at", place);
	if (as_json) {
		begin(&json, "mailbox", place, created);
		fields_json(&json, mailbox_fields, &stat);
		json_end(&json);
	} else {
		fprintf(out_file(), "%s %s\n", subject_name(place->subject),
			place_name(place));
		fields_text(out_file(), mailbox_fields, &stat);
	}
	return EXIT_DONE;
}

static void region_json(struct mbx_region *region, const char *name,
			const bool *created, const struct mbx_region_stat *stat)
{
	struct place place = place_named(name);
	struct json json;
	uint32_t slot;

	begin(&json, "region", &place, created);
	fields_json(&json, region_fields, stat);
	json_array_begin(&json, "seq");
	for (slot = 0; slot < stat->slots; slot++)
		json_number(&json, NULL, mbx_region_seq(region, slot));
	json_array_end(&json);
	json_end(&json);
}

static void region_text(struct mbx_region *region, const char *name,
			const struct mbx_region_stat *stat)
{
	char key[24], value[16];
	FILE *out = out_file();
	uint32_t slot;

	fprintf(out, "region %s\n", name);
	fields_text(out, region_fields, stat);
	for (slot = 0; slot < stat->slots; slot++) {
		snprintf(key, sizeof(key), "seq[%u]", slot);
		snprintf(value, sizeof(value), "%u",
			 mbx_region_seq(region, slot));
		fields_line(out, key, value);
	}
}

int show_region(struct mbx_region *region, const char *name, bool as_json,
		const bool *created)
{
	struct mbx_region_stat stat;
	int err = mbx_region_get_stat(region, &stat);

	if (err)
		return report_object(err, "look at", SUBJECT_REGION, name);
	if (as_json)
		region_json(region, name, created, &stat);
	else
		region_text(region, name, &stat);
	return EXIT_DONE;
}
