// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel holds: objects, slab caches, pages. */
#include "settle.h"
#include "arena.h"
#include "process.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#define SLABS 400
#define SLAB_DIR "/sys/kernel/slab"
#define GROUP "/sys/fs/cgroup/soak"

#define WATCHED_SLACK 8

struct slab {
	char name[48];
	long objects;
	long per_slab;
};

/* Lines of /proc/meminfo, and what others than the module may change them by. */
static const struct page_key {
	const char *name;
	long slack; /* kB */
} page_keys[] = {
	{ "SUnreclaim:", 1024 },
	{ "Shmem:", 0 },
	{ "VmallocUsed:", 128 },
	{ "Percpu:", 64 },
};

#define PAGE_KEYS ARRAY_SIZE(page_keys)

struct level {
	int slab_count;
	struct slab slabs[SLABS];
	long pages[PAGE_KEYS]; /* kB */
	long group; /* bytes */
};

/* Of the user of even and that of odd workers. */
static struct mbx_info first_info[2];
static struct level base, last;

/* --- quotas ---------------------------------------------------------------- */

/* Charged is the real user; the effective one stays root, with all rights. */
static void charge(uid_t uid)
{
	if (setresuid(uid, 0, 0))
		complain(CHECK_QUOTA, "setresuid: %d", errno);
}

static void get_infos(struct mbx_info *infos)
{
	infos[0] = info();
	charge(ALICE);
	infos[1] = info();
	charge(0);
}

/*
 * The module forgets a user of whom it has nothing, and with him what he was
 * charged for: so each keeps a mailbox.
 */
static void keep_accounts(void)
{
	int mine = open_mailbox(NULL, CREATE), hers;

	charge(ALICE);
	hers = open_mailbox(NULL, CREATE);
	charge(0);
	verify(CHECK_RESULT, mine >= 0 && hers >= 0, "no mailboxes: %d, %d",
	       mine, hers);
}

static bool same_use(const struct mbx_info *a, const struct mbx_info *b)
{
	return a->used_objects == b->used_objects &&
	       a->used_msg_bytes == b->used_msg_bytes &&
	       a->used_region_bytes == b->used_region_bytes;
}

static bool quotas_are_back(struct mbx_info *infos)
{
	get_infos(infos);
	return same_use(&infos[0], &first_info[0]) &&
	       same_use(&infos[1], &first_info[1]);
}

static void compare_quotas(void)
{
	struct mbx_info infos[2];
	int i;

	wait_until(quotas_are_back(infos));
	for (i = 0; i < 2; i++)
		verify(CHECK_QUOTA, same_use(&infos[i], &first_info[i]),
		       "%s has %llu objects, %llu and %llu bytes, had %llu, %llu, %llu",
		       i ? "alice" : "root", infos[i].used_objects,
		       infos[i].used_msg_bytes, infos[i].used_region_bytes,
		       first_info[i].used_objects, first_info[i].used_msg_bytes,
		       first_info[i].used_region_bytes);
}

/* --- slab caches ----------------------------------------------------------- */

/*
 * What a processor has taken from a cache counts as used until the cache is
 * shrunk. Aliases of a cache are links.
 */
static void shrink_slabs(void)
{
	DIR *dir = opendir(SLAB_DIR);
	struct dirent *entry;
	char path[512];

	/* Names and inodes that could be read again. */
	write_file("/proc/sys/vm/drop_caches", "2");
	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), SLAB_DIR "/%s/shrink",
			 entry->d_name);
		write_file(path, "1");
	}
	if (dir)
		closedir(dir);
}

static void read_slabs(struct level *level)
{
	FILE *file = fopen("/proc/slabinfo", "re");
	struct slab *slab;
	char line[512];

	level->slab_count = 0;
	while (file && level->slab_count < SLABS &&
	       fgets(line, sizeof(line), file)) {
		slab = &level->slabs[level->slab_count];
		if (sscanf(line, "%47s %ld %*d %*d %ld", slab->name,
			   &slab->objects, &slab->per_slab) == 3)
			level->slab_count++;
	}
	if (file)
		fclose(file);
}

static long objects_of(const struct level *level, const char *name)
{
	int i;

	for (i = 0; i < level->slab_count; i++)
		if (!strcmp(level->slabs[i].name, name))
			return level->slabs[i].objects;
	return 0;
}

static long cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

/* --- pages and the control group ------------------------------------------- */

static void read_pages(struct level *level)
{
	size_t i;

	for (i = 0; i < PAGE_KEYS; i++)
		level->pages[i] =
			read_field("/proc/meminfo", page_keys[i].name);
}

static long read_group(void)
{
	char text[32];

	if (read_file(GROUP "/memory.current", text, sizeof(text)))
		return -1;
	return strtol(text, NULL, 10);
}

static void measure(struct level *level)
{
	shrink_slabs();
	read_slabs(level);
	read_pages(level);
	level->group = read_group();
}

/* --- comparing ------------------------------------------------------------- */

/*
 * The caches that the module's objects, and what they refer to, come from. Of the
 * others a processor may hold some slabs, of which all objects count as used.
 */
static bool is_watched(const char *name)
{
	static const char *const watched[] = {
		"mbx", "kmalloc-cg-", "pid", "cred", "shmem_inode_cache",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(watched); i++)
		if (!strncmp(name, watched[i], strlen(watched[i])))
			return true;
	return false;
}

/*
 * Names and inodes come and go with every look. Areas of vmalloc are gathered by
 * the thousand before they are freed; meminfo tells which are in use.
 */
static bool is_reclaimed(const char *name)
{
	return !strcmp(name, "dentry") || !strcmp(name, "vmap_area") ||
	       strstr(name, "inode_cache");
}

static long slab_slack(const struct slab *slab)
{
	if (is_watched(slab->name))
		return WATCHED_SLACK;
	return is_reclaimed(slab->name) ? LONG_MAX / 2 :
					  4 * cpus() * slab->per_slab;
}

/* The first that has grown, or NULL. */
static const struct slab *grown_slab(void)
{
	const struct slab *slab = last.slabs;

	for (; slab < last.slabs + last.slab_count; slab++)
		if (slab->objects >
		    objects_of(&base, slab->name) + slab_slack(slab))
			return slab;
	return NULL;
}

/* The first that has grown, or PAGE_KEYS. */
static size_t grown_pages(void)
{
	size_t i = 0;

	while (i < PAGE_KEYS &&
	       last.pages[i] <= base.pages[i] + page_keys[i].slack)
		i++;
	return i;
}

/* A processor keeps what it has charged in advance. */
static bool group_has_grown(void)
{
	return last.group > base.group + (cpus() + 1) * 64 * 4096;
}

static bool is_back(void)
{
	measure(&last);
	return !grown_slab() && grown_pages() == PAGE_KEYS &&
	       !group_has_grown();
}

/* No watched cache has another number of objects than at the look before. */
static bool has_settled(void)
{
	const struct slab *slab;

	base = last;
	measure(&last);
	for (slab = last.slabs; slab < last.slabs + last.slab_count; slab++)
		if (is_watched(slab->name) &&
		    slab->objects != objects_of(&base, slab->name))
			return false;
	return true;
}

static void print_level(const char *when)
{
	const struct slab *slab = last.slabs;
	long objects = 0;
	size_t i;

	for (; slab < last.slabs + last.slab_count; slab++)
		if (is_watched(slab->name))
			objects += slab->objects;
	printf("%s: %ld slab objects", when, objects);
	for (i = 0; i < PAGE_KEYS; i++)
		printf(", %s %ld kB", page_keys[i].name, last.pages[i]);
	printf(", group: %ld kB\n", last.group >> 10);
	fflush(stdout);
}

void settle_begin(void)
{
	mkdir(GROUP, 0755);
	write_file(GROUP "/cgroup.procs", "0");
	keep_accounts();
	get_infos(first_info);
}

void settle_baseline(void)
{
	compare_quotas();
	wait_until(has_settled());
	print_level("warmed up");
}

void settle_compare(void)
{
	const struct slab *slab;
	size_t pages;

	compare_quotas();
	wait_until(is_back());
	print_level("after the round");
	slab = grown_slab();
	if (last.slab_count)
		verify(CHECK_SLAB, !slab, "%s has %ld objects, had %ld",
		       slab->name, slab->objects,
		       objects_of(&base, slab->name));
	pages = grown_pages();
	verify(CHECK_PAGES, pages == PAGE_KEYS, "%s %ld kB, were %ld kB",
	       page_keys[pages].name, last.pages[pages], base.pages[pages]);
	if (base.group >= 0)
		verify(CHECK_GROUP, !group_has_grown(), "%ld bytes, were %ld",
		       last.group, base.group);
}
