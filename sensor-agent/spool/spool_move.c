/* SPDX-License-Identifier: Apache-2.0
 *
 * Going on under a new log_id.  The new log is made first, then the state file names it
 * with the old one as its origin: from then on the old log is only emptied, segment by
 * segment, into the new one, behind records that say where they come from.  Each step is
 * durable before the next, and how far it came is read from the new log itself.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fault_point.h"
#include "common/base/fileio.h"
#include "common/base/random.h"
#include "sensor-agent/spool/spool.h"
#include "sensor-agent/spool/spool_private.h"

struct spool_moving {
	struct spool *spool;
	const struct spool_log *old;
	uint64_t next;    /* number of the next record to move */
	uint64_t run_end; /* an origin record names the numbers up to here */
	enum status status;
};

/* The end of the run of readable numbers that begins with first. */
static uint64_t
spool_run_end(const struct spool_log *old, uint64_t first)
{
	uint64_t end = old->next_seq - 1;

	for (size_t i = 0; i < old->holes.count; i++)
		if (old->holes.items[i].first > first && old->holes.items[i].first <= end)
			end = old->holes.items[i].first - 1;
	return end;
}

static enum status
spool_put_origin(struct spool_moving *m, uint64_t first)
{
	struct buf data;
	enum status status;

	m->run_end = spool_run_end(m->old, first);
	buf_init(&data, SPOOL_NOTICE_MAX);
	spool_notice_put(&data, first, m->run_end, NULL, m->old->log_id);
	status = spool_put_notice(m->spool, RECORD_ORIGIN, SPOOL_NOTICE_SOURCE,
	    buf_bytes(&data), NULL, SPOOL_ROOM_MOVE);
	buf_done(&data);
	return status;
}

static enum status
spool_move_record(struct spool_moving *m, const struct spool_entry *entry)
{
	struct cursor at = cursor_of(entry->record);
	struct record record;
	struct bytes raw;
	enum status status = STATUS_OK;

	if (!record_next(&at, &record, &raw))
		return STATUS_CORRUPT;
	if (entry->seq > m->run_end)
		status = spool_put_origin(m, entry->seq);
	if (status != STATUS_OK)
		return status;
	record.flags |= RECORD_FLAG_CARRIED;
	status = spool_put_record(m->spool, &record, NULL, SPOOL_ROOM_MOVE);
	if (status == STATUS_OK)
		m->spool->log.moved_next = m->next = entry->seq + 1;
	return status;
}

/* Moves the records of one segment of the old log, which is read whole. */
static enum status
spool_move_segment(struct spool_moving *m, const struct spool_segment *segment, uint64_t end)
{
	struct spool_scan scan;
	struct spool_scan_item item;
	enum status status;
	struct buf content;

	buf_init(&content, SPOOL_SEGMENT_SIZE_MAX);
	status = fileio_read(m->spool->dir_fd, segment->name, &content);
	spool_scan_init(&scan, buf_bytes(&content), m->old->salt, segment->header.first_seq, 0,
	    end);
	item.kind = SPOOL_SCAN_ENTRY;
	while (status == STATUS_OK && item.kind == SPOOL_SCAN_ENTRY) {
		spool_scan_next(&scan, &item);
		if (item.kind == SPOOL_SCAN_DAMAGE) /* loading has mended all there was */
			status = STATUS_CORRUPT;
		if (item.kind == SPOOL_SCAN_ENTRY && item.entry.kind == SPOOL_ENTRY_RECORD &&
		    item.entry.seq >= m->next)
			status = spool_move_record(m, &item.entry);
	}
	buf_done(&content);
	return status;
}

static enum status
spool_unlink_moved(struct spool *spool, const char *name)
{
	int error = FAULT_POINT("spool.move.unlink");

	if (error == 0 && unlinkat(spool->dir_fd, name, 0) != 0)
		error = errno;
	return error == 0 ? fileio_sync_dir(spool->dir_fd) : status_from_errno(error);
}

/* Empties the old log into the new one. */
static enum status
spool_move_log(struct spool *spool, struct spool_log *old)
{
	struct spool_moving m = {.spool = spool, .old = old, .next = spool->log.moved_next};
	enum status status = STATUS_OK;

	if (m.next <= old->mark.acked)
		m.next = old->mark.acked + 1;
	while (status == STATUS_OK && old->count > 0) {
		uint64_t end = old->count > 1 ? old->segments[1]->header.first_seq : 0;

		status = spool_move_segment(&m, old->segments[0], end);
		if (status == STATUS_OK)
			status = status_from_errno(FAULT_POINT("spool.move.copied"));
		if (status == STATUS_OK)
			status = spool_sync(spool);
		if (status == STATUS_OK)
			status = spool_unlink_moved(spool, old->segments[0]->name);
		if (status == STATUS_OK)
			spool_log_drop_first(old);
	}
	/* On a full disk the rest is moved when there is room: spool_trim comes back. */
	if (status == STATUS_NO_SPACE && !spool->broken)
		return spool_sync(spool);
	if (status != STATUS_OK)
		return spool_break(spool, status);
	memset(spool->state.origin, 0, SPOOL_LOG_ID_SIZE);
	status = spool_state_write(spool->dir_fd, &spool->state);
	return status == STATUS_OK ? STATUS_OK : spool_break(spool, status);
}

bool
spool_is_moving(const struct spool *spool)
{
	static const uint8_t none[SPOOL_LOG_ID_SIZE];

	return memcmp(spool->state.origin, none, SPOOL_LOG_ID_SIZE) != 0;
}

enum status
spool_move_rest(struct spool *spool, struct spool_report *report)
{
	struct spool_load load;
	struct spool_log old;
	enum status status;

	if (!spool_is_moving(spool))
		return STATUS_OK;
	spool_fill_load(spool, &load);
	spool_log_init(&old, spool->state.origin);
	status = spool_log_load(&old, spool->dir_fd, &load, report);
	if (status == STATUS_OK)
		status = spool_tell_holes(spool, &old, old.log_id);
	if (status == STATUS_OK)
		status = spool_move_log(spool, &old);
	spool_log_done(&old);
	return status;
}

enum status
spool_reincarnate(struct spool *spool)
{
	struct spool_log old;
	enum status status = spool->broken ? STATUS_IO : spool_move_rest(spool, NULL);

	if (status == STATUS_OK && spool_is_moving(spool))
		status = STATUS_NO_SPACE; /* one log at a time */
	/* With the mark: a move that is resumed must not begin before it. */
	if (status == STATUS_OK)
		status = spool_put_mark(spool);
	if (status != STATUS_OK)
		return status;
	old = spool->log;
	memcpy(spool->state.origin, old.log_id, SPOOL_LOG_ID_SIZE);
	random_bytes(spool->state.log_id, SPOOL_LOG_ID_SIZE);
	spool_log_init(&spool->log, spool->state.log_id);
	/* Positions and the session counter go on. */
	map_free(spool->log.sources);
	spool->log.sources = old.sources;
	old.sources = NULL;
	spool->log.mark.counter = old.mark.counter;
	spool->durable = 0;
	status = spool_roll(spool);
	if (status == STATUS_OK)
		status = status_from_errno(FAULT_POINT("spool.move.begin"));
	if (status == STATUS_OK)
		status = spool_state_write(spool->dir_fd, &spool->state);
	if (status == STATUS_OK)
		status = spool_move_log(spool, &old);
	spool_log_done(&old);
	fileio_close(spool->read_fd);
	spool->read_fd = -1;
	return status == STATUS_OK ? STATUS_OK : spool_break(spool, status);
}
