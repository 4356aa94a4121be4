// SPDX-License-Identifier: GPL-2.0-only
/* The device and its commands, with each allocation and copy failing in turn. */
#include "fail_nth.h"

/* --- open(2) --- */

static int open_device(struct scene *scene)
{
	return result_of(open(MBX_DEVICE, O_RDWR | O_CLOEXEC));
}

static bool opened_device(struct scene *scene, int ret)
{
	return ret >= 0 && !close(ret);
}

FIXTURE_VARIANT_ADD(fail, open_device){
	.errors = FAULTS | NO_MEMORY,
	.attempt = open_device,
	.done = opened_device,
};

/* --- INFO --- */

static int get_info(struct scene *scene)
{
	return call(device(), MBX_IOC_INFO,
		    &(struct mbx_info){ .size = sizeof(struct mbx_info) });
}

/* What structs of another size than the module's go through is the same for all. */
static int get_info_of_later(struct scene *scene)
{
	struct {
		struct mbx_info info;
		__u64 unknown;
	} later = { .info.size = sizeof(later) };

	return call(device(), MBX_IOC_INFO, &later);
}

static bool returned_0(struct scene *scene, int ret)
{
	return ret == 0;
}

static bool returned_0_to_stranger(struct scene *scene, int ret)
{
	return become_root(ret == 0);
}

FIXTURE_VARIANT_ADD(fail, info){
	.cmd = MBX_IOC_INFO,
	.errors = FAULTS,
	.attempt = get_info,
	.done = returned_0,
};

FIXTURE_VARIANT_ADD(fail, info_with_a_longer_struct){
	.cmd = MBX_IOC_INFO,
	.errors = FAULTS,
	.attempt = get_info_of_later,
	.done = returned_0,
};

FIXTURE_VARIANT_ADD(fail, info_of_stranger){
	.cmd = MBX_IOC_INFO,
	.errors = FAULTS | NO_MEMORY,
	.prepare = become_stranger,
	.attempt = get_info,
	.done = returned_0_to_stranger,
};

/* --- UNLINK --- */

static int create_persistent(struct scene *scene)
{
	int fd = open_mailbox(scene->name, CREATE | MBX_EXCL);

	return fd < 0 ? fd : close(fd);
}

static int unlink_it(struct scene *scene)
{
	return unlink_name(scene->name);
}

static bool is_unlinked(struct scene *scene, int ret)
{
	return ret == 0 && !can_open(scene->name, 0, 0);
}

FIXTURE_VARIANT_ADD(fail, unlink){
	.cmd = MBX_IOC_UNLINK,
	.errors = FAULTS,
	.prepare = create_persistent,
	.attempt = unlink_it,
	.done = is_unlinked,
};

/* --- MAILBOX_OPEN --- */

static bool opened_mailbox(struct scene *scene, int ret)
{
	if (ret < 0 || stat_of(ret).max_msgs != MBX_DEFAULT_MSGS)
		return false;
	unlink_name(scene->name);
	return !close(ret);
}

static bool opened_mailbox_as_stranger(struct scene *scene, int ret)
{
	return become_root(opened_mailbox(scene, ret));
}

static int open_anonymous_mailbox(struct scene *scene)
{
	return open_mailbox(NULL, CREATE);
}

FIXTURE_VARIANT_ADD(fail, mailbox_open_anonymous){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.attempt = open_anonymous_mailbox,
	.done = opened_mailbox,
};

FIXTURE_VARIANT_ADD(fail, mailbox_open_by_stranger){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.prepare = become_stranger,
	.attempt = open_anonymous_mailbox,
	.done = opened_mailbox_as_stranger,
};

static int open_named_mailbox(struct scene *scene)
{
	return open_mailbox(scene->name, CREATE);
}

FIXTURE_VARIANT_ADD(fail, mailbox_open_creating){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.attempt = open_named_mailbox,
	.done = opened_mailbox,
};

FIXTURE_VARIANT_ADD(fail, mailbox_open_attaching){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.prepare = create_persistent,
	.attempt = open_named_mailbox,
	.done = opened_mailbox,
};

static int create_persistent_for_stranger(struct scene *scene)
{
	return create_persistent(scene) ?: become_stranger(scene);
}

FIXTURE_VARIANT_ADD(fail, mailbox_open_attaching_by_stranger){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.prepare = create_persistent_for_stranger,
	.attempt = open_named_mailbox,
	.done = opened_mailbox_as_stranger,
};

static int open_owned_mailbox(struct scene *scene)
{
	return open_mailbox(scene->name, CREATE, .lifetime = MBX_LIFE_OWNER);
}

static bool opened_owned_mailbox(struct scene *scene, int ret)
{
	return ret >= 0 && can_open(scene->name, 0, 0) && !close(ret) &&
	       !can_open(scene->name, 0, 0);
}

FIXTURE_VARIANT_ADD(fail, mailbox_open_owner){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.attempt = open_owned_mailbox,
	.done = opened_owned_mailbox,
};

static int bind_own(struct scene *scene)
{
	return bind_direct(0);
}

FIXTURE_VARIANT_ADD(fail, mailbox_open_binding){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.attempt = bind_own,
	.done = opened_mailbox,
};

static int have_bound(struct scene *scene)
{
	if (scene->made < 0)
		scene->made = bind_direct(0);
	return scene->made < 0 ? scene->made : 0;
}

static int open_own(struct scene *scene)
{
	return open_direct(MBX_WRITE, getpid());
}

static int wait_for_own(struct scene *scene)
{
	return open_direct(MBX_WRITE | MBX_WAIT_BOUND, getpid());
}

FIXTURE_VARIANT_ADD(fail, mailbox_open_target){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.prepare = have_bound,
	.attempt = open_own,
	.done = opened_mailbox,
};

static int have_pidfd(struct scene *scene)
{
	if (scene->pidfd < 0)
		scene->pidfd = open_pidfd(getpid(), 0);
	return scene->pidfd < 0 ? scene->pidfd : have_bound(scene);
}

static int open_own_by_pidfd(struct scene *scene)
{
	return open_direct(MBX_WRITE | MBX_PIDFD, scene->pidfd);
}

FIXTURE_VARIANT_ADD(fail, mailbox_open_pidfd){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.prepare = have_pidfd,
	.attempt = open_own_by_pidfd,
	.done = opened_mailbox,
};

FIXTURE_VARIANT_ADD(fail, mailbox_open_waiting){
	.cmd = MBX_IOC_MAILBOX_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.prepare = have_bound,
	.attempt = wait_for_own,
	.done = opened_mailbox,
};

/* --- REGION_OPEN --- */

/* The tree of a region's pages tries again when a node can't be had at once. */

static bool opened_region(struct scene *scene, int ret)
{
	if (ret < 0 || region_stat(ret).bytes != 3 * page_size())
		return false;
	unlink_name(scene->name);
	return !close(ret);
}

static bool opened_region_as_stranger(struct scene *scene, int ret)
{
	return become_root(opened_region(scene, ret));
}

static int open_anonymous_region(struct scene *scene)
{
	return open_region(NULL, CREATE, .bytes = 3 * page_size());
}

FIXTURE_VARIANT_ADD(fail, region_open_anonymous){
	.cmd = MBX_IOC_REGION_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.attempt = open_anonymous_region,
	.done = opened_region,
};

FIXTURE_VARIANT_ADD(fail, region_open_by_stranger){
	.cmd = MBX_IOC_REGION_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.prepare = become_stranger,
	.attempt = open_anonymous_region,
	.done = opened_region_as_stranger,
};

static int open_named_region(struct scene *scene)
{
	return open_region(scene->name, CREATE, .bytes = 3 * page_size(),
			   .slots = MBX_SLOTS_MAX);
}

FIXTURE_VARIANT_ADD(fail, region_open_creating){
	.cmd = MBX_IOC_REGION_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.makes_up = true,
	.attempt = open_named_region,
	.done = opened_region,
};

static int create_persistent_region(struct scene *scene)
{
	int fd = open_named_region(scene);

	return fd < 0 ? fd : close(fd);
}

FIXTURE_VARIANT_ADD(fail, region_open_attaching){
	.cmd = MBX_IOC_REGION_OPEN,
	.errors = FAULTS | NO_MEMORY,
	.prepare = create_persistent_region,
	.attempt = open_named_region,
	.done = opened_region,
};

ALL_COMMANDS_ARE_TRIED(ON_DEVICE)

TEST_HARNESS_MAIN
