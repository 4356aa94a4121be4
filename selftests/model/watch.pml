/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watching for the end of a process (kmod/process.c)
 *
 * A process has two threads. Each starts a watch, for a file that others have too:
 * they stop it, some time or when it has told them of the end. The process ends
 * when both threads have left. Its wait queue is also woken for another reason.
 * Who watches the same process shares a struct mbx_process, whose number is here
 * that of the thread that has made it; one for which there is no use is dropped.
 *
 * All that is shared is under a lock, and so one step here, but for the work items.
 * Of these is assumed what the kernel says: one is queued once however often that is
 * asked for, does not run beside itself, and sees what was before it was queued.
 *
 * To hold: neither a watch nor a struct mbx_process nor the struct pid is touched
 * after it was freed, and all are freed in the end. A watch tells at most once, not
 * before the process has ended, and always unless it is stopped. Stopping ends.
 *
 * Code:
 *   kmod/process.c mbx_process_ended()
 *     ended = !task ||
 *     (READ_ONCE(task->exit_state) && thread_group_empty(task));
 *   kmod/process.c tell_one()
 *     spin_lock(&processes_lock);
 *     if (watch) { list_del_init(&watch->link); queue_work(queue, &watch->work); }
 *     spin_unlock(&processes_lock); return watch;
 *   kmod/process.c look()
 *     if (!mbx_process_ended(process->pid)) return;
 *     while (tell_one(process))
 *   kmod/process.c woken()
 *     queue_work(queue, &process->work);
 *   kmod/process.c find_process()
 *     if (process->pid == pid) { process->users++; return process; }
 *   kmod/process.c make_process()
 *     process->pid = get_pid(pid); process->users = 1;
 *     add_wait_queue(&pid->wait_pidfd, &process->entry);
 *   kmod/process.c free_process()
 *     remove_wait_queue(&process->pid->wait_pidfd, &process->entry);
 *     cancel_work_sync(&process->work); put_pid(process->pid); kfree(process);
 *   kmod/process.c get_current_process()
 *     spin_lock(&processes_lock); process = find_process(pid);
 *     spin_unlock(&processes_lock); if (process) return process;
 *     fresh = make_process(pid);
 *     spin_lock(&processes_lock); process = find_process(pid);
 *     if (!process) hash_add(processes, &fresh->node, (unsigned long)pid);
 *     spin_unlock(&processes_lock); if (!process) return fresh;
 *     free_process(fresh); return process;
 *   kmod/process.c work()
 *     watch->ended(watch);
 *   kmod/process.c mbx_process_watch_start()
 *     get_current_process();
 *     spin_lock(&processes_lock); list_add_tail(&watch->link, &process->watches);
 *     spin_unlock(&processes_lock);
 *   kmod/process.c mbx_process_watch_stop()
 *     spin_lock(&processes_lock); list_del_init(&watch->link);
 *     last = !--process->users; if (last) hash_del(&process->node);
 *     spin_unlock(&processes_lock); cancel_work_sync(&watch->work);
 *     if (last) free_process(process);
 *   kmod/direct.c mbx_direct_destroy()
 *     mbx_process_watch_stop(&direct->watch); put_cred(direct->cred); kfree(direct);
 *   kmod/server.c server_ended()
 *     WRITE_ONCE(server->ended, true); }
 *   kmod/server.c free_server()
 *     mbx_process_watch_stop(&server->watch); kfree(server);
 *   kmod/server.c bury_ended()
 *     if (!READ_ONCE(server->ended)) continue;
 *     free_server(server);
 *
 * Mutants:
 *   one_is_told sleeps
 *   told_of_any_wake_up ended
 *   queued_after_unlocking watch[
 *   watch_not_waited_for watch[
 *   stopped_by_its_own_work sleeps
 *   found_without_a_user process[
 *   not_looked_up_again table==
 *   unhashed_late process[
 *   fresh_one_kept pid_refs==0
 *   queue_left_too_late process[
 *   freed_under_the_lock sleeps
 *   pid_put_too_early pid_refs>0
 */
#define THREADS 2
#define NONE 15
#define LIVE 1
#define FREED 2

bool lock;				/* processes_lock; only a mutant keeps it */
byte table = NONE;			/* who is in processes, for this pid */
byte pid_refs = 2;			/* the kernel's, and of who also wakes */
byte left;				/* threads that are no more */
bool ended;				/* task->exit_state */

byte process[THREADS];			/* LIVE, FREED, or not made */
byte users[THREADS];
bool queued[THREADS];			/* process->entry is in the queue */

byte watch[THREADS];			/* LIVE, FREED, or not started */
byte process_of[THREADS];		/* watch->process */
bool linked[THREADS];			/* watch->link is not empty */
bool told[THREADS];			/* its function has run; server->ended */

/* Work items: that of each struct mbx_process, then that of each watch */
#define watch_item(w) (THREADS + (w))
bool pending[2 * THREADS];
bool running[2 * THREADS];

#define touch_process(p) assert(process[p] == LIVE)
#define touch_watch(w) assert(watch[w] == LIVE)
#define touch_pid() assert(pid_refs > 0)

/* A worker takes an item; it may be queued again from then on. */
inline take(item)
{
	atomic { pending[item] -> pending[item] = false; running[item] = true }
}

/* cancel_work_sync(); that nobody queues it any more is up to the caller. */
inline cancel_work_sync(item)
{
	pending[item] = false;
	!running[item]
}

/* woken() */
inline wake(p)
{
	if
	:: queued[p] -> touch_process(p); pending[p] = true
	:: else
	fi
}

/* wake_up_all(), by somebody with a reference that is then dropped */
inline wake_up_all()
{
	atomic { touch_pid(); wake(0); wake(1); pid_refs-- }
}

/* free_process() */
inline free_process(p)
{
#ifdef MUTANT_queue_left_too_late
	cancel_work_sync(p);
#endif
#ifdef MUTANT_pid_put_too_early
	pid_refs--;
#endif
	/* remove_wait_queue() */
	atomic { touch_process(p); touch_pid(); queued[p] = false }
#ifndef MUTANT_queue_left_too_late
	cancel_work_sync(p);
#endif
	atomic {
#ifndef MUTANT_pid_put_too_early
		pid_refs--;
#endif
		touch_process(p);
		process[p] = FREED
	}
}

/* find_process() */
inline find_process()
{
	proc = table;
	if
	:: proc != NONE ->
		touch_process(proc);
#ifndef MUTANT_found_without_a_user
		users[proc]++
#endif
	:: else
	fi
}

/* mbx_process_watch_start(), in the process that is watched */
proctype thread(byte me)
{
	byte proc;

	/* get_current_process() */
	atomic { !lock -> find_process() }
	if
	:: proc == NONE ->
		/* make_process() */
		atomic { pid_refs++; process[me] = LIVE; users[me] = 1; queued[me] = true }
		atomic {
			!lock ->
#ifndef MUTANT_not_looked_up_again
			find_process();
#endif
			if
			:: proc == NONE -> assert(table == NONE); table = me; proc = me
			:: else
			fi
		}
		if
#ifndef MUTANT_fresh_one_kept
		:: proc != me -> free_process(me)
#endif
		:: else
		fi
	:: else
	fi;
	atomic {
		!lock ->
		touch_process(proc);
		process_of[me] = proc;
		linked[me] = true;
		watch[me] = LIVE;
		proc = 0
	}
	left++
}

/* Release of a file, mbx_direct_destroy(), bury_ended(): mbx_process_watch_stop() */
proctype stopper(byte me)
{
	byte proc;
	bool last;

	watch[me] == LIVE;
	if
	:: true
	:: true -> told[me]
	fi;
	atomic {
		!lock ->
		proc = process_of[me];
		touch_process(proc);
		linked[me] = false;
		users[proc]--;
		last = users[proc] == 0;
#ifdef MUTANT_unhashed_late
	}
	atomic {
#endif
		if
		:: last -> assert(table == proc); table = NONE
		:: else
		fi;
#ifdef MUTANT_freed_under_the_lock
		lock = last
#endif
	}
#ifdef MUTANT_watch_not_waited_for
	pending[watch_item(me)] = false;
#else
	cancel_work_sync(watch_item(me));
#endif
	if
	:: last ->
		free_process(proc);
#ifdef MUTANT_freed_under_the_lock
		lock = false
#endif
	:: else
	fi;
	atomic { touch_watch(me); watch[me] = FREED }
}

/* The kernel, of the end of a process */
proctype kernel()
{
	left == THREADS;
	ended = true;
	wake_up_all()
}

/* mbx_direct_announce() */
proctype announcer()
{
	wake_up_all()
}

/* look(), tell_one() */
proctype process_work(byte me)
{
	byte w;

end:	do
	:: take(me);
		touch_process(me);
		touch_pid();
#ifndef MUTANT_told_of_any_wake_up
		if
		:: ended
		:: else -> goto out
		fi;
#endif
		do
		:: atomic {
			!lock ->
			touch_process(me);
			if
			:: linked[0] && process_of[0] == me -> w = 0
			:: linked[1] && process_of[1] == me -> w = 1
			:: else -> break
			fi;
			linked[w] = false;
#ifdef MUTANT_queued_after_unlocking
		   }
		   atomic {
#endif
			touch_watch(w);
			pending[watch_item(w)] = true;
			w = 0
		   }
#ifdef MUTANT_one_is_told
		   break
#endif
		od;
out:		running[me] = false
	od
}

/* work(), bury(), server_ended() */
proctype watch_work(byte me)
{
end:	do
	:: take(watch_item(me));
#ifdef MUTANT_stopped_by_its_own_work
		cancel_work_sync(watch_item(me));
#endif
		atomic { touch_watch(me); assert(ended && !told[me]); told[me] = true }
		running[watch_item(me)] = false
	od
}

init {
	atomic {
		run process_work(0);
		run process_work(1);
		run watch_work(0);
		run watch_work(1);
		run thread(0);
		run thread(1);
		run stopper(0);
		run stopper(1);
		run announcer();
		run kernel()
	}
	_nr_pr == 5;
	assert(table == NONE && pid_refs == 0 && process[0] != LIVE && process[1] != LIVE)
}
