/* SPDX-License-Identifier: Apache-2.0
 *
 * `crl show`: what a CRL file says of itself, and with --issuer whether that certificate's
 * key signed it.
 */
#ifndef PORTCULLIS_CLI_CRL_SHOW_H
#define PORTCULLIS_CLI_CRL_SHOW_H

#include "common/cli/command.h"

#define CRL_SHOW_COMMAND                                                                \
	{                                                                               \
		.name = "show", .help = "say what a CRL is, and what is wrong with it", \
		.operands = "FILE...", .least = 1, .most = COMMAND_ANY,                 \
		.options = crl_show_options, .run = crl_show_run                        \
	}

extern const struct command_option crl_show_options[];
int crl_show_run(struct command_call *call);

#endif
