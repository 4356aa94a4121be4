// SPDX-License-Identifier: GPL-2.0-only
/* Mailboxes, with each allocation and copy failing in turn. */
#include "fail_nth.h"

#include <sys/epoll.h>

#include "fail_call.h"

/* --- SEND --- */

/* The newest message is this one; taken out again. */
static bool sent(struct scene *scene, const char *text, __u64 tag)
{
	struct letter letter;

	return take(scene->fd, &letter,
		    .flags = MBX_RECV_NONBLOCK | MBX_RECV_BY_TAG,
		    .tag = tag) == 1 &&
	       !strcmp(letter.text, text);
}

#define SENT_TAG 100

static int send_small(struct scene *scene)
{
	return send_waiting(scene->fd, "sent", .tag = SENT_TAG);
}

static int send_at_once(struct scene *scene)
{
	return send_text(scene->fd, "sent", .tag = SENT_TAG);
}

static bool sent_small(struct scene *scene, int ret)
{
	return ret == 1 && sent(scene, "sent", SENT_TAG);
}

FIXTURE_VARIANT_ADD(fail, send){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.queued = 1,
	.attempt = send_small,
	.done = sent_small,
};

FIXTURE_VARIANT_ADD(fail, send_nonblock){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.queued = 1,
	.attempt = send_at_once,
	.done = sent_small,
};

static bool sent_small_as_stranger(struct scene *scene, int ret)
{
	return become_root(sent_small(scene, ret));
}

FIXTURE_VARIANT_ADD(fail, send_by_stranger){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.prepare = become_stranger,
	.attempt = send_small,
	.done = sent_small_as_stranger,
};

static int send_empty(struct scene *scene)
{
	return send_text(scene->fd, "", .tag = SENT_TAG);
}

static bool sent_empty(struct scene *scene, int ret)
{
	return ret == 1 && sent(scene, "", SENT_TAG);
}

FIXTURE_VARIANT_ADD(fail, send_empty){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.attempt = send_empty,
	.done = sent_empty,
};

static int send_many(struct scene *scene)
{
	__u32 i;

	for (i = 0; i < ARRAY_SIZE(scene->messages); i++)
		scene->messages[i] = (struct mbx_message){
			.data = (uintptr_t) "many",
			.len = 4,
			.tag = SENT_TAG + i,
		};
	return send_array(scene->fd, scene->messages, i);
}

/* A later one that fails ends the call, but is no error. */
static bool sent_many(struct scene *scene, int ret)
{
	int i;

	for (i = 0; i < ret; i++) {
		if (!sent(scene, "many", SENT_TAG + i))
			return false;
	}
	return ret > 0 && stat_of(scene->fd).msgs == 1;
}

FIXTURE_VARIANT_ADD(fail, send_many){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.queued = 1,
	.makes_up = true,
	.attempt = send_many,
	.done = sent_many,
};

static int send_big(struct scene *scene)
{
	return send_bytes(scene->fd, scene->big, BIG_SIZE, 0);
}

static bool is_big(const char *data)
{
	size_t i;

	for (i = 0; i < BIG_SIZE && data[i] == 'b'; i++)
		;
	return i == BIG_SIZE;
}

static bool sent_big(struct scene *scene, int ret)
{
	char *text = calloc(1, BIG_SIZE);
	bool same;

	same = ret == 1 && read(scene->fd, text, BIG_SIZE) == BIG_SIZE &&
	       is_big(text);
	free(text);
	return same;
}

FIXTURE_VARIANT_ADD(fail, send_big){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.attempt = send_big,
	.done = sent_big,
};

/* The oldest makes room: it must not go for a message that can't be made. */
static bool sent_and_dropped(struct scene *scene, int ret)
{
	return sent_small(scene, ret) &&
	       !strcmp(next_text(scene->fd), "second") && !scene_fill(scene, 2);
}

FIXTURE_VARIANT_ADD(fail, send_dropping){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.attr = { .overflow = MBX_OVERFLOW_DROP_OLDEST, .max_msgs = 2 },
	.queued = 2,
	.attempt = send_small,
	.done = sent_and_dropped,
};

static int receiver_peer(struct scene *scene)
{
	struct letter letter;
	int ret = take(scene->fd, &letter);

	if (ret == 1)
		scene->answer = letter;
	return ret;
}

static bool receiver_waits(struct scene *scene)
{
	return stat_of(scene->fd).waiting_receivers == 1;
}

/* Once, and all of it. */
static bool receiver_got_it(struct scene *scene, int ret)
{
	return ret == 1 && wait_until(peer_turns(scene) == scene->noted + 1) &&
	       scene->result == 1 && !strcmp(scene->answer.text, "sent");
}

FIXTURE_VARIANT_ADD(fail, send_to_waiting_receiver){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.peer = receiver_peer,
	.settled = receiver_waits,
	.prepare = note_turns,
	.attempt = send_small,
	.done = receiver_got_it,
};

/* --- RECV --- */

static int receive_now(struct scene *scene)
{
	return take_now(scene->fd, &scene->letters[0]);
}

static int receive_waiting(struct scene *scene)
{
	return take(scene->fd, &scene->letters[0]);
}

static bool refill(struct scene *scene, __u32 count)
{
	while (take_now(scene->fd, &scene->letters[3]) == 1)
		;
	return !scene_fill(scene, count);
}

static bool is_letter(const struct letter *letter, const char *text)
{
	return !strcmp(letter->text, text) && letter->msg.len == strlen(text) &&
	       letter->msg.uid == getuid() &&
	       letter->msg.pid == (__u32)getpid();
}

static bool received_first(struct scene *scene, int ret)
{
	return ret == 1 && is_letter(&scene->letters[0], "first") &&
	       scene->letters[0].msg.deliveries == 1 && refill(scene, 2);
}

FIXTURE_VARIANT_ADD(fail, recv){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS,
	.makes_up = true,
	.queued = 2,
	.attempt = receive_waiting,
	.done = received_first,
};

FIXTURE_VARIANT_ADD(fail, recv_nonblock){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS,
	.makes_up = true,
	.queued = 2,
	.attempt = receive_now,
	.done = received_first,
};

static int receive_selected(struct scene *scene)
{
	return take(scene->fd, &scene->letters[0],
		    .flags = MBX_RECV_BY_TAG | MBX_RECV_BY_PRIO |
			     MBX_RECV_BY_PID,
		    .tag = 2, .pid = getpid());
}

static bool received_second(struct scene *scene, int ret)
{
	return ret == 1 && is_letter(&scene->letters[0], "second") &&
	       refill(scene, 3);
}

FIXTURE_VARIANT_ADD(fail, recv_selected){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS,
	.makes_up = true,
	.queued = 3,
	.attempt = receive_selected,
	.done = received_second,
};

static int do_receive_many(struct scene *scene, __u32 flags)
{
	int i, ret;

	for (i = 0; i < 3; i++) {
		prepare(&scene->letters[i]);
		scene->messages[i] = scene->letters[i].msg;
	}
	ret = recv_array(scene->fd, scene->messages, 3, .flags = flags);
	for (i = 0; i < ret; i++)
		scene->letters[i].msg = scene->messages[i];
	return ret;
}

static int receive_many(struct scene *scene)
{
	return do_receive_many(scene, 0);
}

static int peek_many(struct scene *scene)
{
	return do_receive_many(scene, MBX_RECV_PEEK);
}

static bool are_letters(const struct letter *letters, int count)
{
	static const char *const texts[] = { "first", "second", "third" };
	int i;

	for (i = 0; i < count; i++) {
		if (!is_letter(&letters[i], texts[i]))
			return false;
	}
	return count > 0;
}

/* A later one that fails stays, and ends the call, but is no error. */
static bool received_many(struct scene *scene, int ret)
{
	return are_letters(scene->letters, ret) &&
	       stat_of(scene->fd).msgs == 3 - (__u32)ret &&
	       counters_add_up(scene->fd) && refill(scene, 3);
}

static bool peeked_many(struct scene *scene, int ret)
{
	return are_letters(scene->letters, ret) && stat_of(scene->fd).msgs == 3;
}

FIXTURE_VARIANT_ADD(fail, recv_many){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS,
	.queued = 3,
	.makes_up = true,
	.attempt = receive_many,
	.done = received_many,
};

FIXTURE_VARIANT_ADD(fail, recv_peeking){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS,
	.queued = 3,
	.makes_up = true,
	.attempt = peek_many,
	.done = peeked_many,
};

/* The answer is an error: the length must be told with it. */
static int receive_into_little(struct scene *scene)
{
	prepare(&scene->letters[0]);
	scene->letters[0].msg.capacity = 2;
	return recv_array(scene->fd, &scene->letters[0].msg, 1);
}

static bool told_length(struct scene *scene, int ret)
{
	return ret == -EMSGSIZE && scene->letters[0].msg.len == 5;
}

FIXTURE_VARIANT_ADD(fail, recv_too_large){
	.cmd = MBX_IOC_RECV,
	.errors = FAULTS,
	.queued = 2,
	.attempt = receive_into_little,
	.done = told_length,
};

/* --- MAILBOX_STAT --- */

static int get_stat(struct scene *scene)
{
	struct mbx_mailbox_stat args = { .size = sizeof(args) };
	int ret = call(scene->fd, MBX_IOC_MAILBOX_STAT, &args);

	return ret < 0 ? ret : (int)args.msgs;
}

static bool returned_2(struct scene *scene, int ret)
{
	return ret == 2;
}

FIXTURE_VARIANT_ADD(fail, mailbox_stat){
	.cmd = MBX_IOC_MAILBOX_STAT,
	.errors = FAULTS,
	.queued = 2,
	.attempt = get_stat,
	.done = returned_2,
};

/* --- read(2) and write(2) --- */

static int read_small(struct scene *scene)
{
	memset(&scene->letters[0], 0, sizeof(scene->letters[0]));
	return result_of(read(scene->fd, scene->letters[0].text, 16));
}

static bool was_read(struct scene *scene, int ret)
{
	return ret == 5 && !strcmp(scene->letters[0].text, "first") &&
	       refill(scene, 2);
}

FIXTURE_VARIANT_ADD(fail, read){
	.errors = FAULTS,
	.makes_up = true,
	.queued = 2,
	.attempt = read_small,
	.done = was_read,
};

static int write_small(struct scene *scene)
{
	return result_of(write(scene->fd, "sent", 4));
}

/* Of a size that a processor keeps, which has to be the same one each time. */
static int stay(struct scene *scene)
{
	return stay_here();
}

static int send_medium(struct scene *scene)
{
	return send_bytes(scene->fd, scene->big, 1000, 0);
}

static bool sent_medium(struct scene *scene, int ret)
{
	char text[1000] = "";
	struct mbx_message msg = { .data = (uintptr_t)text,
				   .capacity = sizeof(text) };

	return ret == 1 && recv_array(scene->fd, &msg, 1) == 1 &&
	       msg.len == sizeof(text) && !memcmp(text, scene->big, msg.len);
}

FIXTURE_VARIANT_ADD(fail, send_medium){
	.cmd = MBX_IOC_SEND,
	.errors = FAULTS | NO_MEMORY,
	.prepare = stay,
	.attempt = send_medium,
	.done = sent_medium,
};

static int write_big(struct scene *scene)
{
	return result_of(write(scene->fd, scene->big, BIG_SIZE));
}

static bool was_written(struct scene *scene, int ret)
{
	return ret == 4 && sent(scene, "sent", 0);
}

static bool big_was_written(struct scene *scene, int ret)
{
	return ret == BIG_SIZE && sent_big(scene, 1);
}

FIXTURE_VARIANT_ADD(fail, write){
	.errors = FAULTS | NO_MEMORY,
	.queued = 2,
	.attempt = write_small,
	.done = was_written,
};

FIXTURE_VARIANT_ADD(fail, write_big){
	.errors = FAULTS | NO_MEMORY,
	.attempt = write_big,
	.done = big_was_written,
};

static bool was_written_and_dropped(struct scene *scene, int ret)
{
	return was_written(scene, ret) &&
	       !strcmp(next_text(scene->fd), "second") && !scene_fill(scene, 2);
}

FIXTURE_VARIANT_ADD(fail, write_dropping){
	.errors = FAULTS | NO_MEMORY,
	.attr = { .overflow = MBX_OVERFLOW_DROP_OLDEST, .max_msgs = 2 },
	.queued = 2,
	.attempt = write_small,
	.done = was_written_and_dropped,
};

/* --- poll and epoll --- */

static int poll_once(struct scene *scene)
{
	struct pollfd pfd = { .fd = scene->fd, .events = POLLIN };

	return result_of(poll(&pfd, 1, 0)) ?: -EAGAIN;
}

static bool returned_1(struct scene *scene, int ret)
{
	return ret == 1;
}

FIXTURE_VARIANT_ADD(fail, poll){
	.errors = FAULTS | NO_MEMORY,
	.queued = 1,
	.attempt = poll_once,
	.done = returned_1,
};

static int make_epoll(struct scene *scene)
{
	if (scene->made < 0)
		scene->made = epoll_create1(EPOLL_CLOEXEC);
	return result_of(scene->made) < 0 ? -errno : 0;
}

static int add_to_epoll(struct scene *scene)
{
	struct epoll_event event = { .events = EPOLLIN };

	return result_of(
		epoll_ctl(scene->made, EPOLL_CTL_ADD, scene->fd, &event));
}

/* It tells of a message: then the two know each other. */
static bool was_added(struct scene *scene, int ret)
{
	struct epoll_event event;

	return ret == 0 && !epoll_wait(scene->made, &event, 1, 0) &&
	       send_text(scene->fd, "sent") == 1 &&
	       epoll_wait(scene->made, &event, 1, 0) == 1 &&
	       sent(scene, "sent", 0) &&
	       !epoll_ctl(scene->made, EPOLL_CTL_DEL, scene->fd, NULL);
}

FIXTURE_VARIANT_ADD(fail, epoll_add){
	.errors = FAULTS | NO_MEMORY,
	.prepare = make_epoll,
	.attempt = add_to_epoll,
	.done = was_added,
};

/* --- /proc/PID/fdinfo --- */

static int open_fdinfo(struct scene *scene)
{
	char path[64];

	if (scene->made >= 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", scene->fd);
	scene->made = open(path, O_RDONLY | O_CLOEXEC);
	return scene->made < 0 ? -errno : 0;
}

static int read_fdinfo(struct scene *scene)
{
	memset(scene->big, 0, BIG_SIZE);
	return result_of(pread(scene->made, scene->big, BIG_SIZE - 1, 0));
}

static bool fdinfo_tells(struct scene *scene, int ret)
{
	return ret > 0 && strstr(scene->big, "mbx-msgs:\t2\n");
}

FIXTURE_VARIANT_ADD(fail, read_fdinfo){
	.errors = FAULTS | NO_MEMORY,
	.queued = 2,
	.prepare = open_fdinfo,
	.attempt = read_fdinfo,
	.done = fdinfo_tells,
};

ALL_COMMANDS_ARE_TRIED(ON_MAILBOX)

TEST_HARNESS_MAIN
