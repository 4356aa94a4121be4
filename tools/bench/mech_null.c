// SPDX-License-Identifier: GPL-2.0-only
/* Nothing at all: what the loops around the others cost. */
#include "mechanisms.h"

static int nothing(struct channel *ch)
{
	(void)ch;
	return 0;
}

static void close_nothing(struct channel *ch)
{
	(void)ch;
}

const struct mechanism mech_null = {
	.name = "harness",
	.about = "nothing: what measuring costs",
	.traits = TRAIT_PEER | TRAIT_HARNESS,
	.batch = 1,
	.open = nothing,
	.close = close_nothing,
	.send = nothing,
	.recv = nothing,
	.notify = nothing,
};
