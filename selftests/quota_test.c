// SPDX-License-Identifier: GPL-2.0-only
/* Quotas: what each user may have, whom it is charged to, that it is given back. */
#include "blocked.h"
#include "namespace.h"
#include "params.h"
#include "region.h"

#include <sys/stat.h>

/*
 * Most of a test runs in a child, as a user who may not exceed his quota and has
 * nothing at the start.
 */
FIXTURE(quota)
{
	struct params params;
	char name[NAME_SIZE];
};

FIXTURE_SETUP(quota)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
	ASSERT_EQ(0, params_save(&self->params));
}

FIXTURE_TEARDOWN(quota)
{
	unlink_name(self->name);
	params_restore(&self->params);
}

TEST_F(quota, parameters_are_what_info_tells)
{
	EXPECT_EQ(self->params.values[0], info().quota_objects);
	EXPECT_EQ(self->params.values[1], info().quota_msg_bytes);
	EXPECT_EQ(self->params.values[2], info().quota_region_bytes);
	EXPECT_EQ(self->params.values[3], info().region_max_bytes);
}

TEST_F(quota, parameters_can_be_changed_at_run_time)
{
	ASSERT_EQ(0, param_write("quota_objects", 11));
	ASSERT_EQ(0, param_write("quota_msg_bytes", 12));
	ASSERT_EQ(0, param_write("quota_region_bytes", 13));
	ASSERT_EQ(0, param_write("region_max_bytes", 14));
	EXPECT_EQ(11, info().quota_objects);
	EXPECT_EQ(12, info().quota_msg_bytes);
	EXPECT_EQ(13, info().quota_region_bytes);
	EXPECT_EQ(14, info().region_max_bytes);
}

static int change_parameter(void *arg)
{
	return status_of(param_write("quota_objects", 1));
}

TEST_F(quota, parameters_are_not_for_users)
{
	EXPECT_EQ(EACCES, run_as(ALICE, change_parameter, NULL));
}

/* Objects. */
static int fill_objects(void *arg)
{
	int one = open_mailbox(NULL, CREATE),
	    two = open_region(NULL, CREATE, .bytes = 1);

	CHECK(one >= 0 && two >= 0);
	CHECK(info().used_objects == 2);
	CHECK(open_mailbox(NULL, CREATE) == -EDQUOT);
	CHECK(open_region(NULL, CREATE, .bytes = 1) == -EDQUOT);
	CHECK(open_mailbox(arg, CREATE) == -EDQUOT);
	CHECK(open_mailbox(arg, RDWR) == -ENOENT);
	close(one);
	CHECK(info().used_objects == 1);
	CHECK(open_mailbox(NULL, CREATE) >= 0);
	return 0;
}

TEST_F(quota, of_objects_holds_for_both_kinds_together)
{
	ASSERT_EQ(0, param_write("quota_objects", 2));
	EXPECT_EQ(0, run_as(ALICE, fill_objects, self->name));
}

static int attach_ten_times(void *arg)
{
	int i;

	CHECK(open_mailbox(arg, CREATE) >= 0);
	for (i = 0; i < 10; i++)
		CHECK(open_mailbox(arg, RDWR) >= 0);
	CHECK(info().used_objects == 1);
	return 0;
}

TEST_F(quota, of_objects_is_not_used_by_opening)
{
	ASSERT_EQ(0, param_write("quota_objects", 1));
	EXPECT_EQ(0, run_as(ALICE, attach_ten_times, self->name));
}

static int create_nothing(void *arg)
{
	CHECK(open_mailbox(NULL, CREATE) == -EDQUOT);
	return 0;
}

TEST_F(quota, of_no_objects_forbids_all)
{
	ASSERT_EQ(0, param_write("quota_objects", 0));
	EXPECT_EQ(0, run_as(ALICE, create_nothing, NULL));
}

TEST_F(quota, of_objects_does_not_bind_the_capable)
{
	__u64 used = info().used_objects;
	int fd;

	ASSERT_EQ(0, param_write("quota_objects", 0));
	fd = open_mailbox(NULL, CREATE);
	EXPECT_LE(0, fd);
	EXPECT_EQ(used + 1, info().used_objects);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(used, info().used_objects);
}

static int create_without_capability(void *arg)
{
	return drop_capability(CAP_SYS_RESOURCE) ?
		       EXIT_FAILURE :
		       status_of(open_mailbox(NULL, CREATE));
}

TEST_F(quota, of_objects_binds_root_without_the_capability)
{
	ASSERT_EQ(0, param_write("quota_objects", 0));
	EXPECT_EQ(EDQUOT, run(create_without_capability, NULL));
}

static int create_with_capability_there(void *arg)
{
	return status_of(open_mailbox(NULL, CREATE));
}

TEST_F(quota, capability_in_a_user_namespace_does_not_count)
{
	ASSERT_EQ(0, param_write("quota_objects", 0));
	EXPECT_EQ(EDQUOT,
		  run_in_userns(ALICE, create_with_capability_there, NULL));
}

/* A user who has filled all that he can, and waits. */
struct hog {
	struct gate full;
	const char *name;
};

static int fill_everything(void *arg)
{
	struct hog *hog = arg;
	int fd = open_mailbox(hog->name, CREATE, .mode = 0666,
			      .max_bytes = 1 << 20);

	while (send_text(fd, "greed") == 1)
		;
	CHECK(send_text(fd, "greed") == -EDQUOT);
	while (open_mailbox(NULL, CREATE) >= 0)
		;
	CHECK(open_mailbox(NULL, CREATE) == -EDQUOT);
	gate_open(&hog->full);
	return sleep_forever(NULL);
}

static int use_a_little(void *arg)
{
	struct hog *hog = arg;
	int fd = open_mailbox(NULL, CREATE),
	    shared = open_mailbox(hog->name, RDWR);

	CHECK(fd >= 0 && shared >= 0);
	CHECK(send_text(fd, "modest") == 1);
	CHECK(send_text(shared, "modest", .prio = 1) == 1);
	return 0;
}

TEST_F(quota, one_user_cannot_starve_another)
{
	struct hog hog = { .name = self->name };
	pid_t alice;

	umask(0);
	ASSERT_EQ(0, gate_init(&hog.full));
	ASSERT_EQ(0, param_write("quota_objects", 50));
	ASSERT_EQ(0, param_write("quota_msg_bytes", 10000));
	alice = spawn_as(ALICE, fill_everything, &hog);
	close(hog.full.fds[1]);
	ASSERT_TRUE(gate_wait(&hog.full));
	EXPECT_EQ(0, run_as(BOB, use_a_little, &hog));
	EXPECT_EQ(0, run(use_a_little, &hog));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(alice));
}

struct named_gates {
	const char *name;
	struct gate used;
	struct gate lowered;
};

static int go_on_after_lowering(void *arg)
{
	struct named_gates *gates = arg;
	int fd = open_mailbox(gates->name, CREATE),
	    other = open_mailbox(NULL, CREATE);

	CHECK(fd >= 0 && other >= 0);
	gate_open(&gates->used);
	CHECK(gate_wait(&gates->lowered));
	CHECK(open_mailbox(NULL, CREATE) == -EDQUOT);
	CHECK(send_text(fd, "x") == 1);
	CHECK(open_mailbox(gates->name, RDWR) >= 0);
	close(other);
	CHECK(open_mailbox(NULL, CREATE) == -EDQUOT);
	return 0;
}

TEST_F(quota, lowered_below_what_is_used_forbids_more)
{
	struct named_gates gates = { .name = self->name };
	pid_t alice;

	ASSERT_EQ(0, gate_init(&gates.used));
	ASSERT_EQ(0, gate_init(&gates.lowered));
	alice = spawn_as(ALICE, go_on_after_lowering, &gates);
	ASSERT_TRUE(gate_wait(&gates.used));
	ASSERT_EQ(0, param_write("quota_objects", 1));
	gate_open(&gates.lowered);
	EXPECT_EQ(0, reap(alice));
}

static int create_as_real_alice(void *arg)
{
	/* Real user ALICE, effective user BOB. */
	CHECK(!setresgid(ALICE, BOB, BOB) && !setresuid(ALICE, BOB, BOB));
	CHECK(info().used_objects == 0);
	CHECK(open_mailbox(NULL, CREATE) >= 0);
	CHECK(info().used_objects == 1);
	/* Real user BOB. */
	CHECK(!setresuid(BOB, ALICE, -1));
	CHECK(info().used_objects == 0);
	return 0;
}

TEST_F(quota, is_that_of_the_real_user)
{
	EXPECT_EQ(0, run(create_as_real_alice, NULL));
}

static int create_then_become_bob(void *arg)
{
	int fd = open_mailbox(NULL, CREATE);
	__u64 used = info().used_objects;

	CHECK(fd >= 0 && !become(BOB));
	CHECK(info().used_objects == 0);
	close(fd);
	CHECK(info().used_objects == 0);
	CHECK(used > 0);
	return 0;
}

TEST_F(quota, charge_stays_with_who_created)
{
	__u64 used = info().used_objects;

	EXPECT_EQ(0, run(create_then_become_bob, NULL));
	EXPECT_EQ(used, info().used_objects);
}

/* Queued bytes. */
static int send_until_full(void *arg)
{
	int fd = *(int *)arg;
	__u64 each = 10 + info().msg_overhead;

	CHECK(info().used_msg_bytes == 0);
	CHECK(send_text(fd, "1234567890") == 1);
	CHECK(info().used_msg_bytes == each);
	CHECK(send_text(fd, "1234567890") == 1);
	CHECK(info().used_msg_bytes == 2 * each);
	CHECK(send_text(fd, "1234567890") == -EDQUOT);
	CHECK(send_text(fd, "123456789") == -EDQUOT);
	CHECK(info().used_msg_bytes == 2 * each);
	return 0;
}

static int set_room_for_two(void)
{
	return param_write("quota_msg_bytes", 2 * (10 + info().msg_overhead));
}

static int report_used_bytes(void *arg)
{
	*(__u64 *)arg = info().used_msg_bytes;
	return 0;
}

/* What ALICE has queued. */
static __u64 messages_of_alice(void)
{
	__u64 *used = mmap(NULL, sizeof(*used), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0),
	      value;

	run_as(ALICE, report_used_bytes, used);
	value = *used;
	munmap(used, sizeof(*used));
	return value;
}

TEST_F(quota, of_bytes_counts_payload_and_overhead)
{
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_EQ(0, set_room_for_two());
	EXPECT_EQ(0, run_as(ALICE, send_until_full, &fd));
	EXPECT_EQ(2, stat_of(fd).msgs);
	EXPECT_EQ(0, stat_of(fd).rejected);
}

TEST_F(quota, of_bytes_is_charged_to_the_sender)
{
	__u64 used = info().used_msg_bytes;
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_EQ(0, set_room_for_two());
	ASSERT_EQ(0, run_as(ALICE, send_until_full, &fd));
	EXPECT_EQ(used, info().used_msg_bytes);
	EXPECT_EQ(2 * (10 + info().msg_overhead), messages_of_alice());
}

TEST_F(quota, of_bytes_is_given_back_by_whoever_receives)
{
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_EQ(0, set_room_for_two());
	ASSERT_EQ(0, run_as(ALICE, send_until_full, &fd));
	EXPECT_STREQ("1234567890", next_text(fd));
	EXPECT_EQ(10 + info().msg_overhead, messages_of_alice());
	EXPECT_STREQ("1234567890", next_text(fd));
	EXPECT_EQ(0, messages_of_alice());
}

TEST_F(quota, of_bytes_is_given_back_after_looking)
{
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_EQ(0, set_room_for_two());
	ASSERT_EQ(0, run_as(ALICE, send_until_full, &fd));
	EXPECT_STREQ("1234567890", peek_text(fd));
	EXPECT_EQ(2 * (10 + info().msg_overhead), messages_of_alice());
	EXPECT_STREQ("1234567890", next_text(fd));
	EXPECT_STREQ("1234567890", next_text(fd));
	EXPECT_EQ(0, messages_of_alice());
}

TEST_F(quota, of_bytes_is_given_back_with_the_mailbox)
{
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_EQ(0, set_room_for_two());
	ASSERT_EQ(0, run_as(ALICE, send_until_full, &fd));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, messages_of_alice());
}

TEST_F(quota, of_bytes_is_given_back_for_what_is_dropped)
{
	int fd = open_mailbox(NULL, CREATE, .max_bytes = 20,
			      .overflow = MBX_OVERFLOW_DROP_OLDEST);

	ASSERT_EQ(0, set_room_for_two());
	ASSERT_EQ(0, run_as(ALICE, send_until_full, &fd));
	ASSERT_EQ(1, send_text(fd, "abcdefghij"));
	EXPECT_EQ(10 + info().msg_overhead, messages_of_alice());
}

static int send_one_byte(void *arg)
{
	return send_text(*(int *)arg, "x") != 1;
}

TEST_F(quota, of_bytes_of_a_refused_message_is_given_back)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 1);

	ASSERT_EQ(1, send_text(fd, "full"));
	EXPECT_EQ(1, run_as(ALICE, send_one_byte, &fd));
	EXPECT_EQ(0, messages_of_alice());
}

TEST_F(quota, of_bytes_of_a_delivered_message_is_given_back)
{
	int fd = open_mailbox(NULL, CREATE);
	pid_t child = spawn_receiver(fd);

	ASSERT_TRUE(receivers_wait(fd, 1));
	EXPECT_EQ(0, run_as(ALICE, send_one_byte, &fd));
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ(0, messages_of_alice());
}

TEST_F(quota, of_bytes_does_not_bind_the_capable)
{
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_EQ(0, param_write("quota_msg_bytes", 0));
	EXPECT_EQ(1, send_text(fd, "x"));
	EXPECT_EQ(1 + info().msg_overhead, info().used_msg_bytes);
	EXPECT_STREQ("x", next_text(fd));
	EXPECT_EQ(0, info().used_msg_bytes);
}

static int send_beyond(void *arg)
{
	int fd = *(int *)arg;
	struct mbx_message out[3] = {
		{ .data = (uintptr_t) "1234567890", .len = 10 },
		{ .data = (uintptr_t) "1234567890", .len = 10 },
		{ .data = (uintptr_t) "1234567890", .len = 10 },
	};

	CHECK(send_array(fd, out, 3) == 2);
	/* Not a wait for room, and not EAGAIN. */
	CHECK(send_array(fd, out, 3) == -EDQUOT);
	CHECK(send_array(fd, out, 3, .flags = MBX_SEND_NONBLOCK) == -EDQUOT);
	CHECK(write(fd, "x", 1) == -1 && errno == EDQUOT);
	return 0;
}

TEST_F(quota, of_bytes_ends_a_batch_with_what_was_sent)
{
	int fd = open_mailbox(NULL, CREATE);

	ASSERT_EQ(0, set_room_for_two());
	EXPECT_EQ(0, run_as(ALICE, send_beyond, &fd));
	EXPECT_EQ(2, stat_of(fd).msgs);
}

TEST_HARNESS_MAIN
