// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers that make anonymous mailboxes and pass their descriptors on, and those
 * that receive from them
 *
 * Nobody else has such a mailbox, so the taker knows what has to arrive: 0, 1,
 * 2 ... up to the last that was sent before the giver closed it or was killed.
 */
#include "crew.h"

#define GIFT_LEN (70 << 10) /* not from slab caches */

struct gift {
	__u64 number;
	__u8 rest[GIFT_LEN];
};

static int send_gift(struct post *me, int fd, struct gift *gift)
{
	struct mbx_message msg = { .data = (uintptr_t)gift,
				   .len = sizeof(gift->number) };
	int ret;

	if (chance(me, 10))
		msg.len = sizeof(*gift);
	gift->rest[0] = gift->number;
	gift->rest[GIFT_LEN - 1] = gift->number;
	ret = send_array(fd, &msg, 1, .deadline_ns = soon(me));
	if (ret == 1)
		gift->number++;
	return ret;
}

static int make_mailbox(struct post *me)
{
	return open_mailbox(NULL, CREATE, .max_msgs = 4 + pick(me, 20),
			    .overflow = pick(me, 3),
			    .max_msg_size = sizeof(struct gift));
}

static int be_giver(struct post *me)
{
	static struct gift gift;
	int fd, before, behind;

	for (;;) {
		fd = make_mailbox(me);
		if (!ENDS(me, "anonymous mailbox", fd, 0))
			return EXIT_FAILURE;
		gift.number = 0;
		for (before = pick(me, 8); before; before--)
			ENDS(me, "send a gift", send_gift(me, fd, &gift),
			     EAGAIN, EINTR, ETIMEDOUT);
		ENDS(me, "pass a mailbox", pass_fd(exchange[0], fd), EINTR);
		for (behind = pick(me, 16); behind; behind--)
			ENDS(me, "send another gift", send_gift(me, fd, &gift),
			     EAGAIN, EINTR, ETIMEDOUT);
		close(fd);
		beat(me);
	}
}

const struct trade giver_trade = {
	.name = "giver",
	.work = be_giver,
};

static void check_gift(const struct gift *gift, const struct mbx_message *msg,
		       __u64 *next, const struct mbx_mailbox_stat *st)
{
	verify(CHECK_CONTENT,
	       msg->len == sizeof(gift->number) ||
		       (gift->rest[0] == (__u8)gift->number &&
			gift->rest[GIFT_LEN - 1] == (__u8)gift->number),
	       "gift %llu is garbled", gift->number);
	verify(CHECK_ORDER, gift->number >= *next, "gift %llu behind %llu",
	       gift->number, *next);
	verify(CHECK_LOST,
	       gift->number == *next ||
		       st->overflow == MBX_OVERFLOW_DROP_OLDEST,
	       "gifts %llu to %llu", *next, gift->number);
	*next = gift->number + 1;
}

static int take_gifts(struct post *me, int fd)
{
	static struct gift gift;
	struct mbx_message msg = { .data = (uintptr_t)&gift,
				   .capacity = sizeof(gift) };
	struct mbx_mailbox_stat st;
	__u64 next = 0, holes = 0;
	int ret, idle = 0;

	while (idle < 3) {
		st = stat_of(fd);
		ret = recv_array(fd, &msg, 1, .deadline_ns = soon(me));
		if (ret == 1) {
			holes += gift.number - next;
			check_gift(&gift, &msg, &next, &st);
			count_op(OP_PASSED, 1);
		} else {
			idle++;
		}
		beat(me);
	}
	st = stat_of(fd);
	verify(CHECK_COUNTERS,
	       st.sent == st.received + st.dropped + st.msgs && !st.withdrawn,
	       "gifts: %llu sent, %llu received, %llu dropped, %llu queued",
	       st.sent, st.received, st.dropped, st.msgs);
	verify(CHECK_LEDGER, holes <= st.dropped && st.received == next - holes,
	       "gifts: %llu of %llu arrived, %llu received, %llu dropped",
	       next - holes, next, st.received, st.dropped);
	return ret;
}

static int be_taker(struct post *me)
{
	int fd;

	for (;;) {
		fd = receive_fd(exchange[1]);
		beat(me);
		if (!ENDS(me, "take a mailbox", fd, EINTR) || fd < 0)
			continue;
		ENDS(me, "take a gift", take_gifts(me, fd), EINTR, ETIMEDOUT,
		     EAGAIN);
		close(fd);
	}
	return 0;
}

const struct trade taker_trade = {
	.name = "taker",
	.work = be_taker,
};
