/* SPDX-License-Identifier: GPL-2.0-only */
/* Making sequences of others, by chance. */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include "sequence.h"

/* Changes @seq a little. @other is another one, from which steps can be taken. */
void mutate(struct sequence *seq, const struct sequence *other);

#endif /* FUZZ_MUTATE_H */
