/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/alloc.h"
#include "common/base/fileio.h"
#include "common/base/json_scan.h"
#include "tests/lib/shared.h"

enum {
	TIMESTAMP,
	KIND,
	SOURCE,
	PORT,
	SEVERITY,
	SIGNATURE,
	NAMES
};

static const char *const names[NAMES] = {"ts", "event_type", "id.orig_h", "src_port",
    "alert.severity", "alert.signature"};
static struct json_fields fields;

static int
prepare(void **state)
{
	json_fields_init(&fields, names, NAMES);
	return 0;
}

/* Scans a copy of exact size, so that a sanitizer sees every byte read too far. */
static enum status
scan_bytes(const void *text, size_t len, size_t *ret_offset)
{
	struct json_value values[NAMES];
	uint8_t *copy = alloc_copy(text, len);
	size_t offset = SIZE_MAX;
	enum status status = json_scan(NULL, bytes_of(copy, len), NULL, &offset);

	assert_int_equal(offset == SIZE_MAX, status == STATUS_OK);
	assert_true(offset == SIZE_MAX || offset <= len);
	if (ret_offset != NULL)
		*ret_offset = offset;
	free(copy);
	offset = SIZE_MAX;
	assert_int_equal(json_scan(&fields, bytes_of(text, len), values, &offset), status);
	return status;
}

static enum status
scan(const char *text)
{
	return scan_bytes(text, strlen(text), NULL);
}

static void
every_form_of_rfc_8259_is_accepted(void **state)
{
	static const char *const good[] = {"{}", "[]", " [ ] ", "\t\r\n{ }", "0", "-0", "\"\"",
	    "null", "true", "false", "[1,2 , 3]", "{\"a\":{\"b\":[{},[],\"c\"]},\"d\":1}",
	    "-12.50e+3", "1E5", "1e-05", "0.0", "123456789012345678901234567890",
	    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD834\\udd1e\"", "\"\\uDEAD\"", "\"\x7f\"",
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "{\"a\":1,\"a\":2}", "{\"\":0}",
	    "\"seven plain\xc3\xa9 and then a long run of plain characters\""};

	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (scan(good[i]) != STATUS_OK)
			fail_msg("refused: %s", good[i]);
}

static void
what_is_not_json_is_refused(void **state)
{
	static const char *const bad[] = {"", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]",
	    "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}",
	    "{\"a\":1]", "[1}", "{,}", "{\"a\":1 \"b\":2}", "01", "-", "+1", "1.", ".5", "1e",
	    "1e+", "0x1", "1a", "NaN", "Infinity", "nul", "nullx", "True", "'a'", "\"", "\"abc",
	    "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u\"", "\"a\nb\"",
	    "\"long enough for a word\tb\"", "\"\x80\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"",
	    "\"\xf4\x90\x80\x80\"", "\"plain plain \xff plain\"", "\"\xe2\x82\"", "\"\xe2\x82",
	    "{} {}", "1 2", "// x\n1", "\xef\xbb\xbf{}", "[\"a\",\n4\n,1,"};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (scan(bad[i]) != STATUS_INVALID)
			fail_msg("not refused: %s", bad[i]);
	assert_int_equal(scan_bytes("\0", 1, NULL), STATUS_INVALID);
	assert_int_equal(scan_bytes("[1]\0", 4, NULL), STATUS_INVALID);
	assert_int_equal(scan_bytes("\"a\0b\"", 5, NULL), STATUS_INVALID);
}

static void
the_offset_of_the_first_wrong_byte_is_told(void **state)
{
	size_t offset;

	assert_int_equal(scan_bytes("{\"a\":tru}", 9, &offset), STATUS_INVALID);
	assert_int_equal(offset, 5);
	assert_int_equal(scan_bytes("[1,2 3]", 7, &offset), STATUS_INVALID);
	assert_int_equal(offset, 5);
	assert_int_equal(scan_bytes("{\"a\":1", 6, &offset), STATUS_INVALID);
	assert_int_equal(offset, 6);
}

static void
nesting_has_a_bound(void **state)
{
	char deep[2 * JSON_DEPTH_MAX + 2];

	memset(deep, '[', JSON_DEPTH_MAX);
	memset(deep + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	assert_int_equal(scan_bytes(deep, 2 * JSON_DEPTH_MAX, NULL), STATUS_OK);
	memset(deep, '[', JSON_DEPTH_MAX + 1);
	memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_int_equal(scan_bytes(deep, sizeof(deep), NULL), STATUS_LIMIT);
}

static void
assert_raw(const struct json_value *value, enum json_kind kind, const char *raw)
{
	assert_int_equal(value->kind, kind);
	assert_int_equal(value->raw.len, strlen(raw));
	assert_memory_equal(value->raw.data, raw, strlen(raw));
}

static void
wanted_values_are_found_nested_and_with_dotted_names(void **state)
{
	const char *suricata = "{\"ts\":1.5,\"event_type\":\"alert\",\"src_port\" : 502,"
			       "\"alert\":{\"x\":[1,{\"severity\":9}],\"severity\":2,"
			       "\"signature\":\"a \\u0041\",\"metadata\":{\"severity\":3}},"
			       "\"flow\":{\"src_port\":7,\"alert\":{\"severity\":8}}}";
	const char *zeek =
	    "{\"id.orig_h\":\"10.0.0.1\",\"id\":7,\"alert\":1,\"event_type\":null}";
	const char *nested = "{\"id\":{\"orig_h\":\"::1\"},\"alert.severity\":{},"
			     "\"alert.signature\":[\"x\"],\"ts\":true}";
	struct json_value v[NAMES];
	size_t at;

	assert_int_equal(json_scan(&fields, bytes_of_text(suricata), v, &at), STATUS_OK);
	assert_raw(&v[TIMESTAMP], JSON_NUMBER, "1.5");
	assert_raw(&v[KIND], JSON_STRING, "alert");
	assert_raw(&v[PORT], JSON_NUMBER, "502");
	assert_raw(&v[SEVERITY], JSON_NUMBER, "2");
	assert_raw(&v[SIGNATURE], JSON_STRING, "a \\u0041");
	assert_int_equal(v[SOURCE].kind, JSON_ABSENT);
	assert_int_equal(json_scan(&fields, bytes_of_text(zeek), v, &at), STATUS_OK);
	assert_raw(&v[SOURCE], JSON_STRING, "10.0.0.1");
	assert_int_equal(v[SEVERITY].kind, JSON_ABSENT);
	assert_int_equal(v[KIND].kind, JSON_NULL);
	assert_int_equal(json_scan(&fields, bytes_of_text(nested), v, &at), STATUS_OK);
	assert_raw(&v[SOURCE], JSON_STRING, "::1");
	assert_raw(&v[SEVERITY], JSON_OBJECT, "{");
	assert_raw(&v[SIGNATURE], JSON_ARRAY, "[");
	assert_int_equal(v[TIMESTAMP].kind, JSON_TRUE);
}

static void
of_a_name_that_comes_twice_the_last_counts(void **state)
{
	struct json_value v[NAMES];
	size_t at;

	assert_int_equal(json_scan(&fields, bytes_of_text("{\"ts\":1,\"ts\":[2]}"), v, &at),
	    STATUS_OK);
	assert_raw(&v[TIMESTAMP], JSON_ARRAY, "[");
}

static void
values_are_untouched_when_the_text_is_wrong(void **state)
{
	struct json_value v[NAMES] = {{.kind = JSON_FALSE}};
	size_t at;

	assert_int_equal(json_scan(&fields, bytes_of_text("{\"ts\":1,}"), v, &at),
	    STATUS_INVALID);
	assert_int_equal(v[TIMESTAMP].kind, JSON_FALSE);
}

static size_t
decode(const char *raw, char *text, size_t size)
{
	struct json_value value = {JSON_STRING, bytes_of_text(raw)};

	return json_value_text(&value, text, size);
}

static void
strings_are_decoded_into_a_bounded_buffer(void **state)
{
	char text[16];

	assert_int_equal(decode("a\\n\\\"\\/\\\\\\u00e9\\u20ac", text, 16), 10);
	assert_memory_equal(text, "a\n\"/\\\xc3\xa9\xe2\x82\xac", 10);
	assert_int_equal(decode("x\\u0000y", text, 16), 3);
	assert_memory_equal(text, "x\0y", 3);
	assert_int_equal(decode("\\ud83d\\ude00\\b\\f\\r\\t", text, 16), 8);
	assert_memory_equal(text, "\xf0\x9f\x98\x80\b\f\r\t", 8);
	assert_int_equal(decode("\\ud83d-\\ude00\\ud83d\\u0041", text, 16), 11);
	assert_memory_equal(text, "\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd\x41", 11);
	assert_int_equal(decode("ab\xe2\x82\xac", text, 4), 2);
	assert_int_equal(decode("", text, 0), 0);
	assert_int_equal(json_value_text(&(struct json_value){JSON_NUMBER, bytes_of("1", 1)},
			     text, 16),
	    0);
}

static bool
whole(const char *raw, uint64_t max, uint64_t *ret_number)
{
	return json_value_u64(&(struct json_value){JSON_NUMBER, bytes_of_text(raw)}, max,
	    ret_number);
}

static void
whole_numbers_have_a_maximum(void **state)
{
	uint64_t number = 5;

	assert_false(whole("65536", 65535, &number));
	assert_false(whole("1.0", 65535, &number));
	assert_false(whole("-1", 65535, &number));
	assert_false(whole("1e3", 65535, &number));
	assert_false(whole("18446744073709551616", UINT64_MAX, &number));
	assert_int_equal(number, 5);
	assert_true(whole("18446744073709551615", UINT64_MAX, &number) && number == UINT64_MAX);
	assert_true(whole("65535", 65535, &number) && number == 65535);
	assert_false(
	    json_value_u64(&(struct json_value){JSON_STRING, bytes_of("1", 1)}, 9, &number));
}

static void
seconds_become_microseconds_exactly(void **state)
{
	static const struct {
		const char *raw;
		int64_t number;
	} cases[] = {{"1700000000.05", 1700000000050000}, {"1700000000", 1700000000000000},
	    {"1.7000000000500006e9", 1700000000050000}, {"17e8", 1700000000000000},
	    {"-1.5", -1500000}, {"0.0000019", 1}, {"1e-7", 0}, {"1E-99999999999", 0},
	    {"0e99999999999", 0}, {"0.000000000000000000000000000000001e33", 1000000},
	    {"1700000000.123456789012345678901234567890", 1700000000123456}};
	int64_t number = 7;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_value value = {JSON_NUMBER, bytes_of_text(cases[i].raw)};

		assert_true(json_value_scaled(&value, 6, &number));
		assert_int_equal(number, cases[i].number);
	}
	number = 7;
	assert_false(json_value_scaled(&(struct json_value){JSON_NUMBER,
					   bytes_of("9999999999999999", 16)},
	    6, &number));
	assert_false(json_value_scaled(&(struct json_value){JSON_NUMBER, bytes_of("1e400", 5)},
	    6, &number));
	assert_int_equal(number, 7);
}

static void
scan_file(int dir, const char *name, size_t *count)
{
	struct json_value v[NAMES];
	struct buf buf;
	char *line, *rest;
	size_t at;

	buf_init(&buf, 4 << 20);
	assert_int_equal(fileio_read(dir, name, &buf), STATUS_OK);
	rest = (char *)(uintptr_t)buf_text(&buf);
	for (; (line = strsep(&rest, "\n")) != NULL && rest != NULL; (*count)++)
		if (json_scan(&fields, bytes_of_text(line), v, &at) != STATUS_OK)
			fail_msg("%s: offset %zu of %.200s", name, at, line);
	buf_done(&buf);
}

static void
real_lines_of_sensors_pass(void **state)
{
	static const char *const dirs[] = {"suricata-eve", "zeek-ics-json/bacnet",
	    "zeek-ics-json/dnp3", "zeek-ics-json/enip", "zeek-ics-json/modbus",
	    "zeek-ics-json/s7comm"};
	char path[SHARED_PATH_SIZE], name[64];
	size_t count = 0;

	for (size_t i = 0; i < COUNT_OF(dirs); i++) {
		struct dirent *entry;
		DIR *dir;

		snprintf(name, sizeof(name), "realdata/%s", dirs[i]);
		if (!shared_path(path, name))
			return; /* said so */
		dir = opendir(path);
		assert_non_null(dir);
		while ((entry = readdir(dir)) != NULL)
			if (entry->d_name[0] != '.')
				scan_file(dirfd(dir), entry->d_name, &count);
		closedir(dir);
	}
	assert_true(count > 5000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_of_rfc_8259_is_accepted),
	    cmocka_unit_test(what_is_not_json_is_refused),
	    cmocka_unit_test(the_offset_of_the_first_wrong_byte_is_told),
	    cmocka_unit_test(nesting_has_a_bound),
	    cmocka_unit_test(wanted_values_are_found_nested_and_with_dotted_names),
	    cmocka_unit_test(of_a_name_that_comes_twice_the_last_counts),
	    cmocka_unit_test(values_are_untouched_when_the_text_is_wrong),
	    cmocka_unit_test(strings_are_decoded_into_a_bounded_buffer),
	    cmocka_unit_test(whole_numbers_have_a_maximum),
	    cmocka_unit_test(seconds_become_microseconds_exactly),
	    cmocka_unit_test(real_lines_of_sensors_pass),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
