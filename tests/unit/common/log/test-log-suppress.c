/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/log/log_suppress.h"

enum {
	KEYED_BURST = 5,
	KEYED_EVERY_MS = 60000
};

struct tally {
	uint64_t lines;
	uint64_t counted; /* told by reports and by lines */
	uint64_t reports;
	enum log_level level;
	char key[64];
};

static struct log_suppress *suppress;

static int
start(void **state)
{
	suppress = NEW(struct log_suppress);
	return 0;
}

static int
stop(void **state)
{
	free(suppress);
	return 0;
}

static void
say(struct tally *tally, const char *event, const char *key, int64_t now_ms)
{
	uint64_t suppressed;

	if (log_suppress_pass(suppress, LOG_LEVEL_WARNING, event, bytes_of_text(key), now_ms,
		now_ms * 1000, &suppressed)) {
		tally->lines++;
		tally->counted += suppressed;
	}
}

static void
report(const struct log_bucket *bucket, void *arg)
{
	struct tally *tally = arg;

	tally->reports++;
	tally->counted += bucket->suppressed;
	tally->level = bucket->level;
	snprintf(tally->key, sizeof(tally->key), "%.*s", (int)bucket->key_len,
	    (const char *)bucket->key);
}

static void
a_storm_of_one_kind_is_a_few_lines_and_a_count(void **state)
{
	struct tally tally = {0};

	for (int i = 0; i < 10000; i++)
		say(&tally, "link-refused", "10.0.0.1", 1000000 + i * 6);
	assert_int_equal(tally.lines, KEYED_BURST);
	/* a minute later one more may be written: it brings the count */
	say(&tally, "link-refused", "10.0.0.1", 1000000 + KEYED_EVERY_MS);
	assert_int_equal(tally.lines, KEYED_BURST + 1);
	assert_int_equal(tally.lines + tally.counted, 10001);
}

static void
other_events_and_keys_are_not_touched_by_a_storm(void **state)
{
	struct tally storm = {0}, calm = {0};

	for (int i = 0; i < 1000; i++)
		say(&storm, "link-refused", "a", 1);
	say(&calm, "link-refused", "b", 1);
	say(&calm, "crl-fetch-failed", "a", 1);
	say(&calm, "link-refused", "", 1);
	assert_int_equal(calm.lines, 3);
}

static void
a_storm_that_is_over_is_reported_once(void **state)
{
	struct tally tally = {0};

	for (int i = 0; i < 100; i++)
		say(&tally, "link-refused", "a", 1000);
	log_suppress_sweep(suppress, 2000, false, report, &tally);
	assert_int_equal(tally.reports, 0);
	log_suppress_sweep(suppress, 1000 + KEYED_EVERY_MS, false, report, &tally);
	assert_int_equal(tally.reports, 1);
	assert_int_equal(tally.lines + tally.counted, 100);
	assert_string_equal(tally.key, "a");
	log_suppress_sweep(suppress, 1000000000, false, report, &tally);
	assert_int_equal(tally.reports, 1);
}

static void
nothing_is_owed_at_the_end(void **state)
{
	struct tally tally = {0};

	for (int i = 0; i < 100; i++)
		say(&tally, "link-refused", i % 2 == 0 ? "a" : "b", 1000);
	log_suppress_sweep(suppress, 1001, true, report, &tally);
	assert_int_equal(tally.reports, 2);
	assert_int_equal(tally.lines + tally.counted, 100);
}

static void
ten_thousand_sources_in_a_minute_are_bounded_and_counted(void **state)
{
	struct tally tally = {0};
	char key[32];

	for (int i = 0; i < 10000; i++) {
		snprintf(key, sizeof(key), "10.0.%d.%d", i / 256, i % 256);
		say(&tally, "link-refused", key, 1000 + i * 6);
	}
	assert_true(tally.lines <= LOG_SUPPRESS_MAX + 20);
	assert_true(tally.lines >= LOG_SUPPRESS_MAX);
	log_suppress_sweep(suppress, 61000, true, report, &tally);
	assert_int_equal(tally.lines + tally.counted, 10000);
}

static void
the_most_important_level_reports(void **state)
{
	static const enum log_level levels[] = {LOG_LEVEL_INFO, LOG_LEVEL_ERROR,
	    LOG_LEVEL_WARNING};
	struct tally tally = {0};
	uint64_t suppressed;

	for (int i = 0; i < KEYED_BURST; i++)
		say(&tally, "x", "a", 1000);
	for (size_t i = 0; i < COUNT_OF(levels); i++)
		assert_false(log_suppress_pass(suppress, levels[i], "x", bytes_of_text("a"),
		    1000, 0, &suppressed));
	log_suppress_sweep(suppress, 1000, true, report, &tally);
	assert_int_equal(tally.level, LOG_LEVEL_ERROR);
	assert_int_equal(tally.counted, 3);
}

static void
long_keys_are_told_apart_by_their_start(void **state)
{
	struct tally tally = {0};
	char key[1001];

	memset(key, 'x', 1000);
	key[1000] = '\0';
	for (int i = 0; i < 10; i++) {
		key[999] = (char)('0' + i);
		say(&tally, "x", key, 1000);
	}
	assert_int_equal(tally.lines, KEYED_BURST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define FRESH(test) cmocka_unit_test_setup_teardown(test, start, stop)
	    FRESH(a_storm_of_one_kind_is_a_few_lines_and_a_count),
	    FRESH(other_events_and_keys_are_not_touched_by_a_storm),
	    FRESH(a_storm_that_is_over_is_reported_once),
	    FRESH(nothing_is_owed_at_the_end),
	    FRESH(ten_thousand_sources_in_a_minute_are_bounded_and_counted),
	    FRESH(the_most_important_level_reports),
	    FRESH(long_keys_are_told_apart_by_their_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
