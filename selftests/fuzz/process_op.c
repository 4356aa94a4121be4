// SPDX-License-Identifier: GPL-2.0-only
/* Processes that begin, end, are killed and become another user. */
#include "actor.h"
#include "process.h"
#include "table.h"

#include <sys/mman.h>

/* What a child does; see children[]. */
static int child_ends(void *arg)
{
	return 0;
}

static int child_closes_all(void *arg)
{
	close_range(3, ~0U, 0);
	return sleep_forever(arg);
}

/* With a direct mailbox that others may find. */
static int child_binds(void *arg)
{
	open_mailbox(NULL, CREATE | MBX_DIRECT, .mode = 0666);
	return sleep_forever(arg);
}

static int child_binds_and_ends(void *arg)
{
	return open_mailbox(NULL, CREATE | MBX_DIRECT);
}

static int child_execs(void *arg)
{
	static char *const argv[] = { "fuzz", "--sleep", NULL };

	open_mailbox(NULL, CREATE | MBX_DIRECT, .mode = 0666);
	execv("/proc/self/exe", argv);
	return 1;
}

static int child_becomes_another(void *arg)
{
	become(ALICE);
	open_mailbox(NULL, CREATE | MBX_DIRECT, .mode = 0666);
	return sleep_forever(arg);
}

/* Takes one message after the other, and answers. */
static int child_serves(void *arg)
{
	struct mbx_message m = { 0 };
	struct mbx_recv recv = {
		.size = sizeof(recv),
		.messages = (uintptr_t)&m,
		.count = 1,
		.elem_size = sizeof(m),
	};
	struct mbx_reply reply = {
		.size = sizeof(reply),
		.message = (uintptr_t)&m,
		.elem_size = sizeof(m),
	};
	int fd = fd_of(*(__u64 *)arg);

	while (call(fd, MBX_IOC_RECV, &recv) == 1) {
		reply.token = m.token;
		m = (struct mbx_message){ 0 };
		if (reply.token)
			call(fd, MBX_IOC_REPLY, &reply);
	}
	return 0;
}

static child_fn *const children[] = {
	sleep_forever,	       child_ends,  child_closes_all,
	child_serves,	       child_binds, child_binds_and_ends,
	child_becomes_another, child_execs,
};

static long op_fork(struct actor *me, const struct step *step)
{
	__u64 fd = step_value(step, 1);
	__u32 made;
	pid_t pid;

	if (__atomic_load_n(&team->children_made, __ATOMIC_RELAXED) >= CHILDREN)
		return -EAGAIN;
	pid = spawn(children[step_value(step, 0) % ARRAY_SIZE(children)], &fd);
	if (pid < 0)
		return -errno;
	made = __atomic_fetch_add(&team->children_made, 1, __ATOMIC_RELAXED);
	team->children[made % CHILDREN] = pid;
	table_add_child(pid);
	return 0;
}

/*
 * Only of the team: its numbers are not used again while a sequence is made. Who of
 * it was killed or stopped is of no further use.
 */
static bool may_be_killed(pid_t pid, int sig)
{
	__u32 i;

	for (i = 0; i < ACTORS; i++) {
		if (team->pids[i] != pid && team->tids[i] != pid)
			continue;
		if (sig != SIGUSR1 && sig != SIGCONT)
			team_spoil(i);
		return pid > 1;
	}
	for (i = 0; i < CHILDREN; i++)
		if (team->children[i] == pid)
			return pid > 1;
	return false;
}

static long op_kill(struct actor *me, const struct step *step)
{
	static const int signals[] = { SIGUSR1, SIGKILL, SIGSTOP, SIGCONT };
	pid_t pid = resolve(me, step, 0);
	int sig = signals[step_value(step, 1) % ARRAY_SIZE(signals)];

	if (!may_be_killed(pid, sig))
		return -ESRCH;
	if (WORD_OF(step_value(step, 0)) == PID_THREAD)
		return result_of(syscall(SYS_tkill, pid, sig));
	return result_of(kill(pid, sig));
}

static long op_pidfd_open(struct actor *me, const struct step *step)
{
	return put_fd(
		step_value(step, 1),
		result_of(syscall(SYS_pidfd_open, resolve(me, step, 0), 0)));
}

/* The thread alone, as the kernel sees it; and back, if not for good. */
static long op_set_user(struct actor *me, const struct step *step)
{
	static const uid_t users[] = { 0, ALICE, BOB };
	uid_t uid = users[step_value(step, 0) % ARRAY_SIZE(users)];
	bool real = step_value(step, 1) & 1, good = step_value(step, 1) & 2;

	me->other_user = true;
	if (syscall(SYS_setresgid, real ? uid : (uid_t)-1, uid,
		    good ? uid : (uid_t)-1))
		return -errno;
	return result_of(syscall(SYS_setresuid, real ? uid : (uid_t)-1, uid,
				 good ? uid : (uid_t)-1));
}

static long op_unshare(struct actor *me, const struct step *step)
{
	static const int what[] = { CLONE_NEWNET, CLONE_NEWUSER, CLONE_NEWPID,
				    CLONE_NEWNS, CLONE_FILES };

	team_spoil(me->number);
	return result_of(unshare(what[step_value(step, 0) % ARRAY_SIZE(what)]));
}

static long op_pause(struct actor *me, const struct step *step)
{
	return result_of(usleep(step_value(step, 0) % 5000));
}

const struct op process_ops[] = {
	{ "FORK", 5, op_fork,
	  .params = { { "child", KIND_NUMBER, 0, ARRAY_SIZE(children) - 1 },
		      { "fd", KIND_FD, SLOT_MAILBOX } } },
	{ "KILL", 6, op_kill,
	  .params = { { "pid", KIND_PEER, WORD(PID_CHILD, 0) },
		      { "signal", KIND_NUMBER, 0, 3 } } },
	{ "PIDFD_OPEN", 4, op_pidfd_open,
	  .params = { { "pid", KIND_PID, WORD(PID_CHILD, 0) },
		      { "to", KIND_FD, SLOT_PIDFD } } },
	{ "SET_USER", 4, op_set_user,
	  .params = { { "user", KIND_NUMBER, 1, 2 },
		      { "how", KIND_NUMBER, 1, 3 } } },
	{ "UNSHARE", 1, op_unshare,
	  .params = { { "what", KIND_NUMBER, 0, 4 } } },
	{ "PAUSE", 2, op_pause,
	  .params = { { "us", KIND_NUMBER, 200, 5000 } } },
	{ NULL }
};
