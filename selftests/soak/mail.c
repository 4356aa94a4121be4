// SPDX-License-Identifier: GPL-2.0-only
/* Workers that send and receive, in all the ways there are. */
#include "letter.h"

/* --- senders --------------------------------------------------------------- */

/* Several messages to be sent in one call. */
struct bundle {
	__u32 count;
	struct mbx_message msgs[BATCH];
	__u32 prios[BATCH]; /* indices */
	__u64 texts[BATCH][MAX_LEN / 8 + 1];
};

static void write_bundle(struct post *me, struct bundle *bundle)
{
	__u32 used[PRIOS] = { 0 }, i, p, stream;

	bundle->count = chance(me, 3) ? 1 : 1 + pick(me, BATCH);
	for (i = 0; i < bundle->count; i++) {
		p = pick(me, PRIOS);
		bundle->prios[i] = p;
		stream = stream_of(me->box, me->which, p);
		letter_write(&bundle->msgs[i], bundle->texts[i],
			     (struct stamp){
				     .magic = LETTER,
				     .stream = stream,
				     .number = ledger_next(stream) + used[p]++,
				     .len = letter_length(me),
			     });
	}
	for (p = 0; p < PRIOS; p++)
		ledger_intend(stream_of(me->box, me->which, p), used[p]);
}

static void enter_sent(const struct post *me, const struct bundle *bundle,
		       int sent)
{
	__u32 used[PRIOS] = { 0 }, p;
	int i;

	for (i = 0; i < sent; i++)
		used[bundle->prios[i]]++;
	for (p = 0; p < PRIOS; p++)
		ledger_sent(stream_of(me->box, me->which, p), used[p]);
	if (sent > 0)
		count_op(OP_SENT, sent);
}

static int send_bundle(struct post *me, int fd, struct bundle *bundle)
{
	__u32 flags = chance(me, 4) ? MBX_SEND_NONBLOCK : 0;
	__u64 deadline = chance(me, 3) ? soon(me) : 0;

	if (bundle->count == 1 && !bundle->prios[0] && !me->box->selective) {
		if (write(fd, bundle->texts[0], bundle->msgs[0].len) < 0)
			return -errno;
		return 1;
	}
	return send_array(fd, bundle->msgs, bundle->count, .flags = flags,
			  .deadline_ns = deadline);
}

static int be_sender(struct post *me)
{
	int fd = box_attach(me->box, MBX_WRITE, chance(me, 2)), ret;
	static struct bundle bundle;

	for (;;) {
		write_bundle(me, &bundle);
		ret = send_bundle(me, fd, &bundle);
		enter_sent(me, &bundle, ret);
		ENDS(me, "send", ret, EAGAIN, EINTR, ETIMEDOUT);
		beat(me);
		/* Who is never made to wait leaves something to the others. */
		if (ret == -EAGAIN || box_drops(me->box))
			usleep(pick(me, 2000));
	}
	return 0;
}

const struct trade sender_trade = {
	.name = "sender",
	.work = be_sender,
	.sends = true,
	.others = true,
};

/* --- receivers ------------------------------------------------------------- */

static void select_some(struct post *me, struct mbx_recv *args)
{
	const struct post *from;

	switch (pick(me, 4)) {
	case 0:
		args->flags |= MBX_RECV_BY_TAG;
		args->tag = pick(me, me->box->senders);
		break;
	case 1:
		args->flags |= MBX_RECV_BY_PRIO;
		args->min_prio = prios[pick(me, PRIOS)];
		break;
	case 2:
		/* Somebody whom the kernel knows by that number, or nobody. */
		from = me - pick(me, me->box->senders + me->which + 1);
		args->flags |= MBX_RECV_BY_PID;
		args->pid = from->pid;
		break;
	default:
		return;
	}
	/* It may not come as long as others fill the mailbox. */
	args->deadline_ns = soon(me);
}

static struct mbx_recv choose(struct post *me)
{
	struct mbx_recv args = { 0 };

	if (chance(me, 4))
		args.flags |= MBX_RECV_NONBLOCK;
	if (chance(me, 4))
		args.deadline_ns = soon(me);
	if (me->box->selective)
		select_some(me, &args);
	return args;
}

static int peek(struct post *me, int fd)
{
	struct mbx_recv args = choose(me);
	__u64 text[MAX_LEN / 8 + 1];
	struct mbx_message msg = { .data = (uintptr_t)text,
				   .capacity = MAX_LEN };
	int ret;

	args.flags |= MBX_RECV_PEEK;
	ret = do_recv(fd, &msg, 1, args);
	if (ret == 1) {
		letter_is_intact(&msg, (struct stamp *)text);
		verify(CHECK_CONTENT, !msg.deliveries && !msg.token,
		       "peeking delivered %u times", msg.deliveries);
	}
	return ret;
}

/* Into a buffer that is too small, or where nothing can be written. */
static void spoil(struct post *me, int fd, bool small)
{
	struct mbx_message msg = { .data = 8, .capacity = MAX_LEN };
	struct mbx_recv args = choose(me);
	__u64 text[2];
	int ret;

	if (small) {
		msg.data = (uintptr_t)text;
		msg.capacity = sizeof(text);
	}
	ret = do_recv(fd, &msg, 1, args);
	verify(CHECK_RESULT,
	       ret == (small ? -EMSGSIZE : -EFAULT) || ret == -EAGAIN ||
		       ret == -EINTR || ret == -ETIMEDOUT,
	       "receiving where there is no room: %d", ret);
}

static int read_one(struct post *me, int fd)
{
	ssize_t ret;

	letters_prepare(me, 1);
	ret = read(fd, me->buffers[0], MAX_LEN);
	if (ret < 0)
		ret = -errno;
	letters_enter_text(me, ret);
	return ret;
}

static int receive_somehow(struct post *me, int fd)
{
	struct mbx_recv args;

	switch (pick(me, 24)) {
	case 0:
		return peek(me, fd);
	case 1:
		spoil(me, fd, true);
		return 0;
	case 2:
		spoil(me, fd, false);
		return 0;
	case 3:
		return read_one(me, fd);
	default:
		args = choose(me);
		return letters_receive(me, fd, 1 + pick(me, BATCH), &args);
	}
}

static int be_receiver(struct post *me)
{
	int fd = box_attach(me->box, MBX_READ, chance(me, 2)), ret;

	for (;;) {
		ret = receive_somehow(me, fd);
		ENDS(me, "receive", ret, EAGAIN, EINTR, ETIMEDOUT);
		beat(me);
	}
	return 0;
}

const struct trade receiver_trade = {
	.name = "receiver",
	.work = be_receiver,
};
