/* SPDX-License-Identifier: Apache-2.0
 *
 * Ingest: the intervals of logs, and the records.
 */
#include "console-server/store/ingest.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/map.h"
#include "common/pki/digest.h"
#include "console-server/store/extract.h"

struct span {
	uint64_t first, last;
	uint8_t hash[RECORD_HASH_SIZE]; /* at last */
};

struct ingest_log {
	int64_t id;
	struct span *spans; /* ascending, never touching each other */
	size_t count;
};

struct ingest {
	struct db *db;
	struct map *logs; /* by sensor and log_id */
	struct query find_log, insert_log, spans, put_span, drop_span, hash_at, next_fork,
	    insert, notice;
};

static void
ingest_free_log(void *value)
{
	struct ingest_log *log = value;

	free(log->spans);
	free(log);
}

struct ingest *
ingest_new(struct db *db)
{
	struct ingest *ingest = NEW(struct ingest);

	ingest->db = db;
	ingest->logs = map_new(INGEST_LOGS_MAX, ingest_free_log);
	query_init(&ingest->find_log, db, "SELECT id FROM log WHERE sensor=?1 AND log_id=?2");
	query_init(&ingest->insert_log, db,
	    "INSERT INTO log(sensor,log_id,opened_us) VALUES(?1,?2,?3) RETURNING id");
	query_init(&ingest->spans, db,
	    "SELECT first,last,hash FROM span WHERE log=?1 ORDER BY first");
	query_init(&ingest->put_span, db,
	    "INSERT INTO span(log,first,last,hash) VALUES(?1,?2,?3,?4)"
	    " ON CONFLICT(log,first) DO UPDATE SET last=excluded.last,hash=excluded.hash");
	query_init(&ingest->drop_span, db, "DELETE FROM span WHERE log=?1 AND first=?2");
	query_init(&ingest->hash_at, db,
	    "SELECT 1 FROM event WHERE log=?1 AND seq=?2 AND hash=?3");
	query_init(&ingest->next_fork, db,
	    "SELECT coalesce(max(fork),-1)+1 FROM event WHERE log=?1 AND seq=?2");
	query_init(&ingest->insert, db,
	    "INSERT INTO event(log,seq,fork,hash,received_us,time_us,type,severity,kind,source,"
	    "destination,summary,record) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)");
	query_init(&ingest->notice, db,
	    "INSERT INTO notice(kind,at_us,log,first,last,detail) VALUES('FORK',?1,?2,?3,?3,?4)");
	return ingest;
}

void
ingest_free(struct ingest *ingest)
{
	if (ingest == NULL)
		return;
	query_done(&ingest->find_log);
	query_done(&ingest->insert_log);
	query_done(&ingest->spans);
	query_done(&ingest->put_span);
	query_done(&ingest->drop_span);
	query_done(&ingest->hash_at);
	query_done(&ingest->next_fork);
	query_done(&ingest->insert);
	query_done(&ingest->notice);
	map_free(ingest->logs);
	free(ingest);
}

void
ingest_forget(struct ingest *ingest)
{
	map_free(ingest->logs);
	ingest->logs = map_new(INGEST_LOGS_MAX, ingest_free_log);
}

static enum status
ingest_find_row(struct ingest *ingest, int64_t sensor, struct bytes log_id, int64_t now_us,
    int64_t *ret_id)
{
	struct query *query = &ingest->find_log;
	enum status status;

	query_i64(query, sensor);
	query_bytes(query, log_id);
	status = query_step(query);
	if (status == STATUS_END) {
		query = &ingest->insert_log;
		query_i64(query, sensor);
		query_bytes(query, log_id);
		query_i64(query, now_us);
		status = query_step(query);
	}
	if (status != STATUS_OK)
		return status == STATUS_END ? STATUS_INTERNAL : status;
	*ret_id = query_column_i64(query, 0);
	return query_run(query);
}

static enum status
ingest_read_spans(struct ingest *ingest, struct ingest_log *log)
{
	struct query *query = &ingest->spans;
	enum status status;

	query_i64(query, log->id);
	while ((status = query_step(query)) == STATUS_OK) {
		struct bytes hash = query_column_bytes(query, 2);
		struct span *span;

		if (log->count == INGEST_SPANS_MAX || hash.len != RECORD_HASH_SIZE) {
			query_reset(query);
			return STATUS_CORRUPT;
		}
		log->spans = alloc_resize(log->spans, log->count + 1, sizeof(*log->spans));
		span = &log->spans[log->count++];
		span->first = (uint64_t)query_column_i64(query, 0);
		span->last = (uint64_t)query_column_i64(query, 1);
		memcpy(span->hash, hash.data, RECORD_HASH_SIZE);
	}
	return status == STATUS_END ? STATUS_OK : status;
}

enum status
ingest_open_log(struct ingest *ingest, int64_t sensor,
    const uint8_t log_id[static BATCH_LOG_ID_SIZE], int64_t now_us, struct ingest_log **ret_log)
{
	uint8_t key[sizeof(sensor) + BATCH_LOG_ID_SIZE];
	struct ingest_log *log;
	enum status status;

	memcpy(key, &sensor, sizeof(sensor));
	memcpy(key + sizeof(sensor), log_id, BATCH_LOG_ID_SIZE);
	log = map_get(ingest->logs, bytes_of(key, sizeof(key)));
	if (log != NULL) {
		*ret_log = log;
		return STATUS_OK;
	}
	if (map_count(ingest->logs) == INGEST_LOGS_MAX)
		ingest_forget(ingest); /* each is read again when it is asked for */
	log = NEW(struct ingest_log);
	status = ingest_find_row(ingest, sensor, bytes_of(log_id, BATCH_LOG_ID_SIZE), now_us,
	    &log->id);
	if (status == STATUS_OK)
		status = ingest_read_spans(ingest, log);
	if (status == STATUS_OK)
		status = map_put(ingest->logs, bytes_of(key, sizeof(key)), log);
	if (status != STATUS_OK) {
		ingest_free_log(log);
		return status;
	}
	*ret_log = log;
	return STATUS_OK;
}

/* The interval that holds a number, or NULL. */
static const struct span *
ingest_find_span(const struct ingest_log *log, uint64_t seq)
{
	for (size_t i = log->count; i-- > 0;) {
		if (log->spans[i].first <= seq)
			return log->spans[i].last >= seq ? &log->spans[i] : NULL;
	}
	return NULL;
}

void
ingest_position(const struct ingest_log *log, uint64_t first,
    struct ingest_position *ret_position)
{
	const struct span *span = ingest_find_span(log, first);

	*ret_position = (struct ingest_position){.held = first - 1};
	if (log->count > 0)
		ret_position->top = log->spans[log->count - 1].last;
	if (span == NULL && first > 1)
		span = ingest_find_span(log, first - 1);
	if (span == NULL) {
		ret_position->has_hash = first == 1; /* the hash before the first is zeros */
		return;
	}
	if (span->last >= first)
		ret_position->held = span->last;
	ret_position->has_hash = span->last == ret_position->held;
	if (ret_position->has_hash)
		memcpy(ret_position->hash, span->hash, RECORD_HASH_SIZE);
}

static enum status
ingest_write_span(struct ingest *ingest, const struct ingest_log *log, const struct span *span)
{
	struct query *query = &ingest->put_span;

	query_i64(query, log->id);
	query_i64(query, (int64_t)span->first);
	query_i64(query, (int64_t)span->last);
	query_bytes(query, bytes_of(span->hash, RECORD_HASH_SIZE));
	return query_run(query);
}

static enum status
ingest_remove_span(struct ingest *ingest, struct ingest_log *log, size_t i)
{
	struct query *query = &ingest->drop_span;

	query_i64(query, log->id);
	query_i64(query, (int64_t)log->spans[i].first);
	memmove(&log->spans[i], &log->spans[i + 1], (log->count - i - 1) * sizeof(*log->spans));
	log->count--;
	return query_run(query);
}

/* The place of an interval: the first that does not end before it, with a hole between. */
static size_t
ingest_place_span(const struct ingest_log *log, uint64_t first)
{
	size_t i = 0;

	while (i < log->count && log->spans[i].last + 1 < first)
		i++;
	return i;
}

/* Would an interval be one more than may be? */
static bool
ingest_spans_full(const struct ingest_log *log, uint64_t first, uint64_t last)
{
	size_t i = ingest_place_span(log, first);

	return log->count == INGEST_SPANS_MAX &&
	       (i == log->count || log->spans[i].first > last + 1);
}

/* Adds an interval: joins it with those it meets, in memory and in the table. */
static enum status
ingest_add_span(struct ingest *ingest, struct ingest_log *log, struct span added)
{
	size_t i = ingest_place_span(log, added.first);
	enum status status;

	if (i < log->count && log->spans[i].first <= added.first) {
		/* the usual case: what is held grows at its end */
		if (log->spans[i].last > added.last) {
			added.last = log->spans[i].last;
			memcpy(added.hash, log->spans[i].hash, RECORD_HASH_SIZE);
		}
		added.first = log->spans[i].first;
		log->spans[i] = added;
	} else {
		log->spans = alloc_resize(log->spans, log->count + 1, sizeof(*log->spans));
		memmove(&log->spans[i + 1], &log->spans[i],
		    (log->count - i) * sizeof(*log->spans));
		log->spans[i] = added;
		log->count++;
	}
	while (i + 1 < log->count && log->spans[i + 1].first <= log->spans[i].last + 1) {
		if (log->spans[i + 1].last > log->spans[i].last) {
			log->spans[i].last = log->spans[i + 1].last;
			memcpy(log->spans[i].hash, log->spans[i + 1].hash, RECORD_HASH_SIZE);
		}
		status = ingest_remove_span(ingest, log, i + 1);
		if (status != STATUS_OK)
			return status;
	}
	return ingest_write_span(ingest, log, &log->spans[i]);
}

static enum status
ingest_ask_one(struct query *query, int64_t *ret_value)
{
	enum status status = query_step(query);

	if (status != STATUS_OK)
		return status;
	*ret_value = query_column_i64(query, 0);
	query_reset(query);
	return STATUS_OK;
}

/* Is exactly this record held already? */
static enum status
ingest_is_duplicate(struct ingest *ingest, int64_t log, uint64_t seq,
    const uint8_t hash[static RECORD_HASH_SIZE], bool *ret_duplicate)
{
	struct query *query = &ingest->hash_at;
	enum status status;
	int64_t found;

	query_i64(query, log);
	query_i64(query, (int64_t)seq);
	query_bytes(query, bytes_of(hash, RECORD_HASH_SIZE));
	status = ingest_ask_one(query, &found);
	*ret_duplicate = status == STATUS_OK;
	return status == STATUS_END ? STATUS_OK : status;
}

static enum status
ingest_fork_number(struct ingest *ingest, int64_t log, uint64_t seq, int64_t *ret_fork)
{
	query_i64(&ingest->next_fork, log);
	query_i64(&ingest->next_fork, (int64_t)seq);
	return ingest_ask_one(&ingest->next_fork, ret_fork);
}

/* One record on its way into the table. */
struct arrival {
	int64_t log;
	uint64_t seq;
	int64_t fork;
	int64_t received_us;
	const uint8_t *hash;
	struct record record;
	struct bytes raw;
};

static enum status
ingest_insert(struct ingest *ingest, const struct arrival *arrival)
{
	struct query *query = &ingest->insert;
	struct extract extract;

	extract_record(&arrival->record, &extract);
	query_i64(query, arrival->log);
	query_i64(query, (int64_t)arrival->seq);
	query_i64(query, arrival->fork);
	query_bytes(query, bytes_of(arrival->hash, RECORD_HASH_SIZE));
	query_i64(query, arrival->received_us);
	query_i64(query, extract.time_us);
	query_i64(query, arrival->record.type);
	query_i64(query, extract.severity);
	query_text(query, bytes_of_text(extract.kind));
	query_text(query, bytes_of_text(extract.source));
	query_text(query, bytes_of_text(extract.destination));
	query_text(query, bytes_of_text(extract.summary));
	query_bytes(query, arrival->raw);
	return query_run(query);
}

static enum status
ingest_notice_fork(struct ingest *ingest, const struct ingest_log *log, uint64_t seq,
    int64_t now_us, const char *detail)
{
	struct query *query = &ingest->notice;

	query_i64(query, now_us);
	query_i64(query, log->id);
	query_i64(query, (int64_t)seq);
	query_text(query, bytes_of_text(detail));
	return query_run(query);
}

/* Stores one record unless it is held. */
static enum status
ingest_record(struct ingest *ingest, const struct ingest_log *log, struct arrival *arrival,
    struct ingest_result *result)
{
	enum status status = STATUS_OK;
	bool duplicate = false;

	arrival->fork = 0;
	if (ingest_find_span(log, arrival->seq) != NULL) {
		status = ingest_is_duplicate(ingest, log->id, arrival->seq, arrival->hash,
		    &duplicate);
		if (status == STATUS_OK && duplicate) {
			result->duplicates++;
			return STATUS_OK;
		}
		if (status == STATUS_OK)
			status =
			    ingest_fork_number(ingest, log->id, arrival->seq, &arrival->fork);
		if (status == STATUS_OK && result->forked == 0)
			result->forked = arrival->seq;
	}
	if (status == STATUS_OK)
		status = ingest_insert(ingest, arrival);
	if (status == STATUS_OK)
		result->stored++;
	return status;
}

/* A batch that goes on from a hash that is not ours is another history of this log. */
static bool
ingest_continues(const struct ingest_log *log, const struct batch_header *header)
{
	const struct span *span = ingest_find_span(log, header->first_seq - 1);

	return span == NULL || span->last != header->first_seq - 1 ||
	       memcmp(span->hash, header->prev_hash, RECORD_HASH_SIZE) == 0;
}

enum status
ingest_batch(struct ingest *ingest, struct ingest_log *log, struct batch *batch,
    int64_t received_us, struct ingest_result *ret_result)
{
	struct ingest_result result = {.first = batch->header.first_seq,
	    .last = batch_last_seq(batch)};
	struct arrival arrival = {.log = log->id,
	    .received_us = received_us,
	    .hash = result.hash};
	bool continues = ingest_continues(log, &batch->header);
	uint8_t prefix[RECORD_CHAIN_PREFIX_SIZE];
	struct span span;
	enum status status = STATUS_OK;

	if (ingest_spans_full(log, result.first, result.last))
		return STATUS_LIMIT;
	memcpy(result.hash, batch->header.prev_hash, RECORD_HASH_SIZE);
	while (status == STATUS_OK &&
	       batch_next(batch, &arrival.record, &arrival.seq, &arrival.raw)) {
		record_chain_prefix(result.hash, arrival.seq, prefix);
		digest_sha256((const struct bytes[]){bytes_of(prefix, sizeof(prefix)),
				  arrival.raw},
		    2, result.hash);
		status = ingest_record(ingest, log, &arrival, &result);
	}
	if (status == STATUS_OK && !continues && result.forked == 0 && result.stored > 0)
		result.forked = result.first;
	if (status == STATUS_OK && result.forked != 0)
		status = ingest_notice_fork(ingest, log, result.forked, received_us,
		    "two histories of one log: a restored or cloned appliance");
	if (status == STATUS_OK) {
		span = (struct span){.first = result.first, .last = result.last};
		memcpy(span.hash, result.hash, RECORD_HASH_SIZE);
		status = ingest_add_span(ingest, log, span);
	}
	if (status == STATUS_OK)
		*ret_result = result;
	return status;
}
