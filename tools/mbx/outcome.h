/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a command that has failed is told to the caller: as an error of the reply
 * (see mbx_reply_with()) beyond those of the kernel.
 */
#ifndef MBX_OUTCOME_H
#define MBX_OUTCOME_H

#include <stdint.h>

#define COMMAND_ERROR 2048
#define EXIT_CODE_MAX 255

/* @code: 1 to 255; 128 + N if signal N has ended the command. */
static inline uint32_t error_of_exit(int code)
{
	return COMMAND_ERROR + (uint32_t)code;
}

/* The exit code, or 0 if it is an error of another kind. */
static inline int exit_of_error(int error)
{
	return error > COMMAND_ERROR && error <= COMMAND_ERROR + EXIT_CODE_MAX ?
		       error - COMMAND_ERROR :
		       0;
}

#endif
