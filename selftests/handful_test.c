// SPDX-License-Identifier: GPL-2.0-only
/* Arrays longer than what a call has in hand at once. */
#include "blocked.h"
#include "call.h"
#include "memory.h"

#include <sys/epoll.h>

#define MANY 40
#define HALF 20
#define LONGEST 70000 /* bytes in a message of mixed lengths */
#define ROOM (LONGEST + 1)

FIXTURE(handful)
{
	int fd;
	struct cliff cliff;
	struct mbx_message out[MANY];
	struct mbx_message in[MANY];
	__u32 sent[MANY];
	__u32 got[MANY];
};

FIXTURE_SETUP(handful)
{
	int i;

	self->fd = open_mailbox(NULL, CREATE, .max_msgs = MANY);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, cliff_init(&self->cliff));
	for (i = 0; i < MANY; i++) {
		self->sent[i] = 1000 + i;
		self->out[i].data = (uintptr_t)&self->sent[i];
		self->out[i].len = sizeof(self->sent[i]);
		self->out[i].tag = i;
		self->in[i].data = (uintptr_t)&self->got[i];
		self->in[i].capacity = sizeof(self->got[i]);
	}
}

FIXTURE_TEARDOWN(handful)
{
	close(self->fd);
}

/* How many of the messages received are those sent from number @first on. */
static int in_order(const struct mbx_message *in, int count, int first)
{
	int i;

	for (i = 0; i < count; i++) {
		if (in[i].tag != (__u64)first + i || in[i].deliveries != 1)
			break;
		if (*(__u32 *)(uintptr_t)in[i].data != 1000u + first + i)
			break;
	}
	return i;
}

TEST_F(handful, keeps_the_order)
{
	int i;

	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	ASSERT_EQ(MANY, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(MANY, in_order(self->in, MANY, 0));
	for (i = 1; i < MANY; i++) {
		EXPECT_EQ(self->in[0].seq + i, self->in[i].seq);
		EXPECT_LE(self->in[i - 1].time_ns, self->in[i].time_ns);
	}
}

TEST_F(handful, delivers_by_priority)
{
	int i;

	for (i = 0; i < MANY; i++)
		self->out[i].prio = i % 4;
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	ASSERT_EQ(MANY, recv_array(self->fd, self->in, MANY));
	for (i = 0; i < MANY; i++) {
		EXPECT_EQ(3u - i / (MANY / 4), self->in[i].prio);
		EXPECT_EQ(4u * (i % (MANY / 4)) + self->in[i].prio,
			  self->in[i].tag);
	}
}

TEST_F(handful, unwritable_buffer_keeps_the_rest_in_order)
{
	self->in[HALF].data = (uintptr_t)self->cliff.end;
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	EXPECT_EQ(HALF, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(HALF, in_order(self->in, HALF, 0));
	EXPECT_EQ(HALF, stat_of(self->fd).received);
	EXPECT_EQ(MANY - HALF, stat_of(self->fd).msgs);
	EXPECT_TRUE(counters_add_up(self->fd));
	ASSERT_EQ(MANY - HALF, recv_array(self->fd, self->in, MANY - HALF));
	EXPECT_EQ(MANY - HALF, in_order(self->in, MANY - HALF, HALF));
}

TEST_F(handful, unwritable_first_buffer_keeps_all_in_order)
{
	self->in[0].data = (uintptr_t)self->cliff.end;
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	EXPECT_EQ(-EFAULT, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(0, stat_of(self->fd).received);
	self->in[0].data = (uintptr_t)&self->got[0];
	ASSERT_EQ(MANY, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(MANY, in_order(self->in, MANY, 0));
}

TEST_F(handful, short_buffer_ends_it_there)
{
	self->in[HALF].capacity = 3;
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	EXPECT_EQ(HALF, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(sizeof(self->sent[0]), self->in[HALF].len);
	EXPECT_EQ(MANY - HALF, stat_of(self->fd).msgs);
}

TEST_F(handful, half_mapped_array_is_filled_as_far_as_it_goes)
{
	struct mbx_message *in = (struct mbx_message *)self->cliff.end - HALF;

	memcpy(in, self->in, HALF * sizeof(*in));
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	EXPECT_EQ(HALF, recv_array(self->fd, in, MANY));
	EXPECT_EQ(HALF, in_order(in, HALF, 0));
	EXPECT_EQ(MANY - HALF, stat_of(self->fd).msgs);
}

/* The memory of others has been kept for those that could not be sent. */
TEST_F(handful, unreadable_payload_ends_it_with_what_was_sent)
{
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	ASSERT_EQ(MANY, recv_array(self->fd, self->in, MANY));
	self->out[HALF].data = (uintptr_t)self->cliff.end;
	EXPECT_EQ(HALF, send_array(self->fd, self->out, MANY));
	EXPECT_EQ(HALF, stat_of(self->fd).msgs);
	ASSERT_EQ(HALF, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(HALF, in_order(self->in, HALF, 0));
}

/* Messages that hold their payload, and that have it elsewhere. */
TEST_F(handful, mixes_lengths)
{
	static const __u32 lengths[] = { 96, 97, 0, 5000, 1, 8, 95, LONGEST };
	int fd = open_mailbox(NULL, CREATE, .max_msg_size = LONGEST);
	char *from = calloc(MANY, ROOM), *to = calloc(MANY, ROOM);
	int i;

	ASSERT_LE(0, fd);
	for (i = 0; i < MANY; i++) {
		memset(from + i * ROOM, 1 + i, ROOM);
		self->out[i].data = (uintptr_t)(from + i * ROOM);
		self->out[i].len = lengths[i % ARRAY_SIZE(lengths)];
		self->in[i].data = (uintptr_t)(to + i * ROOM);
		self->in[i].capacity = ROOM;
	}
	ASSERT_EQ(MANY, send_array(fd, self->out, MANY));
	ASSERT_EQ(MANY, recv_array(fd, self->in, MANY));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(self->out[i].len, self->in[i].len);
		EXPECT_EQ(0, memcmp(from + i * ROOM, to + i * ROOM,
				    self->in[i].len));
		EXPECT_EQ(0, to[i * ROOM + self->in[i].len]);
	}
}

TEST_F(handful, blocked_receivers_get_the_first)
{
	pid_t child[3];
	int i;

	for (i = 0; i < 3; i++) {
		child[i] = spawn_receiver(self->fd);
		ASSERT_TRUE(receivers_wait(self->fd, i + 1));
	}
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, reap(child[i]));
	ASSERT_EQ(MANY - 3, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(MANY - 3, in_order(self->in, MANY - 3, 3));
}

static int send_all(void *arg)
{
	FIXTURE_DATA(handful) *self = arg;

	return send_array(self->fd, self->out, MANY);
}

TEST_F(handful, blocked_sender_is_let_in_by_and_by)
{
	int have = 0, ret;
	pid_t child;

	close(self->fd);
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 7);
	child = spawn(send_all, self);
	while (have < MANY) {
		ret = recv_array(self->fd, self->in + have, MANY - have);
		ASSERT_LT(0, ret);
		have += ret;
	}
	EXPECT_EQ(MANY, reap(child));
	EXPECT_EQ(MANY, in_order(self->in, MANY, 0));
}

TEST_F(handful, drops_the_oldest)
{
	close(self->fd);
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 7,
				.overflow = MBX_OVERFLOW_DROP_OLDEST);
	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	EXPECT_EQ(MANY - 7, stat_of(self->fd).dropped);
	ASSERT_EQ(7, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(7, in_order(self->in, 7, MANY - 7));
	EXPECT_TRUE(counters_add_up(self->fd));
}

TEST_F(handful, rejects_what_does_not_fit_once)
{
	close(self->fd);
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 7,
				.overflow = MBX_OVERFLOW_REJECT);
	EXPECT_EQ(7, send_array(self->fd, self->out, MANY));
	EXPECT_EQ(1, stat_of(self->fd).rejected);
}

static int take_when_told(void *arg)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int fd = *(int *)arg, epoll = epoll_create1(0);
	struct letter letter;

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) ||
	    epoll_wait(epoll, &event, 1, -1) != 1)
		return errno;
	return status_of(take_now(fd, &letter));
}

/* Who is not told of the last messages would sleep beside them. */
TEST_F(handful, tells_as_many_exclusive_pollers_as_there_are_messages)
{
	pid_t child[10];
	int i;

	for (i = 0; i < 10; i++) {
		child[i] = spawn(take_when_told, &self->fd);
		ASSERT_TRUE(wait_until(is_asleep(child[i])));
	}
	ASSERT_EQ(10, send_array(self->fd, self->out, 10));
	for (i = 0; i < 10; i++)
		EXPECT_EQ(0, reap(child[i]));
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

/* The first one goes to who waits for it, and nobody else is told of that. */
TEST_F(handful, poller_is_told_of_what_the_receiver_leaves)
{
	pid_t poller = spawn(take_when_told, &self->fd), receiver;

	ASSERT_TRUE(wait_until(is_asleep(poller)));
	receiver = spawn_receiver(self->fd);
	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(2, send_array(self->fd, self->out, 2));
	EXPECT_EQ(0, reap(receiver));
	EXPECT_EQ(0, reap(poller));
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

TEST_F(handful, requests_behind_a_bad_buffer_are_still_queued)
{
	struct caller caller[3];
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, caller_start(&caller[i], self->fd, "ask",
					  .deadline_ns = IN_PATIENCE));
		ASSERT_TRUE(wait_until(stat_of(self->fd).msgs == i + 1u));
		self->in[i].capacity = 3;
	}
	self->in[1].data = (uintptr_t)self->cliff.end;
	ASSERT_EQ(1, recv_array(self->fd, self->in, 3));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
	EXPECT_EQ(3, stat_of(self->fd).calls);
	EXPECT_EQ(0, reply_text(self->fd, self->in[0].token, "yes"));
	EXPECT_EQ(0, caller_end(&caller[0]));
	self->in[1].data = (uintptr_t)&self->got[1];
	ASSERT_EQ(2, recv_array(self->fd, self->in + 1, 2));
	for (i = 1; i < 3; i++) {
		EXPECT_EQ(1, self->in[i].deliveries);
		EXPECT_EQ(0, reply_text(self->fd, self->in[i].token, "yes"));
		EXPECT_EQ(0, caller_end(&caller[i]));
	}
	EXPECT_TRUE(counters_add_up(self->fd));
}

TEST_HARNESS_MAIN
