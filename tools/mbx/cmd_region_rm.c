// SPDX-License-Identifier: GPL-2.0-only
/* mbx region rm */
#include "commands.h"
#include "object.h"

static bool json;

static const struct option_spec options[] = {
	OPTION_JSON(&json),
	OPTION_END,
};

static int run(int count, char **names)
{
	return remove_names(SUBJECT_REGION, count, names, json);
}

const struct command cmd_region_rm = {
	.name = "rm",
	.operands = "NAME...",
	.summary = "Remove the names of regions",
	.notes =
		"A name is free at once. Who has the region open goes on with it.",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
