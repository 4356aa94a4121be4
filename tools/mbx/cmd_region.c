// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands on regions. */
#include "commands.h"

/* clang-format off */
static const struct command *const region_commands[] = {
	&cmd_region_create,
	&cmd_region_put,
	&cmd_region_get,
	&cmd_region_wait,
	&cmd_region_notify,
	&cmd_region_rm,
	&cmd_region_stat,
	NULL,
};

/* clang-format on */

const struct command cmd_region = {
	.name = "region",
	.summary = "Share memory through named regions",
	.group = region_commands,
};
