/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands, each in a file of its own. */
#ifndef MBX_COMMANDS_H
#define MBX_COMMANDS_H

#include "cli.h"

extern const struct command cmd_info;
extern const struct command cmd_create;
extern const struct command cmd_rm;
extern const struct command cmd_send;
extern const struct command cmd_recv;
extern const struct command cmd_call;
extern const struct command cmd_serve;
extern const struct command cmd_reply;
extern const struct command cmd_stat;
extern const struct command cmd_region;
extern const struct command cmd_bench;
extern const struct command cmd_help;

extern const struct command cmd_region_create;
extern const struct command cmd_region_put;
extern const struct command cmd_region_get;
extern const struct command cmd_region_wait;
extern const struct command cmd_region_notify;
extern const struct command cmd_region_rm;
extern const struct command cmd_region_stat;

#endif
