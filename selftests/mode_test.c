// SPDX-License-Identifier: GPL-2.0-only
/* Who may open and unlink what: modes, users, groups, capabilities. */
#include "mailbox.h"
#include "process.h"
#include "region.h"

#include <sys/fsuid.h>
#include <sys/stat.h>

/* The same for both kinds of object. Made by ALICE. */
FIXTURE(mode)
{
	char name[NAME_SIZE];
};

FIXTURE_VARIANT(mode)
{
	enum mbx_kind kind;
};

FIXTURE_VARIANT_ADD(mode, mailbox){
	.kind = MBX_KIND_MAILBOX,
};

FIXTURE_VARIANT_ADD(mode, region){
	.kind = MBX_KIND_REGION,
};

FIXTURE_SETUP(mode)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
	umask(0);
}

FIXTURE_TEARDOWN(mode)
{
	unlink_name(self->name);
}

/* One attempt to open, by somebody. */
struct attempt {
	enum mbx_kind kind;
	const char *name;
	__u32 flags;
	__u32 mode;
	gid_t group; /* supplementary, unless 0 */
	int dropped; /* a capability, unless 0 */
};

static int try_open(const struct attempt *a)
{
	if (a->kind == MBX_KIND_MAILBOX)
		return open_mailbox(a->name, a->flags, .mode = a->mode);
	return open_region(a->name, a->flags | MBX_READ, .mode = a->mode,
			   .bytes = a->flags & MBX_CREATE ? 1 : 0);
}

static int attempt_child(void *arg)
{
	return status_of(try_open(arg));
}

static int drop_and_attempt(void *arg)
{
	const struct attempt *a = arg;
	int err = drop_capability(a->dropped);

	return err ? EXIT_FAILURE : status_of(try_open(a));
}

static int join_and_attempt(void *arg)
{
	const struct attempt *a = arg;

	if (setgroups(1, &a->group) || setresgid(BOB, BOB, BOB) ||
	    setresuid(BOB, BOB, BOB))
		return EXIT_FAILURE;
	return status_of(try_open(a));
}

/* The object, made by ALICE with a mode. */
static int make(const FIXTURE_DATA(mode) * self, enum mbx_kind kind, __u32 mode)
{
	struct attempt a = { kind, self->name, CREATE, mode, 0, 0 };

	return run_as(ALICE, attempt_child, &a);
}

/* What opening gives to a user. */
static int as_user(const FIXTURE_DATA(mode) * self, enum mbx_kind kind,
		   uid_t uid, __u32 flags)
{
	struct attempt a = { kind, self->name, flags, 0, 0, 0 };

	return run_as(uid, attempt_child, &a);
}

/* What opening gives to BOB as a member of ALICE's group. */
static int as_member(const FIXTURE_DATA(mode) * self, enum mbx_kind kind,
		     __u32 flags)
{
	struct attempt a = { kind, self->name, flags, 0, ALICE, 0 };

	device();
	return run(join_and_attempt, &a);
}

/* What opening gives to root without a capability. */
static int as_root_without(const FIXTURE_DATA(mode) * self, enum mbx_kind kind,
			   int cap)
{
	struct attempt a = { kind, self->name, RDWR, 0, 0, cap };

	device();
	return run(drop_and_attempt, &a);
}

TEST_F(mode, default_keeps_others_out)
{
	ASSERT_EQ(0, make(self, variant->kind, 0));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, BOB, MBX_READ));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, BOB, RDWR));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, BOB, CREATE));
	EXPECT_EQ(EACCES, as_member(self, variant->kind, MBX_READ));
}

TEST_F(mode, default_lets_the_owner_in)
{
	ASSERT_EQ(0, make(self, variant->kind, 0));
	EXPECT_EQ(0, as_user(self, variant->kind, ALICE, MBX_READ));
	EXPECT_EQ(0, as_user(self, variant->kind, ALICE, RDWR));
}

TEST_F(mode, owner_bits_hold_for_the_owner)
{
	ASSERT_EQ(0, make(self, variant->kind, 0400));
	EXPECT_EQ(0, as_user(self, variant->kind, ALICE, MBX_READ));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, ALICE, RDWR));
}

TEST_F(mode, group_bits_hold_for_the_group)
{
	ASSERT_EQ(0, make(self, variant->kind, 0040));
	EXPECT_EQ(0, as_member(self, variant->kind, MBX_READ));
	EXPECT_EQ(EACCES, as_member(self, variant->kind, RDWR));
}

TEST_F(mode, group_may_write_if_it_says_so)
{
	ASSERT_EQ(0, make(self, variant->kind, 0060));
	EXPECT_EQ(0, as_member(self, variant->kind, RDWR));
}

TEST_F(mode, other_bits_hold_for_others)
{
	ASSERT_EQ(0, make(self, variant->kind, 0004));
	EXPECT_EQ(0, as_user(self, variant->kind, BOB, MBX_READ));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, BOB, RDWR));
}

TEST_F(mode, others_may_write_if_it_says_so)
{
	ASSERT_EQ(0, make(self, variant->kind, 0006));
	EXPECT_EQ(0, as_user(self, variant->kind, BOB, RDWR));
}

TEST_F(mode, writing_alone_does_not_grant_reading)
{
	ASSERT_EQ(0, make(self, variant->kind, 0222));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, ALICE, MBX_READ));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, BOB, MBX_READ));
}

TEST_F(mode, execute_bits_grant_nothing)
{
	ASSERT_EQ(0, make(self, variant->kind, 0111));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, ALICE, MBX_READ));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, BOB, MBX_READ));
}

/* As for files: who is the owner is judged by the owner's bits alone. */
TEST_F(mode, owner_gains_nothing_from_group_and_others)
{
	ASSERT_EQ(0, make(self, variant->kind, 0066));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, ALICE, MBX_READ));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, ALICE, RDWR));
}

TEST_F(mode, group_gains_nothing_from_others)
{
	ASSERT_EQ(0, make(self, variant->kind, 0606));
	EXPECT_EQ(EACCES, as_member(self, variant->kind, MBX_READ));
	EXPECT_EQ(0, as_user(self, variant->kind, BOB, RDWR));
}

TEST_F(mode, creator_gets_what_he_asks_for)
{
	EXPECT_EQ(0, make(self, variant->kind, 0004));
	EXPECT_EQ(EACCES, as_user(self, variant->kind, ALICE, RDWR));
}

TEST_F(mode, capability_passes)
{
	struct attempt a = { variant->kind, self->name, RDWR, 0, 0, 0 };

	ASSERT_EQ(0, make(self, variant->kind, 0001));
	EXPECT_LE(0, try_open(&a));
}

TEST_F(mode, root_needs_the_capability)
{
	ASSERT_EQ(0, make(self, variant->kind, 0600));
	EXPECT_EQ(EACCES, as_root_without(self, variant->kind, CAP_IPC_OWNER));
}

TEST_F(mode, root_needs_no_other_capability)
{
	ASSERT_EQ(0, make(self, variant->kind, 0600));
	EXPECT_EQ(0, as_root_without(self, variant->kind, CAP_DAC_OVERRIDE));
}

static int attempt_with_fsuid(void *arg)
{
	const struct attempt *a = arg;

	if (drop_capability(CAP_IPC_OWNER))
		return EXIT_FAILURE;
	setfsuid(ALICE);
	return status_of(try_open(a));
}

TEST_F(mode, file_system_user_counts)
{
	struct attempt a = { variant->kind, self->name, RDWR, 0, 0, 0 };

	ASSERT_EQ(0, make(self, variant->kind, 0600));
	EXPECT_EQ(0, run(attempt_with_fsuid, &a));
}

static int attempt_with_fsgid(void *arg)
{
	const struct attempt *a = arg;

	if (drop_capability(CAP_IPC_OWNER))
		return EXIT_FAILURE;
	setfsgid(ALICE);
	return status_of(try_open(a));
}

TEST_F(mode, file_system_group_counts)
{
	struct attempt a = { variant->kind, self->name, RDWR, 0, 0, 0 };

	ASSERT_EQ(0, make(self, variant->kind, 0060));
	EXPECT_EQ(0, run(attempt_with_fsgid, &a));
}

static int attempt_as_alice_with_other_fsuid(void *arg)
{
	const struct attempt *a = arg;

	/* Effective user ALICE, and a file system user that is not. */
	if (setresuid(0, ALICE, 0) || drop_capability(CAP_IPC_OWNER))
		return EXIT_FAILURE;
	if (setfsuid(0) < 0 || setfsuid(-1) != 0)
		return EXIT_FAILURE;
	return status_of(try_open(a));
}

TEST_F(mode, effective_user_does_not_count)
{
	struct attempt a = { variant->kind, self->name, RDWR, 0, 0, 0 };

	ASSERT_EQ(0, make(self, variant->kind, 0600));
	EXPECT_EQ(EACCES, run(attempt_as_alice_with_other_fsuid, &a));
}

static int unlink_child(void *arg)
{
	return status_of(unlink_name(arg));
}

static int unlink_without_capability(void *arg)
{
	if (drop_capability(CAP_IPC_OWNER))
		return EXIT_FAILURE;
	return unlink_child(arg);
}

TEST_F(mode, owner_may_unlink_whatever_the_bits)
{
	ASSERT_EQ(0, make(self, variant->kind, 0006));
	EXPECT_EQ(0, run_as(ALICE, unlink_child, self->name));
}

TEST_F(mode, others_may_not_unlink_whatever_the_bits)
{
	ASSERT_EQ(0, make(self, variant->kind, 0777));
	EXPECT_EQ(EACCES, run_as(BOB, unlink_child, self->name));
	EXPECT_EQ(0, as_user(self, variant->kind, ALICE, RDWR));
}

TEST_F(mode, capability_may_unlink)
{
	ASSERT_EQ(0, make(self, variant->kind, 0600));
	EXPECT_EQ(0, unlink_name(self->name));
}

TEST_F(mode, root_may_not_unlink_without_the_capability)
{
	ASSERT_EQ(0, make(self, variant->kind, 0777));
	EXPECT_EQ(EACCES, run(unlink_without_capability, self->name));
}

TEST_F(mode, squatted_name_is_told_by_exclusive_creation)
{
	ASSERT_EQ(0, make(self, variant->kind, 0666));
	EXPECT_EQ(EEXIST, as_user(self, variant->kind, BOB, CREATE | MBX_EXCL));
}

TEST_F(mode, owner_is_told)
{
	ASSERT_EQ(0, make(self, variant->kind, 0644));
	if (variant->kind == MBX_KIND_MAILBOX) {
		EXPECT_EQ(ALICE, stat_of(open_mailbox(self->name, RDWR)).uid);
		EXPECT_EQ(ALICE, stat_of(open_mailbox(self->name, RDWR)).gid);
	} else {
		EXPECT_EQ(ALICE,
			  region_stat(open_region(self->name, RDWR)).uid);
		EXPECT_EQ(ALICE,
			  region_stat(open_region(self->name, RDWR)).gid);
	}
}

/* Rights of a mailbox are those to receive and to send, one without the other. */
FIXTURE(mailbox_mode)
{
	char name[NAME_SIZE];
};

FIXTURE_SETUP(mailbox_mode)
{
	unique_name(self->name, "it");
	umask(0);
}

FIXTURE_TEARDOWN(mailbox_mode)
{
	unlink_name(self->name);
}

static int open_to_receive(void *arg)
{
	return status_of(open_mailbox(arg, MBX_READ));
}

static int open_to_send(void *arg)
{
	return status_of(open_mailbox(arg, MBX_WRITE));
}

TEST_F(mailbox_mode, reading_means_receiving)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, .mode = 0604));
	EXPECT_EQ(0, run_as(BOB, open_to_receive, self->name));
	EXPECT_EQ(EACCES, run_as(BOB, open_to_send, self->name));
}

TEST_F(mailbox_mode, writing_means_sending)
{
	ASSERT_LE(0, open_mailbox(self->name, CREATE, .mode = 0602));
	EXPECT_EQ(EACCES, run_as(BOB, open_to_receive, self->name));
	EXPECT_EQ(0, run_as(BOB, open_to_send, self->name));
}

static int use_inherited(void *arg)
{
	int fd = *(int *)arg;
	struct letter letter;

	if (send_text(fd, "hello") != 1 || take_now(fd, &letter) != 1)
		return EXIT_FAILURE;
	return 0;
}

TEST_F(mailbox_mode, descriptor_carries_its_rights)
{
	int fd = open_mailbox(self->name, CREATE, .mode = 0600);

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, run_as(BOB, use_inherited, &fd));
}

TEST_HARNESS_MAIN
