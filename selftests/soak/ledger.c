// SPDX-License-Identifier: GPL-2.0-only
/* What became of every message. */
#include "ledger.h"

#define WINDOW 4096

const __u32 prios[PRIOS] = { 0, 7, 19, MBX_PRIO_MAX };

/* How many of the older numbers met which fate. */
struct tally {
	__u64 end; /* the first number that is not among them */
	__u64 fates[FATES];
};

struct entry {
	__u64 state; /* number and fate */
	__u64 seq; /* when received; 0 if not known */
};

struct stream {
	__u64 position; /* next number, and how many are in use */
	__u64 unsure;
	__u64 late;
	__u64 late_doubts;
	__u64 last; /* that arrived, plus 1; where there is one receiver */
	__u32 current; /* which tally counts */
	struct tally tallies[2];
	struct entry entries[WINDOW];
};

static struct stream *streams;
static __u64 *arrived; /* at each mailbox */

#define IN_USE_BITS 16
#define FATE_BITS 3

static __u64 position(__u64 next, __u32 in_use)
{
	return next << IN_USE_BITS | in_use;
}

static __u64 next_of(__u64 position)
{
	return position >> IN_USE_BITS;
}

static __u32 in_use_of(__u64 position)
{
	return position & ((1 << IN_USE_BITS) - 1);
}

static __u64 state(__u64 number, enum fate fate)
{
	return number << FATE_BITS | fate;
}

static __u64 number_of(__u64 state)
{
	return state >> FATE_BITS;
}

static enum fate fate_of(__u64 state)
{
	return state & ((1 << FATE_BITS) - 1);
}

void ledger_init(void)
{
	streams = share(STREAMS * sizeof(*streams));
	arrived = share(BOXES * sizeof(*arrived));
}

void ledger_clear(void)
{
	memset(streams, 0, STREAMS * sizeof(*streams));
	memset(arrived, 0, BOXES * sizeof(*arrived));
}

__u32 stream_of(const struct box *box, __u32 sender, __u32 prio_index)
{
	return (box_index(box) * SENDERS + sender) * PRIOS + prio_index;
}

const struct box *stream_box(__u32 stream)
{
	return &boxes[stream / PRIOS / SENDERS];
}

__u32 stream_sender(__u32 stream)
{
	return stream / PRIOS % SENDERS;
}

__u32 stream_prio(__u32 stream)
{
	return prios[stream % PRIOS];
}

static struct entry *entry_of(struct stream *s, __u64 number)
{
	return &s->entries[number % WINDOW];
}

/* Change the fate of a number, but not that of a later one in its place. */
static bool change_fate(struct entry *entry, __u64 number, enum fate from,
			enum fate to)
{
	__u64 old = state(number, from);

	return __atomic_compare_exchange_n(&entry->state, &old,
					   state(number, to), false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* --- senders --------------------------------------------------------------- */

__u64 ledger_next(__u32 stream)
{
	return next_of(load(&streams[stream].position));
}

/*
 * Where nothing is dropped, a number this old has arrived, or whoever has it will
 * say so.
 */
static void await_fate(__u32 stream, struct entry *entry, __u64 number)
{
	if (box_drops(stream_box(stream)))
		return;
	if (!wait_until(fate_of(load(&entry->state)) != FATE_SENT))
		complain(CHECK_LOST, "number %llu of stream %u", number,
			 stream);
}

/* Let the window end at @end. */
static void move_window(__u32 stream, __u64 end)
{
	struct stream *s = &streams[stream];
	struct tally *spare = &s->tallies[!s->current];
	struct entry *entry;

	*spare = s->tallies[s->current];
	if (spare->end + WINDOW >= end)
		return;
	for (; spare->end + WINDOW < end; spare->end++) {
		entry = entry_of(s, spare->end);
		await_fate(stream, entry, spare->end);
		spare->fates[fate_of(load(&entry->state))]++;
	}
	__atomic_store_n(&s->current, !s->current, __ATOMIC_SEQ_CST);
}

void ledger_intend(__u32 stream, __u32 count)
{
	struct stream *s = &streams[stream];
	__u64 next = ledger_next(stream), number;

	move_window(stream, next + count);
	for (number = next; number < next + count; number++)
		store(&entry_of(s, number)->state, state(number, FATE_SENT));
	store(&s->position, position(next, count));
}

void ledger_sent(__u32 stream, __u32 sent)
{
	store(&streams[stream].position,
	      position(ledger_next(stream) + sent, 0));
}

void ledger_unsure(__u32 stream)
{
	struct stream *s = &streams[stream];
	__u64 at = load(&s->position), number;
	__u64 end = next_of(at) + in_use_of(at);

	/* First, as this may be done twice: it is a bound. */
	add(&s->unsure, in_use_of(at));
	for (number = next_of(at); number < end; number++)
		change_fate(entry_of(s, number), number, FATE_SENT,
			    FATE_UNSURE);
	store(&s->position, position(end, 0));
}

/* --- receivers ------------------------------------------------------------- */

/* The sequence number with which a number was received, or 0. */
static __u64 seq_of(struct stream *s, __u64 number)
{
	struct entry *entry = entry_of(s, number);
	__u64 received = state(number, FATE_RECEIVED), seq;

	if (load(&entry->state) != received)
		return 0;
	seq = load(&entry->seq);
	/* It is of this number only if no later one has taken its place. */
	return load(&entry->state) == received ? seq : 0;
}

static void check_neighbours(__u32 stream, __u64 number, __u64 seq)
{
	struct stream *s = &streams[stream];
	__u64 before = number ? seq_of(s, number - 1) : 0;
	__u64 behind = seq_of(s, number + 1);

	verify(CHECK_ORDER, before < seq && (!behind || seq < behind),
	       "stream %u, number %llu: seq %llu is not between %llu and %llu",
	       stream, number, seq, before, behind);
}

static void check_strict(__u32 stream, __u64 number)
{
	struct stream *s = &streams[stream];

	verify(CHECK_ORDER, number >= load(&s->last),
	       "stream %u: number %llu behind %llu", stream, number,
	       load(&s->last) - 1);
	store(&s->last, number + 1);
}

static void arrive(const struct stamp *stamp, struct entry *entry)
{
	__u64 number = stamp->number, now;

	if (change_fate(entry, number, FATE_SENT, FATE_RECEIVED) ||
	    change_fate(entry, number, FATE_UNSURE, FATE_RECEIVED) ||
	    change_fate(entry, number, FATE_DOUBTFUL, FATE_RECEIVED))
		return;
	now = load(&entry->state);
	if (number_of(now) > number)
		add(&streams[stamp->stream].late, 1);
	else
		verify(CHECK_ONCE, false, "stream %u, number %llu %s",
		       stamp->stream, number,
		       now == state(number, FATE_RECEIVED) ? "twice" :
							     "never sent");
}

void ledger_received(const struct stamp *stamp, __u64 seq)
{
	struct stream *s = &streams[stamp->stream];
	struct entry *entry = entry_of(s, stamp->number);

	if (number_of(load(&entry->state)) == stamp->number)
		store(&entry->seq, seq);
	arrive(stamp, entry);
	count_check(CHECK_ONCE);
	add(&arrived[box_index(stream_box(stamp->stream))], 1);
	if (box_is_strict(stream_box(stamp->stream)))
		check_strict(stamp->stream, stamp->number);
	if (seq)
		check_neighbours(stamp->stream, stamp->number, seq);
}

/* --- the overseer ---------------------------------------------------------- */

void ledger_doubtful(const struct stamp *stamp)
{
	struct stream *s = &streams[stamp->stream];
	struct entry *entry = entry_of(s, stamp->number);

	if (change_fate(entry, stamp->number, FATE_SENT, FATE_DOUBTFUL) ||
	    change_fate(entry, stamp->number, FATE_UNSURE, FATE_DOUBTFUL))
		return;
	if (number_of(load(&entry->state)) > stamp->number)
		add(&s->late_doubts, 1);
}

static void sum_stream(struct stream *s, struct account *sum)
{
	const struct tally *tally = &s->tallies[s->current];
	__u64 number = tally->end, next = next_of(load(&s->position));
	int i;

	for (i = 0; i < FATES; i++)
		sum->fates[i] += tally->fates[i];
	for (; number < next; number++)
		sum->fates[fate_of(load(&entry_of(s, number)->state))]++;
	sum->begun += next;
	sum->unsure += load(&s->unsure);
	sum->late += load(&s->late);
	sum->late_doubts += load(&s->late_doubts);
}

void ledger_sum(const struct box *box, struct account *sum)
{
	__u32 stream = stream_of(box, 0, 0), i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < SENDERS * PRIOS; i++)
		sum_stream(&streams[stream + i], sum);
}

__s64 ledger_least_sent(const struct box *box)
{
	__u32 stream = stream_of(box, 0, 0), i;
	__s64 sum = 0;

	/* What becomes unsure is that before its number is done with. */
	for (i = 0; i < SENDERS * PRIOS; i++)
		sum += next_of(load(&streams[stream + i].position));
	for (i = 0; i < SENDERS * PRIOS; i++)
		sum -= load(&streams[stream + i].unsure);
	return sum;
}

__s64 ledger_most_sent(const struct box *box)
{
	__u32 stream = stream_of(box, 0, 0), i;
	__s64 sum = 0;
	__u64 at;

	for (i = 0; i < SENDERS * PRIOS; i++) {
		at = load(&streams[stream + i].position);
		sum += next_of(at) + in_use_of(at);
	}
	return sum;
}

__u64 ledger_arrived(const struct box *box)
{
	return load(&arrived[box_index(box)]);
}
