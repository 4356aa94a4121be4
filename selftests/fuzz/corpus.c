// SPDX-License-Identifier: GPL-2.0-only
/* The sequences that have reached something new. */
#include "corpus.h"
#include "private.h"
#include "random.h"

#include <glob.h>
#include <sys/stat.h>

/* More are not kept: who has so many has had enough new ones. */
#define MOST 8192

static struct sequence *sequences;
static __u32 size;

void corpus_add(const struct sequence *seq)
{
	if (!sequences)
		sequences = private_memory(MOST * sizeof(*sequences));
	if (!sequences) {
		perror("fuzz");
		exit(1);
	}
	if (size < MOST)
		sequences[size++] = *seq;
}

void corpus_clear(void)
{
	size = 0;
}

__u32 corpus_size(void)
{
	return size;
}

const struct sequence *corpus_at(__u32 i)
{
	return &sequences[i];
}

/* The latest are the least known. */
const struct sequence *corpus_pick(void)
{
	__u32 recent = size < 16 ? size : 16;

	return &sequences[one_in(3) ? size - 1 - below(recent) : below(size)];
}

static bool load_file(const char *path)
{
	static struct sequence seq;
	FILE *file = fopen(path, "re");
	int ret;

	if (!file) {
		perror(path);
		return false;
	}
	while ((ret = sequence_read(file, path, &seq)) > 0)
		corpus_add(&seq);
	fclose(file);
	return !ret;
}

bool corpus_load(const char *path)
{
	struct stat st;
	bool good = true;
	char all[256];
	glob_t files;
	size_t i;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return load_file(path);
	snprintf(all, sizeof(all), "%s/*", path);
	if (glob(all, 0, NULL, &files))
		return true;
	for (i = 0; i < files.gl_pathc; i++)
		good &= load_file(files.gl_pathv[i]);
	globfree(&files);
	return good;
}
