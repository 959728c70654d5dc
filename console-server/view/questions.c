/* SPDX-License-Identifier: Apache-2.0
 *
 * The questions, and how a row becomes JSON.
 */
#include "console-server/view/questions.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/json_write.h"
#include "common/base/text.h"

enum {
	PROGRESS_STEPS = 10000, /* of SQLite's machine, between looks at the clock */
	NAME_SIZE = 64,
};

/* Events are asked for from the newest back, or onward from one; one ORDER BY for both
 * would sort the whole table. */
#define EVENTS                                                                            \
	"SELECT event.id,time_us,received_us,sensor.name AS sensor,kind,severity,source," \
	"destination,summary FROM event JOIN log ON log.id=event.log"                     \
	" JOIN sensor ON sensor.id=log.sensor"                                            \
	" WHERE (:since_us IS NULL OR time_us>=:since_us)"                                \
	" AND (:sensor IS NULL OR sensor.name=:sensor)"                                   \
	" AND (:kind IS NULL OR kind GLOB :kind)"                                         \
	" AND (:severity IS NULL OR severity>=:severity)"                                 \
	" AND (:text IS NULL OR instr(summary,:text)>0"                                   \
	" OR instr(record,CAST(:text AS BLOB))>0)"

static const struct {
	const char *name;
	const char *with; /* asked this way where that parameter is given; NULL: always */
	const char *sql;
} questions[] = {
    {"status", NULL,
	"SELECT (SELECT count(*) FROM sensor WHERE state=1) AS sensors,"
	"(SELECT count(*) FROM sensor WHERE state=0) AS pending,"
	"(SELECT count(*) FROM event) AS events,"
	"(SELECT count(*) FROM failure) AS failures,"
	"(SELECT coalesce(sum(count),0) FROM failure WHERE last_us>"
	"(SELECT max(last_us) FROM failure)-86400000000) AS refusals_of_last_day,"
	"(SELECT count(*) FROM notice) AS notices,"
	"(SELECT max(received_us) FROM event) AS newest_event_us,"
	"(SELECT name FROM peer) AS peer"},
    {"sensors", NULL,
	"SELECT name,CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'approved' ELSE 'retired' END"
	" AS state,address,last_us AS seen_us,first_us,not_after AS certificate_until_s,"
	"(SELECT count(*) FROM event JOIN log ON log.id=event.log WHERE log.sensor=sensor.id)"
	" AS events,candidate IS NOT NULL AS other_key_waits"
	" FROM sensor WHERE (:name IS NULL OR name=:name)"
	" ORDER BY sensor.state,name LIMIT coalesce(:limit,1000)"},
    {"failures", NULL,
	"SELECT id,last_us,first_us,count,reason,identity,reported_by,"
	"json_extract(record,'$.severity') AS severity,"
	"json_extract(record,'$.message') AS message,"
	"json_extract(record,'$.fix') AS fix"
	" FROM failure WHERE (:since_us IS NULL OR last_us>=:since_us)"
	" AND (:reason IS NULL OR reason=:reason)"
	" AND (:identity IS NULL OR identity=:identity)"
	" ORDER BY last_us DESC,id DESC LIMIT coalesce(:limit,100)"},
    {"explain", NULL,
	"SELECT id,first_us,last_us,count,reason,identity,reported_by,record AS record_json,"
	"(SELECT json_group_array(link_id) FROM failure_link WHERE failure=failure.id)"
	" AS links_json,"
	"(SELECT json_group_array(json(other.record)) FROM failure AS other WHERE other.id IN"
	" (SELECT far.failure FROM failure_link AS far JOIN failure_link AS near"
	" ON near.link_id=far.link_id WHERE near.failure=failure.id"
	" AND far.failure<>failure.id)) AS other_side_json"
	" FROM failure WHERE id=:id"},
    {"events", "after",
	EVENTS " AND event.id>:after ORDER BY event.id LIMIT coalesce(:limit,100)"},
    {"events", NULL, EVENTS " ORDER BY event.id DESC LIMIT coalesce(:limit,100)"},
    {"event", NULL,
	"SELECT event.id,time_us,received_us,sensor.name AS sensor,hex(log.log_id) AS log_id,"
	"seq,fork,hex(hash) AS hash,type,kind,severity,source,destination,summary,record AS "
	"record_text FROM event JOIN log ON log.id=event.log JOIN sensor ON sensor.id=log.sensor"
	" WHERE event.id=:id"},
    {"notices", NULL,
	"SELECT notice.id,kind,at_us,sensor.name AS sensor,first,last,detail FROM notice"
	" LEFT JOIN log ON log.id=notice.log LEFT JOIN sensor ON sensor.id=log.sensor"
	" ORDER BY notice.id DESC LIMIT coalesce(:limit,100)"},
};

bool
question_known(const char *name)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strcmp(questions[i].name, name) == 0)
			return true;
	}
	return false;
}

static struct bytes
question_param_name(struct bytes param)
{
	const uint8_t *equals = memchr(param.data, '=', param.len);

	return bytes_of(param.data, equals != NULL ? (size_t)(equals - param.data) : param.len);
}

static bool
question_has(const struct edge_list *params, const char *name)
{
	for (size_t i = 0; i < params->count; i++) {
		if (bytes_equal_text(question_param_name(params->items[i]), name))
			return true;
	}
	return false;
}

static const char *
question_sql(const char *name, const struct edge_list *params)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (strcmp(questions[i].name, name) == 0 &&
		    (questions[i].with == NULL || question_has(params, questions[i].with)))
			return questions[i].sql;
	}
	return NULL;
}

/* Parameters that are text; all others are whole numbers. */
static bool
question_is_text(const char *param)
{
	static const char *const texts[] = {":name", ":reason", ":identity", ":sensor", ":kind",
	    ":text"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i], param) == 0)
			return true;
	}
	return false;
}

static enum status
question_bind(sqlite3_stmt *stmt, struct bytes param)
{
	struct bytes name = question_param_name(param), value;
	char key[NAME_SIZE], digits[24];
	uint64_t number;
	int index;

	if (name.len == param.len || name.len >= sizeof(key) - 1)
		return STATUS_INVALID;
	snprintf(key, sizeof(key), ":%.*s", (int)name.len, (const char *)name.data);
	value = bytes_of(name.data + name.len + 1, param.len - name.len - 1);
	index = sqlite3_bind_parameter_index(stmt, key);
	if (index == 0)
		return STATUS_INVALID;
	if (question_is_text(key)) {
		sqlite3_bind_text64(stmt, index, (const char *)value.data, value.len,
		    SQLITE_TRANSIENT, SQLITE_UTF8);
		return STATUS_OK;
	}
	snprintf(digits, sizeof(digits), "%.*s", (int)value.len, (const char *)value.data);
	if (value.len >= sizeof(digits) || !text_parse_u64(digits, 0, INT64_MAX, &number))
		return STATUS_INVALID;
	sqlite3_bind_int64(stmt, index, (int64_t)number);
	return STATUS_OK;
}

/* A column name without its ending, which says what the column is. */
static bool
question_ending(const char *name, const char *ending, char key[static NAME_SIZE])
{
	size_t len = strlen(name), tail = strlen(ending);

	if (len <= tail || strcmp(name + len - tail, ending) != 0)
		return false;
	snprintf(key, NAME_SIZE, "%.*s", (int)(len - tail), name);
	return true;
}

static void
question_put_column(struct json_write *json, sqlite3_stmt *stmt, int column)
{
	const char *name = sqlite3_column_name(stmt, column);
	int type = sqlite3_column_type(stmt, column);
	char key[NAME_SIZE];
	struct bytes text;

	if (type == SQLITE_NULL) {
		if (!question_ending(name, "_us", key) && !question_ending(name, "_s", key) &&
		    !question_ending(name, "_json", key))
			snprintf(key, sizeof(key), "%s", name);
		json_none(json, key);
		return;
	}
	if (type == SQLITE_INTEGER && question_ending(name, "_us", key)) {
		json_time_us(json, key, sqlite3_column_int64(stmt, column));
		return;
	}
	if (type == SQLITE_INTEGER && question_ending(name, "_s", key)) {
		json_time_s(json, key, sqlite3_column_int64(stmt, column));
		return;
	}
	if (type == SQLITE_INTEGER) {
		json_i64(json, name, sqlite3_column_int64(stmt, column));
		return;
	}
	text.data = sqlite3_column_blob(stmt, column);
	text.len = (size_t)sqlite3_column_bytes(stmt, column);
	if (question_ending(name, "_json", key))
		json_raw(json, key, text);
	else
		json_bytes(json, name, text);
}

static int
question_expired(void *arg)
{
	return clock_mono_ms() > *(const int64_t *)arg;
}

/* One row as a JSON object; false where it does not fit. */
static bool
question_put_row(sqlite3_stmt *stmt, struct buf *line)
{
	struct json_write json = json_write_to(line);

	buf_clear(line);
	json_open_object(&json, NULL);
	for (int i = 0; i < sqlite3_column_count(stmt); i++)
		question_put_column(&json, stmt, i);
	json_close_object(&json);
	return buf_ok(line);
}

static enum status
question_rows(sqlite3_stmt *stmt, question_row *row, void *arg)
{
	struct buf line;
	unsigned int count = 0;
	int code;

	buf_init(&line, QUESTIONS_ROW_MAX);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (count++ == QUESTIONS_ROWS_MAX || !question_put_row(stmt, &line) ||
		    !row(arg, buf_bytes(&line)))
			break;
	}
	buf_done(&line);
	if (code == SQLITE_ROW)
		return STATUS_LIMIT;
	if (code == SQLITE_DONE)
		return STATUS_OK;
	return code == SQLITE_INTERRUPT ? STATUS_TIMEOUT : STATUS_IO;
}

enum status
question_ask(struct db *db, const char *name, const struct edge_list *params, question_row *row,
    void *arg)
{
	int64_t deadline_ms = clock_mono_ms() + QUESTIONS_DEADLINE_MS;
	const char *sql = question_sql(name, params);
	enum status status = STATUS_OK;
	sqlite3_stmt *stmt;

	if (sql == NULL)
		return STATUS_NOT_FOUND;
	if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) != SQLITE_OK) {
		fprintf(stderr, "%s: %s\n", sql, db_error(db));
		abort(); /* a statement of ours */
	}
	for (size_t i = 0; i < params->count && status == STATUS_OK; i++)
		status = question_bind(stmt, params->items[i]);
	if (status == STATUS_OK) {
		sqlite3_progress_handler(db->handle, PROGRESS_STEPS, question_expired,
		    &deadline_ms);
		status = question_rows(stmt, row, arg);
		sqlite3_progress_handler(db->handle, 0, NULL, NULL);
	}
	sqlite3_finalize(stmt);
	return status;
}
