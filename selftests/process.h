/* SPDX-License-Identifier: GPL-2.0-only */
/* Children, users, capabilities and namespaces, for the tests. */
#ifndef MBX_TEST_PROCESS_H
#define MBX_TEST_PROCESS_H

#include "mbx_test.h"

#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/capability.h>

#define ALICE 1001
#define BOB 1002

/* What reap() says of a child that a signal has killed. */
#define KILLED_BY(sig) (1000 + (sig))

/*
 * A child's body returns its exit status: 0, or the number of the error that it
 * met. The parent judges.
 */
typedef int child_fn(void *arg);

/* In a child that judges for itself: tells on stderr what was not as expected. */
#define CHECK(condition)                                                     \
	do {                                                                 \
		if (!(condition)) {                                          \
			fprintf(stderr, "# %s:%d: %s\n", __FILE__, __LINE__, \
				#condition);                                 \
			_exit(EXIT_FAILURE);                                 \
		}                                                            \
	} while (0)

/* The exit status for the result of a call. */
static inline int status_of(int ret)
{
	return ret < 0 ? -ret : 0;
}

static inline pid_t spawn(child_fn *fn, void *arg)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent of the first process of a pid namespace is 0. */
	if (getppid() != parent && getppid() != 0)
		_exit(ECHILD);
	_exit(fn(arg));
}

/* No longer on any other processor; nor are children from here on. */
static inline int stay_here(void)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	return sched_setaffinity(0, sizeof(here), &here);
}

static inline int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   KILLED_BY(WTERMSIG(status));
}

static inline int kill_and_reap(pid_t pid)
{
	kill(pid, SIGKILL);
	return reap(pid);
}

/* For good: all ids, no groups, and from root no capabilities either. */
static inline int become(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	/* Else /proc/self would belong to root. */
	prctl(PR_SET_DUMPABLE, 1);
	return 0;
}

struct user_child {
	uid_t uid;
	child_fn *fn;
	void *arg;
};

static inline int user_child(void *arg)
{
	struct user_child *child = arg;
	int err = become(child->uid);

	return err ? -err : child->fn(child->arg);
}

static inline pid_t spawn_as(uid_t uid, child_fn *fn, void *arg)
{
	struct user_child child = { uid, fn, arg };

	/* Opened by root if need be: the tests are about the objects. */
	device();
	return spawn(user_child, &child);
}

static inline int run(child_fn *fn, void *arg)
{
	return reap(spawn(fn, arg));
}

static inline int run_as(uid_t uid, child_fn *fn, void *arg)
{
	return reap(spawn_as(uid, fn, arg));
}

/* Only from the effective set; the rest stays as it is. */
static inline int drop_capability(int cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	data[cap / 32].effective &= ~(1U << (cap % 32));
	return result_of(syscall(SYS_capset, &head, data));
}

/* A gate holds back whoever waits at it until somebody else lets one pass. */
struct gate {
	int fds[2];
};

static inline int gate_init(struct gate *gate)
{
	return result_of(pipe2(gate->fds, O_CLOEXEC));
}

static inline void gate_close(struct gate *gate)
{
	close(gate->fds[0]);
	close(gate->fds[1]);
}

static inline void gate_open(struct gate *gate)
{
	while (write(gate->fds[1], "", 1) < 0 && errno == EINTR)
		;
}

/* Returns false when nobody is left who could open it. */
static inline bool gate_wait(struct gate *gate)
{
	ssize_t ret;
	char byte;

	do {
		ret = read(gate->fds[0], &byte, 1);
	} while (ret < 0 && errno == EINTR);
	return ret == 1;
}

/* Until it is killed. */
static inline int sleep_forever(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

static inline int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = result_of(write(fd, text, strlen(text)));
	close(fd);
	return ret < 0 ? ret : 0;
}

static inline int write_file_ul(const char *path, unsigned long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lu", value);
	return write_file(path, text);
}

static inline int read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = result_of(read(fd, text, size - 1));
	close(fd);
	if (ret < 0)
		return ret;
	text[ret] = '\0';
	return 0;
}

/* The number that stands after @key at the start of a line of @path. */
static inline long read_field(const char *path, const char *key)
{
	size_t len = strlen(key);
	char line[256];
	long value = -1;
	FILE *file = fopen(path, "re");

	if (!file)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, len))
			value = strtol(line + len, NULL, 0);
	fclose(file);
	return value;
}

/* How often a process has gone to sleep. */
static inline long times_slept(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return read_field(path, "voluntary_ctxt_switches:");
}

static inline bool is_asleep(pid_t pid)
{
	char path[64], line[512], *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(path, line, sizeof(line)))
		return false;
	state = strrchr(line, ')');
	return state && state[2] == 'S';
}

union fd_control {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static inline int pass_fd(int sock, int fd)
{
	union fd_control control = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return result_of(sendmsg(sock, &msg, 0));
}

static inline int receive_fd(int sock)
{
	union fd_control control = { 0 };
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -ENOMSG;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

#endif /* MBX_TEST_PROCESS_H */
