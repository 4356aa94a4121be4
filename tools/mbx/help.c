// SPDX-License-Identifier: GPL-2.0-only
/* The text of --help, from the table of commands. */
#include <string.h>

#include "cli.h"
#include "out.h"

#define SUMMARY_COLUMN 26

static const char overview_head[] =
	"Usage: mbx COMMAND [OPTION]... [OPERAND]...\n"
	"Messages through named mailboxes, shared memory through named regions.\n"
	"\n"
	"Commands:\n";

static const char overview_tail[] =
	"\n"
	"Options:\n"
	"  -h, --help              print this, or the help of a command\n"
	"      --version           print the version\n"
	"\n"
	"Sizes are bytes or take K, M, G, T (powers of 1024). Durations are seconds or\n"
	"take ns, us, ms, s, m, h. '--' ends the options. Results go to standard output,\n"
	"with --json as one JSON object per line; errors go to standard error.\n"
	"Exit status: 0 done, 1 failed, 2 wrong usage, 3 would block or timed out.\n";

/*
 * Prints the lines of @text in a column; @used characters of the first line are
 * taken.
 */
static void print_column(FILE *out, int used, const char *text)
{
	size_t length;

	if (used >= SUMMARY_COLUMN) {
		putc('\n', out);
		used = 0;
	}
	for (;; text += length + 1, used = 0) {
		length = strcspn(text, "\n");
		fprintf(out, "%*s%.*s\n", SUMMARY_COLUMN - used, "",
			(int)length, text);
		if (!text[length])
			return;
	}
}

static void print_option(FILE *out, const struct option_spec *spec)
{
	int used;

	if (spec->letter)
		used = fprintf(out, "  -%c, --%s", spec->letter, spec->name);
	else
		used = fprintf(out, "      --%s", spec->name);
	if (spec->arg)
		used += fprintf(out, " %s", spec->arg);
	print_column(out, used, spec->help);
}

static void print_commands(FILE *out, const struct command *parent,
			   const struct command *const *group)
{
	int used;

	for (; *group; group++) {
		if ((*group)->group) {
			print_commands(out, *group, (*group)->group);
			continue;
		}
		used = fprintf(out, "  %s%s%s", parent ? parent->name : "",
			       parent ? " " : "", (*group)->name);
		print_column(out, used, (*group)->summary);
	}
}

int help_overview(void)
{
	FILE *out = out_file();

	fputs(overview_head, out);
	print_commands(out, NULL, commands);
	fputs(overview_tail, out);
	return EXIT_DONE;
}

static void help_group(FILE *out, const char *path,
		       const struct command *command)
{
	fprintf(out,
		"Usage: %s COMMAND [OPTION]... [OPERAND]...\n%s.\n\nCommands:\n",
		path, command->summary);
	print_commands(out, NULL, command->group);
}

int help_command(const char *path, const struct command *command)
{
	const struct option_spec *spec;
	FILE *out = out_file();

	if (command->group) {
		help_group(out, path, command);
		return EXIT_DONE;
	}
	fprintf(out, "Usage: %s%s%s%s\n%s.\n\nOptions:\n", path,
		command->options ? " [OPTION]..." : "",
		*command->operands ? " " : "", command->operands,
		command->summary);
	for (spec = command->options; spec && spec->name; spec++)
		print_option(out, spec);
	print_column(out, fprintf(out, "  -h, --help"), "print this");
	if (command->notes)
		fprintf(out, "\n%s\n", command->notes);
	return EXIT_DONE;
}
