// SPDX-License-Identifier: GPL-2.0-only
/* Workers that share a region: its data under a lock, its slots. */
#include "regions.h"
#include "crew.h"
#include "region.h"

#include <mbx/lock.h>

#define SLOTS 8
#define WORDS 512
#define REGION_BYTES 16384

struct region_data {
	struct mbx_lock lock;
	__u64 words[WORDS]; /* all the same when nobody has the lock */
	__u64 posted[SLOTS]; /* how often the slot was about to move */
};

struct view {
	int fd;
	struct region_data *data;
	__u32 *seq;
	const __u32 *waiters;
};

static bool view_map(struct view *view)
{
	view->data = map_data(view->fd, REGION_BYTES);
	view->seq = map_seq(view->fd);
	view->waiters = map_waiters(view->fd);
	return verify(CHECK_REGION, view->data && view->seq && view->waiters,
		      "mapping: %d", errno);
}

static void view_close(struct view *view)
{
	munmap(view->data, REGION_BYTES);
	munmap(view->seq, page_size());
	munmap((void *)view->waiters, page_size());
	close(view->fd);
}

/* --- the region of a round ------------------------------------------------- */

static struct view whole;

void region_begin(void)
{
	whole.fd = open_region(REGION_NAME, CREATE | MBX_EXCL, .slots = SLOTS,
			       .bytes = REGION_BYTES);
	if (verify(CHECK_RESULT, whole.fd >= 0, "region: %d", whole.fd) &&
	    view_map(&whole))
		verify(CHECK_REGION, !mbx_lock_init(&whole.data->lock),
		       "the lock can't be made");
}

void region_end(void)
{
	struct mbx_region_stat st = region_stat(whole.fd);

	verify(CHECK_REGION, !st.waiters && !st.subscribers,
	       "%u waiters and %u subscribers are left", st.waiters,
	       st.subscribers);
	unlink_name(REGION_NAME);
	view_close(&whole);
}

/* --- what workers do with it ----------------------------------------------- */

static bool words_agree(const struct region_data *data)
{
	int i;

	for (i = 1; i < WORDS; i++)
		if (data->words[i] != data->words[0])
			return false;
	return true;
}

static void change_words(struct region_data *data, __u64 value)
{
	int i;

	for (i = 0; i < WORDS; i++)
		data->words[i] = value;
}

static void use_lock(struct post *me, struct view *view)
{
	struct region_data *data = view->data;
	int ret = mbx_lock_until(&data->lock, chance(me, 2) ? soon(me) : 0);

	if (ret == -ETIMEDOUT)
		return;
	if (ret == -EOWNERDEAD) {
		change_words(data, data->words[0]);
		ret = mbx_lock_recovered(&data->lock);
	}
	if (!ENDS(me, "lock", ret, 0))
		return;
	verify(CHECK_REGION, words_agree(data), "data under a lock differ");
	change_words(data, data->words[0] + 1);
	ENDS(me, "release", mbx_lock_release(&data->lock), 0);
}

static void tell_slot(struct post *me, struct view *view)
{
	__u32 slot = pick(me, SLOTS);

	add(&view->data->posted[slot], 1);
	move_slot(view->seq, slot);
	if (word(&view->waiters[slot]))
		ENDS(me, "notify", notify(view->fd, 1ULL << slot), 0);
}

/* Each move was announced before; so there are never more of them. */
static void check_slot(const struct view *view, const struct mbx_slot *slot,
		       __u32 last)
{
	__u32 posted = load(&view->data->posted[slot->slot]);

	verify(CHECK_REGION,
	       slot->seq != last && (__s32)(posted - slot->seq) >= 0,
	       "slot %u woke at %u, from %u, with %u posted", slot->slot,
	       slot->seq, last, posted);
}

static void await_slots(struct post *me, struct view *view)
{
	struct mbx_slot slots[SLOTS];
	__u32 count = 1 + pick(me, 3), last[SLOTS], i, moved = 0;
	int ret;

	for (i = 0; i < count; i++) {
		slots[i].slot = pick(me, SLOTS);
		slots[i].seq = word(&view->seq[slots[i].slot]);
		last[i] = slots[i].seq;
	}
	/* The others stay awake to notify it. */
	ret = wait_slots(view->fd, slots, count,
			 .deadline_ns = me->mortal ? soon(me) : 0);
	ENDS(me, "wait", ret, ETIMEDOUT, EINTR);
	for (i = 0; ret > 0 && i < count; i++) {
		if (slots[i].seq == last[i])
			continue;
		check_slot(view, &slots[i], last[i]);
		moved++;
	}
	verify(CHECK_REGION, ret < 0 || moved == (__u32)ret,
	       "%d slots moved, but %u have another number", ret, moved);
}

static void poll_slots(struct post *me, struct view *view)
{
	struct mbx_slot slots[SLOTS];
	__u64 mask = 1 + pick(me, (1 << SLOTS) - 1);
	struct mbx_region_subscribe args = { .size = sizeof(args),
					     .slot_mask = mask };
	struct pollfd pfd = { .fd = view->fd, .events = POLLIN };
	int ret;

	ENDS(me, "subscribe", call(view->fd, MBX_IOC_REGION_SUBSCRIBE, &args),
	     EINTR);
	if (poll(&pfd, 1, pick(me, 20)) == 1) {
		verify(CHECK_REGION, pfd.revents == POLLIN, "poll: %#x",
		       pfd.revents);
		ret = result_of(read(view->fd, slots, sizeof(slots)));
		ENDS(me, "read a region", ret, EINTR);
		verify(CHECK_REGION, ret < 0 || ret / (int)sizeof(slots[0]) > 0,
		       "read %d bytes", ret);
	}
	args.slot_mask = 0;
	if (chance(me, 2))
		ENDS(me, "unsubscribe",
		     call(view->fd, MBX_IOC_REGION_SUBSCRIBE, &args), EINTR);
}

/* One of its own: all its memory is there, and zero. */
static void use_private(struct post *me)
{
	size_t len = page_size() * (1 + pick(me, 16)), i;
	int fd = open_region(NULL, CREATE, .bytes = len);
	__u8 *data;

	if (!ENDS(me, "anonymous region", fd, 0))
		return;
	data = map_data(fd, len);
	for (i = 0; data && i < len; i += 512) {
		verify(CHECK_REGION, !data[i], "a new region is not zero");
		data[i] = 0xff;
	}
	/* The mapping keeps the memory. */
	close(fd);
	if (data)
		munmap(data, len);
}

static int region_session(struct post *me)
{
	struct view view = { .fd = open_region(REGION_NAME, RDWR) };
	int turns;

	if (!ENDS(me, "open the region", view.fd, 0) || !view_map(&view))
		return EXIT_FAILURE;
	for (turns = pick(me, 500); turns; turns--) {
		switch (pick(me, 8)) {
		case 0:
			await_slots(me, &view);
			break;
		case 1:
			poll_slots(me, &view);
			break;
		case 2:
			use_private(me);
			break;
		case 3:
		case 4:
			use_lock(me, &view);
			break;
		default:
			tell_slot(me, &view);
		}
		count_op(OP_REGION, 1);
		beat(me);
	}
	view_close(&view);
	return 0;
}

static int use_region(struct post *me)
{
	while (!region_session(me))
		;
	return EXIT_FAILURE;
}

const struct trade region_trade = {
	.name = "user of a region",
	.work = use_region,
};
