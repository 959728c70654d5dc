/* SPDX-License-Identifier: Apache-2.0
 *
 * `cert convert`: certificates, requests and CRLs between PEM and DER, keys between their
 * forms, and PKCS#12 into the .crt, .key and .pem that appliances take.
 */
#ifndef PORTCULLIS_CLI_CERT_CONVERT_H
#define PORTCULLIS_CLI_CERT_CONVERT_H

#include "common/cli/command.h"

#define CERT_CONVERT_COMMAND                                                \
	{                                                                   \
		.name = "convert", .help = "convert certificates and keys", \
		.operands = "FILE OUTPUT", .least = 2, .most = 2,           \
		.options = cert_convert_options, .run = cert_convert_run,   \
		.notes = cert_convert_notes                                 \
	}

extern const struct command_option cert_convert_options[];
extern const char cert_convert_notes[];
int cert_convert_run(struct command_call *call);

#endif
