// SPDX-License-Identifier: GPL-2.0-only
/* Regions, with each allocation and copy failing in turn. */
#include "fail_nth.h"

#include <sys/epoll.h>

static bool returned_0(struct scene *scene, int ret)
{
	return ret == 0;
}

static bool returned_1(struct scene *scene, int ret)
{
	return ret == 1;
}

/* --- REGION_STAT --- */

static int get_stat(struct scene *scene)
{
	struct mbx_region_stat args = { .size = sizeof(args) };
	int ret = call(scene->region, MBX_IOC_REGION_STAT, &args);

	return ret < 0 ? ret : (int)args.slots;
}

static bool returned_8(struct scene *scene, int ret)
{
	return ret == 8;
}

FIXTURE_VARIANT_ADD(fail, region_stat){
	.cmd = MBX_IOC_REGION_STAT,
	.errors = FAULTS,
	.attempt = get_stat,
	.done = returned_8,
};

/* --- REGION_WAIT --- */

/* The third is not where the caller believes it; a failed call may say so. */
static int do_wait(struct scene *scene, __u32 count, __u32 flags)
{
	__u32 i;

	for (i = 0; i < count; i++) {
		scene->slots[i].slot = i;
		scene->slots[i].seq = word(scene->seq + i) - (i == 2);
	}
	return wait_slots(scene->region, scene->slots, count, .flags = flags);
}

static int wait_for_few(struct scene *scene)
{
	return do_wait(scene, 3, 0);
}

static int wait_for_many(struct scene *scene)
{
	return do_wait(scene, 8, 0);
}

static int look_at_many(struct scene *scene)
{
	return do_wait(scene, 8, MBX_WAIT_NONBLOCK);
}

static bool third_moved(struct scene *scene, int ret)
{
	return ret == 1 && scene->slots[2].seq == word(scene->seq + 2);
}

FIXTURE_VARIANT_ADD(fail, region_wait){
	.cmd = MBX_IOC_REGION_WAIT,
	.errors = FAULTS,
	.attempt = wait_for_few,
	.done = third_moved,
};

FIXTURE_VARIANT_ADD(fail, region_wait_many){
	.cmd = MBX_IOC_REGION_WAIT,
	.errors = FAULTS | NO_MEMORY,
	.attempt = wait_for_many,
	.done = third_moved,
};

FIXTURE_VARIANT_ADD(fail, region_wait_nonblock){
	.cmd = MBX_IOC_REGION_WAIT,
	.errors = FAULTS | NO_MEMORY,
	.attempt = look_at_many,
	.done = third_moved,
};

/* --- REGION_NOTIFY --- */

static int notify_first(struct scene *scene)
{
	return notify(scene->region, 1);
}

FIXTURE_VARIANT_ADD(fail, region_notify){
	.cmd = MBX_IOC_REGION_NOTIFY,
	.errors = FAULTS,
	.attempt = notify_first,
	.done = returned_0,
};

/* A turn is a wait that has ended. */
static int waiter_peer(struct scene *scene)
{
	struct mbx_slot slot = { .seq = scene->token };

	return wait_slots(scene->region, &slot, 1);
}

static bool waiter_waits(struct scene *scene)
{
	return region_stat(scene->region).waiters == 1;
}

/* The word is not moved, so that the one who is woken waits on. */
static bool woke_one(struct scene *scene, int ret)
{
	return ret == 1;
}

FIXTURE_VARIANT_ADD(fail, region_notify_waiter){
	.cmd = MBX_IOC_REGION_NOTIFY,
	.errors = FAULTS,
	.peer = waiter_peer,
	.settled = waiter_waits,
	.attempt = notify_first,
	.done = woke_one,
};

/* --- REGION_SUBSCRIBE --- */

static int subscribe_to_third(struct scene *scene)
{
	return subscribe(scene->region, 1 << 2);
}

static int subscribe_to_none(struct scene *scene)
{
	return subscribe(scene->region, 0);
}

static bool has_subscribed(struct scene *scene, int ret)
{
	return ret == 0 && region_stat(scene->region).subscribers == 1 &&
	       subscribe(scene->region, 0) == 0;
}

FIXTURE_VARIANT_ADD(fail, region_subscribe){
	.cmd = MBX_IOC_REGION_SUBSCRIBE,
	.errors = FAULTS,
	.attempt = subscribe_to_third,
	.done = has_subscribed,
};

static bool has_unsubscribed(struct scene *scene, int ret)
{
	return ret == 0 && region_stat(scene->region).subscribers == 0;
}

FIXTURE_VARIANT_ADD(fail, region_unsubscribe){
	.cmd = MBX_IOC_REGION_SUBSCRIBE,
	.errors = FAULTS,
	.prepare = subscribe_to_third,
	.attempt = subscribe_to_none,
	.done = has_unsubscribed,
};

/* --- read(2) --- */

static int subscribe_and_move(struct scene *scene)
{
	int ret = subscribe(scene->region, 1 << 2);

	move_slot(scene->seq, 2);
	return ret;
}

static int read_moved(struct scene *scene)
{
	return result_of(
		read(scene->region, scene->slots, sizeof(scene->slots)));
}

/* And it counts as read. */
static bool was_read(struct scene *scene, int ret)
{
	return ret == sizeof(scene->slots[0]) && scene->slots[0].slot == 2 &&
	       scene->slots[0].seq == word(scene->seq + 2) &&
	       !poll_now(scene->region, POLLIN);
}

FIXTURE_VARIANT_ADD(fail, read){
	.errors = FAULTS,
	.prepare = subscribe_and_move,
	.attempt = read_moved,
	.done = was_read,
};

/* --- poll and epoll --- */

static int poll_once(struct scene *scene)
{
	struct pollfd pfd = { .fd = scene->region, .events = POLLIN };

	return result_of(poll(&pfd, 1, 0)) ?: -EAGAIN;
}

FIXTURE_VARIANT_ADD(fail, poll){
	.errors = FAULTS | NO_MEMORY,
	.prepare = subscribe_and_move,
	.attempt = poll_once,
	.done = returned_1,
};

static int make_epoll(struct scene *scene)
{
	if (scene->made < 0)
		scene->made = epoll_create1(EPOLL_CLOEXEC);
	return scene->made < 0 ? -errno : subscribe(scene->region, 1);
}

static int add_to_epoll(struct scene *scene)
{
	struct epoll_event event = { .events = EPOLLIN };

	return result_of(
		epoll_ctl(scene->made, EPOLL_CTL_ADD, scene->region, &event));
}

/* It tells of a slot that moves: then the two know each other. */
static bool was_added(struct scene *scene, int ret)
{
	struct epoll_event event;

	return ret == 0 && !epoll_wait(scene->made, &event, 1, 0) &&
	       announce(scene->region, scene->seq, 0) == 1 &&
	       epoll_wait(scene->made, &event, 1, 0) == 1 &&
	       !epoll_ctl(scene->made, EPOLL_CTL_DEL, scene->region, NULL) &&
	       subscribe(scene->region, 0) == 0;
}

FIXTURE_VARIANT_ADD(fail, epoll_add){
	.errors = FAULTS | NO_MEMORY,
	.prepare = make_epoll,
	.attempt = add_to_epoll,
	.done = was_added,
};

/* --- mmap(2) and what splits and copies mappings --- */

static int do_map(struct scene *scene, size_t len, int prot, __u64 offset)
{
	scene->map = map_at(scene->region, len, prot, offset);
	return scene->map ? 0 : -errno;
}

static int map_all_data(struct scene *scene)
{
	return do_map(scene, 2 * page_size(), PROT_READ | PROT_WRITE, 0);
}

static int map_sequences(struct scene *scene)
{
	return do_map(scene, page_size(), PROT_READ | PROT_WRITE,
		      MBX_REGION_OFFSET_SEQ);
}

static int map_counts(struct scene *scene)
{
	return do_map(scene, page_size(), PROT_READ, MBX_REGION_OFFSET_WAITERS);
}

static bool data_is_there(struct scene *scene)
{
	scene->map[0] = 'a';
	scene->map[page_size()] = 'b';
	return scene->map[0] == 'a' && scene->map[page_size()] == 'b';
}

static bool was_mapped(struct scene *scene, int ret)
{
	return ret == 0 && data_is_there(scene) &&
	       !munmap(scene->map, 2 * page_size());
}

static bool page_was_mapped(struct scene *scene, int ret)
{
	return ret == 0 && *(volatile char *)scene->map >= 0 &&
	       !munmap(scene->map, page_size());
}

FIXTURE_VARIANT_ADD(fail, mmap_data){
	.errors = NO_MEMORY,
	.attempt = map_all_data,
	.done = was_mapped,
};

FIXTURE_VARIANT_ADD(fail, mmap_sequences){
	.errors = NO_MEMORY,
	.attempt = map_sequences,
	.done = page_was_mapped,
};

FIXTURE_VARIANT_ADD(fail, mmap_waiters){
	.errors = NO_MEMORY,
	.attempt = map_counts,
	.done = page_was_mapped,
};

static int split_mapping(struct scene *scene)
{
	return result_of(mprotect(scene->map, page_size(), PROT_READ));
}

static bool was_split(struct scene *scene, int ret)
{
	scene->map[page_size()] = 'c';
	return ret == 0 && !munmap(scene->map, 2 * page_size());
}

FIXTURE_VARIANT_ADD(fail, split_mapping){
	.errors = NO_MEMORY,
	.prepare = map_all_data,
	.attempt = split_mapping,
	.done = was_split,
};

static int unmap_half(struct scene *scene)
{
	return result_of(munmap(scene->map, page_size()));
}

FIXTURE_VARIANT_ADD(fail, unmap_half){
	.errors = NO_MEMORY,
	.makes_up = true,
	.prepare = map_all_data,
	.attempt = unmap_half,
	.done = was_split,
};

static int fork_mapping(struct scene *scene)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	return result_of(child);
}

static bool was_forked(struct scene *scene, int ret)
{
	return ret > 0 && reap(ret) == 0 && was_mapped(scene, 0);
}

FIXTURE_VARIANT_ADD(fail, fork_mapping){
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.prepare = map_all_data,
	.attempt = fork_mapping,
	.done = was_forked,
};

ALL_COMMANDS_ARE_TRIED(ON_REGION)

TEST_HARNESS_MAIN
