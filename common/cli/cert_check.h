/* SPDX-License-Identifier: Apache-2.0
 *
 * `cert check`: what is in these files, what is wrong with it, do key and certificate belong
 * together, and would they be accepted?  Reads files, changes nothing.
 */
#ifndef PORTCULLIS_CLI_CERT_CHECK_H
#define PORTCULLIS_CLI_CERT_CHECK_H

#include "common/cli/command.h"

#define CERT_CHECK_COMMAND                                                       \
	{                                                                        \
		.name = "check",                                                 \
		.help = "say what certificates and keys are, and what is wrong", \
		.operands = "FILE...", .least = 1, .most = COMMAND_ANY,          \
		.options = cert_check_options, .run = cert_check_run             \
	}

extern const struct command_option cert_check_options[];
int cert_check_run(struct command_call *call);

#endif
