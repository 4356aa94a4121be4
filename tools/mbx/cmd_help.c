// SPDX-License-Identifier: GPL-2.0-only
/* mbx help */
#include "commands.h"

const struct command cmd_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "Print help on a command",
	.max_operands = -1,
	.run = cli_help_on,
};
