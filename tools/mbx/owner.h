/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Holding an object as its owner while a command runs ("create --owner").
 *
 * The tool itself is the owner: it holds the descriptor, the command does not,
 * so that no grandchild which outlives the command can keep the object alive.
 * The object ends with the command, and also, at once, when the tool is killed;
 * the command then gets SIGTERM.
 */
#ifndef MBX_OWNER_H
#define MBX_OWNER_H

/* Runs @argv and returns its exit status, 128 + N if signal N ended it. */
int owner_run(char **argv);

#endif
