/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/base/text.h"
#include "pki-test/der_write.h"

static struct buf out;

static int
make_buffer(void **state)
{
	buf_init(&out, 100000);
	return 0;
}

static int
free_buffer(void **state)
{
	buf_done(&out);
	return 0;
}

static void
assert_written(const char *hex)
{
	struct buf text;

	buf_init(&text, 1000);
	text_hex(&text, buf_bytes(&out));
	assert_string_equal(buf_text(&text), hex);
	buf_done(&text);
	buf_clear(&out);
}

static void
primitive_elements_are_the_examples_of_the_standard(void **state)
{
	der_put_bool(&out, true);
	assert_written("0101ff");
	der_put_null(&out);
	assert_written("0500");
	der_put_oid(&out, "2.100.3"); /* X.690 8.19.5 */
	assert_written("0603813403");
	der_put_oid(&out, "1.2.840.113549.1.1.11");
	assert_written("06092a864886f70d01010b");
	der_put_text(&out, DER_UTF8_STRING, "Jones");
	assert_written("0c054a6f6e6573");
	der_put_bits(&out, bytes_of("\x0a\x3b", 2));
	assert_written("0303000a3b");
}

static void
integers_are_as_short_as_can_be_and_not_negative(void **state)
{
	static const struct {
		uint64_t value;
		const char *hex;
	} cases[] = {{0, "020100"}, {1, "020101"}, {127, "02017f"}, {128, "02020080"},
	    {256, "02020100"}, {0x8000, "0203008000"}, {UINT64_MAX, "020900ffffffffffffffff"}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		der_put_u64(&out, DER_INTEGER, cases[i].value);
		assert_written(cases[i].hex);
	}
	der_put_unsigned(&out, bytes_of("\0\0\x80", 3));
	assert_written("02020080");
	der_put_unsigned(&out, bytes_of("", 0));
	assert_written("020100");
}

static void
named_bits_lose_their_trailing_zeros(void **state)
{
	der_put_named_bits(&out, DER_BIT_STRING, 1U << 0);
	assert_written("03020780");
	der_put_named_bits(&out, DER_BIT_STRING, 1U << 5 | 1U << 6);
	assert_written("03020106");
	der_put_named_bits(&out, DER_BIT_STRING, 1U << 8);
	assert_written("0303070080");
	der_put_named_bits(&out, DER_CONTEXT(3), 0);
	assert_written("830100");
}

static void
times_change_their_form_in_2050(void **state)
{
	der_put_time(&out, 2524607999, DER_TIME_RFC5280); /* the last second of 2049 */
	assert_written("170d3439313233313233353935395a");
	der_put_time(&out, 2524608000, DER_TIME_RFC5280);
	assert_written("180f32303530303130313030303030305a");
	der_put_time(&out, -631152001, DER_TIME_RFC5280); /* the last second of 1949 */
	assert_written("180f31393439313233313233353935395a");
	der_put_time(&out, 0, DER_TIME_GENERALIZED);
	assert_written("180f31393730303130313030303030305a");
	der_put_time(&out, 0, DER_TIME_UTC);
	assert_written("170d3730303130313030303030305a");
}

/* The length that a head of two octets or more says, and where the contents begin. */
static size_t
read_length(size_t *ret_head)
{
	size_t octets = out.data[1] & 0x7f, len = 0;

	*ret_head = 2;
	if (out.data[1] < 0x80)
		return out.data[1];
	for (size_t i = 0; i < octets; i++)
		len = len << 8 | out.data[2 + i];
	*ret_head = 2 + octets;
	return len;
}

static void
lengths_of_every_size_are_read_back(void **state)
{
	static const size_t sizes[] = {0, 1, 127, 128, 129, 255, 256, 257, 65535, 65536, 70000};

	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		size_t mark = der_open(&out, DER_SEQUENCE), head;

		for (size_t n = 0; n < sizes[i]; n++)
			buf_put_u8(&out, (uint8_t)n);
		der_close(&out, mark);
		assert_int_equal(read_length(&head), sizes[i]);
		assert_int_equal(out.len, head + sizes[i]);
		for (size_t n = 0; n < sizes[i]; n++)
			assert_int_equal(out.data[head + n], (uint8_t)n);
		buf_clear(&out);
	}
}

static void
elements_nest_and_keep_what_is_inside(void **state)
{
	size_t outer = der_open(&out, DER_SEQUENCE), inner;

	der_put_u64(&out, DER_INTEGER, 1);
	inner = der_open(&out, DER_SET);
	for (int i = 0; i < 50; i++)
		der_put_u64(&out, DER_INTEGER, 2);
	der_close(&out, inner);
	der_close(&out, outer);
	assert_int_equal(out.len, 3 + 3 + 3 + 150);
	assert_memory_equal(out.data, "\x30\x81\x9c\x02\x01\x01\x31\x81\x96\x02\x01\x02", 12);
}

static void
a_full_buffer_is_noticed(void **state)
{
	struct buf small;

	buf_init(&small, 130);
	size_t mark = der_open(&small, DER_SEQUENCE);

	for (int i = 0; i < 128; i++)
		buf_put_u8(&small, 0);
	assert_true(buf_ok(&small));
	der_close(&small, mark); /* needs one octet more for the length */
	assert_false(buf_ok(&small));
	buf_done(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(primitive_elements_are_the_examples_of_the_standard),
	    cmocka_unit_test(integers_are_as_short_as_can_be_and_not_negative),
	    cmocka_unit_test(named_bits_lose_their_trailing_zeros),
	    cmocka_unit_test(times_change_their_form_in_2050),
	    cmocka_unit_test(lengths_of_every_size_are_read_back),
	    cmocka_unit_test(elements_nest_and_keep_what_is_inside),
	    cmocka_unit_test(a_full_buffer_is_noticed),
	};

	return cmocka_run_group_tests(tests, make_buffer, free_buffer);
}
