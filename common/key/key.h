/* SPDX-License-Identifier: Apache-2.0
 *
 * The key role: the only process that holds a private key, and the only writer of the
 * identity directory.  It touches no network and judges nothing; it signs digests of
 * allow-listed schemes for the process at the other end of each edge, which is told apart
 * by its edge, not by what it says.
 */
#ifndef PORTCULLIS_KEY_KEY_H
#define PORTCULLIS_KEY_KEY_H

#include "common/proc/proc.h"
#include "common/wire/edge_message.h"

/* The role's part of the configuration. */
struct key_settings {
	struct bytes directory; /* absolute path of identity/ */
};

extern const struct edge_field key_settings_fields[];

/* A row for the role table of a program.  Edges: "link-key" (a call edge: EDGE_KEY_SIGN),
 * "link-identity" (EDGE_KEY_IDENTITY, sent when the edge comes up and when it changes) and
 * "admin-key" (loading, installing, and IDENTITY as above; view or spool). */
extern const struct proc_role key_role;

#endif
