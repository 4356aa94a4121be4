/* SPDX-License-Identifier: GPL-2.0-only */
/* The mechanisms, each in the file of its name or of its kind. */
#ifndef MBX_BENCH_MECHANISMS_H
#define MBX_BENCH_MECHANISMS_H

#include "bench.h"

extern const struct mechanism mech_null;

extern const struct mechanism mech_pipe;
extern const struct mechanism mech_mq;
extern const struct mechanism mech_sysv;
extern const struct mechanism mech_seqpacket;
extern const struct mechanism mech_seqpacket_many;
extern const struct mechanism mech_stream;
extern const struct mechanism mech_eventfd;
extern const struct mechanism mech_futex;

extern const struct mechanism mech_mailbox;
extern const struct mechanism mech_mailbox_rw;
extern const struct mechanism mech_mailbox_ioctl;
extern const struct mechanism mech_mailbox_8;
extern const struct mechanism mech_mailbox_32;
extern const struct mechanism mech_direct;
extern const struct mechanism mech_call;
extern const struct mechanism mech_region;

/* What several of them do: close both descriptors, move one message by them. */
void fds_close(struct channel *ch);
int fds_send(struct channel *ch);
int fds_recv(struct channel *ch);

/* Of mailboxes: one message; requests and replies, see &struct mechanism. */
int mailbox_send(struct channel *ch);
int mailbox_recv(struct channel *ch);
int mailbox_serve(struct channel *ch);
int mailbox_call(struct channel *ch);

/* What a call must have moved: 0, -errno, or -EIO if it was something else. */
int moved(ssize_t result, size_t expected);

#endif
