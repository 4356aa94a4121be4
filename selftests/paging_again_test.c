// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that does not stay: whenever a page comes, the other one goes. Who has no
 * quota left for the message in his hands tries again, but not for ever.
 */
#include "call.h"
#include "params.h"
#include "userfault.h"

#include <sys/eventfd.h>
#include <sys/mman.h>

#define TEXT "hello"

/* The first page has an element, and both have a part of what is read. */
FIXTURE(fleeting)
{
	int fd;
	int faults;
	int ended;
	size_t page;
	char *memory;
	char *contents;
	struct params params;
};

FIXTURE_VARIANT(fleeting)
{
	int pages; /* that come before each new try */
	int (*receive)(FIXTURE_DATA(fleeting) * self);
};

static int receive_one(FIXTURE_DATA(fleeting) * self)
{
	return recv_array(self->fd, (struct mbx_message *)self->memory, 1);
}

static int read_one(FIXTURE_DATA(fleeting) * self)
{
	return result_of(
		read(self->fd, self->memory + self->page - 2, sizeof(TEXT)));
}

FIXTURE_VARIANT_ADD(fleeting, receive){
	.pages = 2,
	.receive = receive_one,
};

FIXTURE_VARIANT_ADD(fleeting, read){
	.pages = 4,
	.receive = read_one,
};

FIXTURE_SETUP(fleeting)
{
	struct mbx_message *msg;

	self->page = sysconf(_SC_PAGESIZE);
	ASSERT_EQ(0, params_save(&self->params));
	self->memory = mmap(NULL, 2 * self->page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->memory);
	self->contents = calloc(2, self->page);
	ASSERT_NE(NULL, self->contents);
	msg = (struct mbx_message *)self->contents;
	msg->data = (uintptr_t)self->memory + self->page;
	msg->capacity = sizeof(TEXT);
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(fleeting)
{
	params_restore(&self->params);
	close(self->fd);
	munmap(self->memory, 2 * self->page);
	free(self->contents);
}

struct receiver {
	FIXTURE_DATA(fleeting) * self;
	int (*receive)(FIXTURE_DATA(fleeting) * self);
	int pages;
	int result;
};

static void *receiver_thread(void *arg)
{
	struct receiver *receiver = arg;

	receiver->result = receiver->receive(receiver->self);
	eventfd_write(receiver->self->ended, 1);
	return NULL;
}

/* The page that is waited for comes, and the other one goes before. */
static int exchange_pages(FIXTURE_DATA(fleeting) * self)
{
	struct uffd_msg event;
	size_t which;

	if (read(self->faults, &event, sizeof(event)) != sizeof(event))
		return -EIO;
	which = event.arg.pagefault.address - (uintptr_t)self->memory >=
		self->page;
	if (madvise(self->memory + !which * self->page, self->page,
		    MADV_DONTNEED))
		return -errno;
	return userfault_serve(self->faults, self->memory + which * self->page,
			       self->contents + which * self->page, self->page);
}

/* Returns how many pages came until the receiver gave up. */
static int exchange_until_the_end(FIXTURE_DATA(fleeting) * self)
{
	struct pollfd ready[] = {
		{ .fd = self->faults, .events = POLLIN },
		{ .fd = self->ended, .events = POLLIN },
	};
	int times = 0;

	for (;;) {
		CHECK(poll(ready, 2, PATIENCE_NS / NSEC_PER_MSEC) > 0);
		if (ready[1].revents)
			return times;
		CHECK(!exchange_pages(self));
		CHECK(++times < 1000);
	}
}

static int send_text_of(void *arg)
{
	return status_of(send_text(*(int *)arg, TEXT));
}

static __u64 owed(void)
{
	return strlen(TEXT) + info().msg_overhead;
}

/* Root without the right to exceed his quota: others may not watch such pages. */
static int receive_in_vain(void *arg)
{
	struct receiver *receiver = arg;
	FIXTURE_DATA(fleeting) *self = receiver->self;
	pthread_t thread;

	self->ended = eventfd(0, EFD_CLOEXEC);
	CHECK(self->ended >= 0);
	CHECK(!drop_capability(CAP_SYS_RESOURCE));
	CHECK(send_text(open_mailbox(NULL, CREATE), TEXT) == 1);
	self->faults = userfault_watch(self->memory, 2 * self->page,
				       UFFDIO_REGISTER_MODE_MISSING);
	CHECK(self->faults >= 0);
	CHECK(!pthread_create(&thread, NULL, receiver_thread, receiver));
	CHECK(exchange_until_the_end(self) > 4 * receiver->pages);
	pthread_join(thread, NULL);
	CHECK(receiver->result == -EDQUOT);
	CHECK(info().used_msg_bytes == owed());
	return 0;
}

TEST_F(fleeting, who_has_no_quota_left_gives_up_in_the_end)
{
	struct receiver receiver = { self, variant->receive, variant->pages };

	ASSERT_EQ(0, info().used_msg_bytes);
	ASSERT_EQ(0, param_write("quota_msg_bytes", owed()));
	ASSERT_EQ(0, run_as(ALICE, send_text_of, &self->fd));
	EXPECT_EQ(0, run(receive_in_vain, &receiver));
	EXPECT_EQ(0, stat_of(self->fd).received);
	EXPECT_TRUE(counters_add_up(self->fd));
	EXPECT_STREQ(TEXT, next_text(self->fd));
}

TEST_HARNESS_MAIN
