// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands. */
#include "commands.h"

/* clang-format off */
const struct command *const commands[] = {
	&cmd_info,
	&cmd_create,
	&cmd_rm,
	&cmd_send,
	&cmd_recv,
	&cmd_call,
	&cmd_serve,
	&cmd_reply,
	&cmd_stat,
	&cmd_region,
	&cmd_bench,
	&cmd_help,
	NULL,
};

/* clang-format on */
