// SPDX-License-Identifier: GPL-2.0-only
/* Messages that can be recognised. */
#include "letter.h"

#define PATTERN 0x9e3779b97f4a7c15ULL

/* What stands in the n-th word, behind the stamp. */
static __u64 filling(const struct stamp *stamp, __u32 n)
{
	return stamp->number * PATTERN + stamp->stream + n;
}

__u32 letter_length(struct post *me)
{
	if (chance(me, 50))
		return MAX_LEN - pick(me, 100);
	return sizeof(struct stamp) + pick(me, chance(me, 8) ? 4096 : 64);
}

void letter_write(struct mbx_message *msg, __u64 *text, struct stamp stamp)
{
	__u32 words = stamp.len / 8, n = sizeof(stamp) / 8;

	memcpy(text, &stamp, sizeof(stamp));
	for (; n < words; n++)
		text[n] = filling(&stamp, n);
	/* The odd bytes at the end. */
	text[words] = 0;
	*msg = (struct mbx_message){
		.data = (uintptr_t)text,
		.len = stamp.len,
		.tag = stream_sender(stamp.stream),
		.prio = stream_prio(stamp.stream),
	};
}

static bool filling_is_intact(const __u64 *text, const struct stamp *stamp)
{
	__u32 words = stamp->len / 8, n = sizeof(*stamp) / 8;

	while (n < words && text[n] == filling(stamp, n))
		n++;
	return n == words;
}

static bool is_from(const struct mbx_message *msg, __u32 stream)
{
	__u32 sender = stream_sender(stream);
	__u32 uid = sender % 2 ? ALICE : 0;

	/* write(2) knows neither tag nor priority. */
	if (msg->flags & MBX_MSG_WRITE)
		return !msg->tag && !msg->prio && msg->uid == uid;
	return msg->tag == sender && msg->prio == stream_prio(stream) &&
	       msg->uid == uid && msg->gid == uid;
}

bool letter_is_intact(const struct mbx_message *msg, const struct stamp *stamp)
{
	if (!verify(CHECK_CONTENT,
		    msg->len >= sizeof(*stamp) && msg->len == stamp->len &&
			    (stamp->magic == LETTER ||
			     stamp->magic == REQUEST) &&
			    stamp->stream < STREAMS,
		    "%u bytes, stamp of %u bytes, magic %#x", msg->len,
		    stamp->len, stamp->magic))
		return false;
	verify(CHECK_CONTENT, is_from(msg, stamp->stream),
	       "tag %llu, priority %u, user %u in stream %u", msg->tag,
	       msg->prio, msg->uid, stamp->stream);
	return verify(CHECK_CONTENT,
		      filling_is_intact((const __u64 *)stamp, stamp),
		      "stream %u, number %llu is garbled", stamp->stream,
		      stamp->number);
}

void letters_prepare(struct post *me, __u32 count)
{
	__u32 i;

	for (i = 0; i < BATCH; i++)
		((struct stamp *)me->buffers[i])->magic = 0;
	for (i = 0; i < count; i++)
		me->msgs[i] = (struct mbx_message){
			.data = (uintptr_t)me->buffers[i],
			.capacity = MAX_LEN,
		};
	store(&me->receiving, 1);
}

/* Is it one of those that were asked for? */
static bool was_wanted(const struct mbx_message *msg,
		       const struct mbx_recv *args)
{
	if ((args->flags & MBX_RECV_BY_PRIO) && msg->prio < args->min_prio)
		return false;
	if ((args->flags & MBX_RECV_BY_TAG) && msg->tag != args->tag)
		return false;
	return !(args->flags & MBX_RECV_BY_PID) || msg->pid == args->pid;
}

static void enter(struct post *me, int i, const struct mbx_recv *args)
{
	const struct mbx_message *msg = &me->msgs[i];
	const struct stamp *stamp = letter_stamp(me, i);

	if (!letter_is_intact(msg, stamp))
		return;
	verify(CHECK_CONTENT, was_wanted(msg, args) && msg->deliveries == 1,
	       "stream %u: priority %u, delivered %u times", stamp->stream,
	       msg->prio, msg->deliveries);
	/* Numbers begin with 0, which here stands for none. */
	ledger_received(stamp, msg->seq + 1);
}

void letters_enter(struct post *me, int count, const struct mbx_recv *args)
{
	int i;

	for (i = 0; i < count; i++)
		enter(me, i, args);
	store(&me->receiving, 0);
	if (count > 0)
		count_op(OP_RECEIVED, count);
}

void letters_enter_text(struct post *me, ssize_t len)
{
	const struct stamp *stamp = letter_stamp(me, 0);

	if (len >= 0 && verify(CHECK_CONTENT,
			       stamp->len == len && stamp->stream < STREAMS &&
				       filling_is_intact(me->buffers[0], stamp),
			       "read %zd bytes of %u", len, stamp->len))
		ledger_received(stamp, 0);
	store(&me->receiving, 0);
	if (len >= 0)
		count_op(OP_RECEIVED, 1);
}

int letters_receive(struct post *me, int fd, __u32 count,
		    const struct mbx_recv *args)
{
	int ret;

	letters_prepare(me, count);
	ret = do_recv(fd, me->msgs, count, *args);
	letters_enter(me, ret, args);
	return ret;
}
