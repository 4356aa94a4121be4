// SPDX-License-Identifier: GPL-2.0-only
/* The server's loop on a stand-in for the kernel: which calls it makes, and when. */
#include "lib_fake.h"

#include <limits.h>

#define REQUESTS 5
#define STOP_FD 44

/* The kernel's side: requests numbered from 1, their tokens the same. */
static struct {
	unsigned int sent; /* requests received so far */
	unsigned int limit; /* then receiving fails with err */
	int err;
	uint32_t len; /* of each request */
	uint32_t room; /* of each caller */
	int reply_err; /* what every reply fails with, unless it is empty */
	bool always; /* ... or even if it is */
	uint64_t gone; /* the token whose caller is not there any more */

	/* Notes */
	unsigned int answered[REQUESTS + 1];
	uint64_t tags[REQUESTS + 1];
	unsigned int replies; /* without receiving */
} kernel = { .limit = REQUESTS, .err = -EOWNERDEAD, .room = 64 };

static int give_reply(struct mbx_reply *reply)
{
	uint64_t token = reply->token;

	if (token == kernel.gone)
		return -ESRCH;
	if (kernel.reply_err && (fake.message.len || kernel.always))
		return kernel.reply_err;
	if (fake.message.len > kernel.room)
		return -EMSGSIZE;
	if (token > REQUESTS || kernel.answered[token]++)
		return -EINVAL;
	kernel.tags[token] = fake.message.tag;
	return 0;
}

static int receive(struct mbx_recv *recv)
{
	struct mbx_message *msg = (void *)(uintptr_t)recv->messages;

	if (kernel.sent == kernel.limit)
		return kernel.err;
	msg->len = kernel.len;
	if (msg->len > msg->capacity)
		return -EMSGSIZE;
	memset((void *)(uintptr_t)msg->data, 'x', msg->len);
	msg->token = ++kernel.sent;
	msg->flags = MBX_MSG_CALL;
	return 1;
}

static int serve_ioctl(unsigned long command, void *arg)
{
	struct mbx_reply *reply = arg;
	int ret = reply->token ? give_reply(reply) : 0;

	if (command != MBX_IOC_REPLY)
		return -ENOTTY;
	kernel.replies += !(reply->flags & MBX_REPLY_RECV);
	if (ret || !(reply->flags & MBX_REPLY_RECV))
		return ret;
	reply->token = 0;
	return receive((void *)(uintptr_t)reply->recv);
}

/* Two bytes, for what is as large as it should be. */
static ssize_t reply_two(const struct mbx_message *message, const void *payload,
			 void *reply, size_t capacity, void *arg)
{
	const char *bytes = payload;

	if (message->len && bytes[message->len - 1] != 'x')
		return -EBADMSG;
	memcpy(reply, "ab", 2);
	return 2;
}

/* What the test has told it. */
static ssize_t return_arg(const struct mbx_message *message,
			  const void *payload, void *reply, size_t capacity,
			  void *arg)
{
	return *(ssize_t *)arg;
}

static int serve(mbx_handler *handler, void *arg)
{
	fake.on_ioctl = serve_ioctl;
	return mbx_serve(5, handler, arg, NULL);
}

TEST(request_costs_one_call)
{
	EXPECT_EQ(-EOWNERDEAD, CALM(serve(reply_two, NULL)));
	EXPECT_EQ(REQUESTS, kernel.sent);
	EXPECT_EQ(REQUESTS + 1, fake.ioctls);
	EXPECT_EQ(0, fake.polls);
}

TEST(every_request_is_answered_once)
{
	int i;

	serve(reply_two, NULL);
	for (i = 1; i <= REQUESTS; i++) {
		EXPECT_EQ(1, kernel.answered[i]);
		EXPECT_EQ(0, kernel.tags[i]);
	}
}

TEST(buffer_grows_once)
{
	kernel.len = 100000;
	EXPECT_EQ(-EOWNERDEAD, CALM(serve(reply_two, NULL)));
	EXPECT_EQ(REQUESTS + 2, fake.ioctls);
	EXPECT_EQ(0, kernel.tags[REQUESTS]);
}

TEST(caller_that_has_gone_is_passed_over)
{
	kernel.gone = 2;
	EXPECT_EQ(-EOWNERDEAD, CALM(serve(reply_two, NULL)));
	EXPECT_EQ(REQUESTS + 2, fake.ioctls);
	EXPECT_EQ(0, kernel.answered[2]);
	EXPECT_EQ(1, kernel.answered[3]);
}

TEST(reply_that_can_not_be_given_is_a_failed_request)
{
	static const int errors[] = { EMSGSIZE, ENOMEM, EDQUOT };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		memset(kernel.answered, 0, sizeof(kernel.answered));
		kernel.sent = 0;
		kernel.reply_err = -errors[i];
		EXPECT_EQ(-EOWNERDEAD, CALM(serve(reply_two, NULL)));
		EXPECT_EQ(1, kernel.answered[1]);
		EXPECT_EQ(MBX_TAG_FAILED | errors[i], kernel.tags[1]);
	}
}

TEST(error_that_can_not_be_reported_ends_the_loop)
{
	kernel.reply_err = -EDQUOT;
	kernel.always = true;
	EXPECT_EQ(-EDQUOT, CALM(serve(reply_two, NULL)));
	EXPECT_EQ(1, kernel.sent);
}

TEST(error_of_the_handler_is_reported)
{
	ssize_t ret = -ENOENT;

	serve(return_arg, &ret);
	EXPECT_EQ(MBX_TAG_FAILED | ENOENT, kernel.tags[1]);
	EXPECT_EQ(MBX_TAG_FAILED | ENOENT, kernel.tags[REQUESTS]);
}

TEST(more_than_there_is_room_for_is_a_failed_request)
{
	ssize_t ret = MBX_DEFAULT_MSG_SIZE + 1;

	serve(return_arg, &ret);
	EXPECT_EQ(MBX_TAG_FAILED | EMSGSIZE, kernel.tags[1]);
	ret = SSIZE_MAX;
	kernel.limit = 2;
	kernel.sent = 1;
	kernel.answered[2] = 0;
	serve(return_arg, &ret);
	EXPECT_EQ(MBX_TAG_FAILED | EMSGSIZE, kernel.tags[2]);
}

TEST(senseless_result_of_the_handler_is_a_failed_request)
{
	ssize_t ret = MBX_SERVE_STOP - 1;

	serve(return_arg, &ret);
	EXPECT_EQ(MBX_TAG_FAILED | EINVAL, kernel.tags[1]);
}

TEST(reply_for_later_is_not_given)
{
	ssize_t ret = MBX_SERVE_LATER;

	EXPECT_EQ(-EOWNERDEAD, CALM(serve(return_arg, &ret)));
	EXPECT_EQ(REQUESTS, kernel.sent);
	EXPECT_EQ(0, kernel.answered[1]);
}

TEST(handler_can_end_the_loop)
{
	ssize_t ret = MBX_SERVE_STOP;

	EXPECT_EQ(0, CALM(serve(return_arg, &ret)));
	EXPECT_EQ(1, kernel.sent);
	EXPECT_EQ(0, kernel.answered[1]);
}

TEST(signal_ends_the_loop_with_nothing_left_to_answer)
{
	kernel.err = -EINTR;
	EXPECT_EQ(-EINTR, CALM(serve(reply_two, NULL)));
	EXPECT_EQ(1, kernel.answered[REQUESTS]);
}

/* --- with a descriptor to stop by --- */

static struct {
	int after; /* calls of poll, until it is ready or they fail */
	short revents;
	int err;
} stop = { .after = -1 };

static int stop_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (fds[0].fd != STOP_FD || (timeout && count != 2))
		return -EIO;
	/* What would never come. */
	if (timeout && fake.polls > 100)
		return -ETIME;
	if (fake.polls <= stop.after || stop.after < 0)
		return 0;
	fds[0].revents = stop.revents;
	return stop.err ?: 1;
}

static int serve_until_stopped(mbx_handler *handler, void *arg)
{
	fake.on_ioctl = serve_ioctl;
	fake.on_poll = stop_poll;
	return mbx_serve(5, handler, arg,
			 MBX_SERVE_OPTS(.flags = MBX_SERVE_STOP_FD,
					.stop_fd = STOP_FD));
}

TEST(request_costs_two_calls_when_there_is_a_descriptor_to_stop_by)
{
	EXPECT_EQ(-EOWNERDEAD, CALM(serve_until_stopped(reply_two, NULL)));
	EXPECT_EQ(REQUESTS + 1, fake.ioctls);
	EXPECT_EQ(REQUESTS + 1, fake.polls);
}

TEST(nothing_is_received_when_the_descriptor_is_ready)
{
	stop.after = 0;
	stop.revents = POLLIN;
	EXPECT_EQ(0, CALM(serve_until_stopped(reply_two, NULL)));
	EXPECT_EQ(0, fake.ioctls);
}

TEST(last_request_is_answered_before_the_loop_stops)
{
	stop.after = 2;
	stop.revents = POLLIN;
	EXPECT_EQ(0, CALM(serve_until_stopped(reply_two, NULL)));
	EXPECT_EQ(2, kernel.sent);
	EXPECT_EQ(1, kernel.answered[2]);
	EXPECT_EQ(1, kernel.replies);
}

TEST(last_reply_that_is_too_large_is_a_failed_request)
{
	stop.after = 1;
	stop.revents = POLLIN;
	kernel.room = 1;
	EXPECT_EQ(0, CALM(serve_until_stopped(reply_two, NULL)));
	EXPECT_EQ(MBX_TAG_FAILED | EMSGSIZE, kernel.tags[1]);
}

TEST(last_caller_may_have_gone)
{
	stop.after = 1;
	stop.revents = POLLIN;
	kernel.gone = 1;
	EXPECT_EQ(0, CALM(serve_until_stopped(reply_two, NULL)));
}

TEST(waiting_is_for_both)
{
	kernel.limit = 1;
	kernel.err = -EAGAIN;
	stop.after = 4;
	stop.revents = POLLIN;
	EXPECT_EQ(0, CALM(serve_until_stopped(reply_two, NULL)));
	EXPECT_EQ(MBX_RECV_NONBLOCK, fake.recv.flags);
	EXPECT_EQ(1, kernel.answered[1]);
	EXPECT_EQ(5, fake.polls);
}

TEST(other_end_of_the_pipe_may_have_been_closed)
{
	stop.after = 0;
	stop.revents = POLLHUP;
	EXPECT_EQ(0, CALM(serve_until_stopped(reply_two, NULL)));
}

TEST(descriptor_to_stop_by_has_to_be_open)
{
	stop.after = 1;
	stop.revents = POLLNVAL;
	EXPECT_EQ(-EBADF, CALM(serve_until_stopped(reply_two, NULL)));
	EXPECT_EQ(1, kernel.answered[1]);
}

TEST(signal_while_looking_lets_the_reply_go_out)
{
	stop.after = 1;
	stop.err = -EINTR;
	EXPECT_EQ(-EINTR, CALM(serve_until_stopped(reply_two, NULL)));
	EXPECT_EQ(1, kernel.sent);
	EXPECT_EQ(1, kernel.answered[1]);
}

TEST(malformed_options_do_not_reach_the_kernel)
{
	struct mbx_serve_opts wrong[] = {
		{ .flags = 2 },
		{ .stop_fd = 3 },
		{ .reply_capacity = MBX_MSG_SIZE_MAX + 1 },
		{ .size = MBX_SERVE_OPTS_FIRST - 1 },
	};
	size_t size = sizeof(struct mbx_message);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		wrong[i].size = wrong[i].size ?: sizeof(wrong[i]);
		EXPECT_EQ(-EINVAL,
			  CALM(mbx_serve(5, reply_two, NULL, &wrong[i])));
	}
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_serve_sized(5, reply_two, NULL, NULL, size - 1)));
	EXPECT_EQ(-E2BIG,
		  CALM(mbx_serve_sized(5, reply_two, NULL, NULL, SIZE_MAX)));
	EXPECT_EQ(0, fake.ioctls + fake.polls);
}

TEST_HARNESS_MAIN
