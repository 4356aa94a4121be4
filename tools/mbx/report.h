/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Error sentences, on stderr: which object, what was wrong, what would help.
 *
 * Each function that reports returns the exit status that goes with the error,
 * so that a command ends with "return report_...".
 */
#ifndef MBX_REPORT_H
#define MBX_REPORT_H

#include "cli.h"

/* What a sentence is about. */
enum subject {
	SUBJECT_MAILBOX,
	SUBJECT_REGION,
	SUBJECT_PROCESS, /* the mailbox of a process, whose id is its name */
	SUBJECT_OBJECT, /* one of them, not known which */
	SUBJECT_ANY, /* for errors that are the same for all */
};

const char *subject_name(enum subject subject);

/* EXIT_WAIT for what waiting longer might have cured, else EXIT_FAILED. */
int status_of(int err);

/* "mbx: cannot @doing mailbox '@name': why; what helps". @err is -errno. */
int report_object(int err, const char *doing, enum subject subject,
		  const char *name);

/* "mbx: cannot @doing: why; what helps", for what has no name. */
int report_device(int err, const char *doing);

/* "mbx: cannot @doing '@path': why", for files. */
int report_file(int err, const char *doing, const char *path);

/* Whether @err came from the device node, not from an object. */
bool is_device_error(int err);

/* What is wrong with the node, and what helps. @err is a device error. */
const char *device_problem(int err);

/* Sentences of the caller's own: EXIT_FAILED and EXIT_WAIT. */
int report(const char *format, ...) __attribute__((format(printf, 1, 2)));
int report_wait(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
