// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One epoll loop for a mailbox and a region: small things come as messages,
 * large ones through the region. A child sends one of each.
 */
#include <mbx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#define PICTURE_BYTES (1024 * 1024)

static int check(const char *what, int ret)
{
	if (ret >= 0)
		return ret;
	fprintf(stderr, "event_loop: %s: %s\n", what, mbx_strerror(ret));
	exit(1);
}

static void produce(int mailbox, struct mbx_region *region)
{
	memset(mbx_region_data(region), '#', PICTURE_BYTES);
	check("notify", mbx_region_notify(region, 0));
	check("send", mbx_send(mailbox, "hello", 5));
	_exit(0);
}

static void on_mailbox(int mailbox)
{
	char text[80];
	int len = check("receive", (int)mbx_recv(mailbox, text, sizeof(text)));

	printf("message: %.*s\n", len, text);
}

static void on_region(struct mbx_region *region)
{
	const char *data = mbx_region_data(region);
	struct mbx_slot moved[MBX_SLOTS_MAX];
	int i;
	int count = check("read",
			  mbx_region_read_moved(region, moved, MBX_SLOTS_MAX));

	for (i = 0; i < count; i++)
		printf("slot %u moved to %u: data ends with %c\n",
		       moved[i].slot, moved[i].seq, data[PICTURE_BYTES - 1]);
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) {
		perror("epoll_ctl");
		exit(1);
	}
}

int main(void)
{
	struct epoll_event event;
	struct mbx_region *region;
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int mailbox = check("open mailbox",
			    mbx_open(NULL, MBX_CREATE | MBX_READ | MBX_WRITE));
	int seen = 0;

	check("open region",
	      mbx_region_open(&region, NULL, MBX_CREATE | MBX_READ | MBX_WRITE,
			      PICTURE_BYTES, NULL));
	check("subscribe", mbx_region_subscribe(region, 1));
	watch(epoll, mailbox);
	watch(epoll, mbx_region_fd(region));
	if (!fork())
		produce(mailbox, region);

	while (seen < 2 && epoll_wait(epoll, &event, 1, -1) == 1) {
		seen++;
		if (event.data.fd == mailbox)
			on_mailbox(mailbox);
		else
			on_region(region);
	}
	wait(NULL);
	mbx_region_close(region);
	close(mailbox);
	close(epoll);
	return seen != 2;
}
