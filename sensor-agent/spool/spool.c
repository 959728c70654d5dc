/* SPDX-License-Identifier: Apache-2.0
 *
 * Appending and syncing.
 */
#include "sensor-agent/spool/spool.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fault_point.h"
#include "common/base/fileio.h"
#include "common/base/json_write.h"
#include "sensor-agent/spool/spool_private.h"

enum {
	/* More than a record and its entry add to the data. */
	SPOOL_APPEND_OVERHEAD = RECORD_HEADER_SIZE + 1 + RECORD_SOURCE_MAX + SPOOL_TAIL_MAX
};

/* Lines of one source that were dropped and are not yet told of. */
struct spool_drop {
	uint64_t count;
	uint64_t tell_at; /* doubles: few records, and a crash forgets half at most */
	int64_t since_us;
	int64_t until_us;
	struct spool_position position;
	bool positioned;
};

enum status
spool_break(struct spool *spool, enum status status)
{
	spool->broken = true;
	return status;
}

static struct spool_segment *
spool_active(const struct spool *spool)
{
	return spool->log.segments[spool->log.count - 1];
}

/* Hands pending entries to the kernel. */
static enum status
spool_flush(struct spool *spool)
{
	enum status status;

	if (spool->pending.len == 0)
		return STATUS_OK;
	status = spool_segment_write(spool_active(spool), buf_bytes(&spool->pending));
	if (status != STATUS_OK)
		return spool_break(spool, status);
	buf_clear(&spool->pending);
	spool->dirty = true;
	return STATUS_OK;
}

enum status
spool_sync(struct spool *spool)
{
	enum status status;

	if (spool->broken)
		return STATUS_IO;
	status = spool_flush(spool);
	if (status != STATUS_OK || !spool->dirty)
		return status;
	status = spool_segment_sync(spool_active(spool));
	if (status != STATUS_OK)
		return spool_break(spool, status);
	spool->dirty = false;
	spool->durable = spool->log.next_seq - 1;
	return STATUS_OK;
}

/* What every entry written now says of the log. */
static struct spool_entry
spool_next_entry(const struct spool *spool, enum spool_entry_kind kind)
{
	return (struct spool_entry){.kind = kind,
	    .seq = spool->log.next_seq,
	    .durable = spool->durable,
	    .prev_hash = spool->log.chain};
}

struct spool_snapshot {
	struct spool *spool;
	struct buf *out;
};

static void
spool_put_position(struct bytes source, void *value, void *arg)
{
	struct spool_snapshot *snapshot = arg;
	struct spool_entry entry = spool_next_entry(snapshot->spool, SPOOL_ENTRY_POSITION);
	struct buf tail;

	buf_init(&tail, SPOOL_TAIL_MAX);
	spool_position_put(&tail, value, source);
	entry.tail = buf_bytes(&tail);
	/* The buffer holds as many as there can be sources. */
	(void)!spool_entry_put(snapshot->out, snapshot->spool->log.salt, &entry, NULL);
	buf_done(&tail);
}

/* A segment begins with all that its predecessors know besides their records. */
static enum status
spool_create_segment(struct spool *spool)
{
	struct spool_log *log = &spool->log;
	struct spool_header header = {.first_seq = log->next_seq,
	    .created_us = clock_wall_us(),
	    .size = spool->options.segment_size};
	struct spool_entry entry = spool_next_entry(spool, SPOOL_ENTRY_MARK);
	struct spool_snapshot snapshot = {.spool = spool};
	struct spool_segment *segment;
	struct buf entries;
	enum status status;

	memcpy(header.log_id, log->log_id, SPOOL_LOG_ID_SIZE);
	memcpy(header.prev_hash, log->chain, SPOOL_HASH_SIZE);
	memcpy(header.machine, spool->options.machine, SPOOL_HASH_SIZE);
	buf_init(&entries, (SPOOL_SOURCES_MAX + 1) * (SPOOL_ENTRY_MIN + SPOOL_TAIL_MAX));
	status = spool_entry_put_mark(&entries, log->salt, &entry, &log->mark);
	snapshot.out = &entries;
	map_each(log->sources, spool_put_position, &snapshot);
	if (status == STATUS_OK)
		status =
		    spool_segment_create(spool->dir_fd, &header, buf_bytes(&entries), &segment);
	buf_done(&entries);
	if (status == STATUS_OK)
		spool_log_take_segment(log, segment);
	return status;
}

/* Says in a full segment that its successor exists. */
static enum status
spool_seal(struct spool *spool, struct spool_segment *segment)
{
	struct spool_entry entry = spool_next_entry(spool, SPOOL_ENTRY_SEAL);
	enum status status;
	struct buf seal;

	buf_init(&seal, SPOOL_ENTRY_HOLE_SIZE);
	status = status_from_errno(FAULT_POINT("spool.seal"));
	if (status == STATUS_OK)
		status = spool_entry_put_seal(&seal, spool->log.salt, &entry);
	if (status == STATUS_OK)
		status = spool_segment_write(segment, buf_bytes(&seal));
	if (status == STATUS_OK)
		status = spool_segment_sync(segment);
	buf_done(&seal);
	fileio_close(segment->fd);
	segment->fd = -1;
	return status;
}

enum status
spool_roll(struct spool *spool)
{
	struct spool_segment *full = spool->log.count > 0 ? spool_active(spool) : NULL;
	enum status status = STATUS_OK;

	if (full != NULL)
		status = spool_sync(spool);
	if (status != STATUS_OK)
		return status;
	if (full != NULL)
		full->next_seq = spool->log.next_seq;
	status = spool_create_segment(spool);
	if (status == STATUS_NO_SPACE)
		return status; /* nothing was begun */
	if (status == STATUS_OK && full != NULL && !full->sealed)
		status = spool_seal(spool, full);
	return status == STATUS_OK ? STATUS_OK : spool_break(spool, status);
}

static bool
spool_fits(const struct spool *spool, size_t size, size_t reserve)
{
	const struct spool_segment *active = spool_active(spool);

	return active->used + spool->pending.len + size + SPOOL_ENTRY_HOLE_SIZE + reserve <=
	       active->size;
}

/* Room for an entry of size bytes, in a new segment if need be. */
static enum status
spool_make_room(struct spool *spool, size_t size, enum spool_room room)
{
	size_t reserve = room == SPOOL_ROOM_RESERVE ? 0 : SPOOL_RESERVE;
	uint64_t after = (uint64_t)(spool->log.count + 1) * spool->options.segment_size;
	enum status status;

	if (size + SPOOL_HEADER_SIZE + SPOOL_ENTRY_HOLE_SIZE + reserve >
	    spool->options.segment_size)
		return STATUS_LIMIT;
	if (spool_fits(spool, size, reserve))
		return STATUS_OK;
	if (room != SPOOL_ROOM_MOVE && after > spool->options.quota)
		return STATUS_NO_SPACE;
	status = spool_roll(spool);
	if (status != STATUS_OK)
		return status;
	return spool_fits(spool, size, reserve) ? STATUS_OK : STATUS_LIMIT;
}

enum status
spool_put_record(struct spool *spool, const struct record *record,
    const struct spool_position *position, enum spool_room room)
{
	struct spool_log *log = &spool->log;
	struct bytes source, rest;
	struct spool_entry entry;
	struct buf tail;
	enum status status;

	buf_init(&tail, SPOOL_TAIL_MAX);
	if (position != NULL)
		spool_position_put(&tail, position, bytes_of(NULL, 0));
	buf_clear(&spool->raw);
	record_put(&spool->raw, record);
	status = spool_make_room(spool, spool_entry_size(spool->raw.len, tail.len), room);
	if (status == STATUS_OK && position != NULL &&
	    record_split_source(record->payload, &source, &rest))
		status = spool_sources_set(log->sources, source, position);
	if (status == STATUS_OK) {
		entry = spool_next_entry(spool, SPOOL_ENTRY_RECORD);
		entry.record = buf_bytes(&spool->raw);
		entry.tail = buf_bytes(&tail);
		spool_segment_note(spool_active(spool), log->next_seq,
		    spool_active(spool)->used + spool->pending.len);
		status = spool_entry_put(&spool->pending, log->salt, &entry, log->chain);
	}
	buf_done(&tail);
	if (status != STATUS_OK)
		return status;
	spool_active(spool)->next_seq = ++log->next_seq;
	return spool->pending.len > SPOOL_PENDING_FLUSH ? spool_flush(spool) : STATUS_OK;
}

enum status
spool_put_notice(struct spool *spool, enum record_type type, const char *source,
    struct bytes data, const struct spool_position *position, enum spool_room room)
{
	struct record record = {.type = (uint16_t)type,
	    .wall_us = clock_wall_us(),
	    .mono_us = (uint64_t)clock_mono_us()};

	memcpy(record.boot_id8, spool->options.boot_id, sizeof(record.boot_id8));
	buf_clear(&spool->payload);
	record_put_source(&spool->payload, bytes_of_text(source));
	buf_put_bytes(&spool->payload, data);
	record.payload = buf_bytes(&spool->payload);
	return spool_put_record(spool, &record, position, room);
}

/* Writes the record of what was dropped, where there is room; else it is told later. */
static enum status
spool_tell_drop(struct spool *spool, const char *source, struct spool_drop *drop)
{
	struct json_write json;
	struct buf data;
	enum status status;

	buf_init(&data, SPOOL_NOTICE_MAX);
	json = json_write_to(&data);
	json_open_object(&json, NULL);
	json_u64(&json, "count", drop->count);
	json_time_us(&json, "since", drop->since_us);
	json_time_us(&json, "until", drop->until_us);
	json_text(&json, "reason", "spool-full");
	json_close_object(&json);
	status = spool_put_notice(spool, RECORD_DROPPED, source, buf_bytes(&data),
	    drop->positioned ? &drop->position : NULL, SPOOL_ROOM_RESERVE);
	buf_done(&data);
	if (status == STATUS_OK) {
		spool->untold -= drop->count;
		drop->count = 0;
		drop->tell_at *= 2;
	}
	return status == STATUS_NO_SPACE ? STATUS_OK : status;
}

struct spool_telling {
	struct spool *spool;
	enum status status;
};

static void
spool_tell_each_drop(struct bytes key, void *value, void *arg)
{
	struct spool_telling *telling = arg;
	struct spool_drop *drop = value;
	char source[RECORD_SOURCE_MAX + 1] = "";

	memcpy(source, key.data, key.len);
	if (telling->status == STATUS_OK && drop->count > 0)
		telling->status = spool_tell_drop(telling->spool, source, drop);
	drop->tell_at = 1;
}

enum status
spool_tell_drops(struct spool *spool)
{
	struct spool_telling telling = {.spool = spool, .status = STATUS_OK};

	if (spool->untold > 0)
		map_each(spool->drops, spool_tell_each_drop, &telling);
	return telling.status;
}

/* Counts a record that is not taken. */
static enum status
spool_drop(struct spool *spool, const struct spool_append *append)
{
	struct bytes key = bytes_of_text(append->source);
	struct spool_drop *drop = map_get(spool->drops, key);
	enum status status;

	if (drop == NULL) {
		drop = NEW(struct spool_drop);
		drop->tell_at = 1;
		status = map_put(spool->drops, key, drop);
		if (status != STATUS_OK) {
			free(drop);
			return status;
		}
	}
	drop->until_us = clock_wall_us();
	if (drop->count++ == 0)
		drop->since_us = drop->until_us;
	drop->positioned = append->position != NULL;
	if (append->position != NULL)
		drop->position = *append->position;
	spool->dropped++;
	spool->untold++;
	return drop->count < drop->tell_at ? STATUS_OK
					   : spool_tell_drop(spool, append->source, drop);
}

enum status
spool_append(struct spool *spool, const struct spool_append *append, uint64_t *ret_seq)
{
	enum status status = STATUS_OK;

	if (spool->broken)
		return STATUS_IO;
	if (!spool_source_valid(bytes_of_text(append->source)))
		return STATUS_INVALID;
	if (append->data.len > SPOOL_DATA_MAX)
		return STATUS_LIMIT;
	if (spool->untold > 0)
		status = spool_make_room(spool,
		    spool_entry_size(append->data.len, SPOOL_APPEND_OVERHEAD),
		    SPOOL_ROOM_NORMAL);
	if (status == STATUS_OK)
		status = spool_tell_drops(spool);
	if (status == STATUS_OK)
		status = spool_put_notice(spool, append->type, append->source, append->data,
		    append->position, SPOOL_ROOM_NORMAL);
	spool->blocked = status == STATUS_NO_SPACE;
	if (status == STATUS_NO_SPACE && spool->options.drop_newest) {
		*ret_seq = 0;
		return spool_drop(spool, append);
	}
	if (status == STATUS_OK)
		*ret_seq = spool->log.next_seq - 1;
	return status;
}

enum status
spool_move_to(struct spool *spool, const char *source, const struct spool_position *position)
{
	struct bytes name = bytes_of_text(source);
	struct spool_entry entry;
	struct buf tail;
	enum status status;

	if (spool->broken)
		return STATUS_IO;
	if (!spool_source_valid(name))
		return STATUS_INVALID;
	buf_init(&tail, SPOOL_TAIL_MAX);
	spool_position_put(&tail, position, name);
	status = spool_make_room(spool, spool_entry_size(0, tail.len), SPOOL_ROOM_NORMAL);
	if (status == STATUS_OK)
		status = spool_sources_set(spool->log.sources, name, position);
	if (status == STATUS_OK) {
		entry = spool_next_entry(spool, SPOOL_ENTRY_POSITION);
		entry.tail = buf_bytes(&tail);
		status = spool_entry_put(&spool->pending, spool->log.salt, &entry, NULL);
	}
	buf_done(&tail);
	if (status != STATUS_OK)
		return status;
	return spool->pending.len > SPOOL_PENDING_FLUSH ? spool_flush(spool) : STATUS_OK;
}

enum status
spool_put_mark(struct spool *spool)
{
	struct spool_entry entry;
	enum status status =
	    spool_make_room(spool, SPOOL_ENTRY_MIN + SPOOL_TAIL_MAX, SPOOL_ROOM_RESERVE);

	if (status != STATUS_OK)
		return status;
	entry = spool_next_entry(spool, SPOOL_ENTRY_MARK);
	status =
	    spool_entry_put_mark(&spool->pending, spool->log.salt, &entry, &spool->log.mark);
	return status == STATUS_OK ? spool_sync(spool) : status;
}

enum status
spool_set_counter(struct spool *spool, uint64_t counter)
{
	if (spool->broken)
		return STATUS_IO;
	spool->log.mark.counter = counter;
	return spool_put_mark(spool);
}

enum status
spool_tell_holes(struct spool *spool, const struct spool_log *log, const uint8_t *name)
{
	enum status status = STATUS_OK;
	struct buf data;

	buf_init(&data, SPOOL_NOTICE_MAX);
	for (size_t i = 0; status == STATUS_OK && i < log->holes.count; i++) {
		const struct spool_range *hole = &log->holes.items[i];

		if (hole->last <= log->mark.acked ||
		    spool_ranges_have(&log->gaps, hole->first, hole->last))
			continue;
		buf_clear(&data);
		spool_notice_put(&data, hole->first, hole->last, "damage", name);
		status = spool_put_notice(spool, RECORD_GAP, SPOOL_NOTICE_SOURCE,
		    buf_bytes(&data), NULL, SPOOL_ROOM_RESERVE);
	}
	buf_done(&data);
	/* On a full disk they are told at the next opening; to open is what makes room. */
	return status == STATUS_NO_SPACE && !spool->broken ? STATUS_OK : status;
}
