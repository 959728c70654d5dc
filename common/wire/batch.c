/* SPDX-License-Identifier: Apache-2.0
 *
 * The batch codec.
 */
#include "common/wire/batch.h"

#include <assert.h>
#include <string.h>

#include "common/wire/message.h"

enum {
	COUNT_OFFSET = BATCH_HEADER_SIZE - 4
};

static bool
hash_is_zero(const uint8_t hash[static RECORD_HASH_SIZE])
{
	static const uint8_t zero[RECORD_HASH_SIZE];

	return memcmp(hash, zero, sizeof(zero)) == 0;
}

static bool
header_is_sound(const struct batch_header *header)
{
	return header->count >= 1 && header->count <= BATCH_RECORDS_MAX &&
	       header->first_seq >= 1 &&
	       header->first_seq <= MESSAGE_NUMBER_MAX - BATCH_RECORDS_MAX &&
	       (header->first_seq != 1 || hash_is_zero(header->prev_hash));
}

enum status
batch_open(struct bytes payload, struct batch *ret_batch)
{
	struct cursor cursor = cursor_of(payload);
	struct batch batch = {.payload = payload};
	struct record record;
	struct bytes raw;

	cursor_copy(&cursor, batch.header.log_id, sizeof(batch.header.log_id));
	batch.header.first_seq = cursor_u64le(&cursor);
	cursor_copy(&cursor, batch.header.prev_hash, sizeof(batch.header.prev_hash));
	batch.header.count = cursor_u32le(&cursor);
	if (!cursor_ok(&cursor) || payload.len > BATCH_SIZE_MAX ||
	    !header_is_sound(&batch.header))
		return STATUS_INVALID;
	batch.cursor = cursor;
	batch.next_seq = batch.header.first_seq;
	for (uint32_t i = 0; i < batch.header.count; i++) {
		if (!record_next(&cursor, &record, &raw))
			return STATUS_INVALID;
	}
	if (!cursor_finished(&cursor))
		return STATUS_INVALID;
	*ret_batch = batch;
	return STATUS_OK;
}

bool
batch_next(struct batch *batch, struct record *ret_record, uint64_t *ret_seq,
    struct bytes *ret_raw)
{
	if (batch->cursor.left == 0 || !record_next(&batch->cursor, ret_record, ret_raw))
		return false;
	*ret_seq = batch->next_seq++;
	return true;
}

void
batch_begin(struct batch_writer *writer, struct buf *out, const struct batch_header *header)
{
	*writer = (struct batch_writer){.out = out, .begin = out->len};
	buf_put(out, header->log_id, sizeof(header->log_id));
	buf_put_u64le(out, header->first_seq);
	buf_put(out, header->prev_hash, sizeof(header->prev_hash));
	buf_put_u32le(out, 0);
}

enum status
batch_add(struct batch_writer *writer, struct bytes raw)
{
	struct buf *out = writer->out;

	if (!buf_ok(out) || writer->count == BATCH_RECORDS_MAX ||
	    raw.len > BATCH_SIZE_MAX - (out->len - writer->begin) ||
	    raw.len > out->max - out->len)
		return STATUS_LIMIT;
	buf_put_bytes(out, raw);
	writer->count++;
	return STATUS_OK;
}

void
batch_end(struct batch_writer *writer)
{
	uint8_t *count;

	if (!buf_ok(writer->out))
		return;
	assert(writer->count > 0);
	count = writer->out->data + writer->begin + COUNT_OFFSET;
	for (size_t i = 0; i < 4; i++)
		count[i] = (uint8_t)(writer->count >> (8 * i));
}

void
records_put(struct buf *out, const struct records_header *header)
{
	assert(message_is_name(header->sensor));
	buf_put_u8(out, (uint8_t)header->source);
	buf_put_u8(out, (uint8_t)header->sensor.len);
	buf_put_bytes(out, header->sensor);
	buf_put_u64le(out, header->id);
	buf_put_u64le(out, (uint64_t)header->received_us);
}

enum status
records_open(struct bytes payload, struct records_header *ret_header, struct batch *ret_batch)
{
	struct cursor cursor = cursor_of(payload);
	uint8_t source = cursor_u8(&cursor);
	struct records_header header = {.sensor = cursor_bytes(&cursor, cursor_u8(&cursor))};

	header.id = cursor_u64le(&cursor);
	header.received_us = (int64_t)cursor_u64le(&cursor);
	if (!cursor_ok(&cursor) || !message_is_name(header.sensor) ||
	    (source != RECORDS_LIVE && source != RECORDS_FILL) || header.id < 1 ||
	    header.id > MESSAGE_NUMBER_MAX)
		return STATUS_INVALID;
	if (batch_open(bytes_of(cursor.at, cursor.left), ret_batch) != STATUS_OK)
		return STATUS_INVALID;
	header.source = (enum records_source)source;
	*ret_header = header;
	return STATUS_OK;
}
