// SPDX-License-Identifier: GPL-2.0-only
/* When the tool shows progress: on a terminal, and only there. */
#include "kselftest_harness.h"

#include <pty.h>

#include "../../tools/mbx/progress.c"

#define MIB_BYTES 1048576

/* clang-format off */
FIXTURE(progress) {
	int reader;
	int saved_stderr;
};

FIXTURE_VARIANT(progress) {
	bool terminal;
};

FIXTURE_VARIANT_ADD(progress, on_a_terminal) {
	.terminal = true,
};

FIXTURE_VARIANT_ADD(progress, on_a_pipe) {
	.terminal = false,
};

/* clang-format on */

FIXTURE_SETUP(progress)
{
	int ends[2];

	ASSERT_EQ(0, variant->terminal ?
			     openpty(&ends[0], &ends[1], NULL, NULL, NULL) :
			     pipe(ends));
	self->reader = ends[0];
	self->saved_stderr = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
}

FIXTURE_TEARDOWN(progress)
{
	close(self->reader);
}

/* Puts stderr back; @shown is all that came out of what stood for it. */
static void collect(int reader, int saved_stderr, char *shown, size_t size)
{
	size_t length = 0;
	ssize_t got;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	do {
		got = read(reader, shown + length, size - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	shown[length] = 0;
}

/* Transfers @pieces of 1 MiB; @shown is what came out on stderr. */
static void transfer(FIXTURE_DATA(progress) * self, uint64_t total, int pieces,
		     char *shown, size_t size)
{
	struct progress progress;

	progress_begin(&progress, "some.iso", total);
	while (pieces--)
		progress_add(&progress, MIB_BYTES);
	progress_end(&progress);
	collect(self->reader, self->saved_stderr, shown, size);
}

TEST_F(progress, of_a_long_transfer_is_shown_on_a_terminal_only)
{
	char shown[4096];

	transfer(self, 8 * MIB_BYTES, 8, shown, sizeof(shown));
	if (!variant->terminal) {
		EXPECT_STREQ("", shown);
		return;
	}
	EXPECT_NE(NULL, strstr(shown, "some.iso: 1.0 MiB of 8.0 MiB (12%)"));
	EXPECT_NE(NULL, strstr(shown, "8.0 MiB of 8.0 MiB (100%)\r\n"));
}

TEST_F(progress, of_unknown_length_shows_no_percentage)
{
	char shown[4096];

	transfer(self, 0, 2, shown, sizeof(shown));
	EXPECT_EQ(NULL, strchr(shown, '%'));
	EXPECT_EQ(variant->terminal, !!strstr(shown, "some.iso: 2.0 MiB\r\n"));
}

TEST_F(progress, of_a_short_transfer_is_not_shown)
{
	char shown[4096];

	transfer(self, 1000, 0, shown, sizeof(shown));
	EXPECT_STREQ("", shown);
}

TEST_HARNESS_MAIN
