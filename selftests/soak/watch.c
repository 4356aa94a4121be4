// SPDX-License-Identifier: GPL-2.0-only
/* Workers that wait for mailboxes and the region in one epoll. */
#include "letter.h"
#include "region.h"
#include "regions.h"

#include <sys/epoll.h>

#define EVENTS (BOXES + 1)
#define REGION_DATA BOXES

struct watch {
	int epoll;
	int fds[EVENTS];
};

static void add_fd(struct post *me, struct watch *watch, __u32 data, int fd)
{
	struct epoll_event event = {
		.events = EPOLLIN | (chance(me, 2) ? EPOLLET : 0),
		.data.u32 = data,
	};

	watch->fds[data] = fd;
	if (fd >= 0)
		ENDS(me, "epoll_ctl",
		     result_of(epoll_ctl(watch->epoll, EPOLL_CTL_ADD, fd,
					 &event)),
		     0);
}

static void watch_begin(struct post *me, struct watch *watch)
{
	struct mbx_region_subscribe args = { .size = sizeof(args),
					     .slot_mask = 1 + pick(me, 255) };
	const struct box *box;
	int fd = open_region(REGION_NAME, MBX_READ);

	watch->epoll = epoll_create1(EPOLL_CLOEXEC);
	for_each_box(box)
		add_fd(me, watch, box_index(box),
		       box->watched ? open_mailbox(box->name,
						   MBX_READ | MBX_NONBLOCK) :
				      -1);
	ENDS(me, "open the region", fd, 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	ENDS(me, "subscribe", call(fd, MBX_IOC_REGION_SUBSCRIBE, &args), EINTR);
	add_fd(me, watch, REGION_DATA, fd);
}

/* In either order: who still polls an object that is gone must not notice. */
static void watch_end(struct post *me, struct watch *watch)
{
	bool epoll_first = chance(me, 2);
	int i;

	if (epoll_first)
		close(watch->epoll);
	for (i = 0; i < EVENTS; i++)
		if (watch->fds[i] >= 0)
			close(watch->fds[i]);
	if (!epoll_first)
		close(watch->epoll);
}

static void react(struct post *me, struct watch *watch, __u32 data)
{
	struct mbx_recv args = { 0 };
	struct mbx_slot slots[8];

	if (data == REGION_DATA)
		ENDS(me, "read a region",
		     result_of(read(watch->fds[data], slots, sizeof(slots))),
		     EAGAIN, EINTR, EINVAL);
	else
		ENDS(me, "receive after epoll",
		     letters_receive(me, watch->fds[data], 1 + pick(me, BATCH),
				     &args),
		     EAGAIN, EINTR);
	count_op(OP_POLLED, 1);
}

static int be_watcher(struct post *me)
{
	struct epoll_event events[EVENTS];
	struct watch watch;
	int turns, count, i;

	for (;;) {
		watch_begin(me, &watch);
		for (turns = pick(me, 300); turns; turns--) {
			count = epoll_wait(watch.epoll, events, EVENTS,
					   pick(me, 50));
			for (i = 0; i < count; i++)
				react(me, &watch, events[i].data.u32);
			beat(me);
		}
		watch_end(me, &watch);
	}
	return 0;
}

const struct trade watcher_trade = {
	.name = "watcher",
	.work = be_watcher,
};
