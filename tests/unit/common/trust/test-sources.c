/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "common/trust/sources.h"

static const struct sources_policy policy = {
    .refresh_min_ms = 60000,
    .refresh_max_ms = 3600000,
    .retry_min_ms = 10000,
    .retry_max_ms = 100000,
};

static const struct bytes two_urls[] = {
    {(const uint8_t *)"http://a/x.crl", 14},
    {(const uint8_t *)"http://b/x.crl", 14},
};

static int
make_sources(void **state)
{
	*state = sources_new();
	return 0;
}

static int
free_sources(void **state)
{
	sources_free(*state);
	return 0;
}

static struct source *
source_of(struct sources *sources, const char *url)
{
	struct bytes bytes = bytes_of_text(url);

	return sources_get(sources, &bytes, 1);
}

static bool
ask_in_vain(struct source *source, enum reason reason, int64_t now_ms)
{
	source_begin(source);
	return source_failed(source, &policy, reason, bytes_of_text("refused"), now_ms);
}

/* Is a time within a tenth of what it should be? */
static void
assert_about(int64_t value, int64_t expected)
{
	assert_true(value >= expected - expected / 10 && value <= expected + expected / 10);
}

static void
a_new_source_is_due_at_once(void **state)
{
	struct source *source = source_of(*state, "http://a/x.crl");
	int64_t next_ms;

	assert_ptr_equal(sources_next(*state, 0, &next_ms), source);
	assert_false(source_is_cold(source, 0));
	assert_true(source->answered_us == 0);
}

static void
the_same_urls_are_the_same_source_and_their_order_counts(void **state)
{
	const struct bytes turned[] = {two_urls[1], two_urls[0]};
	struct source *source = sources_get(*state, two_urls, 2);

	assert_ptr_equal(sources_get(*state, two_urls, 2), source);
	assert_ptr_not_equal(sources_get(*state, turned, 2), source);
	assert_ptr_not_equal(sources_get(*state, two_urls, 1), source);
	assert_int_equal(sources_count(*state), 3);
	assert_ptr_equal(sources_at(*state, 0), source);
}

static void
urls_that_do_not_fit_are_left_out(void **state)
{
	static uint8_t longest[SOURCES_URL_LEN_MAX + 1];
	struct bytes urls[SOURCES_URLS_MAX + 4];
	struct source *source;

	memset(longest, 'x', sizeof(longest));
	urls[0] = bytes_of("", 0);
	urls[1] = bytes_of(longest, sizeof(longest));
	urls[2] = bytes_of("http://a\0b", 10);
	assert_null(sources_get(*state, urls, 3));
	assert_null(sources_get(*state, urls, 0));
	assert_int_equal(sources_count(*state), 0);
	urls[3] = bytes_of(longest, sizeof(longest) - 1);
	for (size_t i = 4; i < COUNT_OF(urls); i++)
		urls[i] = bytes_of("http://abcdefgh", 8 + i);
	source = sources_get(*state, urls, COUNT_OF(urls));
	assert_int_equal(source->url_count, SOURCES_URLS_MAX);
	assert_int_equal(strlen(source->urls[0]), SOURCES_URL_LEN_MAX);
	assert_string_equal(source->urls[1], "http://abcde");
}

static void
there_is_a_largest_number_of_sources(void **state)
{
	char url[64];

	for (int i = 0; i < SOURCES_MAX; i++) {
		snprintf(url, sizeof(url), "http://a/%d.crl", i);
		assert_non_null(source_of(*state, url));
	}
	assert_null(source_of(*state, "http://a/one-more.crl"));
	assert_non_null(source_of(*state, "http://a/0.crl"));
	assert_int_equal(sources_count(*state), SOURCES_MAX);
}

static void
one_that_is_being_asked_is_not_asked_again(void **state)
{
	struct source *first = source_of(*state, "http://a/x.crl");
	struct source *second = source_of(*state, "http://b/x.crl");
	int64_t next_ms = 0;

	source_begin(first);
	assert_ptr_equal(sources_next(*state, 0, &next_ms), second);
	source_begin(second);
	assert_null(sources_next(*state, 0, &next_ms));
	assert_true(next_ms == INT64_MAX);
}

static void
its_urls_are_tried_in_order_within_one_round(void **state)
{
	struct source *source = sources_get(*state, two_urls, 2);

	assert_int_equal(source->present, 0);
	assert_true(ask_in_vain(source, REASON_CRL_UNREACHABLE, 1000));
	assert_int_equal(source->present, 1);
	assert_false(source->fetching);
	assert_int_equal(source->failures, 0);
	assert_false(ask_in_vain(source, REASON_CRL_MALFORMED, 1000));
	assert_int_equal(source->present, 0);
	assert_int_equal(source->failures, 1);
	assert_int_equal(source->reason, REASON_CRL_MALFORMED);
	assert_string_equal(source->detail, "refused");
}

static void
a_round_after_an_answer_begins_with_the_first_url(void **state)
{
	struct source *source = sources_get(*state, two_urls, 2);

	assert_true(ask_in_vain(source, REASON_CRL_UNREACHABLE, 0));
	source_begin(source);
	source_done(source, &policy, 1000, 0, 0);
	assert_int_equal(source->present, 0);
	assert_int_equal(source->reason, REASON_OK);
	assert_string_equal(source->detail, "");
}

static void
failures_wait_twice_as_long_each_time_up_to_the_longest(void **state)
{
	static const int64_t waits_ms[] = {10000, 20000, 40000, 80000, 100000, 100000};
	struct source *source = source_of(*state, "http://a/x.crl");
	int64_t now_ms = 5000;

	for (size_t i = 0; i < COUNT_OF(waits_ms); i++) {
		assert_false(ask_in_vain(source, REASON_CRL_UNREACHABLE, now_ms));
		assert_about(source->due_ms - now_ms, waits_ms[i]);
		assert_true(source_is_cold(source, now_ms));
		assert_false(source_is_cold(source, source->due_ms));
		now_ms = source->due_ms;
	}
	for (int i = 0; i < 1000; i++) /* a server that is away for months */
		assert_false(ask_in_vain(source, REASON_CRL_UNREACHABLE, now_ms));
	assert_about(source->due_ms - now_ms, policy.retry_max_ms);
	source_begin(source);
	source_done(source, &policy, 1000, 0, now_ms);
	assert_false(source_is_cold(source, now_ms));
	assert_false(ask_in_vain(source, REASON_CRL_UNREACHABLE, now_ms));
	assert_about(source->due_ms - now_ms, waits_ms[0]);
}

static void
waits_are_spread_by_chance(void **state)
{
	struct source *source = source_of(*state, "http://a/x.crl");
	int64_t first_ms = 0;
	bool differs = false;

	for (int i = 0; i < 50; i++) {
		source_begin(source);
		source_done(source, &policy, 2000, 0, 0);
		differs = differs || (i > 0 && source->due_ms != first_ms);
		first_ms = source->due_ms;
	}
	assert_true(differs);
}

static void
the_next_round_is_at_half_of_the_time_that_is_left(void **state)
{
	static const struct {
		int64_t left_s, wait_ms;
	} cases[] = {
	    {1000, 500000}, {100000, 3600000}, {10, 60000}, {0, 60000}, {-100000, 60000},
	    {INT64_C(253402300799), 3600000}, /* the last second that a CRL can name */
	};
	struct source *source = source_of(*state, "http://a/x.crl");
	const int64_t now_s = 1767225600, now_ms = 77;
	int64_t next_ms;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		source_begin(source);
		source_done(source, &policy, now_s + cases[i].left_s, now_s, now_ms);
		assert_about(source->due_ms - now_ms, cases[i].wait_ms);
		assert_null(sources_next(*state, now_ms, &next_ms));
		assert_true(next_ms == source->due_ms);
		assert_ptr_equal(sources_next(*state, next_ms, &next_ms), source);
	}
}

static void
the_earliest_of_several_says_when_to_look_again(void **state)
{
	struct source *late = source_of(*state, "http://a/x.crl");
	struct source *early = source_of(*state, "http://b/x.crl");
	int64_t next_ms;

	late->due_ms = 9000;
	early->due_ms = 5000;
	assert_null(sources_next(*state, 4999, &next_ms));
	assert_true(next_ms == 5000);
	assert_ptr_equal(sources_next(*state, 5000, &next_ms), early);
}

static void
a_long_detail_is_cut(void **state)
{
	static const char text[2 * SOURCES_DETAIL_SIZE] = {
	    [0 ... 2 * SOURCES_DETAIL_SIZE - 1] = 'x'};
	struct source *source = source_of(*state, "http://a/x.crl");

	source_begin(source);
	source_failed(source, &policy, REASON_CRL_UNREACHABLE, bytes_of(text, sizeof(text)), 0);
	assert_int_equal(strlen(source->detail), SOURCES_DETAIL_SIZE - 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_sources, free_sources)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_new_source_is_due_at_once),
	    CASE(the_same_urls_are_the_same_source_and_their_order_counts),
	    CASE(urls_that_do_not_fit_are_left_out),
	    CASE(there_is_a_largest_number_of_sources),
	    CASE(one_that_is_being_asked_is_not_asked_again),
	    CASE(its_urls_are_tried_in_order_within_one_round),
	    CASE(a_round_after_an_answer_begins_with_the_first_url),
	    CASE(failures_wait_twice_as_long_each_time_up_to_the_longest),
	    CASE(waits_are_spread_by_chance),
	    CASE(the_next_round_is_at_half_of_the_time_that_is_left),
	    CASE(the_earliest_of_several_says_when_to_look_again),
	    CASE(a_long_detail_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
