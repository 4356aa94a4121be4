// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: names, mailboxes and their attributes, info. */
#include "lib_test.h"

#include <sys/stat.h>

FIXTURE(names)
{
	char name[NAME_SIZE];
};

FIXTURE_SETUP(names)
{
	unique_name(self->name, "lib");
}

FIXTURE_TEARDOWN(names)
{
	mbx_unlink(self->name);
}

TEST_F(names, that_do_not_exist_can_not_be_opened)
{
	EXPECT_EQ(-ENOENT, mbx_open(self->name, MBX_READ));
	EXPECT_EQ(-ENOENT, mbx_unlink(self->name));
}

TEST_F(names, malformed_are_refused)
{
	static const char *const malformed[] = { "",	 "/", "/a",  "a/",
						 "a//b", ".", "a/.." };
	char too_long[MBX_NAME_MAX + 2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(malformed); i++) {
		EXPECT_EQ(-EINVAL, mbx_open(malformed[i], CREATE));
		EXPECT_EQ(-EINVAL, mbx_unlink(malformed[i]));
	}
	memset(too_long, 'n', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	EXPECT_EQ(-EINVAL, mbx_open(too_long, CREATE));
	EXPECT_EQ(-EINVAL, mbx_unlink(NULL));
}

TEST_F(names, of_all_255_bytes_are_fine)
{
	char longest[MBX_NAME_MAX + 1];
	int fd;

	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	fd = mbx_open(longest, CREATE | MBX_EXCL);
	EXPECT_LE(0, fd);
	EXPECT_EQ(0, mbx_unlink(longest));
	close(fd);
}

TEST_F(names, in_use_are_not_created_exclusively)
{
	int fd = mbx_open(self->name, CREATE | MBX_EXCL);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EEXIST, mbx_open(self->name, CREATE | MBX_EXCL));
	close(fd);
}

TEST_F(names, of_a_mailbox_are_not_those_of_a_region)
{
	struct mbx_region *region;
	int fd = mbx_open(self->name, CREATE);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPROTOTYPE,
		  mbx_region_open(&region, self->name, MBX_READ, 0, NULL));
	EXPECT_EQ(-EPROTOTYPE, mbx_unlink_kind(self->name, MBX_KIND_REGION));
	EXPECT_EQ(0, mbx_unlink_kind(self->name, MBX_KIND_MAILBOX));
	close(fd);
}

TEST_F(names, of_a_region_are_not_those_of_a_mailbox)
{
	struct mbx_region *region;

	ASSERT_EQ(0, mbx_region_open(&region, self->name, CREATE, 1, NULL));
	EXPECT_EQ(-EPROTOTYPE, mbx_open(self->name, MBX_READ));
	EXPECT_EQ(-EPROTOTYPE, mbx_unlink_kind(self->name, MBX_KIND_MAILBOX));
	EXPECT_EQ(0, mbx_unlink_kind(self->name, MBX_KIND_REGION));
	mbx_region_close(region);
}

TEST_F(names, are_not_unlinked_as_an_unknown_kind)
{
	int fd = mbx_open(self->name, CREATE);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, mbx_unlink_kind(self->name, MBX_KIND_REGION + 1));
	EXPECT_EQ(0, mbx_unlink(self->name));
	close(fd);
}

TEST_F(names, unlinked_are_free_at_once)
{
	int fd = mbx_open(self->name, CREATE);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, mbx_unlink(self->name));
	EXPECT_EQ(-ENOENT, mbx_open(self->name, MBX_READ));
	EXPECT_EQ(0, mbx_send(fd, "", 0));
	close(fd);
}

static int open_and_unlink(void *name)
{
	if (mbx_open(name, MBX_READ) != -EACCES)
		return 1;
	return status_of(mbx_unlink(name));
}

TEST_F(names, of_another_user_are_out_of_reach)
{
	int fd = mbx_open(self->name, CREATE);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EACCES, run_as(ALICE, open_and_unlink, self->name));
	close(fd);
}

TEST(flags_that_make_no_sense_are_refused)
{
	EXPECT_EQ(-EINVAL, mbx_open("lib", 0));
	EXPECT_EQ(-EINVAL, mbx_open("lib", MBX_CREATE));
	EXPECT_EQ(-EINVAL, mbx_open("lib", CREATE | 1U << 31));
	EXPECT_EQ(-EINVAL, mbx_open(NULL, RDWR));
}

TEST(attributes_out_of_range_are_refused)
{
	EXPECT_EQ(-EINVAL, mbx_mailbox_open(NULL, CREATE,
					    MBX_MAILBOX_OPTS(.mode = 01000)));
	EXPECT_EQ(-EINVAL, mbx_mailbox_open(NULL, CREATE,
					    MBX_MAILBOX_OPTS(.lifetime = 9)));
	EXPECT_EQ(-EINVAL, mbx_mailbox_open(NULL, CREATE,
					    MBX_MAILBOX_OPTS(.overflow = 9)));
	EXPECT_EQ(-EINVAL,
		  mbx_mailbox_open(NULL, CREATE,
				   MBX_MAILBOX_OPTS(.max_msgs =
							    MBX_MSGS_MAX + 1)));
	EXPECT_EQ(-EINVAL, mbx_mailbox_open(NULL, CREATE,
					    MBX_MAILBOX_OPTS(.max_msg_size = 2,
							     .max_bytes = 1)));
}

TEST(simple_open_has_the_default_attributes)
{
	int fd = mbx_open(NULL, CREATE);
	struct mbx_mailbox_stat stat;

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, mbx_mailbox_get_stat(fd, &stat));
	EXPECT_EQ(sizeof(stat), stat.size);
	EXPECT_EQ(MBX_LIFE_LAST_CLOSE, stat.lifetime);
	EXPECT_EQ(0600, stat.mode);
	EXPECT_EQ(MBX_OVERFLOW_BLOCK, stat.overflow);
	EXPECT_EQ(MBX_DEFAULT_MSGS, stat.max_msgs);
	EXPECT_EQ(MBX_DEFAULT_MSG_SIZE, stat.max_msg_size);
	EXPECT_EQ(MBX_DEFAULT_BYTES, stat.max_bytes);
	close(fd);
}

TEST(attributes_of_a_mailbox_are_those_asked_for)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.mode = 0640, .lifetime = MBX_LIFE_OWNER,
				 .overflow = MBX_OVERFLOW_REJECT, .max_msgs = 3,
				 .max_msg_size = 4, .max_bytes = 5);
	struct mbx_mailbox_stat stat;
	int fd;

	umask(0);
	fd = mbx_mailbox_open(NULL, CREATE, opts);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, mbx_mailbox_get_stat(fd, &stat));
	EXPECT_EQ(0640, stat.mode);
	EXPECT_EQ(MBX_LIFE_OWNER, stat.lifetime);
	EXPECT_EQ(MBX_OVERFLOW_REJECT, stat.overflow);
	EXPECT_EQ(3, stat.max_msgs);
	EXPECT_EQ(4, stat.max_msg_size);
	EXPECT_EQ(5, stat.max_bytes);
	close(fd);
}

TEST(mailbox_does_not_survive_exec)
{
	int fd = mbx_open(NULL, CREATE);

	EXPECT_TRUE(is_cloexec(fd));
	close(fd);
}

TEST(mailbox_can_be_opened_nonblocking)
{
	int fd = mbx_open(NULL, CREATE | MBX_NONBLOCK);
	char byte;

	EXPECT_EQ(-EAGAIN, mbx_recv(fd, &byte, 1));
	close(fd);
}

/* Of two numbers that were free, one is the mailbox's and one is free again. */
TEST(open_costs_one_descriptor)
{
	int free_fd = open_stranger(), fd, next;

	close(free_fd);
	fd = mbx_open(NULL, CREATE);
	next = open_stranger();
	EXPECT_EQ(2 * free_fd + 1, fd + next);
	close(next);
	close(fd);
}

TEST(errno_is_left_alone)
{
	struct mbx_region *region;
	struct mbx_info info;

	errno = UNTOUCHED;
	mbx_open("/", CREATE);
	mbx_unlink("/");
	mbx_send(-1, "", 0);
	mbx_recv(-1, NULL, 0);
	mbx_region_open(&region, "/", CREATE, 1, NULL);
	mbx_region_from_fd(&region, -1);
	mbx_get_info(&info);
	close(mbx_open(NULL, CREATE));
	EXPECT_EQ(UNTOUCHED, errno);
}

TEST(info_tells_the_abi_and_the_limits)
{
	struct mbx_info info;

	EXPECT_EQ(0, mbx_get_info(&info));
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_LE(1, info.abi_version);
	EXPECT_EQ(sysconf(_SC_PAGESIZE), info.page_size);
	EXPECT_EQ(MBX_FEATURE_MAILBOX | MBX_FEATURE_REGION,
		  info.features & (MBX_FEATURE_MAILBOX | MBX_FEATURE_REGION));
	EXPECT_LT(0, info.quota_objects);
}

TEST(info_counts_the_callers_objects)
{
	struct mbx_info before, after;
	int fd;

	ASSERT_EQ(0, mbx_get_info(&before));
	fd = mbx_open(NULL, CREATE);
	ASSERT_EQ(0, mbx_get_info(&after));
	EXPECT_EQ(before.used_objects + 1, after.used_objects);
	close(fd);
}

TEST(info_for_a_later_program_is_zero_where_unknown)
{
	struct {
		struct mbx_info known;
		uint64_t later;
	} info;

	memset(&info, 0xff, sizeof(info));
	EXPECT_EQ(0, mbx_get_info_sized(&info.known, sizeof(info)));
	EXPECT_LE(1, info.known.abi_version);
	EXPECT_EQ(0, info.later);
}

TEST_HARNESS_MAIN
