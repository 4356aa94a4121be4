// SPDX-License-Identifier: GPL-2.0-only
/*
 * Learning from poll(2) or epoll(7) that there is a message, and receiving it: a
 * message is sent, looked for, and received, in one process.
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "measures.h"

struct dispatch {
	struct channel ch;
	int epoll;
};

static int by_poll(void *arg)
{
	struct dispatch *dispatch = arg;
	struct channel *ch = &dispatch->ch;
	struct pollfd look = { .fd = ch->rx, .events = POLLIN };
	int err = ch->how->send(ch);

	if (err)
		return err;
	if (poll(&look, 1, -1) != 1)
		return -EIO;
	return ch->how->recv(ch);
}

static int by_epoll(void *arg)
{
	struct dispatch *dispatch = arg;
	struct channel *ch = &dispatch->ch;
	struct epoll_event event;
	int err = ch->how->send(ch);

	if (err)
		return err;
	if (epoll_wait(dispatch->epoll, &event, 1, -1) != 1)
		return -EIO;
	return ch->how->recv(ch);
}

static int open_polled(struct dispatch *dispatch, struct trial *trial)
{
	dispatch->ch.polled = true;
	return bench_open(&dispatch->ch, trial, BENCH_DEPTH);
}

static int run_poll(struct trial *trial)
{
	struct dispatch dispatch = { 0 };
	int err = open_polled(&dispatch, trial);

	return err ? err : bench_time(trial, by_poll, &dispatch, 1);
}

static int run_epoll(struct trial *trial)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct dispatch dispatch = { 0 };
	int err = open_polled(&dispatch, trial);

	if (err)
		return err;
	dispatch.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (dispatch.epoll < 0 ||
	    epoll_ctl(dispatch.epoll, EPOLL_CTL_ADD, dispatch.ch.rx, &event))
		return -errno;
	return bench_time(trial, by_epoll, &dispatch, 1);
}

static bool can_be_polled(const struct mechanism *how)
{
	return how->traits & TRAIT_POLLED;
}

static const struct point points[] = { { 8, 1 }, { 64, 1 }, { 0, 0 } };

const struct measure measure_poll = {
	.name = "poll",
	.about = "send a message, learn of it by poll(2), receive it",
	.points = points,
	.suits = can_be_polled,
	.run = run_poll,
};

const struct measure measure_epoll = {
	.name = "epoll",
	.about = "send a message, learn of it by epoll(7), receive it",
	.points = points,
	.suits = can_be_polled,
	.run = run_epoll,
};
