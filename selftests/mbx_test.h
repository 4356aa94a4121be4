/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every test program shares: the device, opening objects, waiting
 *
 * The programs see only the header of the user interface and libc. A call
 * returns what the kernel did, or the negative error number, so that a test can
 * name the exact one. A test waits for a state with wait_until(), never for a
 * time.
 *
 * This header has to be the first one included.
 */
#ifndef MBX_TEST_H
#define MBX_TEST_H

#include "kselftest_harness.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <time.h>
#include <linux/mbx.h>

#define RDWR (MBX_READ | MBX_WRITE)
#define CREATE (MBX_READ | MBX_WRITE | MBX_CREATE)

#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL

/* A state that is not there after so long will not come. */
#define PATIENCE_NS (20 * NSEC_PER_SEC)

static inline __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Returns whether the condition came true in time. */
#define wait_until(condition)                                         \
	({                                                            \
		__u64 limit__ = now_ns() + PATIENCE_NS;               \
		bool true__;                                          \
		while (!(true__ = (condition)) && now_ns() < limit__) \
			sched_yield();                                \
		true__;                                               \
	})

#define ASSERT_SOON(condition) ASSERT_TRUE(wait_until(condition))
#define EXPECT_SOON(condition) EXPECT_TRUE(wait_until(condition))

/* A descriptor of the device node, opened at first use. */
static inline int device(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open(MBX_DEVICE, O_RDWR | O_CLOEXEC);
	return fd;
}

static inline int call(int fd, unsigned int cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

/* The result of a libc call that returns -1 and errno. */
static inline int result_of(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

#define NAME_SIZE 128

/* A name that no other test has. */
static inline void unique_name(char name[NAME_SIZE], const char *what)
{
	snprintf(name, NAME_SIZE, "selftest/%s/%d/%s",
		 program_invocation_short_name, getpid(), what);
}

static inline __u32 name_length(const char *name)
{
	return name ? strlen(name) : 0;
}

static inline int do_open_mailbox(const char *name, __u32 flags,
				  struct mbx_mailbox_open args)
{
	args.size = sizeof(args);
	args.flags = flags;
	args.name = (uintptr_t)name;
	args.name_len = name_length(name);
	return call(device(), MBX_IOC_MAILBOX_OPEN, &args);
}

static inline int do_open_region(const char *name, __u32 flags,
				 struct mbx_region_open args)
{
	args.size = sizeof(args);
	args.flags = flags;
	args.name = (uintptr_t)name;
	args.name_len = name_length(name);
	return call(device(), MBX_IOC_REGION_OPEN, &args);
}

/* open_mailbox(name or NULL, flags, .max_msgs = 4, ...) */
#define open_mailbox(name, flags, ...) \
	do_open_mailbox(name, flags, (struct mbx_mailbox_open){ __VA_ARGS__ })
#define open_region(name, flags, ...) \
	do_open_region(name, flags, (struct mbx_region_open){ __VA_ARGS__ })

static inline int unlink_kind(const char *name, __u32 kind)
{
	struct mbx_unlink args = {
		.size = sizeof(args),
		.name = (uintptr_t)name,
		.name_len = name_length(name),
		.kind = kind,
	};

	return call(device(), MBX_IOC_UNLINK, &args);
}

static inline int unlink_name(const char *name)
{
	return unlink_kind(name, MBX_KIND_ANY);
}

static inline struct mbx_info info(void)
{
	struct mbx_info args = { .size = sizeof(args) };

	if (call(device(), MBX_IOC_INFO, &args) < 0)
		memset(&args, 0, sizeof(args));
	return args;
}

/* What poll() says at once, or after at most PATIENCE_NS if it is to wait. */
static inline short poll_for(int fd, short events, bool wait)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	if (poll(&pfd, 1, wait ? PATIENCE_NS / NSEC_PER_MSEC : 0) < 0)
		return -1;
	return pfd.revents;
}

static inline short poll_now(int fd, short events)
{
	return poll_for(fd, events, false);
}

static inline short poll_wait(int fd, short events)
{
	return poll_for(fd, events, true);
}

/*
 * How often to do what is done often: as named in the environment, or this many
 * divided by MBX_SCALE, which is above 1 for some kernels.
 */
static inline unsigned long amount(const char *variable, unsigned long usual)
{
	const char *text = variable ? getenv(variable) : NULL;
	const char *scale = getenv("MBX_SCALE");

	if (text)
		return strtoul(text, NULL, 0);
	return scale ? usual / strtoul(scale, NULL, 0) : usual;
}

#endif /* MBX_TEST_H */
