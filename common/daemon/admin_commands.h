/* SPDX-License-Identifier: Apache-2.0
 *
 * The commands behind the requests of admin.h: certificates, anchors and CRLs of the running
 * daemon.  Both programs put the rows into their tables; files are opened here and passed
 * as descriptors.
 */
#ifndef PORTCULLIS_DAEMON_ADMIN_COMMANDS_H
#define PORTCULLIS_DAEMON_ADMIN_COMMANDS_H

#include "common/cli/command.h"

#define CERT_IMPORT_COMMAND                                                              \
	{                                                                                \
		.name = "import",                                                        \
		.help = "check a certificate with its key and install it in the daemon", \
		.options = cert_import_options, .run = cert_import_run,                  \
		.notes = cert_import_notes, .exits = cert_import_exits                   \
	}

/* The group `trust`. */
#define TRUST_COMMAND                                                                    \
	{                                                                                \
		.name = "trust", .help = "whom the daemon trusts to issue certificates", \
		.children = trust_commands                                               \
	}

#define CRL_LIST_COMMAND                                                              \
	{                                                                             \
		.name = "list",                                                       \
		.help = "the CRLs the daemon has, and the sources that give it none", \
		.options = client_options, .run = crl_list_run                        \
	}

#define CRL_IMPORT_COMMAND                                                \
	{                                                                 \
		.name = "import", .help = "give the daemon CRLs by hand", \
		.operands = "FILE...", .least = 1, .most = COMMAND_ANY,   \
		.options = client_options, .run = crl_import_run          \
	}

extern const struct command_option client_options[];
extern const struct command_option cert_import_options[];
extern const char cert_import_notes[], cert_import_exits[];
extern const struct command trust_commands[];

int cert_import_run(struct command_call *call);
int crl_list_run(struct command_call *call);
int crl_import_run(struct command_call *call);

#endif
