// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: sending and receiving one message. */
#include "lib_test.h"

FIXTURE(message)
{
	int fd;
	char buf[64];
	struct mbx_message info;
};

FIXTURE_SETUP(message)
{
	self->fd = mbx_mailbox_open(NULL, CREATE,
				    MBX_MAILBOX_OPTS(.max_msgs = 2,
						     .max_msg_size = 16));
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(message)
{
	close(self->fd);
}

TEST_F(message, too_large_for_the_buffer_stays_and_tells_its_length)
{
	ASSERT_EQ(0, mbx_send_with(self->fd, "hello", 5,
				   MBX_SEND_OPTS(.prio = 3, .tag = 4)));
	EXPECT_EQ(-EMSGSIZE,
		  mbx_recv_with(self->fd, self->buf, 4, NULL, &self->info));
	EXPECT_EQ(5, self->info.len);
	EXPECT_EQ(3, self->info.prio);
	EXPECT_EQ(4, self->info.tag);
	EXPECT_EQ(-EMSGSIZE, mbx_recv(self->fd, self->buf, 0));
	EXPECT_EQ(5, mbx_recv(self->fd, self->buf, 5));
}

TEST_F(message, for_memory_that_is_not_there_stays)
{
	ASSERT_EQ(0, mbx_send(self->fd, "hello", 5));
	EXPECT_EQ(-EFAULT, mbx_recv(self->fd, (void *)8, 64));
	EXPECT_EQ(5, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
}

TEST_F(message, from_memory_that_is_not_there_is_not_sent)
{
	EXPECT_EQ(-EFAULT, mbx_send(self->fd, (void *)8, 4));
	EXPECT_EQ(0, mailbox_stat(self->fd).msgs);
}

TEST_F(message, larger_than_the_mailbox_allows_is_refused)
{
	EXPECT_EQ(-EMSGSIZE, mbx_send(self->fd, self->buf, 17));
	EXPECT_EQ(-EMSGSIZE, mbx_send(self->fd, self->buf, UINT32_MAX));
	EXPECT_EQ(-EMSGSIZE, mbx_send(self->fd, self->buf, (1ULL << 32) + 1));
	EXPECT_EQ(-EMSGSIZE, mbx_send(self->fd, self->buf, SIZE_MAX));
	EXPECT_EQ(0, mailbox_stat(self->fd).msgs);
}

TEST_F(message, on_what_is_no_mailbox_is_refused)
{
	int stranger = open_stranger();
	struct mbx_region *region;

	ASSERT_EQ(0, mbx_region_open(&region, NULL, CREATE, 1, NULL));
	EXPECT_EQ(-EBADF, mbx_send(-1, "", 0));
	EXPECT_EQ(-EBADF, mbx_recv(-1, self->buf, 1));
	EXPECT_EQ(-ENOTTY, mbx_send(stranger, "", 0));
	EXPECT_EQ(-ENOTTY, mbx_recv(stranger, self->buf, 1));
	EXPECT_EQ(-EPROTOTYPE, mbx_send(mbx_region_fd(region), "", 0));
	EXPECT_EQ(-EPROTOTYPE, mbx_recv(mbx_region_fd(region), self->buf, 1));
	mbx_region_close(region);
	close(stranger);
}

TEST_F(message, without_the_right_is_refused)
{
	char name[NAME_SIZE];
	int reader, writer;

	unique_name(name, "rights");
	reader = mbx_open(name, MBX_CREATE | MBX_READ);
	writer = mbx_open(name, MBX_WRITE);
	ASSERT_LE(0, reader);
	ASSERT_LE(0, writer);
	EXPECT_EQ(-EBADF, mbx_send(reader, "", 0));
	EXPECT_EQ(-EBADF, mbx_recv(writer, self->buf, 1));
	EXPECT_EQ(0, mbx_send(writer, "", 0));
	EXPECT_EQ(0, mbx_recv(reader, self->buf, 1));
	mbx_unlink(name);
	close(reader);
	close(writer);
}

TEST_F(message, with_malformed_options_is_refused)
{
	EXPECT_EQ(-EINVAL,
		  mbx_send_with(self->fd, "", 0, MBX_SEND_OPTS(.prio = 32)));
	EXPECT_EQ(-EINVAL, mbx_send_with(self->fd, "", 0,
					 MBX_SEND_OPTS(.flags = 1U << 31)));
	EXPECT_EQ(-EINVAL,
		  mbx_send_with(self->fd, "", 0, MBX_SEND_OPTS(.reserved = 1)));
	EXPECT_EQ(-EINVAL,
		  mbx_recv_with(self->fd, self->buf, 1,
				MBX_RECV_OPTS(.flags = 1U << 31), NULL));
	EXPECT_EQ(-EINVAL, mbx_recv_with(self->fd, self->buf, 1,
					 MBX_RECV_OPTS(.tag = 1), NULL));
	EXPECT_EQ(-EINVAL, mbx_recv_with(self->fd, self->buf, 1,
					 MBX_RECV_OPTS(.pid = 1), NULL));
	EXPECT_EQ(-EINVAL, mbx_recv_with(self->fd, self->buf, 1,
					 MBX_RECV_OPTS(.min_prio = 1), NULL));
	EXPECT_EQ(0, mailbox_stat(self->fd).msgs);
}

TEST_F(message, with_options_of_a_later_program_is_refused_unless_zero)
{
	struct {
		struct mbx_send_opts known;
		uint64_t later;
	} how = { .known.size = sizeof(how), .later = 1 };
	struct {
		struct mbx_recv_opts known;
		uint64_t later;
	} what = { .known.size = sizeof(what), .later = 1 };

	EXPECT_EQ(-E2BIG, mbx_send_with(self->fd, "", 0, &how.known));
	EXPECT_EQ(-E2BIG,
		  mbx_recv_with(self->fd, self->buf, 1, &what.known, NULL));
	how.later = 0;
	what.later = 0;
	EXPECT_EQ(0, mbx_send_with(self->fd, "", 0, &how.known));
	EXPECT_EQ(0, mbx_recv_with(self->fd, self->buf, 1, &what.known, NULL));
}

TEST_F(message, to_a_full_mailbox_is_not_waited_for_if_not_wanted)
{
	ASSERT_EQ(0, mbx_send(self->fd, "1", 1));
	ASSERT_EQ(0, mbx_send(self->fd, "2", 1));
	EXPECT_EQ(-EAGAIN,
		  mbx_send_with(self->fd, "3", 1,
				MBX_SEND_OPTS(.flags = MBX_SEND_NONBLOCK)));
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_send_with(self->fd, "3", 1,
				MBX_SEND_OPTS(.deadline_ns = PAST)));
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_send_with(self->fd, "3", 1,
				MBX_SEND_OPTS(.deadline_ns =
						      mbx_deadline_ms(1))));
	EXPECT_EQ(2, mailbox_stat(self->fd).msgs);
}

TEST_F(message, that_is_not_there_is_not_waited_for_if_not_wanted)
{
	uint64_t soon;

	EXPECT_EQ(-EAGAIN,
		  mbx_recv_with(self->fd, self->buf, 1,
				MBX_RECV_OPTS(.flags = MBX_RECV_NONBLOCK),
				NULL));
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_recv_with(self->fd, self->buf, 1,
				MBX_RECV_OPTS(.deadline_ns = PAST), NULL));
	soon = mbx_deadline_ms(1);
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_recv_with(self->fd, self->buf, 1,
				MBX_RECV_OPTS(.deadline_ns = soon), NULL));
	set_nonblock(self->fd);
	EXPECT_EQ(-EAGAIN, mbx_recv(self->fd, self->buf, 1));
}

TEST_F(message, with_a_past_deadline_needs_no_wait)
{
	EXPECT_EQ(0, mbx_send_with(self->fd, "1", 1,
				   MBX_SEND_OPTS(.deadline_ns = PAST)));
	EXPECT_EQ(1, mbx_recv_with(self->fd, self->buf, 1,
				   MBX_RECV_OPTS(.deadline_ns = PAST), NULL));
}

static int receive(void *fd)
{
	char byte;

	return status_of(mbx_recv(*(int *)fd, &byte, 1));
}

static void on_signal(int sig)
{
}

static int receive_until_signal(void *fd)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	return receive(fd);
}

TEST_F(message, wait_ends_with_a_signal)
{
	pid_t pid = spawn(receive_until_signal, &self->fd);

	ASSERT_SOON(mailbox_stat(self->fd).waiting_receivers == 1);
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, reap(pid));
}

TEST_F(message, wait_ends_when_the_owner_dies)
{
	char name[NAME_SIZE];
	int owner, fd;
	pid_t pid;

	unique_name(name, "owner");
	owner = mbx_mailbox_open(name, CREATE,
				 MBX_MAILBOX_OPTS(.lifetime = MBX_LIFE_OWNER));
	ASSERT_LE(0, owner);
	fd = mbx_open(name, RDWR);
	ASSERT_LE(0, fd);
	/* The child must not hold the owner's open file. */
	pid = fork();
	if (!pid) {
		close(owner);
		_exit(receive(&fd));
	}
	ASSERT_SOON(mailbox_stat(fd).waiting_receivers == 1);
	close(owner);
	EXPECT_EQ(EOWNERDEAD, reap(pid));
	EXPECT_EQ(-EOWNERDEAD, mbx_send(fd, "", 0));
	EXPECT_EQ(-EOWNERDEAD, mbx_recv(fd, self->buf, 1));
	close(fd);
}

TEST_F(message, wakes_who_waits_for_it)
{
	pid_t pid = spawn(receive, &self->fd);

	ASSERT_SOON(mailbox_stat(self->fd).waiting_receivers == 1);
	EXPECT_EQ(0, mbx_send(self->fd, "1", 1));
	EXPECT_EQ(0, reap(pid));
	EXPECT_EQ(0, mailbox_stat(self->fd).msgs);
}

TEST_F(message, comes_as_it_was_sent)
{
	EXPECT_EQ(0, mbx_send(self->fd, "a\0b\n", 4));
	EXPECT_EQ(4, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, memcmp("a\0b\n", self->buf, 4));
}

TEST_F(message, can_be_empty)
{
	EXPECT_EQ(0, mbx_send(self->fd, NULL, 0));
	EXPECT_EQ(0, mbx_recv(self->fd, NULL, 0));
}

TEST_F(message, can_go_into_a_buffer_of_any_capacity)
{
	EXPECT_EQ(0, mbx_send(self->fd, "1", 1));
	EXPECT_EQ(1, mbx_recv(self->fd, self->buf, SIZE_MAX));
}

TEST_F(message, of_higher_priority_comes_first)
{
	EXPECT_EQ(0, mbx_send(self->fd, "low", 3));
	EXPECT_EQ(0, mbx_send_with(self->fd, "high", 4,
				   MBX_SEND_OPTS(.prio = MBX_PRIO_MAX)));
	EXPECT_EQ(4, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(3, mbx_recv(self->fd, self->buf, sizeof(self->buf)));
}

TEST_F(message, tells_who_sent_it_and_when)
{
	uint64_t before = now_ns();

	EXPECT_EQ(0,
		  mbx_send_with(self->fd, "1", 1,
				MBX_SEND_OPTS(.prio = 3, .tag = 1ULL << 63)));
	EXPECT_EQ(1, mbx_recv_with(self->fd, self->buf, 8, NULL, &self->info));
	EXPECT_EQ((uintptr_t)self->buf, self->info.data);
	EXPECT_EQ(8, self->info.capacity);
	EXPECT_EQ(1, self->info.len);
	EXPECT_EQ(3, self->info.prio);
	EXPECT_EQ(1ULL << 63, self->info.tag);
	EXPECT_EQ(getpid(), self->info.pid);
	EXPECT_EQ(geteuid(), self->info.uid);
	EXPECT_EQ(getegid(), self->info.gid);
	EXPECT_EQ(1, self->info.deliveries);
	EXPECT_EQ(0, self->info.flags);
	EXPECT_LE(before, self->info.time_ns);
	EXPECT_GE(now_ns(), self->info.time_ns);
}

TEST_F(message, written_says_so)
{
	EXPECT_EQ(1, write(self->fd, "1", 1));
	EXPECT_EQ(1, mbx_recv_with(self->fd, self->buf, 8, NULL, &self->info));
	EXPECT_EQ(MBX_MSG_WRITE, self->info.flags);
}

TEST_F(message, peeked_at_stays)
{
	EXPECT_EQ(0, mbx_send(self->fd, "1", 1));
	EXPECT_EQ(1, mbx_recv_with(self->fd, self->buf, 1,
				   MBX_RECV_OPTS(.flags = MBX_RECV_PEEK),
				   &self->info));
	EXPECT_EQ(0, self->info.deliveries);
	EXPECT_EQ(1, mailbox_stat(self->fd).msgs);
}

TEST_F(message, can_be_selected)
{
	const struct mbx_recv_opts *by_tag =
		MBX_RECV_OPTS(.flags = MBX_RECV_BY_TAG | MBX_RECV_NONBLOCK,
			      .tag = 7);
	const struct mbx_recv_opts *by_prio =
		MBX_RECV_OPTS(.flags = MBX_RECV_BY_PRIO | MBX_RECV_NONBLOCK,
			      .min_prio = 2);
	const struct mbx_recv_opts *by_pid =
		MBX_RECV_OPTS(.flags = MBX_RECV_BY_PID | MBX_RECV_NONBLOCK,
			      .pid = getpid());

	ASSERT_EQ(0, mbx_send(self->fd, "other", 5));
	EXPECT_EQ(-EAGAIN,
		  mbx_recv_with(self->fd, self->buf, 64, by_tag, NULL));
	EXPECT_EQ(-EAGAIN,
		  mbx_recv_with(self->fd, self->buf, 64, by_prio, NULL));
	ASSERT_EQ(0,
		  mbx_send_with(self->fd, "tag", 3, MBX_SEND_OPTS(.tag = 7)));
	EXPECT_EQ(3, mbx_recv_with(self->fd, self->buf, 64, by_tag, NULL));
	ASSERT_EQ(0,
		  mbx_send_with(self->fd, "prio", 4, MBX_SEND_OPTS(.prio = 2)));
	EXPECT_EQ(4, mbx_recv_with(self->fd, self->buf, 64, by_prio, NULL));
	EXPECT_EQ(5, mbx_recv_with(self->fd, self->buf, 64, by_pid, NULL));
}

TEST_F(message, counts_are_in_the_stat)
{
	struct mbx_mailbox_stat stat;

	ASSERT_EQ(0, mbx_send(self->fd, "12", 2));
	ASSERT_EQ(0, mbx_send(self->fd, "345", 3));
	ASSERT_EQ(2, mbx_recv(self->fd, self->buf, 64));
	EXPECT_EQ(0, mbx_mailbox_get_stat(self->fd, &stat));
	EXPECT_EQ(2, stat.sent);
	EXPECT_EQ(1, stat.received);
	EXPECT_EQ(1, stat.msgs);
	EXPECT_EQ(3, stat.bytes);
}

TEST_F(message, counts_of_what_is_no_mailbox_are_refused)
{
	int stranger = open_stranger();
	struct mbx_mailbox_stat stat;

	EXPECT_EQ(-EBADF, mbx_mailbox_get_stat(-1, &stat));
	EXPECT_EQ(-ENOTTY, mbx_mailbox_get_stat(stranger, &stat));
	EXPECT_EQ(-EINVAL, mbx_mailbox_get_stat_sized(self->fd, &stat,
						      MAILBOX_STAT_FIRST - 8));
	close(stranger);
}

TEST_HARNESS_MAIN
