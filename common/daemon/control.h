/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket: how the command line asks a running daemon.  One request a
 * connection; the answer is rows of JSON and an end with an exit code.  The kernel says who
 * asks (SO_PEERCRED): the daemon's own user, root and the admin group may change things,
 * the control group may read.  Files are opened by the command line and passed as
 * descriptors, so that the daemon opens nothing for others.
 */
#ifndef PORTCULLIS_DAEMON_CONTROL_H
#define PORTCULLIS_DAEMON_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/proc/fds.h"
#include "common/wire/edge_message.h"

struct loop;

enum {
	CONTROL_CLIENTS_MAX = 64,
	CONTROL_REQUEST_MAX = 65536,
	CONTROL_ROW_MAX = 1 << 20,
	CONTROL_OUT_MAX = 4 << 20, /* waiting to be read by one client */
	CONTROL_COMMAND_MAX = 64,
};

enum control_type {
	CONTROL_REQUEST = 0x80, /* struct control_message */
	CONTROL_ROW,            /* a JSON object */
	CONTROL_END,            /* struct control_end */
};

struct control_message {
	struct bytes command; /* "sensors approve" */
	struct edge_list args;
};

struct control_end {
	uint8_t code;      /* exit code: enum command_exit */
	struct bytes text; /* why, where code is not 0 */
};

extern const struct edge_field control_message_fields[];
extern const struct edge_field control_end_fields[];

/* --- the daemon's side --- */

struct control;
struct control_client;

struct control_request {
	char command[CONTROL_COMMAND_MAX];
	struct edge_list args; /* views, valid during the call */
	struct fds *fds;       /* what is not taken is closed */
	bool may_change;
	uid_t uid; /* who asks, for the audit */
};

struct control_ops {
	/* A request came; answered now or later with control_row and control_end. */
	void (*request)(void *arg, struct control_client *client,
	    const struct control_request *request);
	/* The client has gone, answered or not: forget it. */
	void (*gone)(void *arg, struct control_client *client);
};

/* Listens on a UNIX socket, which is taken.  Groups: (gid_t)-1 for none. */
struct control *control_new_take(struct loop *loop, int listen_fd, gid_t read_gid,
    gid_t change_gid, const struct control_ops *ops, void *arg);
void control_free(struct control *control);

/* Sends a row.  STATUS_AGAIN: the client does not read; nothing was sent.  STATUS_CLOSED:
 * it has gone. */
enum status control_row(struct control_client *client, struct bytes json) MUST_USE;

/* Ends the answer.  text may be NULL. */
void control_end(struct control_client *client, uint8_t code, const char *text);

/* A pointer of the owner's. */
void control_set_data(struct control_client *client, void *data);
void *control_data(const struct control_client *client);

/* --- the command line's side --- */

/* Sends a request to the daemon at path and calls row for each row until the end.  Returns
 * the exit code; *ret_text (to free) says why where it is not 0.  fds are taken. */
int control_ask(const char *path, const struct control_message *message, struct fds *fds,
    void (*row)(struct bytes json, void *arg), void *arg, char **ret_text);

#endif
