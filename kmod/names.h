/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of one network namespace
 *
 * A table from name to object. Look-ups take no lock (RCU). The table is
 * referenced by its namespace and by every object that ever had a name in it,
 * so that an object can outlive the namespace; after mbx_names_kill() nothing
 * can be added. It knows of objects only what object.h says.
 */
#ifndef MBX_NAMES_H
#define MBX_NAMES_H

#include <linux/types.h>

struct mbx_name;
struct mbx_names;
struct mbx_object;

bool mbx_name_valid(const struct mbx_name *name);
struct mbx_names *mbx_names_create(void);
void mbx_names_kill(struct mbx_names *names);
void mbx_names_put(struct mbx_names *names);
struct mbx_object *mbx_names_lookup(struct mbx_names *names,
				    const struct mbx_name *name);
struct mbx_object *mbx_names_add(struct mbx_names *names,
				 struct mbx_object *obj);
bool mbx_names_del(struct mbx_object *obj);

#endif /* MBX_NAMES_H */
