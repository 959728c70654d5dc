/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/reason.h"

static void
every_reason_has_a_slug_of_its_own_and_something_to_say(void **state)
{
	for (unsigned int i = 0; i < REASON_COUNT; i++) {
		const struct reason_info *info = reason_info((enum reason)i);
		enum reason back;

		assert_true(reason_from_slug(info->slug, &back));
		assert_int_equal(back, i);
		assert_string_equal(reason_slug((enum reason)i), info->slug);
		assert_true(info->sentence[0] != '\0');
		assert_true(i == REASON_OK || info->advice[0] != '\0');
		assert_true(reason_severity_text(info->severity)[0] != '\0');
		assert_true(reason_retry_text(info->retry)[0] != '\0');
	}
}

static void
a_slug_that_is_none_is_refused(void **state)
{
	enum reason reason;

	assert_false(reason_from_slug("", &reason));
	assert_false(reason_from_slug("Revoked", &reason));
	assert_false(reason_from_slug("revoked ", &reason));
}

static void
revoked_is_an_answer_and_no_missing_crl(void **state)
{
	assert_true(reason_is_crl(REASON_CRL_MISSING));
	assert_true(reason_is_crl(REASON_CRL_PATH));
	assert_false(reason_is_crl(REASON_REVOKED));
	assert_false(reason_is_crl(REASON_OK));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_reason_has_a_slug_of_its_own_and_something_to_say),
	    cmocka_unit_test(a_slug_that_is_none_is_refused),
	    cmocka_unit_test(revoked_is_an_answer_and_no_missing_crl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
