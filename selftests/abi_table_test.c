// SPDX-License-Identifier: GPL-2.0-only
/* The tests of the common rules cover every command of the ABI. */
#include "usages.h"

/* What the header defines; the included file is made from it. */
struct uapi_command {
	const char *label;
	unsigned int cmd;
	const char *type;
	size_t size;
};

#define UAPI_COMMAND(name, type) { #name, name, #type, sizeof(struct type) },

static const struct uapi_command header[] = {
#include "uapi.inc"
};

TEST(every_command_of_the_header_is_in_the_table)
{
	const struct uapi_command *h;
	const struct command *c;

	for (h = header; h < header + ARRAY_SIZE(header); h++) {
		c = command_of(h->cmd);
		ASSERT_NE(NULL, c) TH_LOG("%s", h->label);
		EXPECT_STREQ(h->label + strlen("MBX_IOC_"), c->label);
		EXPECT_STREQ(h->type, c->type);
		EXPECT_EQ(h->size, c->size) TH_LOG("%s", h->label);
	}
	EXPECT_EQ(ARRAY_SIZE(header), ARRAY_SIZE(commands));
}

TEST(every_command_of_the_table_has_a_usage)
{
	const struct command *c;
	size_t i;

	for_each_command(c) {
		for (i = 0; i < ARRAY_SIZE(usages); i++)
			if (usages[i].cmd == c->cmd)
				break;
		EXPECT_NE(ARRAY_SIZE(usages), i) TH_LOG("%s", c->label);
	}
}

TEST(every_usage_has_a_command)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(usages); i++) {
		EXPECT_NE(NULL, command_of(usages[i].cmd))
		TH_LOG("usage %zu", i);
	}
}

/* A command of the module would want an argument, or another descriptor. */
TEST(the_module_has_no_other_command)
{
	static const unsigned int dirs[] = { _IOC_NONE, _IOC_READ, _IOC_WRITE,
					     _IOC_READ | _IOC_WRITE };
	unsigned int nr, size, dir, cmd;

	for (nr = 0; nr < 256; nr++) {
		for (dir = 0; dir < ARRAY_SIZE(dirs); dir++) {
			for (size = 0; size <= 512; size += 4) {
				cmd = _IOC(dirs[dir], MBX_IOC_MAGIC, nr, size);
				if (command_of(cmd))
					continue;
				ASSERT_EQ(-ENOTTY, call(device(), cmd, NULL))
				TH_LOG("%#x", cmd);
			}
		}
	}
}

FIXTURE(usages)
{
	struct stage stage;
};

FIXTURE_SETUP(usages)
{
	ASSERT_EQ(0, stage_init(&self->stage));
}

FIXTURE_TEARDOWN(usages)
{
	stage_clean(&self->stage);
}

/* Twice, so that what is left by the first does not keep it from succeeding. */
TEST_F(usages, every_usage_succeeds_again_and_again)
{
	union arguments args;
	const struct command *c;
	const struct usage *u;
	int again;

	for_each_usage(u, c) {
		for (again = 0; again < 2; again++) {
			ASSERT_EQ(0, stage_prepare(&self->stage, u))
			TH_LOG("%s", u->label);
			stage_args(&self->stage, u, &args);
			EXPECT_LE(0, stage_call(&self->stage, u, &args))
			TH_LOG("%s", u->label);
		}
	}
}

TEST_F(usages, every_usage_succeeds_after_it_has_failed)
{
	union arguments args;
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u))
		TH_LOG("%s", u->label);
		EXPECT_EQ(-EFAULT, stage_call(&self->stage, u, NULL))
		TH_LOG("%s", u->label);
		ASSERT_EQ(0, stage_prepare(&self->stage, u))
		TH_LOG("%s", u->label);
		stage_args(&self->stage, u, &args);
		EXPECT_LE(0, stage_call(&self->stage, u, &args))
		TH_LOG("%s", u->label);
	}
}

static void use(struct __test_metadata *_metadata, struct stage *stage,
		const struct usage *u, const struct usage **before)
{
	union arguments args;

	ASSERT_EQ(0, stage_prepare(stage, u));
	stage_args(stage, u, &args);
	EXPECT_LE(0, stage_call(stage, u, &args))
	TH_LOG("%s after %s", u->label, *before ? (*before)->label : "none");
	*before = u;
}

/* Each first, then in turn with each that follows: so all pairs are there once. */
TEST_F_TIMEOUT(usages, every_usage_succeeds_after_any_other, 120)
{
	const struct usage *u, *other, *end = usages + ARRAY_SIZE(usages);
	const struct usage *before = NULL;

	for (u = usages; u < end; u++) {
		use(_metadata, &self->stage, u, &before);
		for (other = u + 1; other < end; other++) {
			use(_metadata, &self->stage, u, &before);
			use(_metadata, &self->stage, other, &before);
		}
	}
	use(_metadata, &self->stage, usages, &before);
}

TEST_HARNESS_MAIN
