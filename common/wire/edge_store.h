/* SPDX-License-Identifier: Apache-2.0
 *
 * Between `link`, which has judged a peer, and `store` (console) or `spool` (sensor), which
 * keep what comes of it.  A session number is the worker's, unique in its life.  Identity
 * is told once, in OPEN, from the verdict; no later message carries one.
 */
#ifndef PORTCULLIS_WIRE_EDGE_STORE_H
#define PORTCULLIS_WIRE_EDGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/wire/edge_message.h"

enum edge_store_type {
	/* link -> store */
	EDGE_STORE_OPEN = 0x80, /* a proved peer said HELLO: may it be accepted? */
	EDGE_STORE_BATCH,       /* payload of a BATCH frame behind the session number */
	EDGE_STORE_PINGED,      /* the answer to PING */
	EDGE_STORE_CLOSE,       /* the session is over; to spool too, which answers READY */
	/* store -> link */
	EDGE_STORE_OPENED,
	EDGE_STORE_ACK,  /* after the commit */
	EDGE_STORE_PING, /* is this session alive? */
	EDGE_STORE_DROP, /* end this session: replaced, retired, disk full */
	/* link -> store, link -> spool */
	EDGE_STORE_FAILURE, /* a record of a refused or endangered link */
	/* spool -> link.  READY comes when the edge comes up, after each CLOSE, and in the
	 * middle of a session when the log is not what it was: the session then ends with BYE
	 * `reincarnation`.  A session begins after a READY, and with what it says; SEND that
	 * comes between CLOSE and READY is of the session before and goes. */
	EDGE_STORE_READY, /* the log as it stands: what HELLO says */
	EDGE_STORE_SEND,  /* payload of a BATCH frame */
	/* link -> spool */
	EDGE_STORE_ACCEPTED,    /* what ACCEPT said */
	EDGE_STORE_ACKED,       /* what an ACK said, an interval each; session is not used */
	EDGE_STORE_STATE,       /* the state of the link changed, for status and health */
	EDGE_STORE_REINCARNATE, /* what REINCARNATE said */
};

struct edge_store_open {
	uint64_t session;
	bool pair;          /* the role asked for: the other console; else a sensor */
	struct bytes name;  /* identity of the leaf, lower case */
	uint8_t anchor[32]; /* SHA-256 of the anchor that proved it */
	uint8_t pin[32];    /* SHA-256 of its SubjectPublicKeyInfo */
	bool waived; /* validation is off and would have refused: only a pinned key is let in */
	uint8_t log_id[16];
	uint64_t first;
	uint64_t next;
	uint64_t counter;
	int64_t clock_us;
	struct bytes software;
	struct bytes address; /* numeric, with port */
	struct bytes link_id;
	int64_t not_after_s;
};

struct edge_store_opened {
	uint64_t session;
	uint8_t reason;      /* enum reason: REASON_OK accepts */
	struct bytes detail; /* for the record */
	uint32_t retry_ms;
	uint64_t counter;
	uint8_t copies;
	uint8_t store_id[16];
	uint64_t held;
	bool has_held_hash;
	uint8_t held_hash[32];
	uint64_t top;
};

/* The payload of the BATCH frame follows the session number up to the end of the frame. */
struct edge_store_batch {
	uint64_t session;
	struct bytes batch;
};

struct edge_store_ack {
	uint64_t session;
	uint8_t level;
	bool solo;
	uint64_t first;
	uint64_t last;
	uint8_t hash[32]; /* chain hash at last */
	uint64_t batches; /* ACKED: BATCH frames of this session that were given back so far */
};

struct edge_store_session {
	uint64_t session;
};

struct edge_store_pinged {
	uint64_t session;
	bool alive;
};

struct edge_store_drop {
	uint64_t session;
	uint8_t reason; /* enum reason, or REASON_OK: BYE */
	uint8_t cause;  /* bye-cause of docs/protocol.md */
	uint32_t retry_ms;
	struct bytes detail;
};

struct edge_store_failure {
	uint8_t reason;
	bool proved;
	struct bytes identity;
	struct bytes reported_by;
	struct bytes link_id;
	int64_t at_us;
	uint64_t count;
	struct bytes record; /* JSON object */
};

struct edge_store_ready {
	uint8_t log_id[16];
	uint64_t first;
	uint64_t next;
	uint64_t counter;
};

struct edge_store_accepted {
	struct bytes console; /* name of the console */
	uint64_t counter;
	uint8_t copies;
	uint8_t store_id[16];
	uint64_t held;
	bool has_held_hash;
	uint8_t held_hash[32];
	uint64_t top;
	uint32_t window_records;
	uint64_t window_bytes;
};

struct edge_store_reincarnate {
	uint8_t log_id[16];
	uint64_t seq;
	uint8_t cause; /* enum message_reincarnate */
};

struct edge_store_state {
	struct bytes console;
	uint8_t state; /* enum edge_link_state */
	uint8_t reason;
	struct bytes detail;
	int64_t since_us;
	int64_t next_try_us;     /* 0: connected */
	int64_t clock_offset_us; /* of the console, seen from here */
};

/* The states an operator of this field knows (DESIGN section 7). */
enum edge_link_state {
	EDGE_LINK_DISCONNECTED,
	EDGE_LINK_CONNECTING,
	EDGE_LINK_SYNCED,
	EDGE_LINK_OUT_OF_SYNC,
	EDGE_LINK_TIME_DIFF,
	EDGE_LINK_REFUSED,
	EDGE_LINK_STATE_COUNT,
};

const char *edge_link_state_text(enum edge_link_state state);

extern const struct edge_field edge_store_open_fields[];
extern const struct edge_field edge_store_opened_fields[];
extern const struct edge_field edge_store_batch_fields[];
extern const struct edge_field edge_store_ack_fields[];
extern const struct edge_field edge_store_session_fields[];
extern const struct edge_field edge_store_pinged_fields[];
extern const struct edge_field edge_store_drop_fields[];
extern const struct edge_field edge_store_failure_fields[];
extern const struct edge_field edge_store_ready_fields[];
extern const struct edge_field edge_store_accepted_fields[];
extern const struct edge_field edge_store_state_fields[];
extern const struct edge_field edge_store_reincarnate_fields[];

#endif
