/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mailbox as the command line names it: by its own name, or by the process
 * whose mailbox it is.
 */
#ifndef MBX_PLACE_H
#define MBX_PLACE_H

#include <mbx.h>

#include "json.h"
#include "report.h"

/**
 * struct place - a mailbox, for opening it and for speaking of it
 * @subject: SUBJECT_MAILBOX or SUBJECT_PROCESS
 * @name: of the mailbox; for that of a process NULL
 * @pid: the process
 * @number: the same, as text
 */
struct place {
	enum subject subject;
	const char *name;
	pid_t pid;
	char number[16];
};

struct place place_named(const char *name);
struct place place_of_process(pid_t pid);

/* How it is called in a sentence, behind subject_name(). */
const char *place_name(const struct place *place);

/* Either the field "mailbox" or "process". */
void place_json(struct json *json, const struct place *place);

/* All below return 0 or, having reported it, an exit status. */

/*
 * Opens it. With MBX_WAIT_BOUND among the flags, waits until the process has
 * bound its mailbox, as long as @timeout says; else that may be NULL.
 */
int place_open(int *fd, const struct place *place, unsigned int flags,
	       const struct number *timeout);

/**
 * struct attributes - of a mailbox to be made; what is not given is the default
 * @mode: exact, whatever the umask says
 * @max_msg_size: bytes
 */
struct attributes {
	struct number mode;
	struct number max_msg_size;
};

int attributes_check(const struct attributes *attributes);

/*
 * Makes a mailbox, or opens it if it exists and the flags allow that: the own one
 * if it has no name.
 */
int place_make(int *fd, const struct place *place, unsigned int flags,
	       enum mbx_lifetime lifetime, const struct attributes *attributes);

/* "cannot @doing mailbox '@name': why; what helps" */
int report_place(int err, const char *doing, const struct place *place);

/* Why a payload of @length bytes did not go into the mailbox @fd. */
int report_too_long(int fd, const struct place *place, size_t length);

#endif
