// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments and buffers that another thread changes during the call
 *
 * Each value is good or bad at any moment. A call may succeed or fail as it would
 * with one of them, and nothing else may happen. The other thread may have to wait for
 * its processor while the value is bad: then it takes more rounds.
 */
#include "mailbox.h"
#include "memory.h"
#include "race.h"
#include "region.h"

#define ROUNDS ((int)amount(NULL, 20000))

FIXTURE(fetch)
{
	int fd;
	struct cliff cliff;
};

FIXTURE_SETUP(fetch)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msgs = 64);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, cliff_init(&self->cliff));
}

FIXTURE_TEARDOWN(fetch)
{
	close(self->fd);
}

/* A word that turns from one value to another and back. */
struct flip {
	volatile __u32 *word;
	__u32 good;
	__u32 bad;
};

static void flip(void *arg)
{
	struct flip *f = arg;
	int i;

	for (i = 0; i < 100; i++) {
		*f->word = f->bad;
		*f->word = f->good;
	}
}

static bool is_one_of(int ret, const int *allowed)
{
	for (; *allowed; allowed++)
		if (ret == *allowed)
			return true;
	return false;
}

static void check_send(struct __test_metadata *_metadata, int fd,
		       struct flip *f, struct mbx_send *send,
		       const int *allowed)
{
	unsigned int sent = 0;
	struct letter letter;
	struct racer racer;
	int i, ret;

	ASSERT_EQ(0, racer_begin(&racer, flip, f));
	for (i = 0; i < ROUNDS; i++) {
		ret = call(fd, MBX_IOC_SEND, send);
		if (!is_one_of(ret, allowed))
			break;
		sent += ret > 0 ? ret : 0;
		while (ret > 0 && take_now(fd, &letter) == 1)
			;
	}
	racer_end(&racer);
	EXPECT_EQ(ROUNDS, i) TH_LOG("send returned %d", ret);
	EXPECT_EQ(sent, stat_of(fd).sent);
	EXPECT_TRUE(counters_add_up(fd));
}

#define SEND_OF(messages_, count_)                                     \
	{                                                              \
		.size = sizeof(struct mbx_send),                       \
		.messages = (uintptr_t)(messages_), .count = (count_), \
		.elem_size = sizeof(struct mbx_message),               \
	}

TEST_F_TIMEOUT(fetch, size_of_the_struct_flips, 90)
{
	static const int allowed[] = { 1, -EINVAL, -E2BIG, 0 };
	struct mbx_message msg = { .len = 1, .data = (uintptr_t) "x" };
	struct mbx_send *send = (struct mbx_send *)self->cliff.start;
	struct flip f = { &send->size, sizeof(*send), 0x80000000 };

	*send = (struct mbx_send)SEND_OF(&msg, 1);
	memset(send + 1, 0xa5, 64);
	check_send(_metadata, self->fd, &f, send, allowed);
}

/*
 * The size tells how much of the answer is written, and both values are other than
 * the kernel's.
 */
TEST_F_TIMEOUT(fetch, size_of_an_answer_flips, 90)
{
	struct {
		struct mbx_info info;
		__u64 tail[8];
	} args = { 0 };
	struct flip f = { &args.info.size, sizeof(args), 8 };
	int i, ret = 0, answers = 0;
	struct racer racer;
	bool well = true;

	args.info.size = sizeof(args);
	ASSERT_EQ(0, racer_begin(&racer, flip, &f));
	for (i = 0; well && (i < ROUNDS || !answers); i++) {
		args.info.msg_overhead = 0;
		ret = call(device(), MBX_IOC_INFO, &args);
		well = ret == -EINVAL || (!ret && args.info.msg_overhead);
		answers += !ret;
	}
	racer_end(&racer);
	EXPECT_TRUE(well) TH_LOG("info returned %d", ret);
}

TEST_F_TIMEOUT(fetch, flags_of_the_struct_flip, 90)
{
	static const int allowed[] = { 1, -EINVAL, 0 };
	struct mbx_message msg = { .len = 1, .data = (uintptr_t) "x" };
	struct mbx_send send = SEND_OF(&msg, 1);
	struct flip f = { &send.flags, 0, 1U << 31 };

	check_send(_metadata, self->fd, &f, &send, allowed);
}

TEST_F_TIMEOUT(fetch, count_of_messages_flips, 90)
{
	static const int allowed[] = { 2, -EINVAL, 0 };
	struct mbx_message msgs[2] = {
		{ .len = 1, .data = (uintptr_t) "x" },
		{ .len = 1, .data = (uintptr_t) "y" },
	};
	struct mbx_send send = SEND_OF(msgs, 2);
	struct flip f = { &send.count, 2, 0xffffffff };

	check_send(_metadata, self->fd, &f, &send, allowed);
}

TEST_F_TIMEOUT(fetch, size_of_messages_flips, 90)
{
	static const int allowed[] = { 1, 2, -EINVAL, 0 };
	struct mbx_message msgs[2] = {
		{ .len = 1, .data = (uintptr_t) "x" },
		{ .len = 1, .data = (uintptr_t) "y" },
	};
	struct mbx_send send = SEND_OF(msgs, 2);
	struct flip f = { &send.elem_size, sizeof(msgs[0]), 0 };

	check_send(_metadata, self->fd, &f, &send, allowed);
}

TEST_F_TIMEOUT(fetch, length_of_a_message_flips, 90)
{
	static const int allowed[] = { 1, -EMSGSIZE, 0 };
	struct mbx_message msg = { .len = 5, .data = (uintptr_t) "hello" };
	struct mbx_send send = SEND_OF(&msg, 1);
	struct flip f = { &msg.len, 5, 0xffffffff };

	check_send(_metadata, self->fd, &f, &send, allowed);
}

/* A length between two good ones: what arrives has one of them. */
TEST_F_TIMEOUT(fetch, length_of_a_message_varies, 90)
{
	char text[64] = "";
	struct mbx_message msg = { .len = 1, .data = (uintptr_t)text };
	struct flip f = { &msg.len, 1, 60 };
	struct letter letter;
	struct racer racer;
	int i;

	ASSERT_EQ(0, racer_begin(&racer, flip, &f));
	for (i = 0; i < ROUNDS; i++) {
		if (send_array(self->fd, &msg, 1) != 1 ||
		    take_now(self->fd, &letter) != 1)
			break;
		if (letter.msg.len != 1 && letter.msg.len != 60)
			break;
	}
	racer_end(&racer);
	EXPECT_EQ(ROUNDS, i);
}

TEST_F_TIMEOUT(fetch, priority_of_a_message_flips, 90)
{
	static const int allowed[] = { 1, -EINVAL, 0 };
	struct mbx_message msg = { .len = 1, .data = (uintptr_t) "x" };
	struct mbx_send send = SEND_OF(&msg, 1);
	struct flip f = { &msg.prio, 31, 32 };

	check_send(_metadata, self->fd, &f, &send, allowed);
}

TEST_F_TIMEOUT(fetch, address_of_a_payload_flips, 90)
{
	static const int allowed[] = { 1, -EFAULT, 0 };
	struct mbx_message msg = { .len = 1,
				   .data = (uintptr_t)self->cliff.start };
	struct mbx_send send = SEND_OF(&msg, 1);
	/* The lower half of the address. */
	struct flip f = { (__u32 *)&msg.data,
			  (__u32)(uintptr_t)self->cliff.start,
			  (__u32)(uintptr_t)self->cliff.end };

	check_send(_metadata, self->fd, &f, &send, allowed);
}

static void check_receive(struct __test_metadata *_metadata, int fd,
			  struct flip *f, struct mbx_message *msg,
			  const int *allowed)
{
	unsigned int received = 0, sent = 0;
	struct racer racer;
	bool well = true;
	int i, ret = 0;

	ASSERT_EQ(0, racer_begin(&racer, flip, f));
	for (i = 0; well && (i < ROUNDS || !received); i++) {
		if (stat_of(fd).msgs == 0)
			sent += send_text(fd, "hello");
		ret = recv_array(fd, msg, 1, .flags = MBX_RECV_NONBLOCK);
		well = is_one_of(ret, allowed);
		received += ret == 1;
	}
	racer_end(&racer);
	EXPECT_TRUE(well) TH_LOG("receive returned %d", ret);
	EXPECT_EQ(received, stat_of(fd).received);
	EXPECT_EQ(sent - received, stat_of(fd).msgs);
}

TEST_F_TIMEOUT(fetch, capacity_of_a_buffer_flips, 90)
{
	static const int allowed[] = { 1, -EMSGSIZE, 0 };
	struct mbx_message msg = {
		.data = (uintptr_t)(self->cliff.end - 8),
		.capacity = 8,
	};
	struct flip f = { &msg.capacity, 8, 2 };

	check_receive(_metadata, self->fd, &f, &msg, allowed);
}

TEST_F_TIMEOUT(fetch, address_of_a_buffer_flips, 90)
{
	static const int allowed[] = { 1, -EFAULT, 0 };
	struct mbx_message msg = { .data = (uintptr_t)self->cliff.start,
				   .capacity = 8 };
	struct flip f = { (__u32 *)&msg.data,
			  (__u32)(uintptr_t)self->cliff.start,
			  (__u32)(uintptr_t)self->cliff.end };

	check_receive(_metadata, self->fd, &f, &msg, allowed);
}

/* Memory comes and goes under a buffer. */
static void protect_and_release(void *arg)
{
	struct cliff *cliff = arg;

	mprotect(cliff->start, 4096, PROT_READ);
	mprotect(cliff->start, 4096, PROT_NONE);
	mprotect(cliff->start, 4096, PROT_READ | PROT_WRITE);
	sched_yield();
}

TEST_F_TIMEOUT(fetch, protection_of_a_buffer_changes, 90)
{
	struct mbx_message msg = { .data = (uintptr_t)self->cliff.start,
				   .capacity = 8 };
	unsigned int received = 0, sent = 0;
	struct racer racer;
	int i, ret = 0;

	ASSERT_EQ(0, racer_begin(&racer, protect_and_release, &self->cliff));
	for (i = 0; i < ROUNDS / 4; i++) {
		if (stat_of(self->fd).msgs == 0)
			sent += send_text(self->fd, "hello");
		ret = recv_array(self->fd, &msg, 1, .flags = MBX_RECV_NONBLOCK);
		if (ret != 1 && ret != -EFAULT)
			break;
		received += ret == 1;
	}
	racer_end(&racer);
	EXPECT_EQ(ROUNDS / 4, i) TH_LOG("receive returned %d", ret);
	EXPECT_EQ(received, stat_of(self->fd).received);
	EXPECT_EQ(sent - received, stat_of(self->fd).msgs);
}

TEST_F_TIMEOUT(fetch, length_of_a_name_flips, 90)
{
	static char name[300];
	struct mbx_mailbox_open args = {
		.size = sizeof(args),
		.flags = CREATE,
		.name = (uintptr_t)name,
		.lifetime = MBX_LIFE_LAST_CLOSE,
	};
	struct flip f = { &args.name_len, 10, 0xffffffff };
	struct racer racer;
	int i, ret = 0;

	memset(name, 'f', sizeof(name));
	args.name_len = 10;
	ASSERT_EQ(0, racer_begin(&racer, flip, &f));
	for (i = 0; i < ROUNDS / 4; i++) {
		ret = call(device(), MBX_IOC_MAILBOX_OPEN, &args);
		if (ret < 0 && ret != -EINVAL)
			break;
		if (ret >= 0)
			close(ret);
	}
	racer_end(&racer);
	EXPECT_EQ(ROUNDS / 4, i) TH_LOG("open returned %d", ret);
}

/* A name that is well-formed only some of the time never exists malformed. */
TEST_F_TIMEOUT(fetch, bytes_of_a_name_flip, 90)
{
	union {
		char text[16];
		__u32 words[4];
	} name = { .text = "fetch/aaaaaa" };
	struct mbx_mailbox_open args = {
		.size = sizeof(args),
		.flags = CREATE,
		.name = (uintptr_t)name.text,
		.name_len = 12,
	};
	struct flip f = { &name.words[2], name.words[2], 0 };
	struct racer racer;
	int i, ret = 0;

	ASSERT_EQ(0, racer_begin(&racer, flip, &f));
	for (i = 0; i < ROUNDS / 4 && !ret; i++) {
		ret = call(device(), MBX_IOC_MAILBOX_OPEN, &args);
		if (ret >= 0) {
			close(ret);
			/* It has the good name, and no other. */
			ret = unlink_name("fetch/aaaaaa");
		} else if (ret == -EINVAL) {
			ret = 0;
		}
	}
	racer_end(&racer);
	EXPECT_EQ(0, ret);
}

TEST_F_TIMEOUT(fetch, number_of_a_slot_flips, 90)
{
	int fd = open_region(NULL, CREATE, .bytes = 1, .slots = 2), i, ret = 0;
	struct mbx_slot slot = { .slot = 1 };
	struct flip f = { &slot.slot, 1, 0x40000000 };
	__u32 *seq = map_seq(fd);
	struct racer racer;

	ASSERT_NE(NULL, seq);
	move_slot(seq, 1);
	ASSERT_EQ(0, racer_begin(&racer, flip, &f));
	for (i = 0; i < ROUNDS; i++) {
		slot.seq = 0;
		ret = wait_slots(fd, &slot, 1, .flags = MBX_WAIT_NONBLOCK);
		if (ret != 1 && ret != -EINVAL)
			break;
	}
	racer_end(&racer);
	EXPECT_EQ(ROUNDS, i) TH_LOG("wait returned %d", ret);
}

TEST_HARNESS_MAIN
