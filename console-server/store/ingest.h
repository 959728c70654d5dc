/* SPDX-License-Identifier: Apache-2.0
 *
 * Records into the store, each once: the key is (sensor, log, number, hash), and what is
 * held of a log is a set of intervals.  A number that comes with another hash is kept
 * beside the first and noticed (FORK); nothing is ever replaced or lost.  Runs inside the
 * transactions of store.c; an acknowledgement is worth nothing before its commit.
 */
#ifndef PORTCULLIS_CONSOLE_STORE_INGEST_H
#define PORTCULLIS_CONSOLE_STORE_INGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/status.h"
#include "common/wire/batch.h"
#include "console-server/store/db.h"

struct ingest;
struct ingest_log;

enum {
	INGEST_LOGS_MAX = 4096,  /* logs kept in memory; others are read again */
	INGEST_SPANS_MAX = 1024, /* intervals of one log; more is STATUS_LIMIT */
};

struct ingest *ingest_new(struct db *db);
void ingest_free(struct ingest *ingest);

/* The log of a sensor (row id of the registry); made where it is new. */
enum status ingest_open_log(struct ingest *ingest, int64_t sensor,
    const uint8_t log_id[static BATCH_LOG_ID_SIZE], int64_t now_us,
    struct ingest_log **ret_log) MUST_USE;

/* What ACCEPT says of a log whose sensor still has `first`: first..held are here. */
struct ingest_position {
	uint64_t held; /* first - 1: none of them */
	bool has_hash;
	uint8_t hash[RECORD_HASH_SIZE]; /* at held */
	uint64_t top;                   /* highest number held of this log; 0: none */
};

void ingest_position(const struct ingest_log *log, uint64_t first,
    struct ingest_position *ret_position);

struct ingest_result {
	unsigned int stored;
	unsigned int duplicates;
	uint64_t forked; /* first number that came with another hash; 0: none */
	uint64_t first, last;
	uint8_t hash[RECORD_HASH_SIZE]; /* chain hash at last, as this sensor counts */
};

/* Stores what is new of a batch.  STATUS_LIMIT, and nothing was written: the log would have
 * more than INGEST_SPANS_MAX intervals. */
enum status ingest_batch(struct ingest *ingest, struct ingest_log *log, struct batch *batch,
    int64_t received_us, struct ingest_result *ret_result) MUST_USE;

/* The transaction was rolled back: what memory knows of logs is forgotten. */
void ingest_forget(struct ingest *ingest);

#endif
