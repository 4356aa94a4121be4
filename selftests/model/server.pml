/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Noting who receives requests, mostly without a lock (kmod/server.c)
 *
 * Processes come, receive twice and end, one after the other or at the same
 * time. A struct pid lies at one of two addresses, which is used again when
 * nothing refers to it. servers->recent is an address that is compared without
 * a lock and without a reference.
 *
 * To hold: a process that has received is watched, so that its end will be
 * noticed: there is an entry for it, and not for one that was before it at the
 * same address.
 *
 * Code:
 *   kmod/process.c get_current_process()
 *     struct pid *pid = task_tgid(current);
 *   kmod/process.c make_process()
 *     process->pid = get_pid(pid);
 *   kmod/process.c mbx_process_watch_start()
 *     watch->pid = process->pid;
 *   kmod/process.c free_process()
 *     put_pid(process->pid);
 *   kmod/server.c bury_ended()
 *     if (!READ_ONCE(server->ended)) continue;
 *     if (servers->recent == server->watch.pid)
 *     WRITE_ONCE(servers->recent, NULL);
 *     free_server(server);
 *   kmod/server.h mbx_servers_add_current()
 *     if (likely(READ_ONCE(servers->recent) == task_tgid(current))) return 0;
 *     return mbx_servers_add(servers);
 *   kmod/server.c mbx_servers_add()
 *     mutex_lock(&servers->lock); bury_ended(servers);
 *     if (!find_current(servers)) err = add_current(servers);
 *     if (!err) WRITE_ONCE(servers->recent, task_tgid(current));
 *     mutex_unlock(&servers->lock);
 *
 * Mutants:
 *   recent_not_cleared watched[address]==me
 *   recent_cleared_late watched[address]==me
 *   watch_without_reference watched[address]==me
 */
#define ADDRESSES 2
#define NULL 15

byte lock;				/* servers->lock */
byte recent = NULL;			/* servers->recent */
byte pid_refs[ADDRESSES];

/* struct server, by the address it has the watch on */
byte watched[ADDRESSES];		/* number of the process, or 0 */
bool ended[ADDRESSES];

inline mutex_lock()
{
	atomic { lock == 0 -> lock = 1 }
}

inline mutex_unlock()
{
	lock = 0
}

/* free_server() */
inline free_server(a)
{
	atomic {
		watched[a] = 0;
		ended[a] = false;
#ifndef MUTANT_watch_without_reference
		pid_refs[a]--
#endif
	}
}

/* bury_ended() */
inline bury_ended()
{
	a = 0;
	do
	:: a == ADDRESSES ->
		break
	:: a < ADDRESSES && ended[a] ->
#ifdef MUTANT_recent_cleared_late
		free_server(a);
#endif
#ifndef MUTANT_recent_not_cleared
		if
		:: recent == a -> recent = NULL
		:: else
		fi;
#endif
#ifndef MUTANT_recent_cleared_late
		free_server(a);
#endif
		a++
	:: else ->
		a++
	od;
	a = 0
}

/* mbx_servers_add_current() */
inline add_current()
{
	if
	:: recent == address
	:: else ->
		mutex_lock();
		bury_ended();
		/* find_current(), add_current() */
		if
		:: watched[address] == 0 ->
			atomic {
				watched[address] = me;
#ifndef MUTANT_watch_without_reference
				pid_refs[address]++
#endif
			}
		:: else
		fi;
		recent = address;
		mutex_unlock()
	fi
}

proctype process(byte me)
{
	byte address, a;

	atomic {
		if
		:: pid_refs[0] == 0 -> address = 0
		:: pid_refs[1] == 0 -> address = 1
		fi;
		pid_refs[address]++
	}
	add_current();
	assert(watched[address] == me);
	add_current();
	assert(watched[address] == me);
	/* The process ends, and is waited for. server_ended() runs some time. */
	pid_refs[address]--;
	ended[address] = true
}

/* Whoever receives buries those that have ended. */
proctype survivor()
{
	byte a;

end:	do
	:: ended[0] || ended[1] ->
		mutex_lock();
		bury_ended();
		mutex_unlock()
	od
}

init {
	atomic {
		run survivor();
		run process(1);
		run process(2);
		run process(3)
	}
	_nr_pr == 2
}
