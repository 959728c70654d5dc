/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/clock.h"
#include "common/pki/der.h"
#include "tests/lib/der_build.h"

/* Opens a reader over literal bytes. */
#define READ(reader, fault, ...)                             \
	static const uint8_t reader##_raw[] = {__VA_ARGS__}; \
	struct der_fault fault;                              \
	struct der reader = der_begin(bytes_of(reader##_raw, sizeof reader##_raw), &fault)

/* The fault that reading one element of any kind gives; NULL where there is none. */
static const char *
fault_of(const uint8_t *raw, size_t len)
{
	static struct der_fault fault;
	struct der der = der_begin(bytes_of(raw, len), &fault);
	struct der_tlv tlv;

	(void)der_any(&der, &tlv);
	return fault.what;
}

#define FAULT_OF(...) \
	fault_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void
an_element_gives_its_tag_value_and_whole(void **state)
{
	READ(der, fault, 0x30, 0x03, 0x02, 0x01, 0x07, 0x05, 0x00);
	struct der_tlv tlv;

	assert_true(der_any(&der, &tlv));
	assert_int_equal(tlv.tag, DER_SEQUENCE);
	assert_int_equal(tlv.value.len, 3);
	assert_int_equal(tlv.whole.len, 5);
	assert_ptr_equal(tlv.whole.data, der_raw);
	assert_true(der_next_is(&der, DER_NULL));
	assert_true(der_any(&der, &tlv));
	assert_int_equal(tlv.value.len, 0);
	assert_false(der_more(&der));
	der_end(&der);
	assert_true(der_ok(&der));
}

static void
only_the_shortest_definite_length_is_taken(void **state)
{
	uint8_t long_form[4 + 256] = {0x04, 0x82, 0x01, 0x00};

	assert_null(FAULT_OF(0x04, 0x00));
	assert_null(fault_of(long_form, sizeof long_form));
	assert_string_equal(FAULT_OF(0x30, 0x80, 0x00, 0x00), "indefinite length");
	assert_string_equal(FAULT_OF(0x04, 0x81, 0x01, 0x00),
	    "length not in its shortest form");
	assert_string_equal(FAULT_OF(0x04, 0x82, 0x00, 0x80),
	    "length not in its shortest form");
	assert_string_equal(FAULT_OF(0x04, 0x85, 1, 0, 0, 0, 0), "length too large");
	assert_string_equal(FAULT_OF(0x04, 0x82, 0x01), "cut off in a length");
	assert_string_equal(FAULT_OF(0x04), "cut off before a length");
	assert_string_equal(FAULT_OF(0x04, 0x02, 0x00),
	    "an element is longer than what holds it");
	assert_string_equal(FAULT_OF(0x04, 0x84, 0xff, 0xff, 0xff, 0xff),
	    "an element is longer than what holds it");
	assert_string_equal(FAULT_OF(0x1f, 0x21, 0x00), "tag of more than one byte");
}

static void
the_first_fault_stays_with_its_offset_and_stops_all_readers(void **state)
{
	READ(der, fault, 0x30, 0x04, 0x02, 0x02, 0x00, 0x01, 0x05, 0x00);
	struct der inner = der_enter(&der, DER_SEQUENCE);
	struct buf text;

	buf_init(&text, 200);
	assert_int_equal(der_integer(&inner, DER_INTEGER).len, 0);
	assert_false(der_ok(&der));
	assert_false(der_more(&der));
	assert_int_equal(der_value(&der, DER_NULL).len, 0);
	der_fail(&der, "later");
	der_fault_text(&fault, &text);
	assert_string_equal(buf_text(&text), "INTEGER not in its shortest form (byte 4)");
	buf_done(&text);
}

static void
an_element_cannot_reach_past_what_holds_it(void **state)
{
	READ(der, fault, 0x30, 0x02, 0x04, 0x01, 0xaa, 0xbb);
	struct der inner = der_enter(&der, DER_SEQUENCE);

	(void)der_value(&inner, DER_OCTET_STRING);
	assert_string_equal(fault.what, "an element is longer than what holds it");
	assert_int_equal(fault.offset, 2);
}

static void
trailing_bytes_are_a_fault(void **state)
{
	READ(der, fault, 0x05, 0x00, 0x00);

	(void)der_value(&der, DER_NULL);
	der_end(&der);
	assert_string_equal(fault.what, "trailing bytes");
}

static void
an_optional_element_is_read_only_where_it_stands(void **state)
{
	READ(der, fault, 0xa1, 0x02, 0x05, 0x00);
	struct bytes value;
	struct der inner;

	assert_false(der_optional(&der, DER_CONTEXT(0), &value));
	assert_false(der_optional_enter(&der, DER_CONTEXT_CONSTRUCTED(0), &inner));
	assert_true(der_optional_enter(&der, DER_CONTEXT_CONSTRUCTED(1), &inner));
	assert_true(der_next_is(&inner, DER_NULL));
	assert_false(der_optional(&der, DER_NULL, &value));
	assert_true(der_ok(&der));
}

static uint64_t
u64_of(const uint8_t *raw, size_t len, uint64_t max, const char **ret_fault)
{
	struct der_fault fault;
	struct der der = der_begin(bytes_of(raw, len), &fault);
	uint64_t value = der_u64(&der, DER_INTEGER, max);

	*ret_fault = fault.what;
	return value;
}

#define U64_OF(max, ret_fault, ...)                                                         \
	u64_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), max, \
	    ret_fault)

static void
small_integers_have_a_sign_a_form_and_a_largest_value(void **state)
{
	const char *fault;

	assert_int_equal(U64_OF(10, &fault, 0x02, 0x01, 0x0a), 10);
	assert_null(fault);
	assert_int_equal(U64_OF(255, &fault, 0x02, 0x02, 0x00, 0xff), 255);
	assert_null(fault);
	assert_true(U64_OF(UINT64_MAX, &fault, 0x02, 0x09, 0, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff) == UINT64_MAX);
	assert_null(fault);
	U64_OF(9, &fault, 0x02, 0x01, 0x0a);
	assert_string_equal(fault, "INTEGER too large");
	U64_OF(UINT64_MAX, &fault, 0x02, 0x09, 1, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_string_equal(fault, "INTEGER too large");
	U64_OF(10, &fault, 0x02, 0x01, 0xff);
	assert_string_equal(fault, "negative INTEGER");
	U64_OF(10, &fault, 0x02, 0x00);
	assert_string_equal(fault, "empty INTEGER");
	U64_OF(10, &fault, 0x02, 0x02, 0xff, 0x80);
	assert_string_equal(fault, "INTEGER not in its shortest form");
}

static void
booleans_are_00_or_ff_and_the_default_is_left_out(void **state)
{
	READ(der, fault, 0x01, 0x01, 0xff, 0x01, 0x01, 0x00);
	READ(other, other_fault, 0x01, 0x01, 0x01);
	READ(written, written_fault, 0x81, 0x01, 0x00);

	assert_true(der_boolean(&der, DER_BOOLEAN));
	assert_false(der_boolean(&der, DER_BOOLEAN));
	assert_false(der_default_false(&der, DER_BOOLEAN));
	assert_true(der_ok(&der));
	assert_false(der_boolean(&other, DER_BOOLEAN));
	assert_string_equal(other_fault.what, "BOOLEAN is neither 00 nor ff");
	assert_false(der_default_false(&written, DER_CONTEXT(1)));
	assert_string_equal(written_fault.what, "the default FALSE is written out");
}

static void
object_identifiers_are_well_formed_and_have_a_text(void **state)
{
	READ(der, fault, 0x06, 0x03, 0x55, 0x1d, 0x14, 0x06, 0x04, 0x88, 0x37, 0x83, 0x10);
	READ(padded, padded_fault, 0x06, 0x02, 0x80, 0x01);
	READ(cut, cut_fault, 0x06, 0x02, 0x55, 0x81);
	READ(empty, empty_fault, 0x06, 0x00);
	struct buf text;

	buf_init(&text, 200);
	der_oid_text(der_oid(&der, DER_OID), &text);
	assert_string_equal(buf_text(&text), "2.5.29.20");
	buf_clear(&text);
	der_oid_text(der_oid(&der, DER_OID), &text);
	assert_string_equal(buf_text(&text), "2.999.400");
	buf_done(&text);
	(void)der_oid(&padded, DER_OID);
	assert_string_equal(padded_fault.what, "OBJECT IDENTIFIER not in its shortest form");
	(void)der_oid(&cut, DER_OID);
	assert_string_equal(cut_fault.what, "OBJECT IDENTIFIER cut off");
	(void)der_oid(&empty, DER_OID);
	assert_string_equal(empty_fault.what, "OBJECT IDENTIFIER cut off");
}

static void
bit_strings_count_unused_bits_that_are_zero(void **state)
{
	READ(der, fault, 0x03, 0x02, 0x05, 0xa0, 0x03, 0x01, 0x00, 0x03, 0x03, 0x07, 0x00,
	    0x80);
	READ(dirty, dirty_fault, 0x03, 0x02, 0x05, 0xa1);
	READ(eight, eight_fault, 0x03, 0x02, 0x08, 0x00);
	READ(bare, bare_fault, 0x03, 0x01, 0x01);
	READ(none, none_fault, 0x03, 0x00);

	assert_int_equal(der_named_bits(&der, DER_BIT_STRING), 1u << 0 | 1u << 2);
	assert_int_equal(der_bit_string(&der, DER_BIT_STRING).bytes.len, 0);
	assert_int_equal(der_named_bits(&der, DER_BIT_STRING), 1u << 8);
	assert_true(der_ok(&der));
	der_bit_string(&dirty, DER_BIT_STRING);
	assert_string_equal(dirty_fault.what, "BIT STRING with unused bits that are not zero");
	der_bit_string(&eight, DER_BIT_STRING);
	assert_string_equal(eight_fault.what, "BIT STRING with a wrong count of unused bits");
	der_bit_string(&bare, DER_BIT_STRING);
	assert_string_equal(bare_fault.what, "BIT STRING with a wrong count of unused bits");
	der_bit_string(&none, DER_BIT_STRING);
	assert_string_equal(none_fault.what, "BIT STRING with a wrong count of unused bits");
}

/* The RFC 3339 text of a time, or its fault. */
static const char *
time_of(uint8_t tag, const char *value)
{
	static char text[CLOCK_TEXT_SIZE];
	struct der_build build;
	struct der_fault fault;
	struct der der;
	int64_t seconds;

	der_build_init(&build);
	der_build_text(&build, tag, value);
	der = der_begin(der_build_bytes(&build), &fault);
	seconds = der_time(&der);
	der_build_done(&build);
	return fault.what != NULL ? fault.what : clock_text_s(seconds, text);
}

static void
times_are_zulu_with_seconds_and_without_fractions(void **state)
{
	static const char bad[] = "not a time of the form RFC 5280 asks for";

	assert_string_equal(time_of(DER_UTC_TIME, "491231235959Z"), "2049-12-31T23:59:59Z");
	assert_string_equal(time_of(DER_UTC_TIME, "500101000000Z"), "1950-01-01T00:00:00Z");
	assert_string_equal(time_of(DER_GENERALIZED_TIME, "20500101000000Z"),
	    "2050-01-01T00:00:00Z");
	assert_string_equal(time_of(DER_GENERALIZED_TIME, "99991231235959Z"),
	    "9999-12-31T23:59:59Z");
	assert_string_equal(time_of(DER_UTC_TIME, "230229000000Z"), bad);
	assert_string_equal(time_of(DER_UTC_TIME, "231301000000Z"), bad);
	assert_string_equal(time_of(DER_UTC_TIME, "230101000060Z"), bad);
	assert_string_equal(time_of(DER_UTC_TIME, "2301010000 0Z"), bad);
	assert_string_equal(time_of(DER_UTC_TIME, "2301010000Z"),
	    "UTCTime is not YYMMDDHHMMSSZ");
	assert_string_equal(time_of(DER_UTC_TIME, "230101000000+0000"),
	    "UTCTime is not YYMMDDHHMMSSZ");
	assert_string_equal(time_of(DER_GENERALIZED_TIME, "20500101000000.5Z"),
	    "GeneralizedTime is not YYYYMMDDHHMMSSZ");
	assert_string_equal(time_of(DER_GENERALIZED_TIME, "2o500101000000Z"),
	    "GeneralizedTime is not YYYYMMDDHHMMSSZ");
	assert_string_equal(time_of(DER_INTEGER, "1"),
	    "an element of another type was expected");
}

static void
strings_have_the_characters_of_their_type(void **state)
{
	assert_true(der_string_valid(DER_PRINTABLE_STRING, bytes_of_text("A-z (1)?")));
	assert_false(der_string_valid(DER_PRINTABLE_STRING, bytes_of_text("a@b")));
	assert_false(der_string_valid(DER_PRINTABLE_STRING, bytes_of("a\0b", 3)));
	assert_true(der_string_valid(DER_NUMERIC_STRING, bytes_of_text("12 3")));
	assert_false(der_string_valid(DER_NUMERIC_STRING, bytes_of_text("12a")));
	assert_true(der_string_valid(DER_IA5_STRING, bytes_of_text("a@b")));
	assert_false(der_string_valid(DER_IA5_STRING, bytes_of_text("\xc3\xa4")));
	assert_true(der_string_valid(DER_UTF8_STRING, bytes_of_text("\xc3\xa4")));
	assert_false(der_string_valid(DER_UTF8_STRING, bytes_of_text("\xc3")));
	assert_false(der_string_valid(DER_UTF8_STRING, bytes_of("a\0", 2)));
	assert_true(der_string_valid(DER_VISIBLE_STRING, bytes_of_text("~")));
	assert_false(der_string_valid(DER_VISIBLE_STRING, bytes_of_text("\n")));
	assert_true(der_string_valid(DER_BMP_STRING, bytes_of_text("ab")));
	assert_false(der_string_valid(DER_BMP_STRING, bytes_of_text("abc")));
	assert_false(der_string_valid(DER_UNIVERSAL_STRING, bytes_of_text("ab")));
	assert_true(der_string_valid(DER_TELETEX_STRING, bytes_of_text("\xff")));
	assert_false(der_string_valid(DER_OCTET_STRING, bytes_of_text("a")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_element_gives_its_tag_value_and_whole),
	    cmocka_unit_test(only_the_shortest_definite_length_is_taken),
	    cmocka_unit_test(the_first_fault_stays_with_its_offset_and_stops_all_readers),
	    cmocka_unit_test(an_element_cannot_reach_past_what_holds_it),
	    cmocka_unit_test(trailing_bytes_are_a_fault),
	    cmocka_unit_test(an_optional_element_is_read_only_where_it_stands),
	    cmocka_unit_test(small_integers_have_a_sign_a_form_and_a_largest_value),
	    cmocka_unit_test(booleans_are_00_or_ff_and_the_default_is_left_out),
	    cmocka_unit_test(object_identifiers_are_well_formed_and_have_a_text),
	    cmocka_unit_test(bit_strings_count_unused_bits_that_are_zero),
	    cmocka_unit_test(times_are_zulu_with_seconds_and_without_fractions),
	    cmocka_unit_test(strings_have_the_characters_of_their_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
