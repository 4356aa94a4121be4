// SPDX-License-Identifier: GPL-2.0-only
/* Names: which are valid, whom they lead to, when they go. */
#include "mailbox.h"
#include "memory.h"
#include "process.h"
#include "region.h"

#define LAST_CLOSE .lifetime = MBX_LIFE_LAST_CLOSE

FIXTURE(name)
{
	char name[NAME_SIZE];
};

FIXTURE_SETUP(name)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
}

FIXTURE_TEARDOWN(name)
{
	unlink_name(self->name);
}

/* Create by address and length; what is made goes with its descriptor. */
static int create_raw(const void *addr, __u32 len)
{
	struct mbx_mailbox_open args = {
		.size = sizeof(args),
		.flags = CREATE,
		.name = (uintptr_t)addr,
		.name_len = len,
		LAST_CLOSE,
	};
	int fd = call(device(), MBX_IOC_MAILBOX_OPEN, &args);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int create_raw_region(const void *addr, __u32 len)
{
	struct mbx_region_open args = {
		.size = sizeof(args),
		.flags = CREATE,
		.name = (uintptr_t)addr,
		.name_len = len,
		.bytes = 1,
		LAST_CLOSE,
	};
	int fd = call(device(), MBX_IOC_REGION_OPEN, &args);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int unlink_raw(const void *addr, __u32 len)
{
	struct mbx_unlink args = {
		.size = sizeof(args),
		.name = (uintptr_t)addr,
		.name_len = len,
	};

	return call(device(), MBX_IOC_UNLINK, &args);
}

TEST_F(name, unusual_names_are_valid)
{
	static const char *const names[] = {
		"x",	   "...", ".x",	 "x.",		"..x",
		"x..",	   " ",	  "a b", "a/b",		"a/.../b",
		"a/.b/c.", "\\",  "*",	 "\n",		"\xff\xfe",
		"\x01",	   "~",	  "-",	 "caf\xc3\xa9",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(0, create_raw(names[i], strlen(names[i])))
		TH_LOG("\"%s\"", names[i]);
		EXPECT_EQ(0, create_raw_region(names[i], strlen(names[i])));
	}
}

TEST_F(name, malformed_names_are_refused)
{
	static const char *const names[] = {
		"/",	 "//",	   "/x",   "x/",    "x//y", "///",
		".",	 "..",	   "./x",  "../x",  "x/.",  "x/..",
		"x/./y", "x/../y", "x/y/", "x/y//", "/.",   "../..",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_EQ(-EINVAL, create_raw(names[i], strlen(names[i])))
		TH_LOG("\"%s\"", names[i]);
		EXPECT_EQ(-EINVAL,
			  create_raw_region(names[i], strlen(names[i])));
		EXPECT_EQ(-EINVAL, unlink_raw(names[i], strlen(names[i])));
	}
}

TEST_F(name, nul_byte_is_refused_wherever_it_is)
{
	EXPECT_EQ(-EINVAL, create_raw("\0", 1));
	EXPECT_EQ(-EINVAL, create_raw("\0x", 2));
	EXPECT_EQ(-EINVAL, create_raw("x\0", 2));
	EXPECT_EQ(-EINVAL, create_raw("x\0y", 3));
	EXPECT_EQ(-EINVAL, unlink_raw("x\0", 2));
}

TEST_F(name, of_255_bytes_is_valid)
{
	char name[MBX_NAME_MAX];

	memset(name, 'n', sizeof(name));
	EXPECT_EQ(0, create_raw(name, sizeof(name)));
}

TEST_F(name, of_255_bytes_is_told_from_its_neighbours)
{
	char name[MBX_NAME_MAX + 1] = { 0 };
	int fd;

	memset(name, 'n', MBX_NAME_MAX);
	fd = open_mailbox(name, CREATE, LAST_CLOSE);
	ASSERT_LE(0, fd);
	name[MBX_NAME_MAX - 1] = 'm';
	EXPECT_EQ(-ENOENT, open_mailbox(name, RDWR));
	name[MBX_NAME_MAX - 1] = '\0';
	EXPECT_EQ(-ENOENT, open_mailbox(name, RDWR));
}

TEST_F(name, of_256_bytes_or_more_is_refused)
{
	static const __u32 lengths[] = { 256,	     257,	 4096,
					 0x7fffffff, 0x80000000, 0xffffffff };
	char name[4096];
	size_t i;

	memset(name, 'n', sizeof(name));
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		EXPECT_EQ(-EINVAL, create_raw(name, lengths[i]));
		EXPECT_EQ(-EINVAL, create_raw_region(name, lengths[i]));
		EXPECT_EQ(-EINVAL, unlink_raw(name, lengths[i]));
	}
}

TEST_F(name, address_without_a_length_is_refused)
{
	EXPECT_EQ(-EINVAL, create_raw("x", 0));
	EXPECT_EQ(-EINVAL, create_raw_region("x", 0));
	EXPECT_EQ(-EINVAL, unlink_raw("x", 0));
}

TEST_F(name, unlinking_without_a_name_is_refused)
{
	EXPECT_EQ(-EINVAL, unlink_raw(NULL, 0));
}

TEST_F(name, at_a_bad_address_faults)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		EXPECT_EQ(-EFAULT, create_raw(pointer(nowhere[i]), 5));
		EXPECT_EQ(-EFAULT, create_raw_region(pointer(nowhere[i]), 5));
		EXPECT_EQ(-EFAULT, unlink_raw(pointer(nowhere[i]), 5));
	}
}

TEST_F(name, half_mapped_faults)
{
	struct cliff cliff;

	ASSERT_EQ(0, cliff_init(&cliff));
	memset(cliff.end - 8, 'n', 8);
	EXPECT_EQ(-EFAULT, create_raw(cliff.end - 8, 9));
	EXPECT_EQ(-EFAULT, unlink_raw(cliff.end - 8, 9));
}

TEST_F(name, needs_no_byte_after_it)
{
	struct cliff cliff;

	ASSERT_EQ(0, cliff_init(&cliff));
	memset(cliff.end - 8, 'n', 8);
	EXPECT_EQ(0, create_raw(cliff.end - 8, 8));
}

TEST_F(name, anonymous_object_needs_create)
{
	EXPECT_EQ(-EINVAL, open_mailbox(NULL, RDWR));
	EXPECT_EQ(-EINVAL, open_region(NULL, RDWR));
}

TEST_F(name, anonymous_objects_are_distinct)
{
	int one = open_mailbox(NULL, CREATE), two = open_mailbox(NULL, CREATE);

	ASSERT_LE(0, one);
	ASSERT_LE(0, two);
	EXPECT_EQ(1, send_text(one, "hello"));
	EXPECT_STREQ("EAGAIN", next_text(two));
	EXPECT_STREQ("hello", next_text(one));
}

TEST_F(name, anonymous_object_has_no_name)
{
	int mailbox = open_mailbox(NULL, CREATE),
	    region = open_region(NULL, CREATE, .bytes = 1);

	EXPECT_EQ(0, stat_of(mailbox).state);
	EXPECT_EQ(0, region_stat(region).state);
}

TEST_F(name, missing_one_is_told)
{
	EXPECT_EQ(-ENOENT, open_mailbox(self->name, RDWR));
	EXPECT_EQ(-ENOENT, open_region(self->name, RDWR));
	EXPECT_EQ(-ENOENT, unlink_name(self->name));
}

TEST_F(name, create_attaches_to_what_exists)
{
	int one = open_mailbox(self->name, CREATE, LAST_CLOSE);
	int two = open_mailbox(self->name, CREATE, LAST_CLOSE);

	ASSERT_LE(0, one);
	ASSERT_LE(0, two);
	EXPECT_EQ(1, send_text(one, "hello"));
	EXPECT_STREQ("hello", next_text(two));
}

TEST_F(name, exclusive_creation_makes_a_new_object)
{
	EXPECT_LE(0, open_mailbox(self->name, CREATE | MBX_EXCL, LAST_CLOSE));
}

TEST_F(name, exclusive_creation_fails_if_the_name_exists)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	EXPECT_EQ(-EEXIST, open_mailbox(self->name, CREATE | MBX_EXCL));
}

TEST_F(name, exclusive_creation_fails_if_the_other_kind_has_the_name)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	EXPECT_EQ(-EEXIST,
		  open_region(self->name, CREATE | MBX_EXCL, .bytes = 1));
}

TEST_F(name, exclusive_without_create_is_refused)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	EXPECT_EQ(-EINVAL, open_mailbox(self->name, RDWR | MBX_EXCL));
	EXPECT_EQ(-EINVAL, open_region(self->name, RDWR | MBX_EXCL));
}

TEST_F(name, mailbox_is_no_region)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	EXPECT_EQ(-EPROTOTYPE, open_region(self->name, RDWR));
	EXPECT_EQ(-EPROTOTYPE, open_region(self->name, CREATE, .bytes = 1));
}

TEST_F(name, region_is_no_mailbox)
{
	ASSERT_LE(0, open_region(self->name, CREATE, .bytes = 1, LAST_CLOSE));
	EXPECT_EQ(-EPROTOTYPE, open_mailbox(self->name, RDWR));
	EXPECT_EQ(-EPROTOTYPE, open_mailbox(self->name, CREATE));
}

TEST_F(name, prefix_and_extension_are_other_names)
{
	char other[NAME_SIZE + 8];

	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	snprintf(other, sizeof(other), "%s/x", self->name);
	EXPECT_EQ(-ENOENT, open_mailbox(other, RDWR));
	strcpy(other, self->name);
	other[strlen(other) - 1] = '\0';
	EXPECT_EQ(-ENOENT, open_mailbox(other, RDWR));
}

TEST_F(name, case_matters)
{
	char other[NAME_SIZE];

	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	strcpy(other, self->name);
	other[0] = 'S';
	EXPECT_EQ(-ENOENT, open_mailbox(other, RDWR));
}

TEST_F(name, is_in_the_state)
{
	int mailbox = open_mailbox(self->name, CREATE, LAST_CLOSE);

	ASSERT_LE(0, mailbox);
	EXPECT_EQ(MBX_STATE_NAMED, stat_of(mailbox).state);
	ASSERT_EQ(0, unlink_name(self->name));
	EXPECT_EQ(0, stat_of(mailbox).state);
}

TEST_F(name, unlinking_takes_it_at_once)
{
	int fd = open_mailbox(self->name, CREATE);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, unlink_name(self->name));
	EXPECT_EQ(-ENOENT, open_mailbox(self->name, RDWR));
	EXPECT_EQ(-ENOENT, unlink_name(self->name));
}

TEST_F(name, unlinked_object_goes_on_for_its_holders)
{
	int one = open_mailbox(self->name, CREATE),
	    two = open_mailbox(self->name, RDWR);

	ASSERT_LE(0, two);
	ASSERT_EQ(0, unlink_name(self->name));
	EXPECT_EQ(1, send_text(one, "hello"));
	EXPECT_STREQ("hello", next_text(two));
	EXPECT_EQ(POLLOUT, poll_now(two, POLLIN | POLLOUT));
}

TEST_F(name, can_be_used_again_after_unlinking)
{
	int one = open_mailbox(self->name, CREATE), two;

	ASSERT_LE(0, one);
	ASSERT_EQ(0, unlink_name(self->name));
	two = open_mailbox(self->name, CREATE | MBX_EXCL);
	ASSERT_LE(0, two);
	EXPECT_EQ(1, send_text(one, "old"));
	EXPECT_EQ(1, send_text(two, "new"));
	EXPECT_STREQ("old", next_text(one));
	EXPECT_STREQ("new", next_text(two));
}

TEST_F(name, can_change_kind_after_unlinking)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	ASSERT_EQ(0, unlink_name(self->name));
	EXPECT_LE(0, open_region(self->name, CREATE, .bytes = 1));
}

TEST_F(name, last_close_of_the_old_object_spares_the_new_one)
{
	int one = open_mailbox(self->name, CREATE, LAST_CLOSE);

	ASSERT_LE(0, one);
	ASSERT_EQ(0, unlink_name(self->name));
	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	EXPECT_EQ(0, close(one));
	EXPECT_LE(0, open_mailbox(self->name, RDWR));
}

TEST_F(name, unlinking_can_be_limited_to_a_kind)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	EXPECT_EQ(-EPROTOTYPE, unlink_kind(self->name, MBX_KIND_REGION));
	EXPECT_EQ(0, unlink_kind(self->name, MBX_KIND_MAILBOX));
	ASSERT_LE(0, open_region(self->name, CREATE, .bytes = 1, LAST_CLOSE));
	EXPECT_EQ(-EPROTOTYPE, unlink_kind(self->name, MBX_KIND_MAILBOX));
	EXPECT_EQ(0, unlink_kind(self->name, MBX_KIND_REGION));
}

TEST_F(name, unlinking_an_unknown_kind_is_refused)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, LAST_CLOSE));
	EXPECT_EQ(-EINVAL, unlink_kind(self->name, 3));
	EXPECT_EQ(-EINVAL, unlink_kind(self->name, 0xffffffff));
	EXPECT_EQ(0, unlink_name(self->name));
}

/* Who comes first wins, all others are told. */
#define RACERS 8

static int create_exclusively(void *arg)
{
	struct gate *start = (struct gate *)arg;
	char name[NAME_SIZE];
	int fd;

	snprintf(name, sizeof(name), "selftest/name_test/%d/race", getppid());
	gate_wait(start);
	fd = open_mailbox(name, CREATE | MBX_EXCL);
	return status_of(fd);
}

TEST_F(name, exclusive_creation_has_one_winner)
{
	pid_t racers[RACERS];
	struct gate start;
	int i, status, winners = 0;
	char name[NAME_SIZE];

	unique_name(name, "race");
	ASSERT_EQ(0, gate_init(&start));
	for (i = 0; i < RACERS; i++)
		racers[i] = spawn(create_exclusively, &start);
	for (i = 0; i < RACERS; i++)
		gate_open(&start);
	for (i = 0; i < RACERS; i++) {
		status = reap(racers[i]);
		EXPECT_TRUE(status == 0 || status == EEXIST);
		winners += status == 0;
	}
	EXPECT_EQ(1, winners);
	EXPECT_EQ(0, unlink_name(name));
}

TEST_HARNESS_MAIN
