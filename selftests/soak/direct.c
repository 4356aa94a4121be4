// SPDX-License-Identifier: GPL-2.0-only
/*
 * Workers that own the mailbox of their process, and workers that send there
 *
 * Such a mailbox ends with its owner, so nothing outlives a kill, and the owner
 * alone can say what has to arrive: of each opening by a courier the numbers 0, 1,
 * 2 ... without a hole, unless its mailbox has dropped some.
 */
#include "crew.h"

#define SEEN 64

struct parcel {
	__u64 opening; /* by whom, unique */
	__u64 number;
	__u64 nonce;
};

/* --- owners ---------------------------------------------------------------- */

struct owner {
	int fd;
	__u32 overflow;
	__u64 holes;
	struct {
		__u64 opening;
		__u64 next;
	} seen[SEEN];
};

static void check_parcel(struct owner *owner, const struct parcel *parcel)
{
	__u32 i = parcel->opening % SEEN;
	__u64 next;

	if (owner->seen[i].opening != parcel->opening) {
		owner->seen[i].opening = parcel->opening;
		owner->seen[i].next = 0;
	}
	next = owner->seen[i].next;
	verify(CHECK_ORDER, parcel->number >= next,
	       "direct: number %llu behind %llu", parcel->number, next - 1);
	owner->holes += parcel->number - next;
	verify(CHECK_LOST,
	       parcel->number <= next ||
		       owner->overflow == MBX_OVERFLOW_DROP_OLDEST,
	       "direct: %llu numbers before %llu", parcel->number - next,
	       parcel->number);
	owner->seen[i].next = parcel->number + 1;
}

static void check_owned(const struct owner *owner)
{
	struct mbx_mailbox_stat st = stat_of(owner->fd);

	verify(CHECK_COUNTERS,
	       st.sent == st.received + st.dropped + st.withdrawn + st.msgs,
	       "direct: %llu sent, %llu received, %llu dropped, %llu withdrawn, %llu queued",
	       st.sent, st.received, st.dropped, st.withdrawn, st.msgs);
	/* A request that was withdrawn leaves no hole: its opening ends. */
	verify(CHECK_LOST, owner->holes <= st.dropped,
	       "direct: %llu holes, %llu dropped", owner->holes, st.dropped);
}

static void answer_parcel(struct post *me, const struct owner *owner,
			  const struct mbx_message *msg, struct parcel *parcel)
{
	if (!msg->token)
		return;
	parcel->nonce = ~parcel->nonce;
	ENDS(me, "reply",
	     reply_bytes(owner->fd, msg->token, parcel, sizeof(*parcel)),
	     ESRCH);
}

static int receive_parcels(struct post *me, struct owner *owner)
{
	struct mbx_message msgs[BATCH];
	struct parcel parcels[BATCH];
	int ret, i;

	for (i = 0; i < BATCH; i++)
		msgs[i] = (struct mbx_message){
			.data = (uintptr_t)&parcels[i],
			.capacity = sizeof(parcels[i]),
		};
	ret = recv_array(owner->fd, msgs, 1 + pick(me, BATCH),
			 .deadline_ns = soon(me));
	for (i = 0; i < ret; i++) {
		check_parcel(owner, &parcels[i]);
		answer_parcel(me, owner, &msgs[i], &parcels[i]);
	}
	if (ret > 0)
		count_op(OP_DIRECT, ret);
	return ret;
}

/* Some end of themselves, some close the mailbox and bind another. */
static int be_owner(struct post *me)
{
	static struct owner owner;
	int turns;

	do {
		memset(&owner, 0, sizeof(owner));
		owner.overflow = pick(me, 3);
		owner.fd = bind_direct(MBX_EXCL, .mode = 0666,
				       .overflow = owner.overflow,
				       .max_msgs = 1 + pick(me, 40));
		if (!ENDS(me, "bind", owner.fd, 0))
			return EXIT_FAILURE;
		for (turns = pick(me, 2000); turns; turns--) {
			ENDS(me, "receive", receive_parcels(me, &owner), EINTR,
			     ETIMEDOUT, EAGAIN);
			if (chance(me, 16))
				check_owned(&owner);
			beat(me);
		}
		close(owner.fd);
	} while (chance(me, 2));
	return 0;
}

const struct trade owner_trade = {
	.name = "owner",
	.work = be_owner,
	.others = true,
};

/* --- couriers -------------------------------------------------------------- */

static int open_owner(struct post *me, const struct post *owner)
{
	__u32 wait = chance(me, 2) ? MBX_WAIT_BOUND : 0;
	__u64 deadline = wait ? soon(me) : 0;
	pid_t pid = __atomic_load_n(&owner->pid, __ATOMIC_SEQ_CST);
	int pidfd, fd;

	if (!pid)
		return -ESRCH;
	if (chance(me, 2))
		return open_direct(MBX_WRITE | wait, pid,
				   .deadline_ns = deadline);
	pidfd = open_pidfd(pid, 0);
	/* So say some kernels of a process that is being reaped. */
	ENDS(me, "pidfd_open", pidfd, ESRCH, EINVAL);
	if (pidfd < 0)
		return -ESRCH;
	fd = open_direct(MBX_WRITE | MBX_PIDFD | wait, pidfd,
			 .deadline_ns = deadline);
	close(pidfd);
	return fd;
}

static int call_owner(struct post *me, int fd, const struct parcel *parcel,
		      __u32 prio)
{
	struct mbx_message request = { .data = (uintptr_t)parcel,
				       .len = sizeof(*parcel),
				       .prio = prio };
	struct parcel reply;
	struct mbx_message answer = { .data = (uintptr_t)&reply,
				      .capacity = sizeof(reply) };
	int ret = call_message(fd, &request, &answer,
			       .deadline_ns = chance(me, 2) ? soon(me) : 0);

	if (!ret)
		verify(CHECK_REPLY,
		       reply.opening == parcel->opening &&
			       reply.number == parcel->number &&
			       reply.nonce == ~parcel->nonce,
		       "direct: to %#llx/%llu: %#llx/%llu", parcel->opening,
		       parcel->number, reply.opening, reply.number);
	return ret < 0 ? ret : 1;
}

static int send_parcel(struct post *me, int fd, const struct parcel *parcel,
		       __u32 prio)
{
	struct mbx_message msg = { .data = (uintptr_t)parcel,
				   .len = sizeof(*parcel),
				   .prio = prio };

	return send_array(fd, &msg, 1,
			  .deadline_ns = chance(me, 2) ? soon(me) : 0);
}

/*
 * After a call without reply nobody knows whether its number has been used. All
 * that a courier sends has one priority, so that openings stay in order, too.
 */
static void deliver(struct post *me, int fd, struct parcel parcel)
{
	__u32 prio = prios[me->which % PRIOS], turns = 1 + pick(me, 300);
	bool calls;
	int ret;

	do {
		calls = chance(me, 6);
		parcel.nonce = next_random(&me->random);
		ret = calls ? call_owner(me, fd, &parcel, prio) :
			      send_parcel(me, fd, &parcel, prio);
		beat(me);
		if (ret == 1)
			parcel.number++;
		if (ret == -ESRCH || (calls && ret < 0 && ret != -EAGAIN))
			break;
	} while (--turns);
	ENDS(me, calls ? "direct call" : "direct send", ret, ESRCH, EAGAIN,
	     EINTR, ETIMEDOUT, calls ? ECONNRESET : ESRCH);
	if (chance(me, 8))
		verify(CHECK_COUNTERS, counters_add_up(fd), "direct");
}

static int be_courier(struct post *me)
{
	struct parcel parcel = { .opening = (__u64)me->life << 32 };
	const struct post *owner;
	int fd;

	for (;;) {
		owner = post_of(&owner_trade, pick(me, 3));
		fd = open_owner(me, owner);
		beat(me);
		if (!ENDS(me, "opening an owner's mailbox", fd, ENXIO, ESRCH,
			  ETIMEDOUT, EINTR) ||
		    fd < 0) {
			usleep(pick(me, 2000));
			continue;
		}
		/* Couriers, and what each opens, are apart in the low bits. */
		parcel.opening += 4;
		parcel.number = 0;
		deliver(me, fd,
			(struct parcel){ .opening = parcel.opening |
						    me->which });
		close(fd);
	}
	return 0;
}

const struct trade courier_trade = {
	.name = "courier",
	.work = be_courier,
	.others = true,
};
