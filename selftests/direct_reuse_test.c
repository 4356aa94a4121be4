// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers of processes are used again; messages never reach the wrong one
 *
 * In a pid namespace with few numbers each process that binds a mailbox has one
 * that others had before. The numbers of tries can be set in the environment:
 * MBX_REUSE_TRIES and MBX_REUSE_RACES.
 */
#include "call.h"
#include "namespace.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/mount.h>

#define PID_MAX "/proc/sys/kernel/pid_max"

/* Numbers start over at 300, and the least possible maximum is 301. */
#define FIRST_NUMBER 300
#define NUMBERS 32

/* What the processes in the namespace tell the test. */
struct tally {
	atomic_ulong tries;
	atomic_ulong reached; /* who was meant */
	atomic_ulong refused; /* because who was meant had ended */
	atomic_ulong wrong; /* somebody else */
	atomic_uint generation;
	atomic_bool end;
};

FIXTURE(reuse)
{
	char pid_max[32];
	struct tally *tally;
};

FIXTURE_SETUP(reuse)
{
	ASSERT_LE(0, device());
	ASSERT_EQ(0, read_file(PID_MAX, self->pid_max, sizeof(self->pid_max)));
	self->tally = mmap(NULL, sizeof(*self->tally), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->tally);
}

/* Where the maximum is not the namespace's own, it was everybody's. */
FIXTURE_TEARDOWN(reuse)
{
	write_file(PID_MAX, self->pid_max);
}

/* Numbers may be short for a moment. */
static pid_t fork_somehow(void)
{
	pid_t pid;

	wait_until((pid = fork()) >= 0 || errno != EAGAIN);
	return pid;
}

/* --- one after the other --- */

#define KEPT 8

/* Ways to processes that have ended, all of one number. */
struct graves {
	unsigned int count;
	int fds[KEPT];
	int pidfds[KEPT];
	__u64 tags[KEPT];
};

struct line {
	struct tally *tally;
	struct graves graves[NUMBERS];
	int bound[2];
	int go[2];
};

/* Bind, wait for the messages to be there, and look whom they are for. */
static int be_addressed(struct line *line, __u64 tag)
{
	int fd = bind_direct(MBX_EXCL), ret;
	struct letter letter;
	char byte = fd < 0;

	if (write(line->bound[1], &byte, 1) != 1 ||
	    read(line->go[0], &byte, 1) != 1 || fd < 0)
		return EXIT_FAILURE;
	while ((ret = take_now(fd, &letter)) == 1) {
		if (letter.msg.tag == tag)
			line->tally->reached++;
		else
			line->tally->wrong++;
	}
	return ret == -EAGAIN ? 0 : -ret;
}

/* A message to each of the dead, whose number a living process has. */
static int disturb(struct line *line, struct graves *graves)
{
	unsigned int i, count = graves->count < KEPT ? graves->count : KEPT;

	for (i = 0; i < count; i++) {
		if (send_text(graves->fds[i], "late", .tag = graves->tags[i]) !=
			    -ESRCH ||
		    open_direct(MBX_WRITE | MBX_PIDFD, graves->pidfds[i]) !=
			    -ESRCH)
			return -EPROTO;
		line->tally->tries += 2;
		line->tally->refused += 2;
	}
	return 0;
}

static void bury(struct graves *graves, int fd, int pidfd, __u64 tag)
{
	unsigned int i = graves->count++ % KEPT;

	if (graves->count > KEPT) {
		close(graves->fds[i]);
		close(graves->pidfds[i]);
	}
	graves->fds[i] = fd;
	graves->pidfds[i] = pidfd;
	graves->tags[i] = tag;
}

static int one_life(struct line *line, __u64 tag)
{
	struct graves *graves;
	int fd, pidfd, err;
	char byte;
	pid_t pid;

	pid = fork_somehow();
	if (!pid)
		_exit(be_addressed(line, tag));
	if (pid < 0 || read(line->bound[0], &byte, 1) != 1 || byte)
		return -EPROTO;
	graves = pid < FIRST_NUMBER ? NULL : &line->graves[pid - FIRST_NUMBER];
	fd = open_direct(MBX_WRITE, pid);
	pidfd = open_pidfd(pid, 0);
	if (fd < 0 || pidfd < 0 || send_text(fd, "in time", .tag = tag) != 1)
		return -EPROTO;
	err = graves ? disturb(line, graves) : 0;
	if (write(line->go[1], "", 1) != 1 || reap(pid))
		return -EPROTO;
	if (graves) {
		bury(graves, fd, pidfd, tag);
		return err;
	}
	close(fd);
	close(pidfd);
	return err;
}

static int few_numbers(void)
{
	return write_file_ul(PID_MAX, FIRST_NUMBER + NUMBERS);
}

/*
 * Until numbers are those that are used again. Nothing is copied for a child that
 * only ends.
 */
static void use_up_numbers(void)
{
	pid_t pid;

	do {
		pid = vfork();
		if (!pid)
			_exit(0);
		reap(pid);
	} while (pid >= 0 && pid < FIRST_NUMBER);
}

static int lives_in_line(void *arg)
{
	unsigned long tries = amount("MBX_REUSE_TRIES", 5000);
	static struct line line;
	__u64 tag = 0;
	int err;

	line.tally = arg;
	if (few_numbers() || pipe(line.bound) || pipe(line.go))
		return EXIT_FAILURE;
	use_up_numbers();
	while (line.tally->tries < tries) {
		err = one_life(&line, ++tag);
		if (err)
			return -err;
	}
	line.tally->generation = tag;
	return 0;
}

TEST_F_TIMEOUT(reuse, message_to_the_dead_does_not_reach_who_has_their_number,
	       3600)
{
	struct tally *t = self->tally;

	EXPECT_EQ(0, reap(spawn_in_pidns(lives_in_line, t)));
	TH_LOG("%lu tries, %u processes with %u numbers", t->tries,
	       t->generation, NUMBERS);
	EXPECT_EQ(0, t->wrong);
	EXPECT_EQ(t->generation, t->reached);
	EXPECT_EQ(t->tries, t->refused);
}

/* --- all at once --- */

/*
 * Each process is of a group of its own, so that who has opened a mailbox can
 * tell whose it is, without asking the process; that is the message's tag.
 */
#define FIRST_GROUP 10000
#define ALIVE 6
#define OPEN 64

static int live_shortly(struct tally *tally, __u32 gid)
{
	struct letter letter;
	int fd, i;

	if (setresgid(gid, gid, gid))
		return EXIT_FAILURE;
	fd = bind_direct(MBX_EXCL);
	if (fd < 0)
		return -fd;
	for (i = 0; i < 20; i++) {
		sched_yield();
		while (take_now(fd, &letter) == 1) {
			if (letter.msg.tag == gid)
				tally->reached++;
			else
				tally->wrong++;
		}
	}
	return 0;
}

static int try_to_reach(struct tally *tally, int fd)
{
	int ret = send_text(fd, "racing", .tag = stat_of(fd).gid);

	tally->tries++;
	if (ret == -ESRCH)
		tally->refused++;
	return ret == 1 || ret == -ESRCH ? 0 : ret;
}

static int open_number(pid_t pid, bool by_pidfd)
{
	int pidfd, fd;

	if (!by_pidfd)
		return open_direct(MBX_WRITE, pid);
	pidfd = open_pidfd(pid, 0);
	/* Of a process that is just ending the kernel says it in other words. */
	if (pidfd == -EINVAL)
		return -ESRCH;
	if (pidfd < 0)
		return pidfd;
	fd = open_direct(MBX_WRITE | MBX_PIDFD, pidfd);
	close(pidfd);
	return fd;
}

/* On one processor much may be tried before anybody else runs. */
static bool go_on(const struct tally *tally, unsigned long races)
{
	return tally->tries < races || !tally->reached || !tally->refused;
}

/* Sends to whoever lives, and again to whoever has lived. */
static int send_racing(struct tally *tally)
{
	unsigned long races = amount("MBX_REUSE_RACES", 1000);
	int fds[OPEN], fd, err = 0;
	unsigned int i, n = 0;

	for (i = 0; !err && go_on(tally, races); i++) {
		fd = open_number(FIRST_NUMBER + i % NUMBERS, i % 3 == 0);
		if (fd == -ESRCH || fd == -ENXIO)
			continue;
		if (fd < 0)
			return -fd;
		err = try_to_reach(tally, fd);
		if (n >= OPEN) {
			err = err ?: try_to_reach(tally, fds[n % OPEN]);
			close(fds[n % OPEN]);
		}
		fds[n++ % OPEN] = fd;
	}
	return -err;
}

static int race_and_end(struct tally *tally)
{
	int status = send_racing(tally);

	tally->end = true;
	return status;
}

static int lives_at_once(void *arg)
{
	struct tally *tally = arg;
	pid_t racer, pids[ALIVE] = { 0 };
	int status = 0;
	unsigned int i;

	if (few_numbers())
		return EXIT_FAILURE;
	use_up_numbers();
	racer = fork_somehow();
	if (!racer)
		_exit(race_and_end(tally));
	for (i = 0; !status && !tally->end; i++) {
		if (pids[i % ALIVE])
			status = reap(pids[i % ALIVE]);
		pids[i % ALIVE] = fork_somehow();
		if (!pids[i % ALIVE])
			_exit(live_shortly(tally, FIRST_GROUP + i));
	}
	tally->generation = i;
	/* The rest ends with this process. */
	return status ?: reap(racer);
}

TEST_F_TIMEOUT(reuse, message_that_races_with_death_reaches_nobody_else, 3600)
{
	struct tally *t = self->tally;

	EXPECT_EQ(0, reap(spawn_in_pidns(lives_at_once, t)));
	TH_LOG("%lu tries, %u processes, %lu reached, %lu refused", t->tries,
	       t->generation, t->reached, t->refused);
	EXPECT_EQ(0, t->wrong);
	EXPECT_LT(0, t->reached);
	EXPECT_LT(0, t->refused);
}

/* --- who waits for a process does not get the next of that number --- */

struct waited {
	pid_t pid;
	int waiting[2];
};

static int wait_for_number(struct waited *w)
{
	int fd;

	if (write(w->waiting[1], "", 1) != 1)
		return EXIT_FAILURE;
	fd = open_direct(MBX_WRITE | MBX_WAIT_BOUND, w->pid);
	return fd < 0 ? -fd : 0;
}

/* Returns a process of that number, which has bound a mailbox. */
static pid_t succeed(pid_t number)
{
	int i, gate[2];
	char byte;
	pid_t pid;

	if (pipe(gate))
		return -errno;
	for (i = 0; i < 4 * NUMBERS; i++) {
		pid = fork_somehow();
		if (!pid) {
			if (getpid() != number || bind_direct(0) < 0)
				_exit(0);
			if (write(gate[1], "", 1) == 1)
				sleep_forever(NULL);
			_exit(0);
		}
		if (pid == number) {
			pid = read(gate[0], &byte, 1) == 1 ? pid : -EPROTO;
			break;
		}
		reap(pid);
	}
	close(gate[0]);
	close(gate[1]);
	return pid == number ? pid : -EPROTO;
}

static int wait_and_succeed(void)
{
	struct waited w;
	pid_t waiter;
	char byte;
	int status;

	if (pipe(w.waiting))
		return errno;
	w.pid = fork_somehow();
	if (!w.pid)
		_exit(sleep_forever(NULL));
	waiter = fork_somehow();
	if (!waiter)
		_exit(wait_for_number(&w));
	if (read(w.waiting[0], &byte, 1) != 1 || !wait_until(is_asleep(waiter)))
		return EXIT_FAILURE;
	kill_and_reap(w.pid);
	w.pid = succeed(w.pid);
	if (w.pid < 0)
		return EXIT_FAILURE;
	status = reap(waiter);
	kill_and_reap(w.pid);
	close(w.waiting[0]);
	close(w.waiting[1]);
	return status;
}

/* The numbers in /proc are to be those here. */
static int mount_proc(void)
{
	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	return result_of(mount("proc", "/proc", "proc", 0, NULL));
}

static int successions(void *arg)
{
	int i, status = ESRCH, times = amount(NULL, 20);

	if (mount_proc() || few_numbers())
		return EXIT_FAILURE;
	use_up_numbers();
	for (i = 0; status == ESRCH && i < times; i++)
		status = wait_and_succeed();
	return status;
}

TEST_F_TIMEOUT(reuse,
	       wait_for_a_process_does_not_end_with_the_next_of_its_number, 600)
{
	EXPECT_EQ(ESRCH, reap(spawn_in_pidns(successions, NULL)));
}

TEST_HARNESS_MAIN
