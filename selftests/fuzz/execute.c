// SPDX-License-Identifier: GPL-2.0-only
/* Executing a sequence: starting the team, watching it, ending it. */
#include "actor.h"
#include "cover.h"
#include "execute.h"
#include "finding.h"
#include "process.h"
#include "table.h"
#include "trace.h"

/* Looks at a team whose members all sleep, one after the other without a change. */
#define LOOKS 2
#define LOOK_MS 10
/* Signals for those who wait for ever, so that they give up; then they are killed. */
#define SIGNALS 10
#define LONGEST_NS (5 * NSEC_PER_SEC)
/* After so many sequences there is a new one. */
#define TEAM_LIFE 100

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

/* Neither asleep, stopped nor dead. */
static bool is_running(pid_t tid)
{
	char path[64], line[512], *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (!tid || read_file(path, line, sizeof(line)))
		return false;
	state = strrchr(line, ')');
	return state && strchr("RD", state[2]);
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

/* Everybody is dead and reaped; or somebody can't be killed. */
static bool end_team(void)
{
	__u64 limit = now_ns() + PATIENCE_NS;
	pid_t pid;

	kill(-leader, SIGKILL);
	kill(leader, SIGKILL);
	leader = 0;
	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 || errno == EINTR) {
		if (pid > 0)
			continue;
		if (now_ns() > limit)
			return false;
		usleep(200);
	}
	return true;
}

static void hand_over(const struct sequence *seq)
{
	team->seq.count = seq->count;
	memcpy(team->seq.steps, seq->steps, seq->count * sizeof(seq->steps[0]));
	memset(team->progress, 0, sizeof(team->progress));
	memset(team->children, 0, sizeof(team->children));
	team->children_made = 0;
	team->over = false;
	cover_clear();
	team_begin();
}

static bool has_finished(__u32 actor)
{
	return __atomic_load_n(&team->finished[actor], __ATOMIC_SEQ_CST) ==
	       team->generation;
}

/* Those that have begun once look at each sequence, even if it does not need them. */
static bool takes_part(__u32 actor)
{
	return !actor || team_needs(actor) || team->tids[actor];
}

static bool all_finished(void)
{
	__u32 i;

	for (i = 0; i < ACTORS; i++)
		if (takes_part(i) && !has_finished(i))
			return false;
	return true;
}

/* A process that has died sleeps well; but the first one may not have begun yet. */
static bool all_sleep(void)
{
	__u32 i;

	if (!team->tids[0] && is_running(leader))
		return false;
	for (i = 0; i < ACTORS; i++)
		if (takes_part(i) && !has_finished(i) &&
		    is_running(team->tids[i]))
			return false;
	return true;
}

/* Until it is done, or does nothing any more. */
static bool await_team(void)
{
	__u64 limit = now_ns() + LONGEST_NS;
	__u32 looks = 0, seen;

	while (looks < LOOKS && now_ns() < limit) {
		seen = __atomic_load_n(&team->changes, __ATOMIC_SEQ_CST);
		if (all_finished())
			return true;
		if (team_await_change(seen, LOOK_MS) || !all_sleep())
			looks = 0;
		else
			looks++;
	}
	return false;
}

/* A call that waits ends with a signal, unless its actor has died or been stopped. */
static bool interrupt_team(void)
{
	__u32 i, tries, seen;

	team->over = true;
	for (tries = 0; tries < SIGNALS; tries++) {
		seen = __atomic_load_n(&team->changes, __ATOMIC_SEQ_CST);
		if (all_finished())
			return true;
		for (i = 0; i < ACTORS; i++)
			if (takes_part(i) && !has_finished(i) && team->tids[i])
				syscall(SYS_tkill, team->tids[i], SIGUSR1);
		team_await_change(seen, LOOK_MS);
	}
	return all_finished();
}

static void count_steps(void)
{
	__u32 i, op;

	for (i = 0; i < team->seq.count; i++) {
		op = team->seq.steps[i].op - ops;
		statistics.tried[op] += team->progress[i].state != STEP_PENDING;
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
