/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the command framework: --help, from the tables.
 */
#ifndef PORTCULLIS_CLI_COMMAND_HELP_H
#define PORTCULLIS_CLI_COMMAND_HELP_H

#include "common/cli/command.h"

/* Help for the command of the call, or for the program where it has none. */
void command_help(const struct command_call *call, FILE *file);

#endif
