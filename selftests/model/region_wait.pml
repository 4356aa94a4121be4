/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Waiting for slots of a region to move, and notifying (kmod/region.h)
 *
 * A waiter calls again and again until it has seen the last move of two slots, or
 * has timed out. A notifier moves both slots with one call. A third thread is one
 * of these: a waiter for the first slot, a notifier of the first slot, an owner who
 * moves the first slot and dies.
 *
 * To hold:
 * - no wake-up is lost: nobody sleeps for ever;
 * - a watch or a waiter is only touched while the call that it belongs to runs;
 * - when nobody waits any more, the page says so;
 * - who is told that the owner is dead has been told of its last move.
 *
 * How a waiter that is decided gets woken is in waiter.pml. Here a sleeper sees for
 * sure that it is not waiting any more. Where there are few watches, as here, all
 * are told without releasing the lock.
 *
 * Code:
 *   kmod/region_notify.c publish()
 *     WRITE_ONCE(region->waiters[slot], region->slots[slot].count);
 *   kmod/region_notify.c mbx_region_watch()
 *     list_add_tail(&watch->link, &watches->list);
 *     watches->count++;
 *     publish(region, watch->slot);
 *   kmod/region_notify.c mbx_region_unwatch()
 *     if (list_empty(&watch->link)) return;
 *     list_del_init(&watch->link);
 *     region->slots[watch->slot].count--;
 *     publish(region, watch->slot);
 *   kmod/region_notify.c tell_slot()
 *     woken += watch->moved(region, watch, wakes);
 *   kmod/region_notify.c mbx_region_tell()
 *     woken += tell_slot(region, slot, &budget, wakes);
 *   kmod/region_notify.c mbx_region_notify()
 *     spin_lock(&region->lock);
 *     if (region->dead) {
 *     woken = mbx_region_tell(region, slot_mask, &wakes);
 *     spin_unlock(&region->lock);
 *     mbx_wake(&wakes);
 *   kmod/region_notify.c wake_call()
 *     mbx_region_unwatch(region, watch);
 *     if (call->waiter.decided) return false;
 *     mbx_waiter_decide(&call->waiter, 0, wakes);
 *   kmod/region_notify.c begin_wait()
 *     mbx_waiter_init(&call->waiter);
 *     spin_lock(&region->lock);
 *     mbx_region_watch(region, &call->watches[i].watch);
 *     spin_unlock(&region->lock);
 *     smp_mb();
 *   kmod/region_notify.c end_wait()
 *     spin_lock(&region->lock);
 *     for (i = 0; i < call->count; i++)
 *     mbx_region_unwatch(region, &call->watches[i].watch);
 *     if (!call->waiter.decided) region->waiting--;
 *     spin_unlock(&region->lock);
 *   kmod/region_notify.c wait_once()
 *     begin_wait(region, call);
 *     if (!count_moved(region, call) && !mbx_region_is_dead(region))
 *     err = mbx_waiter_sleep(&call->waiter, deadline_ns);
 *     end_wait(region, call);
 *   kmod/region_notify.c wait_until_moved()
 *     dead = mbx_region_is_dead(region);
 *     moved = count_moved(region, call) ? report_moved(region, call) : 0;
 *     if (moved) return moved;
 *     if (dead) return -EOWNERDEAD;
 *     if (err) return err;
 *     err = wait_once(region, call, patience->deadline_ns);
 *   kmod/region.c kill_region()
 *     spin_lock(&region->lock);
 *     smp_store_release(&region->dead, true);
 *     mbx_region_tell(region, mbx_region_all_slots(region), &wakes);
 *     spin_unlock(&region->lock);
 *     mbx_wake(&wakes);
 *   lib/region_notify.c move_slot()
 *     __atomic_add_fetch(&region->seq[slot], 1, __ATOMIC_SEQ_CST);
 *     return __atomic_load_n(&region->waiters[slot], __ATOMIC_SEQ_CST) != 0;
 *   lib/region_notify.c mbx_region_notify_mask()
 *     if (move_slot(region, (unsigned int)__builtin_ctzll(rest)))
 *     awaited |= rest & -rest;
 *     return awaited ? wake_slots(region, awaited) : 0;
 *   lib/region_notify.c mbx_region_notify()
 *     return move_slot(region, slot) ? wake_slots(region, 1ULL << slot) : 0;
 *
 * Mutants:
 *   no_barrier_in_module sleeps
 *   no_barrier_in_library sleeps
 *   looks_before_it_watches sleeps
 *   not_looked_at_again sleeps
 *   gone_not_published memory[
 *   watch_left_behind memory[
 *   death_looked_at_late seen[0]
 */
#define SLOTS 2
#define WAITERS 2
#define THREADS 3

#define LOCK 0				/* region->lock */
#define DEAD 1				/* region->dead */
#define SEQ(s) (2 + (s))		/* region->seq[] */
#define PAGE(s) (4 + (s))		/* region->waiters[] */
#define WORDS 6

#include "kernel.inc"

typedef watches {
	bool linked[WAITERS];
	byte count
}

/* Under the lock. */
watches slot_watches[SLOTS];
bool waiting[WAITERS];			/* !waiter.decided */

bool frame[WAITERS];			/* the call runs */
byte last[SLOTS];			/* how often each slot moves */
byte at_death;				/* how often the first had moved then */
byte finished;

/* publish() */
inline publish(s)
{
	store(PAGE(s), slot_watches[s].count)
}

/* mbx_region_watch() */
inline watch(s)
{
	slot_watches[s].linked[me] = true;
	slot_watches[s].count++;
	publish(s)
}

/* mbx_region_unwatch() */
inline unwatch(s, w)
{
	if
	:: slot_watches[s].linked[w] ->
		slot_watches[s].linked[w] = false;
		slot_watches[s].count--;
#ifndef MUTANT_gone_not_published
		publish(s)
#endif
	:: else
	fi
}

/* wake_call() for each watch of the slots in request[] */
inline wake_watches()
{
	s = 0;
	do
	:: s == SLOTS ->
		break
	:: s < SLOTS && request[s] && slot_watches[s].linked[w] ->
		assert(frame[w]);
		unwatch(s, w);
		if
		:: waiting[w] ->
			/* mbx_waiter_decide() */
			waiting[w] = false
		:: else
		fi
	:: else ->
		w++;
		if
		:: w == WAITERS -> w = 0; s++
		:: else
		fi
	od
}

/* mbx_region_notify_mask() of the library */
proctype notifier(byte me; byte slots)
{
	bool request[SLOTS];
	byte s, w, seen;

	do
	:: s == slots ->
		break
	:: else ->
		/* move_slot() */
#ifdef MUTANT_no_barrier_in_library
		atomic { load(SEQ(s), seen); store(SEQ(s), seen + 1) };
#else
		increment(SEQ(s));
#endif
		atomic {
			load(PAGE(s), seen);
			request[s] = seen != 0;
			seen = 0;
			s++
		}
	od;
	/* mbx_region_notify() of the module */
	if
	:: request[0] || request[1] ->
		atomic {
			spin_lock(LOCK);
			load(DEAD, seen);
			if
			:: !seen -> wake_watches()
			:: else
			fi;
			spin_unlock(LOCK)
		}
	:: else
	fi;
	finished++
}

/* move_slot(), and instead of MBX_IOC_REGION_NOTIFY kill_region() */
proctype owner(byte me)
{
	bool request[SLOTS];
	byte s, w;

	request[0] = true;
	request[1] = true;
	increment(SEQ(0));
	atomic {
		spin_lock(LOCK);
		at_death = memory[SEQ(0)];
		store_release(DEAD, true);
		wake_watches();
		spin_unlock(LOCK)
	}
	finished++
}

/* count_moved(); the words are read one after the other */
inline count_moved()
{
	atomic { load(SEQ(0), now); moved = now != seen[0]; now = 0 };
	if
	:: both ->
		atomic {
			load(SEQ(1), now);
			moved = moved || now != seen[1];
			now = 0
		}
	:: else
	fi
}

/* report_moved() */
inline report_moved()
{
	load(SEQ(0), seen[0]);
	if
	:: both -> load(SEQ(1), seen[1])
	:: else
	fi
}

/* begin_wait(), without the barrier at its end */
inline begin_wait()
{
	atomic {
		frame[me] = true;
		spin_lock(LOCK);
		waiting[me] = true;
		watch(0);
		if
		:: both -> watch(1)
		:: else
		fi;
		spin_unlock(LOCK)
	}
}

/* mbx_waiter_sleep() */
inline sleep()
{
	if
	:: !waiting[me]
	:: hurried -> failed = true
	fi
}

/* end_wait() */
inline end_wait()
{
	atomic {
		spin_lock(LOCK);
		unwatch(0, me);
#ifndef MUTANT_watch_left_behind
		if
		:: both -> unwatch(1, me)
		:: else
		fi;
#endif
		waiting[me] = false;
		spin_unlock(LOCK)
	}
	frame[me] = false
}

/* mbx_region_wait(), called until the last move has been seen */
proctype waiter(byte me; bool both)
{
	byte seen[SLOTS], now;
	bool dead, moved, failed, hurried;

	if
	:: hurried = true
	:: hurried = false
	fi;
	/* wait_until_moved() */
	do
	:: seen[0] == last[0] && (!both || seen[1] == last[1]) ->
		break
	:: else ->
#ifndef MUTANT_death_looked_at_late
		load(DEAD, dead);
#endif
		count_moved();
		if
		:: moved -> report_moved(); goto again
		:: else
		fi;
#ifdef MUTANT_death_looked_at_late
		load(DEAD, dead);
#endif
		if
		:: dead -> assert(seen[0] >= at_death); break
		:: failed && !dead -> break
		:: else
		fi;
		/* wait_once() */
#ifdef MUTANT_looks_before_it_watches
		count_moved();
		load(DEAD, now);
		begin_wait();
		full_barrier();
#else
		begin_wait();
#ifndef MUTANT_no_barrier_in_module
		full_barrier();
#endif
#ifdef MUTANT_not_looked_at_again
		moved = false;
#else
		count_moved();
#endif
		load(DEAD, now);
#endif
		if
		:: !moved && !now -> sleep()
		:: else
		fi;
		end_wait();
again:		skip
	od;
	full_barrier();
	finished++
}

init {
	atomic {
		start_memory();
		last[0] = 1;
		last[1] = 1;
		run waiter(0, true);
		run notifier(2, 2);
		if
		:: run waiter(1, false)
		:: run notifier(1, 1); last[0]++
		:: run owner(1); last[0]++
		fi
	}
	finished == THREADS && _nr_pr == THREADS + 1;
	assert(memory[PAGE(0)] == 0 && memory[PAGE(1)] == 0);
	assert(!waiting[0] && !waiting[1])
}
