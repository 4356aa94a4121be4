// SPDX-License-Identifier: GPL-2.0-only
/* Opening the mailbox of a process: whose, by whom, and what is refused. */
#include "call.h"

#include <limits.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* A process that has bound a mailbox, and one that has not. */
FIXTURE(target)
{
	pid_t bound;
	pid_t unbound;
};

FIXTURE_SETUP(target)
{
	umask(0);
	self->bound = spawn_bound(sleep_forever);
	self->unbound = spawn(sleep_forever, NULL);
}

FIXTURE_TEARDOWN(target)
{
	kill_and_reap(self->bound);
	kill_and_reap(self->unbound);
}

TEST_F(target, is_opened_by_its_number)
{
	int fd = open_direct(MBX_WRITE, self->bound);

	ASSERT_LE(0, fd);
	EXPECT_EQ(1, send_text(fd, "hello"));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
}

TEST_F(target, is_opened_by_a_pidfd)
{
	int fd = open_direct(MBX_WRITE | MBX_PIDFD, open_pidfd(self->bound, 0));

	ASSERT_LE(0, fd);
	EXPECT_EQ(1, send_text(fd, "hello"));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
}

TEST_F(target, is_the_same_by_either)
{
	int by_number = open_direct(MBX_WRITE, self->bound);
	int by_pidfd =
		open_direct(MBX_READ | MBX_PIDFD, open_pidfd(self->bound, 0));

	EXPECT_EQ(1, send_text(by_number, "hello"));
	EXPECT_STREQ("hello", next_text(by_pidfd));
}

TEST_F(target, is_opened_without_waiting_if_asked_to)
{
	struct letter letter;
	int fd = open_direct(RDWR | MBX_NONBLOCK, self->bound);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EAGAIN, take(fd, &letter));
}

TEST_F(target, gives_only_the_rights_asked_for)
{
	int writer = open_direct(MBX_WRITE, self->bound);
	int reader = open_direct(MBX_READ, self->bound);
	struct letter letter;

	EXPECT_EQ(-EBADF, take_now(writer, &letter));
	EXPECT_EQ(-EBADF, send_text(reader, "hello"));
	EXPECT_EQ(-EBADF, ask(reader, "hello", &letter));
}

TEST_F(target, that_has_bound_none_is_told)
{
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, self->unbound));
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE | MBX_PIDFD,
				      open_pidfd(self->unbound, 0)));
}

TEST_F(target, may_be_the_caller)
{
	int pidfd = open_pidfd(getpid(), 0);

	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, getpid()));
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE | MBX_PIDFD, pidfd));
	ASSERT_LE(0, bind_direct(0));
	EXPECT_LE(0, open_direct(MBX_WRITE, getpid()));
	EXPECT_LE(0, open_direct(MBX_WRITE | MBX_PIDFD, pidfd));
}

/* No process. */
TEST_F(target, that_is_no_number_of_a_process_is_refused)
{
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, 0));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, -1));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, -getpid()));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, INT_MIN));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE | MBX_WAIT_BOUND, 0));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE | MBX_WAIT_BOUND, -1));
}

TEST_F(target, that_does_not_exist_is_told)
{
	pid_t child = spawn_bound(sleep_forever);

	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, child));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, INT_MAX));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_WAIT_BOUND, child));
}

TEST_F(target, that_is_a_zombie_is_told)
{
	pid_t child = spawn(sleep_forever, NULL);
	int pidfd = open_pidfd(child, 0);

	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(0, wait_for_zombie(child));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, child));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_PIDFD, pidfd));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_WAIT_BOUND, child));
	EXPECT_EQ(KILLED_BY(SIGKILL), reap(child));
}

TEST_F(target, that_is_a_zombie_and_had_bound_one_is_told)
{
	pid_t child = spawn_bound(sleep_forever);
	int pidfd = open_pidfd(child, 0);

	ASSERT_EQ(0, kill(child, SIGKILL));
	ASSERT_EQ(0, wait_for_zombie(child));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, child));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_PIDFD, pidfd));
	EXPECT_EQ(KILLED_BY(SIGKILL), reap(child));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_PIDFD, pidfd));
}

struct thread_id {
	pid_t tid;
	struct gate known;
	struct gate end;
};

static void *tell_id(void *arg)
{
	struct thread_id *id = arg;

	id->tid = gettid();
	gate_open(&id->known);
	gate_wait(&id->end);
	return NULL;
}

TEST_F(target, that_is_a_thread_is_no_process)
{
	struct thread_id id = { 0 };
	pthread_t thread;
	int pidfd;

	ASSERT_EQ(0, gate_init(&id.known));
	ASSERT_EQ(0, gate_init(&id.end));
	ASSERT_LE(0, bind_direct(0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, tell_id, &id));
	ASSERT_TRUE(gate_wait(&id.known));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE, id.tid));
	EXPECT_EQ(-ESRCH, open_direct(MBX_WRITE | MBX_WAIT_BOUND, id.tid));
	pidfd = open_pidfd(id.tid, PIDFD_THREAD);
	/* Not every kernel has such pidfds. */
	EXPECT_EQ(pidfd >= 0 ? -ESRCH : -EINVAL,
		  pidfd >= 0 ? open_direct(MBX_WRITE | MBX_PIDFD, pidfd) :
			       pidfd);
	EXPECT_LE(0, open_direct(MBX_WRITE, getpid()));
	gate_open(&id.end);
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST_F(target, that_is_a_kernel_thread_has_bound_none)
{
	char comm[16] = "";

	if (read_file("/proc/2/comm", comm, sizeof(comm)) ||
	    strcmp(comm, "kthreadd\n"))
		SKIP(return, "process 2 is no kernel thread here");
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, 2));
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE | MBX_PIDFD, open_pidfd(2, 0)));
}

/* No pidfd. */
TEST_F(target, that_is_no_descriptor_is_refused)
{
	int fd = open_pidfd(self->bound, 0);

	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(-EBADF, open_direct(MBX_WRITE | MBX_PIDFD, fd));
	EXPECT_EQ(-EBADF, open_direct(MBX_WRITE | MBX_PIDFD, -1));
	EXPECT_EQ(-EBADF, open_direct(MBX_WRITE | MBX_PIDFD, INT_MAX));
	EXPECT_EQ(-EBADF, open_direct(MBX_WRITE | MBX_PIDFD, INT_MIN));
	EXPECT_EQ(-EBADF,
		  open_direct(MBX_WRITE | MBX_PIDFD | MBX_WAIT_BOUND, fd));
}

TEST_F(target, that_is_another_descriptor_is_refused)
{
	char path[32];
	int fds[8], n = 0, i;

	snprintf(path, sizeof(path), "/proc/%d", self->bound);
	fds[n++] = open("/dev/null", O_RDWR);
	fds[n++] = open(path, O_RDONLY | O_DIRECTORY);
	fds[n++] = eventfd(0, 0);
	fds[n++] = open_mailbox(NULL, CREATE);
	fds[n++] = open_direct(MBX_WRITE, self->bound);
	fds[n++] = device();
	for (i = 0; i < n; i++) {
		ASSERT_LE(0, fds[i]);
		EXPECT_EQ(-EBADF, open_direct(MBX_WRITE | MBX_PIDFD, fds[i]));
	}
	/* A number is no pidfd, although it may be one's. */
	EXPECT_EQ(-EBADF, open_direct(MBX_WRITE | MBX_PIDFD, 1000000));
}

/* Malformed. */
TEST_F(target, needs_a_right)
{
	EXPECT_EQ(-EINVAL, open_direct(0, self->bound));
	EXPECT_EQ(-EINVAL, open_mailbox(NULL, MBX_DIRECT | MBX_CREATE));
}

TEST_F(target, is_not_for_who_binds)
{
	int pidfd = open_pidfd(getpid(), 0);

	EXPECT_EQ(-EINVAL, bind_direct(0, .target = getpid()));
	EXPECT_EQ(-EINVAL, bind_direct(0, .target = -1));
	EXPECT_EQ(-EINVAL, bind_direct(MBX_PIDFD, .target = pidfd));
	EXPECT_EQ(-EINVAL, bind_direct(MBX_PIDFD));
	EXPECT_EQ(-EINVAL, bind_direct(MBX_WAIT_BOUND));
	EXPECT_EQ(-EINVAL, bind_direct(0, .deadline_ns = 1));
}

TEST_F(target, is_only_for_direct_mailboxes)
{
	char name[NAME_SIZE];

	unique_name(name, "it");
	EXPECT_EQ(-EINVAL, open_mailbox(name, CREATE, .target = self->bound));
	EXPECT_EQ(-EINVAL, open_mailbox(name, CREATE | MBX_PIDFD));
	EXPECT_EQ(-EINVAL, open_mailbox(name, CREATE | MBX_WAIT_BOUND));
	EXPECT_EQ(-EINVAL, open_mailbox(name, CREATE, .deadline_ns = 1));
	EXPECT_EQ(-EINVAL, open_mailbox(NULL, CREATE, .target = self->bound));
	EXPECT_EQ(-EINVAL, open_mailbox(NULL, CREATE | MBX_PIDFD));
	EXPECT_EQ(-EINVAL, open_mailbox(NULL, RDWR, .target = self->bound));
	EXPECT_EQ(-ENOENT, unlink_name(name));
}

TEST_F(target, has_no_name)
{
	EXPECT_EQ(-EINVAL, open_mailbox("name", MBX_WRITE | MBX_DIRECT,
					.target = self->bound));
	EXPECT_EQ(-EINVAL, open_mailbox("name", CREATE | MBX_DIRECT));
	EXPECT_EQ(-EINVAL, open_mailbox("", CREATE | MBX_DIRECT));
	EXPECT_EQ(-ENOENT, unlink_name("name"));
}

TEST_F(target, cannot_be_opened_exclusively)
{
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE | MBX_EXCL, self->bound));
}

TEST_F(target, deadline_is_for_who_waits)
{
	EXPECT_EQ(-EINVAL,
		  open_direct(MBX_WRITE, self->bound, .deadline_ns = 1));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->bound,
				       .deadline_ns = 1ULL << 63));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE | MBX_WAIT_BOUND, self->bound,
				       .deadline_ns = ~0ULL));
}

TEST_F(target, reserved_field_has_to_be_zero)
{
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, self->bound, .reserved = 1));
	EXPECT_EQ(-EINVAL, bind_direct(0, .reserved = 1));
}

TEST_F(target, lifetime_is_that_of_its_owner)
{
	static const __u32 wrong[] = { MBX_LIFE_PERSIST, MBX_LIFE_LAST_CLOSE,
				       4 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, bind_direct(0, .lifetime = wrong[i]));
		EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, self->bound,
					       .lifetime = wrong[i]));
	}
	EXPECT_LE(0, open_direct(MBX_WRITE, self->bound,
				 .lifetime = MBX_LIFE_OWNER));
	EXPECT_LE(0, bind_direct(0, .lifetime = MBX_LIFE_OWNER));
}

/* Attributes are checked, and else have no effect. */
TEST_F(target, attributes_have_to_be_valid)
{
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, self->bound, .mode = 01000));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, self->bound, .overflow = 9));
	EXPECT_EQ(-EINVAL, open_direct(MBX_WRITE, self->bound,
				       .max_msgs = MBX_MSGS_MAX + 1));
	EXPECT_LE(0, open_direct(MBX_WRITE, self->bound, .max_msgs = 1,
				 .mode = 0666));
}

/* As compiled before there were direct mailboxes. */
TEST_F(target, struct_of_the_first_version_has_none)
{
	struct mbx_mailbox_open args = {
		.size = offsetof(struct mbx_mailbox_open, target),
		.flags = MBX_WRITE | MBX_DIRECT,
		.target = self->bound,
	};

	EXPECT_EQ(-EINVAL, call(device(), MBX_IOC_MAILBOX_OPEN, &args));
	args.flags = CREATE | MBX_DIRECT;
	EXPECT_LE(0, call(device(), MBX_IOC_MAILBOX_OPEN, &args));
	EXPECT_EQ(-EEXIST, bind_direct(MBX_EXCL));
}

TEST_F(target, descriptors_can_run_out)
{
	struct rlimit none = { 0, 0 };
	int pidfd = open_pidfd(self->bound, 0);

	device();
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(-EMFILE, open_direct(MBX_WRITE, self->bound));
	EXPECT_EQ(-EMFILE, open_direct(MBX_WRITE | MBX_PIDFD, pidfd));
	EXPECT_EQ(-EMFILE, bind_direct(0));
	EXPECT_EQ(-ENXIO, open_direct(MBX_WRITE, getpid()));
}

/* Modes: those of who has bound it. */
struct opening {
	pid_t pid;
	__u32 flags;
};

static int open_child(void *arg)
{
	struct opening *o = arg;

	return status_of(open_direct(o->flags, o->pid));
}

static int open_as(uid_t uid, pid_t pid, __u32 flags)
{
	struct opening o = { pid, flags };

	return run_as(uid, open_child, &o);
}

TEST_F(target, is_private_unless_it_says_otherwise)
{
	pid_t child = spawn_bound(sleep_forever, .uid = ALICE);

	EXPECT_EQ(0, open_as(ALICE, child, RDWR));
	EXPECT_EQ(EACCES, open_as(BOB, child, MBX_WRITE));
	EXPECT_EQ(EACCES, open_as(BOB, child, MBX_READ));
	EXPECT_EQ(EACCES, open_as(BOB, self->bound, MBX_WRITE));
	/* CAP_IPC_OWNER */
	EXPECT_LE(0, open_direct(RDWR, child));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(target, of_another_user_may_allow_sending)
{
	pid_t child =
		spawn_bound(sleep_forever, .uid = ALICE, .attr.mode = 0602);

	EXPECT_EQ(0, open_as(BOB, child, MBX_WRITE));
	EXPECT_EQ(EACCES, open_as(BOB, child, MBX_READ));
	EXPECT_EQ(EACCES, open_as(BOB, child, RDWR));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

static int open_in_alices_group(void *arg)
{
	struct opening *o = arg;

	if (setresgid(ALICE, ALICE, ALICE) || setgroups(0, NULL) ||
	    setresuid(BOB, BOB, BOB))
		return EXIT_FAILURE;
	return status_of(open_direct(o->flags, o->pid));
}

TEST_F(target, of_the_own_group_may_allow_sending)
{
	pid_t child =
		spawn_bound(sleep_forever, .uid = ALICE, .attr.mode = 0620);
	struct opening o = { child, MBX_WRITE };

	EXPECT_EQ(0, run(open_in_alices_group, &o));
	o.flags = MBX_READ;
	EXPECT_EQ(EACCES, run(open_in_alices_group, &o));
	EXPECT_EQ(EACCES, open_as(BOB, child, MBX_WRITE));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(target, owner_is_bound_by_the_mode_too)
{
	pid_t child =
		spawn_bound(sleep_forever, .uid = ALICE, .attr.mode = 0206);

	EXPECT_EQ(0, open_as(ALICE, child, MBX_WRITE));
	EXPECT_EQ(EACCES, open_as(ALICE, child, MBX_READ));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

/* Whoever he is: a mailbox that is not there says nothing of its mode. */
TEST_F(target, that_has_bound_none_is_told_to_all)
{
	EXPECT_EQ(ENXIO, open_as(BOB, self->unbound, MBX_WRITE));
}

TEST_HARNESS_MAIN
