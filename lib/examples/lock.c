// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Two processes count in a region under a lock; a third dies holding it, and
 * the next one puts the data right.
 */
#include <errno.h>
#include <mbx.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 1000

struct shared {
	struct mbx_lock lock;
	unsigned int count;
	unsigned int half_done;
};

static void check(const char *what, int ret)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "lock: %s: %s\n", what, mbx_strerror(ret));
	exit(1);
}

static void count(struct shared *shared)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		check("acquire", mbx_lock_acquire(&shared->lock));
		shared->count++;
		check("release", mbx_lock_release(&shared->lock));
	}
}

static void die_with_lock(struct shared *shared)
{
	check("acquire", mbx_lock_acquire(&shared->lock));
	shared->half_done = 1;
	raise(SIGKILL);
}

static void in_child(void (*act)(struct shared *shared), struct shared *shared)
{
	pid_t pid = fork();

	if (pid < 0) {
		perror("fork");
		exit(1);
	}
	if (pid)
		return;
	act(shared);
	_exit(0);
}

int main(void)
{
	struct mbx_region *region;
	struct shared *shared;
	int ret;

	check("open",
	      mbx_region_open(&region, NULL, MBX_CREATE | MBX_READ | MBX_WRITE,
			      sizeof(*shared), NULL));
	shared = mbx_region_data(region);
	check("init", mbx_lock_init(&shared->lock));

	in_child(count, shared);
	in_child(count, shared);
	while (wait(NULL) > 0)
		;
	in_child(die_with_lock, shared);
	wait(NULL);

	ret = mbx_lock_acquire(&shared->lock);
	if (ret != -EOWNERDEAD) {
		fprintf(stderr, "lock: no owner death: %d\n", ret);
		return 1;
	}
	shared->half_done = 0;
	check("recover", mbx_lock_recovered(&shared->lock));
	check("release", mbx_lock_release(&shared->lock));
	printf("counted to %u, recovered from a dead holder\n", shared->count);
	mbx_region_close(region);
	return 0;
}
