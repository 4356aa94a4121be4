// SPDX-License-Identifier: LGPL-2.1-or-later
/* Commands on the device node: what the module offers, and names. */
#include <errno.h>
#include <string.h>

#include "internal.h"

/*
 * The node carries no state, so it is opened for each command: nothing is
 * cached that fork(2), a sandbox or closing all descriptors could break.
 */
int mbx_device_ioctl(unsigned long command, void *arg)
{
	int device = mbx_sys_open_device();
	int ret;

	if (device < 0)
		return device;
	ret = mbx_sys_ioctl(device, command, arg);
	mbx_sys_close(device);
	return ret;
}

uint32_t mbx_name_len(const char *name)
{
	return name ? (uint32_t)strnlen(name, MBX_NAME_MAX + 1) : 0;
}

int mbx_get_info_sized(struct mbx_info *info, size_t info_size)
{
	int ret = mbx_results_init(info, info_size);

	return ret ? ret : mbx_device_ioctl(MBX_IOC_INFO, info);
}

int mbx_unlink_kind(const char *name, unsigned int kind)
{
	struct mbx_unlink request = {
		.size = sizeof(request),
		.name = (uintptr_t)name,
		.name_len = mbx_name_len(name),
		.kind = kind,
	};

	return mbx_device_ioctl(MBX_IOC_UNLINK, &request);
}

int mbx_unlink(const char *name)
{
	return mbx_unlink_kind(name, MBX_KIND_ANY);
}
