/* SPDX-License-Identifier: GPL-2.0-only */
/* Mailboxes and regions with their attributes and counters, as STAT gives them. */
#ifndef MBX_SHOW_H
#define MBX_SHOW_H

#include <mbx.h>

#include "place.h"

/*
 * Each returns 0 or, having reported it, an exit status. With @as_json one line
 * of JSON, else a table; @created is shown too if it is not NULL, in JSON only.
 */
int show_mailbox(int fd, const struct place *place, bool as_json,
		 const bool *created);
int show_region(struct mbx_region *region, const char *name, bool as_json,
		const bool *created);

#endif
