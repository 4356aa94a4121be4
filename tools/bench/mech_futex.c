// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared memory, with futexes to sleep on: what a careful program makes of it for
 * itself. A bell is a word and a count of those who sleep, so that nobody enters
 * the kernel to wake nobody:
 *
 *	ringing				waiting
 *	word = word + 1			sleepers = sleepers + 1
 *	read sleepers			sleep if the word is as last seen
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mechanisms.h"
#include "ring.h"
#include "trial.h"

struct futex {
	uint32_t word;
	uint32_t sleepers;
};

struct memory {
	struct futex bells[BELLS];
	struct ring ring;
};

struct user {
	struct memory *memory;
	uint32_t seen; /* by whoever waits for notifications */
};

static int open_memory(struct channel *ch)
{
	struct user *user = calloc(1, sizeof(*user));

	ch->state = user;
	if (user)
		user->memory =
			bench_shared(sizeof(struct memory) + ring_bytes(ch));
	if (!user || !user->memory)
		return -ENOMEM;
	/* Its pages are there from the start, as those of a region. */
	memset(user->memory, 0, sizeof(struct memory) + ring_bytes(ch));
	return 0;
}

static void close_memory(struct channel *ch)
{
	(void)ch;
}

static struct futex *futex_of(struct channel *ch, enum which_bell bell)
{
	struct user *user = ch->state;

	return &user->memory->bells[bell];
}

static uint32_t futex_seq(struct channel *ch, enum which_bell bell)
{
	return __atomic_load_n(&futex_of(ch, bell)->word, __ATOMIC_ACQUIRE);
}

static int futex_ring(struct channel *ch, enum which_bell bell)
{
	struct futex *futex = futex_of(ch, bell);

	__atomic_add_fetch(&futex->word, 1, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&futex->sleepers, __ATOMIC_SEQ_CST))
		return 0;
	return syscall(SYS_futex, &futex->word, FUTEX_WAKE, INT_MAX, NULL, NULL,
		       0) < 0 ?
		       -errno :
		       0;
}

static int futex_wait(struct channel *ch, enum which_bell bell, uint32_t last)
{
	struct futex *futex = futex_of(ch, bell);
	long ret;

	__atomic_add_fetch(&futex->sleepers, 1, __ATOMIC_SEQ_CST);
	ret = syscall(SYS_futex, &futex->word, FUTEX_WAIT, last, NULL, NULL, 0);
	__atomic_sub_fetch(&futex->sleepers, 1, __ATOMIC_SEQ_CST);
	return ret && errno != EAGAIN ? -errno : 0;
}

static const struct bells bells = {
	.seq = futex_seq,
	.ring = futex_ring,
	.wait = futex_wait,
};

static int futex_send(struct channel *ch)
{
	struct user *user = ch->state;

	return ring_send(ch, &user->memory->ring, &bells);
}

static int futex_recv(struct channel *ch)
{
	struct user *user = ch->state;

	return ring_recv(ch, &user->memory->ring, &bells);
}

static int futex_notify(struct channel *ch)
{
	return futex_ring(ch, BELL_MESSAGE);
}

static int futex_await(struct channel *ch)
{
	struct user *user = ch->state;
	int err = 0;

	while (!err && futex_seq(ch, BELL_MESSAGE) == user->seen)
		err = futex_wait(ch, BELL_MESSAGE, user->seen);
	user->seen = futex_seq(ch, BELL_MESSAGE);
	return err;
}

const struct mechanism mech_futex = {
	.name = "futex",
	.about = "a ring in shared memory, with futexes",
	.traits = TRAIT_PEER | TRAIT_SHARED | TRAIT_ONE_SENDER |
		  TRAIT_ONE_RECEIVER,
	.batch = 1,
	.open = open_memory,
	.close = close_memory,
	.send = futex_send,
	.recv = futex_recv,
	.notify = futex_notify,
	.wait = futex_await,
};
