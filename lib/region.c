// SPDX-License-Identifier: LGPL-2.1-or-later
/* The life of a region's handle: open, map, describe, close. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "region.h"

static int map_data(struct mbx_region *region)
{
	int prot = PROT_READ | (region->writable ? PROT_WRITE : 0);

	return mbx_sys_map(&region->data, region->fd, 0, region->data_len,
			   prot);
}

/* The descriptor's rights are not known otherwise when it was passed to us. */
static int map_seq(struct mbx_region *region)
{
	void *page;
	int ret = mbx_sys_map(&page, region->fd, MBX_REGION_OFFSET_SEQ,
			      region->control_len, PROT_READ | PROT_WRITE);

	region->writable = !ret;
	if (ret == -EACCES || ret == -EPERM)
		ret = mbx_sys_map(&page, region->fd, MBX_REGION_OFFSET_SEQ,
				  region->control_len, PROT_READ);
	if (!ret)
		region->seq = page;
	return ret;
}

static int map_waiters(struct mbx_region *region)
{
	void *page;
	int ret = mbx_sys_map(&page, region->fd, MBX_REGION_OFFSET_WAITERS,
			      region->control_len, PROT_READ);

	if (!ret)
		region->waiters = page;
	return ret;
}

static int map_all(struct mbx_region *region)
{
	int ret = map_seq(region);

	if (!ret)
		ret = map_waiters(region);
	if (!ret)
		ret = map_data(region);
	return ret;
}

/* Undoes map_all() and the allocation, whole or half done. */
static void unmap_all(struct mbx_region *region)
{
	if (region->data)
		mbx_sys_unmap(region->data, region->data_len);
	if (region->waiters)
		mbx_sys_unmap((void *)region->waiters, region->control_len);
	if (region->seq)
		mbx_sys_unmap(region->seq, region->control_len);
	free(region);
}

static int measure(struct mbx_region *region)
{
	size_t page = mbx_sys_page_size();
	struct mbx_region_stat stat;
	int ret = mbx_region_get_stat(region, &stat);

	if (ret < 0)
		return ret;
	/* A descriptor from elsewhere may be one of a file system in user space. */
	if (!stat.bytes || !stat.slots || stat.slots > MBX_SLOTS_MAX)
		return -ENOTTY;
	/* A 32-bit process can't map what a 64-bit one has made. */
	if (stat.bytes > SIZE_MAX - page)
		return -ENOMEM;
	region->slots = stat.slots;
	region->bytes = (size_t)stat.bytes;
	region->data_len = (region->bytes + page - 1) / page * page;
	region->control_len = page;
	return 0;
}

int mbx_region_from_fd(struct mbx_region **region, int fd)
{
	struct mbx_region *made = mbx_sys_alloc(sizeof(*made));
	int ret;

	if (!made)
		return -ENOMEM;
	made->fd = fd;
	ret = measure(made);
	if (!ret)
		ret = map_all(made);
	if (!ret)
		ret = mbx_sys_set_cloexec(fd);
	if (ret) {
		unmap_all(made);
		return ret;
	}
	*region = made;
	return 0;
}

static int open_fd(const char *name, unsigned int flags, size_t bytes,
		   const struct mbx_region_opts *opts)
{
	struct mbx_region_opts known;
	int ret = mbx_opts_get(&known, sizeof(known), MBX_REGION_OPTS_FIRST,
			       opts);
	struct mbx_region_open request = {
		.size = sizeof(request),
		.flags = flags,
		.name = (uintptr_t)name,
		.name_len = mbx_name_len(name),
		.mode = known.mode,
		.lifetime = known.lifetime,
		.slots = known.slots,
		.bytes = bytes,
	};

	return ret ? ret : mbx_device_ioctl(MBX_IOC_REGION_OPEN, &request);
}

int mbx_region_open(struct mbx_region **region, const char *name,
		    unsigned int flags, size_t bytes,
		    const struct mbx_region_opts *opts)
{
	int fd = open_fd(name, flags, bytes, opts);
	int ret;

	if (fd < 0)
		return fd;
	ret = mbx_region_from_fd(region, fd);
	if (ret)
		mbx_sys_close(fd);
	return ret;
}

void mbx_region_close(struct mbx_region *region)
{
	if (!region)
		return;
	mbx_sys_close(region->fd);
	unmap_all(region);
}

int mbx_region_fd(const struct mbx_region *region)
{
	return region->fd;
}

void *mbx_region_data(const struct mbx_region *region)
{
	return region->data;
}

size_t mbx_region_size(const struct mbx_region *region)
{
	return region->bytes;
}

unsigned int mbx_region_slots(const struct mbx_region *region)
{
	return region->slots;
}

int mbx_region_writable(const struct mbx_region *region)
{
	return region->writable;
}

int mbx_region_get_stat_sized(const struct mbx_region *region,
			      struct mbx_region_stat *stat, size_t stat_size)
{
	int ret = mbx_results_init(stat, stat_size);

	return ret ? ret : mbx_sys_ioctl(region->fd, MBX_IOC_REGION_STAT, stat);
}
