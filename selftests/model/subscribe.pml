/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Subscribing to a slot, then poll(2) or read(2) (kmod/region_file.c)
 *
 * One thread subscribes to a slot and may end that again. Another polls and
 * reads, or reads and blocks. A notifier moves the slot twice, or once and then
 * the owner dies.
 *
 * To hold:
 * - when nothing happens any more, whoever sleeps has nothing to be told: it is
 *   subscribed and has read the last move, or polls without a subscription; and
 *   the owner lives;
 * - who reads and is told that the owner is dead has been told of its last move;
 * - a move whose notifier did not enter the kernel, as it saw no watch, counts
 *   as read when the subscription begins.
 *
 * Code:
 *   kmod/region_file.c is_news()
 *     return READ_ONCE(handle->subscribed) & BIT_ULL(slot) &&
 *     seq != READ_ONCE(handle->slots[slot].seen);
 *   kmod/region_file.c wake_pollers()
 *     wake_up_interruptible_poll(&handle->wq, EPOLLIN | EPOLLRDNORM);
 *     return true;
 *   kmod/region_file.c mbx_region_hang_up()
 *     mbx_wake_all_pollers(&handle->wq, MBX_DEATH_EVENTS);
 *   kmod/region_file.c set_subscriptions()
 *     spin_lock(&region->lock);
 *     mbx_region_watch(region, &handle->slots[slot].watch);
 *     mbx_region_unwatch(region, &handle->slots[slot].watch);
 *     smp_mb();
 *     WRITE_ONCE(handle->slots[slot].seen, mbx_region_seq(region, slot));
 *     WRITE_ONCE(handle->subscribed, mask);
 *     spin_unlock(&region->lock);
 *   kmod/region_file.c mbx_ioc_region_subscribe()
 *     set_subscriptions(handle, subscribe->slot_mask);
 *     mutex_unlock(&handle->read_lock);
 *     wake_up_interruptible_all(&handle->wq);
 *   kmod/region_file.c worth_reading()
 *     any_moved(handle) || mbx_region_is_dead(region_of_handle(handle)) ||
 *     !READ_ONCE(handle->subscribed);
 *   kmod/region_file.c collect_moved()
 *     seq = mbx_region_seq(region, slot);
 *     if (!is_news(handle, slot, seq))
 *     moved[n++].seq = seq;
 *   kmod/region_file.c read_region()
 *     dead = mbx_region_is_dead(region_of_handle(handle));
 *     mutex_lock_interruptible(&handle->read_lock)
 *     ret = handle->subscribed ? read_moved(handle, to) : -EINVAL;
 *     unlock_reading(handle);
 *     if (ret) return ret;
 *     if (dead) return -EOWNERDEAD;
 *     wait_event_interruptible(handle->wq, worth_reading(handle))
 *   kmod/region_file.c poll_region()
 *     poll_wait(file, &handle->wq, wait);
 *     dead = mbx_region_is_dead(region_of_handle(handle));
 *     if (any_moved(handle))
 *     if (dead)
 *   kmod/region.c kill_region()
 *     smp_store_release(&region->dead, true);
 *     mbx_region_tell(region, mbx_region_all_slots(region), &wakes);
 *     spin_unlock(&region->lock);
 *     mbx_region_hang_up(region);
 *
 * Mutants:
 *   no_barrier seen>=unheard
 *   queue_looked_at_without_its_lock told||
 *   looks_before_it_enters told||
 *   readers_not_told told||
 *   no_hang_up told|| !(memory[7])
 *   death_looked_at_late heard>=at_death
 */
#define THREADS 3

#define LOCK 0				/* region->lock */
#define WQ_LOCK 1			/* handle->wq.lock */
#define READ_LOCK 2			/* handle->read_lock */
#define SEQ 3				/* region->seq[] */
#define PAGE 4				/* region->waiters[] */
#define SUBSCRIBED 5			/* handle->subscribed */
#define SEEN 6				/* handle->slots[].seen */
#define DEAD 7				/* region->dead */
#define LISTED 8			/* the sleeper is in handle->wq */
#define WORDS 9

/* More than any move: who is not subscribed is told of none. */
#define NOTHING 255

#include "kernel.inc"

bool linked;				/* the watch; under the lock */
bool triggered;				/* the sleeper has been woken */
byte unheard;				/* last move without a system call */
byte at_death;				/* last move of the owner */
bool subscribed_once, told, reads;
byte finished;

/* wake_up_interruptible_poll() */
inline wake_queue()
{
#ifdef MUTANT_queue_looked_at_without_its_lock
	load(LISTED, value);
	if
	:: value -> atomic { nothing_buffered -> triggered = true }
	:: else
	fi;
#else
	atomic {
		spin_lock(WQ_LOCK);
		load(LISTED, value);
		if
		:: value -> nothing_buffered -> triggered = true
		:: else
		fi;
		spin_unlock(WQ_LOCK)
	}
#endif
	value = 0
}

/* set_subscriptions() */
inline set_subscriptions(mask)
{
	atomic {
		spin_lock(READ_LOCK);
		spin_lock(LOCK);
		linked = mask;
		store(PAGE, mask)
	}
#ifndef MUTANT_no_barrier
	full_barrier();
#endif
	atomic {
		if
		:: mask ->
			load(SEQ, seen);
			store(SEEN, seen)
		:: else
		fi;
		store(SUBSCRIBED, mask);
		spin_unlock(LOCK)
	}
	assert(!mask || seen >= unheard);
	spin_unlock(READ_LOCK);
#ifndef MUTANT_readers_not_told
	wake_queue()
#endif
}

proctype subscriber(byte me)
{
	byte seen, value;
	bool mask = true;

	do
	:: set_subscriptions(mask);
		subscribed_once = true;
		if
		:: mask -> mask = false
		:: true -> break
		fi
	od;
	full_barrier();
	finished++
}

/* move_slot(), mbx_region_notify() */
inline notify(seq)
{
	increment(SEQ);
	atomic {
		load(PAGE, value);
		if
		:: !value -> unheard = seq
		:: else
		fi
	}
	if
	:: value ->
		atomic {
			spin_lock(LOCK);
			if
			:: linked -> wake_queue()
			:: else
			fi;
			spin_unlock(LOCK)
		}
	:: else
	fi;
	value = 0
}

/* kill_region(), mbx_region_hang_up() */
inline kill()
{
	spin_lock(LOCK);
	at_death = memory[SEQ];
	store_release(DEAD, true);
	if
	:: linked -> wake_queue()
	:: else
	fi;
#ifndef MUTANT_no_hang_up
	wake_queue();
#endif
	spin_unlock(LOCK)
}

proctype notifier(byte me)
{
	byte value;

	notify(1);
	if
	:: true -> notify(2)
	:: true -> kill()
	fi;
	full_barrier();
	finished++
}

/* poll_wait(), prepare_to_wait() */
inline enter_queue()
{
	atomic {
		triggered = false;
		spin_lock(WQ_LOCK);
		store(LISTED, true);
		spin_unlock(WQ_LOCK)
	}
}

/* has_moved() and what else ends the wait */
inline look()
{
	load(SUBSCRIBED, ready);
	if
	:: ready ->
		load(SEQ, value);
		atomic {
			load(SEEN, seen);
			ready = value != seen;
			value = 0;
			seen = 0
		}
	:: else ->
		ready = blocks			/* worth_reading() */
	fi;
	if
	:: !ready -> load(DEAD, ready)
	:: else
	fi
}

/* read_region(): one look, without waiting */
inline read_once()
{
#ifndef MUTANT_death_looked_at_late
	load(DEAD, dead);
#endif
	atomic {
		ready = 0;
		heard = NOTHING;
		spin_lock(READ_LOCK);
		load(SUBSCRIBED, value);
		if
		:: value ->
			load(SEEN, seen);
			load(SEQ, value);
			ready = value != seen;
			heard = value;
			store(SEEN, value)
		:: !value && blocks ->
			told = true
		:: else
		fi;
		spin_unlock(READ_LOCK);
		value = 0;
		seen = 0
	}
#ifdef MUTANT_death_looked_at_late
	load(DEAD, dead);
#endif
	if
	:: !ready && !told && dead ->
		assert(heard >= at_death);
		told = true
	:: else
	fi
}

/* poll_region(); with blocks, read_region() and its wait_event_interruptible() */
proctype sleeper(byte me; bool blocks)
{
	byte ready, value, seen, dead, heard;

	reads = blocks;
	!blocks || subscribed_once;
	do
	:: told ->
		break
	:: else ->
		if
		:: blocks || ready -> read_once()
		:: else
		fi;
		if
		:: ready || told -> goto again
		:: else
		fi;
#ifdef MUTANT_looks_before_it_enters
		look();
		enter_queue();
#else
		enter_queue();
		if
		:: blocks -> full_barrier()
		:: else
		fi;
		look();
#endif
		if
		:: !ready ->
end:			triggered
		:: else ->
			goto poll_again
		fi;
again:		ready = 0;
poll_again:	skip
	od
}

init {
	atomic {
		start_memory();
		run subscriber(0);
		run notifier(1);
		if
		:: run sleeper(2, true)
		:: run sleeper(2, false)
		fi
	}
	timeout;
	assert(finished == 2);
	assert(told || !memory[DEAD]);
	assert(told || !memory[SUBSCRIBED] || memory[SEEN] == memory[SEQ]);
	assert(told || !reads || memory[SUBSCRIBED])
}
