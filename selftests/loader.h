/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unloading the module and loading it again, for the tests
 *
 * From MBX_KO or one of the usual places, with the parameters and the mode of the
 * device that it had.
 */
#ifndef MBX_TEST_LOADER_H
#define MBX_TEST_LOADER_H

#include "params.h"

#include <sys/stat.h>
#include <sys/utsname.h>

struct loader {
	int ko;
	struct params params;
	mode_t device_mode;
};

static inline int unload(void)
{
	return result_of(syscall(SYS_delete_module, "mbx", O_NONBLOCK));
}

static inline bool is_loaded(void)
{
	return !access("/sys/module/mbx", F_OK);
}

static inline bool is_unused(void)
{
	return read_field("/sys/module/mbx/refcnt", "") == 0;
}

static inline int open_module(void)
{
	static const char *const places[] = {
		"/lib/mbx.ko",
		"/lib/modules/%s/updates/mbx.ko",
		"/lib/modules/%s/extra/mbx.ko",
		"/lib/modules/%s/mbx.ko",
	};
	const char *chosen = getenv("MBX_KO");
	struct utsname uts;
	char path[256];
	size_t i;
	int fd = -1;

	if (chosen)
		return open(chosen, O_RDONLY | O_CLOEXEC);
	uname(&uts);
	for (i = 0; i < ARRAY_SIZE(places) && fd < 0; i++) {
		snprintf(path, sizeof(path), places[i], uts.release);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

/* While the module is loaded. Returns 0 or an error. */
static inline int loader_init(struct loader *loader)
{
	struct stat st;

	loader->ko = open_module();
	if (loader->ko < 0)
		return -errno;
	if (stat(MBX_DEVICE, &st))
		return -errno;
	loader->device_mode = st.st_mode & 07777;
	return params_save(&loader->params);
}

static inline int load_with(const struct loader *loader, const char *params)
{
	return result_of(syscall(SYS_finit_module, loader->ko, params, 0));
}

static inline int load(const struct loader *loader)
{
	const unsigned long *values = loader->params.values;
	char text[256];

	snprintf(text, sizeof(text), "%s=%lu %s=%lu %s=%lu %s=%lu",
		 param_names[0], values[0], param_names[1], values[1],
		 param_names[2], values[2], param_names[3], values[3]);
	return load_with(loader, text);
}

/* The device node, once it is there again. */
static inline int restore_device(const struct loader *loader)
{
	if (!wait_until(!access(MBX_DEVICE, F_OK)))
		return -ENODEV;
	return result_of(chmod(MBX_DEVICE, loader->device_mode));
}

#endif /* MBX_TEST_LOADER_H */
