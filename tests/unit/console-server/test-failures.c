/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "console-server/store/failures.h"

struct fixture {
	struct db db;
	struct failures failures;
};

static int
open_store(void **state)
{
	static struct fixture fixture;

	if (db_open_writer(":memory:", &fixture.db) != STATUS_OK)
		return -1;
	failures_init(&fixture.failures, &fixture.db);
	*state = &fixture;
	return 0;
}

static int
close_store(void **state)
{
	struct fixture *fixture = *state;

	failures_done(&fixture->failures);
	db_close(&fixture->db);
	return 0;
}

static struct failure
refusal(const char *identity, bool proved, int64_t at_us)
{
	return (struct failure){.reported_by = bytes_of_text("console:main"),
	    .reason = REASON_REVOKED,
	    .identity = bytes_of_text(identity),
	    .proved = proved,
	    .record = bytes_of_text("{}"),
	    .at_us = at_us,
	    .count = 1};
}

static int64_t
add(struct failures *failures, const struct failure *failure)
{
	int64_t row = 0;

	assert_int_equal(failures_add(failures, failure, &row), STATUS_OK);
	return row;
}

static int64_t
ask(struct db *db, const char *sql)
{
	struct query query;
	int64_t value;

	query_init(&query, db, sql);
	assert_int_equal(query_step(&query), STATUS_OK);
	value = query_column_i64(&query, 0);
	query_done(&query);
	return value;
}

static void
a_storm_is_one_row_with_a_count(void **state)
{
	struct fixture *fixture = *state;
	struct failure failure = refusal("s1.example", true, 100);
	int64_t row = add(&fixture->failures, &failure);

	for (int i = 1; i < 500; i++) {
		failure.at_us = 100 + i;
		assert_true(add(&fixture->failures, &failure) == row);
	}
	failure.reason = REASON_EXPIRED;
	assert_true(add(&fixture->failures, &failure) != row);
	assert_true(
	    ask(&fixture->db, "SELECT count FROM failure WHERE reason='revoked'") == 500);
	assert_true(
	    ask(&fixture->db, "SELECT first_us FROM failure WHERE reason='revoked'") == 100);
	assert_true(
	    ask(&fixture->db, "SELECT last_us FROM failure WHERE reason='revoked'") == 599);
}

static void
the_first_and_the_newest_links_are_kept(void **state)
{
	struct fixture *fixture = *state;
	struct failure failure = refusal("s1.example", true, 0);
	char link[17];

	for (int i = 0; i < 40; i++) {
		snprintf(link, sizeof(link), "%016x", i);
		failure.link_id = bytes_of_text(link);
		failure.at_us = i;
		add(&fixture->failures, &failure);
	}
	assert_true(
	    ask(&fixture->db, "SELECT count(*) FROM failure_link") == FAILURES_LINKS_MAX);
	assert_true(ask(&fixture->db, "SELECT min(at_us) FROM failure_link") == 0);
	assert_true(ask(&fixture->db, "SELECT max(at_us) FROM failure_link") == 39);
}

static void
strangers_can_not_fill_the_table(void **state)
{
	struct fixture *fixture = *state;
	struct failure known = refusal("s1.example", true, 0);
	char address[20];

	add(&fixture->failures, &known);
	for (int i = 0; i < FAILURES_UNPROVED_MAX + 20; i++) {
		struct failure failure;

		snprintf(address, sizeof(address), "192.0.2.%d/%d", i & 255, i >> 8);
		failure = refusal(address, false, i);
		add(&fixture->failures, &failure);
	}
	assert_true(ask(&fixture->db, "SELECT count(*) FROM failure WHERE proved=0") ==
		    FAILURES_UNPROVED_MAX);
	assert_true(ask(&fixture->db, "SELECT min(last_us) FROM failure WHERE proved=0") == 20);
	assert_true(ask(&fixture->db, "SELECT count(*) FROM failure WHERE proved=1") == 1);
	assert_true(
	    ask(&fixture->db, "SELECT value FROM meta WHERE key='failures_forgotten'") == 20);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_storm_is_one_row_with_a_count),
	    CASE(the_first_and_the_newest_links_are_kept),
	    CASE(strangers_can_not_fill_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
