/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection to the SQLite file: opened with the settings that make a commit durable and
 * a damaged file visible, migrated forward only, and a small way to run prepared
 * statements.  Library codes end here.  Used by the rest of store/ and by view/.
 */
#ifndef PORTCULLIS_CONSOLE_STORE_DB_H
#define PORTCULLIS_CONSOLE_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"

struct sqlite3;
struct sqlite3_stmt;

struct db {
	struct sqlite3 *handle;
};

/* Opens the file for writing, making and migrating it as needed: WAL, synchronous=FULL.
 * STATUS_CORRUPT when it is not a database or was written by a newer version. */
enum status db_open_writer(const char *path, struct db *ret_db) MUST_USE;

/* Opens it for reading; the writer must have opened it before. */
enum status db_open_reader(const char *path, struct db *ret_db) MUST_USE;

void db_close(struct db *db);

/* Runs statements that return nothing. */
enum status db_run(struct db *db, const char *sql) MUST_USE;

/* Ends the open transaction without it.  SQLite may have done so by itself when a statement
 * or a COMMIT failed; then there is nothing to do. */
enum status db_rollback(struct db *db) MUST_USE;

/* What the last failed call on this connection said, for the log. */
const char *db_error(const struct db *db);

/* Names every fault the integrity check of SQLite finds through report, at most 100;
 * *ret_count is how many. */
enum status db_integrity(struct db *db, void (*report)(const char *fault, void *arg), void *arg,
    unsigned int *ret_count) MUST_USE;

/* A prepared statement, kept for the life of the connection. */
struct query {
	struct sqlite3_stmt *stmt;
	int bound; /* parameters given since the last reset */
};

/* Prepares; a statement that SQLite does not take is a bug of ours and aborts. */
void query_init(struct query *query, struct db *db, const char *sql);
void query_done(struct query *query);

/* Give the next parameter, ?1 first.  Text and bytes must live until the next step. */
void query_i64(struct query *query, int64_t value);
void query_bytes(struct query *query, struct bytes value);
void query_text(struct query *query, struct bytes value);
void query_null(struct query *query);

/* Steps to the next row: STATUS_OK with a row, STATUS_END without one (and the statement
 * is ready for new parameters), or the failure. */
enum status query_step(struct query *query) MUST_USE;

/* Steps a statement that returns no rows. */
enum status query_run(struct query *query) MUST_USE;

/* Gives up the remaining rows. */
void query_reset(struct query *query);

/* Columns of the present row, from 0; views are valid until the next step. */
int64_t query_column_i64(struct query *query, int column);
bool query_column_is_null(struct query *query, int column);
struct bytes query_column_bytes(struct query *query, int column);

#endif
