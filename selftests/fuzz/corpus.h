/* SPDX-License-Identifier: GPL-2.0-only */
/* The sequences that have reached something new. */
#ifndef FUZZ_CORPUS_H
#define FUZZ_CORPUS_H

#include "sequence.h"

/* Reads those of a file, or of all files of a directory. False with a complaint. */
bool corpus_load(const char *path);
void corpus_add(const struct sequence *seq);
void corpus_clear(void);

__u32 corpus_size(void);
const struct sequence *corpus_at(__u32 i);
/* One by chance; there must be some. */
const struct sequence *corpus_pick(void);

#endif /* FUZZ_CORPUS_H */
