/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trials of calls, with a server or a caller on the other side, which must not
 * notice that this side has failed
 */
#ifndef MBX_TEST_FAIL_CALL_H
#define MBX_TEST_FAIL_CALL_H

#include "fail_nth.h"

/* --- CALL: the other side serves --- */

/* A turn is a request that has been answered. */
static int server_peer(struct scene *scene)
{
	struct letter letter;
	int ret = take(scene->fd, &letter);

	if (ret == 1)
		ret = reply_text(scene->fd, letter.msg.token, "answer");
	return ret;
}

static bool server_waits(struct scene *scene)
{
	return stat_of(scene->fd).waiting_receivers == 1;
}

static int ask_server(struct scene *scene)
{
	return ask(scene->fd, "question", &scene->letters[0]);
}

/* The request has been served; what could not be had is the answer. */
static bool was_served(struct scene *scene, int ret)
{
	return peer_turns(scene) == scene->noted + 1 && scene->result == 0 &&
	       ret == -EFAULT && counters_add_up(scene->fd) &&
	       stat_of(scene->fd).calls == 0;
}

static bool was_answered(struct scene *scene, int ret)
{
	return ret == 0 && !strcmp(scene->letters[0].text, "answer") &&
	       wait_until(peer_turns(scene) == scene->noted + 1);
}

FIXTURE_VARIANT_ADD(fail, call){
	.cmd = MBX_IOC_CALL,
	.errors = FAULTS | NO_MEMORY,
	.peer = server_peer,
	.settled = server_waits,
	.prepare = note_turns,
	.attempt = ask_server,
	.excused = was_served,
	.done = was_answered,
};

static int ask_at_once(struct scene *scene)
{
	struct mbx_message request = { .data = (uintptr_t)scene->big,
				       .len = 32 };

	prepare(&scene->letters[0]);
	return call_message(scene->fd, &request, &scene->letters[0].msg,
			    .flags = MBX_CALL_NONBLOCK);
}

FIXTURE_VARIANT_ADD(fail, call_nonblock){
	.cmd = MBX_IOC_CALL,
	.errors = FAULTS | NO_MEMORY,
	.peer = server_peer,
	.settled = server_waits,
	.prepare = note_turns,
	.attempt = ask_at_once,
	.excused = was_served,
	.done = was_answered,
};

/* --- RECV and REPLY: the other side calls --- */

/* A turn is a call that has ended. */
static int caller_peer(struct scene *scene)
{
	struct letter answer;
	int ret = ask(scene->fd, "question", &answer);

	if (!ret)
		scene->answer = answer;
	return ret;
}

static bool request_is_queued(struct scene *scene)
{
	struct mbx_mailbox_stat st = stat_of(scene->fd);

	return st.calls == 1 && st.msgs == 1;
}

static int receive_request(struct scene *scene)
{
	return take(scene->fd, &scene->letters[0]);
}

/* The caller waits for this one, and gets what is now sent to it. */
static bool caller_gets(struct scene *scene, __u64 token, const char *text)
{
	__u32 turns = peer_turns(scene);

	return query(scene->fd, token) == 0 &&
	       reply_text(scene->fd, token, text) == 0 &&
	       wait_until(peer_turns(scene) == turns + 1) &&
	       scene->result == 0 && !strcmp(scene->answer.text, text);
}

static bool received_request(struct scene *scene, int ret)
{
	return ret == 1 && !strcmp(scene->letters[0].text, "question") &&
	       (scene->letters[0].msg.flags & MBX_MSG_CALL) &&
	       caller_gets(scene, scene->letters[0].msg.token, "answer");
}

FIXTURE_VARIANT_ADD(fail, recv_request){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.peer = caller_peer,
	.settled = request_is_queued,
	.attempt = receive_request,
	.done = received_request,
};

static int take_request(struct scene *scene)
{
	int ret;

	if (!wait_until(request_is_queued(scene)))
		return -ETIMEDOUT;
	note_turns(scene);
	ret = take_now(scene->fd, &scene->letters[0]);
	scene->token = scene->letters[0].msg.token;
	return ret < 0 ? ret : 0;
}

/*
 * Requests whose caller has given up hold all places of the newest tokens. What is
 * received then has to have one in a table, which takes memory; the kernel tries
 * twice to get that.
 */
static int fill_places(struct scene *scene)
{
	int i, ret = 0;

	if (scene->token)
		return 0;
	for (i = 0; i < TOKEN_PLACES && !ret; i++) {
		ret = take_request(scene);
		pthread_kill(scene->thread, SIGUSR1);
		if (!ret &&
		    !wait_until(query(scene->fd, scene->token) == -ESRCH))
			ret = -ETIMEDOUT;
	}
	return ret;
}

FIXTURE_VARIANT_ADD(fail, recv_one_of_many_requests){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.peer = caller_peer,
	.settled = request_is_queued,
	.prepare = fill_places,
	.attempt = receive_request,
	.done = received_request,
};

/* That is also: the token is good, and the caller waits. */
static bool token_is_good(struct scene *scene)
{
	return query(scene->fd, scene->token) == 0;
}

static int reply_small(struct scene *scene)
{
	return reply_text(scene->fd, scene->token, "answer");
}

static bool caller_was_answered(struct scene *scene)
{
	return wait_until(peer_turns(scene) == scene->noted + 1) &&
	       scene->result == 0 && !strcmp(scene->answer.text, "answer");
}

static bool has_replied(struct scene *scene, int ret)
{
	return ret == 0 && query(scene->fd, scene->token) == -EINVAL &&
	       caller_was_answered(scene);
}

FIXTURE_VARIANT_ADD(fail, reply){
	.cmd = MBX_IOC_REPLY,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.peer = caller_peer,
	.settled = token_is_good,
	.prepare = take_request,
	.attempt = reply_small,
	.done = has_replied,
};

static int reply_as_stranger(struct scene *scene)
{
	return take_request(scene) ?: become_stranger(scene);
}

static bool has_replied_as_stranger(struct scene *scene, int ret)
{
	return become_root(has_replied(scene, ret));
}

FIXTURE_VARIANT_ADD(fail, reply_by_stranger){
	.cmd = MBX_IOC_REPLY,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.peer = caller_peer,
	.settled = token_is_good,
	.prepare = reply_as_stranger,
	.attempt = reply_small,
	.done = has_replied_as_stranger,
};

static int query_token(struct scene *scene)
{
	return query(scene->fd, scene->token);
}

static bool is_asked_for(struct scene *scene, int ret)
{
	return ret == 0 && caller_gets(scene, scene->token, "answer");
}

FIXTURE_VARIANT_ADD(fail, reply_query){
	.cmd = MBX_IOC_REPLY,
	.errors = FAULTS,
	.peer = caller_peer,
	.settled = token_is_good,
	.prepare = take_request,
	.attempt = query_token,
	.done = is_asked_for,
};

/* A reply, and a message for the receive that follows: no request. */
#define NEXT_TAG 200

static bool take_next(struct scene *scene, struct letter *letter)
{
	return take(scene->fd, letter,
		    .flags = MBX_RECV_NONBLOCK | MBX_RECV_BY_TAG,
		    .tag = NEXT_TAG) == 1;
}

static int take_request_and_queue_next(struct scene *scene)
{
	int ret = take_request(scene);

	if (!ret)
		ret = send_text(scene->fd, "next", .tag = NEXT_TAG);
	return ret < 0 ? ret : 0;
}

static int reply_and_receive(struct scene *scene)
{
	return reply_and_take(scene->fd, &scene->token, "answer",
			      &scene->letters[0],
			      .flags = MBX_RECV_BY_TAG | MBX_RECV_NONBLOCK,
			      .tag = NEXT_TAG);
}

/* Or the kernel has said that it is used up. */
static bool token_is_good_or_used(struct scene *scene)
{
	return scene->token ? token_is_good(scene) : caller_was_answered(scene);
}

/* That was the reply: what failed is the receive. */
static bool only_receive_failed(struct scene *scene, int ret)
{
	struct letter letter;

	return !scene->token && take_next(scene, &letter) &&
	       !strcmp(letter.text, "next") && letter.msg.deliveries == 1;
}

static bool has_replied_and_received(struct scene *scene, int ret)
{
	return ret == 1 && !scene->token && caller_was_answered(scene) &&
	       !strcmp(scene->letters[0].text, "next");
}

FIXTURE_VARIANT_ADD(fail, reply_and_recv){
	.cmd = MBX_IOC_REPLY,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.peer = caller_peer,
	.settled = token_is_good_or_used,
	.prepare = take_request_and_queue_next,
	.attempt = reply_and_receive,
	.excused = only_receive_failed,
	.done = has_replied_and_received,
};

#endif /* MBX_TEST_FAIL_CALL_H */
