/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what is durable, acknowledging and trimming it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fault_point.h"
#include "common/base/fileio.h"
#include "sensor-agent/spool/spool.h"
#include "sensor-agent/spool/spool_private.h"

/* The segment that holds a number, or the first one behind it; NULL when there is none. */
static struct spool_segment *
spool_segment_of(const struct spool *spool, uint64_t seq)
{
	size_t low = 0, high = spool->log.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (spool->log.segments[middle]->next_seq <= seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < spool->log.count ? spool->log.segments[low] : NULL;
}

/* Reads up to len bytes of a segment at offset into the window. */
static enum status
spool_fill_window(struct spool *spool, const struct spool_segment *segment, size_t offset,
    size_t len)
{
	enum status status;

	if (spool->read_fd < 0 || spool->read_segment != segment->header.first_seq) {
		fileio_close(spool->read_fd);
		spool->read_fd =
		    openat(spool->dir_fd, segment->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (spool->read_fd < 0)
			return spool_break(spool, status_from_errno(errno));
		spool->read_segment = segment->header.first_seq;
	}
	if (len > segment->used - offset)
		len = segment->used - offset;
	if (len > spool->window.max)
		len = spool->window.max;
	buf_clear(&spool->window);
	status = status_from_errno(FAULT_POINT("spool.read"));
	if (status == STATUS_OK)
		status = fileio_pread_all(spool->read_fd, buf_reserve(&spool->window, len), len,
		    (off_t)offset);
	if (status != STATUS_OK)
		return spool_break(spool, status == STATUS_END ? STATUS_CORRUPT : status);
	buf_claim(&spool->window, len);
	return STATUS_OK;
}

/* A BATCH that is being put together. */
struct spool_batching {
	struct spool_reader *reader;
	size_t max_records;
	size_t max_bytes;
	struct buf *out;
	struct batch_writer writer;
	struct spool_batch batch;
	bool full;
};

static void
spool_batch_begin(struct spool *spool, struct spool_batching *b,
    const struct spool_entry *entry)
{
	struct batch_header header = {.first_seq = entry->seq};

	memcpy(header.log_id, spool->log.log_id, BATCH_LOG_ID_SIZE);
	memcpy(header.prev_hash, entry->prev_hash, RECORD_HASH_SIZE);
	batch_begin(&b->writer, b->out, &header);
	b->batch.first = entry->seq;
}

/* Whether the batch ends before this record. */
static bool
spool_batch_ends(const struct spool_batching *b, const struct spool_entry *entry)
{
	return entry->seq != b->batch.last + 1 || b->batch.count == b->max_records ||
	       b->out->len - b->writer.begin + entry->record.len > b->max_bytes;
}

/* Takes a record into the batch, or ends the batch. */
static enum status
spool_batch_add(struct spool *spool, struct spool_batching *b, const struct spool_entry *entry)
{
	enum status status;

	if (entry->kind != SPOOL_ENTRY_RECORD || entry->seq < b->reader->next)
		return STATUS_OK;
	b->full =
	    entry->seq > spool->durable || (b->batch.count > 0 && spool_batch_ends(b, entry));
	if (b->full)
		return STATUS_OK;
	if (b->batch.count == 0)
		spool_batch_begin(spool, b, entry);
	status = batch_add(&b->writer, entry->record);
	if (status != STATUS_OK)
		return status;
	b->batch.count++;
	b->batch.last = entry->seq;
	b->reader->next = entry->seq + 1;
	spool_entry_hash(entry, b->batch.last_hash);
	return STATUS_OK;
}

/* The bytes of a hole that are not to be read. */
static size_t
spool_skip(const struct spool_entry *entry)
{
	uint64_t last;
	uint32_t skip = 0;

	(void)spool_entry_hole(entry, &last, &skip);
	return skip;
}

/* Goes through one window; leaves the reader's offset at the first entry not taken. */
static enum status
spool_batch_window(struct spool *spool, struct spool_batching *b,
    const struct spool_segment *segment)
{
	const struct buf *window = &spool->window;
	size_t base = b->reader->offset, at = 0;
	enum status status =
	    spool_fill_window(spool, segment, base, b->max_bytes + SPOOL_ENTRY_MAX);

	while (status == STATUS_OK && at < window->len) {
		struct spool_entry entry;

		status = spool_entry_parse(spool->log.salt,
		    bytes_of(window->data + at, window->len - at), &entry, NULL);
		if (status != STATUS_OK)
			break;
		status = spool_batch_add(spool, b, &entry);
		if (status != STATUS_OK)
			return status; /* the caller's buffer is too small */
		if (b->full)
			break;
		at += entry.len + spool_skip(&entry);
	}
	b->reader->offset = base + at;
	/* An entry that the window cut is read again from its beginning. */
	if (status == STATUS_OK || (at > 0 && base + window->len < segment->used))
		return STATUS_OK;
	return spool_break(spool, status == STATUS_END ? STATUS_CORRUPT : status);
}

/* Takes the reader to the segment of its next record. */
static void
spool_reader_place(struct spool_reader *reader, const struct spool_segment *segment)
{
	if (reader->segment == segment->header.first_seq && reader->offset > 0)
		return;
	reader->segment = segment->header.first_seq;
	reader->offset = spool_segment_place(segment, reader->next);
}

enum status
spool_read(struct spool *spool, struct spool_reader *reader, size_t max_records,
    size_t max_bytes, struct buf *out, struct spool_batch *ret_batch)
{
	struct spool_batching b = {.reader = reader,
	    .max_records = max_records < BATCH_RECORDS_MAX ? max_records : BATCH_RECORDS_MAX,
	    .max_bytes = max_bytes < BATCH_SIZE_MAX ? max_bytes : BATCH_SIZE_MAX,
	    .out = out};
	enum status status = spool->broken ? STATUS_IO : STATUS_OK;

	while (status == STATUS_OK && b.batch.count == 0 && reader->next <= spool->durable) {
		struct spool_segment *segment = spool_segment_of(spool, reader->next);

		if (segment == NULL)
			break;
		spool_reader_place(reader, segment);
		if (reader->offset < segment->used)
			status = spool_batch_window(spool, &b, segment);
		else /* only a hole is left of it */
			reader->next = segment->next_seq;
	}
	if (status != STATUS_OK)
		return status;
	if (b.batch.count == 0)
		return STATUS_END;
	batch_end(&b.writer);
	*ret_batch = b.batch;
	return STATUS_OK;
}

/* Looks for the entry of record seq from the place in the index on.  STATUS_NOT_FOUND: a
 * hole. */
static enum status
spool_find_record(struct spool *spool, const struct spool_segment *segment, uint64_t seq,
    struct spool_entry *ret_entry)
{
	size_t base = spool_segment_place(segment, seq), at = 0;
	enum status status =
	    spool_fill_window(spool, segment, base, SPOOL_INDEX_STEP + 2 * SPOOL_ENTRY_MAX);

	while (status == STATUS_OK && at < spool->window.len) {
		status = spool_entry_parse(spool->log.salt,
		    bytes_of(spool->window.data + at, spool->window.len - at), ret_entry, NULL);
		if (status != STATUS_OK)
			break;
		if (ret_entry->kind == SPOOL_ENTRY_RECORD && ret_entry->seq >= seq)
			return ret_entry->seq == seq ? STATUS_OK : STATUS_NOT_FOUND;
		at += ret_entry->len + spool_skip(ret_entry);
	}
	return status == STATUS_OK ? STATUS_NOT_FOUND : spool_break(spool, STATUS_CORRUPT);
}

enum status
spool_hash_at(struct spool *spool, uint64_t seq, uint8_t ret_hash[static SPOOL_HASH_SIZE])
{
	const struct spool_segment *segment = spool_segment_of(spool, seq);
	struct spool_entry entry;
	enum status status;

	if (spool->broken)
		return STATUS_IO;
	if (seq == spool->log.mark.acked) {
		memcpy(ret_hash, spool->log.mark.acked_hash, SPOOL_HASH_SIZE);
		return STATUS_OK;
	}
	if (segment == NULL || seq < segment->header.first_seq || seq > spool->durable)
		return STATUS_NOT_FOUND;
	status = spool_find_record(spool, segment, seq, &entry);
	if (status == STATUS_OK)
		spool_entry_hash(&entry, ret_hash);
	return status;
}

/* The lowest number from seq on that is not in a hole. */
static uint64_t
spool_behind_holes(const struct spool *spool, uint64_t seq)
{
	const struct spool_ranges *holes = &spool->log.holes; /* ascending but for the first */

	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < holes->count; i++)
			if (holes->items[i].first <= seq && seq <= holes->items[i].last)
				seq = holes->items[i].last + 1;
	return seq;
}

uint64_t
spool_first(const struct spool *spool)
{
	return spool_behind_holes(spool, spool->log.mark.acked + 1);
}

enum status
spool_trim(struct spool *spool)
{
	struct spool_log *log = &spool->log;
	bool gone = false;
	enum status status;

	/* The mark first: without it a crash would make the missing segments a loss. */
	if (log->count < 2 || log->segments[1]->header.first_seq > spool_first(spool))
		return STATUS_OK;
	status = spool_put_mark(spool);
	while (status == STATUS_OK && log->count > 1 &&
	       log->segments[1]->header.first_seq <= spool_first(spool)) {
		int error = FAULT_POINT("spool.trim.unlink");

		if (error == 0 && unlinkat(spool->dir_fd, log->segments[0]->name, 0) != 0)
			error = errno;
		if (error != 0)
			return spool_break(spool, status_from_errno(error));
		spool_log_drop_first(log);
		gone = true;
	}
	if (!gone)
		return status;
	status = status_from_errno(FAULT_POINT("spool.trim.sync_dir"));
	if (status == STATUS_OK)
		status = fileio_sync_dir(spool->dir_fd);
	return status == STATUS_OK ? spool_move_rest(spool, NULL) : spool_break(spool, status);
}

enum status
spool_ack(struct spool *spool, const uint8_t log_id[static SPOOL_LOG_ID_SIZE], uint64_t first,
    uint64_t last, const uint8_t hash[static SPOOL_HASH_SIZE])
{
	struct spool_log *log = &spool->log;
	uint8_t own[SPOOL_HASH_SIZE];
	enum status status;

	if (spool->broken)
		return STATUS_IO;
	if (memcmp(log_id, log->log_id, SPOOL_LOG_ID_SIZE) != 0)
		return STATUS_NOT_FOUND;
	if (first == 0 || first > last || last > spool->durable)
		return STATUS_INVALID;
	if (last <= log->mark.acked)
		return STATUS_OK;
	status = spool_hash_at(spool, last, own);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_INVALID : status;
	if (memcmp(own, hash, SPOOL_HASH_SIZE) != 0)
		return STATUS_INVALID;
	if (first > spool_first(spool))
		return STATUS_OK;
	log->mark.acked = last;
	memcpy(log->mark.acked_hash, own, SPOOL_HASH_SIZE);
	return spool_trim(spool);
}

enum status
spool_discard(struct spool *spool, uint64_t last, const char *reason)
{
	struct spool_log *log = &spool->log;
	uint64_t first = spool_first(spool);
	uint8_t hash[SPOOL_HASH_SIZE];
	struct buf data;
	enum status status;

	if (spool->broken)
		return STATUS_IO;
	if (last < first || last > spool->durable)
		return STATUS_INVALID;
	status = spool_hash_at(spool, last, hash);
	if (status != STATUS_OK)
		return status == STATUS_NOT_FOUND ? STATUS_INVALID : status;
	buf_init(&data, SPOOL_NOTICE_MAX);
	spool_notice_put(&data, first, last, reason, NULL);
	status = spool_put_notice(spool, RECORD_LOST, SPOOL_NOTICE_SOURCE, buf_bytes(&data),
	    NULL, SPOOL_ROOM_RESERVE);
	buf_done(&data);
	if (status == STATUS_OK)
		status = spool_sync(spool);
	if (status != STATUS_OK)
		return status;
	log->mark.acked = last;
	memcpy(log->mark.acked_hash, hash, SPOOL_HASH_SIZE);
	return spool_put_mark(spool) == STATUS_OK ? spool_trim(spool) : STATUS_IO;
}
