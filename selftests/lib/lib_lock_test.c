// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: a lock in a region, and the death of its holder. */
#include "lib_test.h"

#define ROUNDS 2000
#define PROCESSES 4

struct shared {
	struct mbx_lock lock;
	unsigned int count;
};

FIXTURE(region_lock)
{
	char name[NAME_SIZE];
	struct mbx_region *r;
	struct shared *shared;
};

FIXTURE_SETUP(region_lock)
{
	unique_name(self->name, "lock");
	ASSERT_EQ(0, mbx_region_open(&self->r, self->name, CREATE | MBX_EXCL,
				     sizeof(*self->shared), NULL));
	self->shared = mbx_region_data(self->r);
	ASSERT_EQ(0, mbx_lock_init(&self->shared->lock));
}

FIXTURE_TEARDOWN(region_lock)
{
	mbx_region_close(self->r);
	mbx_unlink(self->name);
}

/* Each process maps the region itself, at an address of its own. */
static struct shared *attach(const char *name)
{
	struct mbx_region *other;

	return mbx_region_open(&other, name, RDWR, 0, NULL) ?
		       NULL :
		       mbx_region_data(other);
}

TEST_F(region_lock, not_made_yet_is_refused)
{
	struct mbx_region *fresh;

	ASSERT_EQ(0, mbx_region_open(&fresh, NULL, CREATE,
				     sizeof(struct mbx_lock), NULL));
	EXPECT_EQ(-EINVAL, mbx_lock_acquire(mbx_region_data(fresh)));
	mbx_region_close(fresh);
}

static int try_it(void *name)
{
	struct shared *shared = attach(name);

	return shared ? status_of(mbx_lock_try(&shared->lock)) : EPROTO;
}

TEST_F(region_lock, is_one_for_all_who_map_it)
{
	ASSERT_EQ(0, mbx_lock_acquire(&self->shared->lock));
	EXPECT_EQ(EBUSY, run(try_it, self->name));
	EXPECT_EQ(0, mbx_lock_release(&self->shared->lock));
	EXPECT_EQ(0, run(try_it, self->name));
}

struct holder {
	char *name;
	struct gate holds;
};

static int hold(void *arg)
{
	struct holder *holder = arg;
	struct shared *shared = attach(holder->name);

	if (!shared || mbx_lock_acquire(&shared->lock))
		return EPROTO;
	shared->count++;
	gate_open(&holder->holds);
	return sleep_forever(NULL);
}

FIXTURE_VARIANT(region_lock)
{
	bool recover;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(region_lock, recovered) {
	.recover = true,
};

FIXTURE_VARIANT_ADD(region_lock, given_up) {
	.recover = false,
};

/* clang-format on */

TEST_F(region_lock, of_a_killed_holder_goes_to_the_next)
{
	struct holder holder = { .name = self->name };
	pid_t pid;

	ASSERT_EQ(0, gate_init(&holder.holds));
	pid = spawn(hold, &holder);
	ASSERT_TRUE(gate_wait(&holder.holds));
	EXPECT_EQ(-EBUSY, mbx_lock_try(&self->shared->lock));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(pid));
	EXPECT_EQ(-EOWNERDEAD, mbx_lock_until(&self->shared->lock, PATIENCE));
	EXPECT_EQ(1, self->shared->count);
	if (variant->recover)
		EXPECT_EQ(0, mbx_lock_recovered(&self->shared->lock));
	EXPECT_EQ(0, mbx_lock_release(&self->shared->lock));
	EXPECT_EQ(variant->recover ? 0 : -ENOTRECOVERABLE,
		  mbx_lock_acquire(&self->shared->lock));
}

static int count_rounds(void *name)
{
	struct shared *shared = attach(name);
	int i, ret = shared ? 0 : -EPROTO;

	for (i = 0; i < ROUNDS && !ret; i++) {
		ret = mbx_lock_acquire(&shared->lock);
		if (!ret) {
			shared->count++;
			ret = mbx_lock_release(&shared->lock);
		}
	}
	return -ret;
}

TEST_F(region_lock, lets_one_process_in_at_a_time)
{
	pid_t pids[PROCESSES];
	int i;

	for (i = 0; i < PROCESSES; i++)
		pids[i] = spawn(count_rounds, self->name);
	for (i = 0; i < PROCESSES; i++)
		EXPECT_EQ(0, reap(pids[i]));
	EXPECT_EQ(PROCESSES * ROUNDS, self->shared->count);
}

TEST_HARNESS_MAIN
