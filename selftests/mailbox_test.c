// SPDX-License-Identifier: GPL-2.0-only
/* One message through a mailbox: what arrives, what is counted. */
#include "blocked.h"

FIXTURE(mailbox)
{
	int fd;
	struct letter letter;
};

FIXTURE_SETUP(mailbox)
{
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(mailbox)
{
	close(self->fd);
}

TEST_F(mailbox, delivers_the_payload)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(5, self->letter.msg.len);
	EXPECT_STREQ("hello", self->letter.text);
}

TEST_F(mailbox, delivers_what_the_sender_says_of_it)
{
	ASSERT_EQ(1, send_text(self->fd, "hello", .prio = 31, .tag = ~0ULL));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(31, self->letter.msg.prio);
	EXPECT_EQ(~0ULL, self->letter.msg.tag);
	EXPECT_EQ(0, self->letter.msg.flags);
}

TEST_F(mailbox, delivers_binary_data)
{
	unsigned char bytes[256], got[256];
	struct mbx_message msg = { .data = (uintptr_t)got,
				   .capacity = sizeof(got) };
	int i;

	for (i = 0; i < 256; i++)
		bytes[i] = i;
	ASSERT_EQ(1, send_bytes(self->fd, bytes, sizeof(bytes), 0));
	ASSERT_EQ(1, recv_array(self->fd, &msg, 1));
	EXPECT_EQ(sizeof(bytes), msg.len);
	EXPECT_EQ(0, memcmp(bytes, got, sizeof(bytes)));
}

TEST_F(mailbox, delivers_an_empty_message)
{
	ASSERT_EQ(1, send_bytes(self->fd, NULL, 0, 0));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(0, self->letter.msg.len);
}

TEST_F(mailbox, empty_message_needs_no_buffer)
{
	struct mbx_message msg = { .data = 0, .capacity = 0 };

	ASSERT_EQ(1, send_bytes(self->fd, NULL, 0, 0));
	EXPECT_EQ(1, recv_array(self->fd, &msg, 1));
}

TEST_F(mailbox, delivers_the_largest_message)
{
	int fd = open_mailbox(NULL, CREATE, .max_msg_size = MBX_MSG_SIZE_MAX);
	char *sent = malloc(MBX_MSG_SIZE_MAX), *got = malloc(MBX_MSG_SIZE_MAX);
	struct mbx_message msg = { .data = (uintptr_t)got,
				   .capacity = MBX_MSG_SIZE_MAX };

	ASSERT_NE(NULL, sent);
	ASSERT_NE(NULL, got);
	memset(sent, 'x', MBX_MSG_SIZE_MAX);
	sent[0] = 'a';
	sent[MBX_MSG_SIZE_MAX - 1] = 'z';
	ASSERT_EQ(1, send_bytes(fd, sent, MBX_MSG_SIZE_MAX, 0));
	ASSERT_EQ(1, recv_array(fd, &msg, 1));
	EXPECT_EQ(MBX_MSG_SIZE_MAX, msg.len);
	EXPECT_EQ(0, memcmp(sent, got, MBX_MSG_SIZE_MAX));
}

TEST_F(mailbox, takes_a_message_of_its_largest_size)
{
	int fd = open_mailbox(NULL, CREATE, .max_msg_size = 5);

	EXPECT_EQ(1, send_text(fd, "12345"));
}

TEST_F(mailbox, refuses_a_message_larger_than_its_largest)
{
	int fd = open_mailbox(NULL, CREATE, .max_msg_size = 5);

	EXPECT_EQ(-EMSGSIZE, send_text(fd, "123456"));
	EXPECT_EQ(-EMSGSIZE, send_waiting(fd, "123456"));
	EXPECT_EQ(0, stat_of(fd).sent);
	EXPECT_EQ(0, stat_of(fd).rejected);
}

TEST_F(mailbox, refuses_absurd_lengths)
{
	static const __u32 lengths[] = {
		MBX_DEFAULT_MSG_SIZE + 1,
		MBX_MSG_SIZE_MAX,
		MBX_MSG_SIZE_MAX + 1,
		0x7fffffff,
		0x80000000,
		0xfffff000,
		0xffffffff,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++)
		EXPECT_EQ(-EMSGSIZE, send_bytes(self->fd, "x", lengths[i], 0));
	EXPECT_EQ(0, stat_of(self->fd).sent);
}

TEST_F(mailbox, refuses_priorities_beyond_31)
{
	EXPECT_EQ(-EINVAL, send_text(self->fd, "x", .prio = 32));
	EXPECT_EQ(-EINVAL, send_text(self->fd, "x", .prio = 0x80000000));
	EXPECT_EQ(-EINVAL, send_text(self->fd, "x", .prio = 0xffffffff));
	EXPECT_EQ(0, stat_of(self->fd).sent);
}

TEST_F(mailbox, refuses_message_flags_of_a_sender)
{
	int bit;

	for (bit = 0; bit < 32; bit++)
		EXPECT_EQ(-EINVAL,
			  send_text(self->fd, "x", .flags = 1U << bit));
	EXPECT_EQ(0, stat_of(self->fd).sent);
}

TEST_F(mailbox, does_not_write_to_what_is_sent)
{
	struct mbx_message msg = {
		.len = 5, .data = (uintptr_t) "hello", .tag = 1, .prio = 2
	};
	struct mbx_message before = msg;

	ASSERT_EQ(1, send_array(self->fd, &msg, 1));
	EXPECT_EQ(0, memcmp(&before, &msg, sizeof(msg)));
}

TEST_F(mailbox, keeps_the_payload_as_it_was_when_sent)
{
	char text[] = "before";

	ASSERT_EQ(1, send_text(self->fd, text));
	strcpy(text, "after!");
	EXPECT_STREQ("before", next_text(self->fd));
}

TEST_F(mailbox, empty_one_would_block)
{
	EXPECT_EQ(-EAGAIN, take_now(self->fd, &self->letter));
	EXPECT_EQ(-EAGAIN, take(self->fd, &self->letter,
				.flags = MBX_RECV_NONBLOCK | MBX_RECV_PEEK));
}

TEST_F(mailbox, empty_one_would_block_on_a_nonblocking_descriptor)
{
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, take(self->fd, &self->letter));
	EXPECT_EQ(-EAGAIN, take(self->fd, &self->letter,
				.deadline_ns = now_ns() + NSEC_PER_SEC));
}

TEST_F(mailbox, wakes_a_receiver_that_waits)
{
	pid_t child = spawn_receiver(self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	EXPECT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, stat_of(self->fd).waiting_receivers);
	EXPECT_EQ(1, stat_of(self->fd).received);
}

TEST_F(mailbox, forgets_a_receiver_that_is_killed)
{
	pid_t child = spawn_receiver(self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(0, stat_of(self->fd).waiting_receivers);
	EXPECT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(mailbox, short_buffer_keeps_the_message)
{
	char text[4];
	struct mbx_message msg = { .data = (uintptr_t)text,
				   .capacity = sizeof(text) };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(-EMSGSIZE, recv_array(self->fd, &msg, 1));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_EQ(0, stat_of(self->fd).received);
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(mailbox, short_buffer_is_told_what_is_needed)
{
	struct mbx_message msg = { .data = 0x123, .capacity = 4 };

	ASSERT_EQ(1, send_text(self->fd, "hello", .tag = 7, .prio = 3));
	ASSERT_EQ(-EMSGSIZE, recv_array(self->fd, &msg, 1));
	EXPECT_EQ(5, msg.len);
	EXPECT_EQ(7, msg.tag);
	EXPECT_EQ(3, msg.prio);
	EXPECT_EQ((__u32)getpid(), msg.pid);
	EXPECT_NE(0, msg.time_ns);
	EXPECT_EQ(0x123, msg.data);
	EXPECT_EQ(4, msg.capacity);
}

TEST_F(mailbox, short_buffer_is_left_alone)
{
	char text[4] = "abc";
	struct mbx_message msg = { .data = (uintptr_t)text,
				   .capacity = sizeof(text) };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(-EMSGSIZE, recv_array(self->fd, &msg, 1));
	EXPECT_STREQ("abc", text);
}

TEST_F(mailbox, short_buffer_does_not_wait_for_a_smaller_message)
{
	struct mbx_message msg = { .capacity = 4 };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(-EMSGSIZE, recv_array(self->fd, &msg, 1));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

TEST_F(mailbox, buffer_is_written_no_further_than_the_message)
{
	char text[] = "..........";
	struct mbx_message msg = { .data = (uintptr_t)text,
				   .capacity = sizeof(text) };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, recv_array(self->fd, &msg, 1));
	EXPECT_STREQ("hello.....", text);
}

TEST_F(mailbox, capacity_may_exceed_the_address_space)
{
	char text[8] = "";
	struct mbx_message msg = { .data = (uintptr_t)text,
				   .capacity = 0xffffffff };

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(1, recv_array(self->fd, &msg, 1));
	EXPECT_STREQ("hello", text);
}

TEST_F(mailbox, sequence_numbers_only_grow)
{
	__u64 last = 0;
	int i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(1, send_text(self->fd, "x"));
		ASSERT_EQ(1, take_now(self->fd, &self->letter));
		if (i)
			EXPECT_LT(last, self->letter.msg.seq);
		last = self->letter.msg.seq;
	}
}

TEST_F(mailbox, sequence_numbers_follow_the_order_of_sending)
{
	__u64 first;

	ASSERT_EQ(1, send_text(self->fd, "first", .prio = 0));
	ASSERT_EQ(1, send_text(self->fd, "second", .prio = 9));
	ASSERT_EQ(1, take(self->fd, &self->letter, .flags = MBX_RECV_BY_TAG));
	EXPECT_STREQ("second", self->letter.text);
	first = self->letter.msg.seq;
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_GT(first, self->letter.msg.seq);
}

TEST_F(mailbox, time_is_that_of_sending)
{
	__u64 before = now_ns(), after;

	ASSERT_EQ(1, send_text(self->fd, "x"));
	after = now_ns();
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_LE(before, self->letter.msg.time_ns);
	EXPECT_GE(after, self->letter.msg.time_ns);
}

TEST_F(mailbox, first_delivery_is_counted_as_one)
{
	ASSERT_EQ(1, send_text(self->fd, "x"));
	ASSERT_EQ(1, take_now(self->fd, &self->letter));
	EXPECT_EQ(1, self->letter.msg.deliveries);
}

TEST_F(mailbox, new_one_counts_from_zero)
{
	struct mbx_mailbox_stat st = stat_of(self->fd);

	EXPECT_EQ(0, st.msgs);
	EXPECT_EQ(0, st.bytes);
	EXPECT_EQ(0, st.msgs_high);
	EXPECT_EQ(0, st.bytes_high);
	EXPECT_EQ(0, st.sent);
	EXPECT_EQ(0, st.received);
	EXPECT_EQ(0, st.dropped);
	EXPECT_EQ(0, st.rejected);
	EXPECT_EQ(0, st.waiting_receivers);
	EXPECT_EQ(0, st.waiting_senders);
}

TEST_F(mailbox, counts_what_is_queued)
{
	ASSERT_EQ(1, send_text(self->fd, "four"));
	ASSERT_EQ(1, send_text(self->fd, "sixsix", .prio = 4));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
	EXPECT_EQ(10, stat_of(self->fd).bytes);
	EXPECT_STREQ("sixsix", next_text(self->fd));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_EQ(4, stat_of(self->fd).bytes);
}

TEST_F(mailbox, remembers_the_high_water_marks)
{
	ASSERT_EQ(1, send_text(self->fd, "four"));
	ASSERT_EQ(1, send_text(self->fd, "sixsix"));
	EXPECT_STREQ("four", next_text(self->fd));
	EXPECT_STREQ("sixsix", next_text(self->fd));
	EXPECT_EQ(2, stat_of(self->fd).msgs_high);
	EXPECT_EQ(10, stat_of(self->fd).bytes_high);
}

TEST_F(mailbox, counts_what_was_sent_and_received)
{
	ASSERT_EQ(1, send_text(self->fd, "a"));
	ASSERT_EQ(1, send_text(self->fd, "b"));
	ASSERT_EQ(1, send_text(self->fd, "c"));
	EXPECT_STREQ("a", next_text(self->fd));
	EXPECT_EQ(3, stat_of(self->fd).sent);
	EXPECT_EQ(1, stat_of(self->fd).received);
	EXPECT_TRUE(counters_add_up(self->fd));
}

TEST_F(mailbox, counts_the_same_through_every_descriptor)
{
	char name[NAME_SIZE];
	int one, two;

	unique_name(name, "counts");
	one = open_mailbox(name, CREATE, .lifetime = MBX_LIFE_LAST_CLOSE);
	two = open_mailbox(name, RDWR);
	ASSERT_EQ(1, send_text(one, "x"));
	EXPECT_EQ(1, stat_of(two).msgs);
}

TEST_HARNESS_MAIN
