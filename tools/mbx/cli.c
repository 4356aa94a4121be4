// SPDX-License-Identifier: GPL-2.0-only
/* Dispatch and options, from the table of commands. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define OPTIONS_MAX 24
/* getopt_long() returns this plus an option's index: beyond every character. */
#define OPTION_KEY 1000
#define HELP_KEY (OPTION_KEY + OPTIONS_MAX)

static char path[64] = "mbx";

const char *cli_path(void)
{
	return path;
}

int usage_error(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", path);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; see '%s --help'\n", path);
	return EXIT_USAGE;
}

int usage_too_few(const struct command *command)
{
	return usage_error("too few operands, it takes %s", command->operands);
}

int usage_conflict(const char *one, const char *other)
{
	return usage_error("%s and %s exclude each other", one, other);
}

const struct command *cli_find(const struct command *const *group,
			       const char *name)
{
	for (; *group; group++) {
		if (!strcmp((*group)->name, name))
			return *group;
	}
	return NULL;
}

static void enter(const struct command *command)
{
	strncat(path, " ", sizeof(path) - strlen(path) - 1);
	strncat(path, command->name, sizeof(path) - strlen(path) - 1);
}

/*
 * One command's options in getopt's form, zeroed before it is built. A leading
 * ':' in @letters makes getopt tell a missing argument from an unknown option.
 */
struct getopt_form {
	struct option longs[OPTIONS_MAX + 2];
	char letters[2 * OPTIONS_MAX + 4];
};

static void build_form(const struct option_spec *specs,
		       struct getopt_form *form)
{
	char *letter = form->letters;
	int i;

	*letter++ = ':';
	*letter++ = 'h';
	for (i = 0; specs && specs[i].name && i < OPTIONS_MAX; i++) {
		form->longs[i].name = specs[i].name;
		form->longs[i].has_arg = specs[i].arg ? required_argument :
							no_argument;
		form->longs[i].val = OPTION_KEY + i;
		if (!specs[i].letter)
			continue;
		*letter++ = specs[i].letter;
		if (specs[i].arg)
			*letter++ = ':';
	}
	form->longs[i].name = "help";
	form->longs[i].val = HELP_KEY;
}

static const struct option_spec *spec_of(const struct option_spec *specs,
					 int key)
{
	int i;

	if (key >= OPTION_KEY)
		return &specs[key - OPTION_KEY];
	for (i = 0; specs && specs[i].name; i++) {
		if (specs[i].letter == key)
			return &specs[i];
	}
	return NULL;
}

static int apply(const struct option_spec *spec)
{
	const char *problem;

	if (!spec->parse) {
		*(bool *)spec->value = true;
		return 0;
	}
	problem = spec->parse(optarg, spec->value);
	return problem ? usage_error("--%s: '%s' %s", spec->name, optarg,
				     problem) :
			 0;
}

static int bad_option(int key, char *const *argv)
{
	const char *word = argv[optind - 1];

	if (key == ':')
		return usage_error("option '%s' needs an argument", word);
	if (optopt >= OPTION_KEY)
		return usage_error("option '%s' takes no argument", word);
	if (optopt)
		return usage_error("unknown option '-%c'", optopt);
	return usage_error("unknown option '%s'", word);
}

/* Returns -1 to go on and run the command, else an exit status. */
static int parse_options(const struct command *command, int argc, char **argv)
{
	struct getopt_form form = { 0 };
	int key, status;

	build_form(command->options, &form);
	opterr = 0;
	while ((key = getopt_long(argc, argv, form.letters, form.longs,
				  NULL)) != -1) {
		if (key == 'h' || key == HELP_KEY)
			return help_command(path, command);
		if (key == '?' || key == ':')
			return bad_option(key, argv);
		status = apply(spec_of(command->options, key));
		if (status)
			return status;
	}
	return -1;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	int status = parse_options(command, argc, argv);

	if (status >= 0)
		return status;
	argc -= optind;
	argv += optind;
	if (argc < command->min_operands)
		return usage_too_few(command);
	if (command->max_operands >= 0 && argc > command->max_operands)
		return usage_error("'%s' is one operand too many",
				   argv[command->max_operands]);
	return command->run(argc, argv);
}

static int dispatch(const struct command *const *group, int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		return usage_error("a command is missing");
	command = cli_find(group, argv[1]);
	if (!command && argv[1][0] == '-')
		return usage_error("unknown option '%s'", argv[1]);
	if (!command)
		return usage_error("unknown command '%s'", argv[1]);
	enter(command);
	if (!command->group)
		return run_command(command, argc - 1, argv + 1);
	if (argc > 2 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h")))
		return help_command(path, command);
	return dispatch(command->group, argc - 1, argv + 1);
}

int cli_dispatch(int argc, char **argv)
{
	return dispatch(commands, argc, argv);
}

int cli_help_on(int count, char **words)
{
	const struct command *const *group = commands;
	const struct command *command = NULL;
	int i;

	/* The word "help" is not part of the path. */
	path[strlen("mbx")] = '\0';
	for (i = 0; i < count; i++) {
		command = group ? cli_find(group, words[i]) : NULL;
		if (!command)
			return usage_error("no command '%s' to help with",
					   words[i]);
		enter(command);
		group = command->group;
	}
	return command ? help_command(path, command) : help_overview();
}
