/* SPDX-License-Identifier: Apache-2.0
 *
 * The console's commands that ask the running daemon: status, sensors, failures, explain,
 * events, notices, peer.
 */
#ifndef PORTCULLIS_CONSOLE_SERVER_COMMANDS_H
#define PORTCULLIS_CONSOLE_SERVER_COMMANDS_H

#include "common/cli/command.h"

/* Rows for the program's table; the last has no name. */
extern const struct command console_commands[];

/* How many rows there are before that. */
size_t console_command_count(void);

#endif
