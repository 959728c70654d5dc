/* SPDX-License-Identifier: Apache-2.0
 *
 * Failures of the link as the sensor remembers them: one row for each reason and identity,
 * folded while it repeats, the newest kept.  It says when a row is to be told as a record of
 * the spool: at once the first time, then at most once a minute with what came since.  No
 * clock, no file; the spool role writes the records.
 */
#ifndef PORTCULLIS_SENSOR_FAILURE_LOG_H
#define PORTCULLIS_SENSOR_FAILURE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/status.h"
#include "common/pki/reason.h"
#include "common/wire/edge_store.h"

enum {
	FAILURE_LOG_MAX = 1000,
	FAILURE_EVERY_MS = 60000,
	FAILURE_IDENTITY_SIZE = 80,
	FAILURE_RECORD_MAX = 16384, /* bytes of JSON */
};

struct failure_row {
	uint64_t id; /* for `explain` */
	enum reason reason;
	char identity[FAILURE_IDENTITY_SIZE];
	bool proved;
	int64_t first_us;
	int64_t last_us;
	uint64_t count;
	uint64_t untold; /* of these, not yet in a record */
	int64_t told_ms; /* when the last record was written; monotonic */
	bool told;
	char *record; /* the newest report: a JSON object */
};

struct failure_log;

struct failure_log *failure_log_new(void);
void failure_log_free(struct failure_log *log);

/* Takes a report.  STATUS_INVALID: it breaks the rules of the edge. */
enum status failure_log_add(struct failure_log *log,
    const struct edge_store_failure *failure) MUST_USE;

/* A row that is to be told at this moment, or NULL; and that it was. */
struct failure_row *failure_log_due(struct failure_log *log, int64_t now_ms);
void failure_log_told(struct failure_row *row, int64_t now_ms);

/* Appends the object of a row: the newest report with identity, count and times.  count is
 * that of the whole row, or (record) of what its next record stands for. */
void failure_log_put(const struct failure_row *row, bool record, struct buf *out);

/* The rows, newest last_us first: number i, or NULL behind the last. */
const struct failure_row *failure_log_at(const struct failure_log *log, size_t i);
const struct failure_row *failure_log_find(const struct failure_log *log, uint64_t id);

/* Reports in rows that were forgotten before they were told. */
uint64_t failure_log_forgotten(const struct failure_log *log);

#endif
