// SPDX-License-Identifier: GPL-2.0-only
/* Memory control groups: everything is charged, and nobody is killed for it. */
#include "call.h"
#include "mailbox.h"
#include "process.h"
#include "region.h"

#include <sys/stat.h>

#define CGROUP_ROOT "/sys/fs/cgroup"
#define MIB (1L << 20)
/* Each processor may have a little in stock, charged but not used. */
#define STOCK MIB

FIXTURE(memcg)
{
	char dir[128];
	char name[NAME_SIZE];
	__u64 region_bytes;
	int fd; /* for the child */
	long count;
};

static int write_in(const char *dir, const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return write_file(path, text);
}

static long read_in(const char *dir, const char *file, const char *key)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return read_field(path, key);
}

static long charged(const char *dir)
{
	return read_in(dir, "memory.current", "");
}

static long killed(const char *dir)
{
	return read_in(dir, "memory.events", "oom_kill ");
}

FIXTURE_SETUP(memcg)
{
	char max[24];

	ASSERT_LE(0, device());
	write_in(CGROUP_ROOT, "cgroup.subtree_control", "+memory");
	snprintf(self->dir, sizeof(self->dir), CGROUP_ROOT "/mbx-%d", getpid());
	if (mkdir(self->dir, 0755) || charged(self->dir) < 0) {
		rmdir(self->dir);
		SKIP(return, "no memory controller at " CGROUP_ROOT);
	}
	snprintf(max, sizeof(max), "%ld", 16 * MIB);
	ASSERT_EQ(0, write_in(self->dir, "memory.max", max));
	write_in(self->dir, "memory.swap.max", "0");
	unique_name(self->name, "it");
	self->region_bytes = info().used_region_bytes;
}

FIXTURE_TEARDOWN(memcg)
{
	unlink_name(self->name);
	EXPECT_EQ(0, rmdir(self->dir));
}

/* A child that lives in the group, with what it finds out there. */
struct inmate {
	const char *dir;
	const char *name;
	child_fn *fn;
	long before;
	long after;
	long count;
	int fd;
};

static int inmate_child(void *arg)
{
	struct inmate *inmate = arg;

	if (write_in(inmate->dir, "cgroup.procs", "0"))
		return EXIT_FAILURE;
	return inmate->fn(inmate);
}

/* Runs the child; what it writes to *inmate is seen here. */
static int run_inside(const FIXTURE_DATA(memcg) * self, child_fn *fn,
		      struct inmate *result)
{
	struct inmate *inmate = mmap(NULL, sizeof(*inmate),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	*inmate = (struct inmate){ .dir = self->dir,
				   .name = self->name,
				   .fn = fn,
				   .count = self->count,
				   .fd = self->fd };
	status = run(inmate_child, inmate);
	*result = *inmate;
	munmap(inmate, sizeof(*inmate));
	return status;
}

static int create_too_large_region(void *arg)
{
	struct inmate *inmate = arg;

	return status_of(open_region(inmate->name, CREATE, .bytes = 64 * MIB));
}

TEST_F(memcg, region_that_does_not_fit_is_refused)
{
	struct inmate result;

	EXPECT_EQ(ENOMEM, run_inside(self, create_too_large_region, &result));
	EXPECT_EQ(0, killed(self->dir));
	EXPECT_EQ(-ENOENT, open_region(self->name, RDWR));
	EXPECT_EQ(self->region_bytes, info().used_region_bytes);
	EXPECT_GT(8 * MIB, charged(self->dir));
}

static int create_region(void *arg)
{
	struct inmate *inmate = arg;
	int fd;

	inmate->before = charged(inmate->dir);
	fd = open_region(NULL, CREATE, .bytes = 8 * MIB);
	inmate->after = charged(inmate->dir);
	return status_of(fd);
}

TEST_F(memcg, region_is_charged_when_it_is_created)
{
	struct inmate result;

	ASSERT_EQ(0, run_inside(self, create_region, &result));
	EXPECT_LE(8 * MIB - STOCK, result.after - result.before);
}

static int create_and_close_region(void *arg)
{
	struct inmate *inmate = arg;
	int fd;

	inmate->before = charged(inmate->dir);
	fd = open_region(NULL, CREATE, .bytes = 8 * MIB);
	if (fd < 0 || close(fd))
		return EXIT_FAILURE;
	inmate->after = charged(inmate->dir);
	return 0;
}

TEST_F(memcg, closed_region_is_no_longer_charged)
{
	struct inmate result;

	ASSERT_EQ(0, run_inside(self, create_and_close_region, &result));
	EXPECT_GT(STOCK, result.after - result.before);
}

static int touch_region(void *arg)
{
	struct inmate *inmate = arg;
	int fd = open_region(NULL, CREATE, .bytes = 8 * MIB);
	char *data = map_data(fd, 8 * MIB);
	long i;

	if (!data)
		return EXIT_FAILURE;
	inmate->before = charged(inmate->dir);
	for (i = 0; i < 8 * MIB; i += 4096)
		data[i] = 1;
	inmate->after = charged(inmate->dir);
	return 0;
}

/* All pages are there from the start, but for page tables. */
TEST_F(memcg, using_a_region_takes_no_more_memory)
{
	struct inmate result;

	EXPECT_EQ(0, run_inside(self, touch_region, &result));
	EXPECT_GT(MIB, result.after - result.before);
}

/*
 * Sends messages of a size, as many as memory allows. With a full group any page
 * fault could end in the OOM killer: all that is touched until a message has made
 * room is there before.
 */
static int send_until_error(struct inmate *inmate, __u32 len)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = MBX_MSGS_MAX,
			      .max_msg_size = MIB, .max_bytes = 1ULL << 30),
	    ret, i;
	char *data = malloc(len);
	struct mbx_message in = { .data = (uintptr_t)data, .capacity = len };

	if (fd < 0 || !data)
		return EXIT_FAILURE;
	memset(data, 'x', len);
	do {
		ret = send_bytes(fd, data, len, MBX_SEND_NONBLOCK);
		inmate->count += ret == 1;
	} while (ret == 1);
	/* Those that are queued are whole, and make room for others. */
	for (i = 0; i < 3; i++)
		if (recv_array(fd, &in, 1) != 1 || in.len != len ||
		    data[len - 1] != 'x')
			return EXIT_FAILURE;
	if (send_bytes(fd, data, len, MBX_SEND_NONBLOCK) != 1)
		return EXIT_FAILURE;
	return status_of(ret);
}

static int send_large_messages(void *arg)
{
	return send_until_error(arg, MIB);
}

static int send_small_messages(void *arg)
{
	return send_until_error(arg, 3000);
}

TEST_F(memcg, large_messages_that_do_not_fit_are_refused)
{
	struct inmate result;

	EXPECT_EQ(ENOMEM, run_inside(self, send_large_messages, &result));
	EXPECT_EQ(0, killed(self->dir));
	EXPECT_LT(5, result.count);
	EXPECT_GE(16, result.count);
}

TEST_F(memcg, small_messages_that_do_not_fit_are_refused)
{
	struct inmate result;

	EXPECT_EQ(ENOMEM, run_inside(self, send_small_messages, &result));
	EXPECT_EQ(0, killed(self->dir));
	EXPECT_LT(1000, result.count);
	EXPECT_GE(16 * MIB / 3000, result.count);
}

/* A debug kernel needs twice the memory for a small message. */
#define MEASURED (4 * MIB)

/* Part of what fits, in messages of a size; tells the charge before and after. */
static int send_and_measure(struct inmate *inmate, __u32 len)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = MBX_MSGS_MAX,
			      .max_msg_size = MIB, .max_bytes = 1ULL << 30);
	char *data = calloc(1, len);

	inmate->before = charged(inmate->dir);
	while (inmate->count * len < MEASURED) {
		if (send_bytes(fd, data, len, MBX_SEND_NONBLOCK) != 1)
			return EXIT_FAILURE;
		inmate->count++;
	}
	inmate->after = charged(inmate->dir);
	return close(fd);
}

static int measure_large_messages(void *arg)
{
	return send_and_measure(arg, MIB);
}

static int measure_small_messages(void *arg)
{
	return send_and_measure(arg, 1800);
}

TEST_F(memcg, large_messages_are_charged)
{
	struct inmate result;

	ASSERT_EQ(0, run_inside(self, measure_large_messages, &result));
	EXPECT_LE(MEASURED - STOCK, result.after - result.before);
}

TEST_F(memcg, small_messages_are_charged)
{
	struct inmate result;

	ASSERT_EQ(0, run_inside(self, measure_small_messages, &result));
	EXPECT_LE(MEASURED - STOCK, result.after - result.before);
}

TEST_F(memcg, messages_that_are_gone_are_no_longer_charged)
{
	struct inmate result;

	ASSERT_EQ(0, run_inside(self, measure_large_messages, &result));
	EXPECT_SOON(charged(self->dir) < 4 * MIB);
}

#define MAILBOXES ((int)amount(NULL, 4000))

static int create_mailboxes(void *arg)
{
	struct inmate *inmate = arg;
	char name[NAME_SIZE + 16];
	int i, fd;

	inmate->before = charged(inmate->dir);
	for (i = 0; i < MAILBOXES; i++) {
		snprintf(name, sizeof(name), "%s/%d", inmate->name, i);
		fd = open_mailbox(name, CREATE);
		if (fd < 0)
			return -fd;
		close(fd);
	}
	inmate->after = charged(inmate->dir);
	for (i = 0; i < MAILBOXES; i++) {
		snprintf(name, sizeof(name), "%s/%d", inmate->name, i);
		unlink_name(name);
	}
	return 0;
}

TEST_F_TIMEOUT(memcg, idle_mailboxes_are_charged, 120)
{
	struct inmate result;

	ASSERT_EQ(0, run_inside(self, create_mailboxes, &result));
	EXPECT_LE(MAILBOXES * 200L, result.after - result.before);
}

#define SPARES 32 /* that a mailbox keeps at most */

/* Sends and receives so many small messages that their memory is kept. */
static int leave_spares(int fd, int count)
{
	struct mbx_message messages[SPARES] = { { .len = 0 } };

	if (send_array(fd, messages, count) != count ||
	    recv_array(fd, messages, count) != count)
		return EXIT_FAILURE;
	return 0;
}

static int leave_spares_inside(void *arg)
{
	struct inmate *inmate = arg;

	return leave_spares(inmate->fd, inmate->count);
}

/* Memory that is charged to a group is for its own, and does not crowd out others'. */
TEST_F(memcg, memory_of_messages_stays_in_its_group)
{
	static const int counts[] = { 1, 4, 8, SPARES };
	struct inmate result;
	size_t i;
	int round;

	self->fd = open_mailbox(NULL, CREATE);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		ASSERT_EQ(0, leave_spares(self->fd, 1));
		self->count = counts[i];
		ASSERT_EQ(0, run_inside(self, leave_spares_inside, &result));
		for (round = 0; round < SPARES; round++)
			ASSERT_EQ(0, leave_spares(self->fd, 1 + round % 16));
	}
	close(self->fd);
}

#define PAYLOAD 4096
#define PAYLOADS 8 /* whose memory a processor keeps at most */

static int send_payloads(int fd, int count)
{
	static const char payload[PAYLOAD];

	while (count--)
		if (send_bytes(fd, payload, PAYLOAD, MBX_SEND_NONBLOCK) != 1)
			return EXIT_FAILURE;
	return 0;
}

struct hoarder {
	struct inmate inmate;
	int turn[2]; /* a pipe */
	int done[2]; /* another one */
};

/* Sends at each turn, and never receives. */
static int hoard(void *arg)
{
	struct hoarder *hoarder = arg;
	int fd = open_mailbox(NULL, CREATE, .max_msgs = MBX_MSGS_MAX,
			      .max_bytes = 1ULL << 30);
	char turn;

	close(hoarder->turn[1]);
	if (fd < 0 || write_in(hoarder->inmate.dir, "cgroup.procs", "0"))
		return EXIT_FAILURE;
	while (read(hoarder->turn[0], &turn, 1) == 1)
		if (send_payloads(fd, PAYLOADS) ||
		    write(hoarder->done[1], &turn, 1) != 1)
			return EXIT_FAILURE;
	return 0;
}

static bool hoards_once_more(struct hoarder *hoarder)
{
	char turn = 0;

	return write(hoarder->turn[1], &turn, 1) == 1 &&
	       read(hoarder->done[0], &turn, 1) == 1;
}

static int receive_payloads(int fd, int count)
{
	static char payload[PAYLOAD];
	struct mbx_message in = { .data = (uintptr_t)payload,
				  .capacity = PAYLOAD };

	while (count--)
		if (recv_array(fd, &in, 1, .flags = MBX_RECV_NONBLOCK) != 1)
			return EXIT_FAILURE;
	return 0;
}

/* Leaves the memory of payloads that were received, for others to find. */
static int leave_payloads(int fd, int count)
{
	return send_payloads(fd, count) ?: receive_payloads(fd, count);
}

TEST_F(memcg, memory_of_payloads_stays_in_its_group)
{
	struct hoarder hoarder = { .inmate = { .dir = self->dir } };
	long before, sent;
	pid_t child;

	ASSERT_EQ(0, stay_here());
	self->fd = open_mailbox(NULL, CREATE);
	ASSERT_EQ(0, pipe(hoarder.turn));
	ASSERT_EQ(0, pipe(hoarder.done));
	child = spawn(hoard, &hoarder);
	close(hoarder.turn[0]);
	close(hoarder.done[1]);
	ASSERT_TRUE(hoards_once_more(&hoarder));
	before = charged(self->dir);
	for (sent = 0; sent < MEASURED; sent += PAYLOADS * PAYLOAD) {
		ASSERT_EQ(0, leave_payloads(self->fd, PAYLOADS));
		ASSERT_TRUE(hoards_once_more(&hoarder));
	}
	EXPECT_LE(MEASURED - STOCK, charged(self->dir) - before);
	close(hoarder.turn[1]);
	EXPECT_EQ(0, reap(child));
	close(self->fd);
}

static int leave_payloads_inside(void *arg)
{
	return leave_payloads(open_mailbox(NULL, CREATE), PAYLOADS);
}

/* What is charged once the group has given back all that it can. */
static long charged_at_least(const char *dir)
{
	write_in(dir, "memory.high", "0");
	return charged(dir);
}

/* Others use the same size on the same processor meanwhile. */
TEST_F(memcg, memory_of_payloads_is_not_kept_for_long)
{
	struct inmate result;

	ASSERT_EQ(0, stay_here());
	self->fd = open_mailbox(NULL, CREATE);
	/* There are places for it once that of others is gone. */
	EXPECT_SOON(!write_in(self->dir, "memory.high", "max") &&
		    !run_inside(self, leave_payloads_inside, &result) &&
		    charged_at_least(self->dir) >= PAYLOADS * PAYLOAD);
	EXPECT_SOON(leave_payloads(self->fd, 1) == 0 &&
		    charged_at_least(self->dir) < PAYLOADS * PAYLOAD / 2);
	close(self->fd);
}

static int leave_one_inside(void *arg)
{
	struct inmate *inmate = arg;

	return leave_payloads(inmate->fd, 1);
}

/* What one group leaves lies between what the other has left, and gets in nobody's way. */
TEST_F(memcg, payloads_of_two_groups_take_turns_on_a_processor)
{
	struct inmate result;
	int round;

	ASSERT_EQ(0, stay_here());
	self->fd = open_mailbox(NULL, CREATE);
	for (round = 0; round < 16; round++) {
		ASSERT_EQ(0, leave_payloads(self->fd, 2));
		ASSERT_EQ(0, run_inside(self, leave_one_inside, &result));
		ASSERT_EQ(0, leave_payloads(self->fd, 3));
	}
	close(self->fd);
}

/* With a full group, and payloads that were received, sends as much of another size. */
static int send_others_instead(void *arg)
{
	static const char payload[1000];
	int fd = open_mailbox(NULL, CREATE, .max_msgs = MBX_MSGS_MAX,
			      .max_bytes = 1ULL << 30);
	int i;

	/* What is received is touched before, as in send_until_error(). */
	if (fd < 0 || stay_here() || leave_payloads(fd, 1))
		return EXIT_FAILURE;
	while (!send_payloads(fd, 1))
		;
	if (receive_payloads(fd, PAYLOADS))
		return EXIT_FAILURE;
	for (i = 0; i < 2 * PAYLOADS; i++)
		if (send_bytes(fd, payload, sizeof(payload),
			       MBX_SEND_NONBLOCK) != 1)
			return ENOMEM;
	return 0;
}

TEST_F(memcg, memory_of_payloads_is_given_back_if_there_is_none)
{
	struct inmate result;

	EXPECT_EQ(0, run_inside(self, send_others_instead, &result));
	EXPECT_EQ(0, killed(self->dir));
}

static int answered_call(int fd)
{
	struct letter letter;
	struct caller caller;

	if (caller_start(&caller, fd, "ask", .deadline_ns = IN_PATIENCE) ||
	    take(fd, &letter, .deadline_ns = IN_PATIENCE) != 1 ||
	    reply_text(fd, letter.msg.token, "yes"))
		return EXIT_FAILURE;
	return status_of(caller_end(&caller));
}

static int call_before_and_after(void *arg)
{
	const FIXTURE_DATA(memcg) *self = arg;
	int fd = open_mailbox(NULL, CREATE);
	struct letter letter;

	/* What nobody has received nobody else holds, so its memory is kept. */
	if (answered_call(fd) ||
	    ask(fd, "ask", &letter, .deadline_ns = SOON) != -ETIMEDOUT ||
	    write_in(self->dir, "cgroup.procs", "0"))
		return EXIT_FAILURE;
	return answered_call(fd);
}

TEST_F(memcg, process_that_has_been_moved_can_call)
{
	EXPECT_EQ(0, run(call_before_and_after, self));
}

TEST_HARNESS_MAIN
