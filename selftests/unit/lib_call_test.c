// SPDX-License-Identifier: GPL-2.0-only
/* What the library asks the kernel for: direct mailboxes, calls, replies. */
#include "lib_fake.h"

#define TOKEN 0x500000001ULL
#define NEXT_TOKEN 0x500000002ULL
#define DEADLINE 12345

/* --- direct mailboxes --- */

TEST(binding_creates_a_mailbox_without_a_name)
{
	EXPECT_EQ(0, CALM(mbx_direct_bind(MBX_READ | MBX_EXCL,
					  MBX_MAILBOX_OPTS(.max_msgs = 3))));
	EXPECT_EQ(MBX_IOC_MAILBOX_OPEN, fake.command);
	EXPECT_EQ(MBX_READ | MBX_EXCL | MBX_CREATE | MBX_DIRECT,
		  fake.request.mailbox_open.flags);
	EXPECT_EQ(0, fake.request.mailbox_open.name);
	EXPECT_EQ(0, fake.request.mailbox_open.name_len);
	EXPECT_EQ(0, fake.request.mailbox_open.target);
	EXPECT_EQ(3, fake.request.mailbox_open.max_msgs);
}

TEST(process_and_deadline_reach_the_kernel)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.deadline_ns = DEADLINE);

	mbx_direct_open(17, MBX_WRITE | MBX_WAIT_BOUND, opts);
	EXPECT_EQ(sizeof(struct mbx_mailbox_open),
		  fake.request.mailbox_open.size);
	EXPECT_EQ(MBX_WRITE | MBX_WAIT_BOUND | MBX_DIRECT,
		  fake.request.mailbox_open.flags);
	EXPECT_EQ(17, fake.request.mailbox_open.target);
	EXPECT_EQ(DEADLINE, fake.request.mailbox_open.deadline_ns);
	mbx_direct_open(-1, MBX_WRITE, NULL);
	EXPECT_EQ(-1, fake.request.mailbox_open.target);
}

TEST(pidfd_is_said_to_be_one)
{
	mbx_direct_open_pidfd(17, MBX_WRITE, NULL);
	EXPECT_EQ(MBX_WRITE | MBX_DIRECT | MBX_PIDFD,
		  fake.request.mailbox_open.flags);
	EXPECT_EQ(17, fake.request.mailbox_open.target);
}

/* With process 0, creating would bind a mailbox instead. */
TEST(flags_that_change_what_the_target_is_do_not_reach_the_kernel)
{
	static const unsigned int wrong[] = { MBX_CREATE, MBX_EXCL, MBX_PIDFD };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL,
			  CALM(mbx_direct_open(0, MBX_READ | wrong[i], NULL)));
		EXPECT_EQ(-EINVAL, CALM(mbx_direct_open_pidfd(
					   0, MBX_READ | wrong[i], NULL)));
	}
	EXPECT_EQ(0, fake.opens);
}

TEST(unknown_flags_are_the_kernels_to_judge)
{
	mbx_direct_open(1, MBX_READ | 1U << 31, NULL);
	EXPECT_EQ(MBX_READ | MBX_DIRECT | 1U << 31,
		  fake.request.mailbox_open.flags);
}

TEST(malformed_options_of_a_direct_mailbox_do_not_reach_the_kernel)
{
	struct mbx_mailbox_opts opts = { .size = MBX_MAILBOX_OPTS_FIRST - 1 };

	EXPECT_EQ(-EINVAL, CALM(mbx_direct_bind(MBX_READ, &opts)));
	EXPECT_EQ(-EINVAL, CALM(mbx_direct_open(1, MBX_READ, &opts)));
	EXPECT_EQ(-EINVAL, CALM(mbx_direct_open_pidfd(1, MBX_READ, &opts)));
	EXPECT_EQ(0, fake.opens);
}

TEST(missing_device_is_told)
{
	fake.open_ret = -ENOENT;
	EXPECT_EQ(-ENODEV, CALM(mbx_direct_bind(MBX_READ, NULL)));
	EXPECT_EQ(-ENODEV, CALM(mbx_direct_open(1, MBX_READ, NULL)));
	EXPECT_EQ(-ENODEV, CALM(mbx_direct_open_pidfd(1, MBX_READ, NULL)));
}

/* --- calling --- */

/* What the kernel answers a call with. */
static struct mbx_message answer;

static int answer_call(unsigned long command, void *arg)
{
	struct mbx_message *reply =
		(void *)(uintptr_t)((struct mbx_call *)arg)->reply;

	answer.data = reply->data;
	answer.capacity = reply->capacity;
	memcpy(reply, &answer, fake.request.call.elem_size);
	return 0;
}

TEST(options_of_a_call_reach_the_kernel)
{
	const struct mbx_call_opts *opts =
		MBX_CALL_OPTS(.flags = MBX_CALL_NONBLOCK, .tag = 1ULL << 40,
			      .deadline_ns = DEADLINE, .prio = 3);
	char reply[8];

	CALM(mbx_call_with(5, "text", 4, reply, sizeof(reply), opts, NULL));
	EXPECT_EQ(MBX_IOC_CALL, fake.command);
	EXPECT_EQ(5, fake.ioctl_fd);
	EXPECT_EQ(MBX_CALL_NONBLOCK, fake.request.call.flags);
	EXPECT_EQ(DEADLINE, fake.request.call.deadline_ns);
	EXPECT_EQ(sizeof(struct mbx_message), fake.request.call.elem_size);
	EXPECT_EQ(3, fake.message.prio);
	EXPECT_EQ(1ULL << 40, fake.message.tag);
	EXPECT_EQ(4, fake.message.len);
	EXPECT_EQ(0, fake.message.flags);
}

TEST(call_gives_the_length_of_the_reply)
{
	struct mbx_message info;
	char reply[8];

	fake.on_ioctl = answer_call;
	answer = (struct mbx_message){ .len = 7, .tag = 9, .pid = 11 };
	EXPECT_EQ(7, CALM(mbx_call(5, NULL, 0, reply, sizeof(reply))));
	EXPECT_EQ(7, CALM(mbx_call_with(5, NULL, 0, reply, sizeof(reply), NULL,
					&info)));
	EXPECT_EQ(9, info.tag);
	EXPECT_EQ(11, info.pid);
	EXPECT_EQ((uintptr_t)reply, info.data);
	EXPECT_EQ(sizeof(reply), info.capacity);
	EXPECT_EQ(0, mbx_reply_error(&info));
}

TEST(failure_that_the_server_reports_is_an_error)
{
	struct mbx_message info;
	char reply[8];

	fake.on_ioctl = answer_call;
	answer.tag = MBX_TAG_FAILED | ENOENT;
	answer.len = 7;
	EXPECT_EQ(-EREMOTEIO, CALM(mbx_call(5, NULL, 0, reply, 8)));
	EXPECT_EQ(-EREMOTEIO,
		  CALM(mbx_call_with(5, NULL, 0, reply, 8, NULL, &info)));
	EXPECT_EQ(ENOENT, mbx_reply_error(&info));
	EXPECT_EQ(7, info.len);
}

TEST(errors_of_a_call_are_passed_on)
{
	static const int errors[] = { EAGAIN,	  ECONNRESET, EINTR, EMSGSIZE,
				      EOWNERDEAD, ESRCH,      ENOTTY };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		fake.ioctl_ret = -errors[i];
		EXPECT_EQ(-errors[i], CALM(mbx_call(5, NULL, 0, NULL, 0)));
	}
}

TEST(malformed_options_of_a_call_do_not_reach_the_kernel)
{
	struct mbx_call_opts opts = { .size = MBX_CALL_OPTS_FIRST - 1 };

	EXPECT_EQ(-EINVAL,
		  CALM(mbx_call_with(5, NULL, 0, NULL, 0, &opts, NULL)));
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_call_with(5, NULL, 0, NULL, 0,
				     MBX_CALL_OPTS(.reserved = 1), NULL)));
	EXPECT_EQ(0, fake.ioctls);
}

TEST(lengths_beyond_32_bits_stay_too_long)
{
	char byte = 0;

	mbx_call(5, &byte, (1ULL << 32) + 1, &byte, (1ULL << 32) + 1);
	EXPECT_EQ(UINT32_MAX, fake.message.len);
	mbx_reply(5, TOKEN, &byte, SIZE_MAX);
	EXPECT_EQ(UINT32_MAX, fake.message.len);
}

/* The two messages of a call have one size, and the request is the library's. */
TEST(info_of_a_later_program_is_zero_where_unknown)
{
	struct {
		struct mbx_message known;
		uint64_t later;
	} info;

	memset(&info, 0xff, sizeof(info));
	fake.on_ioctl = answer_call;
	mbx_call_with_sized(5, NULL, 0, NULL, 0, NULL, &info.known,
			    sizeof(info));
	EXPECT_EQ(sizeof(struct mbx_message), fake.request.call.elem_size);
	EXPECT_EQ(0, info.later);
}

TEST(info_of_an_earlier_program_is_not_overrun)
{
	struct mbx_message info;

	info.token = 77;
	fake.on_ioctl = answer_call;
	mbx_call_with_sized(5, NULL, 0, NULL, 0, NULL, &info, 64);
	EXPECT_EQ(64, fake.request.call.elem_size);
	EXPECT_EQ(77, info.token);
	EXPECT_EQ(-EINVAL, CALM(mbx_call_with_sized(5, NULL, 0, NULL, 0, NULL,
						    &info, 15)));
	EXPECT_EQ(1, fake.ioctls);
}

/* --- replying --- */

TEST(reply_reaches_the_kernel)
{
	EXPECT_EQ(0, CALM(mbx_reply_with(5, TOKEN, "text", 4,
					 MBX_REPLY_OPTS(.tag = 9))));
	EXPECT_EQ(MBX_IOC_REPLY, fake.command);
	EXPECT_EQ(5, fake.ioctl_fd);
	EXPECT_EQ(0, fake.request.reply.flags);
	EXPECT_EQ(TOKEN, fake.request.reply.token);
	EXPECT_EQ(0, fake.request.reply.recv);
	EXPECT_EQ(9, fake.message.tag);
	EXPECT_EQ(4, fake.message.len);
}

TEST(reported_error_is_in_the_tag)
{
	CALM(mbx_reply_with(5, TOKEN, "text", 4,
			    MBX_REPLY_OPTS(.error = MBX_ERROR_MAX)));
	EXPECT_EQ(MBX_TAG_FAILED | MBX_ERROR_MAX, fake.message.tag);
	EXPECT_EQ(4, fake.message.len);
}

TEST(malformed_options_of_a_reply_do_not_reach_the_kernel)
{
	struct mbx_reply_opts wrong[] = {
		{ .flags = 1 },
		{ .reserved = 1 },
		{ .tag = MBX_TAG_FAILED },
		{ .error = MBX_ERROR_MAX + 1 },
		{ .error = 1, .tag = 1 },
		{ .size = MBX_REPLY_OPTS_FIRST - 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		wrong[i].size = wrong[i].size ?: sizeof(wrong[i]);
		EXPECT_EQ(-EINVAL,
			  CALM(mbx_reply_with(5, TOKEN, "", 0, &wrong[i])));
	}
	EXPECT_EQ(0, fake.ioctls);
}

TEST(caller_is_asked_after)
{
	EXPECT_EQ(1, CALM(mbx_caller_waits(5, TOKEN)));
	EXPECT_EQ(MBX_REPLY_QUERY, fake.request.reply.flags);
	EXPECT_EQ(TOKEN, fake.request.reply.token);
	EXPECT_EQ(0, fake.request.reply.message);
	fake.ioctl_ret = -ESRCH;
	EXPECT_EQ(0, CALM(mbx_caller_waits(5, TOKEN)));
	fake.ioctl_ret = -EINVAL;
	EXPECT_EQ(-EINVAL, CALM(mbx_caller_waits(5, TOKEN)));
}

/* --- replying and receiving --- */

/* What the kernel does with a token before it fails. */
static bool replied;

static int reply_and_fail(unsigned long command, void *arg)
{
	if (replied)
		((struct mbx_reply *)arg)->token = 0;
	return fake.ioctl_ret;
}

/* The reply is given, and a request comes. */
static int reply_and_receive(unsigned long command, void *arg)
{
	struct mbx_reply *reply = arg;
	struct mbx_message *msg = (void *)(uintptr_t)fake.recv.messages;

	reply->token = 0;
	msg->len = 7;
	msg->token = NEXT_TOKEN;
	return 1;
}

TEST(next_request_brings_its_token)
{
	uint64_t token = TOKEN;
	char buf[8];

	fake.on_ioctl = reply_and_receive;
	EXPECT_EQ(7, CALM(mbx_reply_recv(5, &token, "text", 4, buf, 8)));
	EXPECT_EQ(NEXT_TOKEN, token);
	EXPECT_EQ(1, fake.ioctls);
	EXPECT_EQ(MBX_REPLY_RECV, fake.request.reply.flags);
	EXPECT_EQ(TOKEN, fake.request.reply.token);
	EXPECT_EQ(4, fake.message.len);
	EXPECT_EQ(1, fake.recv.count);
}

TEST(options_of_reply_and_receive_reach_the_kernel)
{
	const struct mbx_next_opts *opts =
		MBX_NEXT_OPTS(.flags = MBX_RECV_BY_TAG, .reply_tag = 1,
			      .min_prio = 2, .tag = 3, .pid = 4,
			      .deadline_ns = DEADLINE);
	struct mbx_message info;
	uint64_t token = TOKEN;

	fake.on_ioctl = reply_and_receive;
	CALM(mbx_reply_recv_with(5, &token, "", 0, NULL, 0, opts, &info));
	EXPECT_EQ(MBX_RECV_BY_TAG, fake.recv.flags);
	EXPECT_EQ(1, fake.message.tag);
	EXPECT_EQ(2, fake.recv.min_prio);
	EXPECT_EQ(3, fake.recv.tag);
	EXPECT_EQ(4, fake.recv.pid);
	EXPECT_EQ(DEADLINE, fake.recv.deadline_ns);
	EXPECT_EQ(7, info.len);
	mbx_reply_recv_with(5, &token, "", 0, NULL, 0,
			    MBX_NEXT_OPTS(.reply_error = EIO), &info);
	EXPECT_EQ(MBX_TAG_FAILED | EIO, fake.message.tag);
}

TEST(reply_that_was_not_given_keeps_its_token)
{
	static const int errors[] = { EMSGSIZE, EINVAL, ENOMEM, EDQUOT, EBADF };
	uint64_t token = TOKEN;
	size_t i;

	fake.on_ioctl = reply_and_fail;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		fake.ioctl_ret = -errors[i];
		EXPECT_EQ(-errors[i],
			  CALM(mbx_reply_recv(5, &token, "", 0, NULL, 0)));
		EXPECT_EQ(TOKEN, token);
	}
	EXPECT_EQ(ARRAY_SIZE(errors), fake.ioctls);
}

TEST(reply_that_was_given_is_not_repeated)
{
	static const int errors[] = { EMSGSIZE, EINTR, EAGAIN, ETIMEDOUT };
	uint64_t token;
	size_t i;

	replied = true;
	fake.on_ioctl = reply_and_fail;
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		token = TOKEN;
		fake.ioctl_ret = -errors[i];
		EXPECT_EQ(-errors[i],
			  CALM(mbx_reply_recv(5, &token, "", 0, NULL, 0)));
		EXPECT_EQ(0, token);
	}
	EXPECT_EQ(ARRAY_SIZE(errors), fake.ioctls);
}

/* Whether the kernel has taken the token away or not. */
static int pass_over(unsigned long command, void *arg)
{
	struct mbx_reply *reply = arg;

	if (!reply->token)
		return reply_and_receive(command, arg);
	if (replied)
		reply->token = 0;
	return -ESRCH;
}

TEST(caller_that_has_gone_is_passed_over)
{
	uint64_t token = TOKEN;
	char buf[8];

	fake.on_ioctl = pass_over;
	EXPECT_EQ(7, CALM(mbx_reply_recv(5, &token, "", 0, buf, 8)));
	EXPECT_EQ(NEXT_TOKEN, token);
	EXPECT_EQ(2, fake.ioctls);
	replied = true;
	EXPECT_EQ(7, CALM(mbx_reply_recv(5, &token, "", 0, buf, 8)));
	EXPECT_EQ(NEXT_TOKEN, token);
}

TEST(mailbox_whose_process_has_gone_is_not_asked_for_ever)
{
	uint64_t token = TOKEN;

	replied = true;
	fake.on_ioctl = reply_and_fail;
	fake.ioctl_ret = -ESRCH;
	EXPECT_EQ(-ESRCH, CALM(mbx_reply_recv(5, &token, "", 0, NULL, 0)));
	EXPECT_EQ(0, token);
	EXPECT_EQ(2, fake.ioctls);
	EXPECT_EQ(-ESRCH, CALM(mbx_reply_recv(5, &token, "", 0, NULL, 0)));
	EXPECT_EQ(3, fake.ioctls);
}

TEST(malformed_options_of_reply_and_receive_do_not_reach_the_kernel)
{
	struct mbx_next_opts wrong[] = {
		{ .reserved = 1 },
		{ .flags = MBX_RECV_PEEK },
		{ .reply_tag = MBX_TAG_FAILED },
		{ .reply_error = MBX_ERROR_MAX + 1 },
		{ .reply_error = 1, .reply_tag = 1 },
		{ .size = MBX_NEXT_OPTS_FIRST - 1 },
	};
	struct mbx_message info;
	uint64_t token = TOKEN;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		wrong[i].size = wrong[i].size ?: sizeof(wrong[i]);
		EXPECT_EQ(-EINVAL,
			  CALM(mbx_reply_recv_with(5, &token, "", 0, NULL, 0,
						   &wrong[i], NULL)));
	}
	/* Without room for the token, the request could never be answered. */
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_reply_recv_with_sized(5, &token, "", 0, NULL, 0,
						 NULL, &info, 64)));
	EXPECT_EQ(TOKEN, token);
	EXPECT_EQ(0, fake.ioctls);
}

TEST_HARNESS_MAIN
