/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ring of messages in shared memory, from one sender to one receiver. They sleep
 * by bells of the mechanism: a bell has a word, which ringing it moves, and can be
 * waited on until the word is another one than was last seen.
 *
 * The functions are inline, so that a mechanism's bells are called directly and
 * not through pointers.
 */
#ifndef MBX_BENCH_RING_H
#define MBX_BENCH_RING_H

#include <string.h>

#include "bench.h"

enum which_bell {
	BELL_MESSAGE, /* there is one */
	BELL_ROOM, /* for one */
	BELLS
};

/**
 * struct bells - how to wake and to sleep; 0 or -errno
 * @seq: the word of a bell
 * @ring: moves the word and wakes whoever waits
 * @wait: until the word is not @last any more
 */
struct bells {
	uint32_t (*seq)(struct channel *ch, enum which_bell bell);
	int (*ring)(struct channel *ch, enum which_bell bell);
	int (*wait)(struct channel *ch, enum which_bell bell, uint32_t last);
};

struct ring {
	uint32_t head; /* messages sent so far, written by the sender */
	uint32_t tail; /* messages received so far, written by the receiver */
	unsigned char data[];
};

#define ALWAYS_INLINE inline __attribute__((always_inline))

static inline size_t ring_bytes(const struct channel *ch)
{
	return sizeof(struct ring) + ch->size * ch->depth;
}

static inline unsigned char *ring_slot(const struct channel *ch,
				       struct ring *ring, uint32_t number)
{
	return ring->data + (number & (ch->depth - 1)) * ch->size;
}

static inline uint32_t ring_used(const struct ring *ring)
{
	return __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
}

/* Waits until not as many messages are there. */
static ALWAYS_INLINE int ring_await(struct channel *ch, struct ring *ring,
				    const struct bells *bells,
				    enum which_bell bell, uint32_t unwanted)
{
	uint32_t last;
	int err = 0;

	while (!err && ring_used(ring) == unwanted) {
		last = bells->seq(ch, bell);
		if (ring_used(ring) == unwanted)
			err = bells->wait(ch, bell, last);
	}
	return err;
}

/* The depth of the channel has to be a power of two. */
static ALWAYS_INLINE int ring_send(struct channel *ch, struct ring *ring,
				   const struct bells *bells)
{
	int err = ring_await(ch, ring, bells, BELL_ROOM, ch->depth);

	if (err)
		return err;
	memcpy(ring_slot(ch, ring, ring->head), ch->payload, ch->size);
	__atomic_store_n(&ring->head, ring->head + 1, __ATOMIC_RELEASE);
	return bells->ring(ch, BELL_MESSAGE);
}

static ALWAYS_INLINE int ring_recv(struct channel *ch, struct ring *ring,
				   const struct bells *bells)
{
	int err = ring_await(ch, ring, bells, BELL_MESSAGE, 0);

	if (err)
		return err;
	memcpy(ch->buffer, ring_slot(ch, ring, ring->tail), ch->size);
	__atomic_store_n(&ring->tail, ring->tail + 1, __ATOMIC_RELEASE);
	return bells->ring(ch, BELL_ROOM);
}

#endif
