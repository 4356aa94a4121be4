// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that can't be had however often the kernel tries
 *
 * Where it tries again in another way, a single failure is made up for.
 */
#include "call.h"
#include "inject.h"

#define REQUESTS (TOKEN_PLACES + 1)

FIXTURE(starve)
{
	int fd;
	struct caller callers[REQUESTS];
	struct letter letters[REQUESTS];
};

/* All but one request have been received, that one is queued. */
FIXTURE_SETUP(starve)
{
	int i;

	ASSERT_EQ(0, inject_init(INJECT_OBJECTS));
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < REQUESTS; i++)
		ASSERT_EQ(0, caller_start(&self->callers[i], self->fd, "ask"));
	for (i = 0; i < TOKEN_PLACES; i++)
		ASSERT_EQ(1, take(self->fd, &self->letters[i]));
	ASSERT_TRUE(wait_until(stat_of(self->fd).msgs == 1));
}

FIXTURE_TEARDOWN(starve)
{
	inject_always(NULL);
	close(self->fd);
}

TEST_F(starve, request_stays_queued_without_memory_for_its_token)
{
	__u64 used = info().used_msg_bytes;
	int ret, i;

	ASSERT_EQ(0, inject_always("radix_tree_node"));
	ret = take_now(self->fd, &self->letters[TOKEN_PLACES]);
	ASSERT_EQ(0, inject_always(NULL));
	EXPECT_EQ(-ENOMEM, ret);
	EXPECT_EQ(used, info().used_msg_bytes);
	EXPECT_EQ(1, stat_of(self->fd).msgs);
	EXPECT_EQ(REQUESTS, stat_of(self->fd).calls);
	EXPECT_TRUE(counters_add_up(self->fd));

	EXPECT_EQ(1, take_now(self->fd, &self->letters[TOKEN_PLACES]));
	for (i = 0; i < REQUESTS; i++)
		EXPECT_EQ(0, reply_text(self->fd, self->letters[i].msg.token,
					"answer"));
	for (i = 0; i < REQUESTS; i++)
		EXPECT_EQ(0, caller_end(&self->callers[i]));
}

/* --- a message is made of a spare, without memory for a new one --- */

FIXTURE(spare)
{
	int fd;
	char cache[32];
};

FIXTURE_SETUP(spare)
{
	ASSERT_EQ(0, inject_init(INJECT_OBJECTS));
	snprintf(self->cache, sizeof(self->cache), "kmalloc-cg-%u",
		 (unsigned int)info().msg_overhead);
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(spare)
{
	inject_always(NULL);
	close(self->fd);
}

static int leave_a_spare(void *arg)
{
	FIXTURE_DATA(spare) *self = arg;
	struct letter letter;

	if (send_text(self->fd, "x") != 1 || take(self->fd, &letter) != 1)
		return EXIT_FAILURE;
	return 0;
}

static int use_the_spare(void *arg)
{
	FIXTURE_DATA(spare) *self = arg;
	int ret = inject_always(self->cache) ?: send_text(self->fd, "y");

	inject_always(NULL);
	return ret == 1 ? 0 : status_of(ret);
}

static int leave_and_use(void *arg)
{
	return leave_a_spare(arg) ?: use_the_spare(arg);
}

static int in_a_pid_namespace(void *arg)
{
	return unshare(CLONE_NEWPID) ? EXIT_FAILURE : run(leave_and_use, arg);
}

TEST_F(spare, of_another_process_is_used)
{
	ASSERT_EQ(0, run(leave_a_spare, self));
	EXPECT_EQ(0, use_the_spare(self));
}

TEST_F(spare, of_the_process_itself_is_used)
{
	EXPECT_EQ(0, leave_and_use(self));
}

/* There it does not say whose it is. */
TEST_F(spare, of_another_pid_namespace_is_used)
{
	EXPECT_EQ(0, run(in_a_pid_namespace, self));
}

TEST_HARNESS_MAIN
