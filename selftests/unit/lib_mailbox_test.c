// SPDX-License-Identifier: GPL-2.0-only
/* What the library asks the kernel for: the device, names, mailboxes. */
#include "lib_fake.h"

#define LONG_NAME_SIZE 300

TEST(missing_node_or_driver_is_no_missing_name)
{
	fake.open_ret = -ENOENT;
	EXPECT_EQ(-ENODEV, CALM(mbx_open("name", MBX_READ)));
	fake.open_ret = -ENXIO;
	EXPECT_EQ(-ENODEV, CALM(mbx_open("name", MBX_READ)));
	fake.open_ret = -ENODEV;
	EXPECT_EQ(-ENODEV, CALM(mbx_open("name", MBX_READ)));
}

TEST(every_call_on_the_device_tells_that_it_is_missing)
{
	struct mbx_region *region;
	struct mbx_info info;

	fake.open_ret = -ENOENT;
	EXPECT_EQ(-ENODEV, CALM(mbx_mailbox_open("name", MBX_READ, NULL)));
	EXPECT_EQ(-ENODEV,
		  CALM(mbx_region_open(&region, "name", MBX_READ, 0, NULL)));
	EXPECT_EQ(-ENODEV, CALM(mbx_unlink("name")));
	EXPECT_EQ(-ENODEV, CALM(mbx_unlink_kind("name", MBX_KIND_REGION)));
	EXPECT_EQ(-ENODEV, CALM(mbx_get_info(&info)));
	EXPECT_EQ(0, fake.ioctls);
}

TEST(other_errors_of_the_device_are_passed_on)
{
	fake.open_ret = -EACCES;
	EXPECT_EQ(-EACCES, CALM(mbx_open("name", MBX_READ)));
	fake.open_ret = -EMFILE;
	EXPECT_EQ(-EMFILE, CALM(mbx_open("name", MBX_READ)));
}

TEST(device_is_closed_on_exec)
{
	mbx_open("name", MBX_READ);
	EXPECT_STREQ("/dev/mbx", fake.open_path);
	EXPECT_EQ(O_RDWR | O_CLOEXEC, fake.open_flags);
}

TEST(device_does_not_stay_open)
{
	fake.ioctl_ret = FAKE_FD + 1;
	EXPECT_EQ(FAKE_FD + 1, CALM(mbx_open("name", MBX_READ)));
	EXPECT_EQ(1, fake.closes);
	EXPECT_EQ(FAKE_FD, fake.closed_fd);
}

TEST(device_does_not_stay_open_after_an_error)
{
	fake.ioctl_ret = -ENOENT;
	EXPECT_EQ(-ENOENT, CALM(mbx_open("name", MBX_READ)));
	EXPECT_EQ(1, fake.closes);
	EXPECT_EQ(FAKE_FD, fake.closed_fd);
}

TEST(names_go_without_their_nul)
{
	mbx_open("a/b", MBX_READ | MBX_NONBLOCK);
	EXPECT_EQ(MBX_IOC_MAILBOX_OPEN, fake.command);
	EXPECT_EQ(sizeof(struct mbx_mailbox_open),
		  fake.request.mailbox_open.size);
	EXPECT_EQ(MBX_READ | MBX_NONBLOCK, fake.request.mailbox_open.flags);
	EXPECT_EQ(3, fake.request.mailbox_open.name_len);
	EXPECT_EQ(0, memcmp("a/b", (void *)fake.request.mailbox_open.name, 3));
}

TEST(no_name_is_anonymous)
{
	mbx_open(NULL, MBX_READ | MBX_CREATE);
	EXPECT_EQ(0, fake.request.mailbox_open.name);
	EXPECT_EQ(0, fake.request.mailbox_open.name_len);
}

TEST(empty_name_is_not_anonymous)
{
	mbx_open("", MBX_READ | MBX_CREATE);
	EXPECT_NE(0, fake.request.mailbox_open.name);
	EXPECT_EQ(0, fake.request.mailbox_open.name_len);
}

TEST(name_too_long_stays_too_long)
{
	char name[LONG_NAME_SIZE];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	mbx_open(name, MBX_READ);
	EXPECT_EQ(MBX_NAME_MAX + 1, fake.request.mailbox_open.name_len);
}

TEST(attributes_of_a_mailbox_reach_the_kernel)
{
	const struct mbx_mailbox_opts *opts =
		MBX_MAILBOX_OPTS(.mode = 0640, .lifetime = MBX_LIFE_OWNER,
				 .overflow = MBX_OVERFLOW_REJECT, .max_msgs = 4,
				 .max_msg_size = 5, .max_bytes = 1ULL << 33);

	mbx_mailbox_open("name", MBX_READ | MBX_CREATE, opts);
	EXPECT_EQ(0640, fake.request.mailbox_open.mode);
	EXPECT_EQ(MBX_LIFE_OWNER, fake.request.mailbox_open.lifetime);
	EXPECT_EQ(MBX_OVERFLOW_REJECT, fake.request.mailbox_open.overflow);
	EXPECT_EQ(4, fake.request.mailbox_open.max_msgs);
	EXPECT_EQ(5, fake.request.mailbox_open.max_msg_size);
	EXPECT_EQ(1ULL << 33, fake.request.mailbox_open.max_bytes);
}

TEST(malformed_options_do_not_reach_the_kernel)
{
	struct mbx_mailbox_opts opts = { .size = MBX_MAILBOX_OPTS_FIRST - 1 };
	struct mbx_send_opts how = { .size = MBX_SEND_OPTS_FIRST - 1 };
	struct mbx_recv_opts what = { .size = MBX_RECV_OPTS_FIRST - 1 };
	struct mbx_message msg = { 0 };

	EXPECT_EQ(-EINVAL, CALM(mbx_mailbox_open("name", MBX_READ, &opts)));
	EXPECT_EQ(-EINVAL, CALM(mbx_send_with(1, "", 0, &how)));
	EXPECT_EQ(-EINVAL, CALM(mbx_send_many(1, &msg, 1, &how)));
	EXPECT_EQ(-EINVAL, CALM(mbx_recv_with(1, NULL, 0, &what, NULL)));
	EXPECT_EQ(-EINVAL, CALM(mbx_recv_many(1, &msg, 1, &what)));
	EXPECT_EQ(0, fake.ioctls);
	EXPECT_EQ(0, fake.opens);
}

TEST(unlink_says_which_kind)
{
	fake.ioctl_ret = -EPROTOTYPE;
	EXPECT_EQ(-EPROTOTYPE, CALM(mbx_unlink_kind("name", MBX_KIND_REGION)));
	EXPECT_EQ(MBX_IOC_UNLINK, fake.command);
	EXPECT_EQ(4, fake.request.unlink.name_len);
	EXPECT_EQ(MBX_KIND_REGION, fake.request.unlink.kind);
}

TEST(unlink_takes_either_kind)
{
	EXPECT_EQ(0, CALM(mbx_unlink("name")));
	EXPECT_EQ(MBX_KIND_ANY, fake.request.unlink.kind);
}

TEST(info_says_how_large_the_callers_struct_is)
{
	char room[sizeof(struct mbx_info) + 8];

	EXPECT_EQ(0, CALM(mbx_get_info_sized((struct mbx_info *)room,
					     sizeof(room))));
	EXPECT_EQ(MBX_IOC_INFO, fake.command);
	EXPECT_EQ(sizeof(room), fake.request.info.size);
}

TEST(info_without_room_is_refused)
{
	struct mbx_info info;

	EXPECT_EQ(-EINVAL, CALM(mbx_get_info_sized(&info, 3)));
	EXPECT_EQ(-E2BIG,
		  CALM(mbx_get_info_sized(&info, (size_t)UINT32_MAX + 1)));
	EXPECT_EQ(0, fake.opens);
}

TEST(options_of_a_send_reach_the_kernel)
{
	fake.ioctl_ret = 1;
	EXPECT_EQ(0,
		  CALM(mbx_send_with(5, "text", 4,
				     MBX_SEND_OPTS(.prio = 3, .tag = 1ULL << 40,
						   .flags = MBX_SEND_NONBLOCK,
						   .deadline_ns = 9))));
	EXPECT_EQ(MBX_IOC_SEND, fake.command);
	EXPECT_EQ(5, fake.ioctl_fd);
	EXPECT_EQ(MBX_SEND_NONBLOCK, fake.request.send.flags);
	EXPECT_EQ(9, fake.request.send.deadline_ns);
	EXPECT_EQ(1, fake.request.send.count);
	EXPECT_EQ(sizeof(struct mbx_message), fake.request.send.elem_size);
	EXPECT_EQ(3, fake.message.prio);
	EXPECT_EQ(1ULL << 40, fake.message.tag);
	EXPECT_EQ(4, fake.message.len);
}

TEST(reserved_option_of_a_send_is_refused)
{
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_send_with(5, "", 0, MBX_SEND_OPTS(.reserved = 1))));
	EXPECT_EQ(0, fake.ioctls);
}

/* Cut off at 32 bits it could become one that fits. */
TEST(length_beyond_32_bits_stays_too_long)
{
	fake.ioctl_ret = -EMSGSIZE;
	EXPECT_EQ(-EMSGSIZE, CALM(mbx_send(5, "", (1ULL << 32) + 1)));
	EXPECT_EQ(UINT32_MAX, fake.message.len);
	EXPECT_EQ(-EMSGSIZE, CALM(mbx_send(5, "", SIZE_MAX)));
	EXPECT_EQ(UINT32_MAX, fake.message.len);
}

TEST(capacity_beyond_32_bits_stays_large)
{
	char byte;

	mbx_recv(5, &byte, (1ULL << 32) + 1);
	EXPECT_EQ(UINT32_MAX, fake.message.capacity);
}

TEST(tag_and_priority_for_all_of_an_array_are_refused)
{
	struct mbx_message msg = { 0 };

	EXPECT_EQ(-EINVAL,
		  CALM(mbx_send_many(5, &msg, 1, MBX_SEND_OPTS(.tag = 1))));
	EXPECT_EQ(-EINVAL,
		  CALM(mbx_send_many(5, &msg, 1, MBX_SEND_OPTS(.prio = 1))));
	EXPECT_EQ(-EINVAL, CALM(mbx_send_many(5, &msg, 1,
					      MBX_SEND_OPTS(.reserved = 1))));
	EXPECT_EQ(0, fake.ioctls);
}

TEST(element_size_is_the_callers)
{
	struct {
		struct mbx_message known;
		uint64_t later;
	} msgs[2] = { 0 };

	mbx_send_many_sized(5, &msgs->known, sizeof(*msgs), 2, NULL);
	EXPECT_EQ(sizeof(*msgs), fake.request.send.elem_size);
	EXPECT_EQ(2, fake.request.send.count);
	mbx_recv_many_sized(5, &msgs->known, sizeof(*msgs), 2, NULL);
	EXPECT_EQ(sizeof(*msgs), fake.request.recv.elem_size);
	EXPECT_EQ(2, fake.request.recv.count);
}

TEST(element_size_beyond_32_bits_is_refused)
{
	size_t size = (size_t)UINT32_MAX + 1 + sizeof(struct mbx_message);
	struct mbx_message msg = { 0 };

	EXPECT_EQ(-E2BIG, CALM(mbx_send_many_sized(5, &msg, size, 1, NULL)));
	EXPECT_EQ(-E2BIG, CALM(mbx_recv_many_sized(5, &msg, size, 1, NULL)));
	EXPECT_EQ(-E2BIG,
		  CALM(mbx_recv_with_sized(5, NULL, 0, NULL, &msg, size)));
	EXPECT_EQ(0, fake.ioctls);
}

TEST(info_of_a_message_too_small_for_its_length_is_refused)
{
	struct mbx_message msg = { .data = 77 };

	EXPECT_EQ(-EINVAL,
		  CALM(mbx_recv_with_sized(5, NULL, 0, NULL, &msg, 15)));
	EXPECT_EQ(77, msg.data);
	EXPECT_EQ(0, fake.ioctls);
}

TEST(selection_reaches_the_kernel)
{
	char buf[8];

	mbx_recv_with(5, buf, sizeof(buf),
		      MBX_RECV_OPTS(.flags = MBX_RECV_BY_TAG | MBX_RECV_PEEK,
				    .tag = 1ULL << 40, .min_prio = 3, .pid = 4,
				    .deadline_ns = 9),
		      NULL);
	EXPECT_EQ(MBX_IOC_RECV, fake.command);
	EXPECT_EQ(MBX_RECV_BY_TAG | MBX_RECV_PEEK, fake.request.recv.flags);
	EXPECT_EQ(1ULL << 40, fake.request.recv.tag);
	EXPECT_EQ(3, fake.request.recv.min_prio);
	EXPECT_EQ(4, fake.request.recv.pid);
	EXPECT_EQ(9, fake.request.recv.deadline_ns);
	EXPECT_EQ((uintptr_t)buf, fake.message.data);
	EXPECT_EQ(sizeof(buf), fake.message.capacity);
}

TEST(errors_of_the_kernel_are_passed_on)
{
	static const int errors[] = { EAGAIN,	  EBADF,  EDQUOT,   EFAULT,
				      EINTR,	  EINVAL, EMSGSIZE, ENOTTY,
				      EOWNERDEAD, ENOMEM, E2BIG,    EPROTOTYPE,
				      ETIMEDOUT };
	struct mbx_mailbox_stat stat;
	char byte;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		fake.ioctl_ret = -errors[i];
		EXPECT_EQ(-errors[i], CALM(mbx_send(5, "", 0)));
		EXPECT_EQ(-errors[i], CALM(mbx_recv(FAKE_FD, &byte, 1)));
		EXPECT_EQ(-errors[i], CALM(mbx_mailbox_get_stat(5, &stat)));
	}
}

TEST_HARNESS_MAIN
