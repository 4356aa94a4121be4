// SPDX-License-Identifier: GPL-2.0-only
/* Races with the end of objects: closing, unlinking, dying, polling at once. */
#include "blocked.h"
#include "race.h"
#include "region.h"

#include <sys/epoll.h>

#define ROUNDS ((int)amount(NULL, 400))

FIXTURE(teardown)
{
	char name[NAME_SIZE];
	__u64 objects;
};

FIXTURE_VARIANT(teardown)
{
	enum mbx_kind kind;
};

FIXTURE_VARIANT_ADD(teardown, mailbox){
	.kind = MBX_KIND_MAILBOX,
};

FIXTURE_VARIANT_ADD(teardown, region){
	.kind = MBX_KIND_REGION,
};

FIXTURE_SETUP(teardown)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
	self->objects = info().used_objects;
}

FIXTURE_TEARDOWN(teardown)
{
	unlink_name(self->name);
	EXPECT_EQ(self->objects, info().used_objects);
}

static int create(enum mbx_kind kind, const char *name, __u32 flags,
		  __u32 lifetime)
{
	if (kind == MBX_KIND_MAILBOX)
		return open_mailbox(name, RDWR | MBX_CREATE | flags,
				    .lifetime = lifetime);
	return open_region(name, RDWR | MBX_CREATE | flags,
			   .lifetime = lifetime, .bytes = 1);
}

static int attach(enum mbx_kind kind, const char *name)
{
	return kind == MBX_KIND_MAILBOX ? open_mailbox(name, RDWR) :
					  open_region(name, RDWR);
}

static void poll_events(void *arg)
{
	struct epoll_event events[8];

	epoll_wait(*(int *)arg, events, 8, 1);
}

/* Ends what is in an epoll, in all the ways there are. */
static void end_object(const char *name, int owner, int fd, int how)
{
	switch (how) {
	case 0:
		close(fd);
		close(owner);
		break;
	case 1:
		close(owner);
		close(fd);
		break;
	case 2:
		unlink_name(name);
		close(owner);
		close(fd);
		break;
	default:
		/* The epoll is all that is left of it. */
		close(owner);
		unlink_name(name);
		close(fd);
	}
}

/*
 * The thread that polls may hold a file for a moment longer than the one that
 * closes it; so each round has a name of its own.
 */
TEST_F_TIMEOUT(teardown, against_epoll, 90)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), i, owner, fd;
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	char name[NAME_SIZE + 16];
	struct racer poller;

	ASSERT_EQ(0, racer_begin(&poller, poll_events, &epoll));
	for (i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "%s/%d", self->name, i);
		owner = create(variant->kind, name, 0, MBX_LIFE_OWNER);
		fd = attach(variant->kind, name);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
		ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, owner, &event));
		end_object(name, owner, fd, i % 4);
	}
	racer_end(&poller);
	close(epoll);
}

TEST_F_TIMEOUT(teardown, of_an_epoll_against_the_object, 90)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int i, fd, epoll;

	for (i = 0; i < ROUNDS; i++) {
		fd = create(variant->kind, NULL, 0, MBX_LIFE_OWNER);
		epoll = epoll_create1(EPOLL_CLOEXEC);
		ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
		if (i % 2)
			close(fd);
		close(epoll);
		if (i % 2 == 0)
			close(fd);
	}
}

/* A child owns the object; the parent's threads wait for it in every way. */
struct owner {
	enum mbx_kind kind;
	const char *name;
	struct gate ready;
};

static int own_until_killed(void *arg)
{
	struct owner *owner = arg;

	create(owner->kind, owner->name, 0, MBX_LIFE_OWNER);
	gate_open(&owner->ready);
	return sleep_forever(NULL);
}

struct survivor {
	int fd;
	enum mbx_kind kind;
	int result;
	pthread_t thread;
};

static void *wait_for_the_end(void *arg)
{
	struct survivor *me = arg;
	struct mbx_slot slot = { 0 };
	struct letter letter;

	if (me->kind == MBX_KIND_MAILBOX)
		me->result = take(me->fd, &letter);
	else
		me->result = wait_slots(me->fd, &slot, 1);
	return NULL;
}

static void *poll_for_the_end(void *arg)
{
	struct survivor *me = arg;

	me->result = poll_wait(me->fd, 0);
	return NULL;
}

TEST_F_TIMEOUT(teardown, by_the_owners_death_ends_all_that_waits, 90)
{
	struct owner owner = { .kind = variant->kind, .name = self->name };
	struct survivor waiting[4];
	int round, i, rounds = ROUNDS / 8;
	pid_t child;

	ASSERT_EQ(0, gate_init(&owner.ready));
	for (round = 0; round < rounds; round++) {
		child = spawn(own_until_killed, &owner);
		ASSERT_TRUE(gate_wait(&owner.ready));
		for (i = 0; i < 4; i++) {
			waiting[i].kind = variant->kind;
			waiting[i].fd = attach(variant->kind, self->name);
			ASSERT_LE(0, waiting[i].fd);
			pthread_create(&waiting[i].thread, NULL,
				       i % 2 ? wait_for_the_end :
					       poll_for_the_end,
				       &waiting[i]);
		}
		/* Not when they all wait: at any moment. */
		kill(child, SIGKILL);
		for (i = 0; i < 4; i++) {
			pthread_join(waiting[i].thread, NULL);
			EXPECT_EQ(i % 2 ? -EOWNERDEAD : POLLHUP,
				  waiting[i].result);
			close(waiting[i].fd);
		}
		EXPECT_EQ(KILLED_BY(SIGKILL), reap(child));
	}
}

struct name_racer {
	enum mbx_kind kind;
	const char *name;
	int unexpected;
};

static void create_and_close(void *arg)
{
	struct name_racer *me = arg;
	int fd = create(me->kind, me->name, 0, MBX_LIFE_LAST_CLOSE);

	if (fd < 0)
		me->unexpected = fd;
	else
		close(fd);
}

/* Whoever comes while the last one leaves finds the old object or makes a new one. */
TEST_F_TIMEOUT(teardown, by_last_close_against_creation_never_fails_it, 90)
{
	struct name_racer other = { variant->kind, self->name, 0 }, me = other;
	struct racer racer;
	int i;

	ASSERT_EQ(0, racer_begin(&racer, create_and_close, &other));
	for (i = 0; i < 4 * ROUNDS; i++)
		create_and_close(&me);
	racer_end(&racer);
	EXPECT_EQ(0, me.unexpected);
	EXPECT_EQ(0, other.unexpected);
	EXPECT_EQ(-ENOENT, attach(variant->kind, self->name));
}

static void unlink_turn(void *arg)
{
	struct name_racer *me = arg;
	int ret = unlink_name(me->name);

	if (ret != 0 && ret != -ENOENT)
		me->unexpected = ret;
}

TEST_F_TIMEOUT(teardown, by_unlinking_against_creation_and_opening, 90)
{
	struct name_racer other = { variant->kind, self->name, 0 };
	struct racer racer;
	int i, fd, created = 0;

	ASSERT_EQ(0, racer_begin(&racer, unlink_turn, &other));
	for (i = 0; i < 4 * ROUNDS; i++) {
		fd = create(variant->kind, self->name, MBX_EXCL,
			    MBX_LIFE_PERSIST);
		EXPECT_TRUE(fd >= 0 || fd == -EEXIST);
		created += fd >= 0;
		if (fd >= 0)
			close(fd);
		fd = attach(variant->kind, self->name);
		EXPECT_TRUE(fd >= 0 || fd == -ENOENT);
		if (fd >= 0)
			close(fd);
	}
	racer_end(&racer);
	EXPECT_EQ(0, other.unexpected);
	EXPECT_LT(0, created);
}

struct unlinker {
	const char *name;
	int start;
	int wins;
};

static void unlink_on_signal(void *arg)
{
	struct unlinker *me = arg;

	if (__atomic_exchange_n(&me->start, 0, __ATOMIC_ACQ_REL) &&
	    !unlink_name(me->name))
		__atomic_add_fetch(&me->wins, 1, __ATOMIC_ACQ_REL);
}

TEST_F_TIMEOUT(teardown, by_two_unlinkers_has_one_winner, 90)
{
	struct unlinker other = { .name = self->name };
	int i, wins = 0;
	struct racer racer;

	ASSERT_EQ(0, racer_begin(&racer, unlink_on_signal, &other));
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, close(create(variant->kind, self->name, MBX_EXCL,
					  MBX_LIFE_PERSIST)));
		__atomic_store_n(&other.start, 1, __ATOMIC_RELEASE);
		wins += !unlink_name(self->name);
		ASSERT_SOON(!__atomic_load_n(&other.start, __ATOMIC_ACQUIRE));
		ASSERT_SOON(
			wins + __atomic_load_n(&other.wins, __ATOMIC_ACQUIRE) >=
			i + 1);
	}
	racer_end(&racer);
	EXPECT_EQ(ROUNDS, wins + other.wins);
}

/* Subscriptions come and go while others notify. */
FIXTURE(region_race)
{
	char name[NAME_SIZE];
	int fd;
	__u32 *seq;
};

FIXTURE_SETUP(region_race)
{
	unique_name(self->name, "it");
	self->fd = open_region(self->name, CREATE, .bytes = 1, .slots = 4,
			       .lifetime = MBX_LIFE_LAST_CLOSE);
	self->seq = map_seq(self->fd);
	ASSERT_NE(NULL, self->seq);
}

FIXTURE_TEARDOWN(region_race)
{
	close(self->fd);
}

struct notifier {
	int fd;
	__u32 *seq;
};

static void notify_all(void *arg)
{
	struct notifier *me = arg;
	__u32 slot;

	for (slot = 0; slot < 4; slot++)
		move_slot(me->seq, slot);
	notify(me->fd, 0xf);
}

TEST_F_TIMEOUT(region_race, of_subscriptions_against_notifications, 90)
{
	struct notifier other = { self->fd, self->seq };
	int i, fd, epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };
	struct racer racer;

	ASSERT_EQ(0, racer_begin(&racer, notify_all, &other));
	for (i = 0; i < ROUNDS; i++) {
		fd = open_region(self->name, MBX_READ);
		ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
		ASSERT_EQ(0, subscribe(fd, i % 15 + 1));
		/* Sooner or later each subscriber hears of it. */
		EXPECT_EQ(POLLIN, poll_wait(fd, POLLIN));
		if (i % 2)
			ASSERT_EQ(0, subscribe(fd, 0));
		close(fd);
	}
	racer_end(&racer);
	EXPECT_EQ(0, region_stat(self->fd).subscribers);
	EXPECT_EQ(0, word(map_waiters(self->fd)));
}

TEST_F_TIMEOUT(region_race, of_deadlines_against_notifications, 90)
{
	struct notifier other = { self->fd, self->seq };
	struct mbx_slot slots[4] = {
		{ 0 }, { .slot = 1 }, { .slot = 2 }, { .slot = 3 }
	};
	struct racer racer;
	__u32 random = 1;
	int i, ret = 1;

	ASSERT_EQ(0, racer_begin(&racer, notify_all, &other));
	for (i = 0; i < 10 * ROUNDS && (ret > 0 || ret == -ETIMEDOUT); i++)
		ret = wait_slots(self->fd, slots, 4,
				 .deadline_ns = now_ns() +
						next_random(&random) % 50000);
	racer_end(&racer);
	EXPECT_EQ(10 * ROUNDS, i) TH_LOG("wait returned %d", ret);
	EXPECT_EQ(0, region_stat(self->fd).waiters);
	EXPECT_EQ(0, word(map_waiters(self->fd)));
}

TEST_HARNESS_MAIN
