/* SPDX-License-Identifier: Apache-2.0
 *
 * One log in a spool directory: its segments in order and what they say.  Loading reads
 * every segment; with repair it also mends what a crash or damage left: a torn tail is
 * erased, damaged bytes are made a hole, a lost header is made again, files get their own
 * names back.  Only the spool calls it, and the read-only check.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_LOG_H
#define PORTCULLIS_SENSOR_SPOOL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/map.h"
#include "common/base/status.h"
#include "sensor-agent/spool/spool_entry.h"
#include "sensor-agent/spool/spool_report.h"
#include "sensor-agent/spool/spool_scan.h"
#include "sensor-agent/spool/spool_segment.h"

enum {
	SPOOL_SEGMENTS_MAX = 65536,
	SPOOL_SEGMENT_SIZE_MIN = 128 << 10,
	SPOOL_SEGMENT_SIZE_MAX = 64 << 20,
	SPOOL_RANGES_MAX = 4096,
	SPOOL_QUARANTINE_MAX = 8 /* copies of damaged segments that are kept */
};

struct spool_range {
	uint64_t first;
	uint64_t last;
};

struct spool_ranges {
	struct spool_range *items;
	size_t count;
};

struct spool_log {
	uint8_t log_id[SPOOL_LOG_ID_SIZE];
	uint32_t salt;
	struct spool_segment **segments; /* the last one is written */
	size_t count;
	uint64_t next_seq;
	uint8_t chain[SPOOL_HASH_SIZE]; /* chain hash of next_seq - 1 */
	struct spool_mark mark;
	struct map *sources; /* names to struct spool_position */
	bool other_host;     /* a segment was made on another machine */

	/* Found by loading. */
	struct spool_ranges holes; /* numbers that cannot be read any more */
	struct spool_ranges gaps;  /* numbers that gap records of this log name */
	uint64_t moved_next;       /* next number of the log in the last origin record */
};

struct spool_load {
	size_t segment_size; /* of a segment of which the header is lost; 0: the file's */
	uint8_t machine[SPOOL_HASH_SIZE];
	bool repair;

	/* Called for each intact entry, may be NULL. */
	void (*visit)(const struct spool_segment *segment, const struct spool_scan_item *item,
	    void *arg);
	void *arg;
};

/* Starts an empty log without a segment. */
void spool_log_init(struct spool_log *log, const uint8_t log_id[static SPOOL_LOG_ID_SIZE]);
void spool_log_done(struct spool_log *log);

/* Reads all segments of log->log_id.  STATUS_CORRUPT: more damage than can be kept track
 * of. */
enum status spool_log_load(struct spool_log *log, int dir_fd, const struct spool_load *load,
    struct spool_report *report) MUST_USE;

/* Adds a segment behind the others; the log owns it. */
void spool_log_take_segment(struct spool_log *log, struct spool_segment *segment);

/* Forgets the first segment (the file stays). */
void spool_log_drop_first(struct spool_log *log);

/* Adds a range; false when there are too many. */
bool spool_ranges_add(struct spool_ranges *ranges, uint64_t first, uint64_t last);
bool spool_ranges_have(const struct spool_ranges *ranges, uint64_t first, uint64_t last);

/* Calls visit for each file of the directory whose name is wanted. */
enum status spool_log_each_file(int dir_fd, bool (*wanted)(const char *name),
    void (*visit)(const char *name, void *arg), void *arg) MUST_USE;

#endif
