/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a spool directory without changing it, also while a sensor has it open: for
 * `spool check` and `spool show`.
 */
#ifndef PORTCULLIS_SENSOR_SPOOL_CHECK_H
#define PORTCULLIS_SENSOR_SPOOL_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "sensor-agent/spool/spool_notice.h"
#include "sensor-agent/spool/spool_report.h"
#include "sensor-agent/spool/spool_source.h"

struct spool_summary {
	uint8_t log_id[SPOOL_LOG_ID_SIZE];
	bool in_use; /* a process has it open: it may have written more since */
	bool moving; /* records of an earlier log are still to be carried over */
	size_t segments;
	uint64_t first; /* lowest number that is needed */
	uint64_t next;
	uint64_t acked;
	uint64_t counter;
	uint64_t records;                    /* that were read */
	uint64_t by_type[RECORD_ORIGIN + 1]; /* [0]: types that are not known */
};

/* Reads everything, verifies every checksum and the hash chain.  What is wrong stands in
 * the report; STATUS_OK means that it could be read, not that all is well.
 * STATUS_NOT_FOUND: no spool is there. */
enum status spool_check(int dir_fd, struct spool_summary *ret_summary,
    struct spool_report *report) MUST_USE;

struct spool_shown {
	uint64_t seq;
	struct record record;
	struct bytes source;
	struct bytes data;
	const struct spool_position *position; /* NULL where it has none */
	const char *segment;
	size_t offset;
};

/* Calls visit for each readable record from a number on. */
enum status spool_show(int dir_fd, uint64_t from,
    void (*visit)(const struct spool_shown *shown, void *arg), void *arg) MUST_USE;

#endif
