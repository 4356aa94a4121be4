// SPDX-License-Identifier: GPL-2.0-only
/* The library on the module: arrays of messages, and how their elements grow. */
#include "lib_test.h"

#define COUNT 3
#define TEXT_SIZE 8

static const char text[] = "message";

/* An element as a later program may have it. */
struct later {
	struct mbx_message known;
	uint64_t later;
};

FIXTURE(batch)
{
	int fd;
	char texts[COUNT][TEXT_SIZE];
	struct mbx_message out[COUNT];
	struct mbx_message in[COUNT];
};

FIXTURE_SETUP(batch)
{
	int i;

	self->fd = mbx_mailbox_open(NULL, CREATE,
				    MBX_MAILBOX_OPTS(.max_msgs = COUNT));
	ASSERT_LE(0, self->fd);
	for (i = 0; i < COUNT; i++) {
		self->out[i].data = (uintptr_t)(text + i);
		self->out[i].len = 7 - i;
		self->out[i].tag = i;
		self->in[i].data = (uintptr_t)self->texts[i];
		self->in[i].capacity = TEXT_SIZE;
	}
}

FIXTURE_TEARDOWN(batch)
{
	close(self->fd);
}

TEST_F(batch, of_none_or_too_many_is_refused)
{
	EXPECT_EQ(-EINVAL, mbx_send_many(self->fd, self->out, 0, NULL));
	EXPECT_EQ(-EINVAL, mbx_recv_many(self->fd, self->in, 0, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_send_many(self->fd, self->out, MBX_BATCH_MAX + 1, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_recv_many(self->fd, self->in, MBX_BATCH_MAX + 1, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_send_many(self->fd, self->out, UINT32_MAX, NULL));
	EXPECT_EQ(-EINVAL, mbx_recv_many(self->fd, self->in, UINT32_MAX, NULL));
}

TEST_F(batch, with_priority_or_tag_for_all_is_refused)
{
	EXPECT_EQ(-EINVAL, mbx_send_many(self->fd, self->out, COUNT,
					 MBX_SEND_OPTS(.prio = 1)));
	EXPECT_EQ(-EINVAL, mbx_send_many(self->fd, self->out, COUNT,
					 MBX_SEND_OPTS(.tag = 1)));
	EXPECT_EQ(0, mailbox_stat(self->fd).msgs);
}

TEST_F(batch, of_elements_below_the_first_version_is_refused)
{
	EXPECT_EQ(-EINVAL, mbx_send_many_sized(self->fd, self->out,
					       MESSAGE_FIRST - 8, 1, NULL));
	EXPECT_EQ(-EINVAL, mbx_recv_many_sized(self->fd, self->in,
					       MESSAGE_FIRST - 8, 1, NULL));
	EXPECT_EQ(-EINVAL,
		  mbx_recv_with_sized(self->fd, self->texts[0], TEXT_SIZE, NULL,
				      self->in, MESSAGE_FIRST - 8));
}

TEST_F(batch, of_elements_of_the_first_version_is_accepted)
{
	EXPECT_EQ(1, mbx_send_many_sized(self->fd, self->out, MESSAGE_FIRST, 1,
					 NULL));
	EXPECT_EQ(1, mbx_recv_many_sized(self->fd, self->in, MESSAGE_FIRST, 1,
					 NULL));
	EXPECT_EQ(1, mbx_send_many(self->fd, self->out, 1, NULL));
	EXPECT_EQ(7, mbx_recv_with_sized(self->fd, self->texts[0], TEXT_SIZE,
					 NULL, self->in, MESSAGE_FIRST));
}

TEST_F(batch, of_later_elements_is_refused_unless_zero)
{
	struct later out[2] = { { self->out[0], 0 }, { self->out[1], 1 } };
	struct later in[2] = { { self->in[0], 1 }, { self->in[1], 0 } };

	EXPECT_EQ(1, mbx_send_many_sized(self->fd, &out->known, sizeof(*out), 2,
					 NULL));
	EXPECT_EQ(-E2BIG, mbx_send_many_sized(self->fd, &out[1].known,
					      sizeof(*out), 1, NULL));
	EXPECT_EQ(-E2BIG, mbx_recv_many_sized(self->fd, &in->known, sizeof(*in),
					      2, NULL));
	in[0].later = 0;
	EXPECT_EQ(1, mbx_recv_many_sized(self->fd, &in->known, sizeof(*in), 2,
					 NULL));
	EXPECT_EQ(7, in[0].known.len);
}

TEST_F(batch, that_can_not_even_begin_says_why)
{
	self->out[0].prio = MBX_PRIO_MAX + 1;
	EXPECT_EQ(-EINVAL, mbx_send_many(self->fd, self->out, COUNT, NULL));
	EXPECT_EQ(-EAGAIN,
		  mbx_recv_many(self->fd, self->in, COUNT,
				MBX_RECV_OPTS(.flags = MBX_RECV_NONBLOCK)));
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_recv_many(self->fd, self->in, COUNT,
				MBX_RECV_OPTS(.deadline_ns = PAST)));
}

TEST_F(batch, that_does_not_fit_is_sent_in_part)
{
	ASSERT_EQ(0, mbx_send(self->fd, "", 0));
	EXPECT_EQ(COUNT - 1,
		  mbx_send_many(self->fd, self->out, COUNT,
				MBX_SEND_OPTS(.flags = MBX_SEND_NONBLOCK)));
	EXPECT_EQ(-EAGAIN,
		  mbx_send_many(self->fd, self->out, COUNT,
				MBX_SEND_OPTS(.flags = MBX_SEND_NONBLOCK)));
	EXPECT_EQ(-ETIMEDOUT,
		  mbx_send_many(self->fd, self->out, COUNT,
				MBX_SEND_OPTS(.deadline_ns = PAST)));
}

TEST_F(batch, first_message_too_large_tells_its_length)
{
	ASSERT_EQ(COUNT, mbx_send_many(self->fd, self->out, COUNT, NULL));
	self->in[0].capacity = 1;
	EXPECT_EQ(-EMSGSIZE, mbx_recv_many(self->fd, self->in, COUNT, NULL));
	EXPECT_EQ(7, self->in[0].len);
	EXPECT_EQ(COUNT, mailbox_stat(self->fd).msgs);
}

TEST_F(batch, ends_before_a_message_too_large)
{
	ASSERT_EQ(COUNT, mbx_send_many(self->fd, self->out, COUNT, NULL));
	self->in[1].capacity = 1;
	EXPECT_EQ(1, mbx_recv_many(self->fd, self->in, COUNT, NULL));
	EXPECT_EQ(COUNT - 1, mailbox_stat(self->fd).msgs);
}

TEST_F(batch, comes_as_it_was_sent)
{
	int i;

	EXPECT_EQ(COUNT, mbx_send_many(self->fd, self->out, COUNT, NULL));
	EXPECT_EQ(COUNT, mbx_recv_many(self->fd, self->in, COUNT, NULL));
	for (i = 0; i < COUNT; i++) {
		EXPECT_EQ(i, self->in[i].tag);
		EXPECT_EQ(7 - i, self->in[i].len);
		EXPECT_EQ(0, memcmp(text + i, self->texts[i], 7 - i));
	}
}

TEST_F(batch, takes_what_is_there)
{
	ASSERT_EQ(2, mbx_send_many(self->fd, self->out, 2, NULL));
	EXPECT_EQ(2, mbx_recv_many(self->fd, self->in, COUNT, NULL));
}

TEST_F(batch, can_be_selected)
{
	ASSERT_EQ(COUNT, mbx_send_many(self->fd, self->out, COUNT, NULL));
	EXPECT_EQ(1, mbx_recv_many(self->fd, self->in, COUNT,
				   MBX_RECV_OPTS(.flags = MBX_RECV_BY_TAG,
						 .tag = 1)));
	EXPECT_EQ(6, self->in[0].len);
}

TEST_HARNESS_MAIN
