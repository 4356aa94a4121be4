// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for slots of a region to move. */
#include <errno.h>
#include <string.h>

#include "object.h"
#include "waiting.h"

int check_waiting(const struct waiting *waiting)
{
	if (waiting->nonblock && waiting->timeout.given)
		return usage_conflict("--nonblock", "--timeout");
	if (waiting->seq.given && waiting->slots.count > 1)
		return usage_error("--seq goes with one slot only");
	if (waiting->nonblock && !waiting->seq.given)
		return usage_error("--nonblock needs the word of --seq");
	return EXIT_DONE;
}

static int begin(struct mbx_region *region, const char *name,
		 const struct waiting *waiting, struct mbx_slot *slots)
{
	unsigned int i, count = waiting->slots.count;
	int status = EXIT_DONE;

	for (i = 0; !status && i < (count ? count : 1); i++) {
		slots[i].slot = count ? waiting->slots.slot[i] : 0;
		slots[i].seq = waiting->seq.given ?
				       (uint32_t)waiting->seq.value :
				       mbx_region_seq(region, slots[i].slot);
		status = check_slot(region, name, slots[i].slot);
	}
	return status;
}

static int report_waiting(int err, const char *name)
{
	if (err == -EAGAIN)
		return report_wait("region '%s' has not moved", name);
	if (err == -ETIMEDOUT)
		return report_wait("region '%s' had not moved until the "
				   "timeout",
				   name);
	return report_object(err, "wait on", SUBJECT_REGION, name);
}

int wait_for_slots(struct mbx_region *region, const char *name,
		   const struct waiting *waiting, struct mbx_slot *moved,
		   unsigned int *count)
{
	unsigned int i, slots = waiting->slots.count ? waiting->slots.count : 1;
	struct mbx_wait_opts opts = {
		.size = sizeof(opts),
		.flags = waiting->nonblock ? MBX_WAIT_NONBLOCK : 0,
		.deadline_ns = deadline_after(&waiting->timeout),
	};
	struct mbx_slot seen[MBX_SLOTS_MAX], found[MBX_SLOTS_MAX];
	int err, status;

	*count = 0;
	status = begin(region, name, waiting, seen);
	if (status)
		return status;
	do {
		memcpy(found, seen, slots * sizeof(*seen));
		err = mbx_region_wait_many(region, found, slots, &opts);
	} while (err == -EINTR);
	if (err < 0)
		return report_waiting(err, name);
	for (i = 0; i < slots; i++) {
		if (found[i].seq != seen[i].seq)
			moved[(*count)++] = found[i];
	}
	return EXIT_DONE;
}
