// SPDX-License-Identifier: GPL-2.0-only
/* Payload buffers that can't be read or written: nothing is lost. */
#include "blocked.h"
#include "memory.h"

#define BIG 6000 /* more than a page */

FIXTURE(fault)
{
	int fd;
	struct cliff cliff;
	char payload[BIG];
	__u64 used;
};

FIXTURE_SETUP(fault)
{
	int i;

	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, cliff_init(&self->cliff));
	for (i = 0; i < BIG; i++)
		self->payload[i] = i % 251;
	self->used = info().used_msg_bytes;
}

FIXTURE_TEARDOWN(fault)
{
	close(self->fd);
}

static int recv_at(int fd, __u64 addr, __u32 capacity)
{
	struct mbx_message msg = { .data = addr, .capacity = capacity };

	return recv_array(fd, &msg, 1, .flags = MBX_RECV_NONBLOCK);
}

/* Is the big message still there, unharmed, first in line, never delivered? */
static bool is_whole(const FIXTURE_DATA(fault) * self)
{
	char got[BIG];
	struct mbx_message msg = { .data = (uintptr_t)got,
				   .capacity = sizeof(got) };

	return recv_array(self->fd, &msg, 1, .flags = MBX_RECV_NONBLOCK) == 1 &&
	       msg.len == BIG && msg.tag == 1 && msg.deliveries == 1 &&
	       !memcmp(got, self->payload, BIG);
}

/* The big message, and a small one behind it. */
static int send_big(const FIXTURE_DATA(fault) * self)
{
	struct mbx_message out[2] = {
		{ .data = (uintptr_t)self->payload, .len = BIG, .tag = 1 },
		{ .data = (uintptr_t) "x", .len = 1, .tag = 2 },
	};

	return send_array(self->fd, out, 2);
}

TEST_F(fault, sending_from_a_bad_address_queues_nothing)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		EXPECT_EQ(-EFAULT,
			  send_bytes(self->fd, pointer(nowhere[i]), 8, 0))
		TH_LOG("%llx", nowhere[i]);
	}
	EXPECT_EQ(-EFAULT, send_bytes(self->fd, self->cliff.end, 1, 0));
	EXPECT_EQ(0, stat_of(self->fd).sent);
	EXPECT_EQ(self->used, info().used_msg_bytes);
}

TEST_F(fault, sending_from_half_mapped_memory_queues_nothing)
{
	EXPECT_EQ(-EFAULT, send_bytes(self->fd, self->cliff.end - 1, 2, 0));
	EXPECT_EQ(-EFAULT,
		  send_bytes(self->fd, self->cliff.end - 5000, 5001, 0));
	EXPECT_EQ(0, stat_of(self->fd).sent);
	EXPECT_EQ(self->used, info().used_msg_bytes);
}

TEST_F(fault, sending_from_read_only_memory_works)
{
	memset(self->cliff.start, 'x', 8);
	ASSERT_EQ(0, cliff_protect(&self->cliff, PROT_READ));
	EXPECT_EQ(1, send_bytes(self->fd, self->cliff.start, 8, 0));
}

TEST_F(fault, sending_up_to_the_last_byte_works)
{
	EXPECT_EQ(1, send_bytes(self->fd, self->cliff.end - 8, 8, 0));
}

TEST_F(fault, receiving_at_a_bad_address_keeps_the_message)
{
	size_t i;

	ASSERT_EQ(2, send_big(self));
	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		EXPECT_EQ(-EFAULT, recv_at(self->fd, nowhere[i], BIG))
		TH_LOG("%llx", nowhere[i]);
	}
	EXPECT_EQ(2, stat_of(self->fd).msgs);
	EXPECT_EQ(0, stat_of(self->fd).received);
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, receiving_into_half_mapped_memory_keeps_the_message)
{
	ASSERT_EQ(2, send_big(self));
	EXPECT_EQ(-EFAULT,
		  recv_at(self->fd, (uintptr_t)self->cliff.end - BIG + 1, BIG));
	EXPECT_EQ(-EFAULT,
		  recv_at(self->fd, (uintptr_t)self->cliff.end - 1, BIG));
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, receiving_into_read_only_memory_keeps_the_message)
{
	ASSERT_EQ(2, send_big(self));
	ASSERT_EQ(0, cliff_protect(&self->cliff, PROT_READ));
	EXPECT_EQ(-EFAULT,
		  recv_at(self->fd, (uintptr_t)self->cliff.start, BIG));
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, receiving_into_half_writable_memory_keeps_the_message)
{
	ASSERT_EQ(2, send_big(self));
	ASSERT_EQ(0, mprotect(self->cliff.start + 4096, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT,
		  recv_at(self->fd, (uintptr_t)self->cliff.start, BIG));
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, receiving_up_to_the_last_byte_works)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(1, recv_at(self->fd, (uintptr_t)self->cliff.end - 5, 5));
	EXPECT_EQ(0, memcmp("hello", self->cliff.end - 5, 5));
}

TEST_F(fault, element_that_cannot_be_filled_in_keeps_the_message)
{
	struct mbx_message *msg = (struct mbx_message *)self->cliff.start;
	char got[BIG];

	ASSERT_EQ(2, send_big(self));
	msg->data = (uintptr_t)got;
	msg->capacity = BIG;
	ASSERT_EQ(0, cliff_protect(&self->cliff, PROT_READ));
	EXPECT_EQ(-EFAULT,
		  recv_array(self->fd, msg, 1, .flags = MBX_RECV_NONBLOCK));
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, element_that_ends_in_read_only_memory_keeps_the_message)
{
	struct mbx_message *msg =
		(struct mbx_message *)(self->cliff.start + 4096 - 32);
	char got[BIG];

	ASSERT_EQ(2, send_big(self));
	msg->data = (uintptr_t)got;
	msg->capacity = BIG;
	ASSERT_EQ(0, mprotect(self->cliff.start + 4096, 4096, PROT_READ));
	EXPECT_EQ(-EFAULT,
		  recv_array(self->fd, msg, 1, .flags = MBX_RECV_NONBLOCK));
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, peeking_at_a_bad_address_keeps_the_message)
{
	struct mbx_message msg = { .data = 8, .capacity = BIG };

	ASSERT_EQ(2, send_big(self));
	EXPECT_EQ(-EFAULT,
		  recv_array(self->fd, &msg, 1, .flags = MBX_RECV_PEEK));
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, message_that_was_kept_is_still_the_first_of_its_priority)
{
	ASSERT_EQ(2, send_big(self));
	ASSERT_EQ(1, send_text(self->fd, "urgent", .prio = 1));
	EXPECT_EQ(-EFAULT, recv_at(self->fd, 8, BIG));
	EXPECT_STREQ("urgent", next_text(self->fd));
	EXPECT_EQ(-EFAULT, recv_at(self->fd, 8, BIG));
	EXPECT_TRUE(is_whole(self));
	EXPECT_STREQ("x", next_text(self->fd));
}

TEST_F(fault, reading_to_a_bad_address_keeps_the_message)
{
	ASSERT_EQ(2, send_big(self));
	EXPECT_EQ(-1, read(self->fd, self->cliff.end, BIG));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, read(self->fd, self->cliff.end - BIG + 1, BIG));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(is_whole(self));
}

TEST_F(fault, writing_from_a_bad_address_queues_nothing)
{
	EXPECT_EQ(-1, write(self->fd, self->cliff.end, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write(self->fd, self->cliff.end - 5000, 5001));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, stat_of(self->fd).sent);
	EXPECT_EQ(self->used, info().used_msg_bytes);
}

static int receive_nowhere(void *arg)
{
	struct mbx_message msg = { .data = 8, .capacity = BIG };

	return status_of(recv_array(*(int *)arg, &msg, 1));
}

TEST_F(fault, receiver_that_waited_leaves_the_message)
{
	pid_t child = spawn(receive_nowhere, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(2, send_big(self));
	EXPECT_EQ(EFAULT, reap(child));
	EXPECT_TRUE(is_whole(self));
	EXPECT_TRUE(counters_add_up(self->fd));
}

TEST_F(fault, receiver_that_waited_leaves_the_message_to_the_next_one)
{
	pid_t first, second;

	first = spawn(receive_nowhere, &self->fd);
	ASSERT_TRUE(receivers_wait(self->fd, 1));
	second = spawn_receiver(self->fd);
	ASSERT_TRUE(receivers_wait(self->fd, 2));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(EFAULT, reap(first));
	EXPECT_EQ(0, reap(second));
	EXPECT_EQ(0, stat_of(self->fd).msgs);
	EXPECT_EQ(1, stat_of(self->fd).received);
}

TEST_HARNESS_MAIN
