// SPDX-License-Identifier: GPL-2.0-only
/*
 * The library on the module: a descriptor of something else, as a program has that
 * mixes its numbers up, is neither written to nor read from.
 */
#include "lib_test.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define CONTENT "precious"
#define LENGTH 8

FIXTURE(stranger)
{
	int fd, peer;
	char buf[64];
};

FIXTURE_SETUP(stranger)
{
	self->fd = -1;
	self->peer = -1;
}

FIXTURE_TEARDOWN(stranger)
{
	close(self->fd);
	close(self->peer);
}

#define EXPECT_NOT_USED()                                                    \
	do {                                                                 \
		errno = UNTOUCHED;                                           \
		EXPECT_EQ(-ENOTTY, mbx_send(self->fd, "harmful", 7));        \
		EXPECT_EQ(-ENOTTY, mbx_send(self->fd, "", 0));               \
		EXPECT_EQ(-ENOTTY, mbx_send(self->fd, self->buf, SIZE_MAX)); \
		EXPECT_EQ(-ENOTTY,                                           \
			  mbx_recv(self->fd, self->buf, sizeof(self->buf))); \
		EXPECT_EQ(-ENOTTY, mbx_recv(self->fd, NULL, 0));             \
		EXPECT_EQ(-ENOTTY, mbx_recv(self->fd, self->buf, SIZE_MAX)); \
		EXPECT_EQ(UNTOUCHED, errno);                                 \
		EXPECT_EQ('\0', self->buf[0]);                               \
	} while (0)

static bool is_as_before(int fd)
{
	char text[16];

	return lseek(fd, 0, SEEK_CUR) == LENGTH &&
	       lseek(fd, 0, SEEK_END) == LENGTH &&
	       pread(fd, text, sizeof(text), 0) == LENGTH &&
	       !memcmp(text, CONTENT, LENGTH);
}

TEST_F(stranger, a_file_stays_as_it_is)
{
	self->fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(LENGTH, write(self->fd, CONTENT, LENGTH));
	EXPECT_NOT_USED();
	EXPECT_TRUE(is_as_before(self->fd));
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_APPEND));
	EXPECT_NOT_USED();
	EXPECT_EQ(LENGTH, lseek(self->fd, 0, SEEK_END));
}

TEST_F(stranger, a_file_in_memory_stays_as_it_is)
{
	self->fd = memfd_create("stranger", MFD_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(LENGTH, write(self->fd, CONTENT, LENGTH));
	EXPECT_NOT_USED();
	EXPECT_TRUE(is_as_before(self->fd));
}

TEST_F(stranger, a_pipe_stays_as_it_is)
{
	int ends[2];

	ASSERT_EQ(0, pipe2(ends, O_NONBLOCK));
	self->fd = ends[0];
	self->peer = ends[1];
	ASSERT_EQ(LENGTH, write(ends[1], CONTENT, LENGTH));
	EXPECT_NOT_USED();
	self->fd = ends[1];
	EXPECT_NOT_USED();
	self->fd = ends[0];
	EXPECT_EQ(LENGTH, read(ends[0], self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, memcmp(self->buf, CONTENT, LENGTH));
}

TEST_F(stranger, a_socket_stays_as_it_is)
{
	int ends[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends));
	self->fd = ends[0];
	self->peer = ends[1];
	ASSERT_EQ(LENGTH, write(ends[1], CONTENT, LENGTH));
	EXPECT_NOT_USED();
	EXPECT_EQ(LENGTH, read(ends[0], self->buf, sizeof(self->buf)));
	EXPECT_EQ(-1, read(ends[1], self->buf, sizeof(self->buf)));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(stranger, a_counter_stays_as_it_is)
{
	__u64 eight = 8, count = 0;

	self->fd = eventfd(5, EFD_NONBLOCK);
	ASSERT_LE(0, self->fd);
	EXPECT_NOT_USED();
	EXPECT_EQ(-ENOTTY, mbx_send(self->fd, &eight, sizeof(eight)));
	EXPECT_EQ(-ENOTTY, mbx_recv(self->fd, &count, sizeof(count)));
	ASSERT_EQ(8, read(self->fd, &count, sizeof(count)));
	EXPECT_EQ(5, count);
}

TEST_F(stranger, a_directory_stays_as_it_is)
{
	self->fd = open("/tmp", O_RDONLY | O_DIRECTORY);
	ASSERT_LE(0, self->fd);
	EXPECT_NOT_USED();
}

/* There a position is an address, and nothing is at this one. */
TEST_F(stranger, memory_of_a_process_stays_as_it_is)
{
	self->fd = open("/proc/self/mem", O_RDWR);
	ASSERT_LE(0, self->fd);
	EXPECT_NOT_USED();
}

/* To read or write that moves nothing, and is no error. */
TEST_F(stranger, memory_of_a_process_that_is_gone_is_no_mailbox)
{
	pid_t child = spawn(sleep_forever, NULL);
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", child);
	self->fd = open(path, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_NOT_USED();
}

TEST_F(stranger, a_device_stays_as_it_is)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero",
					       "/dev/full", "/dev/kmsg" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		self->fd = open(devices[i], O_RDWR | O_NONBLOCK);
		ASSERT_LE(0, self->fd) TH_LOG("%s", devices[i]);
		EXPECT_EQ(-ENOTTY, mbx_send(self->fd, "harmful", 7))
		TH_LOG("%s", devices[i]);
		EXPECT_EQ(-ENOTTY, mbx_recv(self->fd, self->buf, 64))
		TH_LOG("%s", devices[i]);
		EXPECT_EQ('\0', self->buf[0]);
		close(self->fd);
	}
	self->fd = -1;
}

TEST_F(stranger, the_device_of_mbx_is_no_mailbox)
{
	self->fd = open(MBX_DEVICE, O_RDWR);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(-EPROTOTYPE, mbx_send(self->fd, "harmful", 7));
	EXPECT_EQ(-EPROTOTYPE, mbx_recv(self->fd, self->buf, 64));
}

TEST_F(stranger, a_region_is_no_mailbox)
{
	struct mbx_region *region;

	ASSERT_EQ(0, mbx_region_open(&region, NULL, CREATE, 4096, NULL));
	EXPECT_EQ(-EPROTOTYPE, mbx_send(mbx_region_fd(region), "harmful", 7));
	EXPECT_EQ(-EPROTOTYPE, mbx_recv(mbx_region_fd(region), self->buf, 64));
	EXPECT_EQ(0, *(char *)mbx_region_data(region));
	mbx_region_close(region);
}

/* Writers to such a file do not mind positions; the kernel does before. */
TEST_F(stranger, a_setting_stays_as_it_is)
{
	char text[32], path[] = "/proc/self/timerslack_ns";

	self->fd = open(path, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, read_file(path, text, sizeof(text)));
	EXPECT_EQ(-ENOTTY, mbx_send(self->fd, "12345", 5));
	EXPECT_EQ(-ENOTTY, mbx_recv(self->fd, self->buf, 64));
	ASSERT_EQ(0, read_file(path, self->buf, sizeof(self->buf)));
	EXPECT_STREQ(text, self->buf);
}

TEST_HARNESS_MAIN
