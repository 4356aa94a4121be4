// SPDX-License-Identifier: GPL-2.0-only
/* The fuzzer's operations, and sequences of them as text. */
#include "kselftest_harness.h"

#include <glob.h>

#include "fuzz/mutate.h"
#include "fuzz/random.h"

struct uapi_field {
	const char *type;
	const char *name;
};

static const struct uapi_field fields[] = {
#define UAPI_FIELD(_struct, _member, ...) { #_struct, #_member },
#include "uapi.inc"
};

FIXTURE(fuzz)
{
	FILE *file;
	char *text;
	size_t len;
};

FIXTURE_SETUP(fuzz)
{
	ASSERT_TRUE(ops_init());
	random_init(1);
	self->text = NULL;
	self->file = NULL;
}

FIXTURE_TEARDOWN(fuzz)
{
	if (self->file)
		fclose(self->file);
	free(self->text);
}

static bool has_param(const struct op *op, const char *name)
{
	__u32 i;

	for (i = 0; i < op->params_count; i++)
		if (!strcmp(op->params[i].name, name))
			return true;
	return false;
}

TEST_F(fuzz, every_command_is_an_operation)
{
	const struct command *c;
	const struct op *op;

	for_each_command(c) {
		op = op_named(c->label);
		ASSERT_NE(NULL, op) TH_LOG("%s", c->label);
		EXPECT_EQ(c->cmd, op->command->cmd);
	}
}

TEST_F(fuzz, every_field_of_a_command_is_an_argument)
{
	const struct command *c;
	char name[64];
	size_t i;

	for_each_command(c) {
		for (i = 0; i < ARRAY_SIZE(fields); i++) {
			if (!strcmp(fields[i].type, c->type))
				snprintf(name, sizeof(name), "%s",
					 fields[i].name);
			else if (c->elem_type &&
				 !strcmp(fields[i].type, c->elem_type))
				snprintf(name, sizeof(name), "m.%s",
					 fields[i].name);
			else
				continue;
			EXPECT_TRUE(has_param(op_named(c->label), name))
			TH_LOG("%s %s", c->label, name);
		}
	}
}

static void print_again(struct __test_metadata *_metadata,
			FIXTURE_DATA(fuzz) * self, const struct sequence *seq)
{
	FILE *file = open_memstream(&self->text, &self->len);

	ASSERT_NE(NULL, file);
	sequence_print(file, seq);
	fclose(file);
	self->file = fmemopen(self->text, self->len, "r");
	ASSERT_NE(NULL, self->file);
}

static bool same_steps(const struct step *a, const struct step *b)
{
	__u32 i;

	if (a->op != b->op || a->actor != b->actor || a->early != b->early ||
	    a->fail != b->fail || a->set != b->set)
		return false;
	for (i = 0; i < a->op->params_count; i++)
		if (a->set & (1ULL << i) && a->args[i] != b->args[i])
			return false;
	return true;
}

TEST_F(fuzz, what_is_printed_is_read_again)
{
	static struct sequence seq, again;
	__u32 i, n;

	seq.count = 1;
	seq.steps[0].op = &ops[0];
	for (n = 0; n < 2000; n++) {
		mutate(&seq, &seq);
		print_again(_metadata, self, &seq);
		ASSERT_EQ(1, sequence_read(self->file, "text", &again))
		TH_LOG("%s", self->text);
		ASSERT_EQ(seq.count, again.count);
		for (i = 0; i < seq.count; i++)
			ASSERT_TRUE(same_steps(&seq.steps[i], &again.steps[i]))
		TH_LOG("step %u of:\n%s", i, self->text);
		fclose(self->file);
		free(self->text);
		self->text = NULL;
		self->file = NULL;
	}
}

TEST_F(fuzz, what_is_no_sequence_is_refused)
{
	static const char *const bad[] = {
		"SEND",
		"0",
		"4 SEND",
		"0 NOTHING",
		"0 SEND fd",
		"0 SEND fd=",
		"0 SEND fd=x",
		"0 SEND fd=1x",
		"0 SEND nothing=1",
		"0 SEND m.data=up",
		"0 SEND fail=0",
		"0 CALL deadline_ns=in:x",
	};
	static struct sequence seq;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		self->file = fmemopen((void *)bad[i], strlen(bad[i]), "r");
		ASSERT_NE(NULL, self->file);
		EXPECT_EQ(-1, sequence_read(self->file, "text", &seq))
		TH_LOG("%s", bad[i]);
		fclose(self->file);
		self->file = NULL;
	}
}

TEST_F(fuzz, every_operation_is_in_the_corpus)
{
	static struct sequence seq;
	bool *seen = calloc(op_count, sizeof(*seen));
	glob_t files;
	size_t i;
	__u32 j;
	int ret;

	ASSERT_NE(NULL, seen);
	ASSERT_EQ(0, glob(FUZZ_CORPUS "/*", 0, NULL, &files));
	for (i = 0; i < files.gl_pathc; i++) {
		self->file = fopen(files.gl_pathv[i], "re");
		ASSERT_NE(NULL, self->file);
		while ((ret = sequence_read(self->file, files.gl_pathv[i],
					    &seq)) > 0)
			for (j = 0; j < seq.count; j++)
				seen[seq.steps[j].op - ops] = true;
		EXPECT_EQ(0, ret) TH_LOG("%s", files.gl_pathv[i]);
		fclose(self->file);
		self->file = NULL;
	}
	for (j = 0; j < op_count; j++)
		EXPECT_TRUE(seen[j]) TH_LOG("%s", ops[j].name);
	globfree(&files);
	free(seen);
}

TEST_HARNESS_MAIN
