// SPDX-License-Identifier: GPL-2.0-only
/* mbx region get */
#include "commands.h"
#include "json.h"
#include "object.h"
#include "out.h"
#include "progress.h"
#include "waiting.h"

#define PIECE 1048576

static struct {
	struct waiting waiting;
	struct number offset, length;
	const char *file;
	bool wait, json;
} given;

static const struct option_spec options[] = {
	OPTION_SWITCH("wait", 'w', &given.wait,
		      "wait first until the slot moves"),
	{ "slot", 's', "N", "with --wait, on this slot; default 0", parse_slot,
	  &given.waiting.slots },
	{ "seq", 0, "N",
	  "with --wait: the sequence word last seen; default is\n"
	  "the word at the beginning",
	  parse_u32, &given.waiting.seq },
	{ "timeout", 0, "DURATION", "with --wait: wait so long", parse_duration,
	  &given.waiting.timeout },
	{ "offset", 0, "SIZE", "begin here; default 0", parse_offset,
	  &given.offset },
	{ "length", 0, "SIZE", "so many bytes; default is all", parse_size,
	  &given.length },
	{ "output", 'o', "FILE", "write to FILE", parse_text, &given.file },
	OPTION_JSON(&given.json),
	OPTION_END,
};

/* The part of the region that was asked for. */
struct part {
	const char *data;
	size_t length;
};

static int check(void)
{
	if (!given.wait &&
	    (given.waiting.seq.given || given.waiting.timeout.given ||
	     given.waiting.slots.count))
		return usage_error("--slot, --seq and --timeout need --wait");
	if (given.waiting.slots.count > 1)
		return usage_error("--slot can be given once");
	return EXIT_DONE;
}

static int find_part(struct mbx_region *region, const char *name,
		     struct part *part)
{
	uint64_t offset = given.offset.value;
	size_t size = mbx_region_size(region);

	if (offset > size)
		return report("--offset is beyond the end of region '%s', "
			      "which has %zu bytes",
			      name, size);
	if (given.length.given && given.length.value > size - offset)
		return report("--length goes beyond the end of region '%s', "
			      "which has %zu bytes",
			      name, size);
	part->data = (const char *)mbx_region_data(region) + offset;
	part->length = given.length.given ? given.length.value : size - offset;
	return EXIT_DONE;
}

static void print_bytes(const char *name, const struct part *part)
{
	struct progress progress;
	size_t done, piece;

	/* A terminal that gets the bytes can't show progress too. */
	progress_begin(&progress, name, part->length);
	progress.enabled = progress.enabled && !out_is_terminal();
	for (done = 0; done < part->length; done += piece) {
		piece = part->length - done < PIECE ? part->length - done :
						      PIECE;
		fwrite(part->data + done, 1, piece, out_file());
		if (!out_flush())
			break;
		progress_add(&progress, piece);
	}
	progress_end(&progress);
}

static void print_json(struct mbx_region *region, const char *name,
		       const struct part *part, uint32_t slot)
{
	struct json json;

	json_begin(&json, out_file());
	json_string(&json, "region", name);
	json_number(&json, "bytes", mbx_region_size(region));
	json_number(&json, "slot", slot);
	json_number(&json, "seq", mbx_region_seq(region, slot));
	json_number(&json, "offset", given.offset.value);
	json_number(&json, "length", part->length);
	json_bytes(&json, "payload", "encoding", part->data, part->length);
	json_end(&json);
}

static int get(struct mbx_region *region, const char *name)
{
	uint32_t slot =
		given.waiting.slots.count ? given.waiting.slots.slot[0] : 0;
	struct mbx_slot moved[MBX_SLOTS_MAX];
	unsigned int count;
	struct part part = { 0 };
	int status;

	status = find_part(region, name, &part);
	if (!status && given.wait)
		status = wait_for_slots(region, name, &given.waiting, moved,
					&count);
	if (!status && given.file)
		status = out_open(given.file);
	if (status)
		return status;
	if (given.json)
		print_json(region, name, &part, slot);
	else
		print_bytes(name, &part);
	return EXIT_DONE;
}

static int run(int count, char **operands)
{
	struct mbx_region *region;
	int status;

	(void)count;
	status = check();
	if (!status)
		status = open_region(&region, operands[0], MBX_READ);
	if (status)
		return status;
	status = get(region, operands[0]);
	/* What is still to be written may lie in the region. */
	out_flush();
	mbx_region_close(region);
	return status;
}

const struct command cmd_region_get = {
	.name = "get",
	.operands = "NAME",
	.summary = "Print the content of a region",
	.notes =
		"All bytes of the region are printed, as they are: one that\n"
		"'put --create' made gives back the file. Nothing is locked: let the\n"
		"writer notify when it is done, and write again when the reader is.",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
