// SPDX-License-Identifier: GPL-2.0-only
/* The rules that hold for the argument of every command. */
#include "memory.h"
#include "usages.h"

/* The end of what the first programs were compiled with: never to move. */
#define FIRST_END(type, member, end)                                         \
	_Static_assert(offsetof(struct type, member) +                       \
				       sizeof(((struct type *)0)->member) == \
			       (end),                                        \
		       #type)

FIRST_END(mbx_info, reserved, 88);
FIRST_END(mbx_unlink, kind, 24);
FIRST_END(mbx_mailbox_open, max_bytes, 48);
FIRST_END(mbx_region_open, bytes, 40);
FIRST_END(mbx_message, deliveries, 64);
FIRST_END(mbx_send, deadline_ns, 32);
FIRST_END(mbx_recv, pid, 48);
FIRST_END(mbx_call, deadline_ns, 40);
FIRST_END(mbx_reply, reserved, 40);
FIRST_END(mbx_mailbox_stat, waiting_senders, 120);
FIRST_END(mbx_slot, seq, 8);
FIRST_END(mbx_region_stat, subscribers, 64);
FIRST_END(mbx_region_wait, deadline_ns, 32);
FIRST_END(mbx_region_notify, slot_mask, 16);
FIRST_END(mbx_region_subscribe, slot_mask, 16);

/* The reserved fields; the included file is made from the header. */
struct reserved {
	const char *type;
	const char *member;
	size_t at;
	size_t size;
};

#define UAPI_RESERVED(type, member)                      \
	{ #type, #member, offsetof(struct type, member), \
	  sizeof(((struct type *)0)->member) },

static const struct reserved reserved[] = {
#include "uapi.inc"
};

#define POISON 0xa5

FIXTURE(abi)
{
	struct stage stage;
	struct cliff cliff;
};

FIXTURE_SETUP(abi)
{
	ASSERT_EQ(0, stage_init(&self->stage));
	ASSERT_EQ(0, cliff_init(&self->cliff));
}

FIXTURE_TEARDOWN(abi)
{
	stage_clean(&self->stage);
}

/* A good argument at @at, of @size bytes of which the unknown ones are zero. */
static struct head *build(struct stage *stage, const struct usage *u, void *at,
			  __u32 size)
{
	__u32 known = command_of(u->cmd)->size;
	struct head *head = at;

	if (size > known)
		memset((char *)at + known, 0, size - known);
	stage_args(stage, u, at);
	head->size = size;
	return head;
}

TEST_F(abi, struct_of_the_exact_size_is_accepted)
{
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(&self->stage, u, self->cliff.end - c->size, c->size);
		EXPECT_LE(0, stage_call(&self->stage, u,
					self->cliff.end - c->size))
		TH_LOG("%s", u->label);
	}
}

/* Whether a program that knows @size bytes can say this. */
static bool can_say(const char *args, __u32 size, const struct command *c)
{
	for (; size < c->size; size++)
		if (args[size])
			return false;
	return true;
}

TEST_F(abi, struct_of_any_earlier_version_is_accepted)
{
	char *at = self->cliff.start;
	const struct command *c;
	const struct usage *u;
	__u32 size;

	for_each_usage(u, c) {
		for (size = c->first; size <= c->size; size += 4) {
			ASSERT_EQ(0, stage_prepare(&self->stage, u));
			build(&self->stage, u, at, size);
			if (!can_say(at, size, c))
				continue;
			memset(at + size, POISON, 64);
			EXPECT_LE(0, stage_call(&self->stage, u, at))
			TH_LOG("%s, size %u", u->label, size);
		}
	}
}

TEST_F(abi, shorter_struct_is_refused)
{
	const struct command *c;
	const struct usage *u;
	__u32 size;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (size = 0; size < c->first; size++) {
			build(&self->stage, u, self->cliff.start, size);
			EXPECT_EQ(-EINVAL, stage_call(&self->stage, u,
						      self->cliff.start))
			TH_LOG("%s, size %u", u->label, size);
		}
	}
}

TEST_F(abi, longer_struct_with_a_zero_tail_is_accepted)
{
	const struct command *c;
	const struct usage *u;
	size_t i;

	for_each_usage(u, c) {
		__u32 sizes[] = { c->size + 1, c->size + 4, c->size + 8, 4096 };

		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			ASSERT_EQ(0, stage_prepare(&self->stage, u));
			build(&self->stage, u, self->cliff.start, sizes[i]);
			EXPECT_LE(0, stage_call(&self->stage, u,
						self->cliff.start))
			TH_LOG("%s, size %u", u->label, sizes[i]);
		}
	}
}

TEST_F(abi, any_nonzero_byte_in_the_tail_is_refused)
{
	char *at = self->cliff.start;
	const struct command *c;
	const struct usage *u;
	__u32 i;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(&self->stage, u, at, 4096);
		for (i = c->size; i < 4096; i++) {
			at[i] = 1 << i % 8;
			EXPECT_EQ(-E2BIG, stage_call(&self->stage, u, at))
			TH_LOG("%s, byte %u", u->label, i);
			at[i] = 0;
		}
	}
}

TEST_F(abi, any_nonzero_byte_in_a_short_tail_is_refused)
{
	char *at = self->cliff.start;
	const struct command *c;
	const struct usage *u;
	__u32 i, tail;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (tail = 1; tail <= 24; tail++) {
			for (i = 0; i < tail; i++) {
				build(&self->stage, u, at, c->size + tail);
				at[c->size + i] = 1;
				EXPECT_EQ(-E2BIG,
					  stage_call(&self->stage, u, at))
				TH_LOG("%s, %u of %u", u->label, i, tail);
			}
		}
	}
}

TEST_F(abi, struct_larger_than_a_page_is_refused_even_if_zero)
{
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(&self->stage, u, self->cliff.start, 4097);
		EXPECT_EQ(-E2BIG,
			  stage_call(&self->stage, u, self->cliff.start))
		TH_LOG("%s", u->label);
	}
}

TEST_F(abi, absurd_sizes_are_refused)
{
	static const __u32 sizes[] = { 0x7fffffff, 0x80000000, 0xffffffff };
	const struct command *c;
	const struct usage *u;
	size_t i;

	memset(self->cliff.start, POISON, 8192);
	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			build(&self->stage, u, self->cliff.start, c->size)
				->size = sizes[i];
			EXPECT_EQ(-E2BIG, stage_call(&self->stage, u,
						     self->cliff.start))
			TH_LOG("%s, size %u", u->label, sizes[i]);
			memset(self->cliff.start, POISON, 8192);
		}
	}
}

TEST_F(abi, undefined_flags_are_refused)
{
	const struct command *c;
	const struct usage *u;
	struct head *head;
	int bit;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (bit = 0; bit < 32; bit++) {
			if (c->flags & (1U << bit))
				continue;
			head = build(&self->stage, u, self->cliff.start,
				     c->size);
			head->flags |= 1U << bit;
			EXPECT_EQ(-EINVAL, stage_call(&self->stage, u,
						      self->cliff.start))
			TH_LOG("%s, bit %d", u->label, bit);
		}
	}
}

/* Each bit of a reserved field alone. */
static void refuse_reserved(struct __test_metadata *_metadata,
			    FIXTURE_DATA(abi) * self, const struct usage *u,
			    const struct reserved *r)
{
	char *at = self->cliff.start;
	size_t bit;

	for (bit = 0; bit < 8 * r->size; bit++) {
		build(&self->stage, u, at, command_of(u->cmd)->size);
		at[r->at + bit / 8] = 1 << bit % 8;
		EXPECT_EQ(-EINVAL, stage_call(&self->stage, u, at))
		TH_LOG("%s, %s, bit %zu", u->label, r->member, bit);
	}
}

TEST_F(abi, reserved_fields_have_to_be_zero)
{
	const struct command *c;
	const struct usage *u;
	size_t i;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (i = 0; i < ARRAY_SIZE(reserved); i++)
			if (!strcmp(reserved[i].type, c->type))
				refuse_reserved(_metadata, self, u,
						&reserved[i]);
	}
}

/* So none that the test above does not reach. */
TEST(every_reserved_field_is_in_the_argument_of_a_command)
{
	const struct command *c;
	size_t i;
	bool found;

	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		found = false;
		for_each_command(c)
			found |= !strcmp(reserved[i].type, c->type);
		EXPECT_TRUE(found) TH_LOG("%s", reserved[i].type);
	}
}

TEST_F(abi, struct_at_a_bad_address_faults)
{
	const struct command *c;
	const struct usage *u;
	size_t i;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
			EXPECT_EQ(-EFAULT, stage_call(&self->stage, u,
						      pointer(nowhere[i])))
			TH_LOG("%s, %llx", u->label, nowhere[i]);
		}
		EXPECT_EQ(-EFAULT, stage_call(&self->stage, u, self->cliff.end))
		TH_LOG("%s, no access", u->label);
	}
}

TEST_F(abi, half_mapped_struct_faults)
{
	const struct command *c;
	const struct usage *u;
	char *at;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (at = self->cliff.end - 8; at > self->cliff.end - c->size;
		     at -= 8) {
			memset(at, 0, 8);
			((struct head *)at)->size = c->size;
			EXPECT_EQ(-EFAULT, stage_call(&self->stage, u, at))
			TH_LOG("%s, %ld bytes", u->label, self->cliff.end - at);
		}
	}
}

TEST_F(abi, half_mapped_tail_faults)
{
	const struct command *c;
	const struct usage *u;
	char *at;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		at = self->cliff.end - c->size - 8;
		build(&self->stage, u, at, c->size + 8)->size = c->size + 16;
		EXPECT_EQ(-EFAULT, stage_call(&self->stage, u, at))
		TH_LOG("%s", u->label);
	}
}

TEST_F(abi, results_need_a_writable_struct)
{
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		if (!c->out)
			continue;
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(&self->stage, u, self->cliff.start, c->size);
		ASSERT_EQ(0, cliff_protect(&self->cliff, PROT_READ));
		EXPECT_EQ(-EFAULT,
			  stage_call(&self->stage, u, self->cliff.start))
		TH_LOG("%s", u->label);
		ASSERT_EQ(0,
			  cliff_protect(&self->cliff, PROT_READ | PROT_WRITE));
	}
}

TEST_F(abi, struct_without_results_may_be_read_only)
{
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		if (u->writes)
			continue;
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(&self->stage, u, self->cliff.start, c->size);
		ASSERT_EQ(0, cliff_protect(&self->cliff, PROT_READ));
		EXPECT_LE(0, stage_call(&self->stage, u, self->cliff.start))
		TH_LOG("%s", u->label);
		ASSERT_EQ(0,
			  cliff_protect(&self->cliff, PROT_READ | PROT_WRITE));
	}
}

TEST_F(abi, failing_command_leaves_the_struct_alone)
{
	const struct command *c;
	const struct usage *u;
	char before[256];

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		memset(self->cliff.start, POISON, sizeof(before));
		build(&self->stage, u, self->cliff.start, c->size)->flags |=
			1U << 31;
		memcpy(before, self->cliff.start, sizeof(before));
		EXPECT_EQ(-EINVAL,
			  stage_call(&self->stage, u, self->cliff.start));
		EXPECT_EQ(0, memcmp(before, self->cliff.start, sizeof(before)))
		TH_LOG("%s", u->label);
	}
}

TEST_F(abi, nothing_is_written_beyond_the_size)
{
	char *at = self->cliff.start, poison[64];
	const struct command *c;
	const struct usage *u;
	__u32 size;

	memset(poison, POISON, sizeof(poison));
	for_each_usage(u, c) {
		for (size = c->first; size <= c->size; size += 4) {
			ASSERT_EQ(0, stage_prepare(&self->stage, u));
			build(&self->stage, u, at, size);
			if (!can_say(at, size, c))
				continue;
			memcpy(at + size, poison, sizeof(poison));
			EXPECT_LE(0, stage_call(&self->stage, u, at));
			EXPECT_EQ(0, memcmp(poison, at + size, sizeof(poison)))
			TH_LOG("%s, size %u", u->label, size);
		}
	}
}

TEST_F(abi, unknown_tail_stays_zero)
{
	static const char zero[64];
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(&self->stage, u, self->cliff.start,
		      c->size + sizeof(zero));
		EXPECT_LE(0, stage_call(&self->stage, u, self->cliff.start));
		EXPECT_EQ(0, memcmp(zero, self->cliff.start + c->size,
				    sizeof(zero)))
		TH_LOG("%s", u->label);
		EXPECT_EQ(c->size + sizeof(zero),
			  ((struct head *)self->cliff.start)->size)
		TH_LOG("%s", u->label);
	}
}

/* Not even with zeros: it may be changing, or in memory that is read-only. */
TEST_F(abi, unknown_tail_is_not_written)
{
	char *tail = self->cliff.start + 4096;
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		build(&self->stage, u, tail - c->size, c->size + 64);
		ASSERT_EQ(0, mprotect(tail, 4096, PROT_READ));
		EXPECT_LE(0, stage_call(&self->stage, u, tail - c->size))
		TH_LOG("%s", u->label);
		ASSERT_EQ(0, mprotect(tail, 4096, PROT_READ | PROT_WRITE));
	}
}

static void clear_reserved(char *args, const struct command *c)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strcmp(reserved[i].type, c->type))
			memset(args + reserved[i].at, 0, reserved[i].size);
}

/* What came out twice must not depend on what was there before. */
TEST_F(abi, every_byte_of_the_results_is_filled_in)
{
	char *one = self->cliff.start, *two = self->cliff.start + 4096;
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		if (!c->out)
			continue;
		memset(one, 0x00, 4096);
		memset(two, 0xff, 4096);
		*(struct head *)one = (struct head){ .size = c->size };
		*(struct head *)two = (struct head){ .size = c->size };
		clear_reserved(two, c);
		EXPECT_EQ(0, stage_call(&self->stage, u, one));
		EXPECT_EQ(0, stage_call(&self->stage, u, two));
		EXPECT_EQ(0, memcmp(one, two, c->size)) TH_LOG("%s", u->label);
	}
}

TEST_F(abi, every_byte_of_a_received_message_is_filled_in)
{
	struct mbx_message one, two;
	char text[8];

	ASSERT_EQ(0, message_there(&self->stage));
	memset(&one, 0x00, sizeof(one));
	memset(&two, 0xff, sizeof(two));
	one.data = (uintptr_t)text;
	one.capacity = sizeof(text);
	two.data = one.data;
	two.capacity = one.capacity;
	EXPECT_EQ(1, recv_array(self->stage.fds[ON_MAILBOX], &one, 1,
				.flags = MBX_RECV_PEEK));
	EXPECT_EQ(1, recv_array(self->stage.fds[ON_MAILBOX], &two, 1,
				.flags = MBX_RECV_PEEK));
	EXPECT_EQ(0, memcmp(&one, &two, sizeof(one)));
}

TEST_HARNESS_MAIN
