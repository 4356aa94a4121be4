// SPDX-License-Identifier: GPL-2.0-only
/*
 * 32-bit callers use the same layouts
 *
 * No 32-bit libc is needed: a 64-bit program can make 32-bit system calls with
 * int $0x80, which enter the kernel as those of a 32-bit program do. Everything
 * they are to reach lies below 4 GiB.
 */
#include "mailbox.h"
#include "memory.h"
#include "process.h"
#include "region.h"

#if defined(__x86_64__)

#define NR32_ioctl 54

static long syscall32(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a"(ret)
		     : "a"(nr), "b"(a), "c"(b), "d"(c)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static int call32(int fd, unsigned int cmd, void *arg)
{
	return syscall32(NR32_ioctl, fd, cmd, (long)arg);
}

static int try_it(void *arg)
{
	/* getpid() */
	return syscall32(20, 0, 0, 0) == getpid() ? 0 : EXIT_FAILURE;
}

/* What the calls refer to, where 32 bits can reach it. */
struct low {
	char name[NAME_SIZE];
	char text[64];
	struct mbx_info info;
	struct mbx_unlink unlink;
	struct mbx_mailbox_open mailbox_open;
	struct mbx_region_open region_open;
	struct mbx_message messages[MBX_BATCH_MAX + 1];
	struct mbx_send send;
	struct mbx_recv recv;
	struct mbx_mailbox_stat mailbox_stat;
	struct mbx_region_stat region_stat;
	struct mbx_slot slots[2];
	struct mbx_region_wait wait;
	struct mbx_region_notify notify;
	struct mbx_region_subscribe subscribe;
};

FIXTURE(compat)
{
	struct low *low;
	int fd;
	int region;
};

FIXTURE_SETUP(compat)
{
	if (run(try_it, NULL))
		SKIP(return, "no 32-bit system calls here");
	self->low = mmap(NULL, sizeof(*self->low), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, self->low);
	unique_name(self->low->name, "it");
	self->low->mailbox_open.size = sizeof(self->low->mailbox_open);
	self->low->mailbox_open.flags = CREATE;
	self->low->mailbox_open.name = (uintptr_t)self->low->name;
	self->low->mailbox_open.name_len = strlen(self->low->name);
	self->low->mailbox_open.lifetime = MBX_LIFE_LAST_CLOSE;
	self->low->mailbox_open.max_bytes = 1ULL << 33;
	self->fd = call32(device(), MBX_IOC_MAILBOX_OPEN,
			  &self->low->mailbox_open);
	ASSERT_LE(0, self->fd);
	self->low->region_open.size = sizeof(self->low->region_open);
	self->low->region_open.flags = CREATE;
	self->low->region_open.bytes = 10;
	self->low->region_open.slots = 2;
	self->region =
		call32(device(), MBX_IOC_REGION_OPEN, &self->low->region_open);
	ASSERT_LE(0, self->region);
}

FIXTURE_TEARDOWN(compat)
{
}

static void set_message(struct low *low, const char *text)
{
	strcpy(low->text, text);
	low->messages[0] = (struct mbx_message){
		.data = (uintptr_t)low->text,
		.len = strlen(text),
		.capacity = sizeof(low->text),
		.tag = 1ULL << 40,
		.prio = 5,
	};
}

static int send32(struct low *low, int fd, __u32 count)
{
	low->send = (struct mbx_send){
		.size = sizeof(low->send),
		.messages = (uintptr_t)low->messages,
		.count = count,
		.elem_size = sizeof(low->messages[0]),
	};
	return call32(fd, MBX_IOC_SEND, &low->send);
}

static int recv32(struct low *low, int fd, __u32 count)
{
	low->recv = (struct mbx_recv){
		.size = sizeof(low->recv),
		.flags = MBX_RECV_NONBLOCK,
		.messages = (uintptr_t)low->messages,
		.count = count,
		.elem_size = sizeof(low->messages[0]),
	};
	return call32(fd, MBX_IOC_RECV, &low->recv);
}

TEST_F(compat, info_is_the_same)
{
	struct mbx_info native = info();

	self->low->info.size = sizeof(self->low->info);
	ASSERT_EQ(0, call32(device(), MBX_IOC_INFO, &self->low->info));
	EXPECT_EQ(0, memcmp(&native, &self->low->info, sizeof(native)));
}

TEST_F(compat, mailbox_is_opened_by_name)
{
	EXPECT_LE(0, open_mailbox(self->low->name, RDWR));
	EXPECT_EQ(1ULL << 33, stat_of(self->fd).max_bytes);
}

TEST_F(compat, mailbox_is_unlinked)
{
	self->low->unlink.size = sizeof(self->low->unlink);
	self->low->unlink.name = (uintptr_t)self->low->name;
	self->low->unlink.name_len = strlen(self->low->name);
	EXPECT_EQ(0, call32(device(), MBX_IOC_UNLINK, &self->low->unlink));
	EXPECT_EQ(-ENOENT, open_mailbox(self->low->name, RDWR));
}

TEST_F(compat, message_goes_from_32_to_64_bits)
{
	struct letter letter;

	set_message(self->low, "hello");
	ASSERT_EQ(1, send32(self->low, self->fd, 1));
	ASSERT_EQ(1, take_now(self->fd, &letter));
	EXPECT_STREQ("hello", letter.text);
	EXPECT_EQ(1ULL << 40, letter.msg.tag);
	EXPECT_EQ(5, letter.msg.prio);
}

TEST_F(compat, message_goes_from_64_to_32_bits)
{
	set_message(self->low, "");
	ASSERT_EQ(1,
		  send_text(self->fd, "hello", .tag = 1ULL << 50, .prio = 6));
	ASSERT_EQ(1, recv32(self->low, self->fd, 1));
	EXPECT_STREQ("hello", self->low->text);
	EXPECT_EQ(1ULL << 50, self->low->messages[0].tag);
	EXPECT_EQ(6, self->low->messages[0].prio);
	EXPECT_EQ((__u32)getpid(), self->low->messages[0].pid);
}

TEST_F(compat, stat_is_the_same)
{
	struct mbx_mailbox_stat native;

	ASSERT_EQ(1, send_text(self->fd, "hello"));
	native = stat_of(self->fd);
	self->low->mailbox_stat.size = sizeof(self->low->mailbox_stat);
	ASSERT_EQ(0, call32(self->fd, MBX_IOC_MAILBOX_STAT,
			    &self->low->mailbox_stat));
	EXPECT_EQ(0, memcmp(&native, &self->low->mailbox_stat, sizeof(native)));
}

TEST_F(compat, batch_of_1024_is_the_largest)
{
	int fd = open_mailbox(NULL, CREATE, .max_msgs = 2000);

	memset(self->low->messages, 0, sizeof(self->low->messages));
	EXPECT_EQ(MBX_BATCH_MAX, send32(self->low, fd, MBX_BATCH_MAX));
	EXPECT_EQ(-EINVAL, send32(self->low, fd, MBX_BATCH_MAX + 1));
	EXPECT_EQ(-EINVAL, send32(self->low, fd, 0));
	EXPECT_EQ(-EINVAL, send32(self->low, fd, 0xffffffff));
	/* Times 64 bytes, 2^26 elements would be none at all in 32 bits. */
	EXPECT_EQ(-EINVAL, send32(self->low, fd, 1 << 26));
	EXPECT_EQ(-EINVAL, recv32(self->low, fd, (1 << 26) + 1));
	EXPECT_EQ(MBX_BATCH_MAX, stat_of(fd).msgs);
	EXPECT_EQ(MBX_BATCH_MAX, recv32(self->low, fd, MBX_BATCH_MAX));
}

TEST_F(compat, addresses_are_64_bits_wide)
{
	set_message(self->low, "hello");
	self->low->messages[0].data |= 1ULL << 40;
	EXPECT_EQ(-EFAULT, send32(self->low, self->fd, 1));
	EXPECT_EQ(0, stat_of(self->fd).sent);
}

TEST_F(compat, wait_and_notify_are_the_same)
{
	__u32 *seq = map_seq(self->region);
	struct low *low = self->low;

	ASSERT_NE(NULL, seq);
	low->notify = (struct mbx_region_notify){ .size = sizeof(low->notify),
						  .slot_mask = 2 };
	EXPECT_EQ(0, call32(self->region, MBX_IOC_REGION_NOTIFY, &low->notify));
	move_slot(seq, 1);
	low->slots[0].slot = 1;
	low->wait = (struct mbx_region_wait){
		.size = sizeof(low->wait),
		.slots = (uintptr_t)low->slots,
		.count = 1,
		.elem_size = sizeof(low->slots[0]),
	};
	EXPECT_EQ(1, call32(self->region, MBX_IOC_REGION_WAIT, &low->wait));
	EXPECT_EQ(1, low->slots[0].seq);
	low->subscribe = (struct mbx_region_subscribe){
		.size = sizeof(low->subscribe),
		.slot_mask = 3,
	};
	EXPECT_EQ(0, call32(self->region, MBX_IOC_REGION_SUBSCRIBE,
			    &low->subscribe));
	EXPECT_EQ(1, region_stat(self->region).subscribers);
}

TEST_F(compat, region_stat_is_the_same)
{
	struct mbx_region_stat native = region_stat(self->region);

	self->low->region_stat.size = sizeof(self->low->region_stat);
	ASSERT_EQ(0, call32(self->region, MBX_IOC_REGION_STAT,
			    &self->low->region_stat));
	EXPECT_EQ(0, memcmp(&native, &self->low->region_stat, sizeof(native)));
}

TEST_F(compat, bad_struct_is_refused_alike)
{
	self->low->info.size = sizeof(self->low->info) - 1;
	EXPECT_EQ(-EINVAL, call32(device(), MBX_IOC_INFO, &self->low->info));
	self->low->info.size = sizeof(self->low->info);
	self->low->info.flags = 1;
	EXPECT_EQ(-EINVAL, call32(device(), MBX_IOC_INFO, &self->low->info));
	EXPECT_EQ(-EFAULT, call32(device(), MBX_IOC_INFO, NULL));
	EXPECT_EQ(-ENOTTY,
		  call32(device(), _IO(MBX_IOC_MAGIC, 0x7f), &self->low->info));
	EXPECT_EQ(-EPROTOTYPE,
		  call32(self->region, MBX_IOC_MAILBOX_STAT, self->low));
}

#else

TEST(compat_is_not_covered_here)
{
	SKIP(return, "no way to make 32-bit system calls is known here");
}

#endif

TEST_HARNESS_MAIN
