/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Progress of a long transfer, on stderr, and only if that is a terminal.
 *
 * Nothing is shown of transfers below 1 MiB.
 */
#ifndef MBX_PROGRESS_H
#define MBX_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct progress - a transfer that is under way
 * @what: what is transferred
 * @total: bytes of it, 0 if not known
 * @done: bytes so far
 * @next_ns: when to show it again; redrawing for every piece would cost more
 *	than the transfer
 * @enabled: whether there is a terminal to show it on
 * @shown: whether a line is on the terminal
 */
struct progress {
	const char *what;
	uint64_t total;
	uint64_t done;
	uint64_t next_ns;
	bool enabled;
	bool shown;
};

void progress_begin(struct progress *progress, const char *what,
		    uint64_t total);
void progress_add(struct progress *progress, uint64_t bytes);

/* Shows the final state and ends the line. */
void progress_end(struct progress *progress);

#endif
