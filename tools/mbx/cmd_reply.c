// SPDX-License-Identifier: GPL-2.0-only
/* mbx reply */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <mbx.h>

#include "commands.h"
#include "json.h"
#include "lend.h"
#include "out.h"
#include "outcome.h"
#include "payload.h"
#include "report.h"

static struct {
	const char *file;
	struct number fail, tag;
	bool json;
} given;

static const char *parse_code(const char *text, void *value)
{
	struct number number;
	const char *problem = parse_u32(text, &number);

	if (problem)
		return problem;
	if (!number.value || number.value > EXIT_CODE_MAX)
		return "is not an exit status from 1 to 255";
	*(struct number *)value = number;
	return NULL;
}

static const struct option_spec options[] = {
	{ "file", 'f', "FILE", "the reply is the content of FILE; '-' is stdin",
	  parse_text, &given.file },
	{ "fail", 0, "CODE",
	  "report that the request failed, with exit status CODE,\n"
	  "1 to 255",
	  parse_code, &given.fail },
	{ "tag", 't', "N", "number for the caller to see; default 0", parse_u64,
	  &given.tag },
	OPTION_JSON(&given.json),
	OPTION_END,
};

static int check(int count)
{
	if (count && given.file)
		return usage_conflict("TEXT", "--file");
	if (given.fail.given && given.tag.given)
		return usage_conflict("--fail", "--tag");
	if (given.tag.value & MBX_TAG_FAILED)
		return usage_error("--tag of a reply is below 2^63");
	return EXIT_DONE;
}

static int find_socket(int *socket)
{
	const char *text = getenv(LEND_VARIABLE);
	struct number number;

	if (!text || parse_pid(text, &number))
		return report(
			"there is no request to answer: 'mbx reply' is for a command that 'mbx serve' runs");
	*socket = (int)number.value;
	return EXIT_DONE;
}

static int report_replying(int err, size_t length)
{
	switch (err) {
	case -EINVAL:
		return report(
			"cannot reply: the request has been answered already");
	case -ESRCH:
		return report("cannot reply: the caller no longer waits");
	case -EMSGSIZE:
		return report(
			"cannot reply: the caller has no room for %zu bytes",
			length);
	default:
		return report_device(err, "reply");
	}
}

static int ask(int *fd, uint64_t *token)
{
	int socket = -1, status;

	status = find_socket(&socket);
	if (status)
		return status;
	*fd = borrow(socket, token);
	if (*fd == -EPIPE || *fd == -ECONNRESET)
		return report(
			"cannot reply: 'mbx serve' has ended, or has answered when its command ended");
	if (*fd < 0)
		return report(
			"cannot reply: " LEND_VARIABLE
			" is not the descriptor that 'mbx serve' has passed on; it has to be inherited");
	if (*token)
		return EXIT_DONE;
	close(*fd);
	return report(
		"cannot reply: the sender of this message wants no reply");
}

static void print_json(const struct payload *payload)
{
	struct json json;

	json_begin(&json, out_file());
	json_number(&json, "bytes", payload->length);
	json_number(&json, "exit_status", given.fail.value);
	json_number(&json, "tag", given.tag.value);
	json_end(&json);
}

static int reply(const struct payload *payload)
{
	struct mbx_reply_opts opts = {
		.size = sizeof(opts),
		.tag = given.tag.value,
		.error = given.fail.given ?
				 error_of_exit((int)given.fail.value) :
				 0,
	};
	uint64_t token;
	int fd, err, status;

	status = ask(&fd, &token);
	if (status)
		return status;
	err = mbx_reply_with(fd, token, payload->data, payload->length, &opts);
	close(fd);
	if (err)
		return report_replying(err, payload->length);
	if (given.json)
		print_json(payload);
	return EXIT_DONE;
}

/* With --fail alone there is nothing to read: the code says it. */
static int run(int count, char **words)
{
	struct source source = { .fd = STDIN_FILENO };
	struct payload payload = { 0 };
	int status;

	status = check(count);
	if (status)
		return status;
	if (count || given.file || !given.fail.given) {
		if (!count)
			status = source_open(&source, given.file);
		if (!status)
			status = payload_load(&payload, &source, count, words);
	}
	if (!status)
		status = reply(&payload);
	payload_free(&payload);
	source_close(&source);
	return status;
}

const struct command cmd_reply = {
	.name = "reply",
	.operands = "[TEXT...]",
	.summary = "Answer a request, in a command of 'mbx serve'",
	.notes =
		"The caller goes on at once, while the command does. What the command\n"
		"prints, and how it ends, is no part of the reply any more. Without TEXT,\n"
		"--file and --fail the reply is standard input, which in a command of\n"
		"'mbx serve' is the request.",
	.options = options,
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
