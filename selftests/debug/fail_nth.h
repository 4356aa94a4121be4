/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sweeping a call's failures: let the first point where it can fail do so, then
 * the second, until it gets through, for the tests
 *
 * A program that includes this adds a variant for each call. After each failure
 * the error must be one that the call may give, and nothing may have changed:
 * the call is simply made again, with the next point failing. Where the failure
 * can be made up for, the call gets through and is prepared anew.
 */
#ifndef MBX_TEST_FAIL_NTH_H
#define MBX_TEST_FAIL_NTH_H

#include "commands.h"
#include "inject.h"
#include "snapshot.h"

/* Errors that a trial's call may give when one of its points fails. */
#define FAULTS (1 << 0) /* EFAULT */
#define NO_MEMORY (1 << 1) /* ENOMEM */

/* More points than this no call has. */
#define FAULTS_MOST 2000

#define BIG_SIZE (48 << 10)

/* What a call is tried on. */
struct scene {
	int inject;
	int fd; /* a mailbox */
	int region; /* 8 slots, 2 pages */
	int made; /* what prepare() has opened, if anything */
	int pidfd; /* so, of this process */
	char *map; /* what is mapped, if anything */
	__u32 *seq; /* mapping of the region's sequence words */
	char name[NAME_SIZE]; /* free to be given to an object */
	__u64 token;
	struct mbx_message messages[4];
	struct mbx_slot slots[8];
	struct letter letters[4];
	char *big; /* BIG_SIZE bytes */
	struct holdings before;

	/* The other side: makes its call again and again, until stopped. */
	int (*peer)(struct scene *scene);
	pthread_t thread;
	bool started;
	bool stop;
	__u32 turns; /* calls that it has done */
	int result; /* of the last one */
	struct letter answer; /* what it got last */
	__u32 noted; /* turns before the call */
};

typedef int scene_call(struct scene *scene);
typedef bool scene_state(struct scene *scene);
typedef bool scene_outcome(struct scene *scene, int ret);

FIXTURE(fail)
{
	struct scene scene;
};

/*
 * A trial: a call to be tried
 * @cmd: number of the command in the ABI's table, if it is one
 * @errors: FAULTS, NO_MEMORY
 * @attr: attributes of the mailbox
 * @queued: small messages that are in it to begin with
 * @makes_up: gets through without some of the objects, or without some copies, as
 *	one to memory that is not at hand is tried again, and a small reply in another
 *	order
 * @peer: what the other side does
 * @settled: the other side has come to rest; asked until it is true
 * @prepare: make the call possible; 0 or an error
 * @attempt: the call
 * @excused: a call that has failed has had an effect that is its right to have
 * @done: was that what the call promises? Undone it must be, too
 */
FIXTURE_VARIANT(fail)
{
	unsigned int cmd;
	int errors;
	struct mbx_mailbox_open attr;
	__u32 queued;
	bool makes_up;
	scene_call *peer;
	scene_state *settled;
	scene_call *prepare;
	scene_call *attempt;
	scene_outcome *excused;
	scene_outcome *done;
};

/* --- the other side --- */

static inline void wake_up(int sig)
{
}

static inline void *peer_thread(void *arg)
{
	struct scene *scene = arg;
	int ret;

	while (!__atomic_load_n(&scene->stop, __ATOMIC_SEQ_CST)) {
		ret = scene->peer(scene);
		if (ret == -EINTR)
			continue;
		scene->result = ret;
		__atomic_add_fetch(&scene->turns, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static inline int peer_start(struct scene *scene,
			     int (*peer)(struct scene *scene))
{
	/* Without SA_RESTART: a signal ends the call that it waits in. */
	struct sigaction sa = { .sa_handler = wake_up };

	if (!peer)
		return 0;
	sigaction(SIGUSR1, &sa, NULL);
	scene->peer = peer;
	scene->started =
		!pthread_create(&scene->thread, NULL, peer_thread, scene);
	return scene->started ? 0 : -EAGAIN;
}

static inline bool peer_has_ended(struct scene *scene)
{
	pthread_kill(scene->thread, SIGUSR1);
	return !pthread_tryjoin_np(scene->thread, NULL);
}

static inline bool peer_stop(struct scene *scene)
{
	if (!scene->started)
		return true;
	scene->started = false;
	__atomic_store_n(&scene->stop, true, __ATOMIC_SEQ_CST);
	return wait_until(peer_has_ended(scene));
}

static inline __u32 peer_turns(const struct scene *scene)
{
	return __atomic_load_n(&scene->turns, __ATOMIC_SEQ_CST);
}

static inline int note_turns(struct scene *scene)
{
	scene->noted = peer_turns(scene);
	return 0;
}

/* --- the scene --- */

static inline int scene_fill(struct scene *scene, __u32 count)
{
	static const char *const texts[] = { "first", "second", "third" };
	__u32 i;
	int ret = 0;

	for (i = 0; i < count && ret >= 0; i++)
		ret = send_text(scene->fd, texts[i], .tag = i + 1);
	return ret < 0 ? ret : 0;
}

/*
 * To the module a user whom it has not met; with all capabilities. This thread
 * alone: libc would interrupt the other side to change it too.
 */
static inline int become_stranger(struct scene *scene)
{
	return result_of(syscall(SYS_setresuid, ALICE, 0, 0));
}

static inline bool become_root(bool done)
{
	return !syscall(SYS_setresuid, 0, 0, 0) && done;
}

FIXTURE_SETUP(fail)
{
	struct scene *scene = &self->scene;

	scene->inject = inject_open();
	ASSERT_LE(0, scene->inject);
	scene->big = malloc(BIG_SIZE);
	memset(scene->big, 'b', BIG_SIZE);
	unique_name(scene->name, "it");
	ASSERT_LE(0, device());

	holdings_take(&scene->before);
	scene->made = -1;
	scene->pidfd = -1;
	scene->fd = do_open_mailbox(NULL, CREATE, variant->attr);
	ASSERT_LE(0, scene->fd);
	scene->region = open_region(NULL, CREATE, .bytes = 2 * page_size(),
				    .slots = ARRAY_SIZE(scene->slots));
	ASSERT_LE(0, scene->region);
	scene->seq = map_seq(scene->region);
	ASSERT_NE(NULL, scene->seq);
	ASSERT_EQ(0, scene_fill(scene, variant->queued));
	ASSERT_EQ(0, peer_start(scene, variant->peer));
}

/* Nothing is left when all is closed: what was charged has been returned. */
FIXTURE_TEARDOWN(fail)
{
	struct scene *scene = &self->scene;
	struct holdings now;

	EXPECT_TRUE(peer_stop(scene));
	unlink_name(scene->name);
	if (scene->made >= 0)
		close(scene->made);
	if (scene->pidfd >= 0)
		close(scene->pidfd);
	munmap(scene->seq, page_size());
	close(scene->region);
	close(scene->fd);
	holdings_take(&now);
	EXPECT_STREQ("", holdings_difference(&scene->before, &now));
}

/* --- the sweep --- */

static inline bool allowed(const FIXTURE_VARIANT(fail) * trial, int ret)
{
	if (ret == -EFAULT)
		return trial->errors & FAULTS;
	return ret == -ENOMEM && (trial->errors & NO_MEMORY);
}

static inline bool settle(struct scene *scene,
			  const FIXTURE_VARIANT(fail) * trial)
{
	return !trial->settled || wait_until(trial->settled(scene));
}

/* The call once, with one point failing. Returns whether that was reached. */
static inline bool attempt(struct scene *scene,
			   const FIXTURE_VARIANT(fail) * trial,
			   unsigned int nth, int *ret)
{
	inject_arm(scene->inject, nth);
	*ret = trial->attempt(scene);
	return inject_disarm(scene->inject) == 0;
}

static inline void expect_same(struct __test_metadata *_metadata,
			       const struct scene *scene,
			       const struct snapshot *before, unsigned int nth,
			       int ret)
{
	struct snapshot after;

	snapshot_take(&after, scene->fd, scene->region, scene->name);
	EXPECT_STREQ("", snapshot_difference(before, &after))
	{
		TH_LOG("fault %u ended it with %s", nth, strerrorname_np(-ret));
	}
}

/*
 * Returns how many points have ended the call. @made_up tells how often in a row one
 * and the same did not, at most: what the kernel itself has in stock is refilled in any
 * call but not in the next one.
 */
static inline unsigned int sweep(struct __test_metadata *_metadata,
				 struct scene *scene,
				 const FIXTURE_VARIANT(fail) * trial,
				 unsigned int *made_up)
{
	bool prepared = false, reached = true, again = false;
	unsigned int nth, failures = 0;
	struct snapshot before;
	int ret;

	for (nth = 1; reached && nth < FAULTS_MOST; nth++) {
		if (!prepared && trial->prepare)
			ASSERT_EQ(0, trial->prepare(scene));
		ASSERT_TRUE(settle(scene, trial));
		snapshot_take(&before, scene->fd, scene->region, scene->name);
		reached = attempt(scene, trial, nth, &ret);
		prepared = reached && allowed(trial, ret);
		if (!prepared) {
			ASSERT_TRUE(trial->done(scene, ret))
			{
				TH_LOG("fault %u, result %d", nth, ret);
			}
			if (reached && *made_up < 1u + again)
				*made_up = 1u + again;
			again = reached && !again;
			nth -= again;
			continue;
		}
		again = false;
		failures++;
		ASSERT_TRUE(settle(scene, trial));
		if (trial->excused && trial->excused(scene, ret))
			prepared = false;
		else
			expect_same(_metadata, scene, &before, nth, ret);
	}
	EXPECT_FALSE(reached);
	TH_LOG("%u of %u faults ended the call", failures, nth - 2);
	return failures;
}

TEST_F_TIMEOUT(fail, without_objects_and_copies_changes_nothing, 300)
{
	unsigned int failures, made_up = 0;

	ASSERT_EQ(0, inject_init(INJECT_OBJECTS));
	failures = sweep(_metadata, &self->scene, variant, &made_up);
	EXPECT_TRUE(failures || variant->makes_up);
	/* The point was passed over if a call had one more than that before, for a stock. */
	if (variant->makes_up && !made_up)
		sweep(_metadata, &self->scene, variant, &made_up);
	EXPECT_TRUE(variant->makes_up ? made_up >= 1 : made_up <= 1);
}

/* The kernel's allocators try again in other ways: any call may make up for it. */
TEST_F_TIMEOUT(fail, without_pages_changes_nothing, 300)
{
	unsigned int made_up = 0;

	ASSERT_EQ(0, inject_init(INJECT_PAGES));
	sweep(_metadata, &self->scene, variant, &made_up);
}

/* --- completeness --- */

static inline bool is_tried(unsigned int cmd)
{
	const struct __fixture_variant_metadata *v;
	const FIXTURE_VARIANT(fail) * variant;

	for (v = _fail_fixture_object.variant; v; v = v->next) {
		variant = v->data;
		if (variant->cmd == cmd)
			return true;
	}
	return false;
}

/* Of the ABI's table: those on one kind of descriptor, in this program. */
#define ALL_COMMANDS_ARE_TRIED(on)                                         \
	TEST(all_commands_are_tried)                                       \
	{                                                                  \
		const struct command *c;                                   \
		for_each_command(c) {                                      \
			EXPECT_TRUE(c->target != (on) || is_tried(c->cmd)) \
			{                                                  \
				TH_LOG("no trial of %s", c->label);        \
			}                                                  \
		}                                                          \
	}

/* Another kind would need another program. */
_Static_assert(TARGETS == 3, "targets");

#endif /* MBX_TEST_FAIL_NTH_H */
