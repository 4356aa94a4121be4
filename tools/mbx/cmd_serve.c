// SPDX-License-Identifier: GPL-2.0-only
/* mbx serve */
#include <unistd.h>

#include "commands.h"
#include "serving.h"

#define PARALLEL_MAX 1024

static struct {
	struct number parallel, count;
	struct attributes attributes;
	bool create, owner, direct, verbose, json;
} given;

static const struct option_spec options[] = {
	OPTION_SWITCH("direct", 0, &given.direct,
		      "serve the mailbox of this process, which ends with it,\n"
		      "instead of NAME"),
	OPTION_SWITCH("create", 0, &given.create,
		      "create the mailbox if it does not exist"),
	OPTION_SWITCH("owner", 0, &given.owner,
		      "create the mailbox, and end it with the server"),
	{ "mode", 'm', "MODE",
	  "of a mailbox that is made: who may send (w) and\n"
	  "receive (r), in octal and exact; default 0600 less the\n"
	  "umask",
	  parse_mode, &given.attributes.mode },
	{ "max-msg-size", 0, "SIZE",
	  "of a mailbox that is made: largest request, to 16M;\n"
	  "default 64K",
	  parse_size, &given.attributes.max_msg_size },
	{ "parallel", 'P', "N", "run so many commands at once; default 1",
	  parse_count, &given.parallel },
	{ "count", 'c', "N", "end after N messages", parse_count,
	  &given.count },
	OPTION_SWITCH("verbose", 'v', &given.verbose,
		      "print a line about each message that was served"),
	OPTION_JSON(&given.json),
	OPTION_END,
};

static bool makes(void)
{
	return given.create || given.owner || given.direct;
}

static int check(int words)
{
	if (words < 1)
		return usage_too_few(&cmd_serve);
	if (given.create && given.owner)
		return usage_conflict("--create", "--owner");
	if (given.direct && (given.create || given.owner))
		return usage_error(
			"--direct needs neither --create nor --owner");
	if (!makes() && (given.attributes.mode.given ||
			 given.attributes.max_msg_size.given))
		return usage_error(
			"--mode and --max-msg-size need --create, --owner or --direct");
	if (given.verbose && given.json)
		return usage_conflict("--verbose", "--json");
	if (given.parallel.value > PARALLEL_MAX)
		return usage_error("--parallel is at most %u", PARALLEL_MAX);
	return attributes_check(&given.attributes);
}

static int open_place(struct serving *serving)
{
	if (!makes())
		return place_open(&serving->fd, &serving->place, MBX_READ,
				  NULL);
	return place_make(&serving->fd, &serving->place,
			  MBX_READ | (given.owner ? MBX_EXCL : 0),
			  given.owner ? MBX_LIFE_OWNER : MBX_LIFE_PERSIST,
			  &given.attributes);
}

static int run(int count, char **operands)
{
	int names = given.direct ? 0 : 1;
	struct serving serving = {
		.command = operands + names,
		.parallel = given.parallel.given ?
				    (unsigned int)given.parallel.value :
				    1,
		.count = given.count.value,
		.form = given.json    ? SERVING_JSON :
			given.verbose ? SERVING_VERBOSE :
					SERVING_SILENT,
	};
	int status;

	status = check(count - names);
	if (status)
		return status;
	serving.place = names ? place_named(operands[0]) :
				place_of_process(getpid());
	status = open_place(&serving);
	if (status)
		return status;
	status = serve(&serving);
	close(serving.fd);
	return status;
}

const struct command cmd_serve = {
	.name = "serve",
	.operands = "{NAME | --direct} -- COMMAND...",
	.summary = "Run a command for each request, reply what it prints",
	.notes =
		"COMMAND has the request as its standard input; its standard output is the\n"
		"reply. If it ends with a status other than 0, the caller is told that the\n"
		"request failed. The environment tells who asks: MBX_PID, MBX_UID, MBX_GID,\n"
		"MBX_TAG, MBX_PRIO, MBX_SEQ, and MBX_CALL, which is 0 if no reply is wanted.\n"
		"'mbx reply' answers before COMMAND ends.\n"
		"\n"
		"SIGINT and SIGTERM let running commands finish, a second signal kills them;\n"
		"the status is 0 then. When mbx is killed, callers whose requests it had\n"
		"received are told at once, and commands get SIGTERM.",
	.options = options,
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
