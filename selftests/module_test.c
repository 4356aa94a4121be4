// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading: never while an object exists, never twice
 *
 * Unloads the module in between and loads it again; skips where something else
 * uses it. What opens the device does so in a child, or after the module was
 * expected to be free.
 */
#include "blocked.h"
#include "loader.h"
#include "region.h"

#include <sys/epoll.h>

FIXTURE(module)
{
	char name[NAME_SIZE];
	struct loader loader;
};

FIXTURE_SETUP(module)
{
	int err;

	unique_name(self->name, "it");
	err = loader_init(&self->loader);
	if (err == -ENOENT)
		SKIP(return, "mbx.ko not found: set MBX_KO");
	ASSERT_EQ(0, err);
	if (!wait_until(is_unused()))
		SKIP(return, "the module is in use");
}

FIXTURE_TEARDOWN(module)
{
	if (!is_loaded()) {
		EXPECT_EQ(0, load(&self->loader));
		EXPECT_EQ(0, restore_device(&self->loader));
	} else if (device() >= 0) {
		unlink_name(self->name);
	}
}

TEST_F(module, can_be_unloaded_and_loaded_when_nobody_uses_it)
{
	EXPECT_SOON(unload() == 0);
	EXPECT_FALSE(is_loaded());
	EXPECT_EQ(0, load(&self->loader));
	EXPECT_EQ(0, restore_device(&self->loader));
	EXPECT_EQ(MBX_ABI_VERSION, info().abi_version);
}

TEST_F(module, cannot_be_loaded_twice)
{
	EXPECT_EQ(-EEXIST, load(&self->loader));
	EXPECT_EQ(MBX_ABI_VERSION, info().abi_version);
}

TEST_F(module, stays_while_the_device_is_open)
{
	ASSERT_LE(0, device());
	EXPECT_EQ(-EWOULDBLOCK, unload());
}

/* Children leave an object of some kind behind, or hold it. */
static int leave_mailbox(void *arg)
{
	return status_of(open_mailbox(arg, CREATE));
}

static int leave_region(void *arg)
{
	return status_of(open_region(arg, CREATE, .bytes = 1));
}

static int unlink_it(void *arg)
{
	return status_of(unlink_name(arg));
}

TEST_F(module, stays_while_a_persistent_mailbox_exists)
{
	ASSERT_EQ(0, run(leave_mailbox, self->name));
	EXPECT_EQ(-EWOULDBLOCK, unload());
	ASSERT_EQ(0, run(unlink_it, self->name));
	EXPECT_SOON(unload() == 0);
}

TEST_F(module, stays_while_a_persistent_region_exists)
{
	ASSERT_EQ(0, run(leave_region, self->name));
	EXPECT_EQ(-EWOULDBLOCK, unload());
	ASSERT_EQ(0, run(unlink_it, self->name));
	EXPECT_SOON(unload() == 0);
}

/* A child that holds something of the module, and no device. */
struct holder {
	struct gate ready;
	child_fn *fn;
};

static int holder_child(void *arg)
{
	struct holder *holder = arg;
	int err = holder->fn(NULL);

	if (err)
		return err;
	close(device());
	gate_open(&holder->ready);
	return sleep_forever(NULL);
}

static int hold_mailbox(void *arg)
{
	return status_of(open_mailbox(NULL, CREATE));
}

static int hold_mapping(void *arg)
{
	int fd = open_region(NULL, CREATE, .bytes = 1);

	return !map_data(fd, 1) || close(fd);
}

static int hold_seq_mapping(void *arg)
{
	int fd = open_region(NULL, CREATE, .bytes = 1);

	return !map_seq(fd) || close(fd);
}

static int hold_waiters_mapping(void *arg)
{
	int fd = open_region(NULL, CREATE, .bytes = 1);

	return !map_waiters(fd) || close(fd);
}

static int hold_epoll(void *arg)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd = open_mailbox(NULL, CREATE), epoll = epoll_create1(0);

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int hold_passed_descriptor(void *arg)
{
	int fd = open_mailbox(NULL, CREATE), pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    pass_fd(pair[0], fd) != 1)
		return EXIT_FAILURE;
	return close(fd);
}

static int hold_in_another_netns(void *arg)
{
	if (unshare(CLONE_NEWNET))
		return EXIT_FAILURE;
	return close(open_mailbox("alone", CREATE));
}

static void check_holder(struct __test_metadata *_metadata, child_fn *fn)
{
	struct holder holder = { .fn = fn };
	pid_t child;

	ASSERT_EQ(0, gate_init(&holder.ready));
	child = spawn(holder_child, &holder);
	close(holder.ready.fds[1]);
	ASSERT_TRUE(gate_wait(&holder.ready));
	EXPECT_EQ(-EWOULDBLOCK, unload());
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_SOON(unload() == 0);
}

TEST_F(module, stays_while_a_descriptor_is_open)
{
	check_holder(_metadata, hold_mailbox);
}

TEST_F(module, stays_while_data_is_mapped)
{
	check_holder(_metadata, hold_mapping);
}

TEST_F(module, stays_while_the_sequence_page_is_mapped)
{
	check_holder(_metadata, hold_seq_mapping);
}

TEST_F(module, stays_while_the_waiters_page_is_mapped)
{
	check_holder(_metadata, hold_waiters_mapping);
}

TEST_F(module, stays_while_an_epoll_watches)
{
	check_holder(_metadata, hold_epoll);
}

TEST_F(module, stays_while_a_descriptor_is_on_its_way)
{
	check_holder(_metadata, hold_passed_descriptor);
}

TEST_F(module, stays_while_another_network_namespace_has_an_object)
{
	check_holder(_metadata, hold_in_another_netns);
}

static int block_in_receive(void *arg)
{
	int fd = open_mailbox(arg, CREATE, .lifetime = MBX_LIFE_LAST_CLOSE);
	struct letter letter;

	close(device());
	return status_of(take(fd, &letter));
}

/* Asked of the mailbox in a process of its own, which opens the device. */
static int wait_for_receiver(void *arg)
{
	int fd = -1;

	if (!wait_until((fd = open_mailbox(arg, RDWR)) >= 0))
		return EXIT_FAILURE;
	return !receivers_wait(fd, 1);
}

TEST_F(module, stays_while_a_receiver_waits)
{
	pid_t child = spawn(block_in_receive, self->name);

	ASSERT_EQ(0, run(wait_for_receiver, self->name));
	EXPECT_EQ(-EWOULDBLOCK, unload());
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_SOON(unload() == 0);
}

/* Of each size whose memory the module keeps, for a second or two. */
static int leave_payloads(void *arg)
{
	char bytes[4096] = {};
	struct mbx_message msg = { .data = (uintptr_t)bytes,
				   .capacity = sizeof(bytes) };
	int fd = open_mailbox(NULL, CREATE);
	__u32 len;

	for (len = 128; len <= sizeof(bytes); len *= 2) {
		if (send_bytes(fd, bytes, len, MBX_SEND_NONBLOCK) != 1 ||
		    recv_array(fd, &msg, 1) != 1)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

/* What stayed behind is for the kernel to say: a timer, and lost memory. */
TEST_F(module, takes_memory_of_payloads_along)
{
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, run(leave_payloads, NULL));
		ASSERT_SOON(unload() == 0);
		ASSERT_EQ(0, load(&self->loader));
		ASSERT_EQ(0, restore_device(&self->loader));
	}
}

TEST_HARNESS_MAIN
