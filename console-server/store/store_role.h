/* SPDX-License-Identifier: Apache-2.0
 *
 * The store role: the only writer of the database.  It answers the workers only after the
 * commit: nothing is acknowledged, no counter handed out, before it is on the disk.
 */
#ifndef PORTCULLIS_CONSOLE_STORE_STORE_ROLE_H
#define PORTCULLIS_CONSOLE_STORE_STORE_ROLE_H

#include "common/proc/proc.h"
#include "common/wire/edge_message.h"

/* The role's part of the configuration. */
struct store_settings {
	struct bytes directory; /* absolute path of store/ */
	uint8_t log_format;
	uint8_t log_level;
};

extern const struct edge_field store_settings_fields[];

/* What view asks of the store on behalf of an operator. */
enum store_admin_type {
	STORE_ADMIN_ACT = 0xa0, /* struct store_act */
	STORE_ADMIN_DONE,       /* struct store_done, after the commit */
};

enum store_act_kind {
	STORE_APPROVE,
	STORE_RETIRE,
	STORE_ACCEPT_KEY,
	STORE_PEER_SET, /* name, address */
	STORE_PEER_REMOVE,
	STORE_ACT_COUNT,
};

struct store_act {
	uint64_t id;
	uint8_t kind;
	struct bytes name;
	struct bytes address;
};

struct store_done {
	uint64_t id;
	uint8_t status; /* enum status */
};

extern const struct edge_field store_act_fields[];
extern const struct edge_field store_done_fields[];

/* A row for the role table.  Edges: "link-store", "admin-store". */
extern const struct proc_role store_role;

#endif
