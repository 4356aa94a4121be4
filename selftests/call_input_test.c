// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel refuses of the arguments of a call. */
#include "call.h"
#include "memory.h"

FIXTURE(input)
{
	int fd;
	struct mbx_message request;
	struct mbx_message reply;
	struct mbx_call args;
};

FIXTURE_SETUP(input)
{
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
	/* Accepted, it would end like this. */
	self->args = (struct mbx_call){
		.size = sizeof(self->args),
		.request = (uintptr_t)&self->request,
		.reply = (uintptr_t)&self->reply,
		.elem_size = sizeof(self->request),
		.deadline_ns = 1,
	};
	ASSERT_EQ(-ETIMEDOUT, call(self->fd, MBX_IOC_CALL, &self->args));
	ASSERT_EQ(1, stat_of(self->fd).sent);
}

FIXTURE_TEARDOWN(input)
{
	EXPECT_EQ(1, stat_of(self->fd).sent);
	EXPECT_EQ(0, stat_of(self->fd).calls);
	close(self->fd);
}

TEST_F(input, request_that_cannot_be_read_is_refused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		self->args.request = nowhere[i];
		EXPECT_EQ(-EFAULT, call(self->fd, MBX_IOC_CALL, &self->args));
	}
}

TEST_F(input, reply_that_cannot_be_read_is_refused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		self->args.reply = nowhere[i];
		EXPECT_EQ(-EFAULT, call(self->fd, MBX_IOC_CALL, &self->args));
	}
}

TEST_F(input, payload_that_cannot_be_read_is_refused)
{
	size_t i;

	self->request.len = 16;
	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		self->request.data = nowhere[i];
		EXPECT_EQ(-EFAULT, call(self->fd, MBX_IOC_CALL, &self->args));
	}
}

TEST_F(input, half_readable_payload_is_refused)
{
	struct cliff cliff;

	ASSERT_EQ(0, cliff_init(&cliff));
	self->request.data = (uintptr_t)cliff.end - 8;
	self->request.len = 16;
	EXPECT_EQ(-EFAULT, call(self->fd, MBX_IOC_CALL, &self->args));
	self->request.len = 0;
	self->args.request = (uintptr_t)cliff.end - 8;
	EXPECT_EQ(-EFAULT, call(self->fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, length_that_wraps_is_refused)
{
	self->request.data = (uintptr_t)&self->args;
	self->request.len = ~0U;
	EXPECT_EQ(-EMSGSIZE, call(self->fd, MBX_IOC_CALL, &self->args));
	self->request.len = 1U << 31;
	EXPECT_EQ(-EMSGSIZE, call(self->fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, unknown_flags_are_refused)
{
	__u32 bit;

	for (bit = 1; bit < 32; bit++) {
		self->args.flags = 1U << bit;
		EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
	}
}

TEST_F(input, reserved_field_has_to_be_zero)
{
	self->args.reserved = 1;
	EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, deadline_beyond_the_clock_is_refused)
{
	self->args.deadline_ns = 1ULL << 63;
	EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
	self->args.deadline_ns = ~0ULL;
	EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, priority_beyond_the_highest_is_refused)
{
	self->request.prio = MBX_PRIO_MAX + 1;
	EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, flags_of_the_request_are_refused)
{
	self->request.flags = MBX_MSG_CALL;
	EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
	self->request.flags = MBX_MSG_WRITE;
	EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, elements_smaller_than_the_first_version_are_refused)
{
	static const __u32 sizes[] = { 0, 1, 8, 40, 63 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		self->args.elem_size = sizes[i];
		EXPECT_EQ(-EINVAL, call(self->fd, MBX_IOC_CALL, &self->args));
	}
}

struct larger {
	struct mbx_message msg;
	__u64 more;
};

TEST_F(input, larger_elements_have_to_end_with_zeros)
{
	struct larger request = { .more = 1 }, reply = { .more = 0 };

	self->args.request = (uintptr_t)&request;
	self->args.reply = (uintptr_t)&reply;
	self->args.elem_size = sizeof(request);
	EXPECT_EQ(-E2BIG, call(self->fd, MBX_IOC_CALL, &self->args));
	request.more = 0;
	reply.more = 1;
	EXPECT_EQ(-E2BIG, call(self->fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, right_to_send_is_needed)
{
	char name[NAME_SIZE];
	int fd;

	unique_name(name, "it");
	ASSERT_LE(0,
		  open_mailbox(name, CREATE, .lifetime = MBX_LIFE_LAST_CLOSE));
	fd = open_mailbox(name, MBX_READ);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, call(fd, MBX_IOC_CALL, &self->args));
}

TEST_F(input, region_takes_no_calls)
{
	int fd = open_region(NULL, CREATE, .bytes = 1);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EPROTOTYPE, call(fd, MBX_IOC_CALL, &self->args));
}

/* What is accepted. */
FIXTURE(accepted)
{
	int fd;
	struct letter letter;
};

FIXTURE_SETUP(accepted)
{
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(accepted)
{
	close(self->fd);
}

struct larger_caller {
	int fd;
	struct larger request;
	struct larger reply;
};

static int ask_with_larger(void *arg)
{
	struct larger_caller *c = arg;
	struct mbx_call args = {
		.size = sizeof(args),
		.request = (uintptr_t)&c->request,
		.reply = (uintptr_t)&c->reply,
		.elem_size = sizeof(c->request),
	};
	int err = call(c->fd, MBX_IOC_CALL, &args);

	if (err)
		return -err;
	return c->reply.msg.tag == 7 && !c->reply.more ? 0 : EXIT_FAILURE;
}

TEST_F(accepted, elements_may_be_larger)
{
	struct larger_caller c = { .fd = self->fd };
	struct larger answer = { .msg.tag = 7 };
	pid_t child = spawn(ask_with_larger, &c);
	struct mbx_reply args = {
		.size = sizeof(args),
		.message = (uintptr_t)&answer,
		.elem_size = sizeof(answer),
	};

	ASSERT_EQ(1, take(self->fd, &self->letter));
	args.token = self->letter.msg.token;
	answer.more = 1;
	EXPECT_EQ(-E2BIG, call(self->fd, MBX_IOC_REPLY, &args));
	answer.more = 0;
	EXPECT_EQ(0, call(self->fd, MBX_IOC_REPLY, &args));
	EXPECT_EQ(0, reap(child));
}

static int ask_with_one_struct(void *arg)
{
	struct mbx_message both = { .len = 3, .tag = 5 };
	char data[8] = "ask";

	both.data = (uintptr_t)data;
	both.capacity = sizeof(data);
	if (call_message(*(int *)arg, &both, &both))
		return EXIT_FAILURE;
	return strcmp(data, "yes") || both.len != 4;
}

TEST_F(accepted, request_and_reply_may_be_the_same)
{
	pid_t child = spawn(ask_with_one_struct, &self->fd);

	ASSERT_EQ(1, take(self->fd, &self->letter));
	EXPECT_STREQ("ask", self->letter.text);
	EXPECT_EQ(0, reply_bytes(self->fd, self->letter.msg.token, "yes", 4));
	EXPECT_EQ(0, reap(child));
}

/* Neither the struct nor the request is written to. */
TEST_F(accepted, arguments_stay_as_they_are)
{
	struct mbx_message request = {
		.tag = 5, .seq = 99, .token = 98, .pid = 97
	};
	struct mbx_message before = request;
	struct mbx_call args = {
		.size = sizeof(args),
		.request = (uintptr_t)&request,
		.reply = (uintptr_t)&self->letter.msg,
		.elem_size = sizeof(request),
	};
	struct mbx_call args_before = args;
	pid_t child = spawn(serve_child, &self->fd);

	EXPECT_EQ(0, call(self->fd, MBX_IOC_CALL, &args));
	EXPECT_EQ(0, memcmp(&args, &args_before, sizeof(args)));
	EXPECT_EQ(0, memcmp(&request, &before, sizeof(request)));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
}

TEST_F(accepted, reply_stays_as_it_is_when_the_call_fails)
{
	struct mbx_message request = { 0 }, reply, before;

	memset(&reply, 0x5a, sizeof(reply));
	before = reply;
	EXPECT_EQ(-ETIMEDOUT,
		  call_message(self->fd, &request, &reply, .deadline_ns = 1));
	EXPECT_EQ(0, memcmp(&reply, &before, sizeof(reply)));
}

TEST_HARNESS_MAIN
