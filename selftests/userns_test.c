// SPDX-License-Identifier: GPL-2.0-only
/* User namespaces: whose capabilities count, and how users are shown. */
#include "mailbox.h"
#include "namespace.h"
#include "region.h"

#include <sys/stat.h>

FIXTURE(userns)
{
	char name[NAME_SIZE];
};

FIXTURE_SETUP(userns)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
	umask(0);
}

FIXTURE_TEARDOWN(userns)
{
	unlink_name(self->name);
}

static int open_child(void *arg)
{
	return status_of(open_mailbox(arg, RDWR));
}

static int create_child(void *arg)
{
	return status_of(open_mailbox(arg, CREATE));
}

static int create_for_all_child(void *arg)
{
	return status_of(open_mailbox(arg, CREATE, .mode = 0666));
}

static int unlink_child(void *arg)
{
	return status_of(unlink_name(arg));
}

TEST_F(userns, capability_there_opens_nothing_from_outside)
{
	ASSERT_EQ(0, run_as(ALICE, create_child, self->name));
	EXPECT_EQ(EACCES, run_in_userns(BOB, open_child, self->name));
}

TEST_F(userns, capability_there_unlinks_nothing_from_outside)
{
	ASSERT_EQ(0, run_as(ALICE, create_for_all_child, self->name));
	EXPECT_EQ(EACCES, run_in_userns(BOB, unlink_child, self->name));
}

TEST_F(userns, owner_is_the_owner_there_too)
{
	ASSERT_EQ(0, run_as(ALICE, create_child, self->name));
	EXPECT_EQ(0, run_in_userns(ALICE, open_child, self->name));
	EXPECT_EQ(0, run_in_userns(ALICE, unlink_child, self->name));
}

static int create_as_one_there(void *arg)
{
	return become(1) ? EXIT_FAILURE : create_child(arg);
}

static int capable_meets_foreign_object(void *arg)
{
	int err = run(create_as_one_there, arg);

	return err ? EXIT_FAILURE : open_child(arg);
}

TEST_F(userns, capability_there_opens_what_was_made_there)
{
	EXPECT_EQ(0, run_in_userns(ALICE, capable_meets_foreign_object,
				   self->name));
}

static int incapable_meets_foreign_object(void *arg)
{
	int err = run(create_as_one_there, arg);

	if (err || drop_capability(CAP_IPC_OWNER))
		return EXIT_FAILURE;
	return open_child(arg);
}

TEST_F(userns, first_user_there_needs_the_capability)
{
	EXPECT_EQ(EACCES, run_in_userns(ALICE, incapable_meets_foreign_object,
					self->name));
}

TEST_F(userns, capability_outside_opens_what_was_made_there)
{
	ASSERT_EQ(0, run_in_userns(ALICE, create_child, self->name));
	EXPECT_LE(0, open_mailbox(self->name, RDWR));
	EXPECT_EQ(ALICE, stat_of(open_mailbox(self->name, RDWR)).uid);
}

/* What a child there expects to see. */
struct view {
	int fd;
	uid_t uid;
};

static int check_mailbox_owner(void *arg)
{
	const struct view *view = arg;

	return stat_of(view->fd).uid != view->uid ||
	       stat_of(view->fd).gid != view->uid;
}

static int check_region_owner(void *arg)
{
	const struct view *view = arg;

	return region_stat(view->fd).uid != view->uid ||
	       region_stat(view->fd).gid != view->uid;
}

TEST_F(userns, known_owner_has_his_number_there)
{
	struct view view = { .uid = 0 };

	ASSERT_EQ(0, run_as(ALICE, create_child, self->name));
	view.fd = open_mailbox(self->name, RDWR);
	EXPECT_EQ(0, run_in_userns(ALICE, check_mailbox_owner, &view));
}

TEST_F(userns, unknown_owner_is_nobody_there)
{
	struct view view = { .uid = NOBODY };

	view.fd = open_mailbox(NULL, CREATE);
	EXPECT_EQ(0, run_in_userns(ALICE, check_mailbox_owner, &view));
	view.fd = open_region(NULL, CREATE, .bytes = 1);
	EXPECT_EQ(0, run_in_userns(ALICE, check_region_owner, &view));
}

static int send_as_child(void *arg)
{
	return send_text(*(int *)arg, "hello") != 1;
}

static int check_sender(void *arg)
{
	const struct view *view = arg;
	struct letter letter;

	if (take_now(view->fd, &letter) != 1)
		return EXIT_FAILURE;
	return letter.msg.uid != view->uid || letter.msg.gid != view->uid;
}

TEST_F(userns, known_sender_has_his_number_there)
{
	struct view view = { .fd = open_mailbox(NULL, CREATE), .uid = 1 };

	ASSERT_EQ(0, run_as(BOB, send_as_child, &view.fd));
	EXPECT_EQ(0, run_in_userns(ALICE, check_sender, &view));
}

TEST_F(userns, unknown_sender_is_nobody_there)
{
	struct view view = { .fd = open_mailbox(NULL, CREATE), .uid = NOBODY };

	ASSERT_EQ(1, send_text(view.fd, "hello"));
	EXPECT_EQ(0, run_in_userns(ALICE, check_sender, &view));
}

TEST_F(userns, sender_from_there_has_his_number_outside)
{
	struct view view = { .fd = open_mailbox(NULL, CREATE), .uid = ALICE };

	ASSERT_EQ(0, run_in_userns(ALICE, send_as_child, &view.fd));
	EXPECT_EQ(0, check_sender(&view));
}

TEST_HARNESS_MAIN
