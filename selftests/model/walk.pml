/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling those who watch a slot, while others are let in (kmod/region_notify.c)
 *
 * Somebody notifies, and the region dies: both go through the list of one slot and
 * let others in, with a mark in the list where they go on. A call waits with two
 * watches, again and again as nothing moves, until the region is dead; a file
 * subscribes to the slot. Either a third goes through the list as well, or the file
 * subscribes twice and the call may give up. The list is a real one, of links in
 * both directions.
 *
 * How large the budget is stands open.
 *
 * To hold:
 * - whoever was in the list when somebody began to tell it, and has not left it
 *   since, has been told at the end;
 * - nobody is told more watches than there were, so that the walk ends however
 *   fast others come back;
 * - no watch or mark is touched, not even by its neighbours, when the frame or the
 *   file that it is in may be gone;
 * - a call does not sleep on when the region is dead;
 * - the list is empty in the end, and so are the counts.
 *
 * Code:
 *   kmod/region_notify.c mbx_region_watch()
 *     list_add_tail(&watch->link, &watches->list);
 *     watches->count++;
 *   kmod/region_notify.c mbx_region_unwatch()
 *     if (list_empty(&watch->link)) return;
 *     list_del_init(&watch->link);
 *     region->slots[watch->slot].count--;
 *   kmod/region_notify.c let_others_in()
 *     struct mbx_watch mark = { .moved = NULL };
 *     list_add_tail(&mark.link, next); spin_unlock(&region->lock);
 *     spin_lock(&region->lock); next = mark.link.next; list_del(&mark.link);
 *     return next;
 *   kmod/region_notify.c tell_slot()
 *     u32 left = region->slots[slot].count;
 *     for (pos = list->next; left && pos != list; pos = next) { next = pos->next;
 *     if (!watch->moved) continue;
 *     left--; woken += watch->moved(region, watch, wakes);
 *     if (--*budget) continue; next = let_others_in(region, next, wakes);
 *   kmod/region_notify.c mbx_region_notify()
 *     spin_lock(&region->lock);
 *     if (region->dead) { spin_unlock(&region->lock); return -EOWNERDEAD; }
 *     woken = mbx_region_tell(region, slot_mask, &wakes);
 *     spin_unlock(&region->lock);
 *   kmod/region_notify.c wake_call()
 *     mbx_region_unwatch(region, watch);
 *     if (call->waiter.decided) return false;
 *     region->waiting--; mbx_waiter_decide(&call->waiter, 0, wakes);
 *   kmod/region_notify.c begin_wait()
 *     mbx_waiter_init(&call->waiter); spin_lock(&region->lock);
 *     region->waiting++;
 *     mbx_region_watch(region, &call->watches[i].watch);
 *     spin_unlock(&region->lock);
 *   kmod/region_notify.c end_wait()
 *     spin_lock(&region->lock);
 *     mbx_region_unwatch(region, &call->watches[i].watch);
 *     if (!call->waiter.decided) region->waiting--;
 *     spin_unlock(&region->lock);
 *   kmod/region_notify.c wait_once()
 *     begin_wait(region, call);
 *     if (!count_moved(region, call) && !mbx_region_is_dead(region))
 *     err = mbx_waiter_sleep(&call->waiter, deadline_ns);
 *     end_wait(region, call);
 *   kmod/region.c kill_region()
 *     spin_lock(&region->lock);
 *     smp_store_release(&region->dead, true);
 *     mbx_region_tell(region, mbx_region_all_slots(region), &wakes);
 *     spin_unlock(&region->lock);
 *
 * Mutants:
 *   no_mark gone[
 *   mark_without_lock lock==me
 *   mark_behind_the_next owed[
 *   mark_told pos<=3
 *   mark_counted owed[
 *   mark_stays !((next[(3+me)]
 *   newcomers_told left>0
 *   whole_call_unlinked (next[following]!=following)||
 *   unlinked_twice violated (next[1]
 *   watch_stays !((next[1]
 *   dead_when_told sleeps
 *   mark_lets_in cycles
 */
#define NOTIFIER 1			/* who holds the lock; 1 to 3 tell */
#define KILLER 3
#define CALLER 4
#define SUBSCRIBER 5

#define LIST 0				/* the head of the list */
#define WATCH 1				/* of the call, two */
#define SUBSCRIPTION 3
#define mark (3 + me)			/* in the frame of who tells */
#define NODES 7

#define is_watch(n) ((n) <= SUBSCRIPTION)
#define is_linked(n) (next[n] != (n))

byte lock;				/* region->lock: who has it */
bool dead;				/* region->dead */
byte count, waiting;
byte next[NODES], prev[NODES];		/* struct list_head */
bool gone[NODES];			/* the memory has another use */
bool decided;				/* call->waiter.decided */
byte owed[KILLER + 1];			/* whom it has to tell, a bit each */

inline spin_lock()
{
	atomic { lock == 0 -> lock = me }
}

inline spin_unlock()
{
	lock = 0
}

#define touch(n) assert(!gone[n])

/* The frame or the file that it is in goes. */
inline free(n)
{
	assert(!is_linked(n));
	gone[n] = true
}

/* list_add_tail(), before any node */
inline list_add(n, where)
{
	assert(lock == me);
	assert(is_linked(where) || where == LIST);
	touch(where);
	touch(prev[where]);
	next[n] = where;
	prev[n] = prev[where];
	next[prev[n]] = n;
	prev[where] = n
}

/* list_del(), list_del_init() */
inline list_del(n)
{
	assert(lock == me);
	assert(is_linked(n));
	touch(next[n]);
	touch(prev[n]);
	next[prev[n]] = next[n];
	prev[next[n]] = prev[n];
	next[n] = n;
	prev[n] = n
}

/* mbx_region_watch() */
inline watch(n)
{
	d_step { list_add(n, LIST); count++ }
}

/* mbx_region_unwatch() */
inline unwatch(n)
{
	d_step {
		if
#ifdef MUTANT_unlinked_twice
		:: true ->
#else
		:: is_linked(n) ->
#endif
			list_del(n);
			count--
		:: else
		fi;
		owed[1] = owed[1] & ~(1 << n);
		owed[2] = owed[2] & ~(1 << n);
		owed[3] = owed[3] & ~(1 << n)
	}
}

/* wake_call() */
inline wake_call(n)
{
	unwatch(n);
#ifdef MUTANT_whole_call_unlinked
	unwatch(WATCH);
	unwatch(WATCH + 1);
#endif
	if
	:: decided
	:: else -> waiting--; decided = true
	fi
}

/* let_others_in() */
inline let_others_in()
{
#ifdef MUTANT_no_mark
	spin_unlock();
	spin_lock();
#else
	atomic {
		gone[mark] = false;
#ifdef MUTANT_mark_behind_the_next
		list_add(mark, next[following]);
#else
		list_add(mark, following);
#endif
		spin_unlock()
	}
	atomic {
#ifndef MUTANT_mark_without_lock
		spin_lock();
#endif
		following = next[mark];
#ifndef MUTANT_mark_stays
		list_del(mark);
#endif
		free(mark);
#ifdef MUTANT_mark_without_lock
		spin_lock()
#endif
	}
#endif
}

#define linked_bit(n) (is_linked(n) << (n))

/* tell_slot() */
inline tell_slot()
{
	d_step {
		left = count;
		owed[me] = linked_bit(1) | linked_bit(2) | linked_bit(3);
		pos = next[LIST]
	}
	do
#ifdef MUTANT_newcomers_told
	:: pos == LIST -> break
#else
	:: left == 0 || pos == LIST -> break
#endif
	:: else ->
		atomic {
			touch(pos);
			following = next[pos];
			if
#ifdef MUTANT_mark_told
			:: true ->
#else
			:: is_watch(pos) ->
#endif
				assert(is_watch(pos));
				assert(left > 0);
				left--;
				advanced = true;
				owed[me] = owed[me] & ~(1 << pos);
				/* watch->moved() */
				if
				:: pos == SUBSCRIPTION
				:: else -> wake_call(pos)
				fi
			:: else ->
#ifdef MUTANT_mark_counted
				left--;
#endif
#ifdef MUTANT_mark_lets_in
				advanced = true
#else
				advanced = false
#endif
			fi
		}
		if
		:: advanced -> let_others_in()
		:: true
		fi;
		pos = following
	od;
	atomic {
		assert(owed[me] == 0);
		pos = 0;
		following = 0;
		left = 0;
		advanced = false
	}
}

/* mbx_region_notify() */
proctype notifier(byte me)
{
	byte pos, following, left;
	bool advanced;

	spin_lock();
	if
	:: dead
	:: else -> tell_slot()
	fi;
	spin_unlock()
}

/* kill_region() */
proctype killer(byte me)
{
	byte pos, following, left;
	bool advanced;

	spin_lock();
#ifdef MUTANT_dead_when_told
	tell_slot();
	dead = true;
#else
	dead = true;
	tell_slot();
#endif
	spin_unlock()
}

/* wait_until_moved(), wait_once(); nothing ever moves */
proctype caller(byte me; bool limited)
{
	bool given_up;

	do
	:: dead || given_up -> break
	:: else ->
		/* begin_wait() */
		decided = false;
		atomic {
			spin_lock();
			waiting++;
			watch(WATCH);
			watch(WATCH + 1);
			spin_unlock()
		}
		/* mbx_waiter_sleep() */
		if
		:: dead
		:: else ->
			if
			:: decided
			:: limited -> given_up = true
			fi
		fi;
		/* end_wait() */
		atomic {
			spin_lock();
#ifndef MUTANT_watch_stays
			unwatch(WATCH);
#endif
			unwatch(WATCH + 1);
			if
			:: decided
			:: else -> waiting--
			fi;
			spin_unlock()
		}
	od;
	atomic { free(WATCH); free(WATCH + 1) }
}

/* set_subscriptions() */
inline subscribe()
{
	atomic { spin_lock(); watch(SUBSCRIPTION); spin_unlock() }
}

inline unsubscribe()
{
	atomic { spin_lock(); unwatch(SUBSCRIPTION); spin_unlock() }
}

proctype subscriber(byte me; bool again)
{
	subscribe();
	if
	:: again -> unsubscribe(); subscribe()
	:: else
	fi;
	/* release_region_file() */
	unsubscribe();
	atomic { free(SUBSCRIPTION) }
}

init {
	byte n;

	atomic {
		do
		:: n < NODES ->
			next[n] = n;
			prev[n] = n;
			gone[n] = n > SUBSCRIPTION;
			n++
		:: else -> break
		od;
		run notifier(NOTIFIER);
		run killer(KILLER);
		if
		:: run notifier(NOTIFIER + 1);
			run caller(CALLER, false);
			run subscriber(SUBSCRIBER, false)
		:: run caller(CALLER, false);
			run subscriber(SUBSCRIBER, true)
		:: run caller(CALLER, true);
			run subscriber(SUBSCRIBER, true)
		fi
	}
	_nr_pr == 1;
	assert(!is_linked(LIST) && count == 0 && waiting == 0)
}
