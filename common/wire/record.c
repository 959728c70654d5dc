/* SPDX-License-Identifier: Apache-2.0
 *
 * The record codec.
 */
#include "common/wire/record.h"

#include <assert.h>
#include <string.h>

const char *
record_type_text(uint16_t type)
{
	static const char *const texts[] = {[RECORD_EVENT] = "event",
	    [RECORD_RAW] = "raw",
	    [RECORD_OVERSIZE] = "oversize",
	    [RECORD_HEALTH] = "health",
	    [RECORD_FAILURE] = "failure",
	    [RECORD_GAP] = "gap",
	    [RECORD_DROPPED] = "dropped",
	    [RECORD_LOST] = "lost",
	    [RECORD_ORIGIN] = "origin"};

	return type >= RECORD_EVENT && type <= RECORD_ORIGIN ? texts[type] : "unknown";
}

void
record_put(struct buf *out, const struct record *record)
{
	assert(record->payload.len <= RECORD_PAYLOAD_MAX);
	/* whole or not at all: the sticky error must not leave half a record */
	if (buf_reserve(out, RECORD_HEADER_SIZE + record->payload.len) == NULL)
		return;
	buf_put_u32le(out, (uint32_t)record->payload.len);
	buf_put_u16le(out, record->type);
	buf_put_u16le(out, record->flags);
	buf_put_u64le(out, (uint64_t)record->wall_us);
	buf_put(out, record->boot_id8, sizeof(record->boot_id8));
	buf_put_u64le(out, record->mono_us);
	buf_put_bytes(out, record->payload);
}

bool
record_next(struct cursor *cursor, struct record *ret_record, struct bytes *ret_raw)
{
	const uint8_t *start = cursor->at;
	struct record record;
	uint32_t len = cursor_u32le(cursor);

	record.type = cursor_u16le(cursor);
	record.flags = cursor_u16le(cursor);
	record.wall_us = (int64_t)cursor_u64le(cursor);
	cursor_copy(cursor, record.boot_id8, sizeof(record.boot_id8));
	record.mono_us = cursor_u64le(cursor);
	if (len > RECORD_PAYLOAD_MAX)
		cursor->failed = true;
	record.payload = cursor_bytes(cursor, len);
	if (!cursor_ok(cursor))
		return false;
	*ret_record = record;
	*ret_raw = bytes_of(start, RECORD_HEADER_SIZE + (size_t)len);
	return true;
}

void
record_chain_prefix(const uint8_t prev_hash[static RECORD_HASH_SIZE], uint64_t seq,
    uint8_t ret_prefix[static RECORD_CHAIN_PREFIX_SIZE])
{
	memcpy(ret_prefix, prev_hash, RECORD_HASH_SIZE);
	for (size_t i = 0; i < 8; i++)
		ret_prefix[RECORD_HASH_SIZE + i] = (uint8_t)(seq >> (8 * i));
}

static bool
source_is_proper(struct bytes source)
{
	if (source.len < 1 || source.len > RECORD_SOURCE_MAX)
		return false;
	for (size_t i = 0; i < source.len; i++) {
		if (source.data[i] <= ' ' || source.data[i] > '~')
			return false;
	}
	return true;
}

void
record_put_source(struct buf *payload, struct bytes source)
{
	assert(source_is_proper(source));
	buf_put_u8(payload, (uint8_t)source.len);
	buf_put_bytes(payload, source);
}

bool
record_split_source(struct bytes payload, struct bytes *ret_source, struct bytes *ret_rest)
{
	struct cursor cursor = cursor_of(payload);
	struct bytes source = cursor_bytes(&cursor, cursor_u8(&cursor));

	if (!cursor_ok(&cursor) || !source_is_proper(source))
		return false;
	*ret_source = source;
	*ret_rest = bytes_of(cursor.at, cursor.left);
	return true;
}
