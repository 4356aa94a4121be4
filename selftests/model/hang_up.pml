/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling all open files of a region that it has died (kmod/region_file.c)
 *
 * The one who kills the region goes through the list of its open files and lets
 * others in between. Two files are open from the beginning, of which one may be
 * closed at any time; a third is opened at any time and may be closed again. The
 * list is a real one, of links in both directions.
 *
 * How large the budget is stands open.
 *
 * To hold:
 * - whoever is open from the beginning and stays so is told once;
 * - nobody is told more files than there were, so that the walk ends however fast
 *   others are opened;
 * - no file is touched, not even by its neighbours, when it may be gone, and the list
 *   in the killer's frame is empty when that goes;
 * - all that are open in the end are in the region's list.
 *
 * Code:
 *   kmod/region_file.c mbx_region_hang_up()
 *     spin_lock(&region->lock);
 *     list_splice_init(&region->handles, &left);
 *     while (!list_empty(&left)) {
 *     list_first_entry(&left, struct mbx_region_handle, link);
 *     list_move_tail(&handle->link, &region->handles);
 *     mbx_wake_all_pollers(&handle->wq, MBX_DEATH_EVENTS);
 *     spin_unlock(&region->lock);
 *     spin_lock(&region->lock);
 *     spin_unlock(&region->lock);
 *   kmod/region_file.c release_region_file()
 *     spin_lock(&region->lock); list_del(&handle->link); spin_unlock(&region->lock);
 *     kfree(handle);
 *
 * Mutants:
 *   walks_in_place told<=
 *   next_kept gone[
 *   taken_out_without_lock lock==me
 *   left_where_it_was told<=
 *   freed_in_the_list !((next[
 */
#define KILLER 1			/* who holds the lock */
#define OPENER 5

#define LIST 0				/* region->handles */
#define LEFT 1				/* in the killer's frame */
#define STAYS 2				/* files */
#define CLOSED 3
#define OPENED 4
#define NODES 5

#define is_linked(n) (next[n] != (n))

byte lock;				/* region->lock: who has it */
byte next[NODES], prev[NODES];		/* struct list_head */
bool gone[NODES];			/* the memory has another use */
byte told, there;			/* files; at the beginning of the walk */
bool heard;				/* the one that stays */

inline spin_lock()
{
	atomic { lock == 0 -> lock = me }
}

inline spin_unlock()
{
	lock = 0
}

#define touch(n) assert(!gone[n])

/* list_add_tail() */
inline list_add(n, head)
{
	assert(lock == me);
	touch(prev[head]);
	next[n] = head;
	prev[n] = prev[head];
	next[prev[n]] = n;
	prev[head] = n
}

/* list_del() */
inline list_del(n)
{
	assert(lock == me);
	touch(next[n]);
	touch(prev[n]);
	next[prev[n]] = next[n];
	prev[next[n]] = prev[n];
	next[n] = n;
	prev[n] = n
}

/* list_splice_init() into an empty list */
inline list_splice()
{
	assert(lock == me);
	if
	:: is_linked(LIST) ->
		next[LEFT] = next[LIST];
		prev[LEFT] = prev[LIST];
		prev[next[LEFT]] = LEFT;
		next[prev[LEFT]] = LEFT;
		next[LIST] = LIST;
		prev[LIST] = LIST
	:: else
	fi
}

#ifdef MUTANT_walks_in_place
#define WALKED LIST
#else
#define WALKED LEFT
#endif

/* mbx_region_hang_up() */
proctype killer(byte me)
{
	byte file;

	spin_lock();
	d_step {
		there = (is_linked(STAYS) -> 1 : 0) + (is_linked(CLOSED) -> 1 : 0) +
			(is_linked(OPENED) -> 1 : 0);
#ifndef MUTANT_walks_in_place
		list_splice();
#endif
		file = next[WALKED]
	}
	do
	:: !is_linked(WALKED) -> break
	:: else ->
		atomic {
#ifndef MUTANT_next_kept
			file = next[WALKED];
#endif
			touch(file);
#ifndef MUTANT_left_where_it_was
			list_del(file);
			list_add(file, LIST);
#endif
			told++;
			assert(told <= there);
			heard = heard || file == STAYS;
#ifdef MUTANT_next_kept
			file = next[WALKED];
#endif
		}
		if
		:: spin_unlock(); spin_lock()
		:: true
		fi
	od;
	atomic {
		assert(!is_linked(LEFT));
		gone[LEFT] = true;
		file = 0;
		spin_unlock()
	}
}

/* release_region_file() */
inline release(n)
{
	atomic {
#ifndef MUTANT_taken_out_without_lock
		spin_lock();
#endif
#ifndef MUTANT_freed_in_the_list
		list_del(n);
#endif
#ifndef MUTANT_taken_out_without_lock
		spin_unlock()
#endif
	}
	atomic {
		assert(!is_linked(n));
		gone[n] = true
	}
}

proctype closer(byte me)
{
	if
	:: release(CLOSED)
	:: true
	fi
}

/* The end of open(2), and perhaps close(2) */
proctype opener(byte me)
{
	atomic { spin_lock(); list_add(OPENED, LIST); spin_unlock() }
	if
	:: release(OPENED)
	:: true
	fi
}

/* Before there is anybody else. */
inline put_in(n)
{
	lock = me;
	list_add(n, LIST);
	lock = 0
}

init {
	byte n, me;

	atomic {
		do
		:: n < NODES -> next[n] = n; prev[n] = n; n++
		:: else -> break
		od;
		put_in(STAYS);
		put_in(CLOSED);
		run killer(KILLER);
		run closer(OPENER + 1);
		run opener(OPENER)
	}
	_nr_pr == 1;
	assert(heard);
	assert(is_linked(STAYS));
	assert(gone[CLOSED] || is_linked(CLOSED));
	assert(gone[OPENED] || is_linked(OPENED))
}
