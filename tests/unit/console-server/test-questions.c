/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "console-server/view/questions.h"
#include "tests/lib/temp_dir.h"

enum {
	EVENTS = 300
};

struct fixture {
	struct temp_dir dir;
	struct db writer, reader;
};

/* The rows of an answer. */
struct answer {
	enum status status;
	json_t *rows;
	bool malformed;    /* one was no JSON object */
	size_t stop_after; /* 0: never */
	unsigned int sleep_ms;
};

static const char fill[] =
    "INSERT INTO sensor(id,name,state,anchor,pin,candidate,counter,confirmed,address,not_after,"
    "first_us,last_us) VALUES"
    "(1,'s1.example',1,'','',NULL,1,1,'192.0.2.1',1767225600,1000000,2000000),"
    "(2,'s2.example',0,'','',x'01',1,1,'192.0.2.2',1767225600,1000000,3000000),"
    "(3,'007',2,'','',NULL,1,1,'192.0.2.3',1767225600,1000000,4000000);"
    "INSERT INTO peer(id,name,address) VALUES(1,'b.example','192.0.2.9');"
    "INSERT INTO log(id,sensor,log_id,opened_us) VALUES(1,1,x'aa',0),(2,3,x'bb',0);"
    "INSERT INTO failure(id,reported_by,reason,identity,proved,first_us,last_us,count,record)"
    " VALUES"
    "(1,'console:main','revoked','s1.example',1,1000000,90000000000000,5,"
    "'{\"severity\":\"Critical\",\"message\":\"m1\",\"fix\":\"f1\"}'),"
    "(2,'sensor:s1.example','peer-refused-us','s1.example',1,1000000,90000000000001,2,"
    "'{\"severity\":\"Critical\",\"message\":\"m2\"}'),"
    "(3,'console:main','expired','192.0.2.0/32',0,1000000,2000000,7,'{}');"
    "INSERT INTO failure_link(link_id,failure,at_us) VALUES"
    "('00112233445566aa',1,1),('00112233445566aa',2,1),('00112233445566bb',1,2);"
    "INSERT INTO notice(id,kind,at_us,log,first,last,detail) VALUES"
    "(1,'FORK',1000000,1,4,6,'two histories'),(2,'DEGRADED',2000000,NULL,NULL,NULL,'disk');";

/* Event n of 1..EVENTS: every third of the sensor 007, every tenth an alert, severity
 * n % 11, at n seconds. */
static const char fill_events[] =
    "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM n WHERE n<300)"
    " INSERT INTO event(id,log,seq,fork,hash,received_us,time_us,type,severity,kind,source,"
    "destination,summary,record) SELECT n,CASE n%3 WHEN 0 THEN 2 ELSE 1 END,n,0,x'ff',"
    "n*1000000+5,n*1000000,1,n%11,CASE n%10 WHEN 0 THEN 'suricata/alert' ELSE 'zeek/modbus' END,"
    "'192.0.2.1:1','192.0.2.2:502','summary '||n,CAST('record 00'||n AS BLOB) FROM n";

static int
open_empty(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char path[TEMP_DIR_PATH_SIZE + 20];

	*state = fixture;
	if (!temp_dir_make(&fixture->dir))
		return -1;
	snprintf(path, sizeof(path), "%s/console.db", fixture->dir.path);
	return db_open_writer(path, &fixture->writer) == STATUS_OK &&
		       db_open_reader(path, &fixture->reader) == STATUS_OK
		   ? 0
		   : -1;
}

static int
open_filled(void **state)
{
	struct fixture *fixture;

	if (open_empty(state) != 0)
		return -1;
	fixture = *state;
	return db_run(&fixture->writer, fill) == STATUS_OK &&
		       db_run(&fixture->writer, fill_events) == STATUS_OK
		   ? 0
		   : -1;
}

static int
close_store(void **state)
{
	struct fixture *fixture = *state;

	db_close(&fixture->reader);
	db_close(&fixture->writer);
	temp_dir_remove(&fixture->dir);
	free(fixture);
	return 0;
}

static bool
take_row(void *arg, struct bytes json)
{
	struct answer *answer = arg;
	json_t *row = json_loadb((const char *)json.data, json.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

	/* not asserted here: a failing test must not leave a statement open */
	answer->malformed = answer->malformed || !json_is_object(row);
	json_array_append_new(answer->rows, row != NULL ? row : json_null());
	if (answer->sleep_ms > 0)
		usleep(answer->sleep_ms * 1000);
	return answer->stop_after == 0 || json_array_size(answer->rows) < answer->stop_after;
}

static void
ask_into(struct fixture *fixture, struct answer *answer, const char *name,
    const char *const *params)
{
	struct edge_list list = {.count = 0};

	for (; params != NULL && *params != NULL; params++)
		list.items[list.count++] = bytes_of_text(*params);
	answer->rows = json_array();
	answer->status = question_ask(&fixture->reader, name, &list, take_row, answer);
	assert_false(answer->malformed);
}

#define PARAMS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The rows of a question that is answered. */
static json_t *
ask(void **state, const char *name, const char *const *params)
{
	struct answer answer = {.stop_after = 0};

	ask_into(*state, &answer, name, params);
	assert_int_equal(answer.status, STATUS_OK);
	return answer.rows;
}

static size_t
count(void **state, const char *name, const char *const *params)
{
	json_t *rows = ask(state, name, params);
	size_t size = json_array_size(rows);

	json_decref(rows);
	return size;
}

static json_int_t
number(const json_t *rows, size_t row, const char *key)
{
	const json_t *value = json_object_get(json_array_get(rows, row), key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static const char *
text(const json_t *rows, size_t row, const char *key)
{
	const char *value = json_string_value(json_object_get(json_array_get(rows, row), key));

	assert_non_null(value);
	return value;
}

static enum status
refusal(void **state, const char *name, const char *param)
{
	struct answer answer = {.stop_after = 0};

	ask_into(*state, &answer, name, PARAMS(param));
	assert_int_equal(json_array_size(answer.rows), 0);
	json_decref(answer.rows);
	return answer.status;
}

/* --- an empty store --- */

static void
every_question_is_answered_by_an_empty_store(void **state)
{
	static const char *const names[] = {"sensors", "failures", "explain", "events", "event",
	    "notices"};
	json_t *rows = ask(state, "status", NULL);

	assert_int_equal(json_array_size(rows), 1);
	assert_int_equal(number(rows, 0, "events"), 0);
	assert_int_equal(number(rows, 0, "refusals_of_last_day"), 0);
	assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "newest_event")));
	assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "peer")));
	json_decref(rows);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		assert_true(question_known(names[i]));
		assert_int_equal(count(state, names[i], NULL), 0);
	}
}

static void
a_question_nobody_knows_is_not_found(void **state)
{
	assert_false(question_known("secrets"));
	assert_false(question_known(""));
	assert_int_equal(refusal(state, "secrets", "limit=1"), STATUS_NOT_FOUND);
}

/* --- a filled one --- */

static void
status_counts_what_there_is(void **state)
{
	json_t *rows = ask(state, "status", NULL);

	assert_int_equal(number(rows, 0, "sensors"), 1);
	assert_int_equal(number(rows, 0, "pending"), 1);
	assert_int_equal(number(rows, 0, "events"), EVENTS);
	assert_int_equal(number(rows, 0, "failures"), 3);
	assert_int_equal(number(rows, 0, "refusals_of_last_day"), 7);
	assert_int_equal(number(rows, 0, "notices"), 2);
	assert_string_equal(text(rows, 0, "newest_event"), "1970-01-01T00:05:00.000Z");
	assert_string_equal(text(rows, 0, "peer"), "b.example");
	json_decref(rows);
}

static void
sensors_are_listed_pending_first_and_found_by_name(void **state)
{
	json_t *rows = ask(state, "sensors", NULL);

	assert_int_equal(json_array_size(rows), 3);
	assert_string_equal(text(rows, 0, "state"), "pending");
	assert_string_equal(text(rows, 1, "state"), "approved");
	assert_string_equal(text(rows, 2, "state"), "retired");
	assert_int_equal(number(rows, 1, "events"), 2 * EVENTS / 3);
	assert_int_equal(number(rows, 0, "other_key_waits"), 1);
	assert_string_equal(text(rows, 1, "seen"), "1970-01-01T00:00:02.000Z");
	assert_string_equal(text(rows, 1, "certificate_until"), "2026-01-01T00:00:00Z");
	json_decref(rows);
	rows = ask(state, "sensors", PARAMS("name=007")); /* a name, not a number */
	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(text(rows, 0, "name"), "007");
	json_decref(rows);
	assert_int_equal(count(state, "sensors", PARAMS("name=7")), 0);
	assert_int_equal(count(state, "sensors", PARAMS("limit=2")), 2);
}

static void
failures_come_newest_first_and_are_filtered(void **state)
{
	json_t *rows = ask(state, "failures", NULL);

	assert_int_equal(json_array_size(rows), 3);
	assert_int_equal(number(rows, 0, "id"), 2);
	assert_int_equal(number(rows, 1, "id"), 1);
	assert_string_equal(text(rows, 1, "severity"), "Critical");
	assert_string_equal(text(rows, 1, "message"), "m1");
	assert_string_equal(text(rows, 1, "fix"), "f1");
	assert_true(json_is_null(json_object_get(json_array_get(rows, 2), "fix")));
	json_decref(rows);
	assert_int_equal(count(state, "failures", PARAMS("reason=revoked")), 1);
	assert_int_equal(count(state, "failures", PARAMS("identity=s1.example")), 2);
	assert_int_equal(count(state, "failures",
			     PARAMS("identity=s1.example", "reason=expired")),
	    0);
	assert_int_equal(count(state, "failures", PARAMS("since_us=2000001")), 2);
	assert_int_equal(count(state, "failures", PARAMS("since_us=2000000")), 3);
	assert_int_equal(count(state, "failures", PARAMS("limit=1")), 1);
}

static void
explain_tells_the_whole_record_and_that_of_the_other_side(void **state)
{
	json_t *rows = ask(state, "explain", PARAMS("id=1"));
	const json_t *row = json_array_get(rows, 0);
	const json_t *links = json_object_get(row, "links");
	const json_t *others = json_object_get(row, "other_side");

	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(json_string_value(
				json_object_get(json_object_get(row, "record"), "message")),
	    "m1");
	assert_int_equal(json_array_size(links), 2);
	assert_int_equal(json_array_size(others), 1);
	assert_string_equal(json_string_value(
				json_object_get(json_array_get(others, 0), "message")),
	    "m2");
	json_decref(rows);
	rows = ask(state, "explain", PARAMS("id=3"));
	assert_int_equal(json_array_size(
			     json_object_get(json_array_get(rows, 0), "other_side")),
	    0);
	json_decref(rows);
	assert_int_equal(count(state, "explain", PARAMS("id=99")), 0);
}

static void
events_come_newest_first_or_onward_from_one(void **state)
{
	json_t *rows = ask(state, "events", NULL);

	assert_int_equal(json_array_size(rows), 100);
	assert_int_equal(number(rows, 0, "id"), EVENTS);
	assert_int_equal(number(rows, 99, "id"), EVENTS - 99);
	json_decref(rows);
	rows = ask(state, "events", PARAMS("after=10", "limit=3"));
	assert_int_equal(json_array_size(rows), 3);
	assert_int_equal(number(rows, 0, "id"), 11);
	assert_int_equal(number(rows, 2, "id"), 13);
	json_decref(rows);
	assert_int_equal(count(state, "events", PARAMS("after=300")), 0);
}

static void
events_are_filtered(void **state)
{
	static const struct {
		const char *filter;
		size_t count;
	} cases[] = {
	    {"sensor=s1.example", 200},
	    {"sensor=007", 100},
	    {"sensor=7", 0},
	    {"kind=suricata/alert", 30},
	    {"kind=zeek/*", 270},
	    {"kind=*", 300},
	    {"severity=0", 300},
	    {"severity=10", 27},
	    {"since_us=200000000", 101},
	    {"text=summary 299", 1},
	    {"text=record 00299", 1}, /* in the record only */
	    {"text=00299", 1},
	    {"text=nothing has this", 0},
	    {"text=", 300},
	    {"text=%", 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t rows = count(state, "events", PARAMS(cases[i].filter, "limit=1000"));

		if (rows != cases[i].count)
			fail_msg("%s: %zu", cases[i].filter, rows);
	}
	assert_int_equal(count(state, "events",
			     PARAMS("sensor=007", "kind=suricata/*", "since_us=150000000")),
	    6);
}

static void
one_event_is_told_with_its_record(void **state)
{
	json_t *rows = ask(state, "event", PARAMS("id=300"));

	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(text(rows, 0, "record_text"), "record 00300");
	assert_string_equal(text(rows, 0, "sensor"), "007");
	assert_string_equal(text(rows, 0, "log_id"), "BB");
	assert_string_equal(text(rows, 0, "time"), "1970-01-01T00:05:00.000Z");
	assert_int_equal(number(rows, 0, "seq"), 300);
	json_decref(rows);
}

static void
notices_come_newest_first(void **state)
{
	json_t *rows = ask(state, "notices", NULL);

	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(text(rows, 0, "kind"), "DEGRADED");
	assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "sensor")));
	assert_string_equal(text(rows, 1, "sensor"), "s1.example");
	assert_int_equal(number(rows, 1, "first"), 4);
	json_decref(rows);
	assert_int_equal(count(state, "notices", PARAMS("limit=1")), 1);
}

static void
foreign_bytes_come_out_as_valid_json(void **state)
{
	struct fixture *fixture = *state;
	json_t *rows;

	assert_int_equal(
	    db_run(&fixture->writer,
		"UPDATE event SET record=x'00ff22c3285c0a',summary=CAST(x'1b5b' AS "
		"TEXT),source='' WHERE id=5"),
	    STATUS_OK);
	rows = ask(state, "event", PARAMS("id=5"));
	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(text(rows, 0, "source"), "");
	json_decref(rows);
}

/* --- what does not fit --- */

static void
a_filter_that_the_question_has_not_is_refused(void **state)
{
	static const char *const bad[] = {"reason", "", "=", "=1", "sql=1", "limit",
	    "limit=", "limit=x", "limit=-1", "limit=1 OR 1", "limit=99999999999999999999",
	    "since_us=2026",
	    "a_name_that_is_much_longer_than_any_name_of_a_parameter_can_ever_be=1",
	    "name=s1.example"};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		enum status status = refusal(state, "notices", bad[i]);

		if (status != STATUS_INVALID)
			fail_msg("%s: %d", bad[i], (int)status);
	}
	assert_int_equal(refusal(state, "failures", "since_us=yesterday"), STATUS_INVALID);
	assert_int_equal(refusal(state, "explain", "id=one"), STATUS_INVALID);
}

static void
text_that_looks_like_sql_is_text(void **state)
{
	assert_int_equal(count(state, "failures", PARAMS("identity=' OR 1=1 --")), 0);
	assert_int_equal(count(state, "events", PARAMS("text='; DROP TABLE event; --")), 0);
	assert_int_equal(count(state, "events", PARAMS("limit=1000")), EVENTS);
}

static void
who_stops_early_or_gets_not_all_is_told(void **state)
{
	struct answer answer = {.stop_after = 3};
	struct fixture *fixture = *state;

	ask_into(fixture, &answer, "events", NULL);
	assert_int_equal(answer.status, STATUS_LIMIT);
	assert_int_equal(json_array_size(answer.rows), 3);
	json_decref(answer.rows);
	assert_int_equal(
	    db_run(&fixture->writer,
		"UPDATE event SET record=zeroblob(262144) WHERE id=7"), /* 6
									   characters
									   each */
	    STATUS_OK);
	assert_int_equal(refusal(state, "event", "id=7"), STATUS_LIMIT);
}

static void
more_rows_than_the_maximum_are_not_all_given(void **state)
{
	struct answer answer = {.stop_after = 0};
	struct fixture *fixture = *state;

	assert_int_equal(
	    db_run(&fixture->writer,
		"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM n WHERE n<10001)"
		" INSERT INTO notice(kind,at_us,detail) SELECT 'LOST',0,'' FROM n"),
	    STATUS_OK);
	ask_into(fixture, &answer, "notices", PARAMS("limit=1000000"));
	assert_int_equal(answer.status, STATUS_LIMIT);
	assert_int_equal(json_array_size(answer.rows), QUESTIONS_ROWS_MAX);
	json_decref(answer.rows);
	assert_int_equal(count(state, "notices", PARAMS("limit=10000")), QUESTIONS_ROWS_MAX);
}

static void
a_question_ends_at_its_deadline_and_the_next_is_answered(void **state)
{
	/* given: the first row takes all the time there is, and the next is far */
	struct answer answer = {.sleep_ms = QUESTIONS_DEADLINE_MS + 100};
	struct fixture *fixture = *state;

	assert_int_equal(
	    db_run(&fixture->writer,
		"WITH RECURSIVE n(n) AS (SELECT 301 UNION ALL SELECT n+1 FROM n WHERE n<5000)"
		" INSERT INTO event(id,log,seq,fork,hash,received_us,time_us,type,severity,kind,"
		"source,destination,summary,record) SELECT n,1,n,0,x'ff',0,0,1,0,'','','',"
		"CASE n WHEN 5000 THEN 'needle' ELSE '' END,'' FROM n"),
	    STATUS_OK);
	ask_into(fixture, &answer, "events", PARAMS("text=needle"));
	assert_int_equal(answer.status, STATUS_TIMEOUT);
	assert_int_equal(json_array_size(answer.rows), 1);
	json_decref(answer.rows);
	assert_int_equal(count(state, "events", PARAMS("text=needle")), 1);
}

#define EMPTY(name)  cmocka_unit_test_setup_teardown(name, open_empty, close_store)
#define FILLED(name) cmocka_unit_test_setup_teardown(name, open_filled, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EMPTY(every_question_is_answered_by_an_empty_store),
	    EMPTY(a_question_nobody_knows_is_not_found),
	    FILLED(status_counts_what_there_is),
	    FILLED(sensors_are_listed_pending_first_and_found_by_name),
	    FILLED(failures_come_newest_first_and_are_filtered),
	    FILLED(explain_tells_the_whole_record_and_that_of_the_other_side),
	    FILLED(events_come_newest_first_or_onward_from_one),
	    FILLED(events_are_filtered),
	    FILLED(one_event_is_told_with_its_record),
	    FILLED(notices_come_newest_first),
	    FILLED(foreign_bytes_come_out_as_valid_json),
	    FILLED(a_filter_that_the_question_has_not_is_refused),
	    FILLED(text_that_looks_like_sql_is_text),
	    FILLED(who_stops_early_or_gets_not_all_is_told),
	    FILLED(more_rows_than_the_maximum_are_not_all_given),
	    FILLED(a_question_ends_at_its_deadline_and_the_next_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
