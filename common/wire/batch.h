/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches of records in their fixed layout (docs/protocol.md section 6): BATCH of a sensor,
 * RECORDS between consoles.  Read in place, without a copy; checked as a whole when opened,
 * so that who walks through it meets no error on the way.
 */
#ifndef PORTCULLIS_WIRE_BATCH_H
#define PORTCULLIS_WIRE_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/cursor.h"
#include "common/base/status.h"
#include "common/wire/record.h"

enum {
	BATCH_LOG_ID_SIZE = 16,
	BATCH_HEADER_SIZE = 60,
	BATCH_RECORDS_MAX = 4096,
	BATCH_SIZE_MAX = 1 << 20,
	BATCH_SENSOR_MAX = 64,
};

struct batch_header {
	uint8_t log_id[BATCH_LOG_ID_SIZE];
	uint64_t first_seq;
	uint8_t prev_hash[RECORD_HASH_SIZE]; /* of first_seq - 1; zeros for the first */
	uint32_t count;
};

struct batch {
	struct batch_header header;
	struct bytes payload; /* the whole batch */
	struct cursor cursor; /* of batch_next */
	uint64_t next_seq;
};

/* The number of the last record. */
static inline uint64_t
batch_last_seq(const struct batch *batch)
{
	return batch->header.first_seq + batch->header.count - 1;
}

/* Checks a whole batch and stands before its first record.  STATUS_INVALID where it breaks
 * the layout; *ret_batch has views into payload. */
enum status batch_open(struct bytes payload, struct batch *ret_batch) MUST_USE;

/* The next record, its number and its raw bytes; false behind the last. */
bool batch_next(struct batch *batch, struct record *ret_record, uint64_t *ret_seq,
    struct bytes *ret_raw);

/* Writes a batch to the end of out: begin, add until it says STATUS_LIMIT, end.  Nothing
 * else is appended to out meanwhile. */
struct batch_writer {
	struct buf *out;
	size_t begin;
	uint32_t count;
};

/* header->count is not looked at. */
void batch_begin(struct batch_writer *writer, struct buf *out,
    const struct batch_header *header);

/* Adds a record that is already in its raw form.  STATUS_LIMIT (nothing added) where the
 * batch is full, or out is. */
enum status batch_add(struct batch_writer *writer, struct bytes raw) MUST_USE;

/* Fills in the count.  At least one record was added. */
void batch_end(struct batch_writer *writer);

enum records_source {
	RECORDS_LIVE = 1,
	RECORDS_FILL,
};

/* The header of RECORDS; a batch follows it. */
struct records_header {
	enum records_source source;
	struct bytes sensor;
	uint64_t id;
	int64_t received_us;
};

/* Appends the header; the batch is appended behind it. */
void records_put(struct buf *out, const struct records_header *header);

enum status records_open(struct bytes payload, struct records_header *ret_header,
    struct batch *ret_batch) MUST_USE;

#endif
