// SPDX-License-Identifier: GPL-2.0-only
/* Opening mailboxes and regions. */
#include <errno.h>

#include "json.h"
#include "object.h"
#include "out.h"

int open_mailbox(int *fd, const char *name, unsigned int flags)
{
	*fd = mbx_open(name, flags);
	return *fd < 0 ? report_object(*fd, "open", SUBJECT_MAILBOX, name) :
			 EXIT_DONE;
}

int open_region(struct mbx_region **region, const char *name,
		unsigned int flags)
{
	int err = mbx_region_open(region, name, flags, 0, NULL);

	return err ? report_object(err, "open", SUBJECT_REGION, name) :
		     EXIT_DONE;
}

int check_slot(const struct mbx_region *region, const char *name, uint32_t slot)
{
	unsigned int slots = mbx_region_slots(region);

	if (slot < slots)
		return EXIT_DONE;
	return report("region '%s' has no slot %u, only 0 to %u; 'mbx region "
		      "create --slots' sets their number",
		      name, slot, slots - 1);
}

static int remove_name(enum subject subject, const char *name, bool json)
{
	unsigned int kind = subject == SUBJECT_REGION ? MBX_KIND_REGION :
							MBX_KIND_MAILBOX;
	struct json line;
	int err;

	err = mbx_unlink_kind(name, kind);
	if (err == -EACCES && !is_device_error(err))
		return report("cannot remove %s '%s': only its owner and root "
			      "may",
			      subject_name(subject), name);
	if (err)
		return report_object(err, "remove", subject, name);
	if (json) {
		json_begin(&line, out_file());
		json_string(&line, "removed", name);
		json_end(&line);
	}
	return EXIT_DONE;
}

int remove_names(enum subject subject, int count, char **names, bool json)
{
	int i, status, worst = EXIT_DONE;

	for (i = 0; i < count; i++) {
		status = remove_name(subject, names[i], json);
		if (status)
			worst = status;
	}
	return worst;
}

uint64_t deadline_after(const struct number *timeout)
{
	return timeout->given ? mbx_deadline(timeout->value) : 0;
}
