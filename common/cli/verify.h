/* SPDX-License-Identifier: Apache-2.0
 *
 * The command `verify`, the same in both programs: would this chain be accepted, at this
 * time, with these anchors and CRLs?  Reads files and stdin, never a network; the answer is
 * common/pki's.
 */
#ifndef PORTCULLIS_CLI_VERIFY_H
#define PORTCULLIS_CLI_VERIFY_H

#include "common/cli/command.h"
#include "common/cli/verify_options.h"

/* The row for a program's table of commands. */
#define VERIFY_COMMAND                                                               \
	{                                                                            \
		.name = "verify", .help = "judge a certificate chain, offline",      \
		.options = verify_options, .run = verify_run, .notes = verify_notes, \
		.exits = verify_exits                                                \
	}

extern const char verify_notes[];
extern const char verify_exits[];
int verify_run(struct command_call *call);

#endif
