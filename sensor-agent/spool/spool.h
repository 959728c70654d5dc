/* SPDX-License-Identifier: Apache-2.0
 *
 * The durable queue of a sensor: what is accepted stays until a console holds it.  Records
 * are appended, made durable together (spool_sync) and only then accepted and sent; they
 * go when they are acknowledged.  The position that a record was read from is stored with
 * it.  No event loop, no log line, no thread: the spool role calls it and decides when.
 *
 * Where the system fails (a write, a sync, a rename) the object is finished: every later
 * call returns STATUS_IO, nothing is tried again on the same descriptors (after a failed
 * fsync the kernel calls lost pages clean), and the role starts anew and reads what is
 * really there.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_SPOOL_H
#define PORTCULLIS_SENSOR_SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "sensor-agent/spool/spool_log.h"
#include "sensor-agent/spool/spool_notice.h"
#include "sensor-agent/spool/spool_report.h"
#include "sensor-agent/spool/spool_source.h"

enum {
	SPOOL_SEGMENT_SIZE = 8 << 20,
	SPOOL_RESERVE = 64 << 10, /* of each segment, for what the spool itself has to say */
	SPOOL_DATA_MAX = RECORD_PAYLOAD_MAX - 1 - RECORD_SOURCE_MAX,
};

struct spool;

struct spool_options {
	uint64_t quota; /* bytes of all segments, at least two of them */
	size_t segment_size;
	bool drop_newest;                 /* when full: drop and count instead of refusing */
	uint8_t machine[SPOOL_HASH_SIZE]; /* spool_host_machine */
	uint8_t boot_id[8];               /* spool_host_boot_id */
};

struct spool_append {
	enum record_type type;
	const char *source;
	struct bytes data; /* at most SPOOL_DATA_MAX bytes: the payload after the source */
	const struct spool_position *position; /* read up to here, or NULL */
};

enum spool_alarm {
	SPOOL_ALARM_NONE,
	SPOOL_ALARM_HIGH,    /* 80 % of the quota */
	SPOOL_ALARM_CRITICAL /* 95 % */
};

struct spool_status {
	uint8_t log_id[SPOOL_LOG_ID_SIZE];
	uint64_t first;   /* lowest number that is still needed; first = next: empty */
	uint64_t next;    /* number of the next new record */
	uint64_t durable; /* highest number that is on the disk */
	uint64_t counter; /* of sessions */
	uint64_t used;    /* bytes of the quota */
	uint64_t quota;
	unsigned percent;
	enum spool_alarm alarm;
	bool blocked;     /* the last append was refused or dropped for want of space */
	bool broken;      /* the system failed: close and open again */
	bool moving;      /* records of an earlier log wait for disk to be carried over */
	uint64_t dropped; /* records since opening */
	size_t segments;
};

/* Opens the spool in a directory, or begins one; takes what a crash or damage left back to
 * a sound state and says in report (filled on success too, may be NULL) what it found.  The
 * directory must be this spool's alone; dir_fd stays the caller's.  STATUS_EXISTS: another
 * process has it open; STATUS_CORRUPT: more damage than can be kept track of. */
enum status spool_open(int dir_fd, const struct spool_options *options,
    struct spool **ret_spool, struct spool_report *report) MUST_USE;

/* Writes and syncs what is left to write, best effort, and frees. */
void spool_close(struct spool *spool);

/* Takes a record into memory and gives it its number: it is accepted when spool_durable has
 * reached that.  STATUS_NO_SPACE: full, come back when something has been acknowledged;
 * with drop_newest instead STATUS_OK and number 0: dropped, and counted in a record.
 * STATUS_LIMIT: too long, or too many sources; STATUS_INVALID: no valid source. */
enum status spool_append(struct spool *spool, const struct spool_append *append,
    uint64_t *ret_seq) MUST_USE;

/* Stores a source's position without a record: another file begins, a line was empty. */
enum status spool_move_to(struct spool *spool, const char *source,
    const struct spool_position *position) MUST_USE;

/* Makes everything appended durable.  The caller groups: 256 records or 5 ms. */
enum status spool_sync(struct spool *spool) MUST_USE;

/* The highest number that is durable, and how many appended records are not yet. */
uint64_t spool_durable(const struct spool *spool);
size_t spool_unsynced(const struct spool *spool);

/* The newest position of a source, as appended; false when it is not known. */
bool spool_position(const struct spool *spool, const char *source,
    struct spool_position *ret_position);

/* Calls visit for the name of each source that has a position. */
void spool_each_source(const struct spool *spool, void (*visit)(const char *source, void *arg),
    void *arg);

/* Where a reader stands; {.next = n} begins at record n. */
struct spool_reader {
	uint64_t next;
	uint64_t segment; /* a hint: first number of the segment that offset is in */
	size_t offset;
};

struct spool_batch {
	uint64_t first;
	uint64_t last;
	uint32_t count;
	uint8_t last_hash[SPOOL_HASH_SIZE];
};

/* Appends the payload of a BATCH (docs/protocol.md section 6) to out: the next durable
 * records from the reader's place on, at least one, without a hole, at most max_records and
 * max_bytes (of the payload); the reader moves behind it.  STATUS_END: nothing more is
 * durable; STATUS_CORRUPT: what was written reads back wrong, the spool is broken. */
enum status spool_read(struct spool *spool, struct spool_reader *reader, size_t max_records,
    size_t max_bytes, struct buf *out, struct spool_batch *ret_batch) MUST_USE;

/* Records first..last are held where they have to be; hash is the chain hash at last.  What
 * is acknowledged from the front on is not needed any more and goes, segment by segment; an
 * interval beyond a record still unacknowledged changes nothing (it will come again).
 * STATUS_NOT_FOUND: not this log; STATUS_INVALID: never sent, or another hash: trims
 * nothing, and something is wrong with the other side or with us. */
enum status spool_ack(struct spool *spool, const uint8_t log_id[static SPOOL_LOG_ID_SIZE],
    uint64_t first, uint64_t last, const uint8_t hash[static SPOOL_HASH_SIZE]) MUST_USE;

/* The chain hash at a number from first - 1 on.  STATUS_NOT_FOUND where it is not known. */
enum status spool_hash_at(struct spool *spool, uint64_t seq,
    uint8_t ret_hash[static SPOOL_HASH_SIZE]) MUST_USE;

/* The operator gives up the records up to last: a durable LOST record replaces them. */
enum status spool_discard(struct spool *spool, uint64_t last, const char *reason) MUST_USE;

/* Stores the session counter that a console handed out; durable on STATUS_OK. */
enum status spool_set_counter(struct spool *spool, uint64_t counter) MUST_USE;

/* Goes on under a new log_id (the console said REINCARNATE, or ACCEPT showed that this spool
 * is an old image): what is not acknowledged is carried over behind an ORIGIN record.
 * Takes time in proportion to the backlog; a crash in the middle is resumed by spool_open, a
 * full disk when something has been acknowledged. */
enum status spool_reincarnate(struct spool *spool) MUST_USE;

void spool_get_status(const struct spool *spool, struct spool_status *ret_status);

#endif
