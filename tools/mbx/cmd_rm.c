// SPDX-License-Identifier: GPL-2.0-only
/* mbx rm */
#include "commands.h"
#include "object.h"

static bool json;

static const struct option_spec options[] = {
	OPTION_JSON(&json),
	OPTION_END,
};

static int run(int count, char **names)
{
	return remove_names(SUBJECT_MAILBOX, count, names, json);
}

const struct command cmd_rm = {
	.name = "rm",
	.operands = "NAME...",
	.summary = "Remove the names of mailboxes",
	.notes =
		"A name is free at once. Who has the mailbox open goes on with it.",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
