/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger: what became of every message
 *
 * A stream is what one sender sends to one mailbox with one priority, numbered
 * from 0. A sender that was killed is followed by another, which goes on behind
 * the last number that its predecessor may have used. The fates of the last
 * WINDOW numbers are kept; older ones are only counted.
 *
 * A kill leaves doubts, and the overseer notes them when the process is gone:
 *
 *   FATE_UNSURE    its sender was killed, or its call failed: it may have been sent
 *   FATE_DOUBTFUL  it is in the buffer of a receiver that was killed: the kernel
 *                  has counted it as received or put it back
 *
 * Neither excludes that it arrives later. All else has to be exact: a number that
 * was sent, did not arrive and is not in doubt is lost.
 *
 * A stream is changed by its sender, or by the overseer when there is none, and
 * the fates also by receivers. A killed sender has done a step or not:
 *
 * - the numbers that it uses at the moment are in one word with the next to use;
 * - counts of old fates are summed up in a copy, which then takes the place of
 *   the original.
 */
#ifndef SOAK_LEDGER_H
#define SOAK_LEDGER_H

#include "box.h"

#define SENDERS 3 /* at most, for a mailbox */
#define PRIOS 4
#define STREAMS (BOXES * SENDERS * PRIOS)

extern const __u32 prios[PRIOS];

enum fate {
	FATE_NONE,
	FATE_SENT,
	FATE_UNSURE,
	FATE_DOUBTFUL,
	FATE_RECEIVED,
	FATES,
};

/* What stands at the start of each message. */
struct stamp {
	__u32 magic;
	__u32 stream;
	__u64 number;
	__u64 nonce;
	__u32 len; /* of the message */
	__u32 spare;
};

#define REQUEST 0x71736272
#define REPLY 0x796c7072
#define LETTER 0x7274656c

/* What is known of all streams of a mailbox. */
struct account {
	__u64 begun; /* may have been sent */
	__u64 unsure; /* and of those, these may have not */
	__u64 fates[FATES];
	__u64 late; /* received when the window had moved on */
	__u64 late_doubts;
};

void ledger_init(void);
void ledger_clear(void);

__u32 stream_of(const struct box *box, __u32 sender, __u32 prio_index);
const struct box *stream_box(__u32 stream);
__u32 stream_sender(__u32 stream);
__u32 stream_prio(__u32 stream);

/*
 * For senders: the next number; it and those that follow are about to be used for
 * @count messages; @sent of these were sent; or all of them may have been.
 */
__u64 ledger_next(__u32 stream);
void ledger_intend(__u32 stream, __u32 count);
void ledger_sent(__u32 stream, __u32 sent);
void ledger_unsure(__u32 stream);

/* For receivers. @seq is 0 if it is not known. */
void ledger_received(const struct stamp *stamp, __u64 seq);

/* For the overseer, of processes that are gone. */
void ledger_doubtful(const struct stamp *stamp);
void ledger_sum(const struct box *box, struct account *sum);
/* Bounds while they run: what was sent for certain, what may have been sent. */
__s64 ledger_least_sent(const struct box *box);
__s64 ledger_most_sent(const struct box *box);
/* What receivers have entered. */
__u64 ledger_arrived(const struct box *box);

#endif /* SOAK_LEDGER_H */
