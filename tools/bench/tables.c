// SPDX-License-Identifier: GPL-2.0-only
/* The tables of mechanisms and of measures, in the order of the report. */
#include "measures.h"
#include "mechanisms.h"

/* clang-format off */
const struct mechanism *const bench_mechanisms[] = {
	&mech_null,
	&mech_pipe,
	&mech_mq,
	&mech_sysv,
	&mech_seqpacket,
	&mech_seqpacket_many,
	&mech_stream,
	&mech_eventfd,
	&mech_futex,
	&mech_mailbox,
	&mech_mailbox_ioctl,
	&mech_mailbox_rw,
	&mech_mailbox_8,
	&mech_mailbox_32,
	&mech_direct,
	&mech_call,
	&mech_region,
	NULL,
};

const struct measure *const bench_measures[] = {
	&measure_pair,
	&measure_roundtrip,
	&measure_stream,
	&measure_fan_in,
	&measure_notify,
	&measure_wake,
	&measure_poll,
	&measure_epoll,
	&measure_blocked,
	&measure_objects,
	&measure_names,
	&measure_apart,
	&measure_many,
	&measure_memory_idle,
	&measure_memory_named,
	&measure_memory_queued,
	&measure_memory_waiting,
	NULL,
};

/* clang-format on */
