// SPDX-License-Identifier: GPL-2.0-only
/* io_uring: polling, reading and writing a mailbox through a ring. */
#include "blocked.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <linux/io_uring.h>

#define ENTRIES 4

struct ring {
	int fd;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	__u32 *sq_tail, *sq_mask, *sq_array;
	__u32 *cq_head, *cq_tail, *cq_mask;
};

static void *map_ring(const struct ring *ring, size_t len, __u64 offset)
{
	void *addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED,
			  ring->fd, offset);

	return addr == MAP_FAILED ? NULL : addr;
}

static int ring_init(struct ring *ring)
{
	struct io_uring_params p = { 0 };
	char *sq, *cq;

	ring->fd = syscall(SYS_io_uring_setup, ENTRIES, &p);
	if (ring->fd < 0)
		return -errno;
	sq = map_ring(ring, p.sq_off.array + p.sq_entries * sizeof(__u32),
		      IORING_OFF_SQ_RING);
	cq = map_ring(ring, p.cq_off.cqes + p.cq_entries * sizeof(*ring->cqes),
		      IORING_OFF_CQ_RING);
	ring->sqes = map_ring(ring, p.sq_entries * sizeof(*ring->sqes),
			      IORING_OFF_SQES);
	if (!sq || !cq || !ring->sqes)
		return -ENOMEM;
	ring->sq_tail = (__u32 *)(sq + p.sq_off.tail);
	ring->sq_mask = (__u32 *)(sq + p.sq_off.ring_mask);
	ring->sq_array = (__u32 *)(sq + p.sq_off.array);
	ring->cq_head = (__u32 *)(cq + p.cq_off.head);
	ring->cq_tail = (__u32 *)(cq + p.cq_off.tail);
	ring->cq_mask = (__u32 *)(cq + p.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	return 0;
}

static int submit(struct ring *ring, struct io_uring_sqe sqe)
{
	__u32 tail = *ring->sq_tail, index = tail & *ring->sq_mask;

	ring->sqes[index] = sqe;
	ring->sq_array[index] = index;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	return result_of(
		syscall(SYS_io_uring_enter, ring->fd, 1, 0, 0, NULL, 0));
}

static bool is_complete(const struct ring *ring)
{
	return __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) !=
	       *ring->cq_head;
}

static int result(struct ring *ring)
{
	__u32 head = *ring->cq_head;
	int res;

	if (syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) < 0)
		return -errno;
	res = ring->cqes[head & *ring->cq_mask].res;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

FIXTURE(uring)
{
	struct ring ring;
	int fd;
	char buf[8];
};

FIXTURE_SETUP(uring)
{
	int err = ring_init(&self->ring);

	if (err == -ENOSYS || err == -EPERM)
		SKIP(return, "no io_uring here");
	ASSERT_EQ(0, err);
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 1);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(uring)
{
	close(self->ring.fd);
	close(self->fd);
}

#define SQE(op, ...)            \
	((struct io_uring_sqe){ \
		.opcode = IORING_OP_##op, .fd = self->fd, ##__VA_ARGS__ })
#define BUFFER(buffer, length) \
	.addr = (uintptr_t)(buffer), .len = (length), .off = -1

TEST_F(uring, poll_completes_with_a_message)
{
	ASSERT_EQ(1, submit(&self->ring, SQE(POLL_ADD, .poll_events = POLLIN)));
	EXPECT_FALSE(is_complete(&self->ring));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(POLLIN, result(&self->ring));
}

TEST_F(uring, poll_completes_with_room)
{
	ASSERT_EQ(1, send_text(self->fd, "x"));
	ASSERT_EQ(1,
		  submit(&self->ring, SQE(POLL_ADD, .poll_events = POLLOUT)));
	EXPECT_FALSE(is_complete(&self->ring));
	EXPECT_STREQ("x", next_text(self->fd));
	EXPECT_EQ(POLLOUT, result(&self->ring));
}

TEST_F(uring, read_takes_a_message)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, submit(&self->ring,
			    SQE(READ, BUFFER(self->buf, sizeof(self->buf)))));
	EXPECT_EQ(5, result(&self->ring));
	EXPECT_STREQ("hello", self->buf);
}

TEST_F(uring, read_waits_for_a_message)
{
	ASSERT_EQ(1, submit(&self->ring,
			    SQE(READ, BUFFER(self->buf, sizeof(self->buf)))));
	EXPECT_FALSE(is_complete(&self->ring));
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	EXPECT_EQ(5, result(&self->ring));
	EXPECT_STREQ("hello", self->buf);
}

TEST_F(uring, read_into_a_short_buffer_keeps_the_message)
{
	ASSERT_EQ(1, send_text(self->fd, "hello"));
	ASSERT_EQ(1, submit(&self->ring, SQE(READ, BUFFER(self->buf, 4))));
	EXPECT_EQ(-EMSGSIZE, result(&self->ring));
	EXPECT_STREQ("hello", next_text(self->fd));
}

TEST_F(uring, write_sends_a_message)
{
	ASSERT_EQ(1, submit(&self->ring, SQE(WRITE, BUFFER("hello", 5))));
	EXPECT_EQ(5, result(&self->ring));
	EXPECT_STREQ("hello", next_text(self->fd));
}

#define AT(buffer, length, position) \
	.addr = (uintptr_t)(buffer), .len = (length), .off = (position)

TEST_F(uring, positions_are_as_with_system_calls)
{
	struct letter letter;

	ASSERT_EQ(1, submit(&self->ring, SQE(WRITE, AT("hello", 5, 8))));
	EXPECT_EQ(-ESPIPE, result(&self->ring));
	ASSERT_EQ(1, submit(&self->ring,
			    SQE(WRITE, AT("hello", 5, MBX_MAILBOX_OFFSET))));
	EXPECT_EQ(5, result(&self->ring));
	ASSERT_EQ(1, take_now(self->fd, &letter));
	EXPECT_EQ(0, letter.msg.flags);
}

TEST_F(uring, write_waits_for_room)
{
	ASSERT_EQ(1, send_text(self->fd, "x"));
	ASSERT_EQ(1, submit(&self->ring, SQE(WRITE, BUFFER("hello", 5))));
	EXPECT_FALSE(is_complete(&self->ring));
	EXPECT_STREQ("x", next_text(self->fd));
	EXPECT_EQ(5, result(&self->ring));
	EXPECT_STREQ("hello", next_text(self->fd));
}

/* To a ring any event is meant for one exclusive poller, the end as well. */
TEST_F(uring, hang_up_completes_all_exclusive_polls)
{
	char name[NAME_SIZE];
	int owner, i;

	unique_name(name, "owned");
	owner = open_mailbox(name, CREATE, .lifetime = MBX_LIFE_OWNER);
	close(self->fd);
	self->fd = open_mailbox(name, RDWR);
	for (i = 0; i < ENTRIES; i++)
		ASSERT_EQ(1, submit(&self->ring,
				    SQE(POLL_ADD,
					.poll32_events = EPOLLIN |
							 EPOLLEXCLUSIVE)));
	EXPECT_FALSE(is_complete(&self->ring));
	ASSERT_EQ(0, close(owner));
	for (i = 0; i < ENTRIES; i++)
		EXPECT_EQ(POLLIN | POLLHUP, result(&self->ring));
}

TEST_F(uring, closing_the_ring_ends_a_poll)
{
	ASSERT_EQ(1, submit(&self->ring, SQE(POLL_ADD, .poll_events = POLLIN)));
	ASSERT_EQ(0, close(self->ring.fd));
	EXPECT_EQ(1, send_text(self->fd, "x"));
	EXPECT_STREQ("x", next_text(self->fd));
}

TEST_HARNESS_MAIN
