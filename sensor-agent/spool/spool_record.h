/* SPDX-License-Identifier: Apache-2.0
 *
 * Records: their types and the payloads that the spool itself writes (docs/protocol.md
 * section 6).
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_RECORD_H
#define PORTCULLIS_SENSOR_SPOOL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "sensor-agent/spool/spool_entry.h"

enum spool_record_type {
	SPOOL_RECORD_EVENT = 1,
	SPOOL_RECORD_RAW,
	SPOOL_RECORD_OVERSIZE,
	SPOOL_RECORD_HEALTH,
	SPOOL_RECORD_FAILURE,
	SPOOL_RECORD_GAP,
	SPOOL_RECORD_DROPPED,
	SPOOL_RECORD_LOST,
	SPOOL_RECORD_ORIGIN,
};

enum {
	SPOOL_FLAG_MOVED = 0x0001, /* carried over from another log */
	SPOOL_NOTICE_MAX = 512     /* longest payload that the spool writes itself */
};

struct spool_record_head {
	uint32_t len;
	uint16_t type;
	uint16_t flags;
	int64_t wall_us;
	uint8_t boot_id[8];
	int64_t mono_us;
};

void spool_record_head_put(const struct spool_record_head *head,
    uint8_t ret_bytes[static SPOOL_RECORD_HEAD_SIZE]);

/* False when record is not one whole record. */
bool spool_record_parse(struct bytes record, struct spool_record_head *ret_head,
    struct bytes *ret_payload);

#define SPOOL_LOG_SOURCE "log" /* the source of what the spool says of itself */

/* What the spool says of ranges of numbers: {"first":1,"last":2,"reason":"damage"}, as gap,
 * lost or origin of the source "log"; log_id and reason may be NULL. */
void spool_record_put_range(struct buf *out, uint64_t first, uint64_t last, const char *reason,
    const uint8_t *log_id);

/* The numbers in a payload (source and such data) that names no other log. */
bool spool_record_parse_range(struct bytes payload, uint64_t *ret_first, uint64_t *ret_last);

/* The log and numbers in the payload of an origin record. */
bool spool_record_parse_origin(struct bytes payload,
    uint8_t ret_log_id[static SPOOL_LOG_ID_SIZE], uint64_t *ret_first);

#endif
