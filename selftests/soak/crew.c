// SPDX-License-Identifier: GPL-2.0-only
/* Workers: starting, killing, replacing them. */
#include "crew.h"

#define OWNERS 3
#define COURIERS 3

struct post *posts;
__u32 post_count;
int exchange[2];

/* --- who is there ---------------------------------------------------------- */

static void hire(const struct trade *trade, const struct box *box, __u32 count)
{
	struct post *post;
	__u32 i;

	for (i = 0; i < count; i++) {
		post = &posts[post_count++];
		post->trade = trade;
		post->box = box;
		post->which = i;
		post->mortal = i || count == 1;
	}
}

void crew_hire(void)
{
	const struct box *box;

	posts = share(POSTS_MAX * sizeof(*posts));
	for_each_box(box) {
		hire(box->calls ? &caller_trade : &sender_trade, box,
		     box->senders);
		hire(box->calls ? &server_trade : &receiver_trade, box,
		     box->receivers);
	}
	hire(&owner_trade, NULL, OWNERS);
	hire(&courier_trade, NULL, COURIERS);
	hire(&giver_trade, NULL, 2);
	hire(&taker_trade, NULL, 2);
	hire(&region_trade, NULL, 4);
	hire(&watcher_trade, NULL, 2);
	hire(&churner_trade, NULL, 3);
}

bool ends_as_documented(const struct post *me, const char *what, int ret,
			const int *errors)
{
	bool fine = ret >= 0;

	for (; *errors && !fine; errors++)
		fine = ret == -*errors;
	return verify(CHECK_RESULT, fine, "%s: %s: %s", me->trade->name, what,
		      strerrorname_np(-ret));
}

/* --- one worker ------------------------------------------------------------ */

static void interrupted(int signal)
{
	(void)signal;
}

static void take_signals(int flags)
{
	struct sigaction action = { .sa_handler = interrupted,
				    .sa_flags = flags };

	sigaction(SIGUSR1, &action, NULL);
}

static int live(void *arg)
{
	struct post *me = arg;
	int err = 0;

	/* With some of them, calls go on after a signal; with others they end. */
	take_signals(chance(me, 2) ? SA_RESTART : 0);
	if (me->trade->others && me->which % 2)
		err = become(ALICE);
	/* A change of user ends it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return err ? -err : me->trade->work(me);
}

static void start_pulse(struct post *post)
{
	post->seen = load(&post->beats);
	post->seen_ns = now_ns();
}

static void enlist(struct post *post)
{
	post->random = arena->seed * 31 + (post - posts) * 7919 +
		       ++post->life * 104729;
	start_pulse(post);
	device();
	__atomic_store_n(&post->pid, spawn(live, post), __ATOMIC_SEQ_CST);
	verify(CHECK_PROGRESS, post->pid > 0, "no process: %d", errno);
}

/* What it was receiving is in doubt. */
static void search_buffers(const struct post *post)
{
	const struct stamp *stamp;
	int i;

	if (!post->receiving)
		return;
	for (i = 0; i < BATCH; i++) {
		stamp = (const struct stamp *)post->buffers[i];
		if (stamp->magic && stamp->stream < STREAMS)
			ledger_doubtful(stamp);
	}
}

static void bury(struct post *post)
{
	__u32 i;

	search_buffers(post);
	post->receiving = 0;
	for (i = 0; post->trade->sends && i < PRIOS; i++)
		ledger_unsure(stream_of(post->box, post->which, i));
	post->pid = 0;
}

static void dismiss(struct post *post)
{
	int status = kill_and_reap(post->pid);

	/* It may just have ended by itself. */
	verify(CHECK_PROGRESS, status == KILLED_BY(SIGKILL) || !status,
	       "a %s: status %d", post->trade->name, status);
	count_op(OP_KILLED, 1);
	bury(post);
}

/* --- all of them ----------------------------------------------------------- */

/* With little room: a sender is woken when most of it is free again. */
static void make_exchange(void)
{
	int size = 1, i;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, exchange))
		complain(CHECK_PROGRESS, "no sockets: %d", errno);
	for (i = 0; i < 2; i++)
		setsockopt(exchange[i], SOL_SOCKET, SO_SNDBUF, &size,
			   sizeof(size));
}

void crew_start(void)
{
	__u32 i;

	make_exchange();
	/* For who gets a signal before it has chosen. */
	take_signals(SA_RESTART);
	for (i = 0; i < post_count; i++)
		enlist(&posts[i]);
}

static void look_after(struct post *post)
{
	int status;

	if (waitpid(post->pid, &status, WNOHANG) != post->pid)
		return;
	verify(CHECK_PROGRESS, WIFEXITED(status) && !WEXITSTATUS(status),
	       "a %s ended with status %#x", post->trade->name, status);
	bury(post);
	enlist(post);
}

/* Has it done something since the last look? Complains if that takes too long. */
static bool feel_pulse(struct post *post)
{
	if (load(&post->beats) == post->seen) {
		if (now_ns() - post->seen_ns < PATIENCE_NS)
			return false;
		complain(CHECK_PROGRESS, "the first %s at mailbox %d hangs",
			 post->trade->name,
			 post->box ? (int)box_index(post->box) : -1);
	}
	count_check(CHECK_PROGRESS);
	return true;
}

static void disturb(__u32 *random)
{
	const struct post *post = &posts[next_random(random) % post_count];

	/* A signal would free who hangs. */
	if (post->mortal)
		kill(post->pid, SIGUSR1);
}

void crew_turn(void)
{
	static __u32 random;
	__u32 victims, i;
	struct post *post;

	if (!random)
		random = arena->seed;
	for (i = 0; i < post_count; i++) {
		look_after(&posts[i]);
		if (!posts[i].mortal && feel_pulse(&posts[i]))
			start_pulse(&posts[i]);
	}
	disturb(&random);
	victims = next_random(&random) % 3;
	/* Now and then a whole group at once. */
	if (!(next_random(&random) % 32))
		victims = 10;
	while (victims--) {
		post = &posts[next_random(&random) % post_count];
		if (!post->mortal)
			continue;
		dismiss(post);
		enlist(post);
	}
	usleep(next_random(&random) % 100000);
}

static bool is_alive(struct post *post)
{
	__u32 i;

	for (i = 0; i < post_count; i++)
		look_after(&posts[i]);
	return post->mortal || feel_pulse(post);
}

/* Who hangs is found, however short the round. */
static void await_all(void)
{
	__u32 i;

	for (i = 0; i < post_count; i++)
		start_pulse(&posts[i]);
	for (i = 0; i < post_count; i++)
		while (!is_alive(&posts[i]))
			usleep(1000);
}

void crew_stop(void)
{
	__u32 i;

	await_all();
	for (i = 0; i < post_count; i++)
		dismiss(&posts[i]);
	close(exchange[0]);
	close(exchange[1]);
}
