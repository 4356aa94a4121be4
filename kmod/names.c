// SPDX-License-Identifier: GPL-2.0-only
/* The table of names of a network namespace. */
#include <linux/err.h>
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "names.h"
#include "object.h"

struct mbx_names {
	refcount_t ref;
	struct rhashtable table; /* read under RCU, changed under lock */
	spinlock_t lock;
	struct list_head objects; /* under lock */
	bool dead; /* under lock */
};

static bool component_valid(const char *text, u32 len)
{
	if (!len)
		return false;
	if (len == 1 && text[0] == '.')
		return false;
	return !(len == 2 && text[0] == '.' && text[1] == '.');
}

/**
 * mbx_name_valid - is this a well-formed name?
 * @name: the name; its text is in kernel memory
 */
bool mbx_name_valid(const struct mbx_name *name)
{
	const char *text = name->text, *end = text + name->len, *slash;

	if (!name->len || name->len > MBX_NAME_MAX ||
	    memchr(text, '\0', name->len))
		return false;
	while ((slash = memchr(text, '/', end - text))) {
		if (!component_valid(text, slash - text))
			return false;
		text = slash + 1;
	}
	return component_valid(text, end - text);
}

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	const struct mbx_name *name = data;

	return jhash(name->text, name->len, seed);
}

static u32 hash_object(const void *data, u32 len, u32 seed)
{
	const struct mbx_object *obj = data;

	return jhash(obj->name.text, obj->name.len, seed);
}

static int compare(struct rhashtable_compare_arg *arg, const void *data)
{
	const struct mbx_name *name = arg->key;
	const struct mbx_object *obj = data;

	return name->len != obj->name.len ||
	       memcmp(name->text, obj->name.text, name->len);
}

static const struct rhashtable_params table_params = {
	.head_offset = offsetof(struct mbx_object, names_node),
	.hashfn = hash_key,
	.obj_hashfn = hash_object,
	.obj_cmpfn = compare,
	.automatic_shrinking = true,
};

/**
 * mbx_names_create - an empty table
 *
 * Return: the table, with one reference, or an error pointer.
 */
struct mbx_names *mbx_names_create(void)
{
	struct mbx_names *names = kzalloc(sizeof(*names), GFP_KERNEL_ACCOUNT);
	int err;

	if (!names)
		return ERR_PTR(-ENOMEM);
	err = rhashtable_init(&names->table, &table_params);
	if (err) {
		kfree(names);
		return ERR_PTR(err);
	}
	refcount_set(&names->ref, 1);
	spin_lock_init(&names->lock);
	INIT_LIST_HEAD(&names->objects);
	return names;
}

/**
 * mbx_names_put - drop a reference; may sleep
 * @names: the table
 */
void mbx_names_put(struct mbx_names *names)
{
	if (!refcount_dec_and_test(&names->ref))
		return;
	rhashtable_destroy(&names->table);
	kfree(names);
}

static void unhash(struct mbx_names *names, struct mbx_object *obj)
{
	lockdep_assert_held(&names->lock);
	WRITE_ONCE(obj->linked, false);
	list_del_init(&obj->names_link);
	rhashtable_remove_fast(&names->table, &obj->names_node, table_params);
}

/*
 * An object whose last reference is gone may be found here on its way to
 * mbx_names_del(), still linked: it can't be touched beyond unhashing it.
 */
static struct mbx_object *pop_object(struct mbx_names *names, bool *got)
{
	struct mbx_object *obj;

	spin_lock(&names->lock);
	obj = list_first_entry_or_null(&names->objects, struct mbx_object,
				       names_link);
	if (obj) {
		*got = mbx_object_tryget(obj);
		unhash(names, obj);
	}
	spin_unlock(&names->lock);
	return obj;
}

/**
 * mbx_names_kill - the namespace ends: unlink all, let nothing in
 * @names: the table; the caller's reference is consumed
 */
void mbx_names_kill(struct mbx_names *names)
{
	struct mbx_object *obj;
	bool got;

	spin_lock(&names->lock);
	names->dead = true;
	spin_unlock(&names->lock);

	while ((obj = pop_object(names, &got))) {
		if (!got)
			continue;
		if (obj->lifetime == MBX_LIFE_PERSIST)
			mbx_object_put(obj);
		mbx_object_put(obj);
		cond_resched();
	}
	mbx_names_put(names);
}

/**
 * mbx_names_lookup - find an object by name
 * @names: the table
 * @name: the name
 *
 * Return: the object with a reference taken, or NULL.
 */
struct mbx_object *mbx_names_lookup(struct mbx_names *names,
				    const struct mbx_name *name)
{
	struct mbx_object *obj;

	rcu_read_lock();
	obj = rhashtable_lookup(&names->table, name, table_params);
	if (obj && !mbx_object_tryget(obj))
		obj = NULL;
	rcu_read_unlock();
	return obj;
}

/*
 * An entry whose last reference is gone only waits to be removed by who
 * dropped it. Removing it here spares the newcomer a retry.
 */
static struct mbx_object *insert(struct mbx_names *names,
				 struct mbx_object *obj)
{
	struct mbx_object *old;

	lockdep_assert_held(&names->lock);
	old = rhashtable_lookup_get_insert_key(&names->table, &obj->name,
					       &obj->names_node, table_params);
	if (!old || (!IS_ERR(old) && mbx_object_tryget(old)))
		return old;
	/* What the table says of a failure means nothing to users. */
	if (IS_ERR(old))
		return ERR_PTR(-ENOMEM);
	unhash(names, old);
	old = rhashtable_lookup_get_insert_key(&names->table, &obj->name,
					       &obj->names_node, table_params);
	return IS_ERR(old) ? ERR_PTR(-ENOMEM) : old;
}

/* All that being linked means, before and unless the table has it. */
static void link_object(struct mbx_names *names, struct mbx_object *obj)
{
	lockdep_assert_held(&names->lock);
	refcount_inc(&names->ref);
	obj->names = names;
	list_add_tail(&obj->names_link, &names->objects);
	WRITE_ONCE(obj->linked, true);
	if (obj->lifetime == MBX_LIFE_PERSIST)
		refcount_inc(&obj->ref);
}

static void unlink_object(struct mbx_names *names, struct mbx_object *obj)
{
	lockdep_assert_held(&names->lock);
	if (obj->lifetime == MBX_LIFE_PERSIST)
		refcount_dec(&obj->ref);
	WRITE_ONCE(obj->linked, false);
	list_del_init(&obj->names_link);
	obj->names = NULL;
	refcount_dec(&names->ref);
}

/**
 * mbx_names_add - link an object, unless the name is taken
 * @names: the table
 * @obj: a nascent object with a name; the caller holds a reference
 *
 * Look-ups take no lock: from the moment that the table has it, the object can
 * be found, opened and unlinked.
 *
 * Return: NULL if it is linked; the object that has the name, with a reference
 * taken; or -ENOENT or -ENOMEM as an error pointer.
 */
struct mbx_object *mbx_names_add(struct mbx_names *names,
				 struct mbx_object *obj)
{
	struct mbx_object *old;

	spin_lock(&names->lock);
	link_object(names, obj);
	old = names->dead ? ERR_PTR(-ENOENT) : insert(names, obj);
	if (old)
		unlink_object(names, obj);
	spin_unlock(&names->lock);
	return old;
}

/**
 * mbx_names_del - unlink an object
 * @obj: an object that was linked once
 *
 * Return: true if this call unlinked it, false if it was unlinked already.
 */
bool mbx_names_del(struct mbx_object *obj)
{
	struct mbx_names *names = obj->names;
	bool was;

	spin_lock(&names->lock);
	was = obj->linked;
	if (was)
		unhash(names, obj);
	spin_unlock(&names->lock);
	return was;
}
