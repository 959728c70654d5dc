/* SPDX-License-Identifier: Apache-2.0
 *
 * How far each input has been read: one position for each source, the newest that stands
 * in the spool.  A position is stored in the entry of the record that was read up to it,
 * so that both become durable in one step.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_SOURCE_H
#define PORTCULLIS_SENSOR_SPOOL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/map.h"
#include "common/base/status.h"

enum {
	SPOOL_SOURCES_MAX = 512
};

/* A file is known again by device and inode, and by a hash of its first mark_len bytes, so
 * that an inode that serves another file now is noticed. */
struct spool_position {
	uint64_t device;
	uint64_t inode;
	uint64_t offset; /* behind the line feed of the last line that was taken */
	uint64_t mark;   /* first 8 bytes of SHA-256 of the first mark_len bytes */
	uint32_t mark_len;
};

/* Whether a source's name may stand in a record: 1 to 64 printable ASCII characters other
 * than space. */
bool spool_source_valid(struct bytes name);

/* The tail of an entry: the position and, where no record names it, the source. */
void spool_position_put(struct buf *out, const struct spool_position *position,
    struct bytes source);
bool spool_position_parse(struct bytes tail, struct spool_position *ret_position,
    struct bytes *ret_source);

/* A map of source names to struct spool_position. */
struct map *spool_sources_new(void);

/* Sets a source's position; where there are too many, one of which the file is finished goes
 * (position of zeros).  STATUS_LIMIT when none is. */
enum status spool_sources_set(struct map *sources, struct bytes source,
    const struct spool_position *position) MUST_USE;

#endif
