// SPDX-License-Identifier: GPL-2.0-only
/* Those who make the calls of a sequence. */
#include "actor.h"
#include "cover.h"
#include "inject.h"
#include "process.h"
#include "table.h"

#include <pthread.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/prctl.h>

struct team *team;

static struct actor actors[ACTORS];

bool team_init(void)
{
	team = mmap(NULL, sizeof(*team), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return team != MAP_FAILED;
}

bool team_needs(__u32 actor)
{
	__u32 i;

	for (i = 0; i < team->seq.count; i++)
		if (team->seq.steps[i].actor == actor)
			return true;
	return false;
}

/* --- waiting for one another --- */

/* Until it is not @seen any more, a signal comes, or for so long, if that is said. */
static void await_word(__u32 *word, __u32 seen, __u32 ms)
{
	const struct timespec limit = { .tv_nsec = ms * NSEC_PER_MSEC };

	syscall(SYS_futex, word, FUTEX_WAIT, seen, ms ? &limit : NULL, NULL, 0);
}

static void add(__u32 *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
}

static void wake(__u32 *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static void add_and_wake(__u32 *word)
{
	add(word);
	wake(word);
}

static __u32 word_now(__u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static bool is_done(__u32 actor)
{
	return word_now(&team->finished[actor]) == word_now(&team->generation);
}

/* Returns the generation that the actor is called for, behind the last one. */
static __u32 await_call(const struct actor *me, __u32 last)
{
	__u32 *word = &team->called[me->number], generation;

	while ((generation = word_now(word)) == last)
		await_word(word, last, 0);
	return generation;
}

static void finish(const struct actor *me, __u32 generation)
{
	__atomic_store_n(&team->finished[me->number], generation,
			 __ATOMIC_SEQ_CST);
	add(&team->changes);
	add_and_wake(&team->ends);
}

static bool is_turn_of(__u32 step)
{
	__u32 i, state;

	for (i = 0; i < step; i++) {
		state = word_now(&team->progress[i].state);
		if (state == STEP_PENDING || state == STEP_BEGUN)
			return false;
	}
	return true;
}

static void await_turn_of(__u32 step)
{
	__u32 seen;

	for (;;) {
		seen = word_now(&team->changes);
		if (is_turn_of(step) || team->over)
			return;
		await_word(&team->changes, seen, 0);
	}
}

/* --- for the program that watches --- */

void team_spoil(__u32 actor)
{
	if (actor < 2)
		team->dirty = true;
	else
		team->spoilt[actor] = true;
}

static void call_for(__u32 actor)
{
	__atomic_store_n(&team->called[actor], team->generation,
			 __ATOMIC_SEQ_CST);
	wake(&team->called[actor]);
}

/* The first process calls for its other thread. */
void team_begin(void)
{
	__u32 i;

	team->generation++;
	for (i = 0; i < ACTORS; i++)
		if (!i || (i > 1 && team_needs(i)))
			call_for(i);
}

bool team_await_end(__u32 ms)
{
	__u32 seen = word_now(&team->ends);

	if (is_done(0))
		return true;
	await_word(&team->ends, seen, ms);
	return is_done(0);
}

static bool set_state(__u32 i, __u32 from, __u32 to)
{
	return __atomic_compare_exchange_n(&team->progress[i].state, &from, to,
					   false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

void team_pass_by(__u32 step)
{
	if (set_state(step, STEP_BEGUN, STEP_WAITS))
		add_and_wake(&team->changes);
}

void team_leave_out(__u32 actor)
{
	__u32 i;

	for (i = 0; i < team->seq.count; i++)
		if (team->seq.steps[i].actor == actor)
			set_state(i, STEP_PENDING, STEP_DROPPED);
	team->gone[actor] = true;
	team_spoil(actor);
	add_and_wake(&team->changes);
	add_and_wake(&team->ends);
}

void team_stop(void)
{
	team->over = true;
	add_and_wake(&team->changes);
}

/* --- steps --- */

/* Returns false if it is not to be done any more. */
static bool begin_step(__u32 i)
{
	bool early = team->seq.steps[i].early;

	if (!set_state(i, STEP_PENDING, early ? STEP_WAITS : STEP_BEGUN))
		return false;
	add(&team->changes);
	/* Nobody else's turn comes by what has only begun. */
	if (early)
		wake(&team->changes);
	return true;
}

static void end_step(__u32 i)
{
	__atomic_store_n(&team->progress[i].state, STEP_DONE, __ATOMIC_SEQ_CST);
	add_and_wake(&team->changes);
}

static void play_step(struct actor *me, __u32 i)
{
	const struct step *step = &team->seq.steps[i];
	struct progress *progress = &team->progress[i];

	await_turn_of(i);
	if (__atomic_load_n(&team->over, __ATOMIC_RELAXED))
		return;
	if (step->fail && me->fail < 0)
		me->fail = inject_open();
	progress->cover_begin = cover_points(me->number);
	if (!begin_step(i))
		return;
	if (step->fail)
		inject_arm(me->fail, step->fail);
	progress->result = step->op->run(me, step);
	if (step->fail)
		inject_disarm(me->fail);
	progress->cover_end = cover_points(me->number);
	end_step(i);
}

static void play(struct actor *me)
{
	__u32 i;

	for (i = 0; i < team->seq.count; i++)
		if (team->seq.steps[i].actor == me->number)
			play_step(me, i);
	if (!me->other_user)
		return;
	if (syscall(SYS_setresuid, 0, 0, 0) || syscall(SYS_setresgid, 0, 0, 0))
		team_spoil(me->number);
	me->other_user = false;
}

static void begin(struct actor *me)
{
	team->tids[me->number] = gettid();
	cover_begin(me->number);
}

/* --- the first process --- */

static void *second_thread(void *arg)
{
	struct actor *me = arg;
	__u32 generation = 0;

	begin(me);
	for (;;) {
		generation = await_call(me, generation);
		play(me);
		finish(me, generation);
	}
	return NULL;
}

static _Noreturn void other_process(struct actor *me)
{
	__u32 generation = 0;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	guard_init();
	begin(me);
	for (;;) {
		generation = await_call(me, generation);
		table_receive(me->number);
		play(me);
		table_clear();
		finish(me, generation);
	}
}

/* Whoever is needed and not yet there. */
static void start(__u32 actor)
{
	pthread_t thread;
	pid_t pid;

	if (team->pids[actor] || !team_needs(actor))
		return;
	if (actor == 1) {
		team->pids[actor] = getpid();
		if (pthread_create(&thread, NULL, second_thread,
				   &actors[actor]))
			_exit(1);
		return;
	}
	pid = fork();
	if (pid < 0)
		_exit(1);
	if (!pid)
		other_process(&actors[actor]);
	setpgid(pid, pid);
	team->pids[actor] = pid;
	team->tids[actor] = pid;
}

/* Its children as well: those that have become another user outlive it. */
static void replace(__u32 actor)
{
	kill(-team->pids[actor], SIGKILL);
	kill_and_reap(team->pids[actor]);
	table_take_back(actor);
	team->pids[actor] = 0;
	team->tids[actor] = 0;
	team->spoilt[actor] = false;
}

static void await_others(void)
{
	__u32 i, seen;

	for (i = 1; i < ACTORS; i++) {
		for (;;) {
			seen = word_now(&team->ends);
			if (!team_needs(i) || is_done(i) || team->gone[i])
				break;
			await_word(&team->ends, seen, 0);
		}
	}
}

static void play_first(struct actor *me)
{
	__u32 i;

	table_fill();
	for (i = 1; i < ACTORS; i++)
		start(i);
	for (i = 2; i < ACTORS; i++)
		if (team_needs(i))
			table_send(i);
	/*
	 * Not before: a process that is forked while the thread replaces a descriptor
	 * has the old one for ever, in no table.
	 */
	if (team_needs(1))
		call_for(1);
	play(me);
	await_others();
	/* The other thread uses the same tables. */
	table_clear();
	for (i = 2; i < ACTORS; i++)
		if (team->spoilt[i] && team->pids[i])
			replace(i);
}

static void do_nothing(int sig)
{
}

void team_play(void)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct actor *me = &actors[0];
	__u32 i, generation = 0;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	guard_init();
	sigaction(SIGUSR1, &action, NULL);
	for (i = 0; i < ACTORS; i++)
		actors[i] = (struct actor){ i, memory_of(i), -1 };
	if (!table_init())
		_exit(1);
	team->pids[0] = getpid();
	begin(me);
	for (;;) {
		generation = await_call(me, generation);
		play_first(me);
		finish(me, generation);
	}
}
