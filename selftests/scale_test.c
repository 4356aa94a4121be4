// SPDX-License-Identifier: GPL-2.0-only
/* Many names and many messages. */
#include "scale.h"

#define MANY amount(NULL, 10000)

FIXTURE(scale)
{
	struct params params;
	__u64 objects;
	int home; /* network namespaces */
	int there;
};

FIXTURE_SETUP(scale)
{
	ASSERT_LE(0, device());
	ASSERT_EQ(0, params_save(&self->params));
	ASSERT_EQ(0, param_write("quota_objects", MANY + 1000));
	self->objects = info().used_objects;
	self->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->home);
	self->there = new_netns();
	ASSERT_LE(0, self->there);
}

/* The objects go with their namespaces. */
FIXTURE_TEARDOWN(scale)
{
	params_restore(&self->params);
	setns(self->home, CLONE_NEWNET);
	close(self->there);
	EXPECT_SOON(info().used_objects == self->objects);
}

TEST_F_TIMEOUT(scale, names_lead_to_their_mailboxes, 120)
{
	char name[32];
	int i, fd, many = MANY, wrong = 0;

	ASSERT_EQ(many, create_many(many));
	for (i = 0; i < many; i += 97) {
		name_of(name, i);
		fd = open_mailbox(name, RDWR);
		wrong += send_bytes(fd, &i, sizeof(i), MBX_SEND_NONBLOCK) != 1;
		close(fd);
	}
	for (i = 0; i < many; i += 97) {
		int got = -1;
		struct mbx_message msg = { .data = (uintptr_t)&got,
					   .capacity = sizeof(got) };

		name_of(name, i);
		fd = open_mailbox(name, RDWR);
		wrong += recv_array(fd, &msg, 1, .flags = MBX_RECV_NONBLOCK) !=
				 1 ||
			 got != i;
		close(fd);
	}
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(-ENOENT, open_mailbox("scale/mailbox-999999", RDWR));
}

TEST_F_TIMEOUT(scale, largest_mailbox_takes_all_its_messages, 120)
{
	static struct mbx_message msgs[MBX_BATCH_MAX];
	int fd = open_mailbox(NULL, CREATE, .max_msgs = MBX_MSGS_MAX), i,
	    sent = 0, received = 0;

	for (i = 0; i < MBX_MSGS_MAX / MBX_BATCH_MAX; i++)
		sent += send_array(fd, msgs, MBX_BATCH_MAX);
	EXPECT_EQ(MBX_MSGS_MAX, sent);
	EXPECT_EQ(-EAGAIN, send_text(fd, ""));
	EXPECT_EQ(MBX_MSGS_MAX, stat_of(fd).msgs);
	for (i = 0; i < MBX_MSGS_MAX / MBX_BATCH_MAX; i++)
		received += recv_array(fd, msgs, MBX_BATCH_MAX);
	EXPECT_EQ(MBX_MSGS_MAX, received);
	close(fd);
}

TEST_HARNESS_MAIN
