/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The audit: do the kernel's counters agree, with each other and with the ledger?
 *
 * STAT takes its snapshot under the mailbox's lock, so each one has to add up,
 * whatever others do meanwhile. The ledger is not under that lock; it gives bounds,
 * from what it says before and after the snapshot.
 */
#ifndef SOAK_AUDIT_H
#define SOAK_AUDIT_H

/* A process that audits all mailboxes, again and again, until it is killed. */
int be_auditor(void *arg);
/* With all workers gone: take what is queued, and let everything add up. */
void audit_end(void);

#endif /* SOAK_AUDIT_H */
