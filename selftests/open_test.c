// SPDX-License-Identifier: GPL-2.0-only
/* Opening: flags, attributes and their defaults, and what it returns. */
#include "mailbox.h"
#include "process.h"
#include "region.h"

#include <sys/resource.h>
#include <sys/stat.h>

FIXTURE(opening)
{
	char name[NAME_SIZE];
	char file_max[32];
};

FIXTURE_SETUP(opening)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
}

FIXTURE_TEARDOWN(opening)
{
	unlink_name(self->name);
	if (self->file_max[0])
		write_file("/proc/sys/fs/file-max", self->file_max);
}

TEST_F(opening, mailbox_needs_a_right)
{
	EXPECT_EQ(-EINVAL, open_mailbox(NULL, MBX_CREATE));
	EXPECT_EQ(-EINVAL, open_mailbox(self->name, MBX_CREATE));
}

TEST_F(opening, region_needs_the_right_to_read)
{
	EXPECT_EQ(-EINVAL, open_region(NULL, MBX_CREATE, .bytes = 1));
	EXPECT_EQ(-EINVAL,
		  open_region(NULL, MBX_CREATE | MBX_WRITE, .bytes = 1));
	EXPECT_EQ(-EINVAL,
		  open_region(self->name, MBX_CREATE | MBX_WRITE, .bytes = 1));
}

TEST_F(opening, descriptor_is_close_on_exec)
{
	EXPECT_EQ(FD_CLOEXEC, fcntl(open_mailbox(NULL, CREATE), F_GETFD));
	EXPECT_EQ(FD_CLOEXEC,
		  fcntl(open_region(NULL, CREATE, .bytes = 1), F_GETFD));
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	EXPECT_EQ(FD_CLOEXEC, fcntl(open_mailbox(self->name, RDWR), F_GETFD));
}

TEST_F(opening, descriptor_blocks_by_default)
{
	EXPECT_EQ(0, fcntl(open_mailbox(NULL, CREATE), F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, fcntl(open_region(NULL, CREATE, .bytes = 1), F_GETFL) &
			     O_NONBLOCK);
}

TEST_F(opening, nonblock_is_set_on_request)
{
	EXPECT_NE(0, fcntl(open_mailbox(NULL, CREATE | MBX_NONBLOCK), F_GETFL) &
			     O_NONBLOCK);
	EXPECT_NE(0, fcntl(open_region(NULL, CREATE | MBX_NONBLOCK, .bytes = 1),
			   F_GETFL) &
			     O_NONBLOCK);
}

TEST_F(opening, descriptor_shows_its_rights)
{
	__u32 flags = MBX_CREATE;

	EXPECT_EQ(O_RDONLY,
		  fcntl(open_mailbox(NULL, flags | MBX_READ), F_GETFL) &
			  O_ACCMODE);
	EXPECT_EQ(O_WRONLY,
		  fcntl(open_mailbox(NULL, flags | MBX_WRITE), F_GETFL) &
			  O_ACCMODE);
	EXPECT_EQ(O_RDWR,
		  fcntl(open_mailbox(NULL, flags | RDWR), F_GETFL) & O_ACCMODE);
}

TEST_F(opening, mailbox_has_the_documented_defaults)
{
	struct mbx_mailbox_stat st = stat_of(open_mailbox(NULL, CREATE));

	EXPECT_EQ(MBX_DEFAULT_MSGS, st.max_msgs);
	EXPECT_EQ(MBX_DEFAULT_BYTES, st.max_bytes);
	EXPECT_EQ(MBX_DEFAULT_MSG_SIZE, st.max_msg_size);
	EXPECT_EQ(MBX_DEFAULT_MODE, st.mode);
	EXPECT_EQ(MBX_OVERFLOW_BLOCK, st.overflow);
	EXPECT_EQ(MBX_LIFE_LAST_CLOSE, st.lifetime);
}

TEST_F(opening, default_bytes_grow_with_the_message_size)
{
	struct mbx_mailbox_stat st;

	st = stat_of(open_mailbox(NULL, CREATE,
				  .max_msg_size = MBX_DEFAULT_BYTES + 1));
	EXPECT_EQ(MBX_DEFAULT_BYTES + 1, st.max_bytes);
	EXPECT_EQ(MBX_DEFAULT_BYTES + 1, st.max_msg_size);
}

TEST_F(opening, default_message_size_shrinks_with_the_bytes)
{
	struct mbx_mailbox_stat st =
		stat_of(open_mailbox(NULL, CREATE, .max_bytes = 100));

	EXPECT_EQ(100, st.max_bytes);
	EXPECT_EQ(100, st.max_msg_size);
}

TEST_F(opening, largest_attributes_are_accepted)
{
	struct mbx_mailbox_stat st;

	st = stat_of(open_mailbox(NULL, CREATE, .max_msgs = MBX_MSGS_MAX,
				  .max_msg_size = MBX_MSG_SIZE_MAX,
				  .max_bytes = MBX_BYTES_MAX));
	EXPECT_EQ(MBX_MSGS_MAX, st.max_msgs);
	EXPECT_EQ(MBX_MSG_SIZE_MAX, st.max_msg_size);
	EXPECT_EQ(MBX_BYTES_MAX, st.max_bytes);
}

TEST_F(opening, smallest_attributes_are_accepted)
{
	struct mbx_mailbox_stat st;

	st = stat_of(open_mailbox(NULL, CREATE, .max_msgs = 1,
				  .max_msg_size = 1, .max_bytes = 1));
	EXPECT_EQ(1, st.max_msgs);
	EXPECT_EQ(1, st.max_msg_size);
	EXPECT_EQ(1, st.max_bytes);
}

TEST_F(opening, too_large_attributes_are_refused)
{
	static const struct mbx_mailbox_open bad[] = {
		{ .max_msgs = MBX_MSGS_MAX + 1 },
		{ .max_msgs = 0x80000000 },
		{ .max_msgs = 0xffffffff },
		{ .max_msg_size = MBX_MSG_SIZE_MAX + 1 },
		{ .max_msg_size = 0x80000000 },
		{ .max_msg_size = 0xffffffff },
		{ .max_bytes = MBX_BYTES_MAX + 1 },
		{ .max_bytes = 1ULL << 63 },
		{ .max_bytes = ~0ULL },
		{ .max_bytes = 9, .max_msg_size = 10 },
		{ .lifetime = MBX_LIFE_OWNER + 1 },
		{ .lifetime = 0xffffffff },
		{ .overflow = MBX_OVERFLOW_DROP_OLDEST + 1 },
		{ .overflow = 0xffffffff },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, do_open_mailbox(NULL, CREATE, bad[i]))
		TH_LOG("%zu", i);
		EXPECT_EQ(-EINVAL, do_open_mailbox(self->name, CREATE, bad[i]))
		TH_LOG("%zu", i);
	}
	EXPECT_EQ(-ENOENT, open_mailbox(self->name, RDWR));
}

TEST_F(opening, bad_attributes_are_refused_for_an_existing_mailbox_too)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	EXPECT_EQ(-EINVAL,
		  open_mailbox(self->name, RDWR, .max_msgs = MBX_MSGS_MAX + 1));
	EXPECT_EQ(-EINVAL, open_mailbox(self->name, RDWR, .mode = 01000));
	EXPECT_EQ(-EINVAL, open_mailbox(self->name, RDWR, .lifetime = 4));
	EXPECT_EQ(-EINVAL, open_mailbox(self->name, RDWR, .overflow = 3));
}

TEST_F(opening, attributes_of_an_existing_mailbox_stay)
{
	int fd;

	ASSERT_LE(0, open_mailbox(self->name, CREATE, .max_msgs = 7,
				  .mode = 0640));
	fd = open_mailbox(self->name, CREATE, .max_msgs = 8, .mode = 0666,
			  .max_bytes = 99, .lifetime = MBX_LIFE_OWNER,
			  .overflow = MBX_OVERFLOW_REJECT);
	ASSERT_LE(0, fd);
	EXPECT_EQ(7, stat_of(fd).max_msgs);
	EXPECT_EQ(MBX_DEFAULT_BYTES, stat_of(fd).max_bytes);
	EXPECT_EQ(0640, stat_of(fd).mode);
	EXPECT_EQ(MBX_OVERFLOW_BLOCK, stat_of(fd).overflow);
	EXPECT_EQ(MBX_LIFE_PERSIST, stat_of(fd).lifetime);
}

TEST_F(opening, modes_beyond_the_permission_bits_are_refused)
{
	int bit;

	for (bit = 9; bit < 32; bit++) {
		EXPECT_EQ(-EINVAL,
			  open_mailbox(NULL, CREATE, .mode = 1U << bit));
		EXPECT_EQ(-EINVAL, open_region(NULL, CREATE, .bytes = 1,
					       .mode = 1U << bit));
	}
}

TEST_F(opening, mode_is_what_was_asked_for)
{
	umask(0);
	EXPECT_EQ(0777, stat_of(open_mailbox(NULL, CREATE, .mode = 0777)).mode);
	EXPECT_EQ(0004,
		  region_stat(open_region(NULL, CREATE, .bytes = 1, .mode = 4))
			  .mode);
}

TEST_F(opening, umask_takes_bits_away)
{
	umask(027);
	EXPECT_EQ(0750, stat_of(open_mailbox(NULL, CREATE, .mode = 0777)).mode);
	EXPECT_EQ(0750, region_stat(open_region(NULL, CREATE, .bytes = 1,
						.mode = 0777))
				.mode);
	umask(0200);
	EXPECT_EQ(0400, stat_of(open_mailbox(NULL, CREATE)).mode);
}

TEST_F(opening, anonymous_object_cannot_persist)
{
	EXPECT_EQ(-EINVAL,
		  open_mailbox(NULL, CREATE, .lifetime = MBX_LIFE_PERSIST));
	EXPECT_EQ(-EINVAL, open_region(NULL, CREATE, .bytes = 1,
				       .lifetime = MBX_LIFE_PERSIST));
}

TEST_F(opening, stat_is_for_every_descriptor)
{
	EXPECT_EQ(MBX_DEFAULT_MSGS,
		  stat_of(open_mailbox(NULL, MBX_CREATE | MBX_READ)).max_msgs);
	EXPECT_EQ(MBX_DEFAULT_MSGS,
		  stat_of(open_mailbox(NULL, MBX_CREATE | MBX_WRITE)).max_msgs);
	EXPECT_EQ(5, region_stat(open_region(NULL, MBX_CREATE | MBX_READ,
					     .bytes = 5))
			     .bytes);
}

TEST_F(opening, receiving_needs_the_right_to_read)
{
	int fd = open_mailbox(NULL, MBX_CREATE | MBX_WRITE);
	struct letter letter;

	ASSERT_EQ(1, send_text(fd, "hello"));
	EXPECT_EQ(-EBADF, take_now(fd, &letter));
	EXPECT_EQ(-EBADF, take(fd, &letter, .flags = MBX_RECV_PEEK));
	EXPECT_EQ(1, stat_of(fd).msgs);
}

TEST_F(opening, sending_needs_the_right_to_write)
{
	int fd = open_mailbox(NULL, MBX_CREATE | MBX_READ);

	EXPECT_EQ(-EBADF, send_text(fd, "hello"));
	EXPECT_EQ(0, stat_of(fd).msgs);
}

TEST_F(opening, notifying_needs_the_right_to_write)
{
	EXPECT_EQ(-EBADF,
		  notify(open_region(NULL, MBX_CREATE | MBX_READ, .bytes = 1),
			 1));
}

TEST_F(opening, table_of_descriptors_can_be_full)
{
	struct rlimit few = { .rlim_cur = 3, .rlim_max = 3 };
	__u64 used = info().used_objects;
	char *name = self->name;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &few));
	EXPECT_EQ(-EMFILE, open_mailbox(name, CREATE));
	EXPECT_EQ(-EMFILE, open_region(name, CREATE, .bytes = 1));
	EXPECT_EQ(-ENOENT, unlink_name(name));
	EXPECT_EQ(used, info().used_objects);
}

struct poor {
	char *name;
	struct gate start;
};

static int open_without_files(void *arg)
{
	struct poor *poor = arg;
	int mailbox, region;

	gate_wait(&poor->start);
	mailbox = open_mailbox(poor->name, CREATE);
	region = open_region(poor->name, CREATE, .bytes = 1);
	return mailbox == region ? status_of(mailbox) : EXIT_FAILURE;
}

TEST_F(opening, table_of_files_can_be_full)
{
	struct poor poor = { .name = self->name };
	pid_t alice;

	ASSERT_EQ(0, gate_init(&poor.start));
	ASSERT_EQ(0, read_file("/proc/sys/fs/file-max", self->file_max,
			       sizeof(self->file_max)));
	alice = spawn_as(ALICE, open_without_files, &poor);
	ASSERT_EQ(0, write_file("/proc/sys/fs/file-max", "0"));
	gate_open(&poor.start);
	EXPECT_EQ(ENFILE, reap(alice));
	EXPECT_EQ(0, write_file("/proc/sys/fs/file-max", self->file_max));
	EXPECT_EQ(-ENOENT, unlink_name(self->name));
}

TEST_F(opening, lseek_makes_no_sense)
{
	EXPECT_EQ(-1, lseek(open_mailbox(NULL, CREATE), 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1,
		  lseek(open_region(NULL, CREATE, .bytes = 1), 0, SEEK_END));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_HARNESS_MAIN
