/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects, their names, and the last reference (kmod/object.c, kmod/names.c)
 *
 * An object has a name, and an open file of its creator; it may be persistent,
 * and the name then has a reference too. The creator closes the file, somebody
 * looks the name up and unlinks it or not, another creates an object of that
 * name, and the namespace may end. Look-ups take no lock; reference counts are
 * changed by atomic operations.
 *
 * To hold: no object is touched after it was freed, each is freed once, and all
 * are freed in the end. The table does not keep what was freed.
 *
 * Code:
 *   kmod/object.c mbx_object_tryget()
 *     return refcount_inc_not_zero(&obj->ref);
 *   kmod/object.c mbx_object_put()
 *     if (!refcount_dec_and_test(&obj->ref)) return;
 *     if (obj->names) mbx_names_del(obj);
 *     call_rcu(&obj->rcu, free_rcu_cb);
 *   kmod/object.c mbx_object_unlink()
 *     if (!obj->names || !mbx_names_del(obj)) return false;
 *     if (obj->lifetime == MBX_LIFE_PERSIST) mbx_object_put(obj);
 *   kmod/names.c pop_object()
 *     spin_lock(&names->lock);
 *     *got = mbx_object_tryget(obj); unhash(names, obj);
 *     spin_unlock(&names->lock);
 *   kmod/names.c mbx_names_kill()
 *     spin_lock(&names->lock); names->dead = true; spin_unlock(&names->lock);
 *     if (!got) continue;
 *     if (obj->lifetime == MBX_LIFE_PERSIST) mbx_object_put(obj);
 *     mbx_object_put(obj);
 *   kmod/names.c mbx_names_lookup()
 *     rcu_read_lock();
 *     obj = rhashtable_lookup(&names->table, name, table_params);
 *     if (obj && !mbx_object_tryget(obj)) obj = NULL;
 *     rcu_read_unlock();
 *   kmod/names.c insert()
 *     if (!old || (!IS_ERR(old) && mbx_object_tryget(old))) return old;
 *     unhash(names, old);
 *   kmod/names.c mbx_names_add()
 *     spin_lock(&names->lock); link_object(names, obj);
 *     old = names->dead ? ERR_PTR(-ENOENT) : insert(names, obj);
 *     spin_unlock(&names->lock);
 *   kmod/names.c mbx_names_del()
 *     spin_lock(&names->lock); was = obj->linked; if (was) unhash(names, obj);
 *     spin_unlock(&names->lock); return was;
 *
 * Mutants:
 *   freed_without_rcu freed[found]
 *   dying_object_revived freed[
 *   dying_object_touched freed[obj]
 *   dying_object_left_in_the_table table==o
 *   unlinked_twice freed[
 */
#define OBJECTS 2
#define NONE 15

byte lock;				/* names->lock */
byte table = NONE;			/* who has the name */
bool linked[OBJECTS];			/* obj->linked */
bool ever_linked[OBJECTS];		/* obj->names */
bool killed;				/* names->dead */
byte refs[OBJECTS];
bool freed[OBJECTS];
bool persistent;
byte readers;				/* in an RCU read-side section */

#define touch(o) assert(!freed[o])

inline spin_lock()
{
	atomic { lock == 0 -> lock = 1 }
}

inline spin_unlock()
{
	lock = 0
}

/* mbx_object_tryget() */
inline tryget(o)
{
	atomic {
		touch(o);
#ifdef MUTANT_dying_object_revived
		got = true;
#else
		got = refs[o] > 0;
#endif
		if
		:: got -> refs[o]++
		:: else
		fi
	}
}

/* unhash() */
inline unhash(o)
{
	atomic {
		touch(o);
		linked[o] = false;
		assert(table == o);
		table = NONE
	}
}

/* mbx_names_del() */
inline names_del(o)
{
	spin_lock();
	touch(o);
#ifdef MUTANT_unlinked_twice
	was = true;
	if
	:: linked[o] -> unhash(o)
	:: else
	fi;
#else
	was = linked[o];
	if
	:: was -> unhash(o)
	:: else
	fi;
#endif
	spin_unlock()
}

/* The end of an object, in whoever has dropped the last reference */
proctype end_of(byte o)
{
	bool was;

	if
	:: ever_linked[o] -> names_del(o)
	:: else
	fi;
#ifndef MUTANT_freed_without_rcu
	/* call_rcu(); only one thread reads, so this is a grace period */
	readers == 0;
#endif
	atomic { touch(o); freed[o] = true }
}

/* mbx_object_put() */
inline put(o)
{
	atomic {
		touch(o);
		assert(refs[o] > 0);
		refs[o]--;
		if
		:: refs[o] == 0 -> run end_of(o)
		:: else
		fi
	}
}

/* The reference of a persistent object's name; the caller has one of its own. */
inline put_of_name(o)
{
	atomic { touch(o); refs[o]--; assert(refs[o] > 0) }
}

/* mbx_object_unlink() */
inline unlink(o)
{
	names_del(o);
	if
	:: was && persistent -> put_of_name(o)
	:: else
	fi;
	was = false
}

/* release of the creator's open file */
proctype creator()
{
	put(0)
}

/* mbx_names_lookup() */
proctype opener()
{
	byte found;
	bool got, was;

	readers++;
	found = table;
	if
	:: found != NONE -> tryget(found)
	:: else
	fi;
	readers--;
	if
	:: got ->
		if
		:: true -> unlink(found)
		:: true
		fi;
		touch(found);
		put(found)
	:: else
	fi
}

/* mbx_names_add(), insert() */
proctype newcomer()
{
	byte old = NONE;
	bool got;

	refs[1] = 1;
	spin_lock();
	if
	:: killed ->
		spin_unlock()
	:: else ->
		old = table;
		if
		:: old != NONE -> tryget(old)
		:: else
		fi;
		if
		:: got ->
			spin_unlock();
			touch(old);
			put(old)
		:: else ->
#ifndef MUTANT_dying_object_left_in_the_table
			if
			:: old != NONE -> unhash(old)
			:: else
			fi;
#endif
			/* link_object() */
			atomic {
				linked[1] = true;
				ever_linked[1] = true;
				if
				:: persistent -> refs[1]++
				:: else
				fi;
				table = 1
			}
			spin_unlock()
		fi
	fi;
	put(1)
}

/* mbx_names_kill(), pop_object() */
proctype killer()
{
	byte obj;
	bool got;

	spin_lock();
	killed = true;
	spin_unlock();
	do
	:: spin_lock();
		obj = table;
		if
		:: obj == NONE -> spin_unlock(); break
		:: else
		fi;
		tryget(obj);
		unhash(obj);
		spin_unlock();
#ifdef MUTANT_dying_object_touched
		touch(obj);
#endif
		if
		:: got && persistent -> put_of_name(obj)
		:: else
		fi;
		if
		:: got -> put(obj)
		:: else
		fi
	od
}

init {
	atomic {
		if
		:: persistent = true
		:: persistent = false
		fi;
		refs[0] = 1 + persistent;
		linked[0] = true;
		ever_linked[0] = true;
		table = 0;
		run creator();
		run opener();
		run newcomer();
		run killer()
	}
	_nr_pr == 1;
	assert(table == NONE && freed[0] && freed[1])
}
