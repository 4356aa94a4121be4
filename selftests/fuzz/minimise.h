/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding out what of a recording it takes
 *
 * A report can be made once in the life of a guest, so this ends with the first
 * candidate that brings about a finding; the host begins anew with it, until none
 * does. Each candidate is in the trace, behind a line "# candidate", before it is
 * tried.
 */
#ifndef FUZZ_MINIMISE_H
#define FUZZ_MINIMISE_H

#include "op.h"

/* When to give up. */
void try_until(__u64 end_ns);
/* The recording is the corpus. Its last ones, then more and more of them. */
void try_suffixes(__u32 repeat);
/* It with something left out. */
void try_smaller(__u32 repeat);
/* It as it is. */
void try_all(__u32 repeat);

#endif /* FUZZ_MINIMISE_H */
