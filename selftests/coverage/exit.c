// SPDX-License-Identifier: GPL-2.0-only
/* _exit() for programs with gcov's counters: it saves them first. */
#include <unistd.h>

/* gcc's. */
void __gcov_dump(void);

/* The linker's names, with --wrap=_exit. */
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
