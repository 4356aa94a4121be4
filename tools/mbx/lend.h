/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How 'mbx reply' answers the request that 'mbx serve' has received
 *
 * A request can be answered only through the open file that has received it. If
 * the command that serves it inherited that, whatever it leaves running would
 * keep the file open, and callers would not be told when 'mbx serve' is killed.
 * So the command inherits one end of a socket instead, with which 'mbx reply'
 * asks for the descriptor, and has it for as long as it takes to answer:
 *
 *	mbx reply					mbx serve
 *	borrow(): a byte	->
 *				<-	lend(): the token and the descriptor
 *	mbx_reply_with(), closes it
 */
#ifndef MBX_LEND_H
#define MBX_LEND_H

#include <stdbool.h>
#include <stdint.h>

/* The number of the command's end of the socket, in its environment. */
#define LEND_VARIABLE "MBX_REPLY"

/*
 * Answers one who asks through @socket. False if nobody has the other end any
 * more; *@lent tells whether somebody was given the descriptor.
 */
bool lend(int socket, int fd, uint64_t token, bool *lent);

/* Asks through @socket. Returns a descriptor, or -errno: -EPIPE without 'mbx serve'. */
int borrow(int socket, uint64_t *token);

#endif
