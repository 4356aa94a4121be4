// SPDX-License-Identifier: GPL-2.0-only
/* mbx call */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "message.h"
#include "object.h"
#include "out.h"
#include "outcome.h"
#include "payload.h"

static struct {
	const char *file, *output;
	struct number pid, prio, tag, timeout, max_reply;
	bool wait_bound, raw, json;
} given;

static const struct option_spec options[] = {
	{ "pid", 0, "PID", "call this process, instead of a mailbox by name",
	  parse_pid, &given.pid },
	OPTION_SWITCH("wait-bound", 0, &given.wait_bound,
		      "with --pid: wait until the process has bound its\n"
		      "mailbox"),
	{ "file", 'f', "FILE",
	  "the request is the content of FILE; '-' is stdin", parse_text,
	  &given.file },
	{ "prio", 'p', "N",
	  "priority, 0 (default) to 31, higher is received first", parse_prio,
	  &given.prio },
	{ "tag", 't', "N", "number for the server to see; default 0", parse_u64,
	  &given.tag },
	{ "timeout", 0, "DURATION",
	  "wait so long for the reply, and so long for the\n"
	  "process with --wait-bound",
	  parse_duration, &given.timeout },
	{ "max-reply", 0, "SIZE", "take no larger reply; default 16M",
	  parse_size, &given.max_reply },
	OPTION_SWITCH("raw", 'r', &given.raw,
		      "print the bytes of the reply, nothing else"),
	{ "output", 'o', "FILE", "write to FILE, raw unless --json", parse_text,
	  &given.output },
	OPTION_JSON(&given.json),
	OPTION_END,
};

/**
 * struct calling - one call
 * @place: who is called
 * @fd: the mailbox
 * @request: payload of the request
 * @reply: payload of the reply
 * @info: what the kernel says of the reply
 */
struct calling {
	struct place place;
	int fd;
	struct payload request;
	struct payload reply;
	struct mbx_message info;
};

static int check(int words)
{
	if (words < 0)
		return usage_too_few(&cmd_call);
	if (words && given.file)
		return usage_conflict("TEXT", "--file");
	if (given.raw && given.json)
		return usage_conflict("--raw", "--json");
	if (given.wait_bound && !given.pid.given)
		return usage_error("--wait-bound needs --pid");
	if (given.max_reply.value > MBX_MSG_SIZE_MAX)
		return usage_error("--max-reply is at most %u bytes",
				   MBX_MSG_SIZE_MAX);
	return EXIT_DONE;
}

/* A request that was dropped to make room ends as if its server had died. */
static bool may_be_dropped(const struct calling *calling)
{
	struct mbx_mailbox_stat stat;

	return !mbx_mailbox_get_stat(calling->fd, &stat) &&
	       stat.overflow == MBX_OVERFLOW_DROP_OLDEST;
}

static int report_calling(const struct calling *calling, int err)
{
	const char *what = subject_name(calling->place.subject);
	const char *name = place_name(&calling->place);

	switch (err) {
	case -ECONNRESET:
		return report(
			"no reply from %s '%s': the server died before it answered%s",
			what, name,
			may_be_dropped(calling) ?
				", or the request was dropped to make room" :
				"");
	case -EOWNERDEAD:
		return report(
			"no reply from %s '%s': its owner died before the request was answered",
			what, name);
	case -ETIMEDOUT:
		return report_wait("no reply from %s '%s' until the timeout",
				   what, name);
	case -EAGAIN:
		return report_wait("cannot call %s '%s': it is full", what,
				   name);
	case -EMSGSIZE:
		return report_too_long(calling->fd, &calling->place,
				       calling->request.length);
	default:
		return report_place(err, "call", &calling->place);
	}
}

static int report_failure(const struct calling *calling)
{
	const char *what = subject_name(calling->place.subject);
	const char *name = place_name(&calling->place);
	int error = mbx_reply_error(&calling->info);

	if (exit_of_error(error))
		return report(
			"the server of %s '%s' reports that the request failed: exit status %d",
			what, name, exit_of_error(error));
	return report(
		"the server of %s '%s' reports that the request failed: %s (error %d)",
		what, name, mbx_strerror(error), error);
}

static void print_json(const struct calling *calling)
{
	const struct mbx_message *info = &calling->info;
	int error = mbx_reply_error(info);
	struct json json;

	json_begin(&json, out_file());
	place_json(&json, &calling->place);
	json_bool(&json, "failed", error);
	json_number(&json, "error", exit_of_error(error) ? 0 : (uint64_t)error);
	json_number(&json, "exit_status", (uint64_t)exit_of_error(error));
	json_number(&json, "tag", error ? 0 : info->tag);
	json_number(&json, "pid", info->pid);
	json_number(&json, "uid", info->uid);
	json_number(&json, "gid", info->gid);
	json_number(&json, "len", info->len);
	json_bytes(&json, "payload", "encoding", calling->reply.data,
		   info->len);
	json_end(&json);
}

/* A request that has failed may have a reply all the same: what was printed. */
static void print_reply(struct calling *calling, bool failed)
{
	bool raw = given.raw || given.output;

	calling->info.data = (uintptr_t)calling->reply.data;
	if (given.json)
		print_json(calling);
	else if (calling->info.len || !failed)
		message_print(&calling->place, &calling->info,
			      raw ? MESSAGE_RAW : MESSAGE_TEXT);
}

static int call(struct calling *calling)
{
	struct mbx_call_opts opts = {
		.size = sizeof(opts),
		.tag = given.tag.value,
		.deadline_ns = deadline_after(&given.timeout),
		.prio = (uint32_t)given.prio.value,
	};
	ssize_t got;

	got = mbx_call_with(calling->fd, calling->request.data,
			    calling->request.length, calling->reply.data,
			    calling->reply.capacity, &opts, &calling->info);
	if (got < 0 && got != -EREMOTEIO)
		return report_calling(calling, (int)got);
	print_reply(calling, got < 0);
	return got < 0 ? report_failure(calling) : EXIT_DONE;
}

/* The mailbox comes first, to tell of its absence before anything is read. */
static int prepare(struct calling *calling, struct source *source, int count,
		   char **words)
{
	size_t capacity = given.max_reply.given ? given.max_reply.value :
						  MBX_MSG_SIZE_MAX;
	int status;

	status = place_open(&calling->fd, &calling->place,
			    MBX_WRITE | (given.wait_bound ? MBX_WAIT_BOUND : 0),
			    &given.timeout);
	if (!status)
		status = payload_load(&calling->request, source, count, words);
	if (!status)
		status = payload_reserve(&calling->reply, capacity);
	if (!status && given.output)
		status = out_open(given.output);
	return status;
}

static int run(int count, char **operands)
{
	struct calling calling = { .fd = -1 };
	struct source source = { .fd = STDIN_FILENO };
	int names = given.pid.given ? 0 : 1;
	int status;

	status = check(count - names);
	if (!status && count == names)
		status = source_open(&source, given.file);
	if (status)
		return status;
	calling.place = names ? place_named(operands[0]) :
				place_of_process((pid_t)given.pid.value);
	status = prepare(&calling, &source, count - names, operands + names);
	if (!status)
		status = call(&calling);
	if (calling.fd >= 0)
		close(calling.fd);
	payload_free(&calling.request);
	payload_free(&calling.reply);
	source_close(&source);
	return status;
}

const struct command cmd_call = {
	.name = "call",
	.operands = "{NAME | --pid PID} [TEXT...]",
	.summary = "Send a request, wait for its reply and print that",
	.notes =
		"The request is as the message of 'mbx send'. Text gets a newline if it\n"
		"ends without. The status is 1 if the server reports that the request\n"
		"failed (what it says all the same is printed), and if it dies before it\n"
		"answers; a request that it has not received waits for another server.",
	.options = options,
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
