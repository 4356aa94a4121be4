// SPDX-License-Identifier: GPL-2.0-only
/* The rules that hold for the elements of every array. */
#include "memory.h"
#include "usages.h"

#define POISON 0xa5

FIXTURE(elem)
{
	struct stage stage;
	struct cliff cliff;
	union arguments args;
};

FIXTURE_SETUP(elem)
{
	ASSERT_EQ(0, stage_init(&self->stage));
	ASSERT_EQ(0, cliff_init(&self->cliff));
}

FIXTURE_TEARDOWN(elem)
{
	stage_clean(&self->stage);
}

/* The address of an array in the argument, or NULL if it is not used. */
static __u64 *array_of(FIXTURE_DATA(elem) * self, const struct command *c,
		       int i)
{
	__u64 *address = (void *)((char *)&self->args + c->arrays[i]);

	return c->arrays[i] && *address ? address : NULL;
}

/* Each array has a page of its own. */
static char *page_of(FIXTURE_DATA(elem) * self, int i)
{
	return self->cliff.start + 4096 * i;
}

/* A good argument with elements of @size bytes; the unknown ones are zero. */
static void build(FIXTURE_DATA(elem) * self, const struct usage *u, __u32 size)
{
	const struct command *c = command_of(u->cmd);
	__u64 *address;
	int i;

	stage_args(&self->stage, u, &self->args);
	memset(self->cliff.start, 0, 8192);
	for (i = 0; i < ARRAYS_MAX; i++) {
		address = array_of(self, c, i);
		if (!address)
			continue;
		memcpy(page_of(self, i), pointer(*address), c->elem_size);
		*address = (uintptr_t)page_of(self, i);
	}
	*(__u32 *)((char *)&self->args + c->elem_size_at) = size;
}

static int issue(FIXTURE_DATA(elem) * self, const struct usage *u)
{
	return stage_call(&self->stage, u, &self->args);
}

/* What stands behind the elements, all of it @byte, and whether it still does. */
static void surround(FIXTURE_DATA(elem) * self, __u32 size, char byte)
{
	int i;

	for (i = 0; i < ARRAYS_MAX; i++)
		memset(page_of(self, i) + size, byte, 4096 - size);
}

static bool is_surrounded(FIXTURE_DATA(elem) * self, __u32 size, char byte)
{
	__u32 i, at;

	for (i = 0; i < ARRAYS_MAX; i++)
		for (at = size; at < 4096; at++)
			if (page_of(self, i)[at] != byte)
				return false;
	return true;
}

/* Each usage of a command with arrays, and the number of each array. */
#define for_each_usage_of_elements(u, c) \
	for_each_usage(u, c)             \
		if ((c)->elem_size_at)
#define for_each_array(self, c, i)             \
	for ((i) = 0; (i) < ARRAYS_MAX; (i)++) \
		if (array_of(self, c, i))

TEST_F(elem, shorter_one_is_refused)
{
	const struct command *c;
	const struct usage *u;
	__u32 size;

	for_each_usage_of_elements(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (size = 0; size < c->elem_first; size++) {
			build(self, u, size);
			EXPECT_EQ(-EINVAL, issue(self, u))
			TH_LOG("%s, size %u", u->label, size);
		}
	}
}

TEST_F(elem, any_earlier_version_is_accepted)
{
	const struct command *c;
	const struct usage *u;
	__u32 size;

	for_each_usage_of_elements(u, c) {
		for (size = c->elem_first; size <= c->elem_size; size += 4) {
			ASSERT_EQ(0, stage_prepare(&self->stage, u));
			build(self, u, size);
			surround(self, size, POISON);
			EXPECT_LE(0, issue(self, u))
			TH_LOG("%s, size %u", u->label, size);
			EXPECT_TRUE(is_surrounded(self, size, POISON))
			TH_LOG("%s, size %u", u->label, size);
		}
	}
}

TEST_F(elem, longer_one_with_a_zero_tail_is_accepted)
{
	const struct command *c;
	const struct usage *u;
	size_t i;

	for_each_usage_of_elements(u, c) {
		__u32 sizes[] = { c->elem_size + 1, c->elem_size + 4,
				  c->elem_size + 8, 4096 };

		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			ASSERT_EQ(0, stage_prepare(&self->stage, u));
			build(self, u, sizes[i]);
			EXPECT_LE(0, issue(self, u))
			TH_LOG("%s, size %u", u->label, sizes[i]);
			EXPECT_TRUE(is_surrounded(self, c->elem_size, 0))
			TH_LOG("%s, size %u", u->label, sizes[i]);
		}
	}
}

TEST_F(elem, any_nonzero_byte_in_the_tail_is_refused)
{
	const struct command *c;
	const struct usage *u;
	__u32 at;
	int i;

	for_each_usage_of_elements(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(self, u, 4096);
		for_each_array(self, c, i) {
			for (at = c->elem_size; at < 4096; at++) {
				page_of(self, i)[at] = 1 << at % 8;
				EXPECT_EQ(-E2BIG, issue(self, u))
				TH_LOG("%s, array %d, byte %u", u->label, i,
				       at);
				page_of(self, i)[at] = 0;
			}
		}
	}
}

TEST_F(elem, any_nonzero_byte_in_a_short_tail_is_refused)
{
	const struct command *c;
	const struct usage *u;
	__u32 at, tail;
	int i;

	for_each_usage_of_elements(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (tail = 1; tail <= 24; tail++) {
			build(self, u, c->elem_size + tail);
			for_each_array(self, c, i) {
				at = c->elem_size + tail - 1;
				page_of(self, i)[at] = 1;
				EXPECT_EQ(-E2BIG, issue(self, u))
				TH_LOG("%s, array %d, tail %u", u->label, i,
				       tail);
				page_of(self, i)[at] = 0;
			}
		}
	}
}

TEST_F(elem, larger_than_a_page_is_refused_even_if_zero)
{
	static const __u32 sizes[] = { 4097, 0x7fffffff, 0x80000000,
				       0xffffffff };
	const struct command *c;
	const struct usage *u;
	size_t i;

	for_each_usage_of_elements(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			build(self, u, sizes[i]);
			if (!array_of(self, c, 0))
				continue;
			EXPECT_EQ(-E2BIG, issue(self, u))
			TH_LOG("%s, size %u", u->label, sizes[i]);
		}
	}
}

TEST_F(elem, flags_of_what_is_sent_are_refused)
{
	struct mbx_message *message = (void *)page_of(self, 0);
	const struct command *c;
	const struct usage *u;
	int bit;

	for_each_usage_of_elements(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (bit = 0; c->sends && bit < 32; bit++) {
			build(self, u, c->elem_size);
			if (!array_of(self, c, 0))
				continue;
			message->flags = 1U << bit;
			EXPECT_EQ(-EINVAL, issue(self, u))
			TH_LOG("%s, bit %d", u->label, bit);
		}
	}
}

TEST_F(elem, at_a_bad_address_faults)
{
	const struct command *c;
	const struct usage *u;
	size_t n;
	int i;

	for_each_usage_of_elements(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(self, u, c->elem_size);
		for_each_array(self, c, i) {
			/* An address of 0 would hide the array. */
			for (n = 1; n < ARRAY_SIZE(nowhere); n++) {
				build(self, u, c->elem_size);
				*array_of(self, c, i) = nowhere[n];
				EXPECT_EQ(-EFAULT, issue(self, u))
				TH_LOG("%s, array %d, %llx", u->label, i,
				       nowhere[n]);
			}
		}
	}
}

TEST_F(elem, half_mapped_one_faults)
{
	const struct command *c;
	const struct usage *u;
	char *at;
	int i;

	for_each_usage_of_elements(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(self, u, c->elem_size);
		for_each_array(self, c, i) {
			at = self->cliff.end - 4;
			for (; at > self->cliff.end - c->elem_size; at -= 4) {
				build(self, u, c->elem_size);
				*array_of(self, c, i) = (uintptr_t)at;
				EXPECT_EQ(-EFAULT, issue(self, u))
				TH_LOG("%s, array %d, %td bytes", u->label, i,
				       self->cliff.end - at);
			}
		}
	}
}

TEST_HARNESS_MAIN
