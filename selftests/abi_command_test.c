// SPDX-License-Identifier: GPL-2.0-only
/* Which commands there are, and which descriptor each is for. */
#include "usages.h"

FIXTURE(command)
{
	struct stage stage;
	union arguments args;
};

FIXTURE_SETUP(command)
{
	memset(&self->args, 0, sizeof(self->args));
	ASSERT_EQ(0, stage_init(&self->stage));
}

FIXTURE_TEARDOWN(command)
{
	stage_clean(&self->stage);
}

TEST_F(command, unknown_commands_are_refused)
{
	unsigned int nr;
	int target;

	for (target = 0; target < TARGETS; target++) {
		for (nr = 0; nr < 256; nr++) {
			unsigned int cmd = _IO(MBX_IOC_MAGIC, nr);

			if (command_of(cmd))
				continue;
			EXPECT_EQ(-ENOTTY, call(self->stage.fds[target], cmd,
						&self->args))
			TH_LOG("nr %#x on %d", nr, target);
		}
	}
}

/* Same number, but another type, direction or size: another command. */
TEST_F(command, look_alikes_of_commands_are_refused)
{
	const struct command *c;
	const struct usage *u;
	size_t i;

	for_each_usage(u, c) {
		unsigned int look_alikes[] = {
			_IO(MBX_IOC_MAGIC + 1, _IOC_NR(c->cmd)),
			_IO(MBX_IOC_MAGIC - 1, _IOC_NR(c->cmd)),
			_IOC(_IOC_READ, MBX_IOC_MAGIC, _IOC_NR(c->cmd), 0),
			_IOC(_IOC_WRITE, MBX_IOC_MAGIC, _IOC_NR(c->cmd), 0),
			_IOC(_IOC_NONE, MBX_IOC_MAGIC, _IOC_NR(c->cmd),
			     c->size),
			_IOC(_IOC_READ | _IOC_WRITE, MBX_IOC_MAGIC,
			     _IOC_NR(c->cmd), c->size),
		};

		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		for (i = 0; i < ARRAY_SIZE(look_alikes); i++) {
			stage_args(&self->stage, u, &self->args);
			EXPECT_EQ(-ENOTTY, call(self->stage.fds[c->target],
						look_alikes[i], &self->args))
			TH_LOG("%s, %#x", u->label, look_alikes[i]);
		}
	}
}

TEST_F(command, command_for_the_other_kind_is_refused)
{
	const struct command *c;
	const struct usage *u;
	int other;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		if (c->target == ON_DEVICE)
			continue;
		other = c->target == ON_MAILBOX ? ON_REGION : ON_MAILBOX;
		stage_args(&self->stage, u, &self->args);
		EXPECT_EQ(-EPROTOTYPE,
			  call(self->stage.fds[other], c->cmd, &self->args))
		TH_LOG("%s", u->label);
	}
}

TEST_F(command, command_of_the_device_on_an_object_is_refused)
{
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		if (c->target != ON_DEVICE)
			continue;
		stage_args(&self->stage, u, &self->args);
		EXPECT_EQ(-EPROTOTYPE, call(self->stage.fds[ON_MAILBOX], c->cmd,
					    &self->args));
		EXPECT_EQ(-EPROTOTYPE,
			  call(self->stage.fds[ON_REGION], c->cmd, &self->args))
		TH_LOG("%s", u->label);
	}
}

TEST_F(command, command_of_an_object_on_the_device_is_refused)
{
	const struct command *c;
	const struct usage *u;

	for_each_usage(u, c) {
		ASSERT_EQ(0, stage_prepare(&self->stage, u));
		if (c->target == ON_DEVICE)
			continue;
		stage_args(&self->stage, u, &self->args);
		EXPECT_EQ(-EPROTOTYPE, call(device(), c->cmd, &self->args))
		TH_LOG("%s", u->label);
	}
}

TEST_HARNESS_MAIN
