/* SPDX-License-Identifier: Apache-2.0
 *
 * What the spool itself has to say in records (docs/protocol.md section 6): gap, lost,
 * origin.  Their source is "log".
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_NOTICE_H
#define PORTCULLIS_SENSOR_SPOOL_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "sensor-agent/spool/spool_entry.h"

enum {
	SPOOL_NOTICE_MAX = 512 /* bytes of the data of one */
};

#define SPOOL_NOTICE_SOURCE "log"

/* Appends {"log_id":"...","first":1,"last":2,"reason":"damage"}; log_id (of another log) and
 * reason may be NULL. */
void spool_notice_put(struct buf *out, uint64_t first, uint64_t last, const char *reason,
    const uint8_t *log_id);

/* The numbers in a payload (source and such data) that names no other log. */
bool spool_notice_range(struct bytes payload, uint64_t *ret_first, uint64_t *ret_last);

/* The other log and the first number in the payload of an origin record. */
bool spool_notice_origin(struct bytes payload, uint8_t ret_log_id[static SPOOL_LOG_ID_SIZE],
    uint64_t *ret_first);

#endif
