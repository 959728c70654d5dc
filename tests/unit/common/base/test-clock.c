/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <time.h>

#include "common/base/clock.h"

static void
civil_times_agree_with_the_c_library(void **state)
{
	for (int64_t when = -62167219200; when < 253402300799; when += 86400 * 13 + 3601) {
		time_t copy = (time_t)when;
		struct tm civil;
		char text[CLOCK_TEXT_SIZE], expected[40];
		int64_t back;

		gmtime_r(&copy, &civil);
		strftime(expected, sizeof(expected), "-%m-%dT%H:%M:%SZ", &civil);
		clock_text_s(when, text);
		assert_string_equal(text + 4, expected);
		assert_true(clock_from_civil(civil.tm_year + 1900, civil.tm_mon + 1,
		    civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec, &back));
		assert_true(back == when);
		assert_true(clock_parse(text, &back));
		assert_true(back == when * 1000000);
	}
}

static void
impossible_dates_are_refused(void **state)
{
	int64_t when;

	assert_false(clock_from_civil(2023, 2, 29, 0, 0, 0, &when));
	assert_true(clock_from_civil(2024, 2, 29, 0, 0, 0, &when));
	assert_false(clock_from_civil(1900, 2, 29, 0, 0, 0, &when));
	assert_false(clock_from_civil(2024, 13, 1, 0, 0, 0, &when));
	assert_false(clock_from_civil(2024, 1, 1, 24, 0, 0, &when));
	assert_false(clock_from_civil(2024, 1, 1, 0, 0, 60, &when));
}

static void
rfc3339_is_read_with_offsets_and_fractions(void **state)
{
	int64_t us;

	assert_true(clock_parse("1970-01-01T00:00:01.5Z", &us));
	assert_true(us == 1500000);
	assert_true(clock_parse("1970-01-01T02:00:00+02:00", &us));
	assert_true(us == 0);
	assert_true(clock_parse("2017-08-24T15:00:00.123456-0600", &us));
	assert_false(clock_parse("1970-01-01", &us));
	assert_false(clock_parse("1970-01-01T00:00:00", &us));
	assert_false(clock_parse("1970-01-01T00:00:00Zx", &us));
	assert_false(clock_parse("1970-01-01T00:00:00.Z", &us));
	assert_false(clock_parse("", &us));
}

static void
milliseconds_before_1970_round_down(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	assert_string_equal(clock_text_ms(-1, text), "1969-12-31T23:59:59.999Z");
	assert_string_equal(clock_text_ms(1500, text), "1970-01-01T00:00:00.001Z");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(civil_times_agree_with_the_c_library),
	    cmocka_unit_test(impossible_dates_are_refused),
	    cmocka_unit_test(rfc3339_is_read_with_offsets_and_fractions),
	    cmocka_unit_test(milliseconds_before_1970_round_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
