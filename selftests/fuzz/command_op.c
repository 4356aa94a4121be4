// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of the ABI as operations
 *
 * They come from the header: each command is an operation, each field of its
 * struct an argument; those of elements begin with "m.", and those of the struct
 * that another points to with "r.". What values make sense for a field is said
 * here, by its name. One that is not known ends the program, so that nothing new
 * can be left out.
 */
#include "actor.h"

struct field {
	const char *type;
	const char *name;
	__u32 offset;
	__u32 bytes;
};

static const struct field fields[] = {
#define UAPI_FIELD(_struct, _member, ...)                        \
	{ #_struct, #_member, offsetof(struct _struct, _member), \
	  sizeof(((struct _struct *)NULL)->_member) },
#include "uapi.inc"
};

static const struct {
	const char *label;
	unsigned int cmd;
} header[] = {
#define UAPI_COMMAND(_name, ...) { #_name, _name },
#include "uapi.inc"
};

/* What a field takes. The first line with its name, and its struct if any, counts. */
static const struct meaning {
	const char *type;
	const char *name;
	enum kind kind;
	__u64 good;
	__u64 most;
} meanings[] = {
	{ NULL, "size", KIND_RELATIVE },
	{ NULL, "elem_size", KIND_RELATIVE },
	{ NULL, "flags", KIND_FLAGS },
	{ NULL, "name", KIND_NAME, WORD(NAME_NULL, 0) },
	{ NULL, "name_len", KIND_LENGTH },
	{ NULL, "deadline_ns", KIND_DEADLINE, WORD(DEADLINE_IN, 3000) },
	{ NULL, "mode", KIND_NUMBER, 0, 0777 },
	{ NULL, "lifetime", KIND_NUMBER, 0, MBX_LIFE_OWNER },
	{ NULL, "overflow", KIND_NUMBER, 0, MBX_OVERFLOW_DROP_OLDEST },
	{ NULL, "kind", KIND_NUMBER, 0, MBX_KIND_REGION },
	{ NULL, "max_msgs", KIND_NUMBER, 2, 8 },
	{ NULL, "max_msg_size", KIND_NUMBER, 0, MBX_MSG_SIZE_MAX },
	{ NULL, "max_bytes", KIND_NUMBER, 0, MBX_BYTES_MAX },
	{ NULL, "target", KIND_PID },
	{ NULL, "pid", KIND_PID },
	{ "mbx_region_open", "slots", KIND_NUMBER, 4, MBX_SLOTS_MAX },
	{ NULL, "bytes", KIND_NUMBER, 8192, 1 << 16 },
	{ NULL, "messages", KIND_PLACE },
	{ NULL, "request", KIND_PLACE },
	{ NULL, "reply", KIND_PLACE },
	{ NULL, "message", KIND_PLACE },
	{ NULL, "slots", KIND_PLACE },
	{ NULL, "data", KIND_PLACE },
	{ NULL, "recv", KIND_PLACE, WORD(PLACE_NULL, 0) },
	{ NULL, "count", KIND_NUMBER, 1, 4 },
	{ "mbx_message", "token", KIND_NUMBER },
	{ NULL, "token", KIND_TOKEN },
	{ NULL, "slot_mask", KIND_FLAGS, 1, 0xf },
	{ NULL, "tag", KIND_NUMBER, 0, 3 },
	{ NULL, "prio", KIND_NUMBER, 0, MBX_PRIO_MAX },
	{ NULL, "min_prio", KIND_NUMBER, 0, MBX_PRIO_MAX },
	{ NULL, "len", KIND_NUMBER, 16, 256 },
	{ NULL, "capacity", KIND_NUMBER, 256, 256 },
	{ NULL, "slot", KIND_NUMBER, 0, 3 },
	{ NULL, "seq", KIND_NUMBER, 0, 3 },
	{ NULL, "reserved", KIND_NUMBER },
	/* Out, so whatever is there is not looked at. */
	{ NULL, "uid", KIND_NUMBER },
	{ NULL, "gid", KIND_NUMBER },
	{ NULL, "time_ns", KIND_NUMBER },
	{ NULL, "deliveries", KIND_NUMBER },
};

static const struct meaning *meaning_of(const struct command *command,
					const struct field *field)
{
	static const struct meaning out = { .kind = KIND_NUMBER };
	const struct meaning *m;

	for (m = meanings; m < meanings + ARRAY_SIZE(meanings); m++)
		if (!strcmp(m->name, field->name) &&
		    (!m->type || !strcmp(m->type, field->type)))
			return m;
	/* What is filled in by the module needs no value. */
	if (command->out)
		return &out;
	fprintf(stderr, "fuzz: field %s of struct %s is not known\n",
		field->name, field->type);
	return NULL;
}

/* --- from fields to arguments --- */

static const char *join(const char *prefix, const char *name)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s", prefix, name) < 0)
		exit(1);
	return text;
}

static __u64 right_size(const struct command *command, const struct param *p,
			const char *name)
{
	if (!strcmp(name, "elem_size"))
		return command->elem_size;
	return p->part == PART_NESTED ? sizeof(struct mbx_recv) : command->size;
}

static __u64 valid_flags(const struct command *command, enum part part)
{
	if (part == PART_ELEMENT)
		return 0;
	return part == PART_NESTED ? RECV_FLAGS : command->flags;
}

static bool add_field(struct op *op, const char *prefix, enum part part,
		      const struct field *field)
{
	const struct meaning *m = meaning_of(op->command, field);
	struct param *p = &op->params[op->params_count];

	if (!m)
		return false;
	if (op->params_count == ARGS_MAX) {
		fprintf(stderr, "fuzz: %s has too many arguments\n", op->name);
		return false;
	}
	*p = (struct param){
		.name = join(prefix, field->name),
		.kind = m->kind,
		.good = m->good,
		.most = m->most,
		.part = part,
		.offset = field->offset,
		.bytes = field->bytes,
	};
	if (p->kind == KIND_RELATIVE)
		p->good = right_size(op->command, p, field->name);
	if (!strcmp(field->name, "flags")) {
		p->most = valid_flags(op->command, part);
		if (p->most & MBX_CREATE && op->command->target == ON_DEVICE)
			p->good = CREATE;
	}
	op->params_count++;
	return true;
}

static bool add_fields(struct op *op, const char *prefix, enum part part,
		       const char *type)
{
	const struct field *field;
	bool nested = false;

	for (field = fields; field < fields + ARRAY_SIZE(fields); field++) {
		if (strcmp(field->type, type))
			continue;
		if (!add_field(op, prefix, part, field))
			return false;
		nested |= part == PART_ARGUMENT && !strcmp(field->name, "recv");
	}
	return !nested || add_fields(op, "r.", PART_NESTED, "mbx_recv");
}

/* The arguments that every command has, before those of its struct. */
enum { ARG_FD, ARG_CMD, ARG_AT, ARG_TO };

static long run_command(struct actor *me, const struct step *step);

static bool make_op(struct op *op, const struct command *command)
{
	static const __u64 target[TARGETS] = {
		[ON_DEVICE] = SLOT_DEVICE,
		[ON_MAILBOX] = SLOT_MAILBOX,
		[ON_REGION] = SLOT_REGION,
	};
	bool region = !strcmp(command->label, "REGION_OPEN");

	*op = (struct op){
		.name = command->label,
		.weight = 10,
		.run = run_command,
		.command = command,
		.params_count = ARG_TO + 1,
		.params = {
			[ARG_FD] = { "fd", KIND_FD, target[command->target] },
			[ARG_CMD] = { "cmd", KIND_COMMAND, command->cmd },
			[ARG_AT] = { "at", KIND_PLACE },
			[ARG_TO] = { "to", KIND_FD, region ? SLOT_REGION + 1 :
							     SLOT_MAILBOX + 1 },
		},
	};
	return add_fields(op, "", PART_ARGUMENT, command->type) &&
	       (!command->elem_type ||
		add_fields(op, "m.", PART_ELEMENT, command->elem_type));
}

__u32 command_ops(struct op *table)
{
	const struct command *command;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(header); i++) {
		command = command_of(header[i].cmd);
		if (!command) {
			fprintf(stderr, "fuzz: %s is not in the table\n",
				header[i].label);
			return 0;
		}
		if (!make_op(&table[i], command))
			return 0;
	}
	return i;
}

/* --- a call --- */

#define STRUCT_MAX 256
/* Of longer arrays the rest is left as it is. */
#define ELEMENTS_MAX 16

/* What a struct looks like that is made of a step's arguments. */
static void fill_struct(const struct actor *me, const struct step *step,
			enum part part, char *to)
{
	const struct param *p;
	__u32 i, places = 0;
	__u64 value;

	memset(to, 0, STRUCT_MAX);
	for (i = 0; i < step->op->params_count; i++) {
		p = &step->op->params[i];
		if (p->part != part)
			continue;
		if (p->kind != KIND_PLACE)
			value = resolve(me, step, i);
		else if (part == PART_ELEMENT)
			value = (uintptr_t)place_of(me, step, i, NEAR_DATA);
		else
			value = (uintptr_t)place_of(
				me, step, i,
				NEAR_ARRAY + (part == PART_NESTED ? 3 : 0) +
					places++);
		memcpy(to + p->offset, &value, p->bytes);
	}
}

/* The value of the argument of that name, or @otherwise. */
static __u64 named(const struct actor *me, const struct step *step,
		   const char *name, __u64 otherwise)
{
	__u32 i;

	for (i = 0; i < step->op->params_count; i++)
		if (!strcmp(step->op->params[i].name, name))
			return resolve(me, step, i);
	return otherwise;
}

/* Elements of slots are about different ones. */
static void put_array(const struct actor *me, const struct step *step,
		      __u64 array, __u64 count, const char *elem)
{
	const struct command *command = step->op->command;
	bool slot = command->elem_size == sizeof(struct mbx_slot);
	__u64 stride = named(me, step, "elem_size", command->elem_size);
	char copy[STRUCT_MAX];
	__u32 i;

	if (!stride || stride > NEAR_SIZE / ELEMENTS_MAX)
		stride = command->elem_size;
	memcpy(copy, elem, sizeof(copy));
	for (i = 0; i < count && i < ELEMENTS_MAX; i++) {
		if (!copy_guarded((char *)array + i * stride, copy,
				  command->elem_size))
			return;
		if (slot)
			((struct mbx_slot *)copy)->slot++;
	}
}

/* Tokens of requests that were received are there for other steps. */
static void harvest_tokens(__u64 array, long count)
{
	struct mbx_message m;
	__u32 made;
	long i;

	for (i = 0; i < count && i < TOKENS; i++) {
		if (!copy_guarded(&m, (struct mbx_message *)array + i,
				  sizeof(m)))
			return;
		if (!(m.flags & MBX_MSG_CALL) || !m.token)
			continue;
		made = __atomic_fetch_add(&team->tokens_made, 1,
					  __ATOMIC_RELAXED);
		team->tokens[made % TOKENS] = m.token;
	}
}

/* The arrays of a call, made or looked through. */
static void put_arrays(const struct actor *me, const struct step *step,
		       const char *args)
{
	const struct command *command = step->op->command;
	char elem[STRUCT_MAX];
	__u32 i;
	__u64 array;

	fill_struct(me, step, PART_ELEMENT, elem);
	for (i = 0; i < ARRAYS_MAX && command->arrays[i]; i++) {
		memcpy(&array, args + command->arrays[i], sizeof(array));
		put_array(me, step, array, named(me, step, "count", 1), elem);
	}
}

static void put_nested(const struct actor *me, const struct step *step)
{
	char recv[STRUCT_MAX], elem[STRUCT_MAX];

	if (step->op->command->cmd != MBX_IOC_REPLY)
		return;
	fill_struct(me, step, PART_NESTED, recv);
	fill_struct(me, step, PART_ELEMENT, elem);
	put_array(me, step, ((struct mbx_recv *)recv)->messages,
		  ((struct mbx_recv *)recv)->count, elem);
	memcpy(me->memory + NEAR_NEST * NEAR_SIZE, recv,
	       sizeof(struct mbx_recv));
}

static void look_through(const struct actor *me, const struct step *step,
			 const char *args, long count)
{
	char recv[STRUCT_MAX];

	if (step->op->command->cmd == MBX_IOC_RECV) {
		harvest_tokens(((struct mbx_recv *)args)->messages, count);
	} else if (step->op->command->cmd == MBX_IOC_REPLY) {
		fill_struct(me, step, PART_NESTED, recv);
		harvest_tokens(((struct mbx_recv *)recv)->messages, count);
	}
}

static long run_command(struct actor *me, const struct step *step)
{
	char *at = place_of(me, step, ARG_AT, NEAR_STRUCT);
	__u32 cmd = resolve(me, step, ARG_CMD);
	char args[STRUCT_MAX];
	long ret;

	fill_struct(me, step, PART_ARGUMENT, args);
	put_arrays(me, step, args);
	put_nested(me, step);
	copy_guarded(at, args, step->op->command->size);
	ret = call(resolve(me, step, ARG_FD), cmd, at);
	if (ret <= 0 || cmd != step->op->command->cmd)
		return ret;
	/* A process binds once in its life. */
	if (cmd == MBX_IOC_MAILBOX_OPEN &&
	    ((struct head *)args)->flags & MBX_DIRECT)
		team_spoil(me->number);
	/* A number that the device gives is a descriptor. */
	if (step->op->command->target == ON_DEVICE)
		return put_fd(step_value(step, ARG_TO), ret);
	look_through(me, step, args, ret);
	return ret;
}
