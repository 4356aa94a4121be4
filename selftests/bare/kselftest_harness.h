/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In place of the harness, which a program of several files can't include: the
 * headers of libc that come with it, for ../mbx_test.h and its kin
 */
#ifndef BARE_KSELFTEST_HARNESS_H
#define BARE_KSELFTEST_HARNESS_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/wait.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif /* BARE_KSELFTEST_HARNESS_H */
