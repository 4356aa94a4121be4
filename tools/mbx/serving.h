/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Serving a mailbox: a command for each message.
 *
 * On SIGINT and SIGTERM no more messages are taken, and the commands that run are
 * let finish; a second signal kills them. Either way their callers are told.
 */
#ifndef MBX_SERVING_H
#define MBX_SERVING_H

#include "place.h"

enum serving_form {
	SERVING_SILENT,
	SERVING_VERBOSE,
	SERVING_JSON,
};

/**
 * struct serving - what to serve, and how
 * @fd: the mailbox
 * @place: how it is called
 * @command: with its arguments, ends with NULL
 * @parallel: how many may run at once
 * @count: how many messages to serve, 0 for no limit
 * @form: what to print of each message that was served
 */
struct serving {
	int fd;
	struct place place;
	char **command;
	unsigned int parallel;
	uint64_t count;
	enum serving_form form;
};

/* Returns 0 or, having reported it, an exit status. */
int serve(const struct serving *serving);

#endif
