// SPDX-License-Identifier: GPL-2.0-only
/* mbx create */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "object.h"
#include "out.h"
#include "owner.h"
#include "show.h"

struct overflow {
	bool given;
	uint32_t policy;
};

static struct {
	struct number mode, max_msgs, max_bytes, max_msg_size;
	struct overflow overflow;
	bool excl, owner, json;
} given;

static const char *parse_overflow(const char *text, void *value)
{
	static const char *const names[] = {
		[MBX_OVERFLOW_BLOCK] = "block",
		[MBX_OVERFLOW_REJECT] = "reject",
		[MBX_OVERFLOW_DROP_OLDEST] = "drop-oldest",
	};
	struct overflow *overflow = value;
	uint32_t policy;

	for (policy = 0; policy < sizeof(names) / sizeof(names[0]); policy++) {
		if (!strcmp(text, names[policy])) {
			*overflow = (struct overflow){ true, policy };
			return NULL;
		}
	}
	return "is not one of block, reject, drop-oldest";
}

static const struct option_spec options[] = {
	{ "mode", 'm', "MODE",
	  "who may receive (r) and send (w), in octal and exact;\n"
	  "default 0600 less the umask",
	  parse_mode, &given.mode },
	{ "max-msgs", 0, "N", "most messages queued; default 1024", parse_count,
	  &given.max_msgs },
	{ "max-bytes", 0, "SIZE", "most bytes queued; default 1M", parse_size,
	  &given.max_bytes },
	{ "max-msg-size", 0, "SIZE", "largest message, to 16M; default 64K",
	  parse_size, &given.max_msg_size },
	{ "overflow", 0, "POLICY",
	  "when full: block (the sender waits; default), reject,\n"
	  "or drop-oldest",
	  parse_overflow, &given.overflow },
	OPTION_SWITCH("excl", 0, &given.excl, "fail if the name exists"),
	OPTION_SWITCH("owner", 0, &given.owner,
		      "run COMMAND, and end the mailbox with it"),
	OPTION_JSON(&given.json),
	OPTION_END,
};

static bool attributes_given(void)
{
	return given.mode.given || given.max_msgs.given ||
	       given.max_bytes.given || given.max_msg_size.given ||
	       given.overflow.given;
}

static int create(const char *name, unsigned int flags)
{
	struct mbx_mailbox_opts opts = {
		.size = sizeof(opts),
		.mode = (uint32_t)given.mode.value,
		.lifetime = given.owner ? MBX_LIFE_OWNER : MBX_LIFE_PERSIST,
		.overflow = given.overflow.policy,
		.max_msgs = (uint32_t)given.max_msgs.value,
		.max_msg_size = (uint32_t)given.max_msg_size.value,
		.max_bytes = given.max_bytes.value,
	};

	return mbx_mailbox_open(name, flags | MBX_CREATE | MBX_READ | MBX_WRITE,
				&opts);
}

/* With EXCL first, to know which of the two it was. */
static int create_or_open(const char *name, bool *created)
{
	int fd = create(name, MBX_EXCL);

	*created = fd >= 0;
	if (fd != -EEXIST || given.excl || given.owner)
		return fd;
	fd = create(name, 0);
	if (fd >= 0 && attributes_given())
		report("mailbox '%s' exists already and keeps its attributes",
		       name);
	return fd;
}

static int check(int count)
{
	if (given.owner && count < 2)
		return usage_error("--owner needs a command to run");
	if (!given.owner && count > 1)
		return usage_error("a command to run needs --owner");
	if (given.max_msg_size.value > MBX_MSG_SIZE_MAX)
		return usage_error("--max-msg-size is at most %u",
				   MBX_MSG_SIZE_MAX);
	if (given.max_msgs.value > MBX_MSGS_MAX)
		return usage_error("--max-msgs is at most %u", MBX_MSGS_MAX);
	if (given.max_bytes.value > MBX_BYTES_MAX)
		return usage_error("--max-bytes is at most %ju",
				   (uintmax_t)MBX_BYTES_MAX);
	return EXIT_DONE;
}

static int report_creation(int err, const char *name)
{
	if (err == -EINVAL && !name_problem(name) && given.max_bytes.given &&
	    given.max_bytes.value < given.max_msg_size.value)
		return report("cannot create mailbox '%s': --max-bytes is less "
			      "than --max-msg-size",
			      name);
	return report_object(err, "create", SUBJECT_MAILBOX, name);
}

static int run(int count, char **operands)
{
	const char *name = operands[0];
	struct place place = place_named(name);
	int fd, status;
	bool created;
	mode_t mask;

	status = check(count);
	if (status)
		return status;
	/* A mode that was asked for is meant, as with mkfifo -m. */
	mask = umask(0);
	if (!given.mode.given)
		umask(mask);
	fd = create_or_open(name, &created);
	umask(mask);
	if (fd < 0)
		return report_creation(fd, name);
	if (given.json)
		status = show_mailbox(fd, &place, true, &created);
	if (!status && given.owner && out_flush())
		status = owner_run(operands + 1);
	close(fd);
	return status;
}

const struct command cmd_create = {
	.name = "create",
	.operands = "NAME [--owner -- COMMAND...]",
	.summary = "Create a mailbox that lasts until it is removed",
	.notes =
		"A mailbox that exists is left as it is. With --owner it must not\n"
		"exist; when COMMAND or mbx itself ends, however that happens, its name\n"
		"goes, and who waits there or has it open is told at once. The exit\n"
		"status is then that of COMMAND.",
	.options = options,
	.min_operands = 1,
	.max_operands = -1,
	.run = run,
};
