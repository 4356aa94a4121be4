// SPDX-License-Identifier: GPL-2.0-only
/* mbx region stat */
#include "commands.h"
#include "object.h"
#include "show.h"

static bool json;

static const struct option_spec options[] = {
	OPTION_JSON(&json),
	OPTION_END,
};

static int stat_name(const char *name)
{
	struct mbx_region *region;
	int status;

	status = open_region(&region, name, MBX_READ);
	if (status)
		return status;
	status = show_region(region, name, json, NULL);
	mbx_region_close(region);
	return status;
}

static int run(int count, char **names)
{
	int i, status, worst = EXIT_DONE;

	for (i = 0; i < count; i++) {
		status = stat_name(names[i]);
		if (status)
			worst = status;
	}
	return worst;
}

const struct command cmd_region_stat = {
	.name = "stat",
	.operands = "NAME...",
	.summary = "Print attributes and counters of regions",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
