// SPDX-License-Identifier: GPL-2.0-only
/* The version, in the header and in the library. */
#include "kselftest_harness.h"

#include <mbx.h>

TEST(library_is_of_the_version_of_its_header)
{
	EXPECT_STREQ(MBX_VERSION, mbx_version());
}

TEST(version_is_made_of_its_numbers)
{
	char text[32];

	snprintf(text, sizeof(text), "%d.%d.%d", MBX_VERSION_MAJOR,
		 MBX_VERSION_MINOR, MBX_VERSION_PATCH);
	EXPECT_STREQ(text, MBX_VERSION);
}

TEST_HARNESS_MAIN
