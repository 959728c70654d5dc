/* SPDX-License-Identifier: Apache-2.0
 *
 * The view role: the read side of the console, and its control socket.  It reads the
 * database and writes nothing: a change is asked of the role that owns the thing.
 */
#ifndef PORTCULLIS_CONSOLE_VIEW_VIEW_ROLE_H
#define PORTCULLIS_CONSOLE_VIEW_VIEW_ROLE_H

#include "common/proc/proc.h"
#include "common/wire/edge_message.h"

/* The role's part of the configuration; the control socket comes as its descriptor. */
struct view_settings {
	struct bytes directory; /* absolute path of store/ */
	uint32_t read_gid;      /* (gid_t)-1: none */
	uint32_t change_gid;
	uint8_t log_format;
	uint8_t log_level;
};

extern const struct edge_field view_settings_fields[];

/* A row for the role table.  Edges: "admin-store", "admin-trust", "admin-key". */
extern const struct proc_role view_role;

#endif
