/* SPDX-License-Identifier: Apache-2.0
 *
 * `cert compare`: do two certificates have the same fields in the same order?  What is in
 * the fields may differ; it is for holding a new certificate against a sample.
 */
#ifndef PORTCULLIS_CLI_CERT_COMPARE_H
#define PORTCULLIS_CLI_CERT_COMPARE_H

#include "common/cli/command.h"

#define CERT_COMPARE_COMMAND                                                      \
	{                                                                         \
		.name = "compare",                                                \
		.help = "do two certificates have the same fields in order?",     \
		.operands = "A B", .least = 2, .most = 2, .run = cert_compare_run \
	}

int cert_compare_run(struct command_call *call);

#endif
