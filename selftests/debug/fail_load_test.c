// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading the module, with each of its own allocations failing in turn
 *
 * What the kernel does before it reads the module's parameters is its own
 * business, with much that can fail. A parameter that can't be read tells how
 * many points that are.
 */
#include "inject.h"
#include "loader.h"

/* The kernel waits for grace periods whenever it loads or unloads a module. */
#define SHORT_GRACE_PERIODS "/sys/kernel/rcu_expedited"

/* More points than this no loading has. */
#define MANY 100000

FIXTURE(loading)
{
	struct loader loader;
	int inject;
};

FIXTURE_SETUP(loading)
{
	ASSERT_EQ(0, loader_init(&self->loader));
	ASSERT_SOON(is_unused());
	ASSERT_EQ(0, write_file(SHORT_GRACE_PERIODS, "1"));
	ASSERT_EQ(0, unload());
	self->inject = inject_open();
	ASSERT_LE(0, self->inject);
}

FIXTURE_TEARDOWN(loading)
{
	EXPECT_EQ(0, write_file(SHORT_GRACE_PERIODS, "0"));
	EXPECT_EQ(0, load(&self->loader));
	EXPECT_EQ(0, restore_device(&self->loader));
}

static int load_failing(const FIXTURE_DATA(loading) * self, const char *params,
			unsigned int nth, unsigned int *left)
{
	int ret;

	inject_arm(self->inject, nth);
	ret = load_with(&self->loader, params);
	*left = inject_disarm(self->inject);
	return ret;
}

/* Nobody is to find anything of it. */
static const char *what_is_left(void)
{
	static const char *const places[] = {
		"/sys/module/mbx",
		"/sys/class/misc/mbx",
		"/sys/kernel/slab/mbx_mailbox",
		MBX_DEVICE,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (!wait_until(access(places[i], F_OK)))
			return places[i];
	}
	return "";
}

/*
 * How many pages the kernel takes before the parameters varies: the copy of these
 * may be among the points, which else are all allocations.
 */
static bool may_fail_with(enum inject what, int ret)
{
	return ret == -ENOMEM || (what == INJECT_PAGES && ret == -EFAULT);
}

/* Returns how many points have ended the loading. */
static unsigned int sweep(struct __test_metadata *_metadata,
			  const FIXTURE_DATA(loading) * self, enum inject what)
{
	unsigned int left, first, nth, failures = 0;
	int ret;

	ASSERT_EQ(0, inject_init(what));
	ASSERT_EQ(-EINVAL, load_failing(self, "quota_objects=x", MANY, &left));
	first = MANY - left;
	nth = first;
	do {
		ret = load_failing(self, "", ++nth, &left);
		if (ret) {
			failures++;
			EXPECT_EQ(0, left);
			EXPECT_TRUE(may_fail_with(what, ret))
			{
				TH_LOG("fault %u, result %d", nth, ret);
			}
		} else {
			ASSERT_EQ(0, unload());
		}
		ASSERT_STREQ("", what_is_left());
	} while (!left);
	TH_LOG("%u of %u faults ended the loading", failures, nth - first - 1);
	return failures;
}

TEST_F_TIMEOUT(loading, without_objects_and_copies_leaves_nothing, 500)
{
	EXPECT_LT(0, sweep(_metadata, self, INJECT_OBJECTS));
	/*
	 * The kernel's own points before are now more and now fewer, so that one may
	 * be passed over.
	 */
	EXPECT_LT(0, sweep(_metadata, self, INJECT_OBJECTS));
}

/* The allocators try again in other ways: it may get through each time. */
TEST_F_TIMEOUT(loading, without_pages_leaves_nothing, 300)
{
	sweep(_metadata, self, INJECT_PAGES);
}

TEST_HARNESS_MAIN
