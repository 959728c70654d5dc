/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/cursor.h"

static void
what_is_written_is_read_back(void **state)
{
	struct buf buf;
	struct cursor cursor;
	uint8_t raw[3];

	buf_init(&buf, 100);
	buf_put_u8(&buf, 7);
	buf_put_u16le(&buf, 0x1234);
	buf_put_u32le(&buf, 0xdeadbeef);
	buf_put_u64le(&buf, 0x0123456789abcdef);
	buf_put(&buf, "abc", 3);
	assert_true(buf_ok(&buf));
	assert_int_equal(buf.data[1], 0x34);

	cursor = cursor_of(buf_bytes(&buf));
	assert_int_equal(cursor_u8(&cursor), 7);
	assert_int_equal(cursor_u16le(&cursor), 0x1234);
	assert_true(cursor_u32le(&cursor) == 0xdeadbeef);
	assert_true(cursor_u64le(&cursor) == 0x0123456789abcdef);
	cursor_copy(&cursor, raw, 3);
	assert_memory_equal(raw, "abc", 3);
	assert_true(cursor_finished(&cursor));
	buf_done(&buf);
}

static void
reading_past_the_end_fails_for_good(void **state)
{
	struct cursor cursor = cursor_of(bytes_of("ab", 2));

	assert_int_equal(cursor_u32le(&cursor), 0);
	assert_false(cursor_ok(&cursor));
	assert_int_equal(cursor_u8(&cursor), 0);
	assert_false(cursor_finished(&cursor));
}

static void
what_does_not_fit_is_refused_and_remembered(void **state)
{
	struct buf buf;

	buf_init(&buf, 4);
	buf_put_text(&buf, "abc");
	buf_put_text(&buf, "de");
	assert_false(buf_ok(&buf));
	assert_string_equal(buf_text(&buf), "abc");
	buf_put_text(&buf, "d");
	assert_int_equal(buf.len, 3);
	buf_clear(&buf);
	buf_printf(&buf, "%d", 1234);
	assert_true(buf_ok(&buf));
	buf_drain(&buf, 2);
	assert_string_equal(buf_text(&buf), "34");
	buf_done(&buf);
}

static void
taken_text_belongs_to_the_caller(void **state)
{
	struct buf buf;
	char *text;

	buf_init(&buf, 10);
	text = buf_take_text(&buf);
	assert_string_equal(text, "");
	free(text);
	buf_put_text(&buf, "hello");
	text = buf_take_text(&buf);
	assert_string_equal(text, "hello");
	assert_int_equal(buf.len, 0);
	free(text);
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(reading_past_the_end_fails_for_good),
	    cmocka_unit_test(what_does_not_fit_is_refused_and_remembered),
	    cmocka_unit_test(taken_text_belongs_to_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
