// SPDX-License-Identifier: GPL-2.0-only
/* Error sentences. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mbx.h>

#include "report.h"

#define SYSFS_MODULE "/sys/module/mbx"

static const char *const subject_names[] = {
	[SUBJECT_MAILBOX] = "mailbox",
	[SUBJECT_REGION] = "region",
	[SUBJECT_PROCESS] = "mailbox of process",
	[SUBJECT_OBJECT] = "object",
	[SUBJECT_ANY] = "object",
};

/*
 * What an error on a kind of object means and what would help; '@' stands for
 * the object's name. Both may be NULL; without a @problem, mbx_strerror() says
 * it. The first entry that fits is taken.
 */
struct hint {
	int err;
	enum subject subject;
	const char *problem;
	const char *help;
};

static const struct hint hints[] = {
	{ ENOENT, SUBJECT_MAILBOX, "no such name",
	  "create it with 'mbx create @'" },
	{ ENOENT, SUBJECT_REGION, "no such name",
	  "create it with 'mbx region create @ SIZE'" },
	{ ENOENT, SUBJECT_OBJECT, "no such name",
	  "create it with 'mbx create @' or 'mbx region create @ SIZE'" },
	{ EEXIST, SUBJECT_MAILBOX, "the name exists already",
	  "remove it with 'mbx rm @', or choose another" },
	{ EEXIST, SUBJECT_REGION, "the name exists already",
	  "remove it with 'mbx region rm @', or choose another" },
	{ EPROTOTYPE, SUBJECT_MAILBOX, "it is a region",
	  "see 'mbx region --help'" },
	{ EPROTOTYPE, SUBJECT_REGION, "it is a mailbox", "see 'mbx --help'" },
	{ ENXIO, SUBJECT_PROCESS, "it has bound none",
	  "--wait-bound waits until it has" },
	{ ESRCH, SUBJECT_PROCESS, "there is no such process, or it has ended",
	  NULL },
	{ EACCES, SUBJECT_ANY, "its mode does not allow that",
	  "its owner decides, with --mode at its creation" },
	{ EOWNERDEAD, SUBJECT_ANY, "its owner has ended", NULL },
	{ EDQUOT, SUBJECT_ANY, NULL,
	  "'mbx info' shows it, and root can raise it in " SYSFS_MODULE
	  "/parameters" },
	{ ENOSPC, SUBJECT_REGION, NULL,
	  "'mbx info' shows how large it can be" },
};

int status_of(int err)
{
	return err == -EAGAIN || err == -ETIMEDOUT ? EXIT_WAIT : EXIT_FAILED;
}

const char *subject_name(enum subject subject)
{
	return subject_names[subject];
}

static const struct hint *find_hint(int err, enum subject subject)
{
	size_t i;

	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (hints[i].err == -err && (hints[i].subject == subject ||
					     hints[i].subject == SUBJECT_ANY))
			return &hints[i];
	}
	return NULL;
}

static void print_help(const char *text, const char *name)
{
	fputs("; ", stderr);
	for (; *text; text++) {
		if (*text == '@')
			fputs(name, stderr);
		else
			putc(*text, stderr);
	}
}

static void print_problem(int err, enum subject subject, const char *name)
{
	const struct hint *hint = find_hint(err, subject);

	fputs(hint && hint->problem ? hint->problem : mbx_strerror(err),
	      stderr);
	if (hint && hint->help)
		print_help(hint->help, name);
}

/* Every module knows the commands on its node: -ENOTTY is another device's. */
bool is_device_error(int err)
{
	if (err == -ENODEV || err == -ENOTTY)
		return true;
	return err == -EACCES && access(MBX_DEVICE, F_OK) == 0 &&
	       access(MBX_DEVICE, R_OK | W_OK);
}

const char *device_problem(int err)
{
	if (err == -EACCES)
		return "no permission for " MBX_DEVICE
		       "; its mode should be 0666: as root run 'chmod 0666 " MBX_DEVICE
		       "'";
	if (access(SYSFS_MODULE, F_OK))
		return "the module is not loaded; as root run 'modprobe mbx'";
	if (access(MBX_DEVICE, F_OK))
		return "the module is loaded, but " MBX_DEVICE
		       " is missing; as root run 'mknod -m 0666 " MBX_DEVICE
		       " c $(tr : \" \" </sys/class/misc/mbx/dev)'";
	return MBX_DEVICE
		" is not the device of the loaded module; as root remove it and run "
		"'mknod -m 0666 " MBX_DEVICE
		" c $(tr : \" \" </sys/class/misc/mbx/dev)'";
}

int report_device(int err, const char *doing)
{
	const char *problem = is_device_error(err) ? device_problem(err) :
						     mbx_strerror(err);

	fprintf(stderr, "mbx: cannot %s: %s\n", doing, problem);
	return status_of(err);
}

int report_object(int err, const char *doing, enum subject subject,
		  const char *name)
{
	const char *problem = err == -EINVAL ? name_problem(name) : NULL;

	if (problem)
		return report("cannot %s %s '%s': its name %s", doing,
			      subject_names[subject], name, problem);
	fprintf(stderr, "mbx: cannot %s %s '%s': ", doing,
		subject_names[subject], name);
	if (is_device_error(err))
		fputs(device_problem(err), stderr);
	else
		print_problem(err, subject, name);
	putc('\n', stderr);
	return status_of(err);
}

int report_file(int err, const char *doing, const char *path)
{
	return report("cannot %s '%s': %s", doing, path, strerror(-err));
}

static void print_sentence(const char *format, va_list args)
{
	fputs("mbx: ", stderr);
	vfprintf(stderr, format, args);
	putc('\n', stderr);
}

int report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_sentence(format, args);
	va_end(args);
	return EXIT_FAILED;
}

int report_wait(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_sentence(format, args);
	va_end(args);
	return EXIT_WAIT;
}
