/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for user memory with a message in hand
 *
 * Memory that can't be written to at once may take as long to come as its owner
 * likes. Who is charged for the message must not suffer from that. So receivers
 * copy without waiting first. Who has to wait
 *
 * - answers for the message meanwhile, if it is in his hands alone;
 * - answers for a copy of it, if he only looks;
 * - has nothing in hand, if his quota does not allow that: the message is where it
 *   was, and he tries again when the memory has come.
 */
#ifndef MBX_SLOW_H
#define MBX_SLOW_H

#include <linux/pagemap.h>
#include <linux/types.h>

struct mbx_mailbox_handle;
struct mbx_msg;
struct mbx_user;

/* How often memory may be gone again that has just come. */
#define MBX_RETRIES 8

/**
 * mbx_fault_in - wait for memory, which keeps its contents
 * @addr: user address
 * @len: bytes
 *
 * Memory that can only be written to after a stack has grown is read first: then it
 * grows.
 *
 * Return: whether it can be written to.
 */
static inline bool mbx_fault_in(void __user *addr, size_t len)
{
	return !fault_in_readable(addr, len) &&
	       !fault_in_safe_writeable(addr, len);
}

int mbx_take_charge(const struct mbx_mailbox_handle *handle,
		    struct mbx_msg *msg, struct mbx_user **sender);
void mbx_end_charge(struct mbx_msg *msg, struct mbx_user *sender, bool back);

#endif /* MBX_SLOW_H */
