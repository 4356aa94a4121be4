// SPDX-License-Identifier: GPL-2.0-only
/* Executing a sequence: starting the team, watching it, ending it. */
#include "actor.h"
#include "cover.h"
#include "execute.h"
#include "finding.h"
#include "process.h"
#include "table.h"
#include "trace.h"

#include <signal.h>

/* How long nothing happens before somebody looks whether all sleep. */
#define LOOK_MS 2
/* Then they may go on sleeping so often, in case that their time is just over. */
#define LOOKS 4
/* Signals for those who wait for ever, so that they give up; then they are killed. */
#define SIGNALS 30
#define LONGEST_NS (5 * NSEC_PER_SEC)
/* After so many sequences there is a new one. */
#define TEAM_LIFE 500

static pid_t leader;
static __u32 team_age;

struct statistics statistics;
__u32 look_every = 50;

bool execute_init(void)
{
	/* What the team leaves behind comes here, to be reaped. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1)) {
		perror("PR_SET_CHILD_SUBREAPER");
		return false;
	}
	return memory_init() && team_init() && table_open_device() &&
	       cover_init();
}

/* --- the team's life --- */

/* As /proc has it; X for one that is not there. */
static char state_of(pid_t tid)
{
	char path[64], line[512], *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (read_file(path, line, sizeof(line)))
		return 'X';
	end = strrchr(line, ')');
	return end ? end[2] : 'X';
}

static void begin_team(void)
{
	memset(team, 0, sizeof(*team));
	team_age = 0;
	statistics.teams++;
	leader = fork();
	if (!leader)
		team_play();
	if (leader < 0) {
		perror("fork");
		exit(1);
	}
	setpgid(leader, leader);
}

/*
 * Until nobody is left, or for so long. The signal of an end is kept back, so that
 * one which comes just before the wait ends it.
 */
static bool reap_all(__u64 limit)
{
	static const struct timespec most = { .tv_sec = 1 };
	sigset_t ends;
	pid_t pid;

	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 && now_ns() < limit)
		if (!pid)
			sigtimedwait(&ends, NULL, &most);
	sigprocmask(SIG_UNBLOCK, &ends, NULL);
	return pid < 0;
}

/* Everybody is dead and reaped; or somebody can't be killed. */
static bool end_team(void)
{
	__u32 i;

	for (i = 2; i < ACTORS; i++)
		if (team->pids[i] > 1)
			kill(-team->pids[i], SIGKILL);
	kill(-leader, SIGKILL);
	kill(leader, SIGKILL);
	leader = 0;
	return reap_all(now_ns() + PATIENCE_NS);
}

static void hand_over(const struct sequence *seq)
{
	team->seq.count = seq->count;
	memcpy(team->seq.steps, seq->steps, seq->count * sizeof(seq->steps[0]));
	memset(team->progress, 0, sizeof(team->progress));
	memset(team->children, 0, sizeof(team->children));
	memset(team->gone, 0, sizeof(team->gone));
	team->children_made = 0;
	team->over = false;
	cover_clear();
	team_begin();
}

static bool takes_part(__u32 actor)
{
	return (!actor || team_needs(actor)) &&
	       team->finished[actor] != team->generation && !team->gone[actor];
}

/* Does nobody do anything? Who is dead or stopped is noted. */
static bool all_sleep(void)
{
	bool all = true;
	char state;
	__u32 i;

	for (i = 0; i < ACTORS; i++) {
		if (!takes_part(i))
			continue;
		/* One that is being started has no number yet. */
		state = i && !team->tids[i] ?
				'R' :
				state_of(i ? team->tids[i] : leader);
		if (strchr("ZXTt", state))
			team_leave_out(i);
		all &= !strchr("RD", state);
	}
	return all;
}

/* Returns whether anybody can go on who could not before. */
static bool pass_by_sleepers(void)
{
	__u32 before = team->changes, i;

	for (i = 0; i < team->seq.count; i++)
		team_pass_by(i);
	return team->changes != before;
}

/* Until it is done, or does nothing any more. */
static bool await_team(void)
{
	__u64 limit = now_ns() + LONGEST_NS;
	__u32 looks = 0, seen = 0, changes;

	while (looks < LOOKS && !team->gone[0] && now_ns() < limit) {
		if (team_await_end(LOOK_MS))
			return true;
		changes = __atomic_load_n(&team->changes, __ATOMIC_SEQ_CST);
		if (changes != seen || !all_sleep() || pass_by_sleepers())
			looks = 0;
		else
			looks++;
		seen = changes;
	}
	return false;
}

/* A call that waits ends with a signal. */
static bool interrupt_team(void)
{
	__u32 i, tries;

	team_stop();
	for (tries = 0; tries < SIGNALS && !team->gone[0]; tries++) {
		for (i = 0; i < ACTORS; i++)
			if (takes_part(i) && team->tids[i])
				syscall(SYS_tkill, team->tids[i], SIGUSR1);
		if (team_await_end(LOOK_MS))
			return true;
		all_sleep();
	}
	return false;
}

static void count_steps(void)
{
	__u32 i, op;

	for (i = 0; i < team->seq.count; i++) {
		op = team->seq.steps[i].op - ops;
		statistics.tried[op] += team->progress[i].state >= STEP_BEGUN;
		statistics.succeeded[op] += team->progress[i].state ==
						    STEP_DONE &&
					    team->progress[i].result >= 0;
	}
}

bool execute(const struct sequence *seq)
{
	bool ended, interrupted = false;

	trace_sequence(seq);
	if (!leader)
		begin_team();
	hand_over(seq);
	ended = await_team();
	if (!ended)
		interrupted = interrupt_team();
	statistics.runs++;
	statistics.blocked += !ended;
	cover_collect();
	count_steps();
	team->dirty |= !ended && !interrupted;
	if ((team->dirty || ++team_age >= TEAM_LIFE) && !end_team()) {
		found("a process that can't be killed");
		return false;
	}
	return nothing_found(statistics.runs % look_every == 0);
}

bool execute_end(void)
{
	if (!leader || end_team())
		return nothing_found(true);
	found("a process that can't be killed");
	return false;
}
