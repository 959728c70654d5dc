/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/json_write.h"

static void
commas_and_brackets_are_in_their_places(void **state)
{
	struct buf out;
	struct json_write json;

	buf_init(&out, 1000);
	json = json_write_to(&out);
	json_open_object(&json, NULL);
	json_text(&json, "a", "x");
	json_text(&json, "none", NULL);
	json_open_array(&json, "list");
	json_i64(&json, NULL, -1);
	json_open_object(&json, NULL);
	json_close_object(&json);
	json_bool(&json, NULL, true);
	json_close_array(&json);
	json_hex(&json, "hex", bytes_of("\x01\xff", 2));
	json_time_s(&json, "t", 0);
	json_close_object(&json);
	assert_string_equal(buf_text(&out),
	    "{\"a\":\"x\",\"none\":null,\"list\":[-1,{},true],\"hex\":\"01ff\","
	    "\"t\":\"1970-01-01T00:00:00Z\"}");
	buf_done(&out);
}

static void
foreign_strings_can_not_break_out(void **state)
{
	struct buf out;
	struct json_write json;

	buf_init(&out, 1000);
	json = json_write_to(&out);
	json_bytes(&json, NULL, bytes_of("\"\\\n\x01\x7f\xff\xc3\xa9\0z", 10));
	assert_string_equal(buf_text(&out),
	    "\"\\\"\\\\\\n\\u0001\\u007f\\ufffd\xc3\xa9\\u0000z\"");
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commas_and_brackets_are_in_their_places),
	    cmocka_unit_test(foreign_strings_can_not_break_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
