// SPDX-License-Identifier: GPL-2.0-only
/* mbx region wait */
#include "commands.h"
#include "json.h"
#include "object.h"
#include "out.h"
#include "waiting.h"

static struct waiting waiting;
static bool as_json;

static const struct option_spec options[] = {
	{ "slot", 's', "N", "on this slot; may be repeated; default 0",
	  parse_slot, &waiting.slots },
	{ "seq", 0, "N",
	  "the sequence word last seen; if it is another by now,\n"
	  "do not wait; default is the word at the beginning",
	  parse_u32, &waiting.seq },
	{ "timeout", 0, "DURATION", "wait so long", parse_duration,
	  &waiting.timeout },
	OPTION_SWITCH("nonblock", 'n', &waiting.nonblock,
		      "do not wait, only compare with --seq"),
	OPTION_JSON(&as_json),
	OPTION_END,
};

static void print_json(const char *name, const struct mbx_slot *moved,
		       unsigned int count)
{
	struct json json;
	unsigned int i;

	json_begin(&json, out_file());
	json_string(&json, "region", name);
	json_array_begin(&json, "moved");
	for (i = 0; i < count; i++) {
		json_object_begin(&json, NULL);
		json_number(&json, "slot", moved[i].slot);
		json_number(&json, "seq", moved[i].seq);
		json_object_end(&json);
	}
	json_array_end(&json);
	json_end(&json);
}

static int wait_and_print(struct mbx_region *region, const char *name)
{
	struct mbx_slot moved[MBX_SLOTS_MAX];
	unsigned int i, count;
	int status;

	status = wait_for_slots(region, name, &waiting, moved, &count);
	if (status)
		return status;
	if (as_json)
		print_json(name, moved, count);
	for (i = 0; !as_json && i < count; i++)
		fprintf(out_file(), "slot %u seq %u\n", moved[i].slot,
			moved[i].seq);
	return EXIT_DONE;
}

static int run(int count, char **operands)
{
	struct mbx_region *region;
	int status;

	(void)count;
	status = check_waiting(&waiting);
	if (!status)
		status = open_region(&region, operands[0], MBX_READ);
	if (status)
		return status;
	status = wait_and_print(region, operands[0]);
	mbx_region_close(region);
	return status;
}

const struct command cmd_region_wait = {
	.name = "wait",
	.operands = "NAME",
	.summary = "Wait until a slot of a region moves",
	.notes = "Prints the slots that have moved, with their sequence words.",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
