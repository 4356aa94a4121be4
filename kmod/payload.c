// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of payloads that do not fit into their messages
 *
 * Of the smaller ones each processor keeps a few that were allocated on it and are
 * free now, for the next ones. Most of what an allocation costs is to account for it
 * and, as kernels may be configured, to clear what is then overwritten. The memory
 * stays charged to the control group of the task for which it was allocated, so only
 * a task of the same group may have it again.
 *
 * The kernel does not know how to get it back, so it is not kept for long: what was
 * not used for a second or two is freed, and all of it where there is no memory for a
 * message.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "message.h"
#include "payload.h"

/*
 * Without memory a sender is to get an error, not to set the OOM killer on its
 * cgroup: hence RETRY_MAYFAIL.
 */
#define MSG_GFP (GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Sizes are powers of two, and each has a shelf. */
#define SHIFT_MIN 7
#define SHIFT_MAX 12
#define KEPT_SIZE_MAX BIT(SHIFT_MAX)
#define SHELVES (SHIFT_MAX - SHIFT_MIN + 1)

/* On each shelf, which makes 63 KiB for a processor. */
#define PLACES 8

static_assert(!(PLACES & (PLACES - 1))); /* as numbers of places wrap */

/* How the memory begins while it is kept. */
struct kept {
	u64 memcg;
	unsigned long since; /* jiffies */
};

static_assert(sizeof(struct kept) <= BIT(SHIFT_MIN));

/*
 * Places are emptied and filled by exchanging, so that tasks may be preempted and
 * moved to another processor at any time. The rest are hints: whose memory is in a
 * place, and where to look first.
 */
struct place {
	u64 memcg;
	struct kept *kept;
};

struct shelf {
	/* Filled and not emptied since, if all went in order. */
	unsigned long last;
	struct place places[PLACES];
};

struct store {
	struct shelf shelves[SHELVES];
};

static DEFINE_PER_CPU(struct store, stores);

static void reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(reaper, reap);

static unsigned long shift_of(u32 len)
{
	return max(fls(len - 1), SHIFT_MIN);
}

static __always_inline struct shelf *shelf_of(unsigned int cpu, u32 len)
{
	return &per_cpu_ptr(&stores, cpu)->shelves[shift_of(len) - SHIFT_MIN];
}

/* The hint may be late: it can be another group's. */
static __always_inline struct kept *take_out(struct place *place, u64 memcg)
{
	if (!READ_ONCE(place->kept) || READ_ONCE(place->memcg) != memcg)
		return NULL;
	return xchg(&place->kept, NULL);
}

static struct kept *take_from(struct place *place, u64 memcg)
{
	struct kept *kept = take_out(place, memcg);

	if (!kept || kept->memcg == memcg)
		return kept;
	kfree(kept);
	return NULL;
}

/* Tasks of different groups who talk find each other's above their own. */
static struct kept *take_behind(struct shelf *shelf, unsigned long last,
				u64 memcg)
{
	struct kept *kept = NULL;
	unsigned long i;

	for (i = last - 1; !kept && i != last - PLACES; i--) {
		kept = take_from(&shelf->places[i % PLACES], memcg);
		if (kept)
			WRITE_ONCE(shelf->last, i - 1);
	}
	return kept;
}

/*
 * Exchanging is a full barrier, and so is what clears the mark that the reaper is
 * pending: either that is seen here, or reap() sees what is in the place.
 */
static __always_inline bool put_into(struct place *place, struct kept *kept)
{
	u64 memcg = kept->memcg; /* it may be gone afterwards */

	if (READ_ONCE(place->kept) || cmpxchg(&place->kept, NULL, kept))
		return false;
	WRITE_ONCE(place->memcg, memcg);
	if (unlikely(!delayed_work_pending(&reaper)))
		schedule_delayed_work(&reaper, HZ);
	return true;
}

static noinline bool keep_behind(struct shelf *shelf, unsigned long last,
				 struct kept *kept)
{
	unsigned long i;

	for (i = last + 2; i != last + 1 + PLACES; i++) {
		if (!put_into(&shelf->places[i % PLACES], kept))
			continue;
		WRITE_ONCE(shelf->last, i);
		return true;
	}
	return false;
}

static __always_inline bool keep(struct shelf *shelf, struct kept *kept)
{
	unsigned long next = READ_ONCE(shelf->last) + 1;

	if (unlikely(!put_into(&shelf->places[next % PLACES], kept)))
		return keep_behind(shelf, next - 1, kept);
	WRITE_ONCE(shelf->last, next);
	return true;
}

static struct kept *take_any(struct kept **place)
{
	return READ_ONCE(*place) ? xchg(place, NULL) : NULL;
}

/* Returns whether it is still there. */
static bool reap_place(struct kept **place)
{
	struct kept *kept = take_any(place);

	if (!kept)
		return false;
	if (time_before(jiffies, kept->since + HZ) &&
	    !cmpxchg(place, NULL, kept))
		return true;
	kfree(kept);
	return false;
}

/* Returns whether there was anything. */
static bool empty_place(struct kept **place)
{
	struct kept *kept = take_any(place);
	bool any = kept;

	kfree(kept);
	return any;
}

/* Returns whether @func did so for any place. */
static bool visit_places(bool (*func)(struct kept **place))
{
	struct store *store;
	bool any = false;
	int cpu, nr, i;

	for_each_possible_cpu(cpu) {
		store = per_cpu_ptr(&stores, cpu);
		for (nr = 0; nr < SHELVES; nr++) {
			for (i = 0; i < PLACES; i++)
				any |= func(&store->shelves[nr].places[i].kept);
		}
		cond_resched();
	}
	return any;
}

static void reap(struct work_struct *work)
{
	if (visit_places(reap_place))
		schedule_delayed_work(&reaper, HZ);
}

/**
 * mbx_payload_exit - nobody has a payload any more, and nothing is kept
 */
void mbx_payload_exit(void)
{
	cancel_delayed_work_sync(&reaper);
	visit_places(empty_place);
}

/**
 * mbx_msg_kmalloc - allocate memory for a message, or a part of one
 * @size: bytes
 *
 * Return: the memory, uninitialized, or NULL.
 */
void *mbx_msg_kmalloc(size_t size)
{
	void *memory = kmalloc(size, MSG_GFP);

	/* Limits are those of groups of groups: whosever it is may help. */
	if (unlikely(!memory) && visit_places(empty_place))
		memory = kmalloc(size, MSG_GFP);
	return memory;
}

/* Contiguous pages are not worth an effort: kvmalloc() would make one here. */
static void *alloc_pages_of(u32 len)
{
	void *memory =
		kmalloc(len, GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN);

	return memory ?:
			__vmalloc(len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN |
					       MBX_VMALLOC_NO_OOM);
}

static noinline int alloc_large(struct mbx_payload *payload, u32 len)
{
	payload->memory = len <= PAGE_SIZE ? mbx_msg_kmalloc(len) :
					     alloc_pages_of(len);
	if (unlikely(!payload->memory && len > PAGE_SIZE &&
		     visit_places(empty_place)))
		payload->memory = alloc_pages_of(len);
	return payload->memory ? 0 : -ENOMEM;
}

/* In the first place there is none for this group; @foreign was in it, or NULL. */
static noinline int alloc_small(struct mbx_payload *payload, u32 len,
				struct kept *foreign)
{
	struct shelf *shelf = shelf_of(payload->cpu, len);

	kfree(foreign);
	payload->memory =
		take_behind(shelf, READ_ONCE(shelf->last), payload->memcg);
	if (payload->memory)
		return 0;
	payload->memory = mbx_msg_kmalloc(BIT(shift_of(len)));
	/* The task may have been moved meanwhile. */
	if (payload->memcg != mbx_memcg())
		payload->memcg = MBX_NO_MEMCG;
	return payload->memory ? 0 : -ENOMEM;
}

/**
 * mbx_payload_alloc - allocate memory for a payload
 * @payload: out: the memory, uninitialized
 * @len: bytes, more than MBX_INLINE_LEN
 * @memcg: mbx_memcg(), or what that was a moment ago
 *
 * Return: 0 or -ENOMEM.
 */
int mbx_payload_alloc(struct mbx_payload *payload, u32 len, u64 memcg)
{
	struct shelf *shelf;
	unsigned long last;
	struct kept *kept;

	if (len > KEPT_SIZE_MAX)
		return alloc_large(payload, len);
	payload->memcg = memcg;
	payload->cpu = raw_smp_processor_id();
	shelf = shelf_of(payload->cpu, len);
	last = READ_ONCE(shelf->last);
	kept = take_out(&shelf->places[last % PLACES], memcg);
	if (unlikely(!kept || kept->memcg != memcg))
		return alloc_small(payload, len, kept);
	WRITE_ONCE(shelf->last, last - 1);
	payload->memory = kept;
	return 0;
}

/**
 * mbx_payload_free - free the memory of a payload
 * @payload: where that is
 * @len: bytes of payload
 */
void mbx_payload_free(struct mbx_payload *payload, u32 len)
{
	struct kept *kept = payload->memory;

	if (len > KEPT_SIZE_MAX || payload->memcg == MBX_NO_MEMCG ||
	    want_init_on_free()) {
		kvfree(payload->memory);
		return;
	}
	kept->memcg = payload->memcg;
	kept->since = jiffies;
	if (unlikely(!keep(shelf_of(payload->cpu, len), kept)))
		kfree(kept);
}
