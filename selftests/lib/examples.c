// SPDX-License-Identifier: GPL-2.0-only
/*
 * The example programs in one: as each is complete by itself, some of their
 * functions share a name, which differs here.
 */
#include "examples.h"

#define main example_call
#define fail call_fail
#include "../../lib/examples/call.c"
#undef main
#undef fail

#define main example_direct
#define check direct_check
#define child direct_child
#include "../../lib/examples/direct.c"
#undef main
#undef check
#undef child

#define main example_event_loop
#define check event_loop_check
#include "../../lib/examples/event_loop.c"
#undef main
#undef check

#define main example_hello
#include "../../lib/examples/hello.c"
#undef main

#define main example_lock
#define check lock_check
#define count lock_count
#include "../../lib/examples/lock.c"
#undef main
#undef check
#undef count

#define main example_priorities
#define fail priorities_fail
#include "../../lib/examples/priorities.c"
#undef main
#undef fail

#define main example_region_reader
#define fail region_reader_fail
#include "../../lib/examples/region_reader.c"
#undef main
#undef fail

#define main example_region_writer
#define fail region_writer_fail
#include "../../lib/examples/region_writer.c"
#undef main
#undef fail

#define main example_serve
#define fail serve_fail
#include "../../lib/examples/serve.c"
#undef main
#undef fail
