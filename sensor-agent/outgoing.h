/* SPDX-License-Identifier: Apache-2.0
 *
 * The book of what is on its way to a console in one session: where the log goes on, what is
 * in flight, what an acknowledgement means for the spool (docs/protocol.md section 7).
 * Plain numbers in, decisions out: it touches no file, no edge and no clock.  The spool role
 * acts on what it says.
 */
#ifndef PORTCULLIS_SENSOR_OUTGOING_H
#define PORTCULLIS_SENSOR_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/status.h"
#include "common/wire/edge_store.h"
#include "common/wire/record.h"
#include "common/wire/window.h"

enum {
	OUTGOING_STORES_MAX = 8, /* of which the highest number is remembered */
	OUTGOING_PRESSURE = 80,  /* percent of the quota from which solo records go */
};

struct outgoing_interval {
	uint64_t first;
	uint64_t last; /* 0: none */
	uint8_t hash[RECORD_HASH_SIZE];
};

/* What a console's store once showed to hold. */
struct outgoing_store {
	uint8_t id[16];
	uint64_t top;
	uint64_t used; /* the higher, the later */
};

struct outgoing {
	bool live; /* accepted: batches may go */
	uint8_t copies;
	uint64_t next; /* the first number to send */
	struct window window;
	struct outgoing_interval solo; /* level 1, may be trimmed under pressure */
	struct outgoing_store *store;  /* of this session */
	struct outgoing_store stores[OUTGOING_STORES_MAX];
	uint64_t sessions;
};

/* The own log as it stands when ACCEPTED comes. */
struct outgoing_log {
	uint64_t first;
	uint64_t next;
	bool has_hash; /* the own chain hash at accepted->held is known */
	uint8_t hash[RECORD_HASH_SIZE];
};

enum outgoing_start {
	OUTGOING_GO,
	OUTGOING_REGRESSED, /* go; the console lost what it once held */
	OUTGOING_OLD_IMAGE, /* stop: this spool is a copy of an older state of itself */
};

void outgoing_init(struct outgoing *outgoing);
void outgoing_done(struct outgoing *outgoing);

/* A console accepted us.  STATUS_INVALID: what was told breaks the rules of the edge. */
enum status outgoing_accept(struct outgoing *outgoing,
    const struct edge_store_accepted *accepted, const struct outgoing_log *own,
    enum outgoing_start *ret_start) MUST_USE;

/* The session is over: nothing is in flight. */
void outgoing_stop(struct outgoing *outgoing);

/* How much the next batch may hold; false when nothing may go now. */
bool outgoing_room(const struct outgoing *outgoing, size_t *ret_records, size_t *ret_bytes);

/* Whether a batch that is ready may go, and that it went.  It is the one at `next`. */
bool outgoing_fits(const struct outgoing *outgoing, uint32_t count, size_t bytes);
void outgoing_sent(struct outgoing *outgoing, uint64_t last, uint32_t count, size_t bytes);

/* What is below first is acknowledged everywhere and need not be sent. */
void outgoing_skip(struct outgoing *outgoing, uint64_t first);

enum outgoing_ack {
	OUTGOING_KEEP, /* held in one place only: the spool is the second */
	OUTGOING_TRIM,
};

/* An acknowledgement came.  STATUS_INVALID: it breaks the rules of the edge. */
enum status outgoing_acked(struct outgoing *outgoing, const struct edge_store_ack *ack,
    enum outgoing_ack *ret_what) MUST_USE;

/* What may go for want of space although only one console holds it; false: nothing.  It is
 * handed out once. */
bool outgoing_take_solo(struct outgoing *outgoing, unsigned int percent,
    struct outgoing_interval *ret_solo);

#endif
