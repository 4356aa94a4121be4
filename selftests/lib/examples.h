/* SPDX-License-Identifier: GPL-2.0-only */
/* The library's example programs, as functions of the tests. */
#ifndef MBX_LIB_EXAMPLES_H
#define MBX_LIB_EXAMPLES_H

int example_call(int argc, char **argv);
int example_direct(void);
int example_event_loop(void);
int example_hello(int argc, char **argv);
int example_lock(void);
int example_priorities(void);
int example_region_reader(void);
int example_region_writer(int argc, char **argv);
int example_serve(void);

#endif /* MBX_LIB_EXAMPLES_H */
