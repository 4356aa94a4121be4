// SPDX-License-Identifier: GPL-2.0-only
/* When objects end: persistent, with the last descriptor, with their owner. */
#include "mailbox.h"
#include "process.h"
#include "region.h"

/* The same for both kinds of object. */
FIXTURE(lifetime)
{
	char name[NAME_SIZE];
	__u64 objects; /* the user has without the test's */
};

FIXTURE_VARIANT(lifetime)
{
	enum mbx_kind kind;
};

FIXTURE_VARIANT_ADD(lifetime, mailbox){
	.kind = MBX_KIND_MAILBOX,
};

FIXTURE_VARIANT_ADD(lifetime, region){
	.kind = MBX_KIND_REGION,
};

FIXTURE_SETUP(lifetime)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
	self->objects = info().used_objects;
}

FIXTURE_TEARDOWN(lifetime)
{
	unlink_name(self->name);
}

static int create(enum mbx_kind kind, const char *name, __u32 lifetime)
{
	if (kind == MBX_KIND_MAILBOX)
		return open_mailbox(name, CREATE, .lifetime = lifetime);
	return open_region(name, CREATE, .lifetime = lifetime, .bytes = 1);
}

static int attach(enum mbx_kind kind, const char *name)
{
	return kind == MBX_KIND_MAILBOX ? open_mailbox(name, RDWR) :
					  open_region(name, RDWR);
}

static int exists(enum mbx_kind kind, const char *name)
{
	int fd = attach(kind, name);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 1;
}

static __u32 state_of(enum mbx_kind kind, int fd)
{
	return kind == MBX_KIND_MAILBOX ? stat_of(fd).state :
					  region_stat(fd).state;
}

static __u32 lifetime_of(enum mbx_kind kind, int fd)
{
	return kind == MBX_KIND_MAILBOX ? stat_of(fd).lifetime :
					  region_stat(fd).lifetime;
}

TEST_F(lifetime, named_object_persists_by_default)
{
	int fd = create(variant->kind, self->name, MBX_LIFE_DEFAULT);

	EXPECT_EQ(MBX_LIFE_PERSIST, lifetime_of(variant->kind, fd));
}

TEST_F(lifetime, anonymous_object_ends_with_its_descriptors_by_default)
{
	int fd = create(variant->kind, NULL, MBX_LIFE_DEFAULT);

	EXPECT_EQ(MBX_LIFE_LAST_CLOSE, lifetime_of(variant->kind, fd));
	EXPECT_EQ(self->objects + 1, info().used_objects);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(self->objects, info().used_objects);
}

TEST_F(lifetime, is_told_as_chosen)
{
	__u32 life;
	int fd;

	for (life = MBX_LIFE_PERSIST; life <= MBX_LIFE_OWNER; life++) {
		fd = create(variant->kind, self->name, life);
		EXPECT_EQ(life, lifetime_of(variant->kind, fd));
		unlink_name(self->name);
		close(fd);
	}
}

TEST_F(lifetime, persistent_object_outlives_its_descriptors)
{
	ASSERT_EQ(0,
		  close(create(variant->kind, self->name, MBX_LIFE_PERSIST)));
	EXPECT_EQ(1, exists(variant->kind, self->name));
	EXPECT_EQ(self->objects + 1, info().used_objects);
}

TEST_F(lifetime, persistent_object_ends_with_its_unlinking)
{
	ASSERT_EQ(0,
		  close(create(variant->kind, self->name, MBX_LIFE_PERSIST)));
	EXPECT_EQ(0, unlink_name(self->name));
	EXPECT_EQ(self->objects, info().used_objects);
}

TEST_F(lifetime, unlinked_persistent_object_ends_with_its_last_descriptor)
{
	int one = create(variant->kind, self->name, MBX_LIFE_PERSIST);
	int two = attach(variant->kind, self->name);

	ASSERT_EQ(0, unlink_name(self->name));
	EXPECT_EQ(0, close(one));
	EXPECT_EQ(self->objects + 1, info().used_objects);
	EXPECT_EQ(0, close(two));
	EXPECT_EQ(self->objects, info().used_objects);
}

TEST_F(lifetime, last_close_ends_it)
{
	ASSERT_EQ(0, close(create(variant->kind, self->name,
				  MBX_LIFE_LAST_CLOSE)));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
	EXPECT_EQ(self->objects, info().used_objects);
}

TEST_F(lifetime, last_close_waits_for_a_duplicate)
{
	int fd = create(variant->kind, self->name, MBX_LIFE_LAST_CLOSE),
	    copy = dup(fd);

	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(1, exists(variant->kind, self->name));
	EXPECT_EQ(0, close(copy));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
}

TEST_F(lifetime, last_close_waits_for_another_open_file)
{
	int one = create(variant->kind, self->name, MBX_LIFE_LAST_CLOSE);
	int two = attach(variant->kind, self->name);

	EXPECT_EQ(0, close(one));
	EXPECT_EQ(1, exists(variant->kind, self->name));
	EXPECT_EQ(0, close(two));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
}

TEST_F(lifetime, last_close_waits_for_a_child)
{
	int fd = create(variant->kind, self->name, MBX_LIFE_LAST_CLOSE);
	pid_t child = spawn(sleep_forever, NULL);

	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(1, exists(variant->kind, self->name));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
}

TEST_F(lifetime, last_close_waits_for_a_descriptor_on_its_way)
{
	int fd = create(variant->kind, self->name, MBX_LIFE_LAST_CLOSE),
	    pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	ASSERT_EQ(1, pass_fd(pair[0], fd));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(1, exists(variant->kind, self->name));
	fd = receive_fd(pair[1]);
	EXPECT_EQ(MBX_LIFE_LAST_CLOSE, lifetime_of(variant->kind, fd));
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
}

TEST_F(lifetime, owned_object_ends_with_its_only_holder)
{
	ASSERT_EQ(0, close(create(variant->kind, self->name, MBX_LIFE_OWNER)));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
	EXPECT_EQ(self->objects, info().used_objects);
}

TEST_F(lifetime, owners_close_takes_the_name)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER);

	ASSERT_LE(0, attach(variant->kind, self->name));
	EXPECT_EQ(0, close(owner));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
}

TEST_F(lifetime, owners_close_hangs_up_the_others)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER);
	int other = attach(variant->kind, self->name);

	EXPECT_EQ(0, poll_now(other, 0));
	EXPECT_EQ(0, close(owner));
	EXPECT_EQ(POLLHUP, poll_now(other, 0));
}

TEST_F(lifetime, owners_close_shows_in_the_state)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER);
	int other = attach(variant->kind, self->name);

	EXPECT_EQ(MBX_STATE_NAMED, state_of(variant->kind, other));
	EXPECT_EQ(0, close(owner));
	EXPECT_EQ(MBX_STATE_DEAD, state_of(variant->kind, other));
}

TEST_F(lifetime, owners_duplicate_keeps_it_alive)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER),
	    copy = dup(owner);
	int other = attach(variant->kind, self->name);

	EXPECT_EQ(0, close(owner));
	EXPECT_EQ(MBX_STATE_NAMED, state_of(variant->kind, other));
	EXPECT_EQ(0, close(copy));
	EXPECT_EQ(MBX_STATE_DEAD, state_of(variant->kind, other));
}

TEST_F(lifetime, owners_child_keeps_it_alive)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER);
	pid_t child = spawn(sleep_forever, NULL);
	int other = attach(variant->kind, self->name);

	EXPECT_EQ(0, close(owner));
	EXPECT_EQ(MBX_STATE_NAMED, state_of(variant->kind, other));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(MBX_STATE_DEAD, state_of(variant->kind, other));
}

TEST_F(lifetime, another_holder_may_leave_an_owned_object)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER);

	EXPECT_EQ(0, close(attach(variant->kind, self->name)));
	EXPECT_EQ(0, close(create(variant->kind, self->name, MBX_LIFE_OWNER)));
	EXPECT_EQ(MBX_STATE_NAMED, state_of(variant->kind, owner));
	EXPECT_EQ(0, poll_now(owner, 0));
}

TEST_F(lifetime, name_of_a_dead_object_is_free)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER);
	int other = attach(variant->kind, self->name), next;

	EXPECT_EQ(0, close(owner));
	next = create(variant->kind, self->name, MBX_LIFE_OWNER);
	EXPECT_EQ(MBX_STATE_NAMED, state_of(variant->kind, next));
	EXPECT_EQ(MBX_STATE_DEAD, state_of(variant->kind, other));
	EXPECT_EQ(0, close(other));
	EXPECT_EQ(1, exists(variant->kind, self->name));
}

TEST_F(lifetime, owned_object_can_be_unlinked_before)
{
	int owner = create(variant->kind, self->name, MBX_LIFE_OWNER);
	int other = attach(variant->kind, self->name);

	EXPECT_EQ(0, unlink_name(self->name));
	EXPECT_EQ(0, state_of(variant->kind, other));
	EXPECT_EQ(0, close(owner));
	EXPECT_EQ(MBX_STATE_DEAD, state_of(variant->kind, other));
}

TEST_F(lifetime, anonymous_object_can_have_an_owner)
{
	int owner = create(variant->kind, NULL, MBX_LIFE_OWNER);

	EXPECT_EQ(MBX_LIFE_OWNER, lifetime_of(variant->kind, owner));
	EXPECT_EQ(0, close(owner));
	EXPECT_EQ(self->objects, info().used_objects);
}

struct owner {
	enum mbx_kind kind;
	const char *name;
	struct gate ready;
};

static int own_until_killed(void *arg)
{
	struct owner *owner = arg;

	create(owner->kind, owner->name, MBX_LIFE_OWNER);
	gate_open(&owner->ready);
	return sleep_forever(NULL);
}

TEST_F(lifetime, crash_of_the_owner_is_its_close)
{
	struct owner owner = { .kind = variant->kind, .name = self->name };
	pid_t child;
	int other;

	ASSERT_EQ(0, gate_init(&owner.ready));
	child = spawn(own_until_killed, &owner);
	ASSERT_TRUE(gate_wait(&owner.ready));
	other = attach(variant->kind, self->name);
	EXPECT_EQ(MBX_STATE_NAMED, state_of(variant->kind, other));
	EXPECT_EQ(KILLED_BY(SIGKILL), kill_and_reap(child));
	EXPECT_EQ(POLLHUP, poll_wait(other, 0));
	EXPECT_EQ(MBX_STATE_DEAD, state_of(variant->kind, other));
	EXPECT_EQ(-ENOENT, exists(variant->kind, self->name));
}

/* What depends on the kind. */
FIXTURE(kept)
{
	char name[NAME_SIZE];
};

FIXTURE_SETUP(kept)
{
	ASSERT_LE(0, device());
	unique_name(self->name, "it");
}

FIXTURE_TEARDOWN(kept)
{
	unlink_name(self->name);
}

static int create_and_exit(void *arg)
{
	int mailbox = open_mailbox(arg, CREATE);

	return status_of(mailbox < 0 ? mailbox : send_text(mailbox, "will"));
}

TEST_F(kept, messages_survive_in_a_persistent_mailbox)
{
	ASSERT_EQ(0, run(create_and_exit, self->name));
	EXPECT_STREQ("will", next_text(open_mailbox(self->name, RDWR)));
}

TEST_F(kept, mapping_keeps_memory_but_not_the_name)
{
	int fd = open_region(self->name, CREATE,
			     .lifetime = MBX_LIFE_LAST_CLOSE, .bytes = 5);
	char *data = map_data(fd, 5);

	ASSERT_NE(NULL, data);
	strcpy(data, "text");
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(-ENOENT, open_region(self->name, RDWR));
	EXPECT_STREQ("text", data);
	strcpy(data, "more");
	EXPECT_STREQ("more", data);
}

TEST_F(kept, data_survives_in_a_persistent_region)
{
	int fd = open_region(self->name, CREATE, .bytes = 5);
	char *data = map_data(fd, 5);

	ASSERT_NE(NULL, data);
	strcpy(data, "text");
	EXPECT_EQ(0, munmap(data, 5));
	EXPECT_EQ(0, close(fd));
	data = map_data(open_region(self->name, RDWR), 5);
	ASSERT_NE(NULL, data);
	EXPECT_STREQ("text", data);
}

TEST_HARNESS_MAIN
