/* SPDX-License-Identifier: Apache-2.0
 *
 * One record of a sensor's log as it stands in batches, in the hash chain and on both
 * consoles, byte for byte (docs/protocol.md section 6).  Spool, link and store share it.
 */
#ifndef PORTCULLIS_WIRE_RECORD_H
#define PORTCULLIS_WIRE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/cursor.h"

enum {
	RECORD_HEADER_SIZE = 32,
	RECORD_PAYLOAD_MAX = 256 << 10,
	RECORD_BOOT_ID_SIZE = 8,
	RECORD_HASH_SIZE = 32,
	RECORD_CHAIN_PREFIX_SIZE = RECORD_HASH_SIZE + 8,
	RECORD_SOURCE_MAX = 64,

	RECORD_FLAG_CARRIED = 0x0001, /* came over from another log */
};

enum record_type {
	RECORD_EVENT = 1,
	RECORD_RAW,
	RECORD_OVERSIZE,
	RECORD_HEALTH,
	RECORD_FAILURE,
	RECORD_GAP,
	RECORD_DROPPED,
	RECORD_LOST,
	RECORD_ORIGIN,
};

/* "event"; "unknown" for one of a later version. */
const char *record_type_text(uint16_t type);

struct record {
	uint16_t type; /* enum record_type, or one of a later version */
	uint16_t flags;
	int64_t wall_us;
	uint8_t boot_id8[RECORD_BOOT_ID_SIZE];
	uint64_t mono_us;
	struct bytes payload;
};

/* Appends header and payload.  payload.len <= RECORD_PAYLOAD_MAX. */
void record_put(struct buf *out, const struct record *record);

/* Reads one record at the cursor.  *ret_raw is header and payload, what is hashed and
 * passed on.  False (the cursor has failed) where it is cut or claims too much. */
bool record_next(struct cursor *cursor, struct record *ret_record, struct bytes *ret_raw);

/* What SHA-256 is fed before the raw bytes of record seq: hash of its predecessor (zeros
 * for the first) and seq.  hash(seq) = SHA-256(prefix, raw). */
void record_chain_prefix(const uint8_t prev_hash[static RECORD_HASH_SIZE], uint64_t seq,
    uint8_t ret_prefix[static RECORD_CHAIN_PREFIX_SIZE]);

/* Appends the source that every payload begins with.  1..RECORD_SOURCE_MAX printable ASCII
 * characters without space. */
void record_put_source(struct buf *payload, struct bytes source);

/* Splits a payload into its source and the rest; false where there is no proper source
 * (such a record is kept, raw). */
bool record_split_source(struct bytes payload, struct bytes *ret_source,
    struct bytes *ret_rest);

#endif
