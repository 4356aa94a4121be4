// SPDX-License-Identifier: GPL-2.0-only
/*
 * Servers and callers that are killed at random moments
 *
 * Four callers call; a server answers. Every call ends with the reply to it or
 * an error, soon after the kill, and nothing is left in the end. The number of
 * kills can be set in the environment: MBX_KILLS.
 */
#include "call.h"

#include <stdatomic.h>
#include <sys/mman.h>

#define CALLERS 4

/* What the processes share. */
struct scene {
	atomic_ulong replies;
	atomic_ulong errors; /* that a server's end has caused */
	atomic_ulong killed_ns; /* when a server was killed */
	atomic_ulong slowest_ns; /* from a server's end to that of a call */
	atomic_int server; /* process id, for those who call it directly */
	atomic_bool end;
};

FIXTURE(storm)
{
	char name[NAME_SIZE];
	int fd; /* neither serves nor calls */
	struct mbx_info before;
	struct scene *scene;
	pid_t server;
	pid_t callers[CALLERS];
};

FIXTURE_VARIANT(storm)
{
	bool direct;
	bool kill_servers;
	bool kill_callers;
};

FIXTURE_VARIANT_ADD(storm, servers_killed){
	.kill_servers = true,
};

FIXTURE_VARIANT_ADD(storm, callers_killed){
	.kill_callers = true,
};

FIXTURE_VARIANT_ADD(storm, both_killed){
	.kill_servers = true,
	.kill_callers = true,
};

FIXTURE_VARIANT_ADD(storm, direct_servers_killed){
	.direct = true,
	.kill_servers = true,
};

FIXTURE_VARIANT_ADD(storm, direct_both_killed){
	.direct = true,
	.kill_servers = true,
	.kill_callers = true,
};

FIXTURE_SETUP(storm)
{
	unique_name(self->name, "it");
	self->fd = open_mailbox(self->name, CREATE,
				.lifetime = MBX_LIFE_LAST_CLOSE);
	ASSERT_LE(0, self->fd);
	self->before = info();
	self->scene = mmap(NULL, sizeof(*self->scene), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->scene);
	srand(getpid());
}

FIXTURE_TEARDOWN(storm)
{
	close(self->fd);
}

/* A mailbox and the scene, for a child. */
struct role {
	const char *name; /* or NULL: direct */
	struct scene *scene;
	int fd; /* inherited, not to be held */
};

/* Holds each request for some moments, for a kill to fall into. */
static int serve_at_leisure(int fd)
{
	char text[sizeof(((struct letter *)NULL)->text)] = "";
	struct letter letter;
	__u64 token = 0;
	int ret, moments;

	srand(getpid());
	for (;;) {
		ret = reply_and_take(fd, &token, text, &letter);
		if (ret < 0 && ret != -ESRCH)
			return -ret;
		token = ret < 0 ? 0 : letter.msg.token;
		strcpy(text, letter.text);
		for (moments = rand() % 8; moments; moments--)
			sched_yield();
	}
}

static int play_server(void *arg)
{
	struct role *role = arg;
	int fd;

	close(role->fd);
	fd = role->name ? open_mailbox(role->name, MBX_READ) : bind_direct(0);
	return fd < 0 ? -fd : serve_at_leisure(fd);
}

static int find_server(const struct role *role)
{
	int fd;

	if (role->name)
		return open_mailbox(role->name, MBX_WRITE);
	do {
		fd = open_direct(MBX_WRITE | MBX_WAIT_BOUND,
				 role->scene->server,
				 .deadline_ns = IN_PATIENCE);
	} while (fd == -ESRCH && !role->scene->end);
	return fd;
}

static void note_error(struct scene *scene)
{
	/* The clock is read last: meanwhile the next one may be killed. */
	unsigned long killed = scene->killed_ns, delay = now_ns() - killed;
	unsigned long slowest = scene->slowest_ns;

	scene->errors++;
	while (delay > slowest && !atomic_compare_exchange_weak(
					  &scene->slowest_ns, &slowest, delay))
		;
}

/* 0, or what no end of a server explains. */
static int call_once(struct role *role, int fd, const char *text)
{
	struct letter reply;
	int ret = ask(fd, text, &reply, .deadline_ns = IN_PATIENCE);

	if (ret == -ECONNRESET || (ret == -ESRCH && !role->name)) {
		note_error(role->scene);
		return 0;
	}
	if (ret)
		return -ret;
	role->scene->replies++;
	return strcmp(text, reply.text) ? EPROTO : 0;
}

static int play_caller(void *arg)
{
	struct role *role = arg;
	int i, fd = -1, status = 0;
	char text[32];

	for (i = 0; !status && !role->scene->end; i++) {
		/* A direct mailbox is gone with its server. */
		if (fd < 0 || (!role->name && poll_now(fd, 0))) {
			close(fd);
			fd = find_server(role);
		}
		if (fd < 0)
			return role->scene->end ? 0 : -fd;
		snprintf(text, sizeof(text), "%d %d", getpid(), i);
		status = call_once(role, fd, text);
	}
	return status;
}

static pid_t spawn_role(const FIXTURE_DATA(storm) * self, bool direct,
			child_fn *fn)
{
	struct role role = { direct ? NULL : self->name, self->scene,
			     self->fd };

	return spawn(fn, &role);
}

/* Returns whether some calls have been answered, and some moments have passed. */
static bool let_it_rage(struct scene *scene)
{
	unsigned long enough = scene->replies + 1 + rand() % 8;
	int moments = rand() % 30;

	if (!wait_until(scene->replies >= enough))
		return false;
	while (moments--)
		sched_yield();
	return true;
}

/* Who is dead holds nothing: what waits for a reply is in the queue. */
static bool only_queued(int fd)
{
	struct mbx_mailbox_stat st = stat_of(fd);

	return st.calls == st.msgs;
}

static int kill_server(FIXTURE_DATA(storm) * self, bool direct)
{
	int status;

	self->scene->killed_ns = now_ns();
	status = kill_and_reap(self->server);
	if (!direct && !only_queued(self->fd))
		return -EPROTO;
	self->server = spawn_role(self, direct, play_server);
	self->scene->server = self->server;
	return status;
}

static int kill_caller(FIXTURE_DATA(storm) * self, bool direct)
{
	int i = rand() % CALLERS, status = kill_and_reap(self->callers[i]);

	self->callers[i] = spawn_role(self, direct, play_caller);
	return status;
}

TEST_F_TIMEOUT(storm, leaves_every_call_answered_or_ended, 3600)
{
	unsigned long n;
	int i;

	self->server = spawn_role(self, variant->direct, play_server);
	self->scene->server = self->server;
	for (i = 0; i < CALLERS; i++)
		self->callers[i] =
			spawn_role(self, variant->direct, play_caller);
	for (n = amount("MBX_KILLS", 40); n; n--) {
		ASSERT_TRUE(let_it_rage(self->scene));
		if (variant->kill_servers)
			ASSERT_EQ(KILLED_BY(SIGKILL),
				  kill_server(self, variant->direct));
		if (variant->kill_callers)
			ASSERT_EQ(KILLED_BY(SIGKILL),
				  kill_caller(self, variant->direct));
	}
	self->scene->end = true;
	for (i = 0; i < CALLERS; i++)
		EXPECT_EQ(0, reap(self->callers[i]));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(self->server));
	TH_LOG("%lu replies, %lu errors, slowest %lu us", self->scene->replies,
	       self->scene->errors, self->scene->slowest_ns / 1000);
	EXPECT_GT(NSEC_PER_SEC, self->scene->slowest_ns);
	EXPECT_EQ(0, stat_of(self->fd).calls);
	EXPECT_EQ(0, stat_of(self->fd).msgs);
	EXPECT_TRUE(counters_add_up(self->fd));
	EXPECT_EQ(self->before.used_objects, info().used_objects);
	EXPECT_EQ(self->before.used_msg_bytes, info().used_msg_bytes);
}

TEST_HARNESS_MAIN
