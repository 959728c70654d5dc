/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/text.h"

static const char *
escaped(struct buf *buf, struct bytes foreign)
{
	buf_clear(buf);
	text_escape(buf, foreign);
	return buf_text(buf);
}

static void
escaped_text_can_forge_nothing(void **state)
{
	struct buf buf;
	char longer[300];

	buf_init(&buf, 4000);
	assert_string_equal(escaped(&buf, bytes_of_text("plain caf\xc3\xa9")),
	    "plain caf\xc3\xa9");
	assert_string_equal(escaped(&buf, bytes_of("a\nb\x1b[31m\0", 9)),
	    "a\\x0ab\\x1b[31m\\x00");
	assert_string_equal(escaped(&buf, bytes_of_text("\xe2\x80\xaegpj")),
	    "\\xe2\\x80\\xaegpj");
	assert_string_equal(escaped(&buf, bytes_of_text("\xff\\")), "\\xff\\x5c");
	assert_string_equal(escaped(&buf, bytes_of_text("\xc2\x9b"
							"1m")),
	    "\\xc2\\x9b"
	    "1m");
	memset(longer, 'x', sizeof(longer));
	assert_int_equal(strlen(escaped(&buf, bytes_of(longer, sizeof(longer)))), 259);
	buf_done(&buf);
}

static void
base64_goes_round_and_refuses_junk(void **state)
{
	static const char *const bad[] = {"A", "AA", "AA=", "AAA", "=AAA", "AA==A", "AA=A",
	    "A|AA", "AB==", "AAB=", "AA==="};
	struct buf text, back;
	size_t offset;

	buf_init(&text, 1000);
	buf_init(&back, 1000);
	for (size_t len = 0; len < 70; len++) {
		uint8_t data[70];

		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)(i * 37 + len);
		buf_clear(&text);
		buf_clear(&back);
		text_base64(&text, bytes_of(data, len));
		assert_true(text_parse_base64(buf_bytes(&text), &back, &offset));
		assert_true(bytes_equal(buf_bytes(&back), bytes_of(data, len)));
	}
	buf_clear(&back);
	assert_true(text_parse_base64(bytes_of_text(" YW\r\nJj "), &back, &offset));
	assert_string_equal(buf_text(&back), "abc");
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		buf_clear(&back);
		assert_false(text_parse_base64(bytes_of_text(bad[i]), &back, &offset));
	}
	buf_clear(&back);
	assert_false(text_parse_base64(bytes_of_text("AAAA\nA|AA"), &back, &offset));
	assert_int_equal(offset, 6);
	buf_done(&text);
	buf_done(&back);
}

static void
hexadecimal_goes_round(void **state)
{
	struct buf buf;
	uint8_t raw[2];

	buf_init(&buf, 10);
	text_hex(&buf, bytes_of("\x0f\xa0", 2));
	assert_string_equal(buf_text(&buf), "0fa0");
	assert_true(text_parse_hex("0FA0", raw, 2));
	assert_memory_equal(raw, "\x0f\xa0", 2);
	assert_false(text_parse_hex("0FA", raw, 2));
	assert_false(text_parse_hex("0FAx", raw, 2));
	buf_done(&buf);
}

static void
quantities_carry_units(void **state)
{
	uint64_t size;
	int64_t ms;

	assert_true(text_parse_size("64M", &size) && size == 64 << 20);
	assert_true(text_parse_size("10", &size) && size == 10);
	assert_false(text_parse_size("10Q", &size));
	assert_false(text_parse_size("M", &size));
	assert_false(text_parse_size("99999999999T", &size));
	assert_true(text_parse_duration("10", &ms) && ms == 10000);
	assert_true(text_parse_duration("1h 30min", &ms) && ms == 5400000);
	assert_true(text_parse_duration("250ms", &ms) && ms == 250);
	assert_false(text_parse_duration("", &ms));
	assert_false(text_parse_duration("-1s", &ms));
	assert_false(text_parse_duration("5 parsecs", &ms));
}

static void
numbers_are_whole_and_in_range(void **state)
{
	uint64_t value;

	assert_true(text_parse_u64("65535", 1, 65535, &value) && value == 65535);
	assert_false(text_parse_u64("65536", 1, 65535, &value));
	assert_false(text_parse_u64("0", 1, 65535, &value));
	assert_false(text_parse_u64("1x", 0, 10, &value));
	assert_false(text_parse_u64("", 0, 10, &value));
	assert_true(text_parse_u64("18446744073709551615", 0, UINT64_MAX, &value));
	assert_false(text_parse_u64("18446744073709551616", 0, UINT64_MAX, &value));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(escaped_text_can_forge_nothing),
	    cmocka_unit_test(base64_goes_round_and_refuses_junk),
	    cmocka_unit_test(hexadecimal_goes_round),
	    cmocka_unit_test(quantities_carry_units),
	    cmocka_unit_test(numbers_are_whole_and_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
