// SPDX-License-Identifier: LGPL-2.1-or-later
/* The version of the library in use. */
#include "internal.h"

#define TEXT(number) #number
#define DOTTED(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *mbx_version(void)
{
	return DOTTED(MBX_VERSION_MAJOR, MBX_VERSION_MINOR, MBX_VERSION_PATCH);
}
