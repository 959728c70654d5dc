/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the store role: its state, the sessions it knows of, and the one transaction that
 * is open at a time.
 */
#ifndef PORTCULLIS_CONSOLE_STORE_STORE_STATE_H
#define PORTCULLIS_CONSOLE_STORE_STORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/log/log.h"
#include "common/proc/proc.h"
#include "common/wire/edge_store.h"
#include "console-server/store/db.h"
#include "console-server/store/failures.h"
#include "console-server/store/ingest.h"
#include "console-server/store/registry.h"

struct loop_timer;
struct map;

enum {
	STORE_SESSIONS_MAX = 65536,
	STORE_REPLIES_MAX = 65536, /* waiting for one commit */
	STORE_PAYLOAD_MAX = 65536,
	STORE_PING_MS = 2000,
	STORE_ID_SIZE = 16,
};

/* A session of a worker.  While it waits for another session's PING it is held. */
struct store_session {
	struct edge *edge;
	uint64_t number;
	char name[REGISTRY_NAME_MAX + 1];
	int64_t sensor; /* 0: not accepted */
	uint64_t counter;
	bool confirmed; /* the sensor is known to have stored its counter */
	uint8_t log_id[BATCH_LOG_ID_SIZE];
	struct registry_claim claim; /* of its OPEN, views into held */
	uint64_t first;
	struct buf held;                 /* the OPEN message, while it waits */
	struct store_session *waits_for; /* the older session that is asked */
	struct loop_timer *timer;
};

/* A message that goes out when the transaction is on the disk. */
struct store_reply {
	struct edge *edge;
	uint8_t type;
	struct buf payload;
	struct edge_ticket ticket; /* released then */
	bool has_ticket;
};

struct store_state {
	struct proc *proc;
	struct db db;
	struct registry registry;
	struct failures failures;
	struct ingest *ingest;
	uint8_t store_id[STORE_ID_SIZE];
	struct map *sessions;          /* by edge and number: struct store_session */
	struct map *live;              /* by name: the session that is accepted */
	bool open;                     /* a transaction is */
	enum log_level prepared_level; /* of a reload */
	struct store_reply *replies;
	size_t reply_count;
};

/* --- store_commit.c --- */

/* Opens the transaction of this turn where none is open. */
enum status store_begin(struct store_state *state) MUST_USE;

/* Queues a message for after the commit; ticket may be NULL. */
void store_reply(struct store_state *state, struct edge *edge, uint8_t type,
    const struct edge_field *fields, const void *message, const struct edge_ticket *ticket);

/* Queues the end of a session whose message could not be stored; ticket may be NULL. */
void store_reply_failed(struct store_state *state, struct store_session *session,
    const struct edge_ticket *ticket);

/* Something could not be written: everything of this turn is undone and its sessions end;
 * the sensors send again. */
void store_undo(struct store_state *state, enum status why);

/* --- store_sessions.c --- */

struct store_session *store_find_session(struct store_state *state, const struct edge *edge,
    uint64_t number);
void store_on_open(struct store_state *state, struct edge *edge,
    const struct edge_store_open *open, const struct edge_frame *frame);
void store_on_pinged(struct store_state *state, struct edge *edge, uint64_t number, bool alive);
void store_on_close(struct store_state *state, struct edge *edge, uint64_t number);
void store_on_edge_down(struct store_state *state, struct edge *edge);

/* Ends the live session of a name, where there is one. */
void store_drop_name(struct store_state *state, struct bytes name, enum reason reason,
    const char *detail);
void store_free_session(void *session);

#endif
