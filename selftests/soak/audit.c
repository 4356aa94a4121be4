// SPDX-License-Identifier: GPL-2.0-only
/* Comparing the counters with each other and with the ledger. */
#include "audit.h"
#include "letter.h"

/* Who may put back one message each, when the mailbox is full again. */
#define EXCESS 8

static const char *label(const struct box *box)
{
	return box->name ?: box_drops(box) ? "(drop)" : "(block)";
}

static void check_sum(const struct box *box, const struct mbx_mailbox_stat *st)
{
	verify(CHECK_COUNTERS,
	       st->sent ==
		       st->received + st->dropped + st->withdrawn + st->msgs,
	       "%s: %llu sent, %llu received, %llu dropped, %llu withdrawn, %llu queued",
	       label(box), st->sent, st->received, st->dropped, st->withdrawn,
	       st->msgs);
	verify(CHECK_COUNTERS,
	       (!st->dropped || box_drops(box)) &&
		       (!st->withdrawn || box->calls) &&
		       (!st->calls || box->calls) && (!st->msgs == !st->bytes),
	       "%s: %llu dropped, %llu withdrawn, %u calls, %llu bytes in %llu",
	       label(box), st->dropped, st->withdrawn, st->calls, st->bytes,
	       st->msgs);
}

/* Only what was received can become less: a message goes back. */
static void check_growth(const struct box *box,
			 const struct mbx_mailbox_stat *old,
			 const struct mbx_mailbox_stat *st)
{
	verify(CHECK_GROWTH,
	       st->sent >= old->sent && st->dropped >= old->dropped &&
		       st->withdrawn >= old->withdrawn &&
		       st->rejected >= old->rejected &&
		       st->msgs_high >= old->msgs_high &&
		       st->bytes_high >= old->bytes_high,
	       "%s: a counter has shrunk", label(box));
	verify(CHECK_GROWTH,
	       st->msgs <= st->msgs_high && st->bytes <= st->bytes_high,
	       "%s: %llu messages and %llu bytes, at most %llu and %llu",
	       label(box), st->msgs, st->bytes, st->msgs_high, st->bytes_high);
	verify(CHECK_GROWTH,
	       st->msgs_high <= st->max_msgs + EXCESS &&
		       st->bytes_high <= st->max_bytes + EXCESS * MAX_LEN,
	       "%s: %llu messages, %llu bytes", label(box), st->msgs_high,
	       st->bytes_high);
}

/* Who selects may wait while others' messages are there. */
static void check_waiting(const struct box *box,
			  const struct mbx_mailbox_stat *st)
{
	verify(CHECK_WAITING,
	       box->selective || !st->msgs || !st->waiting_receivers,
	       "%s: %u wait, %llu queued", label(box), st->waiting_receivers,
	       st->msgs);
	verify(CHECK_WAITING,
	       st->waiting_receivers <= post_count &&
		       st->waiting_senders <= box->senders &&
		       (!st->waiting_senders ||
			box->overflow == MBX_OVERFLOW_BLOCK),
	       "%s: %u receivers and %u senders wait", label(box),
	       st->waiting_receivers, st->waiting_senders);
}

/* A call that is restarted after a signal sends its request again. */
static void audit(const struct box *box, struct mbx_mailbox_stat *old)
{
	__s64 least = ledger_least_sent(box), most;
	__u64 arrived = ledger_arrived(box);
	struct mbx_mailbox_stat st = stat_of(box->fd);

	most = ledger_most_sent(box);
	check_sum(box, &st);
	check_growth(box, old, &st);
	check_waiting(box, &st);
	verify(CHECK_LEDGER,
	       least <= (__s64)st.sent &&
		       (__s64)(st.sent - st.withdrawn) <= most,
	       "%s: %llu sent, %llu withdrawn, and not %lld to %lld",
	       label(box), st.sent, st.withdrawn, least, most);
	verify(CHECK_LEDGER, arrived <= st.received,
	       "%s: %llu received, but %llu arrived", label(box), st.received,
	       arrived);
	*old = st;
}

int be_auditor(void *arg)
{
	static struct mbx_mailbox_stat old[BOXES];
	const struct box *box;

	for (;;) {
		for_each_box(box)
			audit(box, &old[box_index(box)]);
		usleep(500);
	}
}

/* --- the end of a round ---------------------------------------------------- */

static void drain(const struct box *box)
{
	const struct mbx_recv args = { .flags = MBX_RECV_NONBLOCK };
	struct post *overseer = &posts[post_count];
	int ret;

	do {
		ret = letters_receive(overseer, box->fd, BATCH, &args);
	} while (ret > 0);
	verify(CHECK_RESULT, ret == -EAGAIN, "%s: draining: %d", label(box),
	       ret);
}

/* What was received but did not arrive was in the hands of the killed. */
static void close_account(const struct box *box,
			  const struct mbx_mailbox_stat *st)
{
	struct account sum;
	__u64 arrived, doubtful;
	__s64 lost;

	ledger_sum(box, &sum);
	arrived = sum.fates[FATE_RECEIVED] + sum.late;
	doubtful = sum.fates[FATE_DOUBTFUL] + sum.late_doubts;
	lost = sum.fates[FATE_SENT] - sum.late - sum.late_doubts;
	verify(CHECK_LEDGER,
	       st->sent - st->withdrawn <= sum.begun &&
		       st->sent + sum.unsure >= sum.begun,
	       "%s: %llu sent, of %llu that %llu are unsure of", label(box),
	       st->sent, sum.begun, sum.unsure);
	verify(CHECK_LEDGER,
	       arrived <= st->received && st->received <= arrived + doubtful,
	       "%s: %llu received, %llu arrived, %llu in doubt", label(box),
	       st->received, arrived, doubtful);
	verify(CHECK_LOST, lost <= (__s64)st->dropped,
	       "%s: %lld lost, %llu dropped", label(box), lost, st->dropped);
	verify(CHECK_LOST,
	       st->dropped <=
		       sum.fates[FATE_SENT] + doubtful + sum.fates[FATE_UNSURE],
	       "%s: %llu dropped, but %llu lost, %llu and %llu in doubt",
	       label(box), st->dropped, sum.fates[FATE_SENT], doubtful,
	       sum.fates[FATE_UNSURE]);
}

void audit_end(void)
{
	struct mbx_mailbox_stat st;
	const struct box *box;

	for_each_box(box) {
		drain(box);
		st = stat_of(box->fd);
		check_sum(box, &st);
		verify(CHECK_WAITING,
		       !st.msgs && !st.calls && !st.waiting_receivers &&
			       !st.waiting_senders,
		       "%s: %llu queued, %u calls, %u and %u wait", label(box),
		       st.msgs, st.calls, st.waiting_receivers,
		       st.waiting_senders);
		close_account(box, &st);
	}
}
