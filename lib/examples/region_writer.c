// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writes its argument into the region "board" and wakes its readers. */
#include <mbx.h>
#include <stdio.h>
#include <string.h>

#define BOARD_BYTES 4096

static int fail(const char *what, int err)
{
	fprintf(stderr, "region_writer: %s: %s\n", what, mbx_strerror(err));
	return 1;
}

int main(int argc, char **argv)
{
	struct mbx_region *board;
	int ret;

	if (argc != 2) {
		fputs("usage: region_writer TEXT\n", stderr);
		return 2;
	}
	ret = mbx_region_open(&board, "board",
			      MBX_CREATE | MBX_READ | MBX_WRITE, BOARD_BYTES,
			      NULL);
	if (ret < 0)
		return fail("open", ret);

	snprintf(mbx_region_data(board), mbx_region_size(board), "%s", argv[1]);
	ret = mbx_region_notify(board, 0);
	if (ret < 0)
		return fail("notify", ret);
	printf("woke %d\n", ret);
	mbx_region_close(board);
	return 0;
}
