/* SPDX-License-Identifier: Apache-2.0
 *
 * Recovery of a spool segment.  The input says how long the records of a sound segment are
 * and which of its bytes are then changed; the walk must end, stay inside the file, give
 * each number at most once, in order and without leaving one out unsaid.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cursor.h"
#include "sensor-agent/spool/spool_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SEGMENT_SIZE = 8192,
	SALT = 77
};

/* Fills a segment with entries as the input says; gives the number of records. */
static uint64_t
make_segment(struct cursor *in, struct buf *out)
{
	static const uint8_t hash[SPOOL_HASH_SIZE];
	unsigned count = cursor_u8(in) % 20;
	uint64_t durable = 0;

	memset(buf_reserve(out, SPOOL_HEADER_SIZE), 0, SPOOL_HEADER_SIZE);
	buf_claim(out, SPOOL_HEADER_SIZE);
	for (uint64_t seq = 1; seq <= count; seq++) {
		uint8_t shape = cursor_u8(in), payload[64];
		struct record record = {.type = RECORD_EVENT,
		    .payload = bytes_of(payload, shape % 64)};
		struct spool_entry entry = {.kind = SPOOL_ENTRY_RECORD,
		    .seq = seq,
		    .durable = durable,
		    .prev_hash = hash};
		struct buf raw;

		memset(payload, shape, sizeof(payload));
		buf_init(&raw, RECORD_HEADER_SIZE + sizeof(payload));
		record_put(&raw, &record);
		entry.record = buf_bytes(&raw);
		if (spool_entry_put(out, SALT, &entry, NULL) != STATUS_OK)
			abort();
		buf_done(&raw);
		if (shape & 0x80) /* the end of a group */
			durable = seq;
	}
	return count;
}

static void
change_bytes(struct cursor *in, uint8_t *segment)
{
	while (in->left >= 4) {
		size_t at = cursor_u16le(in) % SEGMENT_SIZE;
		uint8_t value = cursor_u8(in);
		size_t len = 1 + cursor_u8(in) * (value == 0 ? 8u : 1u);

		memset(segment + at, value, len < SEGMENT_SIZE - at ? len : SEGMENT_SIZE - at);
	}
}

static void
check_walk(struct bytes segment, uint64_t known, uint64_t end)
{
	struct spool_scan scan;
	struct spool_scan_item item;
	uint64_t next = 1;
	size_t offset = SPOOL_HEADER_SIZE;

	spool_scan_init(&scan, segment, SALT, 1, known, end);
	for (unsigned steps = 0;; steps++) {
		assert(steps < SEGMENT_SIZE);
		spool_scan_next(&scan, &item);
		assert(item.offset >= offset && item.offset + item.len <= segment.len);
		offset = item.offset;
		if (item.kind == SPOOL_SCAN_TORN || item.kind == SPOOL_SCAN_END)
			break;
		if (item.kind == SPOOL_SCAN_DAMAGE) {
			assert(item.first == next && item.last >= item.first - 1);
			next = item.last + 1;
		} else if (item.entry.kind == SPOOL_ENTRY_RECORD) {
			assert(item.entry.seq == next);
			next++;
		}
	}
	assert(next > known && (end == 0 || next == end));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cursor_of(bytes_of(data, size));
	uint8_t segment[SEGMENT_SIZE] = {0};
	uint64_t known = cursor_u8(&in) % 24, count;
	struct buf buf;

	buf_init(&buf, SEGMENT_SIZE);
	count = make_segment(&in, &buf);
	memcpy(segment, buf.data, buf.len);
	buf_done(&buf);
	change_bytes(&in, segment);
	check_walk(bytes_of(segment, sizeof(segment)), 0, 0);
	check_walk(bytes_of(segment, sizeof(segment)), known, 0);
	check_walk(bytes_of(segment, sizeof(segment)), 0, count + 1);
	return 0;
}
