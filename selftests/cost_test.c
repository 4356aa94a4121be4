// SPDX-License-Identifier: GPL-2.0-only
/*
 * 100,000 named mailboxes, where there is time for that many, cost little and slow
 * nobody down. Not run on kernels whose checks cost more than what is measured.
 */
#include "scale.h"

#define FEW 100
#define MANY ((int)amount(NULL, 100000))

/* What an idle named mailbox may cost, in bytes of kernel memory. */
#define BUDGET 1024

FIXTURE(cost)
{
	struct params params;
	__u64 objects;
	int home; /* network namespaces */
	int few; /* with few names */
	int many;
};

FIXTURE_SETUP(cost)
{
	ASSERT_LE(0, device());
	ASSERT_EQ(0, params_save(&self->params));
	ASSERT_EQ(0, param_write("quota_objects", MANY + 1000));
	self->objects = info().used_objects;
	self->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->home);
	self->few = new_netns();
	self->many = new_netns();
	ASSERT_LE(0, self->few);
	ASSERT_LE(0, self->many);
}

/* The objects go with their namespaces. */
FIXTURE_TEARDOWN(cost)
{
	params_restore(&self->params);
	setns(self->home, CLONE_NEWNET);
	close(self->few);
	close(self->many);
	EXPECT_SOON(info().used_objects == self->objects);
}

static long meminfo(const char *key)
{
	return read_field("/proc/meminfo", key);
}

/* KiB that the kernel has for itself; what can be reclaimed at once left out. */
static long kernel_memory(void)
{
	return meminfo("SUnreclaim:") + meminfo("KernelStack:") +
	       meminfo("PageTables:") + meminfo("VmallocUsed:") +
	       meminfo("Percpu:");
}

/* KiB that nobody uses, or only as a cache. */
static long spare_memory(void)
{
	return meminfo("MemFree:") + meminfo("Buffers:") + meminfo("Cached:") +
	       meminfo("SReclaimable:");
}

/* Objects and files are freed after grace periods: wait until it is over. */
static bool memory_has_settled(void)
{
	long before = kernel_memory();
	__u64 end = now_ns() + 300 * NSEC_PER_MSEC;

	while (now_ns() < end)
		sched_yield();
	return labs(kernel_memory() - before) < 256;
}

TEST_F_TIMEOUT(cost, idle_mailbox_costs_at_most_a_kibibyte, 120)
{
	long kernel, spare, limit = (long)MANY * BUDGET / 1024;

	/* Caches that fill up once. */
	ASSERT_EQ(1000, create_many(1000));
	ASSERT_EQ(1000, unlink_many(1000));
	ASSERT_SOON(memory_has_settled());
	kernel = kernel_memory();
	spare = spare_memory();

	ASSERT_EQ(MANY, create_many(MANY));
	ASSERT_EQ(self->objects + MANY, info().used_objects);
	ASSERT_SOON(memory_has_settled());
	kernel = kernel_memory() - kernel;
	spare = spare - spare_memory();
	TH_LOG("%ld bytes each, or %ld of all memory", kernel * 1024 / MANY,
	       spare * 1024 / MANY);
	EXPECT_GE(limit, kernel);
	EXPECT_GE(limit, spare);
	/* Else nothing was measured. */
	EXPECT_LT((long)MANY * 64 / 1024, kernel);

	ASSERT_EQ(MANY, unlink_many(MANY));
	EXPECT_EQ(self->objects, info().used_objects);
}

/*
 * Nanoseconds for opening and closing ten names, spread over all, ten times each:
 * the search is what counts here, not how much memory the names are spread over,
 * which an emulated processor pays for by the page.
 */
static __u64 time_of_opening(int netns, int count)
{
	char names[FEW][32];
	__u64 start;
	int i, fd;

	if (setns(netns, CLONE_NEWNET))
		return ~0ULL;
	for (i = 0; i < FEW; i++)
		name_of(names[i], (i - i % 10) * (count / FEW));
	start = now_ns();
	for (i = 0; i < FEW; i++) {
		fd = open_mailbox(names[i], RDWR);
		if (fd < 0)
			return ~0ULL;
		close(fd);
	}
	return now_ns() - start;
}

static __u64 smaller(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/*
 * Both are measured in turn, again and again, and the best of each compared: what
 * else goes on makes single times longer, never shorter. A true difference stays
 * however often one measures.
 */
TEST_F_TIMEOUT(cost, opening_costs_the_same_among_many, 120)
{
	__u64 few = ~0ULL, many = ~0ULL;
	int round, i;

	ASSERT_EQ(0, setns(self->few, CLONE_NEWNET));
	ASSERT_EQ(FEW, create_many(FEW));
	ASSERT_EQ(0, setns(self->many, CLONE_NEWNET));
	ASSERT_EQ(MANY, create_many(MANY));
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 20; i++) {
			few = smaller(few, time_of_opening(self->few, FEW));
			many = smaller(many, time_of_opening(self->many, MANY));
		}
		if (round > 2 && many <= few + few / 10)
			break;
	}
	TH_LOG("%llu ns among few, %llu ns among many", few / FEW, many / FEW);
	EXPECT_NE(~0ULL, few);
	EXPECT_GE(few + few / 10, many);
}

TEST_HARNESS_MAIN
