// SPDX-License-Identifier: GPL-2.0-only
/* Names belong to network namespaces. */
#include "mailbox.h"
#include "process.h"
#include "region.h"

FIXTURE(netns)
{
	char name[NAME_SIZE];
	int home;
	int pair[2];
	__u64 objects;
};

FIXTURE_SETUP(netns)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
	self->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->home);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				self->pair));
	self->objects = info().used_objects;
}

FIXTURE_TEARDOWN(netns)
{
	setns(self->home, CLONE_NEWNET);
	unlink_name(self->name);
}

TEST_F(netns, name_is_not_seen_from_another_one)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	EXPECT_EQ(-ENOENT, open_mailbox(self->name, RDWR));
	EXPECT_EQ(-ENOENT, open_region(self->name, RDWR));
	EXPECT_EQ(-ENOENT, unlink_name(self->name));
}

TEST_F(netns, name_is_there_again_after_the_return)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, setns(self->home, CLONE_NEWNET));
	EXPECT_LE(0, open_mailbox(self->name, RDWR));
}

TEST_F(netns, same_name_means_two_objects)
{
	int outside = open_mailbox(self->name, CREATE | MBX_EXCL), inside;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	inside = open_mailbox(self->name, CREATE | MBX_EXCL);
	ASSERT_LE(0, outside);
	ASSERT_LE(0, inside);
	EXPECT_EQ(1, send_text(outside, "out"));
	EXPECT_EQ(1, send_text(inside, "in"));
	EXPECT_STREQ("out", next_text(outside));
	EXPECT_STREQ("in", next_text(inside));
}

TEST_F(netns, same_name_may_be_another_kind)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	EXPECT_LE(0, open_region(self->name, CREATE, .bytes = 1));
}

TEST_F(netns, unlinking_here_leaves_the_other_one)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_LE(0, open_mailbox(self->name, CREATE));
	EXPECT_EQ(0, unlink_name(self->name));
	ASSERT_EQ(0, setns(self->home, CLONE_NEWNET));
	EXPECT_LE(0, open_mailbox(self->name, RDWR));
}

TEST_F(netns, descriptor_works_across)
{
	int fd = open_mailbox(self->name, CREATE);

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	EXPECT_EQ(1, send_text(fd, "hello"));
	ASSERT_EQ(0, setns(self->home, CLONE_NEWNET));
	EXPECT_STREQ("hello", next_text(fd));
}

struct departure {
	const char *name;
	__u32 lifetime;
	int sock; /* where to send the descriptor, or -1 */
};

/* Makes objects in a namespace that ends with this process. */
static int create_and_leave(void *arg)
{
	const struct departure *d = arg;
	int fd;

	if (unshare(CLONE_NEWNET))
		return EXIT_FAILURE;
	fd = open_mailbox(d->name, CREATE, .lifetime = d->lifetime);
	if (fd < 0 || send_text(fd, "will") != 1)
		return EXIT_FAILURE;
	return d->sock < 0 ? 0 : pass_fd(d->sock, fd) != 1;
}

TEST_F(netns, its_end_unlinks_persistent_objects)
{
	struct departure d = { self->name, MBX_LIFE_PERSIST, self->pair[1] };
	int fd;

	ASSERT_EQ(0, run(create_and_leave, &d));
	fd = receive_fd(self->pair[0]);
	ASSERT_LE(0, fd);
	EXPECT_SOON(stat_of(fd).state == 0);
	EXPECT_STREQ("will", next_text(fd));
	EXPECT_EQ(1, send_text(fd, "more"));
	EXPECT_STREQ("more", next_text(fd));
}

TEST_F(netns, its_end_frees_persistent_objects_that_nobody_holds)
{
	struct departure d = { self->name, MBX_LIFE_PERSIST, -1 };

	ASSERT_EQ(0, run(create_and_leave, &d));
	EXPECT_SOON(info().used_objects == self->objects);
	EXPECT_EQ(0, info().used_msg_bytes);
}

TEST_F(netns, its_end_unlinks_other_objects)
{
	struct departure d = { self->name, MBX_LIFE_LAST_CLOSE, self->pair[1] };
	int fd;

	ASSERT_EQ(0, run(create_and_leave, &d));
	fd = receive_fd(self->pair[0]);
	ASSERT_LE(0, fd);
	EXPECT_SOON(stat_of(fd).state == 0);
	EXPECT_EQ(0, close(fd));
	/* Whoever takes the name away may still be looking at the object. */
	EXPECT_SOON(info().used_objects == self->objects);
}

TEST_F(netns, its_end_frees_many_objects)
{
	struct departure d = { NULL, MBX_LIFE_PERSIST, -1 };
	char name[NAME_SIZE];
	pid_t child;
	int i;

	child = fork();
	if (!child) {
		if (unshare(CLONE_NEWNET))
			_exit(EXIT_FAILURE);
		for (i = 0; i < 200; i++) {
			snprintf(name, sizeof(name), "many/%d", i);
			if (open_mailbox(name, CREATE, .lifetime = d.lifetime) <
			    0)
				_exit(EXIT_FAILURE);
		}
		_exit(0);
	}
	ASSERT_EQ(0, reap(child));
	EXPECT_SOON(info().used_objects == self->objects);
}

TEST_HARNESS_MAIN
