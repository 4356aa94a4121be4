// SPDX-License-Identifier: GPL-2.0-only
/* How options and result structs grow. */
#include "kselftest_harness.h"

#include <sys/mman.h>

#include "internal.h"

/* What a program hands over, compiled with a library later than this one. */
struct later {
	uint32_t size;
	uint32_t known;
	uint32_t later[2];
};

/* What this library knows, of which the first version had 8 bytes. */
struct ours {
	uint32_t size;
	uint32_t known;
	uint32_t added;
};

#define FIRST 8

static int get(struct ours *ours, const void *user)
{
	memset(ours, 0xff, sizeof(*ours));
	return mbx_opts_get(ours, sizeof(*ours), FIRST, user);
}

TEST(no_options_are_all_zero)
{
	static const struct ours zero;
	struct ours ours;

	EXPECT_EQ(0, get(&ours, NULL));
	EXPECT_EQ(0, memcmp(&ours, &zero, sizeof(ours)));
}

TEST(size_below_the_first_version_is_refused)
{
	struct later user = { .known = 1 };
	struct ours ours;

	for (user.size = 0; user.size < FIRST; user.size++)
		EXPECT_EQ(-EINVAL, get(&ours, &user));
}

TEST(unknown_bytes_that_are_not_zero_are_refused)
{
	struct later user = { .size = sizeof(user) };
	struct ours ours;
	size_t at;

	for (at = sizeof(ours); at < sizeof(user); at++) {
		((char *)&user)[at] = 1;
		EXPECT_EQ(-E2BIG, get(&ours, &user));
		((char *)&user)[at] = 0;
	}
}

/* Behind the page there is nothing to be looked at. */
TEST(size_never_set_is_refused_without_a_look_behind)
{
	uint32_t sizes[] = { MBX_OPTS_LIMIT + 1, 1U << 31, UINT32_MAX };
	size_t page = sysconf(_SC_PAGESIZE);
	uint32_t *user = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct ours ours;
	size_t i;

	ASSERT_EQ(0, mprotect((char *)user + page, page, PROT_NONE));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		*user = sizes[i];
		EXPECT_EQ(-E2BIG, get(&ours, user));
	}
	munmap(user, 2 * page);
}

TEST(first_version_is_filled_up_with_zeros)
{
	uint32_t user[2] = { FIRST, 5 };
	struct ours ours;

	EXPECT_EQ(0, get(&ours, user));
	EXPECT_EQ(5, ours.known);
	EXPECT_EQ(0, ours.added);
}

TEST(later_version_with_zeros_is_accepted)
{
	struct later user = { .size = sizeof(user),
			      .known = 5,
			      .later = { 6 } };
	struct ours ours;

	EXPECT_EQ(0, get(&ours, &user));
	EXPECT_EQ(5, ours.known);
	EXPECT_EQ(6, ours.added);
}

TEST(results_begin_with_their_size_and_are_empty)
{
	struct mbx_info info;
	static const struct mbx_info zero;

	memset(&info, 0xff, sizeof(info));
	EXPECT_EQ(0, mbx_results_init(&info, sizeof(info)));
	EXPECT_EQ(sizeof(info), info.size);
	info.size = 0;
	EXPECT_EQ(0, memcmp(&info, &zero, sizeof(info)));
}

TEST(results_without_room_for_their_size_are_refused)
{
	uint32_t word = 77;

	EXPECT_EQ(-EINVAL, mbx_results_init(&word, 0));
	EXPECT_EQ(-EINVAL, mbx_results_init(&word, 3));
	EXPECT_EQ(77, word);
}

TEST(results_larger_than_a_size_can_say_are_refused)
{
	uint32_t word = 77;

	EXPECT_EQ(-E2BIG, mbx_results_init(&word, (size_t)UINT32_MAX + 1));
	EXPECT_EQ(77, word);
}

TEST(macros_set_the_size)
{
	EXPECT_EQ(sizeof(struct mbx_mailbox_opts), MBX_MAILBOX_OPTS()->size);
	EXPECT_EQ(sizeof(struct mbx_send_opts), MBX_SEND_OPTS(.prio = 1)->size);
	EXPECT_EQ(sizeof(struct mbx_recv_opts), MBX_RECV_OPTS(.tag = 1)->size);
	EXPECT_EQ(sizeof(struct mbx_call_opts), MBX_CALL_OPTS(.prio = 1)->size);
	EXPECT_EQ(sizeof(struct mbx_reply_opts),
		  MBX_REPLY_OPTS(.tag = 1)->size);
	EXPECT_EQ(sizeof(struct mbx_next_opts), MBX_NEXT_OPTS(.tag = 1)->size);
	EXPECT_EQ(sizeof(struct mbx_serve_opts),
		  MBX_SERVE_OPTS(.flags = 1)->size);
	EXPECT_EQ(sizeof(struct mbx_region_opts),
		  MBX_REGION_OPTS(.slots = 1)->size);
	EXPECT_EQ(sizeof(struct mbx_wait_opts),
		  MBX_WAIT_OPTS(.flags = 1)->size);
}

TEST(options_are_of_their_first_size_in_this_version)
{
	EXPECT_EQ(MBX_MAILBOX_OPTS_FIRST, sizeof(struct mbx_mailbox_opts));
	EXPECT_EQ(MBX_SEND_OPTS_FIRST, sizeof(struct mbx_send_opts));
	EXPECT_EQ(MBX_RECV_OPTS_FIRST, sizeof(struct mbx_recv_opts));
	EXPECT_EQ(MBX_CALL_OPTS_FIRST, sizeof(struct mbx_call_opts));
	EXPECT_EQ(MBX_REPLY_OPTS_FIRST, sizeof(struct mbx_reply_opts));
	EXPECT_EQ(MBX_NEXT_OPTS_FIRST, sizeof(struct mbx_next_opts));
	EXPECT_EQ(MBX_SERVE_OPTS_FIRST, sizeof(struct mbx_serve_opts));
	EXPECT_EQ(MBX_REGION_OPTS_FIRST, sizeof(struct mbx_region_opts));
	EXPECT_EQ(MBX_WAIT_OPTS_FIRST, sizeof(struct mbx_wait_opts));
}

TEST_HARNESS_MAIN
