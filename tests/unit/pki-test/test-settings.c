/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "pki-test/settings.h"

enum {
	COLOUR,
	COUNT,
	WHEN,
	FLAG
};

static const struct setting_key keys[] = {
    {"colour", "red", "a word"},
    {"count", "", "a number"},
    {"when", "+1d", "a time"},
    {"flag", "no", "yes or no"},
};

static const char *const colours[] = {"", "red", "green", NULL};
static struct settings settings;

static int
make_settings(void **state)
{
	settings_init(&settings, keys, COUNT_OF(keys));
	return 0;
}

static int
free_settings(void **state)
{
	settings_done(&settings);
	return 0;
}

static void
what_nobody_sets_has_its_default_and_the_last_one_wins(void **state)
{
	assert_string_equal(settings_text(&settings, COLOUR), "red");
	assert_false(settings_has(&settings, COUNT));
	settings_set(&settings, "colour=blue");
	settings_set(&settings, "colour=green");
	assert_int_equal(settings_word(&settings, COLOUR, colours), 2);
	settings_set(&settings, "colour=");
	assert_false(settings_has(&settings, COLOUR));
	assert_int_equal(settings_word(&settings, COLOUR, colours), 0);
	settings_set(&settings, "count==3=");
	assert_string_equal(settings_text(&settings, COUNT), "=3=");
	assert_true(settings_ok(&settings));
}

static void
times_are_absolute_or_counted_from_now(void **state)
{
	assert_int_equal(settings_time(&settings, WHEN, 1000), 1000 + 86400);
	settings_set(&settings, "when=-90min");
	assert_int_equal(settings_time(&settings, WHEN, 10000), 10000 - 5400);
	settings_set(&settings, "when=1970-01-02T00:00:00Z");
	assert_int_equal(settings_time(&settings, WHEN, 5), 86400);
	settings_set(&settings, "when=1969-12-31T23:59:59.5Z");
	assert_int_equal(settings_time(&settings, WHEN, 5), -1);
	assert_true(settings_ok(&settings));
}

static void
the_first_thing_that_is_wrong_is_said(void **state)
{
	settings_set(&settings, "count=12x");
	assert_int_equal(settings_number(&settings, COUNT, 100), 0);
	settings_set(&settings, "size=3");
	assert_false(settings_ok(&settings));
	assert_string_equal(buf_text(&settings.error),
	    "setting count=12x: not a number that is allowed here");
}

static void
each_kind_of_value_is_checked(void **state)
{
	static const char *const bad[] = {"size=1", "colour", "flag=perhaps", "when=soon",
	    "when=+soon", "when=2026-02-30T00:00:00Z", "count=101", "count=-1", "colour=blue"};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		settings_done(&settings);
		settings_init(&settings, keys, COUNT_OF(keys));
		settings_set(&settings, bad[i]);
		settings_flag(&settings, FLAG);
		settings_time(&settings, WHEN, 0);
		settings_number(&settings, COUNT, 100);
		settings_word(&settings, COLOUR, colours);
		assert_false(settings_ok(&settings));
	}
}

static void
lists_are_split_at_commas(void **state)
{
	const char *rest = ",a,,bc,";
	struct bytes item;

	assert_true(settings_next_item(&rest, &item));
	assert_true(bytes_equal_text(item, "a"));
	assert_true(settings_next_item(&rest, &item));
	assert_true(bytes_equal_text(item, "bc"));
	assert_false(settings_next_item(&rest, &item));
}

static void
any_octet_can_be_written_and_names_are_filled_in(void **state)
{
	struct settings_names names = {"cn.d", "d", "http://u/", "ca"};
	static const char *const bad[] = {"%", "%x", "\\", "\\q", "\\x", "\\x1", "\\x1g"};
	struct buf out;

	buf_init(&out, 1000);
	assert_true(
	    settings_expand(bytes_of_text("%c|%d|%u%n|%%|\\\\|\\x00\\xfF\\n"), &names, &out));
	assert_int_equal(out.len, strlen("cn.d|d|http://u/ca|%|\\|") + 3);
	assert_memory_equal(out.data, "cn.d|d|http://u/ca|%|\\|\0\xff\n", out.len);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(settings_expand(bytes_of_text(bad[i]), &names, &out));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		what_nobody_sets_has_its_default_and_the_last_one_wins, make_settings,
		free_settings),
	    cmocka_unit_test_setup_teardown(times_are_absolute_or_counted_from_now,
		make_settings, free_settings),
	    cmocka_unit_test_setup_teardown(the_first_thing_that_is_wrong_is_said,
		make_settings, free_settings),
	    cmocka_unit_test_setup_teardown(each_kind_of_value_is_checked, make_settings,
		free_settings),
	    cmocka_unit_test(lists_are_split_at_commas),
	    cmocka_unit_test(any_octet_can_be_written_and_names_are_filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
