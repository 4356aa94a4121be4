// SPDX-License-Identifier: GPL-2.0-only
/* INFO, and the device node itself. */
#include "mailbox.h"
#include "process.h"
#include "region.h"

FIXTURE(info)
{
	struct mbx_info info;
};

FIXTURE_SETUP(info)
{
	ASSERT_LE(0, device());
	self->info = info();
}

FIXTURE_TEARDOWN(info)
{
}

TEST_F(info, tells_the_abi_version)
{
	EXPECT_EQ(MBX_ABI_VERSION, self->info.abi_version);
}

TEST_F(info, tells_the_page_size)
{
	EXPECT_EQ(page_size(), self->info.page_size);
}

TEST_F(info, tells_both_kinds_as_features)
{
	__u64 both = MBX_FEATURE_MAILBOX | MBX_FEATURE_REGION;

	EXPECT_EQ(both, self->info.features & both);
}

TEST_F(info, tells_limits_that_let_one_work)
{
	EXPECT_LT(0, self->info.region_max_bytes);
	EXPECT_LT(0, self->info.quota_objects);
	EXPECT_LT(0, self->info.quota_msg_bytes);
	EXPECT_LT(0, self->info.quota_region_bytes);
	EXPECT_LT(0, self->info.msg_overhead);
}

TEST_F(info, echoes_its_size_and_no_flags)
{
	EXPECT_EQ(sizeof(self->info), self->info.size);
	EXPECT_EQ(0, self->info.flags);
	EXPECT_EQ(0, self->info.reserved);
}

static int ask_info(void *arg)
{
	struct mbx_info args = { .size = sizeof(args) };

	return status_of(call(device(), MBX_IOC_INFO, &args));
}

TEST_F(info, is_for_everybody)
{
	EXPECT_EQ(0, run_as(ALICE, ask_info, NULL));
}

TEST_F(info, device_opened_for_reading_only_serves_as_well)
{
	struct mbx_mailbox_open args = { .size = sizeof(args),
					 .flags = CREATE };
	int fd = open(MBX_DEVICE, O_RDONLY | O_CLOEXEC), mailbox;

	ASSERT_LE(0, fd);
	mailbox = call(fd, MBX_IOC_MAILBOX_OPEN, &args);
	EXPECT_LE(0, mailbox);
	EXPECT_EQ(1, send_text(mailbox, "hello"));
}

/* Two descriptors of the device see the same objects. */
TEST_F(info, device_carries_no_state)
{
	char name[NAME_SIZE];
	struct mbx_mailbox_open args = {
		.size = sizeof(args),
		.flags = RDWR,
		.name = (uintptr_t)name,
	};
	int first, second, other = open(MBX_DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, other);
	unique_name(name, "state");
	args.name_len = strlen(name);
	first = open_mailbox(name, CREATE, .lifetime = MBX_LIFE_LAST_CLOSE);
	ASSERT_LE(0, first);
	second = call(other, MBX_IOC_MAILBOX_OPEN, &args);
	ASSERT_LE(0, second);
	EXPECT_EQ(0, close(other));
	EXPECT_EQ(1, send_text(first, "hello"));
	EXPECT_STREQ("hello", next_text(second));
}

TEST_HARNESS_MAIN
