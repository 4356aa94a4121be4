/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's parameters, for the tests. */
#ifndef MBX_TEST_PARAMS_H
#define MBX_TEST_PARAMS_H

#include "process.h"

#define PARAM_DIR "/sys/module/mbx/parameters/"

static const char *const param_names[] = {
	"quota_objects",
	"quota_msg_bytes",
	"quota_region_bytes",
	"region_max_bytes",
};

#define PARAMS ARRAY_SIZE(param_names)

/* The values before a test, to be restored after it. */
struct params {
	unsigned long values[PARAMS];
};

static inline int param_read(const char *name, unsigned long *value)
{
	char path[128], text[32];
	int err;

	snprintf(path, sizeof(path), PARAM_DIR "%s", name);
	err = read_file(path, text, sizeof(text));
	if (!err)
		*value = strtoul(text, NULL, 10);
	return err;
}

static inline int param_write(const char *name, unsigned long value)
{
	char path[128];

	snprintf(path, sizeof(path), PARAM_DIR "%s", name);
	return write_file_ul(path, value);
}

static inline int params_save(struct params *params)
{
	size_t i;
	int err = 0;

	for (i = 0; i < PARAMS && !err; i++)
		err = param_read(param_names[i], &params->values[i]);
	return err;
}

static inline void params_restore(const struct params *params)
{
	size_t i;

	for (i = 0; i < PARAMS; i++)
		param_write(param_names[i], params->values[i]);
}

#endif /* MBX_TEST_PARAMS_H */
