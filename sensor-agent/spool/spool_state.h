/* SPDX-License-Identifier: Apache-2.0
 *
 * The small file beside the segments: which log is the current one.  Written when a
 * log begins; replaced as a whole and durable when the call returns.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_STATE_H
#define PORTCULLIS_SENSOR_SPOOL_STATE_H

#include <stdint.h>

#include "common/base/status.h"
#include "sensor-agent/spool/spool_entry.h"

struct spool_state {
	uint8_t log_id[SPOOL_LOG_ID_SIZE];
	uint8_t origin[SPOOL_LOG_ID_SIZE]; /* records still have to be moved from it, or zero */
};

enum status spool_state_write(int dir_fd, const struct spool_state *state) MUST_USE;

/* STATUS_NOT_FOUND, or STATUS_CORRUPT when its checksum or form is wrong. */
enum status spool_state_read(int dir_fd, struct spool_state *ret_state) MUST_USE;

#endif
