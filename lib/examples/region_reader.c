// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Prints the text in the region "board" and each change of it, until the text
 * is "bye". One writer is assumed; with several, they need a lock.
 */
#include <mbx.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, int err)
{
	fprintf(stderr, "region_reader: %s: %s\n", what, mbx_strerror(err));
	return 1;
}

int main(void)
{
	struct mbx_region *board;
	char text[4096];
	int ret = mbx_region_open(&board, "board", MBX_READ, 0, NULL);

	if (ret < 0)
		return fail("open", ret);
	do {
		/* The word first, then the data: a change in between is not missed. */
		uint32_t seq = mbx_region_seq(board, 0);

		snprintf(text, sizeof(text), "%.*s",
			 (int)mbx_region_size(board),
			 (char *)mbx_region_data(board));
		puts(text);
		fflush(stdout);
		if (strcmp(text, "bye"))
			ret = mbx_region_wait(board, 0, seq, 0, 0, NULL);
	} while (strcmp(text, "bye") && !ret);
	if (ret < 0)
		return fail("wait", ret);
	mbx_region_close(board);
	return 0;
}
