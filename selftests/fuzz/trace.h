/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host is told before it happens
 *
 * It goes through a port to a file of the host's, where it is even if the guest
 * dies of what comes next. Without the port it goes nowhere.
 */
#ifndef FUZZ_TRACE_H
#define FUZZ_TRACE_H

#include "op.h"

void trace_init(void);
void trace_sequence(const struct sequence *seq);
/* A line of its own; a comment, where sequences are read. */
void trace_note(const char *text);

#endif /* FUZZ_TRACE_H */
