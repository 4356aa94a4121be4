// SPDX-License-Identifier: GPL-2.0-only
/* Regions without a kernel: half-done opens, hostile answers, the fast paths. */
#include "lib_fake.h"

#define SLOTS 4
#define REGION_BYTES 10000 /* three pages, the last one in part */
#define MAPS 3

static const struct mbx_region_stat usual = { .bytes = REGION_BYTES,
					      .slots = SLOTS };

TEST(failed_open_leaves_the_handle_alone)
{
	struct mbx_region *region = (void *)77;

	fake.ioctl_ret = -ENOENT;
	EXPECT_EQ(-ENOENT,
		  CALM(mbx_region_open(&region, "name", MBX_READ, 0, NULL)));
	EXPECT_EQ((void *)77, region);
}

TEST(malformed_options_do_not_reach_the_kernel)
{
	struct mbx_region_opts opts = { .size = MBX_REGION_OPTS_FIRST - 1 };
	struct mbx_region *region;

	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_open(&region, "name", MBX_READ, 0, &opts)));
	EXPECT_EQ(0, fake.opens);
}

/* Whichever mapping fails: the others go, and so does the descriptor. */
TEST(open_that_can_not_map_leaves_nothing)
{
	struct mbx_region *region = (void *)77;

	fake.region = usual;
	fake.map_err = -ENOMEM;
	fake.ioctl_ret = FAKE_FD + 1;
	for (fake.map_fails_at = 1; fake.map_fails_at <= MAPS;
	     fake.map_fails_at++) {
		fake.maps = 0;
		fake.unmaps = 0;
		EXPECT_EQ(-ENOMEM, CALM(mbx_region_open(&region, NULL, MBX_READ,
							1, NULL)));
		EXPECT_EQ(fake.map_fails_at - 1, fake.unmaps);
		EXPECT_EQ(FAKE_FD + 1, fake.closed_fd);
		EXPECT_EQ((void *)77, region);
	}
}

TEST(descriptor_that_can_not_be_mapped_stays_the_callers)
{
	struct mbx_region *region;

	fake.region = usual;
	fake.map_err = -EOWNERDEAD;
	fake.map_fails_at = MAPS;
	EXPECT_EQ(-EOWNERDEAD, CALM(mbx_region_from_fd(&region, 5)));
	EXPECT_EQ(0, fake.closes);
	EXPECT_EQ(0, fake.cloexec_fd);
}

/* Such answers can come from a file system in user space. */
TEST(impossible_descriptions_are_no_region)
{
	static const struct mbx_region_stat impossible[] = {
		{ .bytes = 0, .slots = 1 },
		{ .bytes = 1, .slots = 0 },
		{ .bytes = 1, .slots = MBX_SLOTS_MAX + 1 },
		{ .bytes = 1, .slots = UINT32_MAX },
	};
	struct mbx_region *region;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(impossible); i++) {
		fake.region = impossible[i];
		EXPECT_EQ(-ENOTTY, CALM(mbx_region_from_fd(&region, 5)));
	}
	EXPECT_EQ(0, fake.maps);
}

TEST(size_beyond_the_address_space_is_out_of_memory)
{
	static const uint64_t sizes[] = { UINT64_MAX, UINT64_MAX - 4000 };
	struct mbx_region *region;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake.region = (struct mbx_region_stat){ .bytes = sizes[i],
							.slots = 1 };
		EXPECT_EQ(-ENOMEM, CALM(mbx_region_from_fd(&region, 5)));
	}
	EXPECT_EQ(0, fake.maps);
}

TEST(attributes_of_a_region_reach_the_kernel)
{
	struct mbx_region *region;

	fake.ioctl_ret = -EEXIST;
	mbx_region_open(&region, "name", MBX_READ | MBX_CREATE, REGION_BYTES,
			MBX_REGION_OPTS(.mode = 0640,
					.lifetime = MBX_LIFE_OWNER,
					.slots = 3));
	EXPECT_EQ(MBX_IOC_REGION_OPEN, fake.command);
	EXPECT_EQ(sizeof(struct mbx_region_open),
		  fake.request.region_open.size);
	EXPECT_EQ(MBX_READ | MBX_CREATE, fake.request.region_open.flags);
	EXPECT_EQ(4, fake.request.region_open.name_len);
	EXPECT_EQ(0640, fake.request.region_open.mode);
	EXPECT_EQ(MBX_LIFE_OWNER, fake.request.region_open.lifetime);
	EXPECT_EQ(3, fake.request.region_open.slots);
	EXPECT_EQ(REGION_BYTES, fake.request.region_open.bytes);
}

TEST(closing_no_region_is_nothing)
{
	mbx_region_close(NULL);
	EXPECT_EQ(0, fake.closes);
	EXPECT_EQ(0, fake.unmaps);
}

FIXTURE(region)
{
	struct mbx_region *r;
	uint32_t *seq;
	uint32_t *waiters;
};

FIXTURE_SETUP(region)
{
	fake.region = usual;
	ASSERT_EQ(0, mbx_region_from_fd(&self->r, FAKE_FD));
	self->seq = fake.pages[1];
	self->waiters = fake.pages[2];
}

FIXTURE_TEARDOWN(region)
{
	mbx_region_close(self->r);
}

TEST_F(region, is_described_by_its_handle)
{
	EXPECT_EQ(FAKE_FD, mbx_region_fd(self->r));
	EXPECT_EQ(fake.pages[0], mbx_region_data(self->r));
	EXPECT_EQ(REGION_BYTES, mbx_region_size(self->r));
	EXPECT_EQ(SLOTS, mbx_region_slots(self->r));
	EXPECT_EQ(1, mbx_region_writable(self->r));
	EXPECT_EQ(FAKE_FD, fake.cloexec_fd);
}

TEST_F(region, is_unmapped_and_closed_at_the_end)
{
	struct mbx_region *other;

	ASSERT_EQ(0, mbx_region_from_fd(&other, FAKE_FD + 1));
	errno = UNTOUCHED;
	mbx_region_close(other);
	EXPECT_EQ(UNTOUCHED, errno);
	EXPECT_EQ(MAPS, fake.unmaps);
	EXPECT_EQ(FAKE_FD + 1, fake.closed_fd);
}

TEST_F(region, without_the_right_to_write_is_mapped_read_only)
{
	struct mbx_region *other;

	fake.read_only = true;
	fake.writable_maps = 0;
	ASSERT_EQ(0, mbx_region_from_fd(&other, FAKE_FD));
	EXPECT_EQ(0, mbx_region_writable(other));
	EXPECT_EQ(0, fake.writable_maps);
	EXPECT_EQ(-EBADF, CALM(mbx_region_notify(other, 0)));
	EXPECT_EQ(-EBADF, CALM(mbx_region_notify(other, SLOTS)));
	EXPECT_EQ(-EBADF, CALM(mbx_region_notify_mask(other, 1)));
	mbx_region_close(other);
}

TEST_F(region, waiters_are_mapped_read_only)
{
	EXPECT_EQ(MAPS - 1, fake.writable_maps);
}

TEST_F(region, sequence_of_a_slot_it_does_not_have_is_zero)
{
	self->seq[SLOTS] = 5;
	EXPECT_EQ(0, mbx_region_seq(self->r, SLOTS));
	EXPECT_EQ(0, mbx_region_seq(self->r, UINT32_MAX));
}

TEST_F(region, notify_of_a_slot_it_does_not_have_is_refused)
{
	EXPECT_EQ(-EINVAL, CALM(mbx_region_notify(self->r, SLOTS)));
	EXPECT_EQ(-EINVAL, CALM(mbx_region_notify(self->r, 64)));
	EXPECT_EQ(-EINVAL, CALM(mbx_region_notify_mask(self->r, 0)));
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_notify_mask(self->r, 1 | 1ULL << SLOTS)));
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_notify_mask(self->r, 1 | 1ULL << 63)));
	EXPECT_EQ(0, self->seq[0]);
	EXPECT_EQ(0, fake.ioctls);
}

TEST_F(region, notify_without_waiters_does_not_enter_the_kernel)
{
	EXPECT_EQ(0, CALM(mbx_region_notify(self->r, 1)));
	EXPECT_EQ(1, self->seq[1]);
	EXPECT_EQ(1, mbx_region_seq(self->r, 1));
	EXPECT_EQ(0, fake.ioctls);
}

TEST_F(region, notify_with_waiters_wakes_them)
{
	self->waiters[1] = 1;
	fake.ioctl_ret = 1;
	EXPECT_EQ(1, CALM(mbx_region_notify(self->r, 1)));
	EXPECT_EQ(MBX_IOC_REGION_NOTIFY, fake.command);
	EXPECT_EQ(FAKE_FD, fake.ioctl_fd);
	EXPECT_EQ(1ULL << 1, fake.request.notify.slot_mask);
}

TEST_F(region, notify_of_several_asks_only_for_those_waited_for)
{
	self->waiters[1] = 1;
	self->waiters[2] = 7;
	EXPECT_EQ(0, CALM(mbx_region_notify_mask(self->r, 0xd)));
	EXPECT_EQ(1, fake.ioctls);
	EXPECT_EQ(1ULL << 2, fake.request.notify.slot_mask);
	EXPECT_EQ(1, self->seq[0]);
	EXPECT_EQ(0, self->seq[1]);
	EXPECT_EQ(1, self->seq[2]);
	EXPECT_EQ(1, self->seq[3]);
}

TEST_F(region, sequence_wraps_around)
{
	self->seq[0] = UINT32_MAX;
	EXPECT_EQ(0, CALM(mbx_region_notify(self->r, 0)));
	EXPECT_EQ(0, mbx_region_seq(self->r, 0));
}

TEST_F(region, wait_for_a_slot_it_does_not_have_is_refused)
{
	struct mbx_slot slots[2] = { { .slot = 0 }, { .slot = SLOTS } };
	uint32_t seq = 77;

	self->seq[0] = 1;
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_wait(self->r, SLOTS, 1, 0, 0, &seq)));
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_wait(self->r, UINT32_MAX, 1, 0, 0, &seq)));
	EXPECT_EQ(-EINVAL, CALM(mbx_region_wait_many(self->r, slots, 2, NULL)));
	EXPECT_EQ(77, seq);
	EXPECT_EQ(0, slots[0].seq);
	EXPECT_EQ(0, fake.ioctls);
}

TEST_F(region, wait_with_malformed_options_does_not_reach_the_kernel)
{
	struct mbx_wait_opts opts = { .size = MBX_WAIT_OPTS_FIRST - 1 };
	struct mbx_slot slot = { .slot = 0, .seq = 1 };

	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_wait_many(self->r, &slot, 1, &opts)));
	EXPECT_EQ(0, fake.ioctls);
}

/* They may mean something to a later kernel. */
TEST_F(region, wait_with_anything_unusual_asks_the_kernel)
{
	struct mbx_slot slots[MBX_SLOTS_MAX + 1] = { { .slot = 0, .seq = 1 } };

	fake.ioctl_ret = -EINVAL;
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_wait(self->r, 0, 1, 0, 1U << 31, NULL)));
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_region_wait(self->r, 0, 1, UINT64_MAX, 0, NULL)));
	EXPECT_EQ(-EINVAL, CALM(mbx_region_wait_many(self->r, slots, 0, NULL)));
	EXPECT_EQ(-EINVAL, CALM(mbx_region_wait_many(self->r, slots,
						     MBX_SLOTS_MAX + 1, NULL)));
	EXPECT_EQ(4, fake.ioctls);
}

TEST_F(region, wait_for_a_slot_that_has_moved_does_not_enter_the_kernel)
{
	uint32_t seq = 0;

	self->seq[2] = 5;
	EXPECT_EQ(0, CALM(mbx_region_wait(self->r, 2, 4, 0, 0, &seq)));
	EXPECT_EQ(5, seq);
	EXPECT_EQ(0, CALM(mbx_region_wait(self->r, 2, 4, 1, MBX_WAIT_NONBLOCK,
					  NULL)));
	EXPECT_EQ(0, fake.ioctls);
}

TEST_F(region, wait_for_several_reports_all_that_have_moved)
{
	struct mbx_slot slots[] = { { .slot = 3, .seq = 1 },
				    { .slot = 0, .seq = 2 },
				    { .slot = 1, .seq = 9 } };

	self->seq[3] = 1;
	self->seq[0] = 3;
	self->seq[1] = 4;
	EXPECT_EQ(2, CALM(mbx_region_wait_many(self->r, slots, 3, NULL)));
	EXPECT_EQ(1, slots[0].seq);
	EXPECT_EQ(3, slots[1].seq);
	EXPECT_EQ(4, slots[2].seq);
	EXPECT_EQ(0, fake.ioctls);
}

TEST_F(region, wait_for_a_slot_that_has_not_moved_asks_the_kernel)
{
	uint32_t seq = 77;

	fake.ioctl_ret = -ETIMEDOUT;
	EXPECT_EQ(-ETIMEDOUT, CALM(mbx_region_wait(self->r, 0, 0, 9,
						   MBX_WAIT_NONBLOCK, &seq)));
	EXPECT_EQ(77, seq);
	EXPECT_EQ(MBX_IOC_REGION_WAIT, fake.command);
	EXPECT_EQ(9, fake.request.wait.deadline_ns);
	EXPECT_EQ(MBX_WAIT_NONBLOCK, fake.request.wait.flags);
	EXPECT_EQ(sizeof(struct mbx_slot), fake.request.wait.elem_size);
	EXPECT_EQ(1, fake.request.wait.count);
}

TEST_F(region, read_counts_slots)
{
	struct mbx_slot slots[2];

	fake.read_ret = sizeof(slots);
	EXPECT_EQ(2, CALM(mbx_region_read_moved(self->r, slots, 2)));
	fake.read_ret = -EAGAIN;
	EXPECT_EQ(-EAGAIN, CALM(mbx_region_read_moved(self->r, slots, 2)));
}

TEST_F(region, subscription_reaches_the_kernel)
{
	fake.ioctl_ret = -EINVAL;
	EXPECT_EQ(-EINVAL, CALM(mbx_region_subscribe(self->r, 1ULL << 63)));
	EXPECT_EQ(MBX_IOC_REGION_SUBSCRIBE, fake.command);
	EXPECT_EQ(1ULL << 63, fake.request.subscribe.slot_mask);
}

TEST_HARNESS_MAIN
