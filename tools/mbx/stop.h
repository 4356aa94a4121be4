/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ending a receive in an orderly way: on SIGINT and SIGTERM, or because nobody
 * reads the output any more, without losing a message that was just taken.
 *
 * A call that waits for a message is interrupted. One that is about to wait,
 * too: the signal could arrive after the last look at stop_wanted() and before
 * the call, so the wish to stop is repeated by a timer as long as the process
 * lives.
 *
 *	receiving				signal
 *	stop_wanted()? no
 *						wish noted, timer started
 *	mbx_recv_with() waits
 *						timer ticks: -EINTR
 *	stop_wanted()? yes
 */
#ifndef MBX_STOP_H
#define MBX_STOP_H

#include <stdbool.h>

/* Catches the signals and watches the output, from here on. */
int stop_watch(void);

bool stop_wanted(void);

/* The signal that wants the end, 0 if none does. */
int stop_signal(void);

/* Ends the process as @signal does by default. */
void stop_die(int signal);

#endif
