/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measuring: mechanisms, measures, and what goes between them.
 *
 * A *mechanism* is a way in which something gets from one process to another: a
 * pipe, a mailbox that is sent to in arrays of 32. It is a constant &struct
 * mechanism, and a file has those that are much alike. It knows nothing of how it
 * is measured.
 *
 * A *measure* is a question, asked of all mechanisms that can answer it: what does
 * it cost to send and receive a message? It is a constant &struct measure, in the
 * file of its name or its kind, and knows no mechanism by name.
 *
 * Both are in a table (tables.c), and every measure is taken of every mechanism
 * that suits it, at every point of the measure. Each time that is a *trial*, in a
 * process of its own (trial.c), so that what one leaves behind can't harm the
 * next, and one that hangs or dies is found out.
 *
 * All functions that can fail return 0 or -errno.
 */
#ifndef MBX_BENCH_H
#define MBX_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Messages in a queue of which nothing else is asked. */
#define BENCH_DEPTH 8

/* Messages that a queue between processes has room for: the same for all. */
#define BENCH_FLOW_DEPTH 64

#define BENCH_ROUNDS_MAX 100

/* In a round, where instructions are counted; there are fewer of time. */
#define BENCH_COUNTED_SAMPLES 5
#define BENCH_SAMPLES_MAX (BENCH_ROUNDS_MAX * BENCH_COUNTED_SAMPLES)

/**
 * struct channel - one way from senders to receivers, being used
 * @how: its mechanism
 * @size: of a message in bytes
 * @depth: how many messages it must have room for
 * @polled: the receiver waits by poll(2) and must be told so
 * @rx: to receive from, or an id if the mechanism has no descriptors
 * @tx: to send to
 * @state: the mechanism's own
 * @payload: to be sent: as many messages as go with one call
 * @buffer: to receive into
 *
 * Whoever opens it sets the first four and leaves the rest to bench_open().
 */
struct channel {
	const struct mechanism *how;
	size_t size;
	unsigned int depth;
	bool polled;
	int rx;
	int tx;
	void *state;
	unsigned char *payload;
	unsigned char *buffer;
};

/**
 * enum trait - what a mechanism can't do, or does not need
 * @TRAIT_PEER: not of mbx
 * @TRAIT_HARNESS: does nothing, to measure what measuring costs
 * @TRAIT_POLLED: the receiver can wait by poll(2), on &struct channel.rx
 * @TRAIT_SHARED: memory is shared, by processes that trust each other
 * @TRAIT_ONE_SENDER: only one process may send
 * @TRAIT_ONE_RECEIVER: only one process may receive
 * @TRAIT_OWN: only the process that opened it may receive
 * @TRAIT_OUTLIVES: it has to be removed, else it outlives processes
 * @TRAIT_MAILBOX: a mailbox, used in the plainest way
 */
enum trait {
	TRAIT_PEER = 1 << 0,
	TRAIT_HARNESS = 1 << 1,
	TRAIT_POLLED = 1 << 2,
	TRAIT_ONE_SENDER = 1 << 3,
	TRAIT_ONE_RECEIVER = 1 << 4,
	TRAIT_OWN = 1 << 5,
	TRAIT_MAILBOX = 1 << 6,
	TRAIT_SHARED = 1 << 7,
	TRAIT_OUTLIVES = 1 << 8,
};

/**
 * struct mechanism - a way for data from process to process
 * @name: as the user types it; several may have the same and differ in @batch
 * @about: what it is, less than a line
 * @traits: bits of &enum trait
 * @batch: messages that one call moves
 * @max_size: largest message in bytes, 0 for any
 * @open: makes the channel ready, before any fork
 * @close: ends it, in the process that has opened it
 * @send: sends @batch messages of the payload
 * @recv: receives @batch messages into the buffer
 * @notify: tells a waiter that something has happened, without data
 * @wait: waits for the next notification
 * @serve: in a child: answers requests until the child is killed
 * @attach: in its parent: finds the server
 * @call: sends the payload as a request and receives a reply of the same size
 *
 * What a mechanism can't do is NULL.
 */
struct mechanism {
	const char *name;
	const char *about;
	unsigned int traits;
	unsigned int batch;
	size_t max_size;
	int (*open)(struct channel *ch);
	void (*close)(struct channel *ch);
	int (*send)(struct channel *ch);
	int (*recv)(struct channel *ch);
	int (*notify)(struct channel *ch);
	int (*wait)(struct channel *ch);
	int (*serve)(struct channel *ch);
	int (*attach)(struct channel *ch, pid_t server);
	int (*call)(struct channel *ch);
};

/**
 * struct point - where a measure is taken
 * @size: bytes in a message, 0 if there are none
 * @count: of the senders, receivers or objects that the measure is about
 */
struct point {
	size_t size;
	unsigned int count;
};

/**
 * struct trial - one mechanism, measured at one point
 * @how: the mechanism
 * @measure: what is asked
 * @point: where
 * @counted: the clock counts instructions
 * @samples: what came out, for one operation each
 * @sample_count: how many samples
 * @error: 0, or why there are none
 * @msg_queues: System V message queues to be removed in any case
 * @msg_queue_count: how many
 *
 * In memory that the process of the trial shares with its parent.
 */
struct trial {
	const struct mechanism *how;
	const struct measure *measure;
	struct point point;
	bool counted;
	double samples[BENCH_SAMPLES_MAX];
	unsigned int sample_count;
	int error;
	int msg_queues[2];
	unsigned int msg_queue_count;
};

/**
 * enum measure_flags - when a measure makes sense
 * @MEASURE_IDLE_MACHINE: only if nothing else uses the machine
 * @MEASURE_TWO_CPUS: only with two processors
 * @MEASURE_PROCESSES: of processes that take turns, which vary more: for longer, and in
 *	several processes
 * @MEASURE_FLOW: of processes that take turns when a queue is full or empty, or when
 *	the kernel's timer says so: for so long that the latter matters little
 */
enum measure_flags {
	MEASURE_IDLE_MACHINE = 1 << 0,
	MEASURE_TWO_CPUS = 1 << 1,
	MEASURE_PROCESSES = 1 << 2,
	MEASURE_FLOW = 1 << 3,
};

/**
 * struct measure - a question about mechanisms
 * @name: as the user types it
 * @about: what one operation is, less than a line
 * @unit: of the value, NULL for what the clock counts
 * @flags: bits of &enum measure_flags
 * @points: where it is taken; one with count 0 ends the array
 * @suits: can it be asked of this mechanism?
 * @run: takes it, in a process of its own
 */
struct measure {
	const char *name;
	const char *about;
	const char *unit;
	unsigned int flags;
	const struct point *points;
	bool (*suits)(const struct mechanism *how);
	int (*run)(struct trial *trial);
};

/* The tables; both end with NULL. */
extern const struct mechanism *const bench_mechanisms[];
extern const struct measure *const bench_measures[];

/**
 * struct bench_options - what to measure, and how
 * @counted: the clock counts instructions: the same every time
 * @rounds: how often each trial is made, 0 for what suits the clock
 * @measures: names, NULL at the end; none for all that suit
 * @mechanisms: likewise
 * @report: called for the finished trials of a measure at one point
 * @arg: for @report
 */
struct bench_options {
	bool counted;
	unsigned int rounds;
	const char *const *measures;
	const char *const *mechanisms;
	void (*report)(const struct trial *trials, unsigned int count,
		       void *arg);
	void *arg;
};

int bench_run(const struct bench_options *options);

/*
 * What the samples say: of instructions the lowest, as what else the kernel does
 * meanwhile only adds to them; of time the one in the middle.
 */
double bench_value(const struct trial *trial);

#endif
