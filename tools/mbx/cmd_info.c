// SPDX-License-Identifier: GPL-2.0-only
/* mbx info */
#include <mbx.h>

#include "commands.h"
#include "fields.h"
#include "out.h"
#include "report.h"

/* clang-format off */
#define INFO_FIELD(name, type) { #name, type, offsetof(struct mbx_info, name) }
/* clang-format on */

static bool as_json;

static const struct option_spec options[] = {
	OPTION_JSON(&as_json),
	OPTION_END,
};

static const struct field info_fields[] = {
	INFO_FIELD(abi_version, FIELD_U32),
	INFO_FIELD(page_size, FIELD_U32),
	INFO_FIELD(region_max_bytes, FIELD_U64),
	INFO_FIELD(quota_objects, FIELD_U64),
	INFO_FIELD(used_objects, FIELD_U64),
	INFO_FIELD(quota_msg_bytes, FIELD_U64),
	INFO_FIELD(used_msg_bytes, FIELD_U64),
	INFO_FIELD(quota_region_bytes, FIELD_U64),
	INFO_FIELD(used_region_bytes, FIELD_U64),
	INFO_FIELD(msg_overhead, FIELD_U32),
	{ NULL, FIELD_U32, 0 },
};

struct constant {
	const char *name;
	uint64_t value;
};

/* The limits that the ABI fixes. */
/* clang-format off */
static const struct constant limits[] = {
	{ "name_max", MBX_NAME_MAX },
	{ "prio_max", MBX_PRIO_MAX },
	{ "batch_max", MBX_BATCH_MAX },
	{ "slots_max", MBX_SLOTS_MAX },
	{ "msgs_max", MBX_MSGS_MAX },
	{ "msg_size_max", MBX_MSG_SIZE_MAX },
	{ "bytes_max", MBX_BYTES_MAX },
	{ NULL, 0 },
};

/* clang-format on */

static const struct constant features[] = {
	{ "mailbox", MBX_FEATURE_MAILBOX },
	{ "region", MBX_FEATURE_REGION },
	{ "direct", MBX_FEATURE_DIRECT },
	{ "call", MBX_FEATURE_CALL },
	{ NULL, 0 },
};

static void print_json(const struct mbx_info *info)
{
	const struct constant *item;
	struct json json;

	json_begin(&json, out_file());
	json_string(&json, "version", MBX_VERSION);
	json_string(&json, "library_version", mbx_version());
	json_array_begin(&json, "features");
	for (item = features; item->name; item++) {
		if (info->features & item->value)
			json_string(&json, NULL, item->name);
	}
	json_array_end(&json);
	fields_json(&json, info_fields, info);
	for (item = limits; item->name; item++)
		json_number(&json, item->name, item->value);
	json_end(&json);
}

static void print_text(const struct mbx_info *info)
{
	const struct constant *item;
	FILE *out = out_file();
	char number[24];

	fputs("mbx\n", out);
	fields_line(out, "version", MBX_VERSION);
	fields_line(out, "library_version", mbx_version());
	for (item = features; item->name; item++) {
		if (info->features & item->value)
			fields_line(out, "feature", item->name);
	}
	fields_text(out, info_fields, info);
	for (item = limits; item->name; item++) {
		snprintf(number, sizeof(number), "%ju", (uintmax_t)item->value);
		fields_line(out, item->name, number);
	}
}

static int run(int count, char **operands)
{
	struct mbx_info info;
	int err;

	(void)count;
	(void)operands;
	err = mbx_get_info(&info);
	if (err)
		return report_device(err, "ask the module");
	if (as_json)
		print_json(&info);
	else
		print_text(&info);
	return EXIT_DONE;
}

const struct command cmd_info = {
	.name = "info",
	.operands = "",
	.summary = "Print version, features, limits and the user's quota",
	.options = options,
	.run = run,
};
