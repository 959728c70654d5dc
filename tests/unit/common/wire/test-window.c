/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/wire/window.h"

static void
frames_fit_until_records_or_bytes_run_out(void **state)
{
	struct window window;

	window_init(&window, 10, 100);
	assert_int_equal(window_take(&window, 4, 10), STATUS_OK);
	assert_int_equal(window_take(&window, 6, 10), STATUS_OK);
	assert_int_equal(window_take(&window, 1, 10), STATUS_LIMIT);
	assert_int_equal(window_give(&window, 1), STATUS_OK);
	assert_int_equal(window_take(&window, 1, 91), STATUS_LIMIT);
	assert_int_equal(window_take(&window, 1, 90), STATUS_OK);
	assert_int_equal(window.records, 7);
	assert_int_equal(window.bytes, 100);
	window_done(&window);
}

static void
one_frame_alone_always_fits(void **state)
{
	struct window window;

	window_init(&window, 1, 1);
	assert_int_equal(window_take(&window, 1000, 1000), STATUS_OK);
	assert_int_equal(window_take(&window, 1, 1), STATUS_LIMIT);
	assert_int_equal(window_give(&window, 1), STATUS_OK);
	assert_int_equal(window_take(&window, 1000, 1000), STATUS_OK);
	window_done(&window);
}

static void
what_was_never_in_flight_cannot_be_given_back(void **state)
{
	struct window window;

	window_init(&window, 10, 10);
	assert_int_equal(window_give(&window, 1), STATUS_INVALID);
	assert_int_equal(window_take(&window, 1, 1), STATUS_OK);
	assert_int_equal(window_give(&window, 2), STATUS_INVALID);
	assert_int_equal(window_give(&window, 1), STATUS_OK);
	assert_int_equal(window_give(&window, 0), STATUS_OK);
	assert_int_equal(window.given, 1);
	window_done(&window);
}

static void
many_frames_come_back_in_any_portions(void **state)
{
	struct window window;
	uint64_t given = 0;

	window_init(&window, 100000, 100000);
	for (uint32_t round = 1; round < 300; round++) {
		while (window_take(&window, round, 1) == STATUS_OK)
			;
		assert_true(window.taken - window.given <= WINDOW_FRAMES_MAX);
		assert_true(window.records <= 100000);
		given += (round * 7) % (window.taken - given) + 1;
		assert_int_equal(window_give(&window, given), STATUS_OK);
	}
	assert_int_equal(window_give(&window, window.taken), STATUS_OK);
	assert_int_equal(window.records, 0);
	assert_int_equal(window.bytes, 0);
	assert_null(window.ring);
	window_done(&window);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames_fit_until_records_or_bytes_run_out),
	    cmocka_unit_test(one_frame_alone_always_fits),
	    cmocka_unit_test(what_was_never_in_flight_cannot_be_given_back),
	    cmocka_unit_test(many_frames_come_back_in_any_portions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
