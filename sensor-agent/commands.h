/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor's own commands: what the daemon knows of its link, its spool and its failures,
 * and checking a spool directory without it.
 */
#ifndef PORTCULLIS_SENSOR_COMMANDS_H
#define PORTCULLIS_SENSOR_COMMANDS_H

#include "common/cli/command.h"

#define STATUS_COMMAND                                                                       \
	{                                                                                    \
		.name = "status", .help = "the link to the consoles, the spool, the inputs", \
		.options = client_options, .run = status_run                                 \
	}

#define FAILURES_COMMAND                                                                  \
	{                                                                                 \
		.name = "failures", .help = "refused and endangered links, newest first", \
		.options = failures_options, .run = failures_run                          \
	}

#define EXPLAIN_COMMAND                                                                        \
	{                                                                                      \
		.name = "explain", .help = "all that is known of a failure", .operands = "ID", \
		.least = 1, .most = 1, .options = client_options, .run = explain_run           \
	}

/* The group `spool`. */
#define SPOOL_COMMAND                                                       \
	{                                                                   \
		.name = "spool", .help = "the durable queue of the sensor", \
		.children = spool_commands                                  \
	}

extern const struct command_option failures_options[];
extern const struct command spool_commands[];

int status_run(struct command_call *call);
int failures_run(struct command_call *call);
int explain_run(struct command_call *call);

#endif
