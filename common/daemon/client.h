/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands that ask the running daemon, the same in both programs: where its control socket
 * is, a request with its arguments and descriptors, what comes back as a table, as fields or
 * as JSON lines, and the exit code.  Knows no command; what a daemon answers is the business
 * of the roles behind the socket.
 *
 *	struct client_request request;
 *
 *	client_request_init(&request, "sensors approve");
 *	client_request_add(&request, bytes_of_text(call->operands[0]));
 *	return client_ask(call, &request, NULL);
 */
#ifndef PORTCULLIS_DAEMON_CLIENT_H
#define PORTCULLIS_DAEMON_CLIENT_H

#include "common/cli/command.h"
#include "common/config/config.h"
#include "common/daemon/client_print.h"
#include "common/daemon/control.h"

/* The daemon's configuration, of --config or the usual place.  COMMAND_OK or the exit code,
 * said already. */
int client_load_config(const struct command_call *call, struct config **ret_config);

/* The context of a command_program whose commands ask a daemon. */
struct client_program {
	const struct config_schema *schema;
	const char *config_path; /* where it is looked for without --config */
	const char *socket_name; /* in the runtime directory */
	const char *(*runtime_directory)(const void *values);
};

/* The options every such command has; rows of its table, before the one that ends it. */
#define CLIENT_OPTIONS                                                                   \
	{.name = "socket",                                                               \
	    .argument = "PATH",                                                          \
	    .help = "control socket of the daemon (default: as the configuration says)", \
	    .letter = 's'},                                                              \
	{                                                                                \
		.name = "config", .argument = "FILE",                                    \
		.help = "configuration file of the daemon", .letter = 'c'                \
	}

/* A table of these alone. */
extern const struct command_option client_options[];

/* A request under construction; what is in it is wiped and freed when it was asked. */
struct client_request {
	struct control_message message;
	struct fds fds;
};

/* command must outlive the request. */
void client_request_init(struct client_request *request, const char *command);
void client_request_done(struct client_request *request);

/* Arguments are copied; at most EDGE_LIST_MAX. */
void client_request_add(struct client_request *request, struct bytes argument);
void client_request_addf(struct client_request *request, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Opens a file for the daemon to read, as the next descriptor.  COMMAND_OK or the exit code,
 * said already (the request is then still to be done). */
int client_request_open(struct client_request *request, const struct command_call *call,
    const char *path);

/* Asks and prints; the exit code, with what went wrong said on stderr.  view NULL: rows as
 * fields, all members.  The request is done. */
int client_ask(struct command_call *call, struct client_request *request,
    const struct client_view *view);

/* The same with the rows for the caller. */
int client_ask_rows(struct command_call *call, struct client_request *request,
    void (*row)(struct bytes json, void *arg), void *arg);

#endif
