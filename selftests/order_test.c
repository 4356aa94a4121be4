// SPDX-License-Identifier: GPL-2.0-only
/* The order of messages; choosing among them; looking without taking. */
#include "blocked.h"

#define NOW MBX_RECV_NONBLOCK
#define PEEK (MBX_RECV_NONBLOCK | MBX_RECV_PEEK)
#define BY_PRIO (MBX_RECV_NONBLOCK | MBX_RECV_BY_PRIO)
#define BY_TAG (MBX_RECV_NONBLOCK | MBX_RECV_BY_TAG)
#define BY_PID (MBX_RECV_NONBLOCK | MBX_RECV_BY_PID)

FIXTURE(order)
{
	int fd;
	struct letter letter;
};

FIXTURE_SETUP(order)
{
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(order)
{
	close(self->fd);
}

TEST_F(order, first_in_first_out_within_a_priority)
{
	ASSERT_EQ(1, send_text(self->fd, "a", .prio = 4));
	ASSERT_EQ(1, send_text(self->fd, "b", .prio = 4));
	ASSERT_EQ(1, send_text(self->fd, "c", .prio = 4));
	EXPECT_STREQ("a", next_text(self->fd));
	EXPECT_STREQ("b", next_text(self->fd));
	EXPECT_STREQ("c", next_text(self->fd));
}

TEST_F(order, higher_priority_comes_first)
{
	ASSERT_EQ(1, send_text(self->fd, "low", .prio = 0));
	ASSERT_EQ(1, send_text(self->fd, "high", .prio = 31));
	ASSERT_EQ(1, send_text(self->fd, "middle", .prio = 15));
	EXPECT_STREQ("high", next_text(self->fd));
	EXPECT_STREQ("middle", next_text(self->fd));
	EXPECT_STREQ("low", next_text(self->fd));
}

TEST_F(order, every_priority_has_its_place)
{
	__u32 i, prio;

	/* 7 and 32 have no common factor: all priorities, mixed up, twice. */
	for (i = 0; i < 64; i++)
		ASSERT_EQ(1, send_text(self->fd, "x", .prio = i * 7 % 32,
				       .tag = i));
	for (prio = 31; prio < 32; prio--) {
		__u64 first;

		ASSERT_EQ(1, take_now(self->fd, &self->letter));
		EXPECT_EQ(prio, self->letter.msg.prio);
		first = self->letter.msg.tag;
		ASSERT_EQ(1, take_now(self->fd, &self->letter));
		EXPECT_EQ(prio, self->letter.msg.prio);
		EXPECT_EQ(first + 32, self->letter.msg.tag);
	}
}

TEST_F(order, urgent_message_overtakes_what_is_queued)
{
	ASSERT_EQ(1, send_text(self->fd, "a", .prio = 1));
	ASSERT_EQ(1, send_text(self->fd, "b", .prio = 1));
	EXPECT_STREQ("a", next_text(self->fd));
	ASSERT_EQ(1, send_text(self->fd, "urgent", .prio = 2));
	EXPECT_STREQ("urgent", next_text(self->fd));
	EXPECT_STREQ("b", next_text(self->fd));
}

TEST_F(order, peeking_leaves_the_message)
{
	ASSERT_EQ(1, send_text(self->fd, "a"));
	EXPECT_STREQ("a", peek_text(self->fd));
	EXPECT_STREQ("a", peek_text(self->fd));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_STREQ("a", next_text(self->fd));
}

TEST_F(order, peeking_shows_what_comes_next)
{
	ASSERT_EQ(1, send_text(self->fd, "low"));
	ASSERT_EQ(1, send_text(self->fd, "high", .prio = 9));
	EXPECT_STREQ("high", peek_text(self->fd));
	EXPECT_STREQ("high", next_text(self->fd));
}

TEST_F(order, peeking_counts_as_no_delivery)
{
	ASSERT_EQ(1, send_text(self->fd, "a"));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = PEEK));
	EXPECT_EQ(0, self->letter.msg.deliveries);
	EXPECT_EQ(0, stat_of(self->fd).received);
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(1, self->letter.msg.deliveries);
}

TEST_F(order, peeking_tells_all_of_a_message)
{
	struct letter peeked;

	ASSERT_EQ(1, send_text(self->fd, "a", .prio = 3, .tag = 4));
	ASSERT_EQ(1, take(self->fd, &peeked, .flags = PEEK));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(self->letter.msg.len, peeked.msg.len);
	EXPECT_EQ(self->letter.msg.tag, peeked.msg.tag);
	EXPECT_EQ(self->letter.msg.prio, peeked.msg.prio);
	EXPECT_EQ(self->letter.msg.seq, peeked.msg.seq);
	EXPECT_EQ(self->letter.msg.time_ns, peeked.msg.time_ns);
	EXPECT_EQ(self->letter.msg.pid, peeked.msg.pid);
}

TEST_F(order, peeking_with_a_short_buffer_tells_the_length)
{
	struct mbx_message msg = { .capacity = 0 };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(-EMSGSIZE, recv_array(self->fd, &msg, 1, .flags = PEEK));
	EXPECT_EQ(5, msg.len);
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

static int peek_child(void *arg)
{
	struct letter letter;

	return status_of(take(*(int *)arg, &letter, .flags = MBX_RECV_PEEK));
}

TEST_F(order, peeking_waits_for_a_message_and_leaves_it)
{
	pid_t child = spawn(peek_child, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "a"));
	EXPECT_EQ(0, reap(child));
	EXPECT_STREQ("a", next_text(self->fd));
}

TEST_F(order, peeking_at_several_shows_them_in_order)
{
	char text[3][8] = { "" };
	struct mbx_message m[3];
	int i;

	for (i = 0; i < 3; i++)
		m[i] = (struct mbx_message){ .data = (uintptr_t)text[i],
					     .capacity = 7 };
	ASSERT_EQ(1, send_text(self->fd, "c", .prio = 1));
	ASSERT_EQ(1, send_text(self->fd, "a", .prio = 2));
	ASSERT_EQ(1, send_text(self->fd, "b", .prio = 2));
	EXPECT_EQ(3, recv_array(self->fd, m, 3, .flags = PEEK));
	EXPECT_STREQ("a", text[0]);
	EXPECT_STREQ("b", text[1]);
	EXPECT_STREQ("c", text[2]);
	EXPECT_EQ(3, stat_of(self->fd).msgs);
}

TEST_F(order, peeking_at_several_respects_the_selection)
{
	struct mbx_message m[3] = { { .capacity = 0 },
				    { .capacity = 0 },
				    { .capacity = 0 } };

	ASSERT_EQ(1, send_text(self->fd, "", .tag = 1));
	ASSERT_EQ(1, send_text(self->fd, "", .tag = 2));
	ASSERT_EQ(1, send_text(self->fd, "", .tag = 1, .prio = 5));
	EXPECT_EQ(2, recv_array(self->fd, m, 3, .flags = PEEK | MBX_RECV_BY_TAG,
				.tag = 1));
	EXPECT_EQ(5, m[0].prio);
	EXPECT_EQ(0, m[1].prio);
	EXPECT_EQ(1, m[1].tag);
}

TEST_F(order, tag_selects)
{
	ASSERT_EQ(1, send_text(self->fd, "a", .tag = 1, .prio = 9));
	ASSERT_EQ(1, send_text(self->fd, "b", .tag = 2));
	ASSERT_EQ(1, send_text(self->fd, "c", .tag = 2));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = BY_TAG, .tag = 2));
	EXPECT_STREQ("b", self->letter.text);
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = BY_TAG, .tag = 2));
	EXPECT_STREQ("c", self->letter.text);
	EXPECT_EQ(-EAGAIN,
		  take(self->fd, &self->letter, .flags = BY_TAG, .tag = 2));
	EXPECT_STREQ("a", next_text(self->fd));
}

TEST_F(order, tag_zero_can_be_selected)
{
	ASSERT_EQ(1, send_text(self->fd, "a", .tag = 1));
	ASSERT_EQ(1, send_text(self->fd, "b"));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = BY_TAG, .tag = 0));
	EXPECT_STREQ("b", self->letter.text);
}

TEST_F(order, tag_counts_with_all_its_bits)
{
	ASSERT_EQ(1, send_text(self->fd, "a", .tag = 1ULL << 32));
	EXPECT_EQ(-EAGAIN,
		  take(self->fd, &self->letter, .flags = BY_TAG, .tag = 0));
	EXPECT_EQ(1, take(self->fd, &self->letter, .flags = BY_TAG,
			  .tag = 1ULL << 32));
}

TEST_F(order, tag_selects_by_priority_first)
{
	ASSERT_EQ(1, send_text(self->fd, "low", .tag = 1));
	ASSERT_EQ(1, send_text(self->fd, "high", .tag = 1, .prio = 1));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = BY_TAG, .tag = 1));
	EXPECT_STREQ("high", self->letter.text);
}

TEST_F(order, minimum_priority_selects)
{
	ASSERT_EQ(1, send_text(self->fd, "low", .prio = 4));
	EXPECT_EQ(-EAGAIN, take(self->fd, &self->letter, .flags = BY_PRIO,
				.min_prio = 5));
	ASSERT_EQ(1, send_text(self->fd, "high", .prio = 5));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = BY_PRIO,
			  .min_prio = 5));
	EXPECT_STREQ("high", self->letter.text);
	EXPECT_STREQ("low", next_text(self->fd));
}

TEST_F(order, minimum_priority_zero_selects_all)
{
	ASSERT_EQ(1, send_text(self->fd, "low"));
	EXPECT_EQ(1, take(self->fd, &self->letter, .flags = BY_PRIO,
			  .min_prio = 0));
}

TEST_F(order, sender_selects)
{
	ASSERT_EQ(1, send_text(self->fd, "mine"));
	EXPECT_EQ(-EAGAIN, take(self->fd, &self->letter, .flags = BY_PID,
				.pid = getppid()));
	EXPECT_EQ(1, take(self->fd, &self->letter, .flags = BY_PID,
			  .pid = getpid()));
}

TEST_F(order, selections_hold_together)
{
	ASSERT_EQ(1, send_text(self->fd, "tag", .tag = 1, .prio = 1));
	ASSERT_EQ(1, send_text(self->fd, "prio", .tag = 2, .prio = 5));
	ASSERT_EQ(1, send_text(self->fd, "both", .tag = 1, .prio = 5));
	ASSERT_EQ(1, take(self->fd, &self->letter,
			  .flags = BY_TAG | BY_PRIO | BY_PID, .tag = 1,
			  .min_prio = 5, .pid = getpid()));
	EXPECT_STREQ("both", self->letter.text);
	EXPECT_EQ(-EAGAIN,
		  take(self->fd, &self->letter, .flags = BY_TAG | BY_PRIO,
		       .tag = 1, .min_prio = 5));
}

TEST_F(order, selection_leaves_the_others_in_order)
{
	ASSERT_EQ(1, send_text(self->fd, "a"));
	ASSERT_EQ(1, send_text(self->fd, "b", .tag = 1));
	ASSERT_EQ(1, send_text(self->fd, "c"));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = BY_TAG, .tag = 1));
	EXPECT_STREQ("a", next_text(self->fd));
	EXPECT_STREQ("c", next_text(self->fd));
}

TEST_F(order, selecting_by_a_priority_beyond_31_is_refused)
{
	EXPECT_EQ(-EINVAL, take(self->fd, &self->letter, .flags = BY_PRIO,
				.min_prio = 32));
	EXPECT_EQ(-EINVAL, take(self->fd, &self->letter, .flags = BY_PRIO,
				.min_prio = ~0U));
}

TEST_F(order, value_without_its_selection_is_refused)
{
	EXPECT_EQ(-EINVAL,
		  take(self->fd, &self->letter, .flags = NOW, .tag = 1));
	EXPECT_EQ(-EINVAL, take(self->fd, &self->letter, .flags = NOW,
				.tag = 1ULL << 63));
	EXPECT_EQ(-EINVAL,
		  take(self->fd, &self->letter, .flags = NOW, .min_prio = 1));
	EXPECT_EQ(-EINVAL,
		  take(self->fd, &self->letter, .flags = NOW, .pid = 1));
	EXPECT_EQ(-EINVAL,
		  take(self->fd, &self->letter, .flags = BY_TAG, .pid = 1));
}

TEST_F(order, short_buffer_counts_for_the_selected_message)
{
	struct mbx_message msg = { .capacity = 1 };

	ASSERT_EQ(1, send_text(self->fd, "x", .prio = 9));
	ASSERT_EQ(1, send_text(self->fd, "hello", .tag = 1));
	EXPECT_EQ(-EMSGSIZE,
		  recv_array(self->fd, &msg, 1, .flags = BY_TAG, .tag = 1));
	EXPECT_EQ(5, msg.len);
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

static int wait_for_tag(void *arg)
{
	struct letter letter;
	int ret =
		take(*(int *)arg, &letter, .flags = MBX_RECV_BY_TAG, .tag = 7);

	return ret < 0 ? -ret : strcmp(letter.text, "seven");
}

TEST_F(order, waiting_selective_receiver_is_passed_by_others)
{
	pid_t child = spawn(wait_for_tag, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "six", .tag = 6));
	EXPECT_EQ(1, stat_of(self->fd).waiting_receivers);
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	ASSERT_EQ(1, send_text(self->fd, "seven", .tag = 7));
	EXPECT_EQ(0, reap(child));
	EXPECT_STREQ("six", next_text(self->fd));
}

static int wait_for_prio(void *arg)
{
	struct letter letter;
	int ret = take(*(int *)arg, &letter, .flags = MBX_RECV_BY_PRIO,
		       .min_prio = 7);

	return ret < 0 ? -ret : strcmp(letter.text, "seven");
}

TEST_F(order, waiting_receiver_of_urgent_messages_is_passed_by_others)
{
	pid_t child = spawn(wait_for_prio, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "six", .prio = 6));
	EXPECT_EQ(1, stat_of(self->fd).waiting_receivers);
	ASSERT_EQ(1, send_text(self->fd, "seven", .prio = 7));
	EXPECT_EQ(0, reap(child));
	EXPECT_STREQ("six", next_text(self->fd));
}

TEST_HARNESS_MAIN
