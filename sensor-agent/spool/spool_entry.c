/* SPDX-License-Identifier: Apache-2.0
 *
 * Encoding and parsing of segment headers and entries.
 */
#include "sensor-agent/spool/spool_entry.h"

#include <assert.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/crc32c.h"
#include "common/base/cursor.h"

enum {
	AT_BODY_CRC = 4,
	AT_LEN = 8,
	AT_PREV_HASH = 24,
	AT_SEQ = 56,
	SECTOR = 512,
	MARK_SIZE = 8 + SPOOL_HASH_SIZE + 8,
	END_MARK = 0xe5,
	HEADER_CRC_AT = SPOOL_HEADER_SIZE - 4
};

static const char magic[8] = {'P', 'C', 'S', 'P', 'O', 'O', 'L', '1'};

static void
spool_put_u32le(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void
spool_put_u64le(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

uint32_t
spool_entry_salt(const uint8_t log_id[static SPOOL_LOG_ID_SIZE])
{
	return crc32c(0, log_id, SPOOL_LOG_ID_SIZE);
}

void
spool_header_put(const struct spool_header *header, uint8_t ret_bytes[static SPOOL_HEADER_SIZE])
{
	memset(ret_bytes, 0, SPOOL_HEADER_SIZE);
	memcpy(ret_bytes, magic, sizeof(magic));
	memcpy(ret_bytes + 8, header->log_id, SPOOL_LOG_ID_SIZE);
	spool_put_u64le(ret_bytes + 24, header->first_seq);
	memcpy(ret_bytes + 32, header->prev_hash, SPOOL_HASH_SIZE);
	memcpy(ret_bytes + 64, header->machine, SPOOL_HASH_SIZE);
	spool_put_u64le(ret_bytes + 96, (uint64_t)header->created_us);
	spool_put_u64le(ret_bytes + 104, header->size);
	spool_put_u32le(ret_bytes + HEADER_CRC_AT, crc32c(0, ret_bytes, HEADER_CRC_AT));
}

bool
spool_header_parse(const uint8_t bytes[static SPOOL_HEADER_SIZE],
    struct spool_header *ret_header)
{
	struct cursor at = cursor_of(bytes_of(bytes, SPOOL_HEADER_SIZE));
	struct cursor crc = cursor_of(bytes_of(bytes + HEADER_CRC_AT, 4));
	struct spool_header header = {0};

	if (memcmp(bytes, magic, sizeof(magic)) != 0 ||
	    cursor_u32le(&crc) != crc32c(0, bytes, HEADER_CRC_AT))
		return false;
	(void)cursor_bytes(&at, sizeof(magic));
	cursor_copy(&at, header.log_id, SPOOL_LOG_ID_SIZE);
	header.first_seq = cursor_u64le(&at);
	cursor_copy(&at, header.prev_hash, SPOOL_HASH_SIZE);
	cursor_copy(&at, header.machine, SPOOL_HASH_SIZE);
	header.created_us = (int64_t)cursor_u64le(&at);
	header.size = cursor_u64le(&at);
	if (header.first_seq == 0)
		return false;
	*ret_header = header;
	return true;
}

static void
spool_hash(const uint8_t *data, size_t len, uint8_t *ret_hash)
{
	/* Fails only when the library itself is broken. */
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data, len, ret_hash) != GNUTLS_E_SUCCESS)
		abort();
}

enum status
spool_entry_put(struct buf *out, uint32_t salt, const struct spool_entry *entry,
    uint8_t *ret_hash)
{
	size_t record_len = entry->record.len;
	size_t len = spool_entry_size(record_len, entry->tail.len);
	uint8_t *at, *body;

	assert(entry->tail.len <= SPOOL_TAIL_MAX && len <= SPOOL_ENTRY_MAX);
	if (len > out->max - out->len)
		return STATUS_LIMIT;
	at = buf_reserve(out, len);
	body = at + SPOOL_HEAD_SIZE;
	spool_put_u32le(at + AT_LEN, (uint32_t)len);
	spool_put_u32le(at + 12, (uint32_t)entry->kind | (uint32_t)entry->tail.len << 16);
	spool_put_u64le(at + 16, entry->durable);
	memcpy(at + AT_PREV_HASH, entry->prev_hash, SPOOL_HASH_SIZE);
	spool_put_u64le(at + AT_SEQ, entry->seq);
	if (record_len > 0)
		memcpy(body, entry->record.data, record_len);
	if (entry->tail.len > 0)
		memcpy(body + record_len, entry->tail.data, entry->tail.len);
	at[len - 1] = END_MARK;
	spool_put_u32le(at, crc32c(salt, at + AT_LEN, SPOOL_HEAD_SIZE - AT_LEN));
	spool_put_u32le(at + AT_BODY_CRC, crc32c(salt, body, len - SPOOL_HEAD_SIZE));
	if (ret_hash != NULL)
		spool_hash(at + AT_PREV_HASH, RECORD_CHAIN_PREFIX_SIZE + record_len, ret_hash);
	buf_claim(out, len);
	return STATUS_OK;
}

static bool
spool_all_zero(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* The record within an entry must be whole and of its own length. */
static bool
spool_entry_sound(const struct spool_entry *entry)
{
	struct cursor at = cursor_of(entry->record);
	struct record record;
	struct bytes raw;

	if (entry->kind != SPOOL_ENTRY_RECORD)
		return entry->record.len == 0;
	return record_next(&at, &record, &raw) && cursor_finished(&at);
}

enum status
spool_entry_parse(uint32_t salt, struct bytes bytes, struct spool_entry *ret_entry,
    size_t *reterr_len)
{
	struct cursor at = cursor_of(bytes);
	struct spool_entry entry = {0};
	uint32_t head_crc = cursor_u32le(&at), body_crc = cursor_u32le(&at);
	size_t tail_len;

	if (reterr_len != NULL)
		*reterr_len = 0;
	if (bytes.len < SPOOL_ENTRY_HOLE_SIZE)
		return spool_all_zero(bytes.data, bytes.len) ? STATUS_END : STATUS_CORRUPT;
	if (crc32c(salt, bytes.data + AT_LEN, SPOOL_HEAD_SIZE - AT_LEN) != head_crc)
		return spool_all_zero(bytes.data, SPOOL_HEAD_SIZE) ? STATUS_END
								   : STATUS_CORRUPT;
	entry.len = cursor_u32le(&at);
	entry.kind = cursor_u16le(&at);
	tail_len = cursor_u16le(&at);
	entry.durable = cursor_u64le(&at);
	entry.prev_hash = cursor_bytes(&at, SPOOL_HASH_SIZE).data;
	entry.seq = cursor_u64le(&at);
	if (entry.len < SPOOL_ENTRY_MIN + tail_len || entry.len < SPOOL_ENTRY_HOLE_SIZE ||
	    entry.len > SPOOL_ENTRY_MAX)
		return STATUS_CORRUPT;
	if (reterr_len != NULL)
		*reterr_len = entry.len;
	entry.record = cursor_bytes(&at, entry.len - SPOOL_ENTRY_MIN - tail_len);
	entry.tail = cursor_bytes(&at, tail_len);
	if (cursor_u8(&at) != END_MARK || !cursor_ok(&at) || !spool_entry_sound(&entry) ||
	    crc32c(salt, bytes.data + SPOOL_HEAD_SIZE, entry.len - SPOOL_HEAD_SIZE) != body_crc)
		return STATUS_CORRUPT;
	*ret_entry = entry;
	return STATUS_OK;
}

static enum status
spool_entry_put_local(struct buf *out, uint32_t salt, const struct spool_entry *entry,
    enum spool_entry_kind kind, struct bytes tail)
{
	struct spool_entry local = *entry;

	local.kind = kind;
	local.tail = tail;
	local.record = bytes_of(NULL, 0);
	return spool_entry_put(out, salt, &local, NULL);
}

enum status
spool_entry_put_hole(struct buf *out, uint32_t salt, const struct spool_entry *entry,
    uint64_t last, uint32_t skip)
{
	uint8_t tail[12];

	spool_put_u64le(tail, last);
	spool_put_u32le(tail + 8, skip);
	return spool_entry_put_local(out, salt, entry, SPOOL_ENTRY_HOLE,
	    bytes_of(tail, sizeof(tail)));
}

enum status
spool_entry_put_seal(struct buf *out, uint32_t salt, const struct spool_entry *entry)
{
	static const uint8_t tail[12]; /* no entry is shorter than a hole */

	return spool_entry_put_local(out, salt, entry, SPOOL_ENTRY_SEAL,
	    bytes_of(tail, sizeof(tail)));
}

enum status
spool_entry_put_mark(struct buf *out, uint32_t salt, const struct spool_entry *entry,
    const struct spool_mark *mark)
{
	uint8_t tail[MARK_SIZE];

	spool_put_u64le(tail, mark->acked);
	memcpy(tail + 8, mark->acked_hash, SPOOL_HASH_SIZE);
	spool_put_u64le(tail + 8 + SPOOL_HASH_SIZE, mark->counter);
	return spool_entry_put_local(out, salt, entry, SPOOL_ENTRY_MARK,
	    bytes_of(tail, sizeof(tail)));
}

bool
spool_entry_hole(const struct spool_entry *entry, uint64_t *ret_last, uint32_t *ret_skip)
{
	struct cursor at = cursor_of(entry->tail);
	uint64_t last = cursor_u64le(&at);
	uint32_t skip = cursor_u32le(&at);

	if (entry->kind != SPOOL_ENTRY_HOLE || !cursor_finished(&at))
		return false;
	*ret_last = last;
	*ret_skip = skip;
	return true;
}

bool
spool_entry_mark(const struct spool_entry *entry, struct spool_mark *ret_mark)
{
	struct cursor at = cursor_of(entry->tail);
	struct spool_mark mark;

	mark.acked = cursor_u64le(&at);
	cursor_copy(&at, mark.acked_hash, SPOOL_HASH_SIZE);
	mark.counter = cursor_u64le(&at);
	if (entry->kind != SPOOL_ENTRY_MARK || !cursor_finished(&at))
		return false;
	*ret_mark = mark;
	return true;
}

size_t
spool_entry_filled(struct bytes segment)
{
	size_t len = segment.len;

	while (len >= SECTOR && spool_all_zero(segment.data + len - SECTOR, SECTOR))
		len -= SECTOR;
	while (len > 0 && segment.data[len - 1] == 0)
		len--;
	return len;
}

bool
spool_entry_torn(struct bytes segment, size_t offset, size_t len)
{
	size_t end = offset + (len > 0 ? len : SPOOL_HEAD_SIZE);

	if (end > segment.len || (len > 0 && segment.data[end - 1] == 0))
		return true;
	/* A write that ended inside the head: nothing is behind it. */
	if (len == 0 && spool_all_zero(segment.data + end, segment.len - end))
		return true;
	while (offset < end) {
		size_t next = (offset / SECTOR + 1) * SECTOR;
		/* Of an entry of unknown length more follows than its head. */
		size_t stop = len == 0 && next <= segment.len ? next : next < end ? next : end;
		size_t part = stop - offset;

		if (spool_all_zero(segment.data + offset, part))
			return true;
		offset += part;
	}
	return false;
}

void
spool_entry_hash(const struct spool_entry *entry, uint8_t ret_hash[static SPOOL_HASH_SIZE])
{
	spool_hash(entry->prev_hash, RECORD_CHAIN_PREFIX_SIZE + entry->record.len, ret_hash);
}
