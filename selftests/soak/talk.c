// SPDX-License-Identifier: GPL-2.0-only
/* Workers that call, and workers that answer. */
#include "letter.h"

/* --- callers --------------------------------------------------------------- */

static void check_reply(const struct stamp *request, const struct stamp *reply,
			const struct mbx_message *msg)
{
	verify(CHECK_REPLY,
	       msg->len == sizeof(*reply) && reply->magic == REPLY &&
		       reply->stream == request->stream &&
		       reply->number == request->number &&
		       reply->nonce == request->nonce,
	       "to number %llu of stream %u: number %llu of stream %u",
	       request->number, request->stream, reply->number, reply->stream);
}

/* The request may have been received, whatever the call says. */
static void call_once(struct post *me, int fd)
{
	__u32 stream = stream_of(me->box, me->which, pick(me, PRIOS));
	struct stamp request = {
		.magic = REQUEST,
		.stream = stream,
		.number = ledger_next(stream),
		.nonce = (__u64)next_random(&me->random) << 32 | getpid(),
		.len = letter_length(me),
	};
	__u64 text[MAX_LEN / 8 + 1];
	struct mbx_message msg, answer;
	struct stamp reply;
	int ret;

	letter_write(&msg, text, request);
	answer = (struct mbx_message){ .data = (uintptr_t)&reply,
				       .capacity = sizeof(reply) };
	ledger_intend(stream, 1);
	ret = call_message(fd, &msg, &answer,
			   .deadline_ns = chance(me, 3) ? soon(me) : 0,
			   .flags = chance(me, 4) ? MBX_CALL_NONBLOCK : 0);
	if (!ret) {
		ledger_sent(stream, 1);
		count_op(OP_CALLED, 1);
		check_reply(&request, &reply, &answer);
	} else {
		ledger_unsure(stream);
	}
	ENDS(me, "call", ret, EAGAIN, ECONNRESET, EINTR, ETIMEDOUT);
}

/* A message for the server that wants no reply. */
static void tell(struct post *me, int fd)
{
	__u32 stream = stream_of(me->box, me->which, pick(me, PRIOS));
	__u64 text[MAX_LEN / 8 + 1];
	struct mbx_message msg;
	int ret;

	letter_write(&msg, text,
		     (struct stamp){ .magic = LETTER,
				     .stream = stream,
				     .number = ledger_next(stream),
				     .len = letter_length(me) });
	ledger_intend(stream, 1);
	ret = send_array(fd, &msg, 1, .deadline_ns = soon(me));
	ledger_sent(stream, ret == 1);
	if (ret == 1)
		count_op(OP_SENT, 1);
	ENDS(me, "tell", ret, EAGAIN, EINTR, ETIMEDOUT);
}

static int be_caller(struct post *me)
{
	int fd = box_attach(me->box, MBX_WRITE, chance(me, 2));

	for (;;) {
		if (chance(me, 8))
			tell(me, fd);
		else
			call_once(me, fd);
		beat(me);
	}
	return 0;
}

const struct trade caller_trade = {
	.name = "caller",
	.work = be_caller,
	.sends = true,
	.others = true,
};

/* --- servers --------------------------------------------------------------- */

struct answer {
	__u64 token;
	struct stamp stamp;
	struct mbx_message msg;
};

static void prepare_answer(const struct post *me, int i, struct answer *answer)
{
	answer->token = me->msgs[i].token;
	answer->stamp = *letter_stamp(me, i);
	verify(CHECK_CONTENT,
	       !answer->token == (answer->stamp.magic != REQUEST),
	       "token %llu, magic %#x", answer->token, answer->stamp.magic);
	answer->stamp.magic = REPLY;
	answer->msg = (struct mbx_message){ .data = (uintptr_t)&answer->stamp,
					    .len = sizeof(answer->stamp) };
}

/* Some at once, to be answered in another order. */
static void serve_batch(struct post *me, int fd)
{
	struct mbx_recv args = { .deadline_ns = soon(me) };
	struct answer answers[BATCH];
	int ret, i;

	ret = letters_receive(me, fd, 1 + pick(me, BATCH), &args);
	ENDS(me, "receive requests", ret, EAGAIN, EINTR, ETIMEDOUT);
	for (i = 0; i < ret; i++)
		prepare_answer(me, i, &answers[i]);
	for (i = ret - 1; i >= 0; i--) {
		if (!answers[i].token)
			continue;
		if (chance(me, 4))
			ENDS(me, "query", query(fd, answers[i].token), ESRCH);
		ENDS(me, "reply",
		     do_reply(fd,
			      (struct mbx_reply){
				      .token = answers[i].token,
				      .message = (uintptr_t)&answers[i].msg }),
		     ESRCH);
	}
}

/* Answer one and receive the next, in one call. */
static int answer_and_receive(struct post *me, int fd, struct answer *answer)
{
	struct mbx_recv recv = {
		.size = sizeof(recv),
		.messages = (uintptr_t)me->msgs,
		.count = 1,
		.elem_size = sizeof(me->msgs[0]),
	};
	int ret;

	letters_prepare(me, 1);
	ret = do_reply(fd, (struct mbx_reply){
				   .flags = MBX_REPLY_RECV,
				   .token = answer->token,
				   .message = (uintptr_t)&answer->msg,
				   .recv = (uintptr_t)&recv,
			   });
	letters_enter(me, ret, &recv);
	return ret;
}

static int be_server(struct post *me)
{
	int fd = box_attach(me->box, MBX_READ, chance(me, 2)), ret;
	struct answer answer = { 0 };

	for (;;) {
		ret = answer_and_receive(me, fd, &answer);
		ENDS(me, "reply and receive", ret, EINTR, ESRCH);
		beat(me);
		answer.token = 0;
		if (ret == 1)
			prepare_answer(me, 0, &answer);
		/* The one at hand is answered first. */
		if (!answer.token && chance(me, 3))
			serve_batch(me, fd);
	}
	return 0;
}

const struct trade server_trade = {
	.name = "server",
	.work = be_server,
};
