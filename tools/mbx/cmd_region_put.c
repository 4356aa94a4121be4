// SPDX-License-Identifier: GPL-2.0-only
/* mbx region put */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "json.h"
#include "object.h"
#include "out.h"
#include "payload.h"
#include "progress.h"

#define PIECE 1048576

static struct {
	struct slot_list slots;
	struct number offset, mode, slot_count;
	bool create, json;
} given;

static const struct option_spec options[] = {
	{ "slot", 's', "N", "notify this slot; default 0", parse_slot,
	  &given.slots },
	{ "offset", 0, "SIZE",
	  "write from here on, leave all other bytes alone", parse_offset,
	  &given.offset },
	OPTION_SWITCH("create", 'c', &given.create,
		      "create the region, with the size of the file, if it\n"
		      "does not exist"),
	{ "slots", 0, "N", "with --create: number of slots, 1 to 64; default 1",
	  parse_count, &given.slot_count },
	{ "mode", 'm', "MODE", "with --create: see 'mbx region create --help'",
	  parse_mode, &given.mode },
	OPTION_JSON(&given.json),
	OPTION_END,
};

/**
 * struct put - one transfer into a region
 * @name: of the region
 * @region: the region, once it is open
 * @source: where the bytes come from
 * @payload: all of them, if the source is not a file whose size is known
 * @length: bytes to write
 */
struct put {
	const char *name;
	struct mbx_region *region;
	struct source source;
	struct payload payload;
	uint64_t length;
};

static int check(void)
{
	if (given.slots.count > 1)
		return usage_error("--slot can be given once");
	if (!given.create && (given.mode.given || given.slot_count.given))
		return usage_error("--mode and --slots need --create");
	if (given.create && given.offset.given)
		return usage_conflict("--create", "--offset");
	if (given.slot_count.value > MBX_SLOTS_MAX)
		return usage_error("--slots is at most %u", MBX_SLOTS_MAX);
	return EXIT_DONE;
}

/* The most that could be written: no more is read of an endless source. */
static int find_limit(const struct put *put, uint64_t *limit)
{
	struct mbx_info info;
	int err;

	if (put->region) {
		*limit = mbx_region_size(put->region);
		return EXIT_DONE;
	}
	err = mbx_get_info(&info);
	*limit = info.region_max_bytes;
	return err ? report_device(err, "ask the module") : EXIT_DONE;
}

/* A source of unknown size is read first, so that one too long does no harm. */
static int measure(struct put *put)
{
	uint64_t limit;
	int status;

	put->length = put->source.size;
	if (put->source.is_sized)
		return EXIT_DONE;
	status = find_limit(put, &limit);
	if (!status)
		status = payload_read(&put->payload, &put->source, limit);
	put->length = put->payload.length;
	return status;
}

static int create(struct put *put)
{
	struct mbx_region_opts opts = {
		.size = sizeof(opts),
		.mode = (uint32_t)given.mode.value,
		.slots = (uint32_t)given.slot_count.value,
	};
	mode_t mask;
	int err;

	if (!put->length)
		return report("cannot make region '%s' from %s: it is empty, "
			      "and a region has at least one byte",
			      put->name, put->source.name);
	/* A mode that was asked for is meant, as with mkfifo -m. */
	mask = umask(0);
	if (!given.mode.given)
		umask(mask);
	err = mbx_region_open(&put->region, put->name,
			      MBX_READ | MBX_WRITE | MBX_CREATE, put->length,
			      &opts);
	umask(mask);
	return err ? report_object(err, "create", SUBJECT_REGION, put->name) :
		     EXIT_DONE;
}

static int open_existing(struct put *put)
{
	int err = mbx_region_open(&put->region, put->name, MBX_READ | MBX_WRITE,
				  0, NULL);

	if (!err || (err == -ENOENT && given.create))
		return EXIT_DONE;
	return report_object(err, "open", SUBJECT_REGION, put->name);
}

static int check_fit(const struct put *put)
{
	size_t size = mbx_region_size(put->region);

	if (given.offset.value <= size &&
	    put->length <= size - given.offset.value)
		return EXIT_DONE;
	return report("%s does not fit into region '%s', which has %zu bytes; "
		      "remove it with 'mbx region rm %s' and create a larger "
		      "one",
		      put->source.name, put->name, size, put->name);
}

static int copy_file(struct put *put, char *target)
{
	uint64_t done = 0;
	struct progress progress;
	size_t piece, got;
	int status = EXIT_DONE;

	progress_begin(&progress, put->source.name, put->length);
	while (!status && done < put->length) {
		piece = put->length - done < PIECE ? put->length - done : PIECE;
		status = source_read(&put->source, target + done, piece, &got);
		if (!status && got < piece)
			status = report("%s became shorter while it was read; "
					"region '%s' has a part of it",
					put->source.name, put->name);
		done += got;
		progress_add(&progress, got);
	}
	progress_end(&progress);
	return status;
}

/* Without --offset the region is as the source, and zero behind it. */
static int fill(struct put *put)
{
	char *target =
		(char *)mbx_region_data(put->region) + given.offset.value;
	int status = EXIT_DONE;

	if (put->source.is_sized)
		status = copy_file(put, target);
	else if (put->length)
		memcpy(target, put->payload.data, put->length);
	if (!status && !given.offset.given)
		memset(target + put->length, 0,
		       mbx_region_size(put->region) - put->length);
	return status;
}

static void print_json(const struct put *put, uint32_t slot, int woken)
{
	struct json json;

	json_begin(&json, out_file());
	json_string(&json, "region", put->name);
	json_number(&json, "bytes", put->length);
	json_number(&json, "offset", given.offset.value);
	json_number(&json, "slot", slot);
	json_number(&json, "seq", mbx_region_seq(put->region, slot));
	json_number(&json, "woken", (uint64_t)woken);
	json_end(&json);
}

static int notify(const struct put *put)
{
	uint32_t slot = given.slots.count ? given.slots.slot[0] : 0;
	int woken = mbx_region_notify(put->region, slot);

	if (woken < 0)
		return report_object(woken, "notify", SUBJECT_REGION,
				     put->name);
	if (given.json)
		print_json(put, slot, woken);
	return EXIT_DONE;
}

static int transfer(struct put *put)
{
	int status;

	status = open_existing(put);
	if (!status)
		status = measure(put);
	if (!status && !put->region)
		status = create(put);
	if (!status)
		status =
			check_slot(put->region, put->name,
				   given.slots.count ? given.slots.slot[0] : 0);
	if (!status)
		status = check_fit(put);
	if (!status)
		status = fill(put);
	return status ? status : notify(put);
}

static int run(int count, char **operands)
{
	struct put put = { .name = operands[0] };
	int status;

	(void)count;
	status = check();
	if (!status)
		status = source_open(&put.source, operands[1]);
	if (status)
		return status;
	status = transfer(&put);
	mbx_region_close(put.region);
	payload_free(&put.payload);
	source_close(&put.source);
	return status;
}

const struct command cmd_region_put = {
	.name = "put",
	.operands = "NAME FILE",
	.summary = "Write a file into a region and notify",
	.notes =
		"FILE '-' is standard input. A region that is larger than the file is\n"
		"zero behind it; a file that does not fit is refused, and nothing is\n"
		"written.",
	.options = options,
	.min_operands = 2,
	.max_operands = 2,
	.run = run,
};
