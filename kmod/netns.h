/* SPDX-License-Identifier: GPL-2.0-only */
/* Which names the current task sees: those of its network namespace. */
#ifndef MBX_NETNS_H
#define MBX_NETNS_H

struct mbx_names;

struct mbx_names *mbx_current_names(void);
int mbx_netns_init(void);
void mbx_netns_exit(void);

#endif /* MBX_NETNS_H */
