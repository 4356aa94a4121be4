// SPDX-License-Identifier: GPL-2.0-only
/* The rules that hold for the argument of every command. */
#include "commands.h"
#include "memory.h"

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
FIRST_END(mbx_mailbox_stat, waiting_senders, 120);
FIRST_END(mbx_slot, seq, 8);
FIRST_END(mbx_region_stat, subscribers, 64);
FIRST_END(mbx_region_wait, deadline_ns, 32);
FIRST_END(mbx_region_notify, slot_mask, 16);
FIRST_END(mbx_region_subscribe, slot_mask, 16);

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

/* The head of every argument. */
struct head {
	__u32 size;
	__u32 flags;
};

/* A good argument at @at, of @size bytes of which the unknown ones are zero. */
static struct head *build(struct stage *stage, const struct command *c,
			  void *at, __u32 size)
{
	struct head *head = at;

	if (size > c->size)
		memset((char *)at + c->size, 0, size - c->size);
	c->args(stage, at);
	head->size = size;
	return head;
}

/* Which of the commands fill in the argument. */
static bool has_results(const struct command *c)
{
	return c->cmd == MBX_IOC_INFO || c->cmd == MBX_IOC_MAILBOX_STAT ||
	       c->cmd == MBX_IOC_REGION_STAT;
}

TEST_F(abi, struct_of_the_exact_size_is_accepted)
{
	const struct command *c;

	for_each_command(c) {
		if (c->blocks)
			continue;
		ASSERT_EQ(0, stage_prepare(&self->stage));
		build(&self->stage, c, self->cliff.end - c->size, c->size);
		EXPECT_LE(0, stage_call(&self->stage, c,
					self->cliff.end - c->size))
		TH_LOG("%s", c->label);
	}
}

TEST_F(abi, struct_of_the_first_version_is_accepted)
{
	const struct command *c;
	__u32 size;

	for_each_command(c) {
		if (c->blocks)
			continue;
		for (size = c->first; size <= c->size; size += 4) {
			ASSERT_EQ(0, stage_prepare(&self->stage));
			build(&self->stage, c, self->cliff.start, size);
			memset(self->cliff.start + size, POISON, 64);
			EXPECT_LE(0, stage_call(&self->stage, c,
						self->cliff.start))
			TH_LOG("%s, size %u", c->label, size);
		}
	}
}

TEST_F(abi, shorter_struct_is_refused)
{
	const struct command *c;
	__u32 size;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		for (size = 0; size < c->first; size++) {
			build(&self->stage, c, self->cliff.start, size);
			EXPECT_EQ(-EINVAL, stage_call(&self->stage, c,
						      self->cliff.start))
			TH_LOG("%s, size %u", c->label, size);
		}
	}
}

TEST_F(abi, longer_struct_with_a_zero_tail_is_accepted)
{
	const struct command *c;
	size_t i;

	for_each_command(c) {
		if (c->blocks)
			continue;
		__u32 sizes[] = { c->size + 1, c->size + 4, c->size + 8, 4096 };

		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			ASSERT_EQ(0, stage_prepare(&self->stage));
			build(&self->stage, c, self->cliff.start, sizes[i]);
			EXPECT_LE(0, stage_call(&self->stage, c,
						self->cliff.start))
			TH_LOG("%s, size %u", c->label, sizes[i]);
		}
	}
}

TEST_F(abi, any_nonzero_byte_in_the_tail_is_refused)
{
	const struct command *c;
	__u32 i;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		for (i = c->size; i < c->size + 24; i++) {
			build(&self->stage, c, self->cliff.start, c->size + 24);
			self->cliff.start[i] = 1;
			EXPECT_EQ(-E2BIG, stage_call(&self->stage, c,
						     self->cliff.start))
			TH_LOG("%s, byte %u", c->label, i);
		}
	}
}

TEST_F(abi, nonzero_byte_at_the_end_of_a_page_is_refused)
{
	const struct command *c;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		build(&self->stage, c, self->cliff.start, 4096);
		self->cliff.start[4095] = 0x80;
		EXPECT_EQ(-E2BIG,
			  stage_call(&self->stage, c, self->cliff.start))
		TH_LOG("%s", c->label);
	}
}

TEST_F(abi, absurd_sizes_are_refused)
{
	static const __u32 sizes[] = { 0x7fffffff, 0x80000000, 0xffffffff };
	const struct command *c;
	size_t i;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	memset(self->cliff.start, POISON, 8192);
	for_each_command(c) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			build(&self->stage, c, self->cliff.start, c->size)
				->size = sizes[i];
			EXPECT_EQ(-E2BIG, stage_call(&self->stage, c,
						     self->cliff.start))
			TH_LOG("%s, size %u", c->label, sizes[i]);
			memset(self->cliff.start, POISON, 8192);
		}
	}
}

TEST_F(abi, undefined_flags_are_refused)
{
	const struct command *c;
	struct head *head;
	int bit;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		for (bit = 0; bit < 32; bit++) {
			if (c->flags & (1U << bit))
				continue;
			head = build(&self->stage, c, self->cliff.start,
				     c->size);
			head->flags |= 1U << bit;
			EXPECT_EQ(-EINVAL, stage_call(&self->stage, c,
						      self->cliff.start))
			TH_LOG("%s, bit %d", c->label, bit);
		}
	}
}

TEST_F(abi, reserved_field_has_to_be_zero)
{
	const struct command *c;
	int bit;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		for (bit = 0; c->reserved && bit < 32; bit++) {
			build(&self->stage, c, self->cliff.start, c->size);
			*(__u32 *)(self->cliff.start + c->reserved) = 1U << bit;
			EXPECT_EQ(-EINVAL, stage_call(&self->stage, c,
						      self->cliff.start))
			TH_LOG("%s, bit %d", c->label, bit);
		}
	}
}

TEST_F(abi, struct_at_a_bad_address_faults)
{
	const struct command *c;
	size_t i;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
			EXPECT_EQ(-EFAULT, stage_call(&self->stage, c,
						      (void *)nowhere[i]))
			TH_LOG("%s, %llx", c->label, nowhere[i]);
		}
		EXPECT_EQ(-EFAULT, stage_call(&self->stage, c, self->cliff.end))
		TH_LOG("%s, no access", c->label);
	}
}

TEST_F(abi, half_mapped_struct_faults)
{
	const struct command *c;
	char *at;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		for (at = self->cliff.end - 8; at > self->cliff.end - c->size;
		     at -= 8) {
			memset(at, 0, 8);
			((struct head *)at)->size = c->size;
			EXPECT_EQ(-EFAULT, stage_call(&self->stage, c, at))
			TH_LOG("%s, %ld bytes", c->label, self->cliff.end - at);
		}
	}
}

TEST_F(abi, half_mapped_tail_faults)
{
	const struct command *c;
	char *at;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		at = self->cliff.end - c->size - 8;
		build(&self->stage, c, at, c->size + 8)->size = c->size + 16;
		EXPECT_EQ(-EFAULT, stage_call(&self->stage, c, at))
		TH_LOG("%s", c->label);
	}
}

TEST_F(abi, results_need_a_writable_struct)
{
	const struct command *c;

	for_each_command(c) {
		if (!has_results(c))
			continue;
		build(&self->stage, c, self->cliff.start, c->size);
		ASSERT_EQ(0, cliff_protect(&self->cliff, PROT_READ));
		EXPECT_EQ(-EFAULT,
			  stage_call(&self->stage, c, self->cliff.start))
		TH_LOG("%s", c->label);
		ASSERT_EQ(0,
			  cliff_protect(&self->cliff, PROT_READ | PROT_WRITE));
	}
}

TEST_F(abi, struct_without_results_may_be_read_only)
{
	const struct command *c;

	for_each_command(c) {
		if (c->blocks || has_results(c))
			continue;
		ASSERT_EQ(0, stage_prepare(&self->stage));
		build(&self->stage, c, self->cliff.start, c->size);
		ASSERT_EQ(0, cliff_protect(&self->cliff, PROT_READ));
		EXPECT_LE(0, stage_call(&self->stage, c, self->cliff.start))
		TH_LOG("%s", c->label);
		ASSERT_EQ(0,
			  cliff_protect(&self->cliff, PROT_READ | PROT_WRITE));
	}
}

TEST_F(abi, failing_command_leaves_the_struct_alone)
{
	const struct command *c;
	char before[256];

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		memset(self->cliff.start, POISON, sizeof(before));
		build(&self->stage, c, self->cliff.start, c->size)->flags |=
			1U << 31;
		memcpy(before, self->cliff.start, sizeof(before));
		EXPECT_EQ(-EINVAL,
			  stage_call(&self->stage, c, self->cliff.start));
		EXPECT_EQ(0, memcmp(before, self->cliff.start, sizeof(before)))
		TH_LOG("%s", c->label);
	}
}

TEST_F(abi, nothing_is_written_beyond_the_size)
{
	const struct command *c;
	char poison[64];
	__u32 size;

	memset(poison, POISON, sizeof(poison));
	for_each_command(c) {
		if (c->blocks)
			continue;
		for (size = c->first; size <= c->size; size += 4) {
			ASSERT_EQ(0, stage_prepare(&self->stage));
			build(&self->stage, c, self->cliff.start, size);
			memcpy(self->cliff.start + size, poison,
			       sizeof(poison));
			EXPECT_LE(0, stage_call(&self->stage, c,
						self->cliff.start));
			EXPECT_EQ(0, memcmp(poison, self->cliff.start + size,
					    sizeof(poison)))
			TH_LOG("%s, size %u", c->label, size);
		}
	}
}

TEST_F(abi, unknown_tail_stays_zero)
{
	static const char zero[64];
	const struct command *c;

	for_each_command(c) {
		if (c->blocks)
			continue;
		ASSERT_EQ(0, stage_prepare(&self->stage));
		build(&self->stage, c, self->cliff.start,
		      c->size + sizeof(zero));
		EXPECT_LE(0, stage_call(&self->stage, c, self->cliff.start));
		EXPECT_EQ(0, memcmp(zero, self->cliff.start + c->size,
				    sizeof(zero)))
		TH_LOG("%s", c->label);
		EXPECT_EQ(c->size + sizeof(zero),
			  ((struct head *)self->cliff.start)->size)
		TH_LOG("%s", c->label);
	}
}

/* What came out twice must not depend on what was there before. */
TEST_F(abi, every_byte_of_the_results_is_filled_in)
{
	char *one = self->cliff.start, *two = self->cliff.start + 4096;
	const struct command *c;

	for_each_command(c) {
		if (!has_results(c))
			continue;
		memset(one, 0x00, 4096);
		memset(two, 0xff, 4096);
		*(struct head *)one = (struct head){ .size = c->size };
		*(struct head *)two = (struct head){ .size = c->size };
		if (c->reserved)
			*(__u32 *)(two + c->reserved) = 0;
		EXPECT_EQ(0, stage_call(&self->stage, c, one));
		EXPECT_EQ(0, stage_call(&self->stage, c, two));
		EXPECT_EQ(0, memcmp(one, two, c->size)) TH_LOG("%s", c->label);
	}
}

TEST_F(abi, every_byte_of_a_received_message_is_filled_in)
{
	struct mbx_message one, two;
	char text[8];

	ASSERT_EQ(0, stage_prepare(&self->stage));
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

static bool is_known(unsigned int cmd)
{
	const struct command *c;

	for_each_command(c)
		if (c->cmd == cmd)
			return true;
	return false;
}

TEST_F(abi, unknown_commands_are_refused)
{
	unsigned int nr;
	int target;

	memset(self->cliff.start, 0, 4096);
	for (target = 0; target < TARGETS; target++) {
		for (nr = 0; nr < 256; nr++) {
			unsigned int cmd = _IO(MBX_IOC_MAGIC, nr);

			if (is_known(cmd))
				continue;
			EXPECT_EQ(-ENOTTY, call(self->stage.fds[target], cmd,
						self->cliff.start))
			TH_LOG("nr %#x on %d", nr, target);
		}
	}
}

/* Same number, but another type, direction or size: another command. */
TEST_F(abi, look_alikes_of_commands_are_refused)
{
	const struct command *c;
	size_t i;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		unsigned int look_alikes[] = {
			_IO(MBX_IOC_MAGIC + 1, _IOC_NR(c->cmd)),
			_IO(MBX_IOC_MAGIC - 1, _IOC_NR(c->cmd)),
			_IOC(_IOC_READ, MBX_IOC_MAGIC, _IOC_NR(c->cmd), 0),
			_IOC(_IOC_WRITE, MBX_IOC_MAGIC, _IOC_NR(c->cmd), 0),
			_IOC(_IOC_NONE, MBX_IOC_MAGIC, _IOC_NR(c->cmd),
			     c->size),
			_IOC(_IOC_READ | _IOC_WRITE, MBX_IOC_MAGIC,
			     _IOC_NR(c->cmd), c->size),
		};

		for (i = 0; i < ARRAY_SIZE(look_alikes); i++) {
			build(&self->stage, c, self->cliff.start, c->size);
			EXPECT_EQ(-ENOTTY,
				  call(self->stage.fds[c->target],
				       look_alikes[i], self->cliff.start))
			TH_LOG("%s, %#x", c->label, look_alikes[i]);
		}
	}
}

TEST_F(abi, command_for_the_other_kind_is_refused)
{
	const struct command *c;
	int other;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		if (c->target == ON_DEVICE)
			continue;
		other = c->target == ON_MAILBOX ? ON_REGION : ON_MAILBOX;
		build(&self->stage, c, self->cliff.start, c->size);
		EXPECT_EQ(-EPROTOTYPE, call(self->stage.fds[other], c->cmd,
					    self->cliff.start))
		TH_LOG("%s", c->label);
	}
}

TEST_F(abi, command_of_the_device_on_an_object_is_refused)
{
	const struct command *c;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		if (c->target != ON_DEVICE)
			continue;
		build(&self->stage, c, self->cliff.start, c->size);
		EXPECT_EQ(-EPROTOTYPE, call(self->stage.fds[ON_MAILBOX], c->cmd,
					    self->cliff.start));
		EXPECT_EQ(-EPROTOTYPE, call(self->stage.fds[ON_REGION], c->cmd,
					    self->cliff.start))
		TH_LOG("%s", c->label);
	}
}

TEST_F(abi, command_of_an_object_on_the_device_is_refused)
{
	const struct command *c;

	ASSERT_EQ(0, stage_prepare(&self->stage));
	for_each_command(c) {
		if (c->target == ON_DEVICE)
			continue;
		build(&self->stage, c, self->cliff.start, c->size);
		EXPECT_EQ(-EPROTOTYPE,
			  call(device(), c->cmd, self->cliff.start))
		TH_LOG("%s", c->label);
	}
}

TEST_HARNESS_MAIN
