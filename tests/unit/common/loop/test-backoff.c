/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdbool.h>

#include "common/loop/backoff.h"

static void
the_span_doubles_up_to_the_cap(void **state)
{
	struct backoff backoff;
	uint64_t seed;

	for (seed = 0; seed < 1000; seed++) {
		uint32_t span_ms = 100;

		backoff_init(&backoff, 100, 30000);
		backoff_seed(&backoff, seed);
		for (int i = 0; i < 100; i++) {
			assert_in_range(backoff_next(&backoff), 0, span_ms);
			span_ms = span_ms * 2 > 30000 ? 30000 : span_ms * 2;
		}
	}
}

static void
waits_fill_the_whole_span(void **state)
{
	struct backoff backoff;
	unsigned low = 0, high = 0;

	backoff_init(&backoff, 1000, 1000);
	backoff_seed(&backoff, 7);
	for (int i = 0; i < 10000; i++) {
		uint32_t wait_ms = backoff_next(&backoff);

		low += wait_ms < 250;
		high += wait_ms > 750;
	}
	assert_in_range(low, 2200, 2800);
	assert_in_range(high, 2200, 2800);
}

static void
a_seed_gives_the_same_waits_and_none_gives_others(void **state)
{
	struct backoff a, b, c;
	bool differs = false;

	backoff_init(&a, 60000, 60000);
	backoff_init(&b, 60000, 60000);
	backoff_init(&c, 60000, 60000);
	backoff_seed(&a, 42);
	backoff_seed(&b, 42);
	for (int i = 0; i < 20; i++) {
		uint32_t wait_ms = backoff_next(&a);

		assert_int_equal(wait_ms, backoff_next(&b));
		differs = differs || wait_ms != backoff_next(&c);
	}
	assert_true(differs);
}

static void
after_a_success_waits_are_short_again(void **state)
{
	struct backoff backoff;

	backoff_init(&backoff, 10, UINT32_MAX);
	backoff_seed(&backoff, 1);
	for (int i = 0; i < 40; i++)
		(void)backoff_next(&backoff);
	backoff_reset(&backoff);
	assert_in_range(backoff_next(&backoff), 0, 10);
	assert_in_range(backoff_next(&backoff), 0, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_span_doubles_up_to_the_cap),
	    cmocka_unit_test(waits_fill_the_whole_span),
	    cmocka_unit_test(a_seed_gives_the_same_waits_and_none_gives_others),
	    cmocka_unit_test(after_a_success_waits_are_short_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
