/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must not be: a report in the kernel's log, or something left behind
 *
 * The host judges the log as well, and what the guest does not live to see.
 */
#ifndef FUZZ_FINDING_H
#define FUZZ_FINDING_H

#include <stdbool.h>

/*
 * Before the first run: @reports is the pattern of a report, or NULL. With @leaks
 * each look takes seconds, as memory that nobody knows any more is searched for.
 */
bool finding_init(const char *reports, bool leaks);

/*
 * After a run; @all: look for what is left behind as well. What has been found stays
 * found.
 */
bool nothing_found(bool all);
void found(const char *what);
/* NULL if there is nothing. */
const char *finding(void);

#endif /* FUZZ_FINDING_H */
