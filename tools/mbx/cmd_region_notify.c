// SPDX-License-Identifier: GPL-2.0-only
/* mbx region notify */
#include "commands.h"
#include "json.h"
#include "object.h"
#include "out.h"

static struct {
	struct slot_list slots;
	bool json;
} given;

static const struct option_spec options[] = {
	{ "slot", 's', "N", "this slot; may be repeated; default 0", parse_slot,
	  &given.slots },
	OPTION_JSON(&given.json),
	OPTION_END,
};

static int slot_mask(const struct mbx_region *region, const char *name,
		     uint64_t *mask)
{
	unsigned int i;
	int status;

	*mask = given.slots.count ? 0 : 1;
	for (i = 0; i < given.slots.count; i++) {
		status = check_slot(region, name, given.slots.slot[i]);
		if (status)
			return status;
		*mask |= 1ULL << given.slots.slot[i];
	}
	return EXIT_DONE;
}

static void print_json(const char *name, int woken)
{
	struct json json;

	json_begin(&json, out_file());
	json_string(&json, "region", name);
	json_number(&json, "woken", (uint64_t)woken);
	json_end(&json);
}

static int notify(struct mbx_region *region, const char *name)
{
	uint64_t mask;
	int status, woken;

	status = slot_mask(region, name, &mask);
	if (status)
		return status;
	woken = mbx_region_notify_mask(region, mask);
	if (woken < 0)
		return report_object(woken, "notify", SUBJECT_REGION, name);
	if (given.json)
		print_json(name, woken);
	return EXIT_DONE;
}

static int run(int count, char **operands)
{
	struct mbx_region *region;
	int status;

	(void)count;
	status = open_region(&region, operands[0], MBX_READ | MBX_WRITE);
	if (status)
		return status;
	status = notify(region, operands[0]);
	mbx_region_close(region);
	return status;
}

const struct command cmd_region_notify = {
	.name = "notify",
	.operands = "NAME",
	.summary = "Wake those who wait on slots of a region",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
