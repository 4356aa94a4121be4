// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading. */
#include <linux/module.h>
#include <linux/rcupdate.h>

#include "device.h"
#include "direct.h"
#include "mailbox.h"
#include "netns.h"
#include "payload.h"
#include "process.h"

static int __init mbx_init(void)
{
	int err;

	err = mbx_mailbox_cache_init();
	if (err)
		return err;
	err = mbx_process_init();
	if (err)
		goto cache_exit;
	err = mbx_direct_init();
	if (err)
		goto process_exit;
	err = mbx_netns_init();
	if (err)
		goto direct_exit;
	/* Last: from here on there can be objects. */
	err = mbx_device_init();
	if (err)
		goto netns_exit;
	return 0;

netns_exit:
	mbx_netns_exit();
direct_exit:
	mbx_direct_exit();
process_exit:
	mbx_process_exit();
cache_exit:
	mbx_mailbox_cache_exit();
	return err;
}

/* Every object pins the module, so there is none left; but memory may be on its way. */
static void __exit mbx_exit(void)
{
	mbx_device_exit();
	mbx_netns_exit();
	mbx_direct_exit();
	mbx_process_exit();
	rcu_barrier();
	mbx_payload_exit();
	mbx_mailbox_cache_exit();
}

module_init(mbx_init);
module_exit(mbx_exit);

MODULE_DESCRIPTION("Mailboxes and shared regions between processes");
MODULE_AUTHOR("The mbx authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
