/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting for slots of a region to move. */
#ifndef MBX_WAITING_H
#define MBX_WAITING_H

#include <mbx.h>

#include "values.h"

/**
 * struct waiting - what to wait for
 * @slots: on which slots
 * @seq: the sequence word last seen, of the one slot; if it is not given, that
 *	of each slot when the waiting begins
 * @timeout: how long
 * @nonblock: only look
 */
struct waiting {
	struct slot_list slots;
	struct number seq;
	struct number timeout;
	bool nonblock;
};

/* Checks options that exclude each other; 0 or an exit status. */
int check_waiting(const struct waiting *waiting);

/*
 * Waits; then @moved has the slots that moved, with their words, and *@count
 * their number. Returns 0 or, having reported it, an exit status.
 */
int wait_for_slots(struct mbx_region *region, const char *name,
		   const struct waiting *waiting, struct mbx_slot *moved,
		   unsigned int *count);

#endif
