// SPDX-License-Identifier: GPL-2.0-only
/* Arrays of messages in one call. */
#include "blocked.h"
#include "memory.h"

#define MANY 8
#define FIRST_SIZE 64 /* of a message, in the first version of the ABI */

FIXTURE(batch)
{
	int fd;
	struct cliff cliff;
	struct mbx_message out[MANY];
	struct mbx_message in[MANY];
	char text[MANY][16];
};

FIXTURE_SETUP(batch)
{
	int i;

	self->fd = open_mailbox(NULL, CREATE, .max_msgs = MANY);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, cliff_init(&self->cliff));
	for (i = 0; i < MANY; i++) {
		self->out[i].data = (uintptr_t) "abcdefgh" + i;
		self->out[i].len = 1;
		self->out[i].tag = i;
		self->in[i].data = (uintptr_t)self->text[i];
		self->in[i].capacity = sizeof(self->text[i]);
	}
}

FIXTURE_TEARDOWN(batch)
{
	close(self->fd);
}

TEST_F(batch, sends_all_in_order)
{
	EXPECT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(3, stat_of(self->fd).sent);
	EXPECT_STREQ("a", next_text(self->fd));
	EXPECT_STREQ("b", next_text(self->fd));
	EXPECT_STREQ("c", next_text(self->fd));
}

TEST_F(batch, counts_towards_the_high_water_marks)
{
	struct mbx_mailbox_stat st;

	ASSERT_EQ(5, send_array(self->fd, self->out, 5));
	ASSERT_EQ(5, recv_array(self->fd, self->in, MANY));
	st = stat_of(self->fd);
	EXPECT_EQ(5, st.msgs_high);
	EXPECT_EQ(5, st.bytes_high);
	EXPECT_EQ(0, st.msgs);
}

TEST_F(batch, receives_all_in_order)
{
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(3, recv_array(self->fd, self->in, 3));
	EXPECT_STREQ("a", self->text[0]);
	EXPECT_STREQ("b", self->text[1]);
	EXPECT_STREQ("c", self->text[2]);
	EXPECT_EQ(2, self->in[2].tag);
	EXPECT_EQ(3, stat_of(self->fd).received);
}

TEST_F(batch, receives_the_highest_priority_first)
{
	self->out[2].prio = 9;
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(3, recv_array(self->fd, self->in, 3));
	EXPECT_STREQ("c", self->text[0]);
	EXPECT_STREQ("a", self->text[1]);
	EXPECT_STREQ("b", self->text[2]);
}

TEST_F(batch, receives_what_is_there_without_waiting_for_more)
{
	ASSERT_EQ(2, send_array(self->fd, self->out, 2));
	EXPECT_EQ(2, recv_array(self->fd, self->in, MANY));
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

TEST_F(batch, receives_no_more_than_asked_for)
{
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(2, recv_array(self->fd, self->in, 2));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_STREQ("c", next_text(self->fd));
}

TEST_F(batch, leaves_unused_elements_alone)
{
	struct mbx_message before = self->in[1];

	ASSERT_EQ(1, send_array(self->fd, self->out, 1));
	EXPECT_EQ(1, recv_array(self->fd, self->in, 2));
	EXPECT_EQ(0, memcmp(&before, &self->in[1], sizeof(before)));
}

TEST_F(batch, respects_the_selection_for_every_message)
{
	self->out[0].prio = 5;
	self->out[2].prio = 5;
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(2, recv_array(self->fd, self->in, 3,
				.flags = MBX_RECV_BY_PRIO, .min_prio = 5));
	EXPECT_STREQ("b", next_text(self->fd));
}

static int receive_batch(void *arg)
{
	struct mbx_message in[MANY] = { { .capacity = 0 } };
	char text[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		in[i].data = (uintptr_t)(text + i);
		in[i].capacity = 1;
	}
	return recv_array(*(int *)arg, in, MANY) != 1;
}

TEST_F(batch, waits_only_for_the_first)
{
	pid_t child = spawn(receive_batch, &self->fd);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	ASSERT_EQ(1, send_text(self->fd, "x"));
	EXPECT_EQ(0, reap(child));
}

TEST_F(batch, sends_what_fits_without_waiting)
{
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(MANY - 3, send_array(self->fd, self->out, MANY,
				       .flags = MBX_SEND_NONBLOCK));
	EXPECT_EQ(MANY, stat_of(self->fd).msgs);
	EXPECT_EQ(-EAGAIN, send_array(self->fd, self->out, MANY,
				      .flags = MBX_SEND_NONBLOCK));
}

TEST_F(batch, sends_what_fits_until_the_deadline)
{
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(MANY - 3,
		  send_array(self->fd, self->out, MANY, .deadline_ns = 1));
	EXPECT_EQ(-ETIMEDOUT,
		  send_array(self->fd, self->out, MANY, .deadline_ns = 1));
}

static int send_eight(void *arg)
{
	struct mbx_message out[MANY] = { { .len = 0 } };
	int i;

	for (i = 0; i < MANY; i++)
		out[i].tag = 100 + i;
	return send_array(*(int *)arg, out, MANY);
}

TEST_F(batch, waits_until_all_are_sent)
{
	struct letter letter;
	pid_t child;
	int i;

	ASSERT_EQ(MANY, send_array(self->fd, self->out, MANY));
	child = spawn(send_eight, &self->fd);
	for (i = 0; i < MANY; i++) {
		ASSERT_TRUE(senders_wait(self->fd, 1));
		ASSERT_EQ(1, take_now(self->fd, &letter));
		EXPECT_EQ((__u64)i, letter.msg.tag);
	}
	EXPECT_EQ(MANY, reap(child));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(1, take_now(self->fd, &letter));
		EXPECT_EQ(100ULL + i, letter.msg.tag);
	}
}

static void ignore_signal(int sig)
{
}

static int send_eight_until_signal(void *arg)
{
	struct sigaction action = { .sa_handler = ignore_signal };

	sigaction(SIGUSR1, &action, NULL);
	return send_eight(arg);
}

TEST_F(batch, signal_ends_it_with_what_was_sent)
{
	pid_t child;

	ASSERT_EQ(5, send_array(self->fd, self->out, 5));
	child = spawn(send_eight_until_signal, &self->fd);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	ASSERT_EQ(0, kill(child, SIGUSR1));
	EXPECT_EQ(3, reap(child));
	EXPECT_EQ(MANY, stat_of(self->fd).msgs);
}

TEST_F(batch, bad_first_message_is_an_error)
{
	self->out[0].prio = 32;
	EXPECT_EQ(-EINVAL, send_array(self->fd, self->out, 3));
	EXPECT_EQ(0, stat_of(self->fd).msgs);
}

TEST_F(batch, bad_message_ends_it_with_what_was_sent)
{
	self->out[2].prio = 32;
	EXPECT_EQ(2, send_array(self->fd, self->out, 4));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

TEST_F(batch, too_long_message_ends_it_with_what_was_sent)
{
	self->out[1].len = MBX_DEFAULT_MSG_SIZE + 1;
	EXPECT_EQ(1, send_array(self->fd, self->out, 3));
	EXPECT_EQ(-EMSGSIZE, send_array(self->fd, self->out + 1, 2));
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

TEST_F(batch, unreadable_payload_ends_it_with_what_was_sent)
{
	self->out[2].data = (uintptr_t)self->cliff.end;
	EXPECT_EQ(2, send_array(self->fd, self->out, 3));
	EXPECT_EQ(-EFAULT, send_array(self->fd, self->out + 2, 1));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

TEST_F(batch, half_mapped_array_is_sent_as_far_as_it_goes)
{
	struct mbx_message *out = (struct mbx_message *)self->cliff.end - 2;

	memcpy(out, self->out, 2 * sizeof(*out));
	EXPECT_EQ(2, send_array(self->fd, out, 3));
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

TEST_F(batch, short_buffer_ends_it_with_what_was_received)
{
	self->in[1].capacity = 0;
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(1, recv_array(self->fd, self->in, 3));
	EXPECT_EQ(1, self->in[1].len);
	EXPECT_EQ(2, stat_of(self->fd).msgs);
	EXPECT_STREQ("b", next_text(self->fd));
	EXPECT_STREQ("c", next_text(self->fd));
}

TEST_F(batch, unwritable_buffer_ends_it_with_what_was_received)
{
	self->in[1].data = (uintptr_t)self->cliff.end;
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(1, recv_array(self->fd, self->in, 3));
	EXPECT_STREQ("b", next_text(self->fd));
	EXPECT_STREQ("c", next_text(self->fd));
}

TEST_F(batch, half_mapped_array_is_filled_as_far_as_it_goes)
{
	struct mbx_message *in = (struct mbx_message *)self->cliff.end - 2;

	memcpy(in, self->in, 2 * sizeof(*in));
	ASSERT_EQ(3, send_array(self->fd, self->out, 3));
	EXPECT_EQ(2, recv_array(self->fd, in, 3));
	EXPECT_STREQ("c", next_text(self->fd));
}

TEST_F(batch, of_1024_is_the_largest)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = MBX_BATCH_MAX + 1);
	struct mbx_message *many = calloc(MBX_BATCH_MAX + 1, sizeof(*many));

	EXPECT_EQ(-EINVAL, send_array(fd, many, MBX_BATCH_MAX + 1));
	EXPECT_EQ(0, stat_of(fd).sent);
	EXPECT_EQ(MBX_BATCH_MAX, send_array(fd, many, MBX_BATCH_MAX));
	EXPECT_EQ(-EINVAL, recv_array(fd, many, MBX_BATCH_MAX + 1));
	EXPECT_EQ(MBX_BATCH_MAX, stat_of(fd).msgs);
	EXPECT_EQ(MBX_BATCH_MAX, recv_array(fd, many, MBX_BATCH_MAX));
}

TEST_F(batch, of_an_absurd_count_is_refused)
{
	static const __u32 counts[] = {
		0,	    1025,	0x04000000, 0x04000001,
		0x7fffffff, 0x80000000, 0xffffffff,
	};
	size_t i;

	ASSERT_EQ(1, send_array(self->fd, self->out, 1));
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		EXPECT_EQ(-EINVAL, send_array(self->fd, self->out, counts[i]));
		EXPECT_EQ(-EINVAL, recv_array(self->fd, self->in, counts[i]));
	}
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

/* Elements as programs compiled against a later or a wrong header have them. */
static int send_elements(int fd, void *at, __u32 count, __u32 elem_size)
{
	struct mbx_send args = {
		.size = sizeof(args),
		.messages = (uintptr_t)at,
		.count = count,
		.elem_size = elem_size,
	};

	return call(fd, MBX_IOC_SEND, &args);
}

static int recv_flagged(int fd, void *at, __u32 count, __u32 elem_size,
			__u32 flags)
{
	struct mbx_recv args = {
		.size = sizeof(args),
		.flags = flags,
		.messages = (uintptr_t)at,
		.count = count,
		.elem_size = elem_size,
	};

	return call(fd, MBX_IOC_RECV, &args);
}

static int recv_elements(int fd, void *at, __u32 count, __u32 elem_size)
{
	return recv_flagged(fd, at, count, elem_size, MBX_RECV_NONBLOCK);
}

TEST_F(batch, shorter_elements_are_refused)
{
	__u32 size;

	ASSERT_EQ(1, send_array(self->fd, self->out, 1));
	for (size = 0; size < FIRST_SIZE; size++) {
		EXPECT_EQ(-EINVAL, send_elements(self->fd, self->out, 1, size));
		EXPECT_EQ(-EINVAL, recv_elements(self->fd, self->in, 1, size));
	}
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

/* Two elements side by side, each as short as can be. */
TEST_F(batch, elements_of_the_first_version_are_accepted)
{
	char at[2 * FIRST_SIZE + 64];
	struct mbx_message *in = (struct mbx_message *)at;

	memcpy(at, &self->out[0], FIRST_SIZE);
	memcpy(at + FIRST_SIZE, &self->out[1], FIRST_SIZE);
	EXPECT_EQ(2, send_elements(self->fd, at, 2, FIRST_SIZE));

	memset(at, 0xa5, sizeof(at));
	memcpy(at, &self->in[0], FIRST_SIZE);
	memcpy(at + FIRST_SIZE, &self->in[1], FIRST_SIZE);
	EXPECT_EQ(2, recv_elements(self->fd, at, 2, FIRST_SIZE));
	EXPECT_EQ(0, in->tag);
	EXPECT_EQ((uintptr_t)self->text[1],
		  ((struct mbx_message *)(at + FIRST_SIZE))->data);
	EXPECT_EQ(1, ((struct mbx_message *)(at + FIRST_SIZE))->tag);
	EXPECT_EQ('\xa5', at[2 * FIRST_SIZE]);
	EXPECT_EQ('\xa5', at[2 * FIRST_SIZE + 7]);
}

TEST_F(batch, short_buffer_is_reported_within_the_element)
{
	char at[FIRST_SIZE + 64];

	ASSERT_EQ(1, send_array(self->fd, self->out, 1));
	memset(at, 0xa5, sizeof(at));
	memset(at, 0, FIRST_SIZE);
	EXPECT_EQ(-EMSGSIZE, recv_elements(self->fd, at, 1, FIRST_SIZE));
	EXPECT_EQ(1, ((struct mbx_message *)at)->len);
	EXPECT_EQ('\xa5', at[FIRST_SIZE]);
}

struct longer_message {
	struct mbx_message msg;
	__u64 unknown[2];
};

TEST_F(batch, longer_elements_with_zero_tails_are_accepted)
{
	struct longer_message longer[2] = { { .msg = self->out[0] },
					    { .msg = self->out[1] } };

	EXPECT_EQ(2, send_elements(self->fd, longer, 2, sizeof(longer[0])));
	longer[0].msg = self->in[0];
	longer[1].msg = self->in[1];
	EXPECT_EQ(2, recv_flagged(self->fd, longer, 2, sizeof(longer[0]),
				  MBX_RECV_NONBLOCK | MBX_RECV_PEEK));
	EXPECT_EQ(2, recv_elements(self->fd, longer, 2, sizeof(longer[0])));
	EXPECT_STREQ("a", self->text[0]);
	EXPECT_STREQ("b", self->text[1]);
	EXPECT_EQ(1, longer[1].msg.tag);
	EXPECT_EQ(0, longer[0].unknown[0]);
}

TEST_F(batch, sent_element_with_an_unknown_part_is_refused)
{
	struct longer_message longer[2] = { { .msg = self->out[0] },
					    { .msg = self->out[1] } };
	unsigned int i;

	for (i = sizeof(struct mbx_message); i < sizeof(longer[0]); i++) {
		((char *)longer)[i] = 1;
		EXPECT_EQ(-E2BIG, send_elements(self->fd, longer, 2,
						sizeof(longer[0])));
		((char *)longer)[i] = 0;
	}
	EXPECT_EQ(0, stat_of(self->fd).sent);
	longer[1].unknown[1] = 1;
	EXPECT_EQ(1, send_elements(self->fd, longer, 2, sizeof(longer[0])));
}

TEST_F(batch, received_element_with_an_unknown_part_is_refused)
{
	struct longer_message longer[2] = { { .msg = self->in[0] },
					    { .msg = self->in[1] } };
	unsigned int i;

	ASSERT_EQ(2, send_array(self->fd, self->out, 2));
	for (i = sizeof(struct mbx_message); i < sizeof(longer[0]); i++) {
		((char *)longer)[i] = 1;
		EXPECT_EQ(-E2BIG, recv_elements(self->fd, longer, 2,
						sizeof(longer[0])));
		((char *)longer)[i] = 0;
	}
	EXPECT_EQ(2, stat_of(self->fd).msgs);
	longer[1].unknown[1] = 1;
	EXPECT_EQ(1, recv_elements(self->fd, longer, 2, sizeof(longer[0])));
}

TEST_F(batch, absurd_element_sizes_are_refused)
{
	static const __u32 sizes[] = { 0x7fffffff, 0x80000000, 0xffffffff };
	struct longer_message longer = { .msg = self->out[0],
					 .unknown = { 1, 1 } };
	size_t i;

	ASSERT_EQ(1, send_array(self->fd, self->out, 1));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		EXPECT_EQ(-E2BIG,
			  send_elements(self->fd, &longer, 1, sizes[i]));
		EXPECT_EQ(-E2BIG,
			  recv_elements(self->fd, &longer, 1, sizes[i]));
		EXPECT_EQ(-E2BIG, send_elements(self->fd, &longer,
						MBX_BATCH_MAX, sizes[i]));
	}
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

TEST_F(batch, array_at_a_bad_address_faults)
{
	size_t i;

	ASSERT_EQ(1, send_array(self->fd, self->out, 1));
	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		void *at = pointer(nowhere[i]);

		EXPECT_EQ(-EFAULT,
			  send_elements(self->fd, at, 1, sizeof(self->out[0])));
		EXPECT_EQ(-EFAULT,
			  recv_elements(self->fd, at, 1, sizeof(self->out[0])));
		EXPECT_EQ(-EFAULT,
			  send_elements(self->fd, at, MBX_BATCH_MAX, 4096));
		EXPECT_EQ(-EFAULT,
			  recv_elements(self->fd, at, MBX_BATCH_MAX, 4096));
	}
	EXPECT_EQ(1, stat_of(self->fd).msgs);
}

TEST_HARNESS_MAIN
