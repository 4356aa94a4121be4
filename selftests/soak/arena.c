// SPDX-License-Identifier: GPL-2.0-only
/* Memory that all processes share, and what they find wrong. */
#include "arena.h"

#include <stdarg.h>
#include <sys/mman.h>

struct arena *arena;

const char *const check_names[CHECKS] = {
	[CHECK_COUNTERS] = "sent = received + queued + dropped + withdrawn",
	[CHECK_GROWTH] = "counters only grow, and limits are kept",
	[CHECK_WAITING] = "nobody waits for a message that is there",
	[CHECK_LEDGER] = "counters agree with what senders and receivers saw",
	[CHECK_CONTENT] = "messages arrive as they were sent",
	[CHECK_ONCE] = "no message arrives twice, or from nowhere",
	[CHECK_ORDER] = "a sender's messages of one priority stay in order",
	[CHECK_LOST] = "no message is lost without being counted",
	[CHECK_REPLY] = "every reply reaches who asked",
	[CHECK_RESULT] = "calls end as documented",
	[CHECK_REGION] =
		"regions, their slots and locks hold what was put there",
	[CHECK_PROGRESS] = "nobody hangs or dies of itself",
	[CHECK_QUOTA] = "objects and quotas are back where they began",
	[CHECK_SLAB] = "slab objects are back where they began",
	[CHECK_PAGES] = "pages are back where they began",
	[CHECK_GROUP] = "memory of the control group is back where it began",
};

const char *const op_names[OPS] = {
	[OP_SENT] = "sent",	[OP_RECEIVED] = "received",
	[OP_CALLED] = "called", [OP_DIRECT] = "direct",
	[OP_PASSED] = "passed", [OP_REGION] = "region",
	[OP_POLLED] = "polled", [OP_CHURNED] = "churned",
	[OP_KILLED] = "killed",
};

void *share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("soak: mmap");
		exit(EXIT_FAILURE);
	}
	return memory;
}

void arena_init(__u32 seed)
{
	arena = share(sizeof(*arena));
	arena->seed = seed;
}

__u64 all_checks(void)
{
	__u64 sum = 0;
	int i;

	for (i = 0; i < CHECKS; i++)
		sum += load(&arena->findings[i].checked);
	return sum;
}

/* One write, so that complaints of several processes stay apart. */
static void print_first(const struct finding *finding, enum check check)
{
	char line[COMPLAINT_SIZE + 100];
	int len = snprintf(line, sizeof(line), "soak: not so: %s: %s\n",
			   check_names[check], finding->text);

	if (write(STDOUT_FILENO, line, len) < 0)
		perror("soak: write");
}

void complain(enum check check, const char *format, ...)
{
	struct finding *finding = &arena->findings[check];
	va_list args;

	add(&finding->failed, 1);
	if (__atomic_exchange_n(&finding->claimed, 1, __ATOMIC_SEQ_CST))
		return;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	print_first(finding, check);
}
