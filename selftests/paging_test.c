// SPDX-License-Identifier: GPL-2.0-only
/* What others do to a mailbox while a call on it waits for a page of its caller. */
#include "call.h"

#include <linux/userfaultfd.h>
#include <sys/mman.h>

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
};

static int watch(FIXTURE_DATA(paging) * self)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range.start = (uintptr_t)self->memory + self->page,
		.range.len = self->page,
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	/* Who may block can't poll. */
	self->faults = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (self->faults < 0 || ioctl(self->faults, UFFDIO_API, &api))
		return -errno;
	return result_of(ioctl(self->faults, UFFDIO_REGISTER, &area));
}

FIXTURE_SETUP(paging)
{
	self->page = sysconf(_SC_PAGESIZE);
	self->memory = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->memory);
	self->array = (void *)(self->memory + self->page);
	self->array--;
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(paging)
{
	close(self->fd);
}

static bool is_touched(const FIXTURE_DATA(paging) * self)
{
	return poll_wait(self->faults, POLLIN) == POLLIN;
}

static int serve_page(FIXTURE_DATA(paging) * self, const void *contents)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)self->memory + self->page,
		.src = (uintptr_t)contents,
		.len = self->page,
	};

	return result_of(ioctl(self->faults, UFFDIO_COPY, &copy));
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

TEST_HARNESS_MAIN
