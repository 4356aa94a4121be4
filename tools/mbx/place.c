// SPDX-License-Identifier: GPL-2.0-only
/* A mailbox as the command line names it. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "object.h"
#include "place.h"

struct place place_named(const char *name)
{
	return (struct place){ .subject = SUBJECT_MAILBOX, .name = name };
}

struct place place_of_process(pid_t pid)
{
	struct place place = { .subject = SUBJECT_PROCESS, .pid = pid };

	snprintf(place.number, sizeof(place.number), "%d", (int)pid);
	return place;
}

const char *place_name(const struct place *place)
{
	return place->name ? place->name : place->number;
}

void place_json(struct json *json, const struct place *place)
{
	if (place->name)
		json_string(json, "mailbox", place->name);
	else
		json_number(json, "process", (uint64_t)place->pid);
}

int place_open(int *fd, const struct place *place, unsigned int flags,
	       const struct number *timeout)
{
	bool wait = timeout && flags & MBX_WAIT_BOUND;
	struct mbx_mailbox_opts opts = {
		.size = sizeof(opts),
		.deadline_ns = wait ? deadline_after(timeout) : 0,
	};

	if (place->name)
		return open_mailbox(fd, place->name, flags);
	*fd = mbx_direct_open(place->pid, flags, &opts);
	if (*fd >= 0)
		return EXIT_DONE;
	if (*fd == -ETIMEDOUT)
		return report_wait("process %s had bound no mailbox until the "
				   "timeout",
				   place->number);
	return report_place(*fd, "open", place);
}

int attributes_check(const struct attributes *attributes)
{
	if (attributes->max_msg_size.value > MBX_MSG_SIZE_MAX)
		return usage_error("--max-msg-size is at most %u bytes",
				   MBX_MSG_SIZE_MAX);
	return EXIT_DONE;
}

int place_make(int *fd, const struct place *place, unsigned int flags,
	       enum mbx_lifetime lifetime, const struct attributes *attributes)
{
	struct mbx_mailbox_opts opts = {
		.size = sizeof(opts),
		.mode = (uint32_t)attributes->mode.value,
		.lifetime = place->name ? lifetime : MBX_LIFE_DEFAULT,
		.max_msg_size = (uint32_t)attributes->max_msg_size.value,
	};
	mode_t mask = umask(0);

	/* A mode that was asked for is meant, as with mkfifo -m. */
	if (!attributes->mode.given)
		umask(mask);
	*fd = place->name ?
		      mbx_mailbox_open(place->name, flags | MBX_CREATE, &opts) :
		      mbx_direct_bind(flags, &opts);
	umask(mask);
	return *fd < 0 ? report_place(*fd, place->name ? "create" : "bind",
				      place) :
			 EXIT_DONE;
}

int report_place(int err, const char *doing, const struct place *place)
{
	return report_object(err, doing, place->subject, place_name(place));
}

int report_too_long(int fd, const struct place *place, size_t length)
{
	struct mbx_mailbox_stat stat;
	int err = mbx_mailbox_get_stat(fd, &stat);

	if (err)
		return report_place(err, "look at", place);
	return report("cannot send %zu bytes to %s '%s': a message there has "
		      "at most %u; '%s --max-msg-size' sets that, and a region "
		      "takes more",
		      length, subject_name(place->subject), place_name(place),
		      stat.max_msg_size,
		      place->name ? "mbx create" : "mbx recv --direct");
}
