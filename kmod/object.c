// SPDX-License-Identifier: GPL-2.0-only
/* Life, death and access rights of objects. */
#include <linux/fs_struct.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "direct.h"
#include "names.h"
#include "object.h"
#include "quota.h"

/**
 * mbx_object_attr_check - are these attributes that an object may have?
 * @attr: the creator's choice
 * @named: the object will have a name
 *
 * Return: 0 or -EINVAL.
 */
int mbx_object_attr_check(const struct mbx_object_attr *attr, bool named)
{
	if (attr->mode & ~0777u || attr->lifetime > MBX_LIFE_OWNER)
		return -EINVAL;
	if (attr->lifetime == MBX_LIFE_PERSIST && !named)
		return -EINVAL;
	return 0;
}

static u8 effective_lifetime(u32 lifetime, bool named)
{
	if (lifetime != MBX_LIFE_DEFAULT)
		return lifetime;
	return named ? MBX_LIFE_PERSIST : MBX_LIFE_LAST_CLOSE;
}

static int copy_name(struct mbx_object *obj, const struct mbx_name *name)
{
	if (!name->len)
		return 0;
	obj->name.text = kmemdup(name->text, name->len, GFP_KERNEL_ACCOUNT);
	if (!obj->name.text)
		return -ENOMEM;
	obj->name.len = name->len;
	return 0;
}

/**
 * mbx_object_init - make a zeroed object nascent, charged to the caller
 * @obj: zeroed memory
 * @ops: the kind
 * @attr: checked attributes
 * @name: the name that it is to have; copied
 *
 * The caller gets the only reference. On failure the memory is still the
 * caller's, and nothing else is left to undo.
 *
 * Return: 0, -EDQUOT or -ENOMEM.
 */
int mbx_object_init(struct mbx_object *obj, const struct mbx_object_ops *ops,
		    const struct mbx_object_attr *attr,
		    const struct mbx_name *name)
{
	u32 mode = attr->mode ?: MBX_DEFAULT_MODE;
	int err;

	obj->user = mbx_user_get(current_uid());
	if (!obj->user)
		return -ENOMEM;
	err = mbx_charge(obj->user, MBX_QUOTA_OBJECTS, 1);
	if (err)
		goto put_user;
	err = copy_name(obj, name);
	if (err)
		goto uncharge;

	__module_get(THIS_MODULE);
	obj->ops = ops;
	obj->user_ns = get_user_ns(current_user_ns());
	obj->uid = current_fsuid();
	obj->gid = current_fsgid();
	obj->mode = mode & ~current_umask();
	obj->lifetime = effective_lifetime(attr->lifetime, name->len);
	INIT_LIST_HEAD(&obj->names_link);
	refcount_set(&obj->ref, 1);
	return 0;

uncharge:
	mbx_uncharge(obj->user, MBX_QUOTA_OBJECTS, 1);
put_user:
	mbx_user_put(obj->user);
	return err;
}

static void give_back(struct mbx_object *obj)
{
	mbx_uncharge(obj->user, MBX_QUOTA_OBJECTS, 1);
	mbx_user_put(obj->user);
	put_user_ns(obj->user_ns);
	module_put(THIS_MODULE);
}

/**
 * mbx_object_abort - undo mbx_object_init()
 * @obj: an object that nobody else has seen; its memory stays the caller's
 */
void mbx_object_abort(struct mbx_object *obj)
{
	kfree(obj->name.text);
	give_back(obj);
}

/**
 * mbx_object_tryget - take a reference unless the object is on its way out
 * @obj: an object found under RCU or names->lock
 */
bool mbx_object_tryget(struct mbx_object *obj)
{
	return refcount_inc_not_zero(&obj->ref);
}

static void free_rcu_cb(struct rcu_head *rcu)
{
	struct mbx_object *obj = container_of(rcu, struct mbx_object, rcu);

	kfree(obj->name.text);
	obj->ops->free(obj);
}

/**
 * mbx_object_put - drop a reference; the last one ends the object
 * @obj: the object
 *
 * Nobody can be waiting on the object then, as a waiting call holds an open
 * file. May sleep.
 */
void mbx_object_put(struct mbx_object *obj)
{
	if (!refcount_dec_and_test(&obj->ref))
		return;
	if (obj->names)
		mbx_names_del(obj);
	obj->ops->release(obj);
	if (obj->names)
		mbx_names_put(obj->names);
	give_back(obj);
	call_rcu(&obj->rcu, free_rcu_cb);
}

/**
 * mbx_object_unlink - take the name away
 * @obj: an object to which the caller holds a reference
 *
 * Of several callers one takes the name, and with it the name's reference.
 *
 * Return: true for that one.
 */
bool mbx_object_unlink(struct mbx_object *obj)
{
	if (!obj->names || !mbx_names_del(obj))
		return false;
	if (obj->lifetime == MBX_LIFE_PERSIST)
		mbx_object_put(obj);
	return true;
}

/**
 * mbx_object_kill - the owner is gone
 * @obj: an object to which the caller holds a reference
 */
void mbx_object_kill(struct mbx_object *obj)
{
	mbx_object_unlink(obj);
	obj->ops->kill(obj);
}

/**
 * mbx_object_permission - may the caller open the object like this?
 * @obj: the object
 * @open_flags: bits of enum mbx_open_flags
 *
 * Return: 0 or -EACCES.
 */
int mbx_object_permission(const struct mbx_object *obj, u32 open_flags)
{
	u32 need = 0, have = obj->mode;

	if (open_flags & MBX_READ)
		need |= 4;
	if (open_flags & MBX_WRITE)
		need |= 2;
	if (uid_eq(current_fsuid(), obj->uid))
		have >>= 6;
	else if (in_group_p(obj->gid))
		have >>= 3;
	if (!(need & ~have))
		return 0;
	return ns_capable(obj->user_ns, CAP_IPC_OWNER) ? 0 : -EACCES;
}

/**
 * mbx_object_may_unlink - may the caller take the object's name away?
 * @obj: the object
 *
 * Return: 0 or -EACCES.
 */
int mbx_object_may_unlink(const struct mbx_object *obj)
{
	if (uid_eq(current_fsuid(), obj->uid))
		return 0;
	return ns_capable(obj->user_ns, CAP_IPC_OWNER) ? 0 : -EACCES;
}

/**
 * mbx_object_state - the state as the STAT commands tell it
 * @obj: the object
 * @dead: its owner is gone
 *
 * Return: bits of enum mbx_state.
 */
u32 mbx_object_state(const struct mbx_object *obj, bool dead)
{
	return (READ_ONCE(obj->linked) ? MBX_STATE_NAMED : 0) |
	       (dead ? MBX_STATE_DEAD : 0);
}

/**
 * mbx_object_show - lines about the object for /proc/PID/fdinfo
 * @m: where to
 * @obj: the object
 */
void mbx_object_show(struct seq_file *m, const struct mbx_object *obj)
{
	seq_puts(m, "mbx-name:\t");
	/* A direct mailbox's name is a kernel address: nobody's business. */
	if (obj->name.len && obj->names != mbx_direct_names())
		seq_escape_mem(m, obj->name.text, obj->name.len,
			       ESCAPE_SPACE | ESCAPE_SPECIAL | ESCAPE_NP |
				       ESCAPE_OCTAL,
			       NULL);
	seq_printf(m, "\nmbx-linked:\t%d\n", READ_ONCE(obj->linked));
	seq_printf(m, "mbx-mode:\t%04o\n", obj->mode);
}
