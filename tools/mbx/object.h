/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening mailboxes and regions, with the errors reported, and what commands
 * on both kinds share.
 */
#ifndef MBX_OBJECT_H
#define MBX_OBJECT_H

#include <mbx.h>

#include "report.h"

/* Each returns 0 or, having reported it, an exit status. */
int open_mailbox(int *fd, const char *name, unsigned int flags);
int open_region(struct mbx_region **region, const char *name,
		unsigned int flags);
int check_slot(const struct mbx_region *region, const char *name,
	       uint32_t slot);
int remove_names(enum subject subject, int count, char **names, bool json);

/* The deadline of --timeout, 0 if it was not given. */
uint64_t deadline_after(const struct number *timeout);

#endif
