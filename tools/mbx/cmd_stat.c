// SPDX-License-Identifier: GPL-2.0-only
/* mbx stat */
#include <errno.h>
#include <unistd.h>

#include "commands.h"
#include "object.h"
#include "show.h"

static struct number pid;
static bool json;

static const struct option_spec options[] = {
	{ "pid", 0, "PID", "of the mailbox of this process", parse_pid, &pid },
	OPTION_JSON(&json),
	OPTION_END,
};

/* Either right is enough to look; not everyone has both. */
static int open_to_look(const char *name)
{
	int fd = mbx_open(name, MBX_READ);

	return fd == -EACCES ? mbx_open(name, MBX_WRITE) : fd;
}

static int stat_region(const char *name)
{
	struct mbx_region *region;
	int status;

	status = open_region(&region, name, MBX_READ);
	if (status)
		return status;
	status = show_region(region, name, json, NULL);
	mbx_region_close(region);
	return status;
}

static int stat_process(void)
{
	struct place place = place_of_process((pid_t)pid.value);
	int fd = mbx_direct_open(place.pid, MBX_READ, NULL);
	int status;

	if (fd == -EACCES)
		fd = mbx_direct_open(place.pid, MBX_WRITE, NULL);
	if (fd < 0)
		return report_place(fd, "open", &place);
	status = show_mailbox(fd, &place, json, NULL);
	close(fd);
	return status;
}

static int stat_name(const char *name)
{
	struct place place = place_named(name);
	int fd = open_to_look(name);
	int status;

	if (fd == -EPROTOTYPE)
		return stat_region(name);
	if (fd < 0)
		return report_object(fd, "open", SUBJECT_OBJECT, name);
	status = show_mailbox(fd, &place, json, NULL);
	close(fd);
	return status;
}

static int run(int count, char **names)
{
	int i, status, worst = EXIT_DONE;

	if (!count && !pid.given)
		return usage_too_few(&cmd_stat);
	if (count && pid.given)
		return usage_conflict("NAME", "--pid");
	if (pid.given)
		return stat_process();
	for (i = 0; i < count; i++) {
		status = stat_name(names[i]);
		if (status)
			worst = status;
	}
	return worst;
}

const struct command cmd_stat = {
	.name = "stat",
	.operands = "{NAME... | --pid PID}",
	.summary = "Print attributes and counters of any object",
	.options = options,
	.min_operands = 0,
	.max_operands = -1,
	.run = run,
};
