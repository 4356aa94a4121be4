// SPDX-License-Identifier: GPL-2.0-only
/* mbx region create */
#include <errno.h>
#include <sys/stat.h>

#include "commands.h"
#include "object.h"
#include "out.h"
#include "owner.h"
#include "show.h"

static struct {
	struct number size, mode, slots;
	bool excl, owner, json;
} given;

static const struct option_spec options[] = {
	{ "slots", 0, "N", "number of slots to wait on, 1 to 64; default 1",
	  parse_count, &given.slots },
	{ "mode", 'm', "MODE",
	  "who may read (r) and write (w, which needs r too), in\n"
	  "octal and exact; default 0600 less the umask",
	  parse_mode, &given.mode },
	OPTION_SWITCH("excl", 0, &given.excl, "fail if the name exists"),
	OPTION_SWITCH("owner", 0, &given.owner,
		      "run COMMAND, and end the region with it"),
	OPTION_JSON(&given.json),
	OPTION_END,
};

static int create(struct mbx_region **region, const char *name,
		  unsigned int flags)
{
	struct mbx_region_opts opts = {
		.size = sizeof(opts),
		.mode = (uint32_t)given.mode.value,
		.lifetime = given.owner ? MBX_LIFE_OWNER : MBX_LIFE_PERSIST,
		.slots = (uint32_t)given.slots.value,
	};

	return mbx_region_open(region, name,
			       flags | MBX_CREATE | MBX_READ | MBX_WRITE,
			       given.size.value, &opts);
}

static int create_or_open(struct mbx_region **region, const char *name,
			  bool *created)
{
	int err = create(region, name, MBX_EXCL);

	*created = !err;
	if (err != -EEXIST || given.excl || given.owner)
		return err;
	err = create(region, name, 0);
	if (!err && given.mode.given)
		report("region '%s' exists already and keeps its mode", name);
	return err;
}

static int check(int count, const char *size)
{
	const char *problem = parse_size(size, &given.size);

	if (problem)
		return usage_error("SIZE: '%s' %s", size, problem);
	if (given.slots.value > MBX_SLOTS_MAX)
		return usage_error("--slots is at most %u", MBX_SLOTS_MAX);
	if (given.owner && count < 3)
		return usage_error("--owner needs a command to run");
	if (!given.owner && count > 2)
		return usage_error("a command to run needs --owner");
	return EXIT_DONE;
}

/* -EINVAL for a sound name: there is one, of another shape. */
static int report_creation(int err, const char *name)
{
	struct mbx_region *other;
	int status;

	if (err != -EINVAL || mbx_region_open(&other, name, MBX_READ, 0, NULL))
		return report_object(err, "create", SUBJECT_REGION, name);
	status = report("cannot create region '%s': it exists, with %zu bytes "
			"and %u slots; remove it with 'mbx region rm %s', or "
			"choose another name",
			name, mbx_region_size(other), mbx_region_slots(other),
			name);
	mbx_region_close(other);
	return status;
}

static int run(int count, char **operands)
{
	const char *name = operands[0];
	struct mbx_region *region;
	int err, status;
	bool created;
	mode_t mask;

	status = check(count, operands[1]);
	if (status)
		return status;
	/* A mode that was asked for is meant, as with mkfifo -m. */
	mask = umask(0);
	if (!given.mode.given)
		umask(mask);
	err = create_or_open(&region, name, &created);
	umask(mask);
	if (err)
		return report_creation(err, name);
	if (given.json)
		status = show_region(region, name, true, &created);
	if (!status && given.owner && out_flush())
		status = owner_run(operands + 2);
	mbx_region_close(region);
	return status;
}

const struct command cmd_region_create = {
	.name = "create",
	.operands = "NAME SIZE [--owner -- COMMAND...]",
	.summary = "Create a region that lasts until it is removed",
	.notes =
		"A region has all its memory, zeroed, from the start. One that exists is\n"
		"left as it is, and has to have that size. With --owner it must not\n"
		"exist; when COMMAND or mbx itself ends, however that happens, its name\n"
		"goes, and who waits there is told at once. The exit status is then that\n"
		"of COMMAND.",
	.options = options,
	.min_operands = 2,
	.max_operands = -1,
	.run = run,
};
