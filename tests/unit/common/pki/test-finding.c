/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/finding.h"

static void
the_first_row_of_the_table_comes_first(void **state)
{
	static const enum reason order[] = {REASON_PARSE, REASON_LIMITS, REASON_NO_ISSUER,
	    REASON_SIGNATURE, REASON_NOT_A_CA, REASON_PATH_LENGTH, REASON_KEY_USAGE,
	    REASON_CRITICAL_EXTENSION, REASON_NAME_CONSTRAINTS, REASON_POLICY,
	    REASON_NOT_YET_VALID, REASON_EXPIRED, REASON_EXT_KEY_USAGE, REASON_WEAK_KEY,
	    REASON_WEAK_SIGNATURE, REASON_NAME_MISMATCH, REASON_REVOKED, REASON_CRL_MISSING,
	    REASON_CRL_PATH, REASON_PROFILE_KEY, REASON_LEAF_IS_CA, REASON_NO_CERTIFICATE};
	struct findings findings;

	findings_init(&findings);
	assert_int_equal(findings.first, REASON_OK);
	for (size_t i = COUNT_OF(order); i > 0; i--) {
		findings_add(&findings, order[i - 1], 3, "%zu", i);
		assert_int_equal(findings.first, order[i - 1]);
	}
	findings_sort(&findings);
	for (size_t i = 0; i < COUNT_OF(order); i++)
		assert_int_equal(findings.items[i].reason, order[i]);
}

static void
the_leaf_comes_before_its_issuers_but_for_signatures(void **state)
{
	struct findings findings;

	findings_init(&findings);
	findings_add(&findings, REASON_EXPIRED, 2, "a");
	findings_add(&findings, REASON_EXPIRED, 0, "b");
	findings_add(&findings, REASON_SIGNATURE, 0, "c");
	findings_add(&findings, REASON_SIGNATURE, 1, "d");
	findings_add(&findings, REASON_EXPIRED, 0, "e");
	findings_sort(&findings);
	assert_string_equal(findings.items[0].detail, "d");
	assert_string_equal(findings.items[1].detail, "c");
	assert_int_equal(findings.items[2].depth, 0);
	assert_int_equal(findings.items[4].depth, 2);
}

static void
a_full_list_still_has_its_reason(void **state)
{
	struct findings findings;
	char longer[2 * FINDING_DETAIL_SIZE];

	findings_init(&findings);
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	for (unsigned int i = 0; i < FINDING_MAX + 5; i++)
		findings_add(&findings, REASON_EXPIRED, i, "%s", longer);
	assert_int_equal(findings.count, FINDING_MAX);
	assert_int_equal(strlen(findings.items[0].detail), FINDING_DETAIL_SIZE - 1);
	findings_add(&findings, REASON_REVOKED, 0, "later in the order: dropped");
	findings_add(&findings, REASON_PARSE, 7, "first");
	assert_int_equal(findings.count, FINDING_MAX);
	findings_sort(&findings);
	assert_int_equal(findings.items[0].reason, REASON_PARSE);
	assert_int_equal(findings.items[0].depth, 7);
	assert_int_equal(findings.items[FINDING_MAX - 1].reason, REASON_EXPIRED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_row_of_the_table_comes_first),
	    cmocka_unit_test(the_leaf_comes_before_its_issuers_but_for_signatures),
	    cmocka_unit_test(a_full_list_still_has_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
