// SPDX-License-Identifier: GPL-2.0-only
/* Workers that create, open and unlink objects which share a few names. */
#include "churn.h"
#include "crew.h"
#include "region.h"

#include <sys/epoll.h>

#define NAMES 6
#define HELD 8
#define CHURN_BYTES 8192

static void churn_name(char name[NAME_SIZE], __u32 n)
{
	snprintf(name, NAME_SIZE, "soak/churn/%u", n);
}

void churn_end(void)
{
	char name[NAME_SIZE];
	__u32 n;

	for (n = 0; n < NAMES; n++) {
		churn_name(name, n);
		unlink_name(name);
	}
}

static int open_something(struct post *me, const char *name)
{
	__u32 flags = RDWR | MBX_NONBLOCK;
	__u32 lifetime = pick(me, 4);

	if (chance(me, 2))
		flags |= MBX_CREATE;
	if ((flags & MBX_CREATE) && chance(me, 3))
		flags |= MBX_EXCL;
	if (chance(me, 2))
		return open_region(name, flags, .lifetime = lifetime,
				   .bytes = flags & MBX_CREATE ? CHURN_BYTES :
								 0);
	return open_mailbox(name, flags, .lifetime = lifetime,
			    .overflow = pick(me, 3), .max_msgs = 16);
}

/* Whichever it is; somebody else's death can end it meanwhile. */
static void use_something(struct post *me, int fd)
{
	struct mbx_mailbox_stat st = { .size = sizeof(st) };
	struct letter letter;
	int ret = call(fd, MBX_IOC_MAILBOX_STAT, &st);

	if (ret == -EPROTOTYPE) {
		ENDS(me, "notify", notify(fd, 1), EOWNERDEAD);
		return;
	}
	verify(CHECK_COUNTERS,
	       !ret && st.sent == st.received + st.dropped + st.withdrawn +
					  st.msgs,
	       "%llu sent, %llu received, %llu dropped, %llu queued", st.sent,
	       st.received, st.dropped, st.msgs);
	ENDS(me, "send", send_text(fd, "churn", .prio = pick(me, 32)), EAGAIN,
	     EOWNERDEAD);
	if (chance(me, 2))
		ENDS(me, "receive", take_now(fd, &letter), EAGAIN, EOWNERDEAD);
}

static void watch_something(struct post *me, int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET };

	ENDS(me, "epoll_ctl",
	     result_of(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)), 0);
	epoll_wait(epoll, &event, 1, 0);
}

static void churn(struct post *me, int epoll, int *held)
{
	char name[NAME_SIZE];

	if (*held >= 0 && chance(me, 3)) {
		close(*held);
		*held = -1;
	}
	churn_name(name, pick(me, NAMES));
	if (*held < 0) {
		*held = open_something(me, name);
		ENDS(me, "open", *held, EEXIST, ENOENT, EPROTOTYPE);
		if (*held >= 0 && chance(me, 2))
			watch_something(me, epoll, *held);
	}
	if (*held >= 0)
		use_something(me, *held);
	if (chance(me, 4))
		ENDS(me, "unlink", unlink_name(name), ENOENT);
}

static int be_churner(struct post *me)
{
	int held[HELD], epoll = epoll_create1(EPOLL_CLOEXEC), i;

	for (i = 0; i < HELD; i++)
		held[i] = -1;
	for (;;) {
		churn(me, epoll, &held[pick(me, HELD)]);
		count_op(OP_CHURNED, 1);
		beat(me);
		if (chance(me, 16))
			usleep(pick(me, 2000));
	}
	return 0;
}

const struct trade churner_trade = {
	.name = "churner",
	.work = be_churner,
};
