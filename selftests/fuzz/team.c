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

/* A step that takes longer seems to wait. */
#define PATIENCE_MS 10

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

static bool await_word(__u32 *word, __u32 seen, __u32 ms)
{
	const struct timespec limit = { .tv_nsec = ms * NSEC_PER_MSEC };

	return !syscall(SYS_futex, word, FUTEX_WAIT, seen, ms ? &limit : NULL,
			NULL, 0) ||
	       errno != ETIMEDOUT;
}

static void add_and_wake(__u32 *word)
{
	__atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static __u32 word_now(__u32 *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

void team_begin(void)
{
	add_and_wake(&team->generation);
}

bool team_await_change(__u32 seen, __u32 ms)
{
	return await_word(&team->changes, seen, ms);
}

static void await_generation(__u32 generation)
{
	__u32 seen;

	while ((seen = word_now(&team->generation)) < generation)
		await_word(&team->generation, seen, 0);
}

static void finish(const struct actor *me, __u32 generation)
{
	__atomic_store_n(&team->finished[me->number], generation,
			 __ATOMIC_SEQ_CST);
	add_and_wake(&team->changes);
}

static bool is_turn_of(__u32 step)
{
	__u32 i, state;

	for (i = 0; i < step; i++) {
		state = word_now(&team->progress[i].state);
		if (state == STEP_PENDING ||
		    (state == STEP_BEGUN && !team->seq.steps[i].early))
			return false;
	}
	return true;
}

static void await_turn_of(__u32 step)
{
	__u32 seen;

	do {
		seen = word_now(&team->changes);
		if (is_turn_of(step) || team->over)
			return;
	} while (team_await_change(seen, PATIENCE_MS));
}

/* --- steps --- */

static void set_state(__u32 i, enum progress_state state)
{
	__atomic_store_n(&team->progress[i].state, state, __ATOMIC_SEQ_CST);
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
	set_state(i, STEP_BEGUN);
	if (step->fail)
		inject_arm(me->fail, step->fail);
	progress->result = step->op->run(me, step);
	if (step->fail)
		inject_disarm(me->fail);
	progress->cover_end = cover_points(me->number);
	set_state(i, STEP_DONE);
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
		team->dirty = true;
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
	__u32 generation = word_now(&team->generation);

	begin(me);
	for (;; generation++) {
		await_generation(generation);
		if (team_needs(me->number))
			play(me);
		finish(me, generation);
	}
	return NULL;
}

static void other_process(struct actor *me)
{
	__u32 generation = word_now(&team->generation);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	guard_init();
	begin(me);
	for (;; generation++) {
		await_generation(generation);
		if (team_needs(me->number)) {
			table_receive(me->number);
			play(me);
			table_clear();
		}
		finish(me, generation);
	}
}

/* Whoever is needed and not yet there. */
static void start(__u32 actor)
{
	pthread_t thread;

	if (team->pids[actor] || !team_needs(actor))
		return;
	if (actor == 1) {
		team->pids[actor] = getpid();
		if (pthread_create(&thread, NULL, second_thread,
				   &actors[actor]))
			_exit(1);
		return;
	}
	team->pids[actor] = fork();
	if (team->pids[actor])
		return;
	team->pids[actor] = getpid();
	other_process(&actors[actor]);
}

static void play_first(struct actor *me, __u32 generation)
{
	__u32 i, seen;

	table_fill();
	for (i = 1; i < ACTORS; i++)
		start(i);
	for (i = 2; i < ACTORS; i++)
		if (team_needs(i))
			table_send(i);
	play(me);
	/* The other thread uses the same tables. */
	for (;;) {
		seen = word_now(&team->changes);
		if (!team_needs(1) ||
		    word_now(&team->finished[1]) == generation)
			break;
		team_await_change(seen, 0);
	}
	table_clear();
}

static void do_nothing(int sig)
{
}

void team_play(void)
{
	struct sigaction action = { .sa_handler = do_nothing };
	struct actor *me = &actors[0];
	__u32 i, generation;

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
	for (generation = 1;; generation++) {
		await_generation(generation);
		play_first(me, generation);
		finish(me, generation);
	}
}
