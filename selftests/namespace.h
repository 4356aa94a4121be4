/* SPDX-License-Identifier: GPL-2.0-only */
/* Children in user and pid namespaces of their own, for the tests. */
#ifndef MBX_TEST_NAMESPACE_H
#define MBX_TEST_NAMESPACE_H

#include "process.h"

/* What a user namespace shows of a user that it has no number for. */
#define NOBODY 65534

/*
 * A child that has left for a user namespace, with all capabilities there. In it
 * ALICE is user and group 0, BOB is 1, and nobody else is known.
 */
struct userns_child {
	uid_t uid; /* who leaves */
	child_fn *fn;
	void *arg;
	struct gate left;
	struct gate mapped;
};

static inline int userns_child(void *arg)
{
	struct userns_child *child = arg;

	close(child->mapped.fds[1]);
	if (become(child->uid) || unshare(CLONE_NEWUSER))
		return EXIT_FAILURE;
	gate_open(&child->left);
	if (!gate_wait(&child->mapped))
		return EXIT_FAILURE;
	/* The first user there, whoever that is. */
	if (child->uid == ALICE && (setresgid(0, 0, 0) || setresuid(0, 0, 0)))
		return EXIT_FAILURE;
	return child->fn(child->arg);
}

static inline int map_users(pid_t pid)
{
	static const char map[] = "0 1001 1\n1 1002 1\n";
	char path[64];
	int err;

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	err = write_file(path, map);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	return err ?: write_file(path, map);
}

/* Returns what reap() does. */
static inline int run_in_userns(uid_t uid, child_fn *fn, void *arg)
{
	struct userns_child child = { .uid = uid, .fn = fn, .arg = arg };
	pid_t pid;

	device();
	if (gate_init(&child.left) || gate_init(&child.mapped))
		return EXIT_FAILURE;
	pid = spawn(userns_child, &child);
	close(child.left.fds[1]);
	if (gate_wait(&child.left) && !map_users(pid))
		gate_open(&child.mapped);
	close(child.left.fds[0]);
	gate_close(&child.mapped);
	return reap(pid);
}

struct pidns_child {
	child_fn *fn;
	void *arg;
};

static inline int pidns_child(void *arg)
{
	struct pidns_child *child = arg;

	if (unshare(CLONE_NEWPID))
		return EXIT_FAILURE;
	return run(child->fn, child->arg);
}

/* The function runs as process 1 of a pid namespace. */
static inline pid_t spawn_in_pidns(child_fn *fn, void *arg)
{
	struct pidns_child child = { fn, arg };

	return spawn(pidns_child, &child);
}

#endif /* MBX_TEST_NAMESPACE_H */
