/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Those who make the calls of a sequence: four threads in three processes
 *
 * Actors 0 and 1 are threads of the first process, 2 and 3 have one each. A step
 * begins when those before it are done, or sleep in their calls, as execute.c finds;
 * so a sequence of one actor is made in its order, and several meet.
 *
 * To start processes takes long, so a team is used for many sequences. It puts away
 * what it has after each, and replaces the processes of actors 2 and 3 if they are
 * spoilt. If the first one is, or waits for ever, the team is killed by execute.c,
 * which starts another.
 */
#ifndef FUZZ_TEAM_H
#define FUZZ_TEAM_H

#include "op.h"
#include "slots.h"

enum progress_state {
	STEP_PENDING,
	STEP_DROPPED, /* whoever was to make it is gone */
	STEP_BEGUN,
	STEP_WAITS, /* as well, but those behind it need not wait until it is done */
	STEP_DONE
};

/**
 * struct progress - how far a step is
 * @state: of enum progress_state
 * @result: what the call has returned
 * @cover_begin: how many points of its actor's coverage came before
 * @cover_end: how many points there are with it, if it is done
 */
struct progress {
	__u32 state;
	long result;
	__u64 cover_begin;
	__u64 cover_end;
};

/**
 * struct team - what all of them share, and the program that watches
 * @seq: what to do
 * @generation: grows with each sequence
 * @called: the last generation that each actor is needed for; it begins then
 * @finished: the last generation that each actor is done with; the first process
 *	is done when all others are
 * @dirty: something can't be undone: no other sequence for this team
 * @spoilt: the same, but it is enough to replace that actor's process
 * @gone: it is dead or stopped
 * @over: what has not begun is not done any more
 * @changes: grows with each step that begins or ends
 * @ends: grows with each actor that is done or gone
 * @pids: processes of the actors, 0 for those that are not there
 * @tids: threads of the actors
 * @children: those that were forked by a step
 * @children_made: how many there have been
 * @tokens: those that were received last
 * @tokens_made: how many there have been
 * @progress: of each step
 */
struct team {
	struct sequence seq;
	__u32 generation;
	__u32 called[ACTORS];
	__u32 finished[ACTORS];
	bool dirty;
	bool spoilt[ACTORS];
	bool gone[ACTORS];
	bool over;
	__u32 changes;
	__u32 ends;
	pid_t pids[ACTORS];
	pid_t tids[ACTORS];
	pid_t children[CHILDREN];
	__u32 children_made;
	__u64 tokens[TOKENS];
	__u32 tokens_made;
	struct progress progress[STEPS_MAX];
};

extern struct team *team;

/* Before anything else. Returns false if that fails. */
bool team_init(void);
/* In a process of its own: do each sequence that comes. */
_Noreturn void team_play(void);
/* Does the sequence in @team have steps for the actor? */
bool team_needs(__u32 actor);
/* An actor has changed for good. */
void team_spoil(__u32 actor);

/* For the program that watches. Begins the sequence in @team. */
void team_begin(void);
/* Until it is done, or for so long; returns whether it is. */
bool team_await_end(__u32 ms);
/* Those who sleep in a step hold nobody up any more. */
void team_pass_by(__u32 step);
/* The steps of somebody who can't make them are left out. */
void team_leave_out(__u32 actor);
/* What has not begun is left out. */
void team_stop(void);

#endif /* FUZZ_TEAM_H */
