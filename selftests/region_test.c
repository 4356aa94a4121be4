// SPDX-License-Identifier: GPL-2.0-only
/* Regions: creating, attaching, sizes, and what is shared. */
#include "params.h"
#include "region.h"

FIXTURE(region)
{
	char name[NAME_SIZE];
	size_t page;
	__u64 bytes; /* the user has without the test's */
	struct params params;
};

FIXTURE_SETUP(region)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
	self->page = page_size();
	self->bytes = info().used_region_bytes;
	ASSERT_EQ(0, params_save(&self->params));
}

FIXTURE_TEARDOWN(region)
{
	unlink_name(self->name);
	params_restore(&self->params);
}

TEST_F(region, has_the_size_that_was_asked_for)
{
	EXPECT_EQ(1, region_stat(open_region(NULL, CREATE, .bytes = 1)).bytes);
	EXPECT_EQ(4097,
		  region_stat(open_region(NULL, CREATE, .bytes = 4097)).bytes);
}

TEST_F(region, has_one_slot_by_default)
{
	EXPECT_EQ(1, region_stat(open_region(NULL, CREATE, .bytes = 1)).slots);
}

TEST_F(region, has_the_slots_that_were_asked_for)
{
	int fd = open_region(NULL, CREATE, .bytes = 1, .slots = MBX_SLOTS_MAX);

	EXPECT_EQ(MBX_SLOTS_MAX, region_stat(fd).slots);
}

TEST_F(region, of_too_many_slots_is_refused)
{
	EXPECT_EQ(-EINVAL, open_region(NULL, CREATE, .bytes = 1,
				       .slots = MBX_SLOTS_MAX + 1));
	EXPECT_EQ(-EINVAL,
		  open_region(NULL, CREATE, .bytes = 1, .slots = 0x80000000));
	EXPECT_EQ(-EINVAL,
		  open_region(NULL, CREATE, .bytes = 1, .slots = 0xffffffff));
	EXPECT_EQ(-EINVAL,
		  open_region(self->name, CREATE, .bytes = 1, .slots = 65));
	EXPECT_EQ(-ENOENT, open_region(self->name, RDWR));
}

TEST_F(region, of_no_bytes_is_refused)
{
	EXPECT_EQ(-EINVAL, open_region(NULL, CREATE));
	EXPECT_EQ(-EINVAL, open_region(self->name, CREATE));
	EXPECT_EQ(-ENOENT, open_region(self->name, RDWR));
}

TEST_F(region, of_absurd_size_is_refused)
{
	static const __u64 sizes[] = {
		1ULL << 40, 1ULL << 41,	  1ULL << 62,	(1ULL << 63) - 1,
		1ULL << 63, ~0ULL - 4095, ~0ULL - 4094, ~0ULL,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(-ENOSPC,
			  open_region(NULL, CREATE, .bytes = sizes[i]));
		EXPECT_EQ(-ENOSPC,
			  open_region(self->name, CREATE, .bytes = sizes[i]));
	}
	EXPECT_EQ(self->bytes, info().used_region_bytes);
}

TEST_F(region, larger_than_allowed_is_refused)
{
	ASSERT_EQ(0, param_write("region_max_bytes", 3 * self->page));
	EXPECT_EQ(-ENOSPC,
		  open_region(NULL, CREATE, .bytes = 3 * self->page + 1));
	EXPECT_LE(0, open_region(NULL, CREATE, .bytes = 3 * self->page));
}

TEST_F(region, of_two_to_the_31_and_32_is_judged_by_the_limit)
{
	ASSERT_EQ(0, param_write("region_max_bytes", (1UL << 31) - 1));
	EXPECT_EQ(-ENOSPC, open_region(NULL, CREATE, .bytes = 1ULL << 31));
	EXPECT_EQ(-ENOSPC,
		  open_region(NULL, CREATE, .bytes = (1ULL << 32) - 1));
	EXPECT_EQ(-ENOSPC, open_region(NULL, CREATE, .bytes = 1ULL << 32));
	EXPECT_EQ(-ENOSPC,
		  open_region(NULL, CREATE, .bytes = (1ULL << 32) + 1));
}

TEST_F(region, is_attached_whatever_its_size_with_none)
{
	ASSERT_LE(0, open_region(self->name, CREATE, .bytes = 5, .slots = 3));
	EXPECT_EQ(5, region_stat(open_region(self->name, RDWR)).bytes);
	EXPECT_EQ(5, region_stat(open_region(self->name, CREATE)).bytes);
}

TEST_F(region, is_attached_with_its_own_size_and_slots)
{
	ASSERT_LE(0, open_region(self->name, CREATE, .bytes = 5, .slots = 3));
	EXPECT_LE(0, open_region(self->name, RDWR, .bytes = 5, .slots = 3));
	EXPECT_LE(0, open_region(self->name, CREATE, .bytes = 5));
}

TEST_F(region, is_not_attached_with_another_size)
{
	ASSERT_LE(0, open_region(self->name, CREATE, .bytes = 5));
	EXPECT_EQ(-EINVAL, open_region(self->name, RDWR, .bytes = 4));
	EXPECT_EQ(-EINVAL, open_region(self->name, RDWR, .bytes = 6));
	EXPECT_EQ(-EINVAL, open_region(self->name, CREATE, .bytes = 6));
	EXPECT_EQ(-EINVAL, open_region(self->name, CREATE, .bytes = ~0ULL));
	EXPECT_EQ(5, region_stat(open_region(self->name, RDWR)).bytes);
}

TEST_F(region, is_not_attached_with_other_slots)
{
	ASSERT_LE(0, open_region(self->name, CREATE, .bytes = 5, .slots = 3));
	EXPECT_EQ(-EINVAL, open_region(self->name, RDWR, .slots = 2));
	EXPECT_EQ(-EINVAL, open_region(self->name, RDWR, .slots = 4));
	EXPECT_EQ(3, region_stat(open_region(self->name, RDWR)).slots);
}

static bool is_zero(const void *addr, size_t len)
{
	const char *byte = addr;

	while (len && !*byte) {
		byte++;
		len--;
	}
	return !len;
}

TEST_F(region, starts_with_zeroes)
{
	int fd = open_region(NULL, CREATE, .bytes = 3 * self->page,
			     .slots = MBX_SLOTS_MAX);
	const __u32 *seq = map_seq(fd), *waiters = map_waiters(fd);
	char *data = map_data(fd, 3 * self->page);

	ASSERT_NE(NULL, data);
	ASSERT_NE(NULL, seq);
	ASSERT_NE(NULL, waiters);
	EXPECT_TRUE(is_zero(data, 3 * self->page));
	EXPECT_TRUE(is_zero(seq, self->page));
	EXPECT_TRUE(is_zero(waiters, self->page));
}

TEST_F(region, is_zero_up_to_the_end_of_its_last_page)
{
	char *data =
		map_data(open_region(NULL, CREATE, .bytes = 1), self->page);

	ASSERT_NE(NULL, data);
	EXPECT_TRUE(is_zero(data, self->page));
}

/* Pages that were somebody's before come back empty. */
TEST_F(region, shows_nothing_of_the_one_before)
{
	char *data, *seq;
	int fd, round;

	for (round = 0; round < 3; round++) {
		fd = open_region(NULL, CREATE, .bytes = 64 * self->page);
		data = map_data(fd, 64 * self->page);
		seq = (char *)map_seq(fd);
		ASSERT_NE(NULL, data);
		ASSERT_NE(NULL, seq);
		EXPECT_TRUE(is_zero(data, 64 * self->page));
		EXPECT_TRUE(is_zero(seq, self->page));
		memset(data, 0xa5, 64 * self->page);
		memset(seq, 0xa5, self->page);
		munmap(data, 64 * self->page);
		munmap(seq, self->page);
		close(fd);
	}
}

static int write_hello(void *arg)
{
	char *data = map_data(open_region(arg, RDWR), 100);

	if (!data)
		return EXIT_FAILURE;
	strcpy(data, "hello");
	return 0;
}

TEST_F(region, is_shared_by_all_who_map_it)
{
	int fd = open_region(self->name, CREATE, .bytes = 100);
	char *one = map_data(fd, 100),
	     *two = map_data(open_region(self->name, RDWR), 100);

	ASSERT_NE(NULL, one);
	ASSERT_NE(NULL, two);
	EXPECT_EQ(0, run(write_hello, self->name));
	EXPECT_STREQ("hello", one);
	EXPECT_STREQ("hello", two);
}

TEST_F(region, is_not_shared_with_another_region)
{
	char *one = map_data(open_region(NULL, CREATE, .bytes = 1), 1);
	char *two = map_data(open_region(NULL, CREATE, .bytes = 1), 1);

	one[0] = 'x';
	EXPECT_EQ(0, two[0]);
}

TEST_F(region, has_a_stat_of_all_attributes)
{
	int fd = open_region(self->name, CREATE, .bytes = 5, .slots = 3,
			     .mode = 0640);
	struct mbx_region_stat st = region_stat(fd);

	EXPECT_EQ(MBX_STATE_NAMED, st.state);
	EXPECT_EQ(MBX_LIFE_PERSIST, st.lifetime);
	EXPECT_EQ(0640, st.mode);
	EXPECT_EQ(0, st.uid);
	EXPECT_EQ(0, st.gid);
	EXPECT_EQ(3, st.slots);
	EXPECT_EQ(5, st.bytes);
	EXPECT_EQ(0, st.notified);
	EXPECT_EQ(0, st.woken);
	EXPECT_EQ(0, st.waiters);
	EXPECT_EQ(0, st.subscribers);
}

TEST_F(region, cannot_be_resized_through_its_descriptor)
{
	int fd = open_region(NULL, CREATE, .bytes = self->page);

	EXPECT_EQ(-1, ftruncate(fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(self->page, region_stat(fd).bytes);
}

/* Quota. */
static int fill_region_bytes(void *arg)
{
	size_t page = page_size();
	int one = open_region(NULL, CREATE, .bytes = 1);

	if (one < 0 || info().used_region_bytes != page)
		return EXIT_FAILURE;
	if (open_region(NULL, CREATE, .bytes = page + 1) != -EDQUOT)
		return EXIT_FAILURE;
	if (open_region(NULL, CREATE, .bytes = page) < 0)
		return EXIT_FAILURE;
	if (info().used_region_bytes != 2 * page)
		return EXIT_FAILURE;
	if (close(one) || info().used_region_bytes != page)
		return EXIT_FAILURE;
	return 0;
}

TEST_F(region, is_charged_by_pages)
{
	ASSERT_EQ(0, param_write("quota_region_bytes", 2 * self->page));
	EXPECT_EQ(0, run_as(ALICE, fill_region_bytes, NULL));
}

TEST_F(region, beyond_the_quota_is_for_the_capable)
{
	int fd;

	ASSERT_EQ(0, param_write("quota_region_bytes", 0));
	fd = open_region(NULL, CREATE, .bytes = 1);
	EXPECT_LE(0, fd);
	EXPECT_EQ(self->bytes + self->page, info().used_region_bytes);
}

TEST_F(region, is_charged_as_long_as_it_is_mapped)
{
	int fd = open_region(NULL, CREATE, .bytes = 2 * self->page);
	char *data = map_data(fd, 2 * self->page);

	ASSERT_NE(NULL, data);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(self->bytes + 2 * self->page, info().used_region_bytes);
	EXPECT_EQ(0, munmap(data, self->page));
	EXPECT_EQ(self->bytes + 2 * self->page, info().used_region_bytes);
	EXPECT_EQ(0, munmap(data + self->page, self->page));
	EXPECT_EQ(self->bytes, info().used_region_bytes);
}

TEST_F(region, is_charged_as_long_as_a_control_page_is_mapped)
{
	int fd = open_region(NULL, CREATE, .bytes = 1);
	__u32 *seq = map_seq(fd);

	ASSERT_NE(NULL, seq);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(self->bytes + self->page, info().used_region_bytes);
	EXPECT_EQ(0, munmap(seq, self->page));
	EXPECT_EQ(self->bytes, info().used_region_bytes);
}

TEST_F(region, is_charged_as_long_as_a_child_has_it_mapped)
{
	int fd = open_region(NULL, CREATE, .bytes = 1);
	char *data = map_data(fd, 1);
	pid_t child;

	ASSERT_NE(NULL, data);
	ASSERT_EQ(0, close(fd));
	child = spawn(sleep_forever, NULL);
	EXPECT_EQ(0, munmap(data, self->page));
	EXPECT_EQ(self->bytes + self->page, info().used_region_bytes);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(self->bytes, info().used_region_bytes);
}

TEST_HARNESS_MAIN
