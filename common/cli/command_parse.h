/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the command framework: options out of an argument vector, by getopt_long.
 */
#ifndef PORTCULLIS_CLI_COMMAND_PARSE_H
#define PORTCULLIS_CLI_COMMAND_PARSE_H

#include "common/cli/command.h"

/* The options that every command has. */
extern const struct command_option command_common_options[];

/* The option tables that hold for the present command: common, the program's, its own. */
struct command_tables {
	const struct command_option *table[3];
};

struct command_tables command_tables_of(const struct command_call *call);

/* The row of an option by its long name; NULL where no table has it. */
const struct command_option *command_option_find(const struct command_call *call,
    const char *name);

/* Reads options (and, with operands, everything) from argv[1] on into the call.  Without
 * operands it stops at the first of them, whose index goes to *ret_next.  On false the
 * error has been printed. */
bool command_parse(struct command_call *call, int argc, char **argv, bool operands,
    int *ret_next) MUST_USE;

#endif
