/* SPDX-License-Identifier: GPL-2.0-only */
/* The measures, each in the file of its name or of its kind. */
#ifndef MBX_BENCH_MEASURES_H
#define MBX_BENCH_MEASURES_H

#include "trial.h"

extern const struct measure measure_pair;
extern const struct measure measure_roundtrip;
extern const struct measure measure_notify;
extern const struct measure measure_wake;
extern const struct measure measure_stream;
extern const struct measure measure_fan_in;
extern const struct measure measure_apart;
extern const struct measure measure_many;
extern const struct measure measure_poll;
extern const struct measure measure_epoll;
extern const struct measure measure_blocked;
extern const struct measure measure_objects;
extern const struct measure measure_names;
extern const struct measure measure_memory_idle;
extern const struct measure measure_memory_named;
extern const struct measure measure_memory_queued;
extern const struct measure measure_memory_waiting;

#endif
