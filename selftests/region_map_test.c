// SPDX-License-Identifier: GPL-2.0-only
/* Mapping regions: where, how far, and with which rights for ever. */
#include "process.h"
#include "region.h"

#include <sys/personality.h>

#define PAGES 3

FIXTURE(map)
{
	char name[NAME_SIZE];
	size_t page;
	int fd; /* to read and write */
	int ro; /* the same region, to read */
};

FIXTURE_SETUP(map)
{
	unique_name(self->name, "it");
	self->page = page_size();
	self->fd = open_region(self->name, CREATE,
			       .bytes = PAGES * self->page - 100);
	self->ro = open_region(self->name, MBX_READ);
	ASSERT_LE(0, self->fd);
	ASSERT_LE(0, self->ro);
}

FIXTURE_TEARDOWN(map)
{
	unlink_name(self->name);
}

static const __u64 places[] = { 0, MBX_REGION_OFFSET_SEQ,
				MBX_REGION_OFFSET_WAITERS };

TEST_F(map, whole_region)
{
	char *data = map_data(self->fd, PAGES * self->page);

	ASSERT_NE(NULL, data);
	memset(data, 'x', PAGES * self->page);
	EXPECT_EQ('x', data[PAGES * self->page - 1]);
}

TEST_F(map, part_of_a_region)
{
	char *all = map_data(self->fd, PAGES * self->page);
	char *last = map_at(self->fd, self->page, PROT_READ,
			    (PAGES - 1) * self->page);
	char *first = map_at(self->fd, 1, PROT_READ, 0);

	ASSERT_NE(NULL, all);
	ASSERT_NE(NULL, last);
	ASSERT_NE(NULL, first);
	all[0] = 'a';
	all[(PAGES - 1) * self->page] = 'z';
	EXPECT_EQ('a', first[0]);
	EXPECT_EQ('z', last[0]);
}

TEST_F(map, beyond_the_end_is_refused)
{
	size_t page = self->page;

	EXPECT_EQ(-EINVAL, map_error(self->fd, (PAGES + 1) * page, PROT_READ,
				     MAP_SHARED, 0));
	EXPECT_EQ(-EINVAL, map_error(self->fd, PAGES * page, PROT_READ,
				     MAP_SHARED, page));
	EXPECT_EQ(-EINVAL, map_error(self->fd, page, PROT_READ, MAP_SHARED,
				     PAGES * page));
	EXPECT_EQ(-EINVAL, map_error(self->fd, PAGES * page + 1, PROT_READ,
				     MAP_SHARED, 0));
}

TEST_F(map, at_odd_offsets_is_refused)
{
	static const __u64 offsets[] = {
		1ULL << 31,
		(1ULL << 32) - 4096,
		1ULL << 32,
		1ULL << 39,
		MBX_REGION_OFFSET_SEQ - 4096,
		MBX_REGION_OFFSET_SEQ + 4096,
		MBX_REGION_OFFSET_WAITERS - 4096,
		MBX_REGION_OFFSET_WAITERS + 4096,
		MBX_REGION_OFFSET_SEQ | MBX_REGION_OFFSET_WAITERS,
		1ULL << 42,
		1ULL << 52,
		1ULL << 62,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		EXPECT_EQ(-EINVAL, map_error(self->fd, self->page, PROT_READ,
					     MAP_SHARED, offsets[i]))
		TH_LOG("%llx", offsets[i]);
	}
}

TEST_F(map, at_unaligned_offsets_is_refused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(-EINVAL, map_error(self->fd, 1, PROT_READ, MAP_SHARED,
					     places[i] + 1));
		EXPECT_EQ(-EINVAL, map_error(self->fd, 1, PROT_READ, MAP_SHARED,
					     places[i] + 8));
	}
}

TEST_F(map, of_absurd_length_is_refused)
{
	/* More than a program of 32 bits has addresses for. */
	int large = sizeof(long) == 8 ? -EINVAL : -ENOMEM;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(-EINVAL, map_error(self->fd, 0, PROT_READ, MAP_SHARED,
					     places[i]));
		EXPECT_EQ(-EINVAL, map_error(self->fd, 1UL << 31, PROT_READ,
					     MAP_SHARED, places[i]));
		EXPECT_EQ(large, map_error(self->fd, 0xffffffff, PROT_READ,
					   MAP_SHARED, places[i]));
		EXPECT_EQ(-ENOMEM, map_error(self->fd, ~self->page, PROT_READ,
					     MAP_SHARED, places[i]));
		EXPECT_EQ(-ENOMEM, map_error(self->fd, ~0UL, PROT_READ,
					     MAP_SHARED, places[i]));
	}
}

TEST_F(map, control_pages_are_one_page_each)
{
	EXPECT_EQ(-EINVAL, map_error(self->fd, 2 * self->page, PROT_READ,
				     MAP_SHARED, MBX_REGION_OFFSET_SEQ));
	EXPECT_EQ(-EINVAL, map_error(self->fd, 2 * self->page, PROT_READ,
				     MAP_SHARED, MBX_REGION_OFFSET_WAITERS));
}

TEST_F(map, private_is_refused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(-EINVAL, map_error(self->fd, self->page, PROT_READ,
					     MAP_PRIVATE, places[i]));
		EXPECT_EQ(-EINVAL, map_error(self->ro, self->page, PROT_READ,
					     MAP_PRIVATE, places[i]));
	}
	EXPECT_EQ(-EINVAL, map_error(self->fd, self->page,
				     PROT_READ | PROT_WRITE, MAP_PRIVATE, 0));
}

TEST_F(map, executable_is_refused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ(-EPERM,
			  map_error(self->fd, self->page, PROT_READ | PROT_EXEC,
				    MAP_SHARED, places[i]));
		EXPECT_EQ(-EPERM, map_error(self->fd, self->page, PROT_EXEC,
					    MAP_SHARED, places[i]));
	}
}

static int is_executable(const void *addr)
{
	char line[256], range[32];
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = -1;

	snprintf(range, sizeof(range), "%lx-", (unsigned long)addr);
	while (maps && fgets(line, sizeof(line), maps)) {
		if (!strncmp(line, range, strlen(range)))
			found = !!strstr(line, "xs ");
	}
	fclose(maps);
	return found;
}

/* Old programs, and those that setarch -X starts. */
TEST_F(map, is_not_executable_for_programs_that_map_all_like_that)
{
	int before = personality(0xffffffff);
	size_t i;

	ASSERT_LE(0, personality(before | READ_IMPLIES_EXEC));
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		void *addr = map_at(self->fd, self->page, PROT_READ, places[i]);

		ASSERT_NE(NULL, addr);
		EXPECT_EQ(0, is_executable(addr));
		EXPECT_EQ(0, mprotect(addr, self->page, PROT_READ));
		EXPECT_EQ(0, is_executable(addr));
	}
	personality(before);
}

static int protect(void *addr, int prot)
{
	return result_of(mprotect(addr, 1, prot));
}

TEST_F(map, cannot_be_made_executable_later)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		void *addr = map_at(self->fd, self->page, PROT_READ, places[i]);

		ASSERT_NE(NULL, addr);
		EXPECT_EQ(-EACCES, protect(addr, PROT_READ | PROT_EXEC));
	}
}

TEST_F(map, writable_needs_the_right_to_write)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		EXPECT_EQ(-EACCES, map_error(self->ro, self->page,
					     PROT_READ | PROT_WRITE, MAP_SHARED,
					     places[i]));
}

TEST_F(map, readable_is_enough_for_a_reader)
{
	char *rw = map_data(self->fd, 1),
	     *ro = map_at(self->ro, 1, PROT_READ, 0);

	ASSERT_NE(NULL, ro);
	rw[0] = 'x';
	EXPECT_EQ('x', ro[0]);
	EXPECT_NE(NULL, map_at(self->ro, 1, PROT_READ, MBX_REGION_OFFSET_SEQ));
	EXPECT_NE(NULL,
		  map_at(self->ro, 1, PROT_READ, MBX_REGION_OFFSET_WAITERS));
}

TEST_F(map, waiters_are_never_writable)
{
	EXPECT_EQ(-EACCES,
		  map_error(self->fd, self->page, PROT_READ | PROT_WRITE,
			    MAP_SHARED, MBX_REGION_OFFSET_WAITERS));
	EXPECT_EQ(-EACCES, map_error(self->fd, self->page, PROT_WRITE,
				     MAP_SHARED, MBX_REGION_OFFSET_WAITERS));
}

TEST_F(map, waiters_cannot_be_made_writable_later)
{
	void *addr = (void *)map_waiters(self->fd);

	ASSERT_NE(NULL, addr);
	EXPECT_EQ(-EACCES, protect(addr, PROT_READ | PROT_WRITE));
	EXPECT_EQ(-EACCES, protect(addr, PROT_WRITE));
	EXPECT_EQ(0, protect(addr, PROT_NONE));
	EXPECT_EQ(-EACCES, protect(addr, PROT_READ | PROT_WRITE));
}

TEST_F(map, readers_mapping_cannot_be_made_writable_later)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		void *addr = map_at(self->ro, self->page, PROT_READ, places[i]);

		ASSERT_NE(NULL, addr);
		EXPECT_EQ(-EACCES, protect(addr, PROT_READ | PROT_WRITE));
	}
}

TEST_F(map, readers_empty_mapping_cannot_be_made_writable_later)
{
	void *addr = map_at(self->ro, self->page, PROT_NONE, 0);

	ASSERT_NE(NULL, addr);
	EXPECT_EQ(-EACCES, protect(addr, PROT_WRITE));
	EXPECT_EQ(0, protect(addr, PROT_READ));
	EXPECT_EQ(-EACCES, protect(addr, PROT_READ | PROT_WRITE));
}

static int protect_child(void *arg)
{
	return status_of(protect(arg, PROT_READ | PROT_WRITE));
}

TEST_F(map, readers_mapping_cannot_be_made_writable_in_a_child)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		void *addr = map_at(self->ro, self->page, PROT_READ, places[i]);

		ASSERT_NE(NULL, addr);
		EXPECT_EQ(EACCES, run(protect_child, addr));
	}
}

TEST_F(map, readers_mapping_cannot_be_made_writable_after_moving)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		void *addr = map_at(self->ro, self->page, PROT_READ, places[i]),
		     *moved;

		ASSERT_NE(NULL, addr);
		moved = mmap(NULL, self->page, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		moved = mremap(addr, self->page, self->page,
			       MREMAP_MAYMOVE | MREMAP_FIXED, moved);
		ASSERT_NE(MAP_FAILED, moved);
		EXPECT_EQ(-EACCES, protect(moved, PROT_READ | PROT_WRITE));
	}
}

TEST_F(map, descriptor_cannot_be_reopened)
{
	static const int how[] = { O_RDWR, O_WRONLY, O_RDONLY };
	char path[64];
	size_t i;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->ro);
	for (i = 0; i < ARRAY_SIZE(how); i++) {
		EXPECT_EQ(-1, open(path, how[i]));
		EXPECT_EQ(ENXIO, errno);
	}
}

/* The rights of a mapping outlive fcntl() on its descriptor. */
TEST_F(map, descriptor_cannot_gain_the_right_to_write)
{
	ASSERT_EQ(0, fcntl(self->ro, F_SETFL, O_RDWR));
	EXPECT_EQ(-EACCES,
		  map_error(self->ro, self->page, PROT_WRITE, MAP_SHARED, 0));
}

TEST_F(map, remapping_pages_does_not_make_them_writable)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		char *addr = map_at(self->ro, self->page, PROT_READ, places[i]);

		ASSERT_NE(NULL, addr);
		/* Whether it works or not. */
		(void)remap_file_pages(addr, self->page, 0, 0, 0);
		EXPECT_EQ(-EACCES, protect(addr, PROT_READ | PROT_WRITE))
		TH_LOG("%zu", i);
	}
}

TEST_F(map, remapping_pages_does_not_uncover_the_waiters)
{
	__u32 *seq = map_seq(self->fd);
	const __u32 *waiters = map_waiters(self->fd);

	ASSERT_NE(NULL, seq);
	ASSERT_NE(NULL, waiters);
	EXPECT_NE(0, remap_file_pages(seq, self->page, 0, 1, 0));
	seq[5] = 55;
	EXPECT_EQ(0, waiters[5]);
}

TEST_F(map, remapping_pages_does_not_reach_beyond_the_end)
{
	char *data = map_data(self->fd, self->page);

	ASSERT_NE(NULL, data);
	EXPECT_NE(0, remap_file_pages(data, self->page, 0, PAGES + 1, 0));
	/* Still the first page: no SIGBUS. */
	data[0] = 'x';
	EXPECT_EQ('x', ((char *)map_data(self->fd, 1))[0]);
}

TEST_F(map, remapping_pages_does_not_lose_the_charge)
{
	__u64 used = info().used_region_bytes;
	int fd = open_region(NULL, CREATE, .bytes = 2 * self->page);
	char *data = map_data(fd, 2 * self->page);

	ASSERT_NE(NULL, data);
	/* Whether it works or not. */
	(void)remap_file_pages(data, self->page, 0, 1, 0);
	(void)remap_file_pages(data + self->page, self->page, 0, 0, 0);
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(used + 2 * self->page, info().used_region_bytes);
	ASSERT_EQ(0, munmap(data, 2 * self->page));
	EXPECT_EQ(used, info().used_region_bytes);
}

TEST_F(map, control_pages_cannot_grow)
{
	size_t page = self->page, i;

	for (i = 1; i < ARRAY_SIZE(places); i++) {
		void *addr = map_at(self->fd, page, PROT_READ, places[i]);

		ASSERT_NE(NULL, addr);
		EXPECT_EQ(MAP_FAILED,
			  mremap(addr, page, 2 * page, MREMAP_MAYMOVE));
		EXPECT_EQ(EFAULT, errno);
	}
}

static int touch_last(void *arg)
{
	size_t page = page_size();
	volatile char *grown =
		mremap(arg, page, (PAGES + 1) * page, MREMAP_MAYMOVE);

	if (grown == MAP_FAILED)
		return EXIT_FAILURE;
	grown[PAGES * page - 1] = 'z';
	grown[PAGES * page] = 'x';
	return 0;
}

/* Who makes his own mapping too large harms himself, as with any file. */
TEST_F(map, nothing_is_reached_by_growing_beyond_the_end)
{
	char *data = map_data(self->fd, self->page),
	     *all = map_data(self->fd, PAGES * self->page);

	ASSERT_NE(NULL, data);
	ASSERT_NE(NULL, all);
	EXPECT_EQ(KILLED_BY(SIGBUS), run(touch_last, data));
	EXPECT_EQ('z', all[PAGES * self->page - 1]);
}

/* With an old size of 0, mremap() maps the same once more. */
TEST_F(map, doubled_has_the_same_rights)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		char *addr = map_at(self->ro, self->page, PROT_READ, places[i]),
		     *other;

		ASSERT_NE(NULL, addr);
		other = mremap(addr, 0, self->page, MREMAP_MAYMOVE);
		if (other != MAP_FAILED)
			EXPECT_EQ(-EACCES,
				  protect(other, PROT_READ | PROT_WRITE));
	}
}

TEST_F(map, doubled_keeps_the_charge)
{
	__u64 used = info().used_region_bytes;
	int fd = open_region(NULL, CREATE, .bytes = self->page);
	char *data = map_data(fd, self->page), *other;

	ASSERT_NE(NULL, data);
	other = mremap(data, 0, self->page, MREMAP_MAYMOVE);
	ASSERT_NE(MAP_FAILED, other);
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, munmap(data, self->page));
	EXPECT_EQ(used + self->page, info().used_region_bytes);
	other[0] = 'x';
	ASSERT_EQ(0, munmap(other, self->page));
	EXPECT_EQ(used, info().used_region_bytes);
}

TEST_F(map, can_shrink_and_move)
{
	char *data = map_data(self->fd, PAGES * self->page), *moved;

	ASSERT_NE(NULL, data);
	data[0] = 'x';
	EXPECT_EQ(data, mremap(data, PAGES * self->page, self->page, 0));
	moved = mmap(NULL, self->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	EXPECT_EQ(moved, mremap(data, self->page, self->page,
				MREMAP_MAYMOVE | MREMAP_FIXED, moved));
	EXPECT_EQ('x', moved[0]);
}

TEST_F(map, holes_cannot_be_punched)
{
	char *data = map_data(self->fd, PAGES * self->page);

	ASSERT_NE(NULL, data);
	data[0] = 'x';
	EXPECT_EQ(-1, madvise(data, PAGES * self->page, MADV_REMOVE));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ('x', data[0]);
}

TEST_F(map, pages_that_are_dropped_come_back)
{
	char *data = map_data(self->fd, PAGES * self->page);

	ASSERT_NE(NULL, data);
	memset(data, 'x', PAGES * self->page);
	EXPECT_EQ(0, madvise(data, PAGES * self->page, MADV_DONTNEED));
	EXPECT_EQ('x', data[0]);
	EXPECT_EQ('x', data[PAGES * self->page - 1]);
}

/* What an administrator finds behind a mapping can't be shrunk either. */
TEST_F(map, file_behind_it_cannot_be_truncated)
{
	char *data = map_data(self->fd, PAGES * self->page), path[128];
	int fd;

	ASSERT_NE(NULL, data);
	data[0] = 'x';
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 (unsigned long)data, (unsigned long)data + PAGES * self->page);
	EXPECT_EQ(-1, truncate(path, 0));
	EXPECT_EQ(EPERM, errno);
	fd = open(path, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ('x', data[0]);
}

TEST_F(map, waiters_cannot_be_written_through_proc_mem)
{
	const __u32 *waiters = map_waiters(self->fd);
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	__u32 garbage = 5;

	ASSERT_NE(NULL, waiters);
	ASSERT_LE(0, mem);
	EXPECT_EQ(-1,
		  pwrite(mem, &garbage, sizeof(garbage), (uintptr_t)waiters));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(0, waiters[0]);
}

TEST_F(map, waiters_cannot_be_written_by_a_system_call)
{
	const __u32 *waiters = map_waiters(self->fd);
	int fds[2];

	ASSERT_NE(NULL, waiters);
	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(4, write(fds[1], "abcd", 4));
	EXPECT_EQ(-1, read(fds[0], (void *)waiters, 4));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, waiters[0]);
}

TEST_F(map, writing_to_a_readers_mapping_is_a_fault)
{
	char *data = map_at(self->ro, 1, PROT_READ, 0);
	pid_t child;

	ASSERT_NE(NULL, data);
	child = fork();
	if (!child) {
		*(volatile char *)data = 1;
		_exit(0);
	}
	EXPECT_EQ(KILLED_BY(SIGSEGV), reap(child));
	EXPECT_EQ(0, data[0]);
}

TEST_F(map, outlives_the_descriptor_and_the_name)
{
	char *data = map_data(self->fd, PAGES * self->page);

	ASSERT_NE(NULL, data);
	ASSERT_EQ(0, close(self->fd));
	ASSERT_EQ(0, close(self->ro));
	ASSERT_EQ(0, unlink_name(self->name));
	memset(data, 'x', PAGES * self->page);
	EXPECT_EQ('x', data[PAGES * self->page - 1]);
}

TEST_F(map, child_shares_it)
{
	char *data = map_data(self->fd, 1);
	pid_t child;

	ASSERT_NE(NULL, data);
	child = fork();
	if (!child) {
		data[0] = 'x';
		_exit(0);
	}
	EXPECT_EQ(0, reap(child));
	EXPECT_EQ('x', data[0]);
}

TEST_HARNESS_MAIN
