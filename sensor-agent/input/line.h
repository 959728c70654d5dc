/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines on their way into the spool: what kind of record a line becomes, and lines that are
 * too long to keep, of which the beginning and a hash stay.
 */
#ifndef PORTCULLIS_SENSOR_INPUT_LINE_H
#define PORTCULLIS_SENSOR_INPUT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "sensor-agent/spool/spool.h"

enum {
	LINE_MAX_LEN = SPOOL_DATA_MAX,
	LINE_HEAD_MAX = 32 << 10 /* of a line that is too long */
};

/* RECORD_EVENT for a JSON object, else RECORD_RAW: kept as it is, never dropped. */
enum record_type line_type(struct bytes line);

/* Appends a line (without its line feed, at most LINE_MAX_LEN bytes); as spool_append. */
enum status line_append(struct spool *spool, enum record_type type, const char *source,
    struct bytes line, const struct spool_position *position, uint64_t *ret_seq) MUST_USE;

/* A line that is longer, taken in parts. */
struct line_long;

struct line_long *line_long_new(uint64_t offset);
void line_long_free(struct line_long *line);
void line_long_add(struct line_long *line, struct bytes part);
uint64_t line_long_len(const struct line_long *line);

/* Appends the OVERSIZE record: offset, len, sha256, head.  Can be called again after
 * STATUS_NO_SPACE. */
enum status line_long_append(struct line_long *line, struct spool *spool, const char *source,
    const struct spool_position *position, uint64_t *ret_seq) MUST_USE;

/* Appends a gap record of an input: what came behind offset from was not read. */
enum status line_gap(struct spool *spool, const char *source, uint64_t from, const char *reason,
    const struct spool_position *position) MUST_USE;

#endif
