/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failing one allocation, or one copy from or to user space, for the tests
 *
 * A thread says which of the points where the kernel could fail, counted from
 * then on, is to fail for it. Nothing fails for a thread that has not asked.
 */
#ifndef MBX_TEST_INJECT_H
#define MBX_TEST_INJECT_H

#include "process.h"

#include <dirent.h>

#define INJECT_DIR "/sys/kernel/debug/"
#define SLAB_DIR "/sys/kernel/slab"

/*
 * What can fail beside copies. Objects and pages are not tried together: whether
 * an object takes a page depends on what was allocated before, and so the points
 * would not be the same the next time.
 */
enum inject { INJECT_OBJECTS, INJECT_PAGES };

/*
 * The kernel's notes on the memory and the objects in use are none of a call's doing,
 * and it makes them in stock: in any call, but not in the same one the next time.
 */
static inline bool is_of_notes(const char *cache)
{
	return strstr(cache, "kmemleak") || strstr(cache, "debug_objects");
}

/* The cache of one name, or with NULL all. */
static inline int inject_choose_caches(const char *only)
{
	DIR *dir = opendir(SLAB_DIR);
	struct dirent *entry;
	char path[512];

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || is_of_notes(entry->d_name))
			continue;
		snprintf(path, sizeof(path), SLAB_DIR "/%s/failslab",
			 entry->d_name);
		write_file(path,
			   !only || !strcmp(only, entry->d_name) ? "1" : "0");
	}
	return result_of(closedir(dir));
}

static inline int inject_init(enum inject what)
{
	bool pages = what == INJECT_PAGES;
	const char *const settings[][2] = {
		{ INJECT_DIR "failslab/ignore-gfp-wait", pages ? "Y" : "N" },
		{ INJECT_DIR "failslab/cache-filter", "Y" },
		{ INJECT_DIR "failslab/verbose", "0" },
		{ INJECT_DIR "fail_page_alloc/ignore-gfp-wait", "N" },
		{ INJECT_DIR "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ INJECT_DIR "fail_page_alloc/min-order", pages ? "0" : "99" },
		{ INJECT_DIR "fail_page_alloc/verbose", "0" },
		{ INJECT_DIR "fail_usercopy/verbose", "0" },
	};
	size_t i;
	int err = inject_choose_caches(NULL);

	for (i = 0; i < ARRAY_SIZE(settings) && !err; i++)
		err = write_file(settings[i][0], settings[i][1]);
	return err;
}

/*
 * After inject_init(INJECT_OBJECTS): objects of one cache can't be had at all, by the
 * calling thread; NULL ends that.
 */
static inline int inject_always(const char *cache)
{
	const char *const settings[][2] = {
		{ INJECT_DIR "failslab/probability", "0" },
		{ INJECT_DIR "failslab/task-filter", "Y" },
		{ INJECT_DIR "failslab/times", "-1" },
		{ "/proc/thread-self/make-it-fail", cache ? "1" : "0" },
		{ INJECT_DIR "failslab/probability", cache ? "100" : "0" },
	};
	size_t i;
	int err = cache ? inject_choose_caches(cache) : 0;

	for (i = 0; i < ARRAY_SIZE(settings) && !err; i++)
		err = write_file(settings[i][0], settings[i][1]);
	return err;
}

/* For the calling thread. */
static inline int inject_open(void)
{
	return result_of(
		open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC));
}

static inline int inject_arm(int fd, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	return result_of(pwrite(fd, text, len, 0));
}

/*
 * How many points were left to pass, 0 if one has failed. The calls made here
 * pass points as well: they can fail instead of what was to be tested.
 */
static inline unsigned int inject_disarm(int fd)
{
	char text[16] = "";
	unsigned int left = 1;

	if (pread(fd, text, sizeof(text) - 1, 0) > 0)
		left = strtoul(text, NULL, 10);
	while (pwrite(fd, "0", 1, 0) < 0 && errno == EFAULT)
		;
	return left;
}

#endif /* MBX_TEST_INJECT_H */
