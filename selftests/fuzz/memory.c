// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory that calls are made with: what is there, what is not, what is only
 * for reading, and what ends in the middle
 */
#include "actor.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#define PAGE 4096
#define BASE ((char *)0x100000000000UL)
/* For an actor: near memory, a hole, a page that is read-only, a hole. */
#define STRIDE (1UL << 20)
#define HOLE (NEARS * NEAR_SIZE)
#define READONLY (HOLE + 4 * PAGE)
#define ZONES ((char *)0x200000000000UL)
#define USER_END ((char *)0x7ffffffff000UL)

static _Thread_local sigjmp_buf trap;
static _Thread_local volatile bool guarded;

char *memory_of(__u32 actor)
{
	return BASE + actor * STRIDE;
}

char *zone_of(__u32 map)
{
	return ZONES + map % MAPS * ZONE_SIZE;
}

void memory_unmap(void)
{
	bool any = false;
	__u32 i;

	for (i = 0; i < MAPS; i++) {
		any |= !!maps[i].addr;
		maps[i] = (struct mapping){ 0 };
	}
	if (any)
		munmap(ZONES, MAPS * ZONE_SIZE);
}

bool memory_init(void)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	__u32 i;

	for (i = 0; i < ACTORS; i++) {
		if (mmap(memory_of(i), HOLE, PROT_READ | PROT_WRITE, flags, -1,
			 0) != memory_of(i))
			return false;
		if (mmap(memory_of(i) + READONLY, PAGE, PROT_READ, flags, -1,
			 0) == MAP_FAILED)
			return false;
	}
	return true;
}

char *place_of(const struct actor *me, const struct step *step, __u32 i,
	       __u32 which)
{
	__u64 value = step_value(step, i);
	__u32 number = NUMBER_OF(value);

	switch (WORD_OF(value)) {
	case PLACE_NULL:
		return NULL;
	case PLACE_HALF:
		return me->memory + HOLE - number;
	case PLACE_HOLE:
		return me->memory + HOLE;
	case PLACE_READONLY:
		return me->memory + READONLY;
	case PLACE_MAPPING:
		return maps[number % MAPS].addr;
	case PLACE_TOP:
		return USER_END - number;
	case PLACE_KERNEL:
		return (char *)0xffff888000000000UL;
	case PLACE_NONSENSE:
		return (char *)0x8080808080808080UL;
	case PLACE_NEST:
		return me->memory + NEAR_NEST * NEAR_SIZE;
	default:
		return me->memory + which * NEAR_SIZE;
	}
}

/* --- access to what may not be there --- */

static void on_fault(int sig)
{
	if (guarded)
		siglongjmp(trap, 1);
	_exit(128 + sig);
}

void guard_init(void)
{
	struct sigaction action = { .sa_handler = on_fault,
				    .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

static __attribute__((noinline)) void
copy(volatile char *to, const volatile char *from, size_t len)
{
	while (len--)
		*to++ = *from++;
}

bool copy_guarded(void *to, const void *from, size_t len)
{
	bool whole = !sigsetjmp(trap, 0);

	guarded = whole;
	if (whole)
		copy(to, from, len);
	guarded = false;
	return whole;
}
