// SPDX-License-Identifier: GPL-2.0-only
/* What others do to a mailbox while a call on it waits for a page of its caller. */
#include "call.h"
#include "memory.h"
#include "params.h"
#include "userfault.h"

#include <sys/mman.h>
#include <sys/uio.h>

/*
 * Two pages. Who touches the second one waits, until it is served or both are
 * taken away.
 */
FIXTURE(paging)
{
	int fd;
	int faults;
	size_t page;
	char *memory;
	struct mbx_message *array; /* its second element is in the second page */
	pthread_t thread;
	int result;
	struct params params;
};

static int watch_for(FIXTURE_DATA(paging) * self, __u64 mode)
{
	self->faults =
		userfault_watch(self->memory + self->page, self->page, mode);
	return self->faults < 0 ? self->faults : 0;
}

static int watch(FIXTURE_DATA(paging) * self)
{
	return watch_for(self, UFFDIO_REGISTER_MODE_MISSING);
}

static char *map_pages(FIXTURE_DATA(paging) * self)
{
	self->memory = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return self->memory == MAP_FAILED ? NULL : self->memory;
}

FIXTURE_SETUP(paging)
{
	self->page = sysconf(_SC_PAGESIZE);
	ASSERT_EQ(0, params_save(&self->params));
	ASSERT_NE(NULL, map_pages(self));
	self->array = (void *)(self->memory + self->page);
	self->array--;
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(paging)
{
	params_restore(&self->params);
	close(self->fd);
}

static bool is_touched(const FIXTURE_DATA(paging) * self)
{
	return poll_wait(self->faults, POLLIN) == POLLIN;
}

static int serve_page(FIXTURE_DATA(paging) * self, const void *contents)
{
	return userfault_serve(self->faults, self->memory + self->page,
			       contents, self->page);
}

static void take_away(FIXTURE_DATA(paging) * self)
{
	munmap(self->memory, 2 * self->page);
	close(self->faults);
}

#define TAG 1

static void *peek_thread(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;

	self->result = recv_array(self->fd, self->array, 2,
				  .flags = MBX_RECV_PEEK | MBX_RECV_NONBLOCK |
					   MBX_RECV_BY_TAG,
				  .tag = TAG);
	return NULL;
}

static struct mbx_message buffer(struct letter *letter)
{
	prepare(letter);
	return letter->msg;
}

/* That is found by its age: an older one is still there. */
TEST_F(paging, peeking_goes_on_behind_a_message_that_is_gone)
{
	struct letter letters[2], taken;
	struct mbx_message *page = calloc(1, self->page);

	ASSERT_EQ(1, send_text(self->fd, "older"));
	ASSERT_EQ(1, send_text(self->fd, "first", .tag = TAG));
	ASSERT_EQ(1, send_text(self->fd, "second", .tag = TAG));
	self->array[0] = buffer(&letters[0]);
	page[0] = buffer(&letters[1]);
	ASSERT_EQ(0, watch(self));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, peek_thread, self));
	ASSERT_TRUE(is_touched(self));
	EXPECT_EQ(1, take(self->fd, &taken,
			  .flags = MBX_RECV_NONBLOCK | MBX_RECV_BY_TAG,
			  .tag = TAG));
	EXPECT_STREQ("first", taken.text);
	EXPECT_EQ(0, serve_page(self, page));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(2, self->result);
	EXPECT_STREQ("first", letters[0].text);
	EXPECT_STREQ("second", letters[1].text);
	EXPECT_STREQ("older", next_text(self->fd));
	EXPECT_STREQ("second", next_text(self->fd));
	free(page);
}

static void *receive_thread(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;
	struct mbx_message msg = {
		.data = (uintptr_t)self->memory + self->page,
		.capacity = self->page,
	};

	self->result = recv_array(self->fd, &msg, 1);
	return NULL;
}

TEST_F(paging, request_whose_caller_has_gone_is_not_put_back)
{
	struct mbx_mailbox_stat st;
	pid_t caller = spawn_caller(self->fd);

	ASSERT_TRUE(calls_wait(self->fd, 1));
	ASSERT_EQ(0, watch(self));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, receive_thread, self));
	ASSERT_TRUE(is_touched(self));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(caller));
	EXPECT_TRUE(calls_wait(self->fd, 0));
	take_away(self);
	pthread_join(self->thread, NULL);
	EXPECT_EQ(-EFAULT, self->result);
	st = stat_of(self->fd);
	EXPECT_EQ(0, st.msgs);
	EXPECT_EQ(0, st.received);
	EXPECT_EQ(1, st.withdrawn);
	EXPECT_TRUE(counters_add_up(self->fd));
}

/*
 * A token is there before its receiver is told, and can be guessed. This one is the
 * second after the first request's: what can't be copied at once has had one.
 */
TEST_F(paging, request_whose_token_was_guessed_is_not_put_back)
{
	struct caller caller;
	struct letter letter;
	__u64 used = info().used_msg_bytes;

	ASSERT_EQ(0, caller_start(&caller, self->fd, "first"));
	ASSERT_EQ(1, take(self->fd, &letter));
	ASSERT_EQ(0, reply_text(self->fd, letter.msg.token, "answer"));
	ASSERT_EQ(0, caller_end(&caller));
	ASSERT_EQ(0, caller_start(&caller, self->fd, "second"));
	ASSERT_TRUE(calls_wait(self->fd, 1));
	ASSERT_EQ(0, watch(self));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, receive_thread, self));
	ASSERT_TRUE(is_touched(self));
	EXPECT_EQ(0, reply_text(self->fd, letter.msg.token + 2, "guess"));
	EXPECT_EQ(0, caller_end(&caller));
	EXPECT_STREQ("guess", caller.reply.text);
	take_away(self);
	pthread_join(self->thread, NULL);
	EXPECT_EQ(-EFAULT, self->result);
	EXPECT_EQ(0, stat_of(self->fd).msgs);
	EXPECT_EQ(1, stat_of(self->fd).withdrawn);
	EXPECT_TRUE(counters_add_up(self->fd));
	EXPECT_EQ(used, info().used_msg_bytes);
}

struct longer_info {
	struct mbx_info info;
	__u64 rest[2];
};

static struct longer_info *at_the_page(FIXTURE_DATA(paging) * self)
{
	return (void *)(self->memory + self->page -
			offsetof(struct longer_info, rest));
}

static void *ask_thread(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;

	self->result = call(device(), MBX_IOC_INFO, at_the_page(self));
	return NULL;
}

/* It waits for a page when it has read the size, and then reads all. */
TEST_F(paging, size_that_changes_does_not_shorten_the_answer)
{
	struct longer_info *asked = at_the_page(self);
	char *zeros = calloc(1, self->page);

	asked->info.size = sizeof(*asked);
	ASSERT_EQ(0, watch(self));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, ask_thread, self));
	ASSERT_TRUE(is_touched(self));
	asked->info.size = offsetof(struct mbx_info, msg_overhead);
	EXPECT_EQ(0, serve_page(self, zeros));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(0, self->result);
	EXPECT_EQ(info().msg_overhead, asked->info.msg_overhead);
	free(zeros);
}

static void *receive_two(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;

	self->result = recv_array(self->fd, self->array, 2);
	return NULL;
}

/* --- who answers for a message meanwhile --- */

#define TEXT "hello"

static int send_some(void *arg)
{
	return status_of(send_text(*(int *)arg, TEXT));
}

static int send_tagged(void *arg)
{
	return status_of(send_text(*(int *)arg, TEXT, .tag = TAG));
}

static int owes_nothing(void *arg)
{
	return info().used_msg_bytes ? EXIT_FAILURE : 0;
}

static __u64 owed(void)
{
	return strlen(TEXT) + info().msg_overhead;
}

static int receive_slowly(FIXTURE_DATA(paging) * self)
{
	receive_thread(self);
	return self->result == 1 ? (int)strlen(TEXT) : self->result;
}

static int peek_slowly(FIXTURE_DATA(paging) * self)
{
	struct mbx_message msg = {
		.data = (uintptr_t)self->memory + self->page,
		.capacity = self->page,
	};
	int ret = recv_array(self->fd, &msg, 1, .flags = MBX_RECV_PEEK);

	return ret == 1 ? (int)msg.len : ret;
}

static int read_slowly(FIXTURE_DATA(paging) * self)
{
	return result_of(read(self->fd, self->memory + self->page, self->page));
}

/* The second page is the second part. */
static int readv_slowly(FIXTURE_DATA(paging) * self)
{
	struct iovec parts[] = {
		{ self->memory + self->page - 2, 2 },
		{ self->memory + self->page, self->page },
	};

	return result_of(readv(self->fd, parts, 2));
}

static const struct way {
	const char *label;
	int (*receive)(FIXTURE_DATA(paging) * self);
	size_t before; /* bytes that go into the first page */
} ways[] = {
	{ "receive", receive_slowly },
	{ "peek", peek_slowly },
	{ "read", read_slowly },
	{ "readv", readv_slowly, 2 },
};

struct slow {
	FIXTURE_DATA(paging) * paging;
	const struct way *way;
	pthread_t thread;
	int result;
};

static void *slow_thread(void *arg)
{
	struct slow *slow = arg;

	slow->result = slow->way->receive(slow->paging);
	return NULL;
}

/* ALICE has sent a message, and a thread waits for its page with it. */
static int slow_start(struct slow *slow, FIXTURE_DATA(paging) * self,
		      const struct way *way)
{
	int err;

	slow->paging = self;
	slow->way = way;
	if (!map_pages(self))
		return -ENOMEM;
	self->memory[0] = 0;
	err = run_as(ALICE, send_some, &self->fd) ?: watch(self);
	if (!err)
		err = pthread_create(&slow->thread, NULL, slow_thread, slow);
	return err ?: is_touched(self) ? 0 : -ETIMEDOUT;
}

TEST_F(paging, who_is_slow_to_receive_answers_for_the_message)
{
	char *page = calloc(1, self->page), *text;
	__u64 used = info().used_msg_bytes;
	struct letter letter;
	struct slow slow;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		TH_LOG("%s", ways[i].label);
		ASSERT_EQ(0, slow_start(&slow, self, &ways[i]));
		EXPECT_EQ(used + owed(), info().used_msg_bytes);
		if (ways[i].receive == peek_slowly)
			EXPECT_EQ(1, take_now(self->fd, &letter));
		EXPECT_EQ(0, run_as(ALICE, owes_nothing, NULL));
		EXPECT_EQ(0, serve_page(self, page));
		pthread_join(slow.thread, NULL);
		EXPECT_EQ(strlen(TEXT), slow.result);
		text = self->memory + self->page - ways[i].before;
		EXPECT_STREQ(TEXT, text);
		EXPECT_EQ(used, info().used_msg_bytes);
		EXPECT_TRUE(counters_add_up(self->fd));
		take_away(self);
	}
	free(page);
}

TEST_F(paging, privileged_receiver_may_exceed_the_quota)
{
	__u64 used = info().used_msg_bytes;
	char *page = calloc(1, self->page);
	struct slow slow = { .paging = self, .way = &ways[0] };

	ASSERT_EQ(0, run_as(ALICE, send_some, &self->fd));
	ASSERT_EQ(0, param_write("quota_msg_bytes", 0));
	ASSERT_EQ(0, watch(self));
	ASSERT_EQ(0, pthread_create(&slow.thread, NULL, slow_thread, &slow));
	ASSERT_TRUE(is_touched(self));
	EXPECT_EQ(used + owed(), info().used_msg_bytes);
	EXPECT_EQ(0, run_as(ALICE, owes_nothing, NULL));
	EXPECT_EQ(0, serve_page(self, page));
	pthread_join(slow.thread, NULL);
	EXPECT_EQ(strlen(TEXT), slow.result);
	free(page);
}

TEST_F(paging, sender_answers_again_for_what_could_not_be_received)
{
	__u64 used = info().used_msg_bytes;
	struct slow slow;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		TH_LOG("%s", ways[i].label);
		ASSERT_EQ(0, slow_start(&slow, self, &ways[i]));
		take_away(self);
		pthread_join(slow.thread, NULL);
		EXPECT_EQ(-EFAULT, slow.result);
		EXPECT_EQ(used, info().used_msg_bytes);
		EXPECT_EQ(EXIT_FAILURE, run_as(ALICE, owes_nothing, NULL));
		EXPECT_STREQ(TEXT, next_text(self->fd));
		EXPECT_EQ(0, run_as(ALICE, owes_nothing, NULL));
	}
}

static int receive_into_fresh_memory(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;
	__u64 used = info().used_msg_bytes;

	CHECK(map_pages(self));
	CHECK(read_slowly(self) == strlen(TEXT));
	CHECK(info().used_msg_bytes == used);
	return 0;
}

/* Even his own: another may have received it meanwhile, and answer for it. */
TEST_F(paging, who_looks_slowly_keeps_nothing_that_others_answer_for)
{
	__u64 used = info().used_msg_bytes;
	char *page = calloc(1, self->page);
	struct slow slow = { .paging = self, .way = &ways[1] };

	ASSERT_EQ(1, send_text(self->fd, TEXT));
	ASSERT_EQ(0, watch(self));
	ASSERT_EQ(0, pthread_create(&slow.thread, NULL, slow_thread, &slow));
	ASSERT_TRUE(is_touched(self));
	EXPECT_EQ(used + 2 * owed(), info().used_msg_bytes);
	EXPECT_EQ(0, run_as(BOB, receive_into_fresh_memory, self));
	EXPECT_EQ(used + owed(), info().used_msg_bytes);
	EXPECT_EQ(0, serve_page(self, page));
	pthread_join(slow.thread, NULL);
	EXPECT_EQ(strlen(TEXT), slow.result);
	EXPECT_STREQ(TEXT, self->memory + self->page);
	EXPECT_EQ(used, info().used_msg_bytes);
	free(page);
}

static int protect_page(FIXTURE_DATA(paging) * self, bool protect)
{
	struct uffdio_writeprotect change = {
		.range.start = (uintptr_t)self->memory + self->page,
		.range.len = self->page,
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return result_of(ioctl(self->faults, UFFDIO_WRITEPROTECT, &change));
}

/* The second one's length is to be told in a page that can be read only. */
TEST_F(paging, message_before_one_that_is_too_large_is_not_kept)
{
	struct letter letters[2];

	ASSERT_EQ(0, run_as(ALICE, send_tagged, &self->fd));
	ASSERT_EQ(1, send_text(self->fd, "second", .tag = TAG));
	self->array[0] = buffer(&letters[0]);
	self->array[1] = buffer(&letters[1]);
	self->array[1].capacity = 0;
	ASSERT_EQ(0, watch_for(self, UFFDIO_REGISTER_MODE_WP));
	ASSERT_EQ(0, protect_page(self, true));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, peek_thread, self));
	ASSERT_TRUE(is_touched(self));
	EXPECT_STREQ(TEXT, next_text(self->fd));
	EXPECT_EQ(0, run_as(ALICE, owes_nothing, NULL));
	EXPECT_EQ(0, protect_page(self, false));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(1, self->result);
	EXPECT_EQ(6, self->array[1].len);
}

/* Others are not kept waiting for what would have come next. */
TEST_F(paging, only_the_message_that_waits_for_its_page_stays_in_hand)
{
	char *page = calloc(1, self->page);
	struct letter letters[3];

	ASSERT_EQ(0, run_as(ALICE, send_some, &self->fd));
	ASSERT_EQ(1, send_text(self->fd, "second"));
	ASSERT_EQ(1, send_text(self->fd, "third"));
	self->array--;
	self->array[0] = buffer(&letters[0]);
	self->array[1] = (struct mbx_message){
		.data = (uintptr_t)self->memory + self->page,
		.capacity = self->page,
	};
	ASSERT_EQ(0, watch(self));
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, receive_two, self));
	ASSERT_TRUE(is_touched(self));
	EXPECT_STREQ("third", next_text(self->fd));
	EXPECT_EQ(0, run_as(ALICE, owes_nothing, NULL));
	EXPECT_EQ(0, serve_page(self, page));
	pthread_join(self->thread, NULL);
	EXPECT_EQ(2, self->result);
	EXPECT_STREQ(TEXT, letters[0].text);
	EXPECT_STREQ("second", self->memory + self->page);
	free(page);
}

/* Memory that nobody has touched yet is not at hand. */
static int receive_beyond_quota(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;
	int own = open_mailbox(NULL, CREATE);
	size_t i;

	CHECK(send_text(own, TEXT) == 1);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		CHECK(map_pages(self));
		CHECK(ways[i].receive(self) == strlen(TEXT));
		CHECK(!strcmp(TEXT,
			      self->memory + self->page - ways[i].before));
		CHECK(counters_add_up(self->fd));
		munmap(self->memory + self->page, self->page);
		CHECK(ways[i].receive(self) == -EFAULT);
		CHECK(info().used_msg_bytes == owed());
	}
	return 0;
}

/* Nor is the order changed, or anything told twice. */
static int receive_array_beyond_quota(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;
	int own = open_mailbox(NULL, CREATE), i, peek;
	struct mbx_message array[3] = { 0 };

	CHECK(send_text(own, TEXT) == 1);
	for (peek = 1; peek >= 0; peek--) {
		for (i = 0; i < 3; i++) {
			CHECK(map_pages(self));
			array[i].data = (uintptr_t)self->memory;
			array[i].capacity = self->page;
		}
		CHECK(recv_array(self->fd, array, 3,
				 .flags = peek ? MBX_RECV_PEEK : 0) == 3);
		for (i = 0; i < 3; i++) {
			CHECK(array[i].seq == (__u64)i);
			CHECK(!strcmp(TEXT, pointer(array[i].data)));
		}
	}
	return 0;
}

TEST_F(paging, who_has_no_quota_left_gets_all_in_order)
{
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, run_as(ALICE, send_some, &self->fd));
	ASSERT_EQ(0, param_write("quota_msg_bytes", owed()));
	EXPECT_EQ(0, run_as(BOB, receive_array_beyond_quota, self));
}

/* Root without the right to exceed his quota: others may not watch such pages. */
static int wait_beyond_quota(void *arg)
{
	FIXTURE_DATA(paging) *self = arg;
	char *page = calloc(1, self->page);
	struct slow slow;
	size_t i;

	CHECK(!drop_capability(CAP_SYS_RESOURCE));
	CHECK(send_text(open_mailbox(NULL, CREATE), TEXT) == 1);
	CHECK(!fcntl(self->fd, F_SETFL, O_NONBLOCK));
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		CHECK(!slow_start(&slow, self, &ways[i]));
		CHECK(wait_until(stat_of(self->fd).msgs == 1));
		CHECK(!strcmp(TEXT, next_text(self->fd)));
		CHECK(!run_as(ALICE, owes_nothing, NULL));
		CHECK(!serve_page(self, page));
		pthread_join(slow.thread, NULL);
		CHECK(slow.result == -EAGAIN);
		CHECK(info().used_msg_bytes == owed());
		take_away(self);
	}
	return 0;
}

TEST_F(paging, who_has_no_quota_left_does_not_keep_others_waiting)
{
	ASSERT_EQ(0, info().used_msg_bytes);
	ASSERT_EQ(0, param_write("quota_msg_bytes", owed()));
	EXPECT_EQ(0, run(wait_beyond_quota, self));
}

TEST_F(paging, who_has_no_quota_left_can_receive_all_the_same)
{
	size_t i;

	for (i = 1; i < 2 * ARRAY_SIZE(ways); i++)
		ASSERT_EQ(0, run_as(ALICE, send_some, &self->fd));
	ASSERT_EQ(0, param_write("quota_msg_bytes", owed()));
	EXPECT_EQ(0, run_as(BOB, receive_beyond_quota, self));
}

TEST_HARNESS_MAIN
