// SPDX-License-Identifier: GPL-2.0-only
/* The table of all operations. */
#include "op.h"

#define OPS_MAX 64

struct op *ops;
__u32 op_count;

static void add_table(const struct op *table)
{
	struct op *op;

	for (; table->name; table++) {
		op = &ops[op_count++];
		*op = *table;
		while (op->params_count < ARGS_MAX &&
		       op->params[op->params_count].name)
			op->params_count++;
	}
}

bool ops_init(void)
{
	__u32 commands;

	ops = calloc(OPS_MAX, sizeof(*ops));
	if (!ops)
		return false;
	commands = command_ops(ops);
	if (!commands)
		return false;
	op_count = commands;
	add_table(file_ops);
	add_table(memory_ops);
	add_table(process_ops);
	return true;
}

const struct op *op_named(const char *name)
{
	__u32 i;

	for (i = 0; i < op_count; i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	return NULL;
}
