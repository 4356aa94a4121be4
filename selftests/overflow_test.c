// SPDX-License-Identifier: GPL-2.0-only
/* Full mailboxes: waiting, rejecting, dropping; who goes first. */
#include "blocked.h"

/* The default: senders wait. */
FIXTURE(block)
{
	int fd;
	struct letter letter;
};

FIXTURE_SETUP(block)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 2, .max_bytes = 10);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(block)
{
	close(self->fd);
}

TEST_F(block, messages_fill_it)
{
	EXPECT_EQ(1, send_text(self->fd, ""));
	EXPECT_EQ(1, send_text(self->fd, ""));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, ""));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

TEST_F(block, bytes_fill_it)
{
	EXPECT_EQ(1, send_text(self->fd, "1234567"));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "1234"));
	EXPECT_EQ(1, send_text(self->fd, "123"));
	EXPECT_EQ(10, stat_of(self->fd).bytes);
}

TEST_F(block, receiving_makes_room)
{
	ASSERT_EQ(1, send_text(self->fd, "1234567"));
	ASSERT_EQ(1, send_text(self->fd, "123"));
	EXPECT_STREQ("1234567", next_text(self->fd));
	EXPECT_EQ(1, send_text(self->fd, "7654321"));
}

TEST_F(block, refusals_are_counted)
{
	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "x"));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "y"));
	EXPECT_EQ(2, stat_of(self->fd).rejected);
	EXPECT_EQ(1, stat_of(self->fd).sent);
}

TEST_F(block, nonblocking_descriptor_does_not_wait)
{
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(1, send_waiting(self->fd, "1234567890"));
	EXPECT_EQ(-EAGAIN, send_waiting(self->fd, "x"));
}

TEST_F(block, sender_waits_for_room)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	child = spawn_sender(self->fd);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_STREQ("1234567890", next_text(self->fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, stat_of(self->fd).waiting_senders);
	EXPECT_STREQ("blocked", next_text(self->fd));
}

TEST_F(block, peeking_makes_no_room)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	child = spawn_sender(self->fd);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	EXPECT_STREQ("1234567890", peek_text(self->fd));
	EXPECT_EQ(1, stat_of(self->fd).waiting_senders);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(block, killed_sender_leaves_nothing)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	child = spawn_sender(self->fd);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(0, stat_of(self->fd).waiting_senders);
	EXPECT_STREQ("1234567890", next_text(self->fd));
	EXPECT_STREQ("EAGAIN", next_text(self->fd));
}

/* Senders with texts of their own, which they send in a known order. */
struct text_sender {
	int fd;
	const char *text;
	__u32 prio;
};

static int send_own_text(void *arg)
{
	struct text_sender *s = arg;

	return status_of(send_waiting(s->fd, s->text, .prio = s->prio));
}

static pid_t queue_sender(int fd, const char *text, __u32 prio)
{
	struct text_sender s = { fd, text, prio };
	__u32 before = stat_of(fd).waiting_senders;
	pid_t child = spawn(send_own_text, &s);

	return senders_wait(fd, before + 1) ? child : -1;
}

TEST_F(block, senders_are_let_in_one_by_one)
{
	pid_t first, second;

	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	first = queue_sender(self->fd, "sixsix", 0);
	second = queue_sender(self->fd, "fives", 0);
	ASSERT_LT(0, second);
	EXPECT_STREQ("1234567890", next_text(self->fd));
	EXPECT_EQ(0, reap(first));
	EXPECT_EQ(1, stat_of(self->fd).waiting_senders);
	EXPECT_STREQ("sixsix", next_text(self->fd));
	EXPECT_EQ(0, reap(second));
	EXPECT_STREQ("fives", next_text(self->fd));
}

TEST_F(block, several_senders_are_let_in_at_once_if_they_fit)
{
	pid_t first, second;

	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	first = queue_sender(self->fd, "five1", 0);
	second = queue_sender(self->fd, "five2", 0);
	ASSERT_LT(0, second);
	EXPECT_STREQ("1234567890", next_text(self->fd));
	EXPECT_EQ(0, reap(first));
	EXPECT_EQ(0, reap(second));
	EXPECT_STREQ("five1", next_text(self->fd));
	EXPECT_STREQ("five2", next_text(self->fd));
}

#define CROWD 40

TEST_F(block, crowd_of_senders_is_let_in_if_they_fit)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = CROWD,
			      .max_bytes = 1000),
	    i;
	struct text_sender s = { fd, "crowd", 0 };
	pid_t children[CROWD];
	char big[1000] = "";

	ASSERT_EQ(1, send_bytes(fd, big, sizeof(big), 0));
	for (i = 0; i < CROWD; i++)
		children[i] = spawn(send_own_text, &s);
	ASSERT_TRUE(senders_wait(fd, CROWD));
	EXPECT_EQ(1000, read(fd, big, sizeof(big)));
	for (i = 0; i < CROWD; i++)
		EXPECT_EQ(0, reap(children[i]));
	EXPECT_EQ(CROWD, stat_of(fd).msgs);
	EXPECT_EQ(0, stat_of(fd).waiting_senders);
}

TEST_F(block, waiting_sender_is_not_overtaken_by_a_smaller_message)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "1234567"));
	child = queue_sender(self->fd, "1234", 0);
	ASSERT_LT(0, child);
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "x"));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, ""));
	EXPECT_STREQ("1234567", next_text(self->fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_STREQ("1234", next_text(self->fd));
}

TEST_F(block, waiting_sender_is_not_overtaken_by_a_higher_priority)
{
	pid_t first, second;

	ASSERT_EQ(1, send_text(self->fd, "1234567"));
	first = queue_sender(self->fd, "low low", 0);
	second = queue_sender(self->fd, "hi", 31);
	ASSERT_LT(0, second);
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "x", .prio = 31));
	EXPECT_STREQ("1234567", next_text(self->fd));
	EXPECT_EQ(0, reap(first));
	EXPECT_EQ(0, reap(second));
	/* Once in, the priority counts. */
	EXPECT_STREQ("hi", next_text(self->fd));
	EXPECT_STREQ("low low", next_text(self->fd));
}

TEST_F(block, killed_first_sender_lets_the_next_in)
{
	pid_t first, second;

	ASSERT_EQ(1, send_text(self->fd, "1234567"));
	first = queue_sender(self->fd, "1234", 0);
	second = queue_sender(self->fd, "123", 0);
	ASSERT_LT(0, second);
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(first));
	EXPECT_EQ(0, reap(second));
	EXPECT_STREQ("1234567", next_text(self->fd));
	EXPECT_STREQ("123", next_text(self->fd));
}

static int send_until_deadline(void *arg)
{
	struct text_sender *s = arg;
	struct mbx_message msg = { .data = (uintptr_t)s->text,
				   .len = strlen(s->text) };

	return status_of(send_array(
		s->fd, &msg, 1, .deadline_ns = now_ns() + 500 * NSEC_PER_MSEC));
}

TEST_F(block, first_sender_that_times_out_lets_the_next_in)
{
	struct text_sender s = { self->fd, "1234", 0 };
	pid_t first, second;

	ASSERT_EQ(1, send_text(self->fd, "1234567"));
	first = spawn(send_until_deadline, &s);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	s.text = "123";
	second = spawn(send_own_text, &s);
	EXPECT_EQ(ETIMEDOUT, reap(first));
	EXPECT_EQ(0, reap(second));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

static int receive_tag_five(void *arg)
{
	struct letter letter;

	return status_of(
		take(*(int *)arg, &letter, .flags = MBX_RECV_BY_TAG, .tag = 5));
}

TEST_F(block, receiver_that_waits_is_served_although_it_is_full)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	child = spawn(receive_tag_five, &self->fd);
	ASSERT_TRUE(receivers_wait(self->fd, 1));
	EXPECT_EQ(1, send_text(self->fd, "x", .tag = 5));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

/* Senders are refused. */
FIXTURE(reject)
{
	int fd;
};

FIXTURE_SETUP(reject)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 2, .max_bytes = 10,
				.overflow = MBX_OVERFLOW_REJECT);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(reject)
{
	close(self->fd);
}

TEST_F(reject, does_so_at_once_even_if_the_sender_could_wait)
{
	ASSERT_EQ(1, send_waiting(self->fd, "1234567890"));
	EXPECT_EQ(-EAGAIN, send_waiting(self->fd, "x"));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "x"));
	EXPECT_EQ(2, stat_of(self->fd).rejected);
	EXPECT_STREQ("1234567890", next_text(self->fd));
}

TEST_F(reject, does_so_for_write_too)
{
	ASSERT_EQ(1, send_waiting(self->fd, "1234567890"));
	EXPECT_EQ(-1, write(self->fd, "x", 1));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(reject, does_so_although_the_deadline_is_far)
{
	struct mbx_message msg = { .len = 1, .data = (uintptr_t) "x" };

	ASSERT_EQ(1, send_waiting(self->fd, "1234567890"));
	EXPECT_EQ(-EAGAIN,
		  send_array(self->fd, &msg, 1,
			     .deadline_ns = now_ns() + 60 * NSEC_PER_SEC));
}

TEST_F(reject, is_over_when_there_is_room)
{
	ASSERT_EQ(1, send_waiting(self->fd, "1234567890"));
	ASSERT_EQ(-EAGAIN, send_waiting(self->fd, "x"));
	EXPECT_STREQ("1234567890", next_text(self->fd));
	EXPECT_EQ(1, send_waiting(self->fd, "x"));
}

/* What is queued makes room. */
FIXTURE(drop)
{
	int fd;
};

FIXTURE_SETUP(drop)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 3, .max_bytes = 10,
				.overflow = MBX_OVERFLOW_DROP_OLDEST);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(drop)
{
	close(self->fd);
}

TEST_F(drop, oldest_goes_first)
{
	ASSERT_EQ(1, send_text(self->fd, "a"));
	ASSERT_EQ(1, send_text(self->fd, "b"));
	ASSERT_EQ(1, send_text(self->fd, "c"));
	EXPECT_EQ(1, send_text(self->fd, "d"));
	EXPECT_STREQ("b", next_text(self->fd));
	EXPECT_STREQ("c", next_text(self->fd));
	EXPECT_STREQ("d", next_text(self->fd));
}

TEST_F(drop, lowest_priority_goes_first)
{
	ASSERT_EQ(1, send_text(self->fd, "high", .prio = 5));
	ASSERT_EQ(1, send_text(self->fd, "low", .prio = 1));
	ASSERT_EQ(1, send_text(self->fd, "mid", .prio = 3));
	EXPECT_EQ(1, send_text(self->fd, "", .prio = 31));
	EXPECT_STREQ("", next_text(self->fd));
	EXPECT_STREQ("high", next_text(self->fd));
	EXPECT_STREQ("mid", next_text(self->fd));
	EXPECT_STREQ("EAGAIN", next_text(self->fd));
}

TEST_F(drop, is_counted)
{
	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	ASSERT_EQ(1, send_text(self->fd, "1234567890"));
	EXPECT_EQ(2, stat_of(self->fd).dropped);
	EXPECT_EQ(3, stat_of(self->fd).sent);
	EXPECT_EQ(0, stat_of(self->fd).rejected);
	EXPECT_TRUE(counters_add_up(self->fd));
}

TEST_F(drop, several_go_for_a_large_one)
{
	ASSERT_EQ(1, send_text(self->fd, "aaa"));
	ASSERT_EQ(1, send_text(self->fd, "bbb"));
	ASSERT_EQ(1, send_text(self->fd, "ccc"));
	EXPECT_EQ(1, send_text(self->fd, "1234567"));
	EXPECT_EQ(2, stat_of(self->fd).dropped);
	EXPECT_STREQ("ccc", next_text(self->fd));
	EXPECT_STREQ("1234567", next_text(self->fd));
}

TEST_F(drop, no_more_go_than_have_to)
{
	ASSERT_EQ(1, send_text(self->fd, "aaa"));
	ASSERT_EQ(1, send_text(self->fd, "bbbbbbb"));
	EXPECT_EQ(1, send_text(self->fd, "c"));
	EXPECT_EQ(1, stat_of(self->fd).dropped);
	EXPECT_STREQ("bbbbbbb", next_text(self->fd));
}

TEST_F(drop, higher_priority_is_never_dropped_for_a_lower_one)
{
	ASSERT_EQ(1, send_text(self->fd, "1234567890", .prio = 2));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "x", .prio = 1));
	EXPECT_EQ(-EAGAIN, send_waiting(self->fd, "x", .prio = 1));
	EXPECT_EQ(0, stat_of(self->fd).dropped);
	EXPECT_EQ(2, stat_of(self->fd).rejected);
	EXPECT_STREQ("1234567890", next_text(self->fd));
}

TEST_F(drop, same_priority_is_dropped)
{
	ASSERT_EQ(1, send_text(self->fd, "1234567890", .prio = 2));
	EXPECT_EQ(1, send_text(self->fd, "x", .prio = 2));
	EXPECT_STREQ("x", next_text(self->fd));
}

TEST_F(drop, nothing_is_dropped_if_it_would_not_help)
{
	ASSERT_EQ(1, send_text(self->fd, "low", .prio = 0));
	ASSERT_EQ(1, send_text(self->fd, "high", .prio = 9));
	EXPECT_EQ(-EAGAIN, send_text(self->fd, "1234567", .prio = 5));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
	EXPECT_EQ(0, stat_of(self->fd).dropped);
	EXPECT_STREQ("high", next_text(self->fd));
	EXPECT_STREQ("low", next_text(self->fd));
}

TEST_F(drop, nothing_is_dropped_while_there_is_room)
{
	ASSERT_EQ(1, send_text(self->fd, "a"));
	ASSERT_EQ(1, send_text(self->fd, "b"));
	ASSERT_EQ(1, send_text(self->fd, "c"));
	EXPECT_EQ(0, stat_of(self->fd).dropped);
	EXPECT_EQ(3, stat_of(self->fd).msgs);
}

TEST_HARNESS_MAIN
