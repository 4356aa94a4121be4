// SPDX-License-Identifier: GPL-2.0-only
/* mbx send */
#include <unistd.h>

#include "commands.h"
#include "json.h"
#include "out.h"
#include "sending.h"

static struct {
	const char *file;
	struct number pid, prio, tag, timeout;
	bool wait_bound, nonblock, create, lines, json;
} given;

static const struct option_spec options[] = {
	{ "pid", 0, "PID", "to the mailbox of this process, instead of NAME",
	  parse_pid, &given.pid },
	OPTION_SWITCH("wait-bound", 0, &given.wait_bound,
		      "with --pid: wait until the process has bound its\n"
		      "mailbox"),
	{ "file", 'f', "FILE", "send the content of FILE; '-' is stdin",
	  parse_text, &given.file },
	OPTION_SWITCH("lines", 'l', &given.lines,
		      "send each line as a message of its own"),
	{ "prio", 'p', "N",
	  "priority, 0 (default) to 31, higher is received first", parse_prio,
	  &given.prio },
	{ "tag", 't', "N", "number for the receiver to select by; default 0",
	  parse_u64, &given.tag },
	{ "timeout", 0, "DURATION",
	  "wait so long for room in a full mailbox, and so long\n"
	  "for the process with --wait-bound",
	  parse_duration, &given.timeout },
	OPTION_SWITCH("nonblock", 'n', &given.nonblock, "do not wait for room"),
	OPTION_SWITCH("create", 'c', &given.create,
		      "create the mailbox if it does not exist"),
	OPTION_JSON(&given.json),
	OPTION_END,
};

static int check(int words)
{
	if (words < 0)
		return usage_too_few(&cmd_send);
	if (words && given.file)
		return usage_conflict("TEXT", "--file");
	if (words && given.lines)
		return usage_conflict("TEXT", "--lines");
	if (given.pid.given && given.create)
		return usage_conflict("--pid", "--create");
	if (given.wait_bound && !given.pid.given)
		return usage_error("--wait-bound needs --pid");
	if (given.wait_bound && given.nonblock)
		return usage_conflict("--wait-bound", "--nonblock");
	if (given.nonblock && given.timeout.given)
		return usage_conflict("--nonblock", "--timeout");
	return EXIT_DONE;
}

static int open_target(struct sending *sending)
{
	return place_open(&sending->fd, &sending->place,
			  MBX_WRITE | (given.create ? MBX_CREATE : 0) |
				  (given.wait_bound ? MBX_WAIT_BOUND : 0),
			  &given.timeout);
}

/*
 * A mailbox that has to exist is opened before the payload is read, to tell of
 * its absence at once; one that may be created, only when there is something to
 * send.
 */
static int deliver(struct sending *sending, struct source *source, int count,
		   char **words)
{
	struct payload payload = { 0 };
	int status = EXIT_DONE;

	if (!given.create)
		status = open_target(sending);
	if (!status && !given.lines)
		status = payload_load(&payload, source, count, words);
	if (!status && given.create)
		status = open_target(sending);
	if (!status)
		status = given.lines ? send_lines(sending, source) :
				       send_payload(sending, &payload);
	payload_free(&payload);
	return status;
}

static void print_json(const struct sending *sending)
{
	struct json json;

	json_begin(&json, out_file());
	place_json(&json, &sending->place);
	json_number(&json, "sent", sending->messages);
	json_number(&json, "bytes", sending->bytes);
	json_end(&json);
}

static int run(int count, char **operands)
{
	struct sending sending = {
		.fd = -1,
		.prio = (uint32_t)given.prio.value,
		.tag = given.tag.value,
		.nonblock = given.nonblock,
		.timeout = given.timeout,
	};
	struct source source = { .fd = STDIN_FILENO };
	int names = given.pid.given ? 0 : 1;
	int status;

	status = check(count - names);
	if (!status && count == names)
		status = source_open(&source, given.file);
	if (status)
		return status;
	sending.place = names ? place_named(operands[0]) :
				place_of_process((pid_t)given.pid.value);
	status = deliver(&sending, &source, count - names, operands + names);
	if (sending.fd >= 0)
		close(sending.fd);
	source_close(&source);
	if (!status && given.json)
		print_json(&sending);
	return status;
}

const struct command cmd_send = {
	.name = "send",
	.operands = "{NAME | --pid PID} [TEXT...]",
	.summary = "Send words, a file or standard input as a message",
	.notes =
		"The words of TEXT are joined by blanks, without a newline. A file and\n"
		"standard input are sent as they are, whatever bytes they have, as one\n"
		"message.",
	.options = options,
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
