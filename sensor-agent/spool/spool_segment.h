/* SPDX-License-Identifier: Apache-2.0
 *
 * One segment file: made whole and under its name before the first entry, written at its
 * end, synced, and a sparse index of which number stands where.  Knows nothing of other
 * segments; its bytes are spool_entry's.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_SEGMENT_H
#define PORTCULLIS_SENSOR_SPOOL_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "sensor-agent/spool/spool_entry.h"
#include "sensor-agent/spool/spool_report.h"

enum {
	SPOOL_INDEX_STEP = 65536 /* bytes between two places in the index */
};

struct spool_place {
	uint64_t seq;
	size_t offset;
};

struct spool_segment {
	char name[SPOOL_NAME_SIZE];
	int fd; /* open while it is written, else -1 */
	struct spool_header header;
	bool header_lost;  /* it was damaged and is being made again */
	uint64_t next_seq; /* one above the last number in it */
	size_t size;
	size_t used; /* bytes to the end of the last entry */
	bool sealed;
	struct spool_place *index;
	size_t index_count;
};

/* "LLLLLLLL-SSSSSSSSSSSSSSSS.seg": the beginning of log_id and first_seq, hexadecimal. */
void spool_segment_name(const struct spool_header *header,
    char ret_name[static SPOOL_NAME_SIZE]);

/* Whether a file name has that form. */
bool spool_segment_named(const char *name);

/* Makes a segment of header->size bytes that begins with the header and entries (bytes of
 * entries without a record).  When it returns STATUS_OK the file is durable under its name.
 * STATUS_NO_SPACE leaves nothing behind; after another failure the spool cannot go on. */
enum status spool_segment_create(int dir_fd, const struct spool_header *header,
    struct bytes entries, struct spool_segment **ret_segment) MUST_USE;

/* Opens the file for writing. */
enum status spool_segment_open(int dir_fd, struct spool_segment *segment) MUST_USE;

void spool_segment_free(struct spool_segment *segment);

/* Writes at the end.  Nothing is durable before spool_segment_sync. */
enum status spool_segment_write(struct spool_segment *segment, struct bytes entries) MUST_USE;
enum status spool_segment_sync(struct spool_segment *segment) MUST_USE;

/* Tells the index that the entry of record seq begins at offset. */
void spool_segment_note(struct spool_segment *segment, uint64_t seq, size_t offset);

/* An offset at or before that of record seq, where an entry begins. */
size_t spool_segment_place(const struct spool_segment *segment, uint64_t seq);

#endif
