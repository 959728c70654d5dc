/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQLite connection.  Settings and their reasons are in db_configure.
 */
#include "console-server/store/db.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "console-server/store/schema.h"

enum {
	BUSY_TIMEOUT_MS = 2000,
	INTEGRITY_FAULTS_MAX = 100,
	PAGE_CACHE_KIB = 65536,
};

static enum status
db_status(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
	case SQLITE_ROW:
		return STATUS_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STATUS_AGAIN;
	case SQLITE_CONSTRAINT:
		return STATUS_EXISTS;
	case SQLITE_FULL:
		return STATUS_NO_SPACE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return STATUS_CORRUPT;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
		return STATUS_DENIED;
	case SQLITE_TOOBIG:
		return STATUS_LIMIT;
	case SQLITE_INTERRUPT:
		return STATUS_TIMEOUT;
	case SQLITE_CANTOPEN:
		return STATUS_NOT_FOUND;
	case SQLITE_NOMEM:
		abort();
	default:
		return STATUS_IO;
	}
}

enum status
db_run(struct db *db, const char *sql)
{
	return db_status(sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

enum status
db_rollback(struct db *db)
{
	return sqlite3_get_autocommit(db->handle) ? STATUS_OK : db_run(db, "ROLLBACK");
}

const char *
db_error(const struct db *db)
{
	return db->handle != NULL ? sqlite3_errmsg(db->handle) : "not open";
}

/* Settings of every connection: a schema that can not run code, pages that are checked
 * when read, statements of bounded size. */
static enum status
db_configure(struct db *db)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, 4 << 20);
	sqlite3_limit(db->handle, SQLITE_LIMIT_SQL_LENGTH, 65536);
	sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	sqlite3_extended_result_codes(db->handle, 1);
	return db_run(db, "PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;");
}

/* The number of the schema the file holds; 0 for a new file. */
static enum status
db_schema_version(struct db *db, int64_t *ret_version)
{
	struct query query;
	enum status status;

	query_init(&query, db, "PRAGMA user_version");
	status = query_step(&query);
	if (status == STATUS_OK)
		*ret_version = query_column_i64(&query, 0);
	query_done(&query);
	return status;
}

/* Each step takes the schema one number up, in a transaction of its own. */
static enum status
db_migrate(struct db *db)
{
	int64_t version;
	enum status status = db_schema_version(db, &version);

	if (status != STATUS_OK)
		return status;
	if (version > SCHEMA_VERSION)
		return STATUS_CORRUPT;
	for (; version < SCHEMA_VERSION; version++) {
		struct buf sql;

		buf_init(&sql, 65536);
		buf_printf(&sql, "BEGIN IMMEDIATE; %s; PRAGMA user_version=%d; COMMIT;",
		    schema_step((unsigned int)version), (int)version + 1);
		status = db_run(db, buf_text(&sql));
		buf_done(&sql);
		if (status != STATUS_OK) {
			(void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
			return status;
		}
	}
	return STATUS_OK;
}

static enum status
db_open(const char *path, int flags, struct db *ret_db)
{
	struct db db = {NULL};
	int code = sqlite3_open_v2(path, &db.handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	enum status status = code == SQLITE_OK ? db_configure(&db) : db_status(code);

	if (status != STATUS_OK) {
		sqlite3_close(db.handle);
		return status;
	}
	*ret_db = db;
	return STATUS_OK;
}

enum status
db_open_writer(const char *path, struct db *ret_db)
{
	struct db db;
	int persist = 1;
	char pragma[64];
	enum status status = db_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db);

	if (status != STATUS_OK)
		return status;
	/* a reader that opens after the writer has closed needs the -wal and -shm files */
	sqlite3_file_control(db.handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	snprintf(pragma, sizeof(pragma), "PRAGMA cache_size=-%d;", PAGE_CACHE_KIB);
	status = db_run(&db, pragma);
	if (status == STATUS_OK)
		status = db_run(&db,
		    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		    "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864;");
	if (status == STATUS_OK)
		status = db_migrate(&db);
	if (status != STATUS_OK) {
		db_close(&db);
		return status;
	}
	*ret_db = db;
	return STATUS_OK;
}

enum status
db_open_reader(const char *path, struct db *ret_db)
{
	struct db db;
	int64_t version;
	/* opened for writing, as WAL wants to write its index; query_only keeps it a reader */
	enum status status = db_open(path, SQLITE_OPEN_READWRITE, &db);

	if (status != STATUS_OK)
		return status;
	status = db_run(&db, "PRAGMA query_only=ON;");
	if (status == STATUS_OK)
		status = db_schema_version(&db, &version);
	if (status == STATUS_OK && version != SCHEMA_VERSION)
		status = STATUS_UNSUPPORTED;
	if (status != STATUS_OK) {
		db_close(&db);
		return status;
	}
	*ret_db = db;
	return STATUS_OK;
}

void
db_close(struct db *db)
{
	if (db->handle == NULL)
		return;
	/* every statement has been finished by its owner: else this is a bug */
	if (sqlite3_close(db->handle) != SQLITE_OK)
		abort();
	db->handle = NULL;
}

enum status
db_integrity(struct db *db, void (*report)(const char *fault, void *arg), void *arg,
    unsigned int *ret_count)
{
	struct query query;
	enum status status;
	unsigned int count = 0;
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA integrity_check(%d)", INTEGRITY_FAULTS_MAX);
	query_init(&query, db, sql);
	while ((status = query_step(&query)) == STATUS_OK) {
		struct bytes line = query_column_bytes(&query, 0);

		if (bytes_equal_text(line, "ok"))
			continue;
		/* SQLite's text is NUL-terminated behind its length */
		report((const char *)line.data, arg);
		count++;
	}
	query_done(&query);
	if (status != STATUS_END)
		return status;
	*ret_count = count;
	return STATUS_OK;
}

void
query_init(struct query *query, struct db *db, const char *sql)
{
	*query = (struct query){NULL, 0};
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &query->stmt,
		NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db->handle));
		abort();
	}
}

void
query_done(struct query *query)
{
	sqlite3_finalize(query->stmt);
	query->stmt = NULL;
}

/* Takes what a bind call said: parameters are numbered by us, so only memory can fail. */
static void
query_bound(int code)
{
	if (code != SQLITE_OK)
		abort();
}

void
query_i64(struct query *query, int64_t value)
{
	query_bound(sqlite3_bind_int64(query->stmt, ++query->bound, value));
}

void
query_bytes(struct query *query, struct bytes value)
{
	query_bound(sqlite3_bind_blob64(query->stmt, ++query->bound,
	    value.len > 0 ? (const void *)value.data : "", value.len, SQLITE_STATIC));
}

void
query_text(struct query *query, struct bytes value)
{
	query_bound(sqlite3_bind_text64(query->stmt, ++query->bound,
	    value.len > 0 ? (const char *)value.data : "", value.len, SQLITE_STATIC,
	    SQLITE_UTF8));
}

void
query_null(struct query *query)
{
	query_bound(sqlite3_bind_null(query->stmt, ++query->bound));
}

void
query_reset(struct query *query)
{
	(void)sqlite3_reset(query->stmt); /* repeats the failure that step has told already */
	(void)sqlite3_clear_bindings(query->stmt);
	query->bound = 0;
}

enum status
query_step(struct query *query)
{
	int code = sqlite3_step(query->stmt);

	if (code == SQLITE_ROW)
		return STATUS_OK;
	query_reset(query);
	return code == SQLITE_DONE ? STATUS_END : db_status(code);
}

enum status
query_run(struct query *query)
{
	enum status status = query_step(query);

	if (status == STATUS_OK) {
		query_reset(query);
		return STATUS_OK;
	}
	return status == STATUS_END ? STATUS_OK : status;
}

int64_t
query_column_i64(struct query *query, int column)
{
	return sqlite3_column_int64(query->stmt, column);
}

bool
query_column_is_null(struct query *query, int column)
{
	return sqlite3_column_type(query->stmt, column) == SQLITE_NULL;
}

struct bytes
query_column_bytes(struct query *query, int column)
{
	const void *data = sqlite3_column_blob(query->stmt, column);

	return bytes_of(data, (size_t)sqlite3_column_bytes(query->stmt, column));
}
