/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "common/base/json_scan.h"
#include "sensor-agent/failure_log.h"

static struct edge_store_failure
failure(enum reason reason, const char *identity, int64_t at_us)
{
	return (struct edge_store_failure){.reason = (uint8_t)reason,
	    .proved = true,
	    .identity = bytes_of_text(identity),
	    .link_id = bytes_of_text("0123456789abcdef"),
	    .at_us = at_us,
	    .count = 1,
	    .record = bytes_of_text("{\"reason\":\"expired\",\"line\":\"it has run out\"}")};
}

static void
add(struct failure_log *log, enum reason reason, const char *identity, int64_t at_us)
{
	struct edge_store_failure one = failure(reason, identity, at_us);

	assert_int_equal(failure_log_add(log, &one), STATUS_OK);
}

static void
reports_of_one_reason_and_identity_are_one_row(void **state)
{
	struct failure_log *log = failure_log_new();

	add(log, REASON_EXPIRED, "console-1", 1000);
	add(log, REASON_EXPIRED, "console-2", 2000);
	add(log, REASON_REVOKED, "console-1", 3000);
	add(log, REASON_EXPIRED, "console-1", 4000);
	/* newest first */
	assert_int_equal(failure_log_at(log, 0)->count, 2);
	assert_int_equal(failure_log_at(log, 0)->first_us, 1000);
	assert_int_equal(failure_log_at(log, 0)->last_us, 4000);
	assert_int_equal(failure_log_at(log, 1)->reason, REASON_REVOKED);
	assert_string_equal(failure_log_at(log, 2)->identity, "console-2");
	assert_null(failure_log_at(log, 3));
	assert_ptr_equal(failure_log_find(log, failure_log_at(log, 0)->id),
	    failure_log_at(log, 0));
	assert_null(failure_log_find(log, 99));
	failure_log_free(log);
}

static void
a_row_is_told_at_once_and_then_at_most_once_a_minute(void **state)
{
	struct failure_log *log = failure_log_new();
	struct failure_row *row;

	add(log, REASON_EXPIRED, "console-1", 1);
	row = failure_log_due(log, 5000);
	assert_non_null(row);
	assert_int_equal(row->untold, 1);
	failure_log_told(row, 5000);
	assert_null(failure_log_due(log, 5000));
	for (int i = 0; i < 500; i++)
		add(log, REASON_EXPIRED, "console-1", 2 + i);
	assert_null(failure_log_due(log, 5000 + FAILURE_EVERY_MS - 1));
	row = failure_log_due(log, 5000 + FAILURE_EVERY_MS);
	assert_non_null(row);
	assert_int_equal(row->untold, 500);
	failure_log_told(row, 5000 + FAILURE_EVERY_MS);
	/* silence is not told */
	assert_null(failure_log_due(log, 5000 + 100 * FAILURE_EVERY_MS));
	failure_log_free(log);
}

static void
the_record_is_the_report_with_count_and_times(void **state)
{
	static const char *const paths[] = {"line", "count", "identity", "id", "last_seen"};
	struct json_value values[COUNT_OF(paths)];
	struct failure_log *log = failure_log_new();
	struct json_fields fields;
	uint64_t number;
	struct buf out;
	size_t offset;

	json_fields_init(&fields, paths, COUNT_OF(paths));
	buf_init(&out, 4096);
	add(log, REASON_EXPIRED, "console-1", 1);
	failure_log_told(failure_log_due(log, 0), 0);
	add(log, REASON_EXPIRED, "console-1", 2);
	add(log, REASON_EXPIRED, "console-1", 3);

	failure_log_put(failure_log_at(log, 0), true, &out);
	assert_int_equal(json_scan(&fields, buf_bytes(&out), values, &offset), STATUS_OK);
	assert_true(bytes_equal_text(values[0].raw, "it has run out"));
	assert_true(json_value_u64(&values[1], 100, &number));
	assert_int_equal(number, 2);
	assert_true(bytes_equal_text(values[2].raw, "console-1"));
	assert_int_equal(values[3].kind, JSON_ABSENT);

	buf_clear(&out);
	failure_log_put(failure_log_at(log, 0), false, &out);
	assert_int_equal(json_scan(&fields, buf_bytes(&out), values, &offset), STATUS_OK);
	assert_true(json_value_u64(&values[1], 100, &number));
	assert_int_equal(number, 3);
	assert_int_equal(values[3].kind, JSON_NUMBER);
	assert_int_equal(values[4].kind, JSON_STRING);
	buf_done(&out);
	failure_log_free(log);
}

static void
the_oldest_row_goes_and_what_it_had_not_told_is_counted(void **state)
{
	struct failure_log *log = failure_log_new();
	char identity[32];

	for (int i = 0; i < FAILURE_LOG_MAX; i++) {
		snprintf(identity, sizeof(identity), "console-%d", i);
		add(log, REASON_EXPIRED, identity, i);
	}
	assert_int_equal(failure_log_forgotten(log), 0);
	add(log, REASON_EXPIRED, "console-0", 5000); /* known: nothing goes */
	assert_int_equal(failure_log_forgotten(log), 0);
	add(log, REASON_EXPIRED, "another", 5001);
	assert_int_equal(failure_log_forgotten(log), 1);
	assert_non_null(failure_log_at(log, FAILURE_LOG_MAX - 1));
	assert_null(failure_log_at(log, FAILURE_LOG_MAX));
	assert_string_equal(failure_log_at(log, FAILURE_LOG_MAX - 1)->identity, "console-2");
	assert_string_equal(failure_log_at(log, 1)->identity, "console-0");
	failure_log_free(log);
}

static void
what_is_no_report_is_refused(void **state)
{
	static const char *const records[] = {"", "{}", "[1]", "{\"a\":1", "{\"a\":1} ",
	    " {\"a\":1}", "{ \"a\":1}", "text"};
	struct failure_log *log = failure_log_new();
	struct edge_store_failure bad = failure(REASON_OK, "console-1", 1);
	char longer[FAILURE_IDENTITY_SIZE + 1];

	assert_int_equal(failure_log_add(log, &bad), STATUS_INVALID);
	bad.reason = REASON_COUNT;
	assert_int_equal(failure_log_add(log, &bad), STATUS_INVALID);
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		bad = failure(REASON_EXPIRED, "console-1", 1);
		bad.record = bytes_of_text(records[i]);
		assert_int_equal(failure_log_add(log, &bad), STATUS_INVALID);
	}
	bad = failure(REASON_EXPIRED, "console-1", 1);
	bad.count = 0;
	assert_int_equal(failure_log_add(log, &bad), STATUS_INVALID);
	memset(longer, 'a', sizeof(longer));
	bad = failure(REASON_EXPIRED, "", 1);
	bad.identity = bytes_of(longer, FAILURE_IDENTITY_SIZE);
	assert_int_equal(failure_log_add(log, &bad), STATUS_INVALID);
	assert_null(failure_log_at(log, 0));
	failure_log_free(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reports_of_one_reason_and_identity_are_one_row),
	    cmocka_unit_test(a_row_is_told_at_once_and_then_at_most_once_a_minute),
	    cmocka_unit_test(the_record_is_the_report_with_count_and_times),
	    cmocka_unit_test(the_oldest_row_goes_and_what_it_had_not_told_is_counted),
	    cmocka_unit_test(what_is_no_report_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
