/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <stdio.h>

#include "common/pki/extension.h"
#include "tests/lib/der_build.h"

/* A list of extensions 1.2.0, 1.2.1, ... with the values 05 00. */
static struct der_build
list_of(int count)
{
	struct der_build build;

	der_build_init(&build);
	der_build_open(&build, DER_SEQUENCE);
	for (int i = 0; i < count; i++) {
		char oid[20];

		snprintf(oid, sizeof oid, "1.2.%d", i);
		der_build_open_extension(&build, oid, i == 1);
		der_build_value(&build, DER_NULL, NULL, 0);
		der_build_close_extension(&build);
	}
	der_build_close(&build);
	return build;
}

/* How many extensions of a list are read; the fault in *ret_what. */
static size_t
read_list(struct bytes list_der, const char **ret_what)
{
	struct der_fault fault;
	struct der der = der_begin(list_der, &fault);
	struct extension_list list;
	struct extension extension;
	size_t count = 0;

	extension_list_open(&list, &der);
	while (extension_list_next(&list, &extension))
		count++;
	*ret_what = fault.what;
	return count;
}

static void
extensions_come_with_criticality_and_value(void **state)
{
	struct der_build build = list_of(2);
	struct der_fault fault;
	struct der der = der_begin(der_build_bytes(&build), &fault), value;
	struct extension_list list;
	struct extension extension;

	extension_list_open(&list, &der);
	assert_true(extension_list_next(&list, &extension));
	assert_false(extension.critical || extension.false_written);
	assert_int_equal(extension_ce(&extension), -1);
	assert_true(extension_list_next(&list, &extension));
	assert_true(extension.critical);
	value = extension_value(&list, &extension);
	assert_true(der_next_is(&value, DER_NULL));
	assert_false(extension_list_next(&list, &extension));
	assert_true(der_ok(&der));
	der_build_done(&build);
}

static void
a_list_has_at_least_one_and_not_too_many(void **state)
{
	struct der_build none = list_of(0), most = list_of(EXTENSION_MAX),
			 more = list_of(EXTENSION_MAX + 1);
	const char *what;

	assert_int_equal(read_list(der_build_bytes(&none), &what), 0);
	assert_string_equal(what, "empty list of extensions");
	assert_int_equal(read_list(der_build_bytes(&most), &what), EXTENSION_MAX);
	assert_null(what);
	assert_int_equal(read_list(der_build_bytes(&more), &what), EXTENSION_MAX);
	assert_string_equal(what, "too many extensions");
	der_build_done(&none);
	der_build_done(&most);
	der_build_done(&more);
}

static void
an_extension_that_comes_twice_is_a_fault(void **state)
{
	struct der_build build;
	const char *what;

	der_build_init(&build);
	der_build_open(&build, DER_SEQUENCE);
	for (int i = 0; i < 2; i++) {
		der_build_open_extension(&build, "2.5.29.20", false);
		der_build_close_extension(&build);
	}
	der_build_close(&build);
	assert_int_equal(read_list(der_build_bytes(&build), &what), 1);
	assert_string_equal(what, "an extension appears twice");
	der_build_done(&build);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(extensions_come_with_criticality_and_value),
	    cmocka_unit_test(a_list_has_at_least_one_and_not_too_many),
	    cmocka_unit_test(an_extension_that_comes_twice_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
