// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: the life of regions and of their handles. */
#include "lib_test.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define REGION_BYTES 10000 /* not a whole number of pages */
#define SLOTS 4

FIXTURE(region)
{
	char name[NAME_SIZE];
	struct mbx_region *r;
};

FIXTURE_SETUP(region)
{
	unique_name(self->name, "region");
	ASSERT_EQ(0, mbx_region_open(&self->r, self->name, CREATE | MBX_EXCL,
				     REGION_BYTES,
				     MBX_REGION_OPTS(.slots = SLOTS)));
}

FIXTURE_TEARDOWN(region)
{
	mbx_region_close(self->r);
	mbx_unlink(self->name);
}

TEST_F(region, of_another_size_is_not_there)
{
	struct mbx_region *other = (void *)77;

	EXPECT_EQ(-EINVAL, mbx_region_open(&other, self->name, RDWR,
					   REGION_BYTES + 1, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_region_open(&other, self->name, RDWR, 0,
				  MBX_REGION_OPTS(.slots = SLOTS + 1)));
	EXPECT_EQ((void *)77, other);
}

TEST_F(region, that_exists_is_not_created_exclusively)
{
	struct mbx_region *other;

	EXPECT_EQ(-EEXIST,
		  mbx_region_open(&other, self->name, CREATE | MBX_EXCL,
				  REGION_BYTES, NULL));
}

TEST_F(region, without_name_or_size_or_right_is_refused)
{
	struct mbx_region *other;

	EXPECT_EQ(-ENOENT,
		  mbx_region_open(&other, "lib/none", MBX_READ, 0, NULL));
	EXPECT_EQ(-EINVAL, mbx_region_open(&other, NULL, CREATE, 0, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_region_open(&other, self->name, MBX_WRITE, 0, NULL));
	EXPECT_EQ(-EINVAL, mbx_region_open(&other, self->name, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, mbx_region_open(&other, "a//b", MBX_READ, 0, NULL));
}

TEST_F(region, larger_than_allowed_is_refused)
{
	struct mbx_region *other;
	struct mbx_info limits;

	ASSERT_EQ(0, mbx_get_info(&limits));
	EXPECT_EQ(-ENOSPC,
		  mbx_region_open(&other, NULL, CREATE, SIZE_MAX, NULL));
	EXPECT_EQ(-ENOSPC, mbx_region_open(&other, NULL, CREATE,
					   limits.region_max_bytes + 1, NULL));
}

TEST_F(region, with_malformed_options_is_refused)
{
	struct {
		struct mbx_region_opts known;
		uint64_t later;
	} opts = { .known.size = sizeof(opts), .later = 1 };
	struct mbx_region *other;

	EXPECT_EQ(-E2BIG,
		  mbx_region_open(&other, NULL, CREATE, 1, &opts.known));
	EXPECT_EQ(-EINVAL,
		  mbx_region_open(&other, NULL, CREATE, 1,
				  MBX_REGION_OPTS(.slots = MBX_SLOTS_MAX + 1)));
	EXPECT_EQ(-EINVAL, mbx_region_open(&other, NULL, CREATE, 1,
					   MBX_REGION_OPTS(.mode = 01000)));
	EXPECT_EQ(-EINVAL, mbx_region_open(&other, NULL, CREATE, 1,
					   MBX_REGION_OPTS(.lifetime = 9)));
	opts.later = 0;
	EXPECT_EQ(0, mbx_region_open(&other, NULL, CREATE, 1, &opts.known));
	mbx_region_close(other);
}

TEST_F(region, is_not_made_of_another_descriptor)
{
	int stranger = open_stranger(), mailbox = mbx_open(NULL, CREATE);
	struct mbx_region *other = (void *)77;

	EXPECT_EQ(-EBADF, mbx_region_from_fd(&other, -1));
	EXPECT_EQ(-ENOTTY, mbx_region_from_fd(&other, stranger));
	EXPECT_EQ(-EPROTOTYPE, mbx_region_from_fd(&other, mailbox));
	EXPECT_EQ((void *)77, other);
	/* They are the caller's still. */
	EXPECT_EQ(0, close(stranger));
	EXPECT_EQ(0, close(mailbox));
}

static int write_byte(void *data)
{
	*(volatile char *)data = 1;
	return 0;
}

TEST_F(region, opened_for_reading_can_not_be_written)
{
	struct mbx_region *reader;

	ASSERT_EQ(0, mbx_region_open(&reader, self->name, MBX_READ, 0, NULL));
	EXPECT_EQ(0, mbx_region_writable(reader));
	EXPECT_EQ(KILLED_BY(SIGSEGV), run(write_byte, mbx_region_data(reader)));
	EXPECT_EQ(-EACCES, result_of(mprotect(mbx_region_data(reader), 1,
					      PROT_READ | PROT_WRITE)));
	EXPECT_EQ(-EBADF, mbx_region_notify(reader, 0));
	mbx_region_close(reader);
}

TEST_F(region, of_a_dead_owner_can_not_be_opened)
{
	struct mbx_region *owner, *other;
	char name[NAME_SIZE];

	unique_name(name, "owner");
	ASSERT_EQ(0,
		  mbx_region_open(&owner, name, CREATE, 1,
				  MBX_REGION_OPTS(.lifetime = MBX_LIFE_OWNER)));
	ASSERT_EQ(0, mbx_region_open(&other, name, RDWR, 0, NULL));
	*(char *)mbx_region_data(owner) = 'x';
	mbx_region_close(owner);
	EXPECT_EQ(POLLHUP, poll_wait(mbx_region_fd(other), 0) & POLLHUP);
	EXPECT_EQ('x', *(char *)mbx_region_data(other));
	EXPECT_EQ(-ENOENT, mbx_region_open(&owner, name, MBX_READ, 0, NULL));
	EXPECT_EQ(-EOWNERDEAD, mbx_region_wait(other, 0, 0, 0, 0, NULL));
	mbx_region_close(other);
}

TEST_F(region, is_described_by_its_handle)
{
	EXPECT_EQ(REGION_BYTES, mbx_region_size(self->r));
	EXPECT_EQ(SLOTS, mbx_region_slots(self->r));
	EXPECT_EQ(1, mbx_region_writable(self->r));
	EXPECT_TRUE(is_cloexec(mbx_region_fd(self->r)));
}

TEST_F(region, is_zero_and_writable_up_to_its_last_byte)
{
	char *data = mbx_region_data(self->r);

	EXPECT_EQ(0, data[0]);
	EXPECT_EQ(0, data[REGION_BYTES - 1]);
	memset(data, 'x', REGION_BYTES);
}

TEST_F(region, opened_twice_is_the_same_memory)
{
	struct mbx_region *reader;

	ASSERT_EQ(0,
		  mbx_region_open(&reader, self->name, MBX_READ, REGION_BYTES,
				  MBX_REGION_OPTS(.slots = SLOTS)));
	EXPECT_EQ(REGION_BYTES, mbx_region_size(reader));
	strcpy(mbx_region_data(self->r), "hello");
	EXPECT_STREQ("hello", mbx_region_data(reader));
	EXPECT_EQ(0, mbx_region_notify(self->r, 2));
	EXPECT_EQ(1, mbx_region_seq(reader, 2));
	mbx_region_close(reader);
}

TEST_F(region, closed_leaves_neither_descriptor_nor_mapping)
{
	struct mbx_region *other;
	void *data;
	int fd;

	ASSERT_EQ(0, mbx_region_open(&other, self->name, RDWR, 0, NULL));
	fd = mbx_region_fd(other);
	data = mbx_region_data(other);
	mbx_region_close(other);
	EXPECT_EQ(-1, fcntl(fd, F_GETFD));
	EXPECT_EQ(-ENOMEM, result_of(msync(data, 1, MS_ASYNC)));
}

static int send_region(struct mbx_region *region, int socks[2])
{
	int ret = result_of(socketpair(AF_UNIX, SOCK_STREAM, 0, socks));

	return ret < 0 ? ret : pass_fd(socks[0], mbx_region_fd(region));
}

TEST_F(region, is_made_of_a_descriptor_that_was_passed)
{
	struct mbx_region *passed;
	int socks[2], fd;

	ASSERT_LE(0, send_region(self->r, socks));
	fd = receive_fd(socks[1]);
	fcntl(fd, F_SETFD, 0);
	ASSERT_EQ(0, mbx_region_from_fd(&passed, fd));
	EXPECT_EQ(fd, mbx_region_fd(passed));
	EXPECT_TRUE(is_cloexec(fd));
	EXPECT_EQ(1, mbx_region_writable(passed));
	EXPECT_EQ(REGION_BYTES, mbx_region_size(passed));
	strcpy(mbx_region_data(passed), "passed");
	EXPECT_STREQ("passed", mbx_region_data(self->r));
	mbx_region_close(passed);
}

TEST_F(region, passed_for_reading_is_read_only)
{
	struct mbx_region *reader, *passed;
	int socks[2];

	ASSERT_EQ(0, mbx_region_open(&reader, self->name, MBX_READ, 0, NULL));
	ASSERT_LE(0, send_region(reader, socks));
	ASSERT_EQ(0, mbx_region_from_fd(&passed, receive_fd(socks[1])));
	EXPECT_EQ(0, mbx_region_writable(passed));
	EXPECT_EQ(KILLED_BY(SIGSEGV), run(write_byte, mbx_region_data(passed)));
	mbx_region_close(passed);
	mbx_region_close(reader);
}

static int use_in_child(void *region)
{
	strcpy(mbx_region_data(region), "child");
	return status_of(mbx_region_notify(region, 0));
}

TEST_F(region, handle_works_in_a_child)
{
	EXPECT_EQ(0, run(use_in_child, self->r));
	EXPECT_STREQ("child", mbx_region_data(self->r));
	EXPECT_EQ(1, mbx_region_seq(self->r, 0));
}

TEST_F(region, attributes_are_in_the_stat)
{
	struct mbx_region *other;
	struct mbx_region_stat stat;

	umask(0);
	ASSERT_EQ(0, mbx_region_open(&other, NULL, CREATE, 5,
				     MBX_REGION_OPTS(.mode = 0640,
						     .slots = MBX_SLOTS_MAX)));
	EXPECT_EQ(0, mbx_region_get_stat(other, &stat));
	EXPECT_EQ(sizeof(stat), stat.size);
	EXPECT_EQ(0640, stat.mode);
	EXPECT_EQ(MBX_LIFE_LAST_CLOSE, stat.lifetime);
	EXPECT_EQ(MBX_SLOTS_MAX, stat.slots);
	EXPECT_EQ(5, stat.bytes);
	mbx_region_close(other);
}

TEST_F(region, stat_of_a_later_program_is_zero_where_unknown)
{
	struct {
		struct mbx_region_stat known;
		uint64_t later;
	} stat;

	memset(&stat, 0xff, sizeof(stat));
	EXPECT_EQ(0, mbx_region_get_stat_sized(self->r, &stat.known,
					       sizeof(stat)));
	EXPECT_EQ(REGION_BYTES, stat.known.bytes);
	EXPECT_EQ(0, stat.later);
	EXPECT_EQ(-EINVAL, mbx_region_get_stat_sized(self->r, &stat.known,
						     REGION_STAT_FIRST - 8));
}

TEST_HARNESS_MAIN
