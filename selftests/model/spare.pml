/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The request that an open file keeps for its next call (kmod/request.c)
 *
 * Two threads call through one file, each twice; they may be of different memory
 * control groups. A server has a reference to each request, and drops it some time.
 * Looking at the place for the spare, exchanging, and comparing and exchanging are
 * one step each. Then the file is released.
 *
 * To hold:
 * - a request that is taken is not referenced by anybody, and charged to the group
 *   of who takes it;
 * - none is used or freed when it is free, and all are free in the end.
 *
 * Code:
 *   kmod/request.c take_spare()
 *     struct mbx_request *req = READ_ONCE(*spare) ? xchg(spare, NULL) : NULL;
 *     if (!req || likely(req->memcg == mbx_memcg())) return req;
 *     kfree(req); return NULL;
 *   kmod/request.c mbx_request_create()
 *     struct mbx_request *req = take_spare(spare);
 *     if (!req) { req = allocate();
 *     refcount_set(&req->ref, 1);
 *   kmod/request.h mbx_request_put()
 *     if (req && refcount_dec_and_test(&req->ref)) mbx_request_free(req);
 *   kmod/request.c mbx_request_free()
 *     kfree(req);
 *   kmod/request.c mbx_request_retire()
 *     if (!refcount_dec_and_test(&req->ref)) return;
 *     if (cmpxchg(spare, NULL, req)) kfree(req);
 *   kmod/call_file.c make_request()
 *     msg->request = mbx_request_get(req);
 *   kmod/call_file.c call_and_wait()
 *     struct mbx_request **spare = &mbx_mailbox_handle_of(file)->spare;
 *     struct mbx_request *req = mbx_request_create(spare, m->capacity);
 *     mbx_request_retire(spare, req);
 *   kmod/mailbox_file.c release_mailbox_file()
 *     kfree(handle->spare); kfree(handle);
 *
 * Mutants:
 *   taken_without_exchange refs[req]==0
 *   kept_without_comparing !(allocated[0])
 *   kept_though_referenced allocated[spare]
 *   foreign_not_freed !(allocated[0])
 *   foreign_used group[req]==mine
 *   freed_though_kept refs[req]==0
 *   freed_twice allocated[r]
 */
#define REQUESTS 4			/* one for each call */
#define NULL 15

byte spare = NULL;			/* handle->spare */
bool allocated[REQUESTS];
byte refs[REQUESTS];			/* req->ref */
bool group[REQUESTS];			/* req->memcg */

/* kfree() */
inline free(r)
{
	d_step { assert(allocated[r]); allocated[r] = false; group[r] = false }
}

/* allocate() */
inline allocate(r)
{
	d_step {
		r = 0;
		do
		:: allocated[r] -> r++
		:: else -> break
		od;
		allocated[r] = true;
		group[r] = mine
	}
}

/* take_spare() */
inline take_spare()
{
	req = spare;
	if
	:: req == NULL
	:: else ->
#ifdef MUTANT_taken_without_exchange
		spare = NULL;
#else
		d_step { req = spare; spare = NULL };
#endif
#ifndef MUTANT_foreign_used
		if
		:: req != NULL && group[req] != mine ->
#ifndef MUTANT_foreign_not_freed
			free(req);
#endif
			req = NULL
		:: else
		fi
#endif
	fi
}

/* mbx_request_retire() */
inline retire()
{
	atomic {
		assert(allocated[req] && refs[req] > 0);
		refs[req]--;
		last = refs[req] == 0
	}
	if
#ifdef MUTANT_kept_though_referenced
	:: true ->
#else
	:: last ->
#endif
#ifdef MUTANT_kept_without_comparing
		spare = req
#else
		d_step {
			kept = spare == NULL;
			if
			:: kept -> spare = req
			:: else
			fi
		}
		if
#ifdef MUTANT_freed_though_kept
		:: true -> free(req)
#else
		:: !kept -> free(req)
#endif
		:: else
		fi
#endif
	:: else
	fi
}

/* mbx_request_put(), by the message or the token */
proctype server(byte r)
{
	bool last;

	atomic {
		assert(allocated[r] && refs[r] > 0);
		refs[r]--;
		last = refs[r] == 0
	}
	if
	:: last ->
		free(r)
#ifdef MUTANT_freed_twice
		;
		free(r)
#endif
	:: else
	fi
}

/* call_and_wait() */
proctype caller(bool mine)
{
	byte req, calls;
	bool last, kept;

	do
	:: calls == 2 -> break
	:: else ->
		calls++;
		/* mbx_request_create() */
		take_spare();
		if
		:: req == NULL -> allocate(req)
		:: else
		fi;
		assert(allocated[req] && refs[req] == 0);
		assert(group[req] == mine);
		refs[req] = 1;
		/* mbx_request_attach() */
		atomic { refs[req]++; run server(req) }
		retire()
	od
}

init {
	atomic {
		run caller(false);
		if
		:: run caller(false)
		:: run caller(true)
		fi
	}
	_nr_pr == 1;
	/* release_mailbox_file() */
	if
	:: spare != NULL -> free(spare)
	:: else
	fi;
	assert(!allocated[0] && !allocated[1] && !allocated[2] && !allocated[3])
}
