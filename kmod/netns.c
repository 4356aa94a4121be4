// SPDX-License-Identifier: GPL-2.0-only
/* A table of names for each network namespace. */
#include <linux/err.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "names.h"
#include "netns.h"

struct mbx_net {
	struct mbx_names *names;
};

static unsigned int net_id __read_mostly;

static int __net_init init_net_names(struct net *net)
{
	struct mbx_net *mnet = net_generic(net, net_id);

	mnet->names = mbx_names_create();
	return PTR_ERR_OR_ZERO(mnet->names);
}

static void __net_exit exit_net_names(struct net *net)
{
	struct mbx_net *mnet = net_generic(net, net_id);

	mbx_names_kill(mnet->names);
}

static struct pernet_operations net_ops = {
	.init = init_net_names,
	.exit = exit_net_names,
	.id = &net_id,
	.size = sizeof(struct mbx_net),
};

/**
 * mbx_current_names - the names of the current task's network namespace
 *
 * Return: the table, valid as long as the task stays in the namespace.
 */
struct mbx_names *mbx_current_names(void)
{
	struct mbx_net *mnet = net_generic(current->nsproxy->net_ns, net_id);

	return mnet->names;
}

int mbx_netns_init(void)
{
	return register_pernet_subsys(&net_ops);
}

void mbx_netns_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
