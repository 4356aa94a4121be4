// SPDX-License-Identifier: GPL-2.0-only
/* What the end of its owner does to an object, its calls and its mappings. */
#include "blocked.h"
#include "region.h"

FIXTURE(owned_mailbox)
{
	char name[NAME_SIZE];
	int owner;
	int fd;
};

FIXTURE_SETUP(owned_mailbox)
{
	unique_name(self->name, "it");
	self->owner = open_mailbox(self->name, CREATE,
				   .lifetime = MBX_LIFE_OWNER, .max_msgs = 2);
	self->fd = open_mailbox(self->name, RDWR);
	ASSERT_LE(0, self->owner);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(owned_mailbox)
{
	unlink_name(self->name);
}

/* For a child that is to hold the mailbox only through self->fd. */
struct other_holder {
	int owner;
	int fd;
	child_fn *fn;
};

static int run_without_owner(void *arg)
{
	struct other_holder *holder = arg;

	close(holder->owner);
	return holder->fn(&holder->fd);
}

static pid_t spawn_other(const FIXTURE_DATA(owned_mailbox) * self, child_fn *fn)
{
	struct other_holder holder = { self->owner, self->fd, fn };

	return spawn(run_without_owner, &holder);
}

TEST_F(owned_mailbox, blocked_receiver_is_told)
{
	pid_t child = spawn_other(self, receive_child);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	EXPECT_EQ(0, close(self->owner));
	EXPECT_EQ(EOWNERDEAD, reap(child));
	EXPECT_EQ(0, stat_of(self->fd).waiting_receivers);
}

/* The module wakes some at a time. */
#define MANY 40

TEST_F(owned_mailbox, many_blocked_receivers_are_told)
{
	pid_t children[MANY];
	int i;

	for (i = 0; i < MANY; i++)
		children[i] = spawn_other(self, receive_child);
	ASSERT_TRUE(receivers_wait(self->fd, MANY));
	EXPECT_EQ(0, close(self->owner));
	for (i = 0; i < MANY; i++)
		EXPECT_EQ(EOWNERDEAD, reap(children[i]));
}

TEST_F(owned_mailbox, blocked_sender_is_told)
{
	pid_t child;

	ASSERT_EQ(1, send_text(self->fd, "one"));
	ASSERT_EQ(1, send_text(self->fd, "two"));
	child = spawn_other(self, send_child);
	ASSERT_TRUE(senders_wait(self->fd, 1));
	EXPECT_EQ(0, close(self->owner));
	EXPECT_EQ(EOWNERDEAD, reap(child));
	EXPECT_EQ(0, stat_of(self->fd).waiting_senders);
	EXPECT_EQ(2, stat_of(self->fd).msgs);
}

static int read_child(void *arg)
{
	char byte;

	return status_of(result_of(read(*(int *)arg, &byte, 1)));
}

TEST_F(owned_mailbox, blocked_read_is_told)
{
	pid_t child = spawn_other(self, read_child);

	ASSERT_TRUE(receivers_wait(self->fd, 1));
	EXPECT_EQ(0, close(self->owner));
	EXPECT_EQ(EOWNERDEAD, reap(child));
}

TEST_F(owned_mailbox, sending_after_the_end_is_refused)
{
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-EOWNERDEAD, send_text(self->fd, "late"));
	EXPECT_EQ(-EOWNERDEAD, send_waiting(self->fd, "late"));
	EXPECT_EQ(-1, write(self->fd, "late", 4));
	EXPECT_EQ(EOWNERDEAD, errno);
	EXPECT_EQ(0, stat_of(self->fd).sent);
}

TEST_F(owned_mailbox, queued_messages_can_still_be_received)
{
	ASSERT_EQ(1, send_text(self->fd, "one"));
	ASSERT_EQ(1, send_text(self->fd, "two"));
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(POLLIN | POLLHUP, poll_now(self->fd, POLLIN));
	EXPECT_STREQ("one", peek_text(self->fd));
	EXPECT_STREQ("one", next_text(self->fd));
	EXPECT_STREQ("two", next_text(self->fd));
	EXPECT_STREQ("EOWNERDEAD", next_text(self->fd));
}

TEST_F(owned_mailbox, receiving_from_an_empty_one_does_not_wait)
{
	struct letter letter;

	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-EOWNERDEAD, take(self->fd, &letter));
	EXPECT_EQ(-EOWNERDEAD, take_now(self->fd, &letter));
	EXPECT_EQ(-EOWNERDEAD, take(self->fd, &letter, .flags = MBX_RECV_PEEK));
	EXPECT_EQ(-EOWNERDEAD, take(self->fd, &letter, .deadline_ns = 1));
}

TEST_F(owned_mailbox, receiving_what_is_not_there_does_not_wait)
{
	struct letter letter;

	ASSERT_EQ(1, send_text(self->fd, "one", .tag = 1));
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-EOWNERDEAD,
		  take(self->fd, &letter, .flags = MBX_RECV_BY_TAG, .tag = 2));
	EXPECT_EQ(1,
		  take(self->fd, &letter, .flags = MBX_RECV_BY_TAG, .tag = 1));
}

FIXTURE(owned_region)
{
	char name[NAME_SIZE];
	int owner;
	int fd;
	__u32 *seq;
};

FIXTURE_SETUP(owned_region)
{
	unique_name(self->name, "it");
	self->owner = open_region(self->name, CREATE,
				  .lifetime = MBX_LIFE_OWNER, .bytes = 5);
	self->fd = open_region(self->name, RDWR);
	self->seq = map_seq(self->fd);
	ASSERT_LE(0, self->owner);
	ASSERT_LE(0, self->fd);
	ASSERT_NE(NULL, self->seq);
}

FIXTURE_TEARDOWN(owned_region)
{
	unlink_name(self->name);
}

static int wait_child(void *arg)
{
	struct other_holder *holder = arg;
	struct mbx_slot slot = { 0 };

	close(holder->owner);
	return status_of(wait_slots(holder->fd, &slot, 1));
}

TEST_F(owned_region, blocked_wait_is_told)
{
	struct other_holder holder = { self->owner, self->fd, NULL };
	pid_t child = spawn(wait_child, &holder);

	ASSERT_TRUE(waiters_are(self->fd, 1));
	EXPECT_EQ(0, close(self->owner));
	EXPECT_EQ(EOWNERDEAD, reap(child));
	EXPECT_EQ(0, region_stat(self->fd).waiters);
}

static int read_region_child(void *arg)
{
	struct other_holder *holder = arg;
	struct mbx_slot slot;
	int err;

	close(holder->owner);
	err = subscribe(holder->fd, 1);
	if (err)
		return EXIT_FAILURE;
	return status_of(result_of(read(holder->fd, &slot, sizeof(slot))));
}

TEST_F(owned_region, blocked_read_is_told)
{
	struct other_holder holder = { self->owner, self->fd, NULL };
	pid_t child = spawn(read_region_child, &holder);

	ASSERT_SOON(region_stat(self->fd).subscribers == 1);
	EXPECT_EQ(0, close(self->owner));
	EXPECT_EQ(EOWNERDEAD, reap(child));
}

TEST_F(owned_region, wait_after_the_end_is_refused)
{
	struct mbx_slot slot = { 0 };

	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-EOWNERDEAD, wait_slots(self->fd, &slot, 1));
	EXPECT_EQ(-EOWNERDEAD,
		  wait_slots(self->fd, &slot, 1, .flags = MBX_WAIT_NONBLOCK));
}

TEST_F(owned_region, last_change_can_still_be_seen)
{
	struct mbx_slot slot = { 0 };

	move_slot(self->seq, 0);
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(1, wait_slots(self->fd, &slot, 1));
	EXPECT_EQ(1, slot.seq);
	EXPECT_EQ(-EOWNERDEAD, wait_slots(self->fd, &slot, 1));
}

TEST_F(owned_region, notifying_after_the_end_is_refused)
{
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-EOWNERDEAD, notify(self->fd, 1));
}

TEST_F(owned_region, subscribing_after_the_end_is_refused)
{
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-EOWNERDEAD, subscribe(self->fd, 1));
}

TEST_F(owned_region, mapping_after_the_end_is_refused)
{
	size_t page = page_size();

	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(-EOWNERDEAD,
		  map_error(self->fd, page, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(-EOWNERDEAD, map_error(self->fd, page, PROT_READ, MAP_SHARED,
					 MBX_REGION_OFFSET_SEQ));
	EXPECT_EQ(-EOWNERDEAD, map_error(self->fd, page, PROT_READ, MAP_SHARED,
					 MBX_REGION_OFFSET_WAITERS));
}

TEST_F(owned_region, mappings_stay_readable)
{
	char *data = map_data(self->owner, 5);

	ASSERT_NE(NULL, data);
	strcpy(data, "text");
	*self->seq = 7;
	ASSERT_EQ(0, close(self->owner));
	EXPECT_STREQ("text", data);
	EXPECT_EQ(7, *self->seq);
}

/* The owner is an open file, not a mapping. */
TEST_F(owned_region, owners_mapping_does_not_keep_it_alive)
{
	char *data = map_data(self->owner, 5);

	ASSERT_NE(NULL, data);
	ASSERT_NE(NULL, map_seq(self->owner));
	ASSERT_NE(NULL, map_waiters(self->owner));
	ASSERT_EQ(0, close(self->owner));
	EXPECT_EQ(MBX_STATE_DEAD, region_stat(self->fd).state);
	EXPECT_EQ(POLLHUP, poll_now(self->fd, 0));
}

TEST_HARNESS_MAIN
