/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line: commands, their options and the help, all from one table.
 *
 * A command is a constant &struct command in a file of its own. The same
 * struct drives dispatch, the parsing of options by getopt_long() and the
 * text of --help, so that the three can't disagree.
 */
#ifndef MBX_CLI_H
#define MBX_CLI_H

#include "values.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_WAIT = 3, /* would block, or timed out */
};

/**
 * struct option_spec - one option of a command
 * @name: long name, without the dashes; NULL ends an array
 * @letter: short name, 0 for none
 * @arg: what the help calls the argument, NULL for a switch
 * @help: one line; a '\n' starts another
 * @parse: stores the argument at @value; a switch has none
 * @value: where the result goes; a bool for a switch
 */
struct option_spec {
	const char *name;
	char letter;
	const char *arg;
	const char *help;
	value_parser parse;
	void *value;
};

/* clang-format off */
#define OPTION_SWITCH(name, letter, value, help) \
	{ name, letter, NULL, help, NULL, value }
#define OPTION_JSON(value) \
	OPTION_SWITCH("json", 0, value, "print one JSON object per line")
#define OPTION_END { NULL, 0, NULL, NULL, NULL, NULL }
/* clang-format on */

/**
 * struct command - one command, or a group of commands
 * @name: as typed; NULL ends an array of commands
 * @operands: as shown in the help
 * @summary: what it does, less than a line
 * @notes: further paragraphs of the help, or NULL
 * @options: array, or NULL
 * @min_operands: how many it needs
 * @max_operands: how many it takes, -1 for any number
 * @run: gets the operands; returns an exit status
 * @group: the commands of a group, or NULL
 */
struct command {
	const char *name;
	const char *operands;
	const char *summary;
	const char *notes;
	const struct option_spec *options;
	int min_operands;
	int max_operands;
	int (*run)(int count, char **operands);
	const struct command *const *group;
};

/* All commands, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

/* The command that is being run, for error messages: "mbx region put". */
const char *cli_path(void);

/* Finds the command that @argv names, parses its options and runs it. */
int cli_dispatch(int argc, char **argv);

/* Prints a sentence and where the help is; returns EXIT_USAGE. */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Likewise, when @command was given too few operands. */
int usage_too_few(const struct command *command);

/* Likewise, for two options or operands that exclude each other. */
int usage_conflict(const char *one, const char *other);

/* Print help on stdout: of everything, or of one command. */
int help_overview(void);
int help_command(const char *path, const struct command *command);

/* The command called @name in @group, or NULL. */
const struct command *cli_find(const struct command *const *group,
			       const char *name);

/* Help for the command that the words name: {"region", "put"}. */
int cli_help_on(int count, char **words);

#endif
