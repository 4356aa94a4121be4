// SPDX-License-Identifier: GPL-2.0-only
/* mbx recv */
#include <unistd.h>

#include "commands.h"
#include "out.h"
#include "receiving.h"
#include "stop.h"

static struct {
	struct number count, tag, min_prio, from, timeout;
	struct attributes attributes;
	const char *file;
	bool direct, follow, peek, nonblock, raw, verbose, json;
} given;

static const struct option_spec options[] = {
	OPTION_SWITCH("direct", 0, &given.direct,
		      "from the mailbox of this process, which ends with it"),
	{ "mode", 'm', "MODE",
	  "with --direct: who may send (w), in octal and exact;\n"
	  "default 0600 less the umask",
	  parse_mode, &given.attributes.mode },
	{ "max-msg-size", 0, "SIZE",
	  "with --direct: largest message, to 16M; default 64K", parse_size,
	  &given.attributes.max_msg_size },
	{ "count", 'c', "N",
	  "receive N messages; default 1. With --peek, show up to\n"
	  "N of those that are there",
	  parse_count, &given.count },
	OPTION_SWITCH("follow", 'f', &given.follow,
		      "go on until SIGINT or SIGTERM"),
	OPTION_SWITCH("peek", 0, &given.peek,
		      "look at messages, leave them where they are"),
	{ "tag", 't', "N", "only messages with this tag", parse_u64,
	  &given.tag },
	{ "min-prio", 'p', "N", "only messages of at least this priority",
	  parse_prio, &given.min_prio },
	{ "from", 0, "PID", "only messages from this process", parse_pid,
	  &given.from },
	{ "timeout", 0, "DURATION", "wait so long for each message",
	  parse_duration, &given.timeout },
	OPTION_SWITCH("nonblock", 'n', &given.nonblock,
		      "do not wait for a message"),
	OPTION_SWITCH("raw", 'r', &given.raw,
		      "print the bytes of the payload, nothing else"),
	{ "output", 'o', "FILE", "write to FILE, raw unless --json", parse_text,
	  &given.file },
	OPTION_SWITCH("verbose", 'v', &given.verbose,
		      "print a line about each message before it"),
	OPTION_JSON(&given.json),
	OPTION_END,
};

static int check(int names)
{
	if (given.direct && names)
		return usage_conflict("NAME", "--direct");
	if (!given.direct && !names)
		return usage_too_few(&cmd_recv);
	if (!given.direct && (given.attributes.mode.given ||
			      given.attributes.max_msg_size.given))
		return usage_error("--mode and --max-msg-size need --direct");
	if (given.follow && given.count.given)
		return usage_conflict("--follow", "--count");
	if (given.follow && given.peek)
		return usage_conflict("--follow", "--peek");
	if (given.nonblock && given.timeout.given)
		return usage_conflict("--nonblock", "--timeout");
	if (given.raw && given.json)
		return usage_conflict("--raw", "--json");
	if (given.verbose && (given.raw || given.json || given.file))
		return usage_error("--verbose goes with text only");
	if (given.peek && given.count.value > MBX_BATCH_MAX)
		return usage_error("--peek shows at most %u messages",
				   MBX_BATCH_MAX);
	return attributes_check(&given.attributes);
}

static unsigned int flags(void)
{
	return (given.nonblock ? MBX_RECV_NONBLOCK : 0) |
	       (given.peek ? MBX_RECV_PEEK : 0) |
	       (given.min_prio.given ? MBX_RECV_BY_PRIO : 0) |
	       (given.tag.given ? MBX_RECV_BY_TAG : 0) |
	       (given.from.given ? MBX_RECV_BY_PID : 0);
}

static enum message_form form(void)
{
	if (given.json)
		return MESSAGE_JSON;
	if (given.raw || given.file)
		return MESSAGE_RAW;
	return given.verbose ? MESSAGE_VERBOSE : MESSAGE_TEXT;
}

static int open_place(struct receiving *receiving)
{
	if (!given.direct)
		return place_open(&receiving->fd, &receiving->place, MBX_READ,
				  NULL);
	return place_make(&receiving->fd, &receiving->place, MBX_READ,
			  MBX_LIFE_DEFAULT, &given.attributes);
}

static int receive(struct receiving *receiving)
{
	uint64_t count = given.count.given ? given.count.value : 1;
	int status;

	status = given.file ? out_open(given.file) : EXIT_DONE;
	if (!status)
		status = stop_watch();
	if (status)
		return status;
	if (given.peek)
		status = peek_messages(receiving, (unsigned int)count);
	else
		status = receive_messages(receiving, given.follow ? 0 : count);
	if (status || !receiving->stopped || (given.follow && stop_signal()))
		return status;
	if (stop_signal())
		stop_die(stop_signal());
	return EXIT_FAILED;
}

static int run(int count, char **operands)
{
	struct receiving receiving = {
		.opts = {
			.size = sizeof(receiving.opts),
			.flags = flags(),
			.tag = given.tag.value,
			.min_prio = (uint32_t)given.min_prio.value,
			.pid = (uint32_t)given.from.value,
		},
		.timeout = given.timeout,
		.form = form(),
	};
	int status;

	status = check(count);
	if (status)
		return status;
	receiving.place = given.direct ? place_of_process(getpid()) :
					 place_named(operands[0]);
	status = open_place(&receiving);
	if (status)
		return status;
	status = receive(&receiving);
	close(receiving.fd);
	return status;
}

const struct command cmd_recv = {
	.name = "recv",
	.operands = "{NAME | --direct}",
	.summary = "Receive messages and print them",
	.notes =
		"Text gets a newline if it ends without. In JSON, a payload that is not\n"
		"UTF-8 is in base64, and \"encoding\" says so. A message that can't be\n"
		"written, because the disk is full or the reader gone, is kept in a file\n"
		"in $TMPDIR or /tmp, and its name is printed. SIGINT and SIGTERM end\n"
		"--follow with status 0, and nothing is lost. A caller whose request was\n"
		"received is told that there will be no reply when mbx ends: to answer\n"
		"requests, use 'mbx serve'.",
	.options = options,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
