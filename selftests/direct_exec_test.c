// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program with other rights does not take over the mailbox of its process
 *
 * Alice binds a mailbox, leaves a copy of the descriptor with the test, and
 * executes a set-user-ID program, which is this one in a file of root's or Bob's.
 */
#include "call.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define PROGRAM "/tmp/mbx-privileged"
#define WHAT_TO_DO "MBX_TEST_PRIVILEGED"

/* Before the tests' own main(). */
static void __attribute__((constructor)) privileged_program(void)
{
	const char *what = getenv(WHAT_TO_DO);
	struct letter letter;
	int fd;

	if (!what)
		return;
	if (!strcmp(what, "drop") && seteuid(getuid()))
		_exit(EXIT_FAILURE);
	if (!strcmp(what, "bind")) {
		fd = bind_direct(0);
		if (fd < 0 || take(fd, &letter) != 1 ||
		    reply_text(fd, letter.msg.token, "root's"))
			_exit(EXIT_FAILURE);
	}
	for (;;)
		pause();
}

static int copy_program(uid_t owner, mode_t mode)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to;
	struct stat st;
	int err = 0;

	to = open(PROGRAM, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	if (from < 0 || to < 0 || fstat(from, &st) ||
	    sendfile(to, from, NULL, st.st_size) != st.st_size ||
	    fchown(to, owner, 0) || fchmod(to, mode))
		err = -errno;
	close(from);
	close(to);
	return err;
}

struct binder {
	int sock;
	const char *what;
};

static int bind_and_exec(void *arg)
{
	struct binder *binder = arg;
	int fd = bind_direct(0, .mode = 0666);
	char go;

	if (fd < 0 || pass_fd(binder->sock, fd) != 1 ||
	    read(binder->sock, &go, 1) != 1)
		return EXIT_FAILURE;
	fcntl(fd, F_SETFD, 0);
	setenv(WHAT_TO_DO, binder->what, 1);
	execl(PROGRAM, PROGRAM, NULL);
	return errno;
}

FIXTURE(handed)
{
	pid_t pid;
	int leaked; /* the descriptor that Alice bound */
	int to; /* opened before she executed the program */
	struct letter letter;
};

FIXTURE_VARIANT(handed)
{
	uid_t owner; /* of the program */
	mode_t mode;
	const char *what;
};

FIXTURE_VARIANT_ADD(handed, to_root){
	.mode = 04755,
	.what = "sleep",
};

FIXTURE_VARIANT_ADD(handed, to_roots_group){
	.mode = 02755,
	.what = "sleep",
};

FIXTURE_VARIANT_ADD(handed, to_root_who_binds){
	.mode = 04755,
	.what = "bind",
};

/* No rights that she did not have, for now. */
FIXTURE_VARIANT_ADD(handed, to_bob_who_waits){
	.owner = BOB,
	.mode = 04755,
	.what = "drop",
};

FIXTURE_VARIANT_ADD(handed, to_herself){
	.mode = 0755,
	.what = "sleep",
};

FIXTURE_SETUP(handed)
{
	struct binder binder = { .what = variant->what };
	int pair[2];

	ASSERT_LE(0, device());
	ASSERT_EQ(0, copy_program(variant->owner, variant->mode));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	binder.sock = pair[1];
	self->pid = spawn_as(ALICE, bind_and_exec, &binder);
	self->leaked = receive_fd(pair[0]);
	ASSERT_LE(0, self->leaked);
	self->to = open_direct(RDWR, self->pid);
	ASSERT_LE(0, self->to);
	ASSERT_EQ(1, send_text(self->to, "before"));
	ASSERT_STREQ("before", next_text(self->leaked));
	ASSERT_EQ(1, write(pair[0], "", 1));
}

FIXTURE_TEARDOWN(handed)
{
	kill_and_reap(self->pid);
	unlink(PROGRAM);
}

/* Whose mailbox the process has now; or an error. */
static int owner_of(pid_t pid)
{
	int fd = open_direct(MBX_WRITE, pid), owner;

	if (fd < 0)
		return fd;
	owner = stat_of(fd).uid;
	close(fd);
	return owner;
}

static bool runs_program(pid_t pid)
{
	char path[64], text[4096];

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	return !read_file(path, text, sizeof(text)) &&
	       !strcmp(text, "mbx-privileged\n");
}

/* The effective user is she again, and only the saved one is another. */
static bool has_dropped(pid_t pid)
{
	char path[64], text[4096], *line;
	unsigned int real, effective, saved;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (read_file(path, text, sizeof(text)))
		return false;
	line = strstr(text, "\nUid:");
	return line &&
	       sscanf(line, "\nUid: %u %u %u", &real, &effective, &saved) ==
		       3 &&
	       effective == ALICE && saved == BOB;
}

TEST_F(handed, over_tells_the_program_from_who_started_it)
{
	bool same = !(variant->mode & (S_ISUID | S_ISGID));
	int to;

	ASSERT_SOON(runs_program(self->pid));
	if (same) {
		EXPECT_EQ(ALICE, owner_of(self->pid));
		EXPECT_EQ(1, send_text(self->to, "after"));
		EXPECT_STREQ("after", next_text(self->leaked));
		return;
	}
	if (variant->owner == BOB)
		ASSERT_SOON(has_dropped(self->pid));
	if (strcmp(variant->what, "bind")) {
		ASSERT_SOON(owner_of(self->pid) == -ENXIO);
	} else {
		ASSERT_SOON(owner_of(self->pid) == 0);
		to = open_direct(MBX_WRITE, self->pid);
		EXPECT_EQ(0, ask(to, "who?", &self->letter));
		EXPECT_STREQ("root's", self->letter.text);
	}
	EXPECT_EQ(-ESRCH, send_text(self->to, "secret"));
	EXPECT_EQ(-ESRCH, take(self->leaked, &self->letter));
}

TEST_HARNESS_MAIN
