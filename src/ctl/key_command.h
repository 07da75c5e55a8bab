/* SPDX-License-Identifier: GPL-2.0 */
/* amfsctl key: its command lines. */
#ifndef AMFS_CTL_KEY_COMMAND_H
#define AMFS_CTL_KEY_COMMAND_H

#include "command.h"

#define AMFS_KEY_ADD_ARGS	"MAP KEY FSTYPE SOURCE [OPTIONS] [timeout=SECONDS]"

/* All of them in short, @before is a string before each. */
#define AMFS_KEY_COMMANDS_ARGS(before) \
	before "add [--replace] " AMFS_KEY_ADD_ARGS "\n" \
	before "del MAP KEY...\n" \
	before "del --all MAP\n" \
	before "list [--json] [MAP]\n" \
	before "load [--replace] FILE"

extern const struct amfs_command amfs_key_commands[];

#endif /* AMFS_CTL_KEY_COMMAND_H */
