// SPDX-License-Identifier: GPL-2.0-only
/* read() and write() on a mailbox: one message a call. */
#include "blocked.h"

#include <sys/uio.h>

FIXTURE(rw)
{
	int fd;
	char buf[32];
	struct letter letter;
};

FIXTURE_SETUP(rw)
{
	self->fd =
		open_mailbox(NULL, CREATE, .max_msgs = 4, .max_msg_size = 16);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(rw)
{
	close(self->fd);
}

TEST_F(rw, write_sends_a_message)
{
	EXPECT_EQ(5, write(self->fd, "hello", 5));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_STREQ("hello", self->letter.text);
	EXPECT_EQ(0, self->letter.msg.prio);
	EXPECT_EQ(0, self->letter.msg.tag);
}

TEST_F(rw, write_is_marked_as_such)
{
	ASSERT_EQ(1, write(self->fd, "x", 1));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_PEEK));
	EXPECT_EQ(MBX_MSG_WRITE, self->letter.msg.flags);
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(MBX_MSG_WRITE, self->letter.msg.flags);
}

TEST_F(rw, every_write_is_a_message)
{
	ASSERT_EQ(1, write(self->fd, "a", 1));
	ASSERT_EQ(1, write(self->fd, "b", 1));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
	EXPECT_STREQ("a", next_text(self->fd));
	EXPECT_STREQ("b", next_text(self->fd));
}

TEST_F(rw, write_of_nothing_sends_an_empty_message)
{
	EXPECT_EQ(0, write(self->fd, "", 0));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_STREQ("", next_text(self->fd));
}

TEST_F(rw, write_longer_than_the_largest_message_is_refused)
{
	char big[17] = "";

	EXPECT_EQ(16, write(self->fd, big, 16));
	EXPECT_EQ(-1, write(self->fd, big, 17));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(1, stat_of(self->fd).sent);
}

static bool fill(int fd)
{
	int i;

	for (i = 0; i < 4; i++)
		if (write(fd, "x", 1) != 1)
			return false;
	return true;
}

TEST_F(rw, write_to_a_full_mailbox_would_block)
{
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	ASSERT_TRUE(fill(self->fd));
	EXPECT_EQ(-1, write(self->fd, "x", 1));
	EXPECT_EQ(EAGAIN, errno);
}

static int write_child(void *arg)
{
	return status_of(result_of(write(*(int *)arg, "waited", 6)));
}

TEST_F(rw, write_waits_for_room)
{
	pid_t child;

	ASSERT_TRUE(fill(self->fd));
	child = spawn(write_child, &self->fd);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	EXPECT_STREQ("x", next_text(self->fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(4, stat_of(self->fd).msgs);
}

TEST_F(rw, read_receives_a_message)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(5, read(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ("hello", self->buf);
	EXPECT_EQ(1, stat_of(self->fd).received);
}

TEST_F(rw, read_takes_one_message_at_a_time)
{
	ASSERT_EQ(1, send_text(self->fd, "aa"));
	ASSERT_EQ(1, send_text(self->fd, "bbb"));
	EXPECT_EQ(2, read(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(3, read(self->fd, self->buf, sizeof(self->buf)));
}

TEST_F(rw, read_takes_the_highest_priority_first)
{
	ASSERT_EQ(1, send_text(self->fd, "low"));
	ASSERT_EQ(1, send_text(self->fd, "higher", .prio = 1));
	EXPECT_EQ(6, read(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(3, read(self->fd, self->buf, sizeof(self->buf)));
}

TEST_F(rw, read_of_an_empty_message_returns_zero)
{
	ASSERT_EQ(1, send_text(self->fd, ""));
	EXPECT_EQ(0, read(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

TEST_F(rw, read_with_a_short_buffer_keeps_the_message)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(-1, read(self->fd, self->buf, 4));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ('\0', self->buf[0]);
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_EQ(5, read(self->fd, self->buf, 5));
}

TEST_F(rw, read_of_an_empty_mailbox_would_block)
{
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, read(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(EAGAIN, errno);
}

static int read_child(void *arg)
{
	char buf[8];

	return read(*(int *)arg, buf, sizeof(buf)) == 5 ?
		       memcmp(buf, "hello", 5) :
		       EXIT_FAILURE;
}

TEST_F(rw, read_waits_for_a_message)
{
	pid_t child = spawn(read_child, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(0, reap(child));
}

TEST_F(rw, segments_written_are_one_message)
{
	struct iovec iov[3] = { { "he", 2 }, { "", 0 }, { "llo", 3 } };

	EXPECT_EQ(5, writev(self->fd, iov, 3));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(rw, segments_written_count_together)
{
	char big[16] = "";
	struct iovec iov[2] = { { big, 16 }, { big, 1 } };

	EXPECT_EQ(-1, writev(self->fd, iov, 2));
	EXPECT_EQ(EMSGSIZE, errno);
}

TEST_F(rw, one_message_is_read_into_segments)
{
	struct iovec iov[2] = { { self->buf, 2 }, { self->buf + 10, 5 } };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, send_text(self->fd, "next"));
	EXPECT_EQ(5, readv(self->fd, iov, 2));
	EXPECT_EQ(0, memcmp(self->buf, "he", 3));
	EXPECT_EQ(0, memcmp(self->buf + 10, "llo", 4));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

TEST_F(rw, segments_that_are_too_short_keep_the_message)
{
	struct iovec iov[2] = { { self->buf, 2 }, { self->buf + 10, 2 } };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(-1, readv(self->fd, iov, 2));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

TEST_F(rw, segment_at_a_bad_address_keeps_the_message)
{
	struct iovec iov[2] = { { self->buf, 2 }, { (void *)8, 3 } };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(-1, readv(self->fd, iov, 2));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(rw, segment_at_a_bad_address_sends_nothing)
{
	struct iovec iov[2] = { { "he", 2 }, { (void *)8, 3 } };

	EXPECT_EQ(-1, writev(self->fd, iov, 2));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, stat_of(self->fd).sent);
}

TEST_F(rw, reading_needs_the_right_to_read)
{
	int fd = open_mailbox(NULL, MBX_CREATE | MBX_WRITE);

	ASSERT_EQ(1, write(fd, "x", 1));
	EXPECT_EQ(-1, read(fd, self->buf, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(1, stat_of(fd).msgs);
}

TEST_F(rw, writing_needs_the_right_to_write)
{
	int fd = open_mailbox(NULL, MBX_CREATE | MBX_READ);

	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(0, stat_of(fd).msgs);
}

TEST_F(rw, there_are_no_positions)
{
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_CUR));
	EXPECT_EQ(ESPIPE, errno);
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(-1, pread(self->fd, self->buf, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->fd, "x", 1, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, self->buf, 1, MBX_MAILBOX_OFFSET - 1));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->fd, "x", 1, MBX_MAILBOX_OFFSET - 1));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

TEST_F(rw, there_are_no_positions_for_vectors)
{
	struct iovec iov = { self->buf, 1 };

	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(-1, preadv(self->fd, &iov, 1, 1));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwritev(self->fd, &iov, 1, MBX_MAILBOX_OFFSET - 1));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

/* They can't be told from those without a position. */
TEST_F(rw, vectors_at_the_beginning_are_as_without_a_position)
{
	struct iovec iov = { "x", 1 };

	ASSERT_EQ(1, pwritev(self->fd, &iov, 1, 0));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_PEEK));
	EXPECT_EQ(MBX_MSG_WRITE, self->letter.msg.flags);
	iov.iov_base = self->buf;
	EXPECT_EQ(1, preadv(self->fd, &iov, 1, 0));
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

TEST_F(rw, write_to_the_mailbox_is_not_marked)
{
	struct iovec iov[2] = { { "hel", 3 }, { "lo", 2 } };

	EXPECT_EQ(5, pwrite(self->fd, "hello", 5, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(5, pwritev(self->fd, iov, 2, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(0, pwrite(self->fd, "", 0, MBX_MAILBOX_OFFSET));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(1, take_now(self->fd, &self->letter));
		EXPECT_EQ(0, self->letter.msg.flags);
		EXPECT_EQ(0, self->letter.msg.prio);
		EXPECT_EQ(getpid(), self->letter.msg.pid);
		EXPECT_STREQ(i < 2 ? "hello" : "", self->letter.text);
	}
}

TEST_F(rw, read_of_the_mailbox_receives_a_message)
{
	struct iovec iov = { self->buf, sizeof(self->buf) };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, send_text(self->fd, "again"));
	EXPECT_EQ(-1, pread(self->fd, self->buf, 4, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(5, pread(self->fd, self->buf, sizeof(self->buf),
			   MBX_MAILBOX_OFFSET));
	EXPECT_STREQ("hello", self->buf);
	EXPECT_EQ(5, preadv(self->fd, &iov, 1, MBX_MAILBOX_OFFSET));
	EXPECT_STREQ("again", self->buf);
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, pread(self->fd, self->buf, 4, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(rw, writing_to_the_mailbox_what_it_cannot_take_fails)
{
	void *volatile nowhere = (void *)8;
	char big[17] = "";

	EXPECT_EQ(-1, pwrite(self->fd, big, 17, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(EMSGSIZE, errno);
	EXPECT_EQ(-1, pwrite(self->fd, nowhere, 8, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

/* A region has no messages. */
TEST_F(rw, there_is_no_such_position_in_a_region)
{
	int fd = open_region(NULL, CREATE, .bytes = 4096);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pread(fd, self->buf, 8, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(fd, self->buf, 8, MBX_MAILBOX_OFFSET));
	EXPECT_EQ(ESPIPE, errno);
	close(fd);
}

/* As in: echo hello >&$fd; read line <&$fd */
TEST_F(rw, a_shell_can_use_it)
{
	char command[64];

	ASSERT_EQ(0, fcntl(self->fd, F_SETFD, 0));
	snprintf(command, sizeof(command), "echo hello >&%d", self->fd);
	ASSERT_EQ(0, system(command));
	EXPECT_STREQ("hello\n", next_text(self->fd));
}

TEST_HARNESS_MAIN
