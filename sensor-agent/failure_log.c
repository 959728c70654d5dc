/* SPDX-License-Identifier: Apache-2.0
 *
 * A list in the order of the last report, newest first.
 */
#include "sensor-agent/failure_log.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/json_scan.h"
#include "common/base/json_write.h"

struct failure_log {
	struct failure_row *rows[FAILURE_LOG_MAX]; /* newest first */
	size_t count;
	uint64_t next_id;
	uint64_t forgotten;
};

struct failure_log *
failure_log_new(void)
{
	struct failure_log *log = NEW(struct failure_log);

	log->next_id = 1;
	return log;
}

static void
failure_row_free(struct failure_row *row)
{
	free(row->record);
	free(row);
}

void
failure_log_free(struct failure_log *log)
{
	if (log == NULL)
		return;
	for (size_t i = 0; i < log->count; i++)
		failure_row_free(log->rows[i]);
	free(log);
}

/* A JSON object with members, from its first byte to its last. */
static bool
failure_is_object(struct bytes record)
{
	size_t offset;

	return record.len > 2 && record.len <= FAILURE_RECORD_MAX && record.data[0] == '{' &&
	       record.data[1] == '"' && record.data[record.len - 1] == '}' &&
	       json_scan(NULL, record, NULL, &offset) == STATUS_OK;
}

static bool
failure_is_same(const struct failure_row *row, const struct edge_store_failure *failure)
{
	return row->reason == (enum reason)failure->reason &&
	       bytes_equal_text(failure->identity, row->identity);
}

/* The row of a report, put in front: an old one, or a new one in the place of the oldest. */
static struct failure_row *
failure_log_row(struct failure_log *log, const struct edge_store_failure *failure)
{
	struct failure_row *row = NULL;
	size_t at = 0;

	while (at < log->count && !failure_is_same(log->rows[at], failure))
		at++;
	if (at < log->count) {
		row = log->rows[at];
	} else {
		row = NEW(struct failure_row);
		row->id = log->next_id++;
		row->reason = (enum reason)failure->reason;
		memcpy(row->identity, failure->identity.data, failure->identity.len);
		row->first_us = failure->at_us;
		if (log->count == FAILURE_LOG_MAX) {
			at = FAILURE_LOG_MAX - 1;
			log->forgotten += log->rows[at]->untold;
			failure_row_free(log->rows[at]);
		} else {
			log->count++;
		}
	}
	memmove(&log->rows[1], &log->rows[0], at * sizeof(log->rows[0]));
	log->rows[0] = row;
	return row;
}

enum status
failure_log_add(struct failure_log *log, const struct edge_store_failure *failure)
{
	struct failure_row *row;

	if (failure->reason == REASON_OK || failure->reason >= REASON_COUNT ||
	    failure->count == 0 || failure->identity.len >= FAILURE_IDENTITY_SIZE ||
	    memchr(failure->identity.data, '\0', failure->identity.len) != NULL ||
	    !failure_is_object(failure->record))
		return STATUS_INVALID;
	row = failure_log_row(log, failure);
	row->proved = failure->proved;
	row->last_us = failure->at_us;
	row->count += failure->count;
	row->untold += failure->count;
	free(row->record);
	row->record = alloc_text_copy(failure->record.data, failure->record.len);
	return STATUS_OK;
}

struct failure_row *
failure_log_due(struct failure_log *log, int64_t now_ms)
{
	for (size_t i = 0; i < log->count; i++) {
		struct failure_row *row = log->rows[i];

		if (row->untold > 0 &&
		    (!row->told || now_ms - row->told_ms >= FAILURE_EVERY_MS))
			return row;
	}
	return NULL;
}

void
failure_log_told(struct failure_row *row, int64_t now_ms)
{
	row->untold = 0;
	row->told = true;
	row->told_ms = now_ms;
}

void
failure_log_put(const struct failure_row *row, bool record, struct buf *out)
{
	struct json_write json = json_write_to(out);

	/* the report's own members first; its closing bracket is written again */
	buf_put(out, row->record, strlen(row->record) - 1);
	json.comma = true;
	if (!record)
		json_u64(&json, "id", row->id);
	json_text(&json, "identity", row->identity);
	json_bool(&json, "proved", row->proved);
	json_u64(&json, "count", record ? row->untold : row->count);
	json_time_us(&json, "first_seen", row->first_us);
	json_time_us(&json, "last_seen", row->last_us);
	json_close_object(&json);
}

const struct failure_row *
failure_log_at(const struct failure_log *log, size_t i)
{
	return i < log->count ? log->rows[i] : NULL;
}

const struct failure_row *
failure_log_find(const struct failure_log *log, uint64_t id)
{
	for (size_t i = 0; i < log->count; i++) {
		if (log->rows[i]->id == id)
			return log->rows[i];
	}
	return NULL;
}

uint64_t
failure_log_forgotten(const struct failure_log *log)
{
	return log->forgotten;
}
