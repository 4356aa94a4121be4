// SPDX-License-Identifier: GPL-2.0-only
/* Who answers for a message while its receiver's memory is waited for. */
#include <linux/capability.h>

#include "mailbox_file.h"
#include "message.h"
#include "quota.h"
#include "slow.h"

/**
 * mbx_take_charge - the current user is to answer for a message
 * @handle: through which it was received
 * @msg: the message, in the caller's hands
 * @sender: out: who answered for it, with a reference, or NULL if nothing changes
 *
 * Return: 0, -EDQUOT or -ENOMEM.
 */
int mbx_take_charge(const struct mbx_mailbox_handle *handle,
		    struct mbx_msg *msg, struct mbx_user **sender)
{
	struct mbx_user *user = mbx_get_current_account(handle);
	bool exceeded;
	int err;

	*sender = NULL;
	if (!user)
		return -ENOMEM;
	err = mbx_msg_charge_to(msg, user, false, &exceeded, sender);
	if (err && capable(CAP_SYS_RESOURCE))
		err = mbx_msg_charge_to(msg, user, true, &exceeded, sender);
	mbx_user_put(user);
	return err;
}

/**
 * mbx_end_charge - the message goes on
 * @msg: a message for which mbx_take_charge() has succeeded
 * @sender: what that has set
 * @back: it goes back to the mailbox, and who has sent it answers for it again;
 *	which can't be refused, whatever the limit is
 */
void mbx_end_charge(struct mbx_msg *msg, struct mbx_user *sender, bool back)
{
	struct mbx_user *receiver;
	bool exceeded;

	if (!sender)
		return;
	if (back) {
		mbx_msg_charge_to(msg, sender, true, &exceeded, &receiver);
		mbx_user_put(receiver);
	}
	mbx_user_put(sender);
}
