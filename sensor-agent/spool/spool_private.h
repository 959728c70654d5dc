/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the spool object share: spool.c (append, sync), spool_open.c (open,
 * close), spool_read.c (read, acknowledge, trim) and spool_move.c (another log_id).
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_PRIVATE_H
#define PORTCULLIS_SENSOR_SPOOL_PRIVATE_H

#include "sensor-agent/spool/spool.h"
#include "sensor-agent/spool/spool_log.h"
#include "sensor-agent/spool/spool_state.h"

enum {
	SPOOL_PENDING_FLUSH = 1 << 20 /* written, not yet synced, beyond this */
};

struct spool {
	int dir_fd; /* own, holds the lock */
	struct spool_options options;
	struct spool_state state;
	struct spool_log log;
	uint64_t durable;
	struct buf payload; /* of the record that is being appended */
	struct buf raw;     /* the record */
	struct buf pending; /* entries that are not yet written */
	bool dirty;         /* written since the last sync */
	bool broken;
	bool blocked;
	struct map *drops;     /* source to struct spool_drop */
	uint64_t dropped;      /* records since opening */
	uint64_t untold;       /* of these, not yet in a record */
	int read_fd;           /* of the segment that was read last, or -1 */
	uint64_t read_segment; /* its first number */
	struct buf window;     /* what was read of it */
};

/* What an append may use. */
enum spool_room {
	SPOOL_ROOM_NORMAL,
	SPOOL_ROOM_RESERVE, /* the reserve too */
	SPOOL_ROOM_MOVE,    /* more than the quota too */
};

/* A failed system call ends the object.  Gives the status back. */
enum status spool_break(struct spool *spool, enum status status);

/* Appends a record as it is. */
enum status spool_put_record(struct spool *spool, const struct record *record,
    const struct spool_position *position, enum spool_room room) MUST_USE;

/* Appends a record of now. */
enum status spool_put_notice(struct spool *spool, enum record_type type, const char *source,
    struct bytes data, const struct spool_position *position, enum spool_room room) MUST_USE;

/* Tells of all that was dropped and is not yet told of. */
enum status spool_tell_drops(struct spool *spool) MUST_USE;

/* Appends a mark (trim mark, counter) and syncs. */
enum status spool_put_mark(struct spool *spool) MUST_USE;

/* Makes the next segment, or the first one. */
enum status spool_roll(struct spool *spool) MUST_USE;

/* Appends gap records for the holes of log that no gap record names.  name (or NULL) is the
 * log_id to put in. */
enum status spool_tell_holes(struct spool *spool, const struct spool_log *log,
    const uint8_t *name) MUST_USE;

/* Whether records of the log state.origin are still to be moved. */
bool spool_is_moving(const struct spool *spool);

/* Moves them, or as many as there is disk for; nothing when there are none. */
enum status spool_move_rest(struct spool *spool, struct spool_report *report) MUST_USE;

/* The lowest number that is still needed. */
uint64_t spool_first(const struct spool *spool);

/* Unlinks the segments that are not needed any more. */
enum status spool_trim(struct spool *spool) MUST_USE;

void spool_fill_load(const struct spool *spool, struct spool_load *ret_load);

#endif
