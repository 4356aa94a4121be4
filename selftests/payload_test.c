// SPDX-License-Identifier: GPL-2.0-only
/* Payloads of all lengths, whose memory is used again and again. */
#include "mailbox.h"

#include <pthread.h>

#define LONGEST 5000
#define GUARD 0xa5

/* Around each size in which memory comes. */
static const __u32 lengths[] = {
	0,    1,    95,	  96,	97,   127,  128,  129,	   192,
	193,  255,  256,  257,	511,  512,  513,  1023,	   1024,
	1025, 2047, 2048, 2049, 4095, 4096, 4097, LONGEST,
};

struct page_of_text {
	__u8 out[LONGEST];
	__u8 in[LONGEST + 1];
};

FIXTURE(payload)
{
	int fd;
	struct page_of_text text;
};

FIXTURE_SETUP(payload)
{
	self->fd = open_mailbox(NULL, CREATE, .max_msg_size = LONGEST);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(payload)
{
	close(self->fd);
}

/* Other bytes for each seed, and at each place. */
static void write_text(struct page_of_text *text, __u32 len, __u32 seed)
{
	__u32 i;

	for (i = 0; i < len; i++)
		text->out[i] = seed * 31 + i * 7 + (i >> 8);
}

static bool sent(int fd, struct page_of_text *text, __u32 len, __u32 seed)
{
	write_text(text, len, seed);
	return send_bytes(fd, text->out, len, MBX_SEND_NONBLOCK) == 1;
}

/* The next message is that one, to the byte, and nothing else was written. */
static bool arrives(int fd, struct page_of_text *text, __u32 len, __u32 seed)
{
	struct mbx_message msg = { .data = (uintptr_t)text->in,
				   .capacity = LONGEST };

	memset(text->in, GUARD, sizeof(text->in));
	write_text(text, len, seed);
	return recv_array(fd, &msg, 1, .flags = MBX_RECV_NONBLOCK) == 1 &&
	       msg.len == len && !memcmp(text->in, text->out, len) &&
	       text->in[len] == GUARD;
}

TEST_F(payload, of_any_length_arrives_whole)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		for (j = 0; j < ARRAY_SIZE(lengths); j++) {
			ASSERT_TRUE(sent(self->fd, &self->text, lengths[i], i));
			ASSERT_TRUE(sent(self->fd, &self->text, lengths[j],
					 j + 50));
			ASSERT_TRUE(
				arrives(self->fd, &self->text, lengths[i], i));
			ASSERT_TRUE(arrives(self->fd, &self->text, lengths[j],
					    j + 50));
		}
	}
}

TEST_F(payload, of_many_messages_is_their_own)
{
	unsigned int i, round, at_once = 24;

	for (round = 0; round < ARRAY_SIZE(lengths); round++) {
		for (i = 0; i < at_once; i++)
			ASSERT_TRUE(
				sent(self->fd, &self->text, lengths[round], i));
		for (i = 0; i < at_once; i++)
			ASSERT_TRUE(arrives(self->fd, &self->text,
					    lengths[round], i));
	}
}

struct talker {
	pthread_t thread;
	unsigned int seed;
	bool well;
};

/* Lengths by chance; now and then the processor is left to another one. */
static void *talk_to_oneself(void *arg)
{
	struct talker *talker = arg;
	struct page_of_text *text = malloc(sizeof(*text));
	int fd = open_mailbox(NULL, CREATE, .max_msg_size = LONGEST);
	unsigned int seed = talker->seed, i, times = amount(NULL, 3000);
	__u32 len[4], n, k;

	talker->well = text && fd >= 0;
	for (i = 0; talker->well && i < times; i++) {
		n = 1 + rand_r(&seed) % ARRAY_SIZE(len);
		for (k = 0; k < n; k++) {
			len[k] = lengths[rand_r(&seed) % ARRAY_SIZE(lengths)];
			talker->well &=
				sent(fd, text, len[k], talker->seed + k);
		}
		if (i % 16 == 0)
			sched_yield();
		for (k = 0; k < n; k++)
			talker->well &=
				arrives(fd, text, len[k], talker->seed + k);
	}
	close(fd);
	free(text);
	return NULL;
}

TEST_F(payload, is_shared_by_no_threads)
{
	struct talker talkers[6];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(talkers); i++) {
		talkers[i].seed = 17 * i;
		ASSERT_EQ(0, pthread_create(&talkers[i].thread, NULL,
					    talk_to_oneself, &talkers[i]));
	}
	for (i = 0; i < ARRAY_SIZE(talkers); i++)
		pthread_join(talkers[i].thread, NULL);
	for (i = 0; i < ARRAY_SIZE(talkers); i++)
		EXPECT_TRUE(talkers[i].well);
}

struct stream {
	int fd;
	unsigned int count;
};

static __u32 nth_length(unsigned int i)
{
	return lengths[i * 7 % ARRAY_SIZE(lengths)];
}

static void *send_stream(void *arg)
{
	struct stream *stream = arg;
	struct page_of_text *text = malloc(sizeof(*text));
	unsigned int i;

	for (i = 0; text && i < stream->count; i++) {
		write_text(text, nth_length(i), i);
		if (send_bytes(stream->fd, text->out, nth_length(i), 0) != 1)
			break;
	}
	free(text);
	return NULL;
}

/* What one processor has allocated another one frees, both as fast as they can. */
TEST_F(payload, goes_from_one_thread_to_another)
{
	struct mbx_message msg = { .data = (uintptr_t)self->text.in,
				   .capacity = LONGEST };
	struct stream stream = { self->fd, amount(NULL, 20000) };
	pthread_t sender;
	unsigned int i;

	ASSERT_EQ(0, pthread_create(&sender, NULL, send_stream, &stream));
	for (i = 0; i < stream.count; i++) {
		ASSERT_EQ(1, recv_array(self->fd, &msg, 1));
		write_text(&self->text, nth_length(i), i);
		ASSERT_EQ(nth_length(i), msg.len);
		ASSERT_EQ(0, memcmp(self->text.in, self->text.out, msg.len));
	}
	pthread_join(sender, NULL);
}

TEST_F(payload, that_is_not_readable_leaves_nothing)
{
	unsigned int i;

	for (i = 1; i < ARRAY_SIZE(lengths); i++) {
		EXPECT_EQ(-EFAULT, send_bytes(self->fd, (void *)8, lengths[i],
					      MBX_SEND_NONBLOCK));
		ASSERT_TRUE(sent(self->fd, &self->text, lengths[i], i));
		ASSERT_TRUE(arrives(self->fd, &self->text, lengths[i], i));
	}
	EXPECT_TRUE(counters_add_up(self->fd));
}

TEST_HARNESS_MAIN
