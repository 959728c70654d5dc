/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/der.h"
#include "common/pki/oid.h"

static void
a_dotted_identifier_goes_round(void **state)
{
	static const char *const good[] = {"2.5.29.32.0", "1.2.840.113549.1.1.11", "0.0",
	    "0.39", "1.39.4294967296", "2.999.3", "2.16.840.1.101.3.2.1.48.1"};
	struct buf value, text;

	buf_init(&value, 100);
	buf_init(&text, 200);
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		buf_clear(&value);
		buf_clear(&text);
		assert_true(oid_parse(good[i], &value));
		der_oid_text(buf_bytes(&value), &text);
		assert_string_equal(buf_text(&text), good[i]);
	}
	buf_done(&value);
	buf_done(&text);
}

static void
what_is_no_identifier_is_refused_and_leaves_nothing(void **state)
{
	static const char *const bad[] = {"", "1", "1.", ".1", "1.2.", "1..2", "3.1", "0.40",
	    "1.2.x", "1.02", "-1.2", "1.2 ", "1.2.99999999999999999999999"};
	struct buf value;

	buf_init(&value, 100);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_false(oid_parse(bad[i], &value));
		assert_int_equal(value.len, 0);
	}
	buf_done(&value);
}

static void
attribute_types_have_short_names(void **state)
{
	assert_string_equal(oid_attribute_name(oid_common_name), "CN");
	assert_string_equal(oid_attribute_name(oid_email), "emailAddress");
	assert_null(oid_attribute_name(oid_any_policy));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_dotted_identifier_goes_round),
	    cmocka_unit_test(what_is_no_identifier_is_refused_and_leaves_nothing),
	    cmocka_unit_test(attribute_types_have_short_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
