// SPDX-License-Identifier: GPL-2.0-only
/* What must not be: a report in the kernel's log, or something left behind. */
#include "finding.h"
#include "kind.h"
#include "process.h"

#include <regex.h>

#define REFERENCES "/sys/module/mbx/refcnt"
#define KMEMLEAK "/sys/kernel/debug/kmemleak"
/* For kmemleak, what is younger may just not be known yet. */
#define LEAK_AGE_S 6

static char what_was_found[512];
static regex_t pattern;
static int log_fd = -1;
static bool seek_leaks;
static long references;

void found(const char *what)
{
	if (!*what_was_found)
		snprintf(what_was_found, sizeof(what_was_found), "%s", what);
}

const char *finding(void)
{
	return *what_was_found ? what_was_found : NULL;
}

/* --- the log --- */

static void look_at_record(char *record)
{
	char *text = strchr(record, ';');

	if (!text)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (!regexec(&pattern, text + 1, 0, NULL, 0))
		found(text + 1);
}

static void read_log(void)
{
	char record[8192];
	ssize_t len;

	if (log_fd < 0)
		return;
	while ((len = read(log_fd, record, sizeof(record) - 1)) > 0 ||
	       errno == EPIPE) {
		if (len <= 0)
			continue;
		record[len] = '\0';
		look_at_record(record);
	}
}

/* --- what is left --- */

static long count_references(void)
{
	char text[32];

	if (read_file(REFERENCES, text, sizeof(text)))
		return -1;
	return strtol(text, NULL, 10);
}

/* With names that are cut off by so much. */
static void unlink_names(__u32 less)
{
	const struct object_name *name;
	struct mbx_unlink args;
	__u32 i;

	for (i = 0; i < GOOD_NAMES; i++) {
		name = object_name(WORD(NAME_GOOD, i));
		args = (struct mbx_unlink){
			.size = sizeof(args),
			.name = (uintptr_t)name->text,
			.name_len = name->len - less,
		};
		if (less < name->len)
			call(device(), MBX_IOC_UNLINK, &args);
	}
}

/* Does the user have anything? Those of the sequences are root, Alice and Bob. */
static bool owns_nothing(uid_t uid)
{
	struct mbx_info held;

	if (setresuid(uid, -1, -1))
		return false;
	held = info();
	if (setresuid(0, -1, -1))
		return false;
	return held.size && !held.used_objects && !held.used_msg_bytes &&
	       !held.used_region_bytes;
}

/*
 * The kernel lets go in its own time. The length of a name may have been changed by
 * another thread during the call.
 */
static void look_for_leftovers(void)
{
	__u32 less;

	for (less = 1; less < MBX_NAME_MAX; less++)
		unlink_names(less);
	if (!wait_until(count_references() == references))
		found("references to the module are left");
	if (!wait_until(owns_nothing(0) && owns_nothing(ALICE) &&
			owns_nothing(BOB)))
		found("a quota is charged for nothing");
}

static void look_for_leaks(void)
{
	char text[256] = "";

	sleep(LEAK_AGE_S);
	write_file(KMEMLEAK, "scan");
	write_file(KMEMLEAK, "scan");
	if (!read_file(KMEMLEAK, text, sizeof(text)) && *text)
		found("memory is lost");
}

bool nothing_found(bool all)
{
	unlink_names(0);
	if (all)
		look_for_leftovers();
	if (all && seek_leaks)
		look_for_leaks();
	read_log();
	return !finding();
}

bool finding_init(const char *reports, bool leaks)
{
	if (device() < 0) {
		perror(MBX_DEVICE);
		return false;
	}
	references = count_references();
	seek_leaks = leaks;
	if (!reports)
		return true;
	if (regcomp(&pattern, reports, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr, "fuzz: no pattern: %s\n", reports);
		return false;
	}
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END) < 0) {
		perror("/dev/kmsg");
		return false;
	}
	return true;
}
