/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where results go: standard output, or the file of -o.
 *
 * All results pass through here, so that a full disk or a closed pipe is found
 * out at the latest when the tool ends. It is reported once; a closed pipe not
 * at all, since its reader wanted no more. Both make the exit status
 * EXIT_FAILED.
 */
#ifndef MBX_OUT_H
#define MBX_OUT_H

#include <stdbool.h>
#include <stdio.h>

/* Makes standard output the output. Returns 0 or an exit status. */
int out_init(void);

/* Makes @path, emptied, the output. Returns 0 or an exit status. */
int out_open(const char *path);

FILE *out_file(void);
int out_fd(void);
bool out_is_terminal(void);

/* Pushes out what is buffered. False if anything could not be written so far. */
bool out_flush(void);

/*
 * Ends the output. Returns @status, or EXIT_FAILED if it is EXIT_DONE and
 * something could not be written.
 */
int out_close(int status);

#endif
