/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Those who make the calls of a sequence: four threads in three processes
 *
 * Actors 0 and 1 are threads of the first process, 2 and 3 have one each. A step
 * begins when those before it are done, or have been under way for so long that
 * they seem to wait for something; so a sequence of one actor is made in its
 * order, and several meet.
 *
 * To start processes takes long, so a team is used for many sequences. It puts away
 * what it has after each. One that can't, or waits for ever, is killed by execute.c,
 * which starts another.
 */
#ifndef FUZZ_TEAM_H
#define FUZZ_TEAM_H

#include "op.h"
#include "slots.h"

enum progress_state { STEP_PENDING, STEP_BEGUN, STEP_DONE };

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
 * @generation: grows with each sequence; it begins when this has been set
 * @finished: the last generation that each actor is done with
 * @dirty: something can't be undone: no other sequence for this team
 * @over: what has not begun is not done any more
 * @changes: grows with each step that begins or ends
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
	__u32 finished[ACTORS];
	bool dirty;
	bool over;
	__u32 changes;
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
/* Before it comes: whether an actor has something to do. */
bool team_needs(__u32 actor);
/* Begins the sequence in @team. */
void team_begin(void);
/* Sleeps until team->changes is not @seen, or for so long. False if it was. */
bool team_await_change(__u32 seen, __u32 ms);

#endif /* FUZZ_TEAM_H */
