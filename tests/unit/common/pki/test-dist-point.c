/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/dist_point.h"
#include "common/pki/name.h"
#include "tests/lib/der_build.h"

#define BYTES(...) \
	bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Names for cases; each test that fills them clears them with memory_done. */
static struct der_build memory[16];
static size_t memory_used;

static int
memory_done(void **state)
{
	while (memory_used > 0)
		der_build_done(&memory[--memory_used]);
	return 0;
}

static struct der_build *
memory_next(void)
{
	struct der_build *build = &memory[memory_used++];

	der_build_init(build);
	return build;
}

/* A distribution point read from what is built; one with exactly this point. */
static struct dist_point
point_of(struct der_build *contents)
{
	struct der_build *list = memory_next();
	struct dist_point_walk walk;
	struct dist_point point;
	struct bytes inner = der_build_bytes(contents);

	der_build_open(list, DER_SEQUENCE);
	der_build_value(list, DER_SEQUENCE, inner.data, inner.len);
	der_build_close(list);
	dist_point_begin(&walk, der_build_bytes(list));
	assert_true(dist_point_next(&walk, &point));
	return point;
}

static struct dist_point
uri_point(const char *uri)
{
	struct der_build *build = memory_next();

	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_text(build, DER_CONTEXT(6), uri);
	der_build_close(build);
	der_build_close(build);
	return point_of(build);
}

static struct dist_point
directory_point(const char *cn)
{
	struct der_build *build = memory_next();

	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(4));
	der_build_name(build, cn);
	der_build_close(build);
	der_build_close(build);
	der_build_close(build);
	return point_of(build);
}

/* CN=issuer, CN=cn, either whole or relative to CN=issuer. */
static struct dist_point
two_step_point(const char *issuer, const char *cn)
{
	struct der_build *build = memory_next();
	const char *const steps[] = {issuer, cn};

	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	if (issuer != NULL) {
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(4));
		der_build_open(build, DER_SEQUENCE);
	}
	for (size_t i = issuer == NULL; i < 2; i++) {
		der_build_open(build, issuer != NULL ? DER_SET : DER_CONTEXT_CONSTRUCTED(1));
		der_build_open(build, DER_SEQUENCE);
		der_build_oid(build, "2.5.4.3");
		der_build_text(build, DER_PRINTABLE_STRING, steps[i]);
		der_build_close(build);
		der_build_close(build);
	}
	if (issuer != NULL) {
		der_build_close(build);
		der_build_close(build);
		der_build_close(build);
	}
	der_build_close(build);
	return point_of(build);
}

static bool
match(const struct dist_point *a, const struct dist_point *b, const char *crl_issuer)
{
	struct der_build *name = memory_next();
	struct der_fault fault;
	struct buf canonical;
	struct der der;
	bool result;

	der_build_name(name, crl_issuer);
	buf_init(&canonical, 4096);
	der = der_begin(der_build_bytes(name), &fault);
	(void)name_read(&der, &canonical);
	result = dist_point_names_match(&a->names, &b->names, buf_bytes(&canonical));
	assert_int_equal(result,
	    dist_point_names_match(&b->names, &a->names, buf_bytes(&canonical)));
	buf_done(&canonical);
	return result;
}

/* The fault of a list of points; NULL where it is well formed. */
static const char *
list_fault(struct bytes value)
{
	static struct der_fault fault;
	struct der der = der_begin(value, &fault);

	dist_point_check(&der);
	return fault.what;
}

static void
uris_match_byte_for_byte(void **state)
{
	struct dist_point a = uri_point("http://a/1"), same = uri_point("http://a/1");
	struct dist_point other = uri_point("http://A/1");

	assert_true(match(&a, &same, "CA"));
	assert_false(match(&a, &other, "CA"));
}

static void
directory_names_match_by_the_rules_of_names(void **state)
{
	struct dist_point a = directory_point("Plant  CRL"),
			  same = directory_point("plant crl");
	struct dist_point other = directory_point("plant"), uri = uri_point("plant crl");

	assert_true(match(&a, &same, "CA"));
	assert_false(match(&a, &other, "CA"));
	assert_false(match(&a, &uri, "CA"));
}

static void
a_relative_name_continues_that_of_the_crl_issuer(void **state)
{
	struct dist_point relative = two_step_point(NULL, "part 1");
	struct dist_point whole = two_step_point("CA", "part 1");

	assert_true(match(&relative, &whole, "CA"));
	assert_false(match(&relative, &whole, "Other"));
	assert_true(match(&relative, &relative, "CA"));
}

static void
a_point_tells_its_reasons_and_crl_issuer(void **state)
{
	struct der_build *build = memory_next();
	struct dist_point point;

	der_build_raw(build, BYTES(0x81, 2, 0, 0xc1));
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(2));
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(4));
	der_build_name(build, "CA");
	der_build_close(build);
	der_build_close(build);
	point = point_of(build);
	assert_false(point.has_names);
	assert_true(point.has_crl_issuer);
	assert_int_equal(point.crl_issuer.count, 1);
	/* bit 0 is not a reason */
	assert_int_equal(point.reasons, 1 << 1 | 1 << 7);
	point = uri_point("http://a/");
	assert_int_equal(point.reasons, DIST_POINT_ALL_REASONS);
	assert_false(point.names.unusable);
}

static void
lists_of_points_are_checked_for_their_form(void **state)
{
	assert_null(list_fault(BYTES(0x30, 9, 0x30, 7, 0xa0, 5, 0xa0, 3, 0x86, 1, 'a')));
	assert_string_equal(list_fault(BYTES(0x30, 0)), "empty list of distribution points");
	assert_string_equal(list_fault(BYTES(0x30, 6, 0x30, 4, 0x81, 2, 0, 2)),
	    "a distribution point without a name");
	assert_string_equal(list_fault(BYTES(0x30, 6, 0x30, 4, 0xa0, 2, 0xa0, 0)),
	    "empty list of names");
	assert_non_null(list_fault(BYTES(0x30, 6, 0x30, 4, 0xa0, 2, 0xa1, 0)));
	assert_non_null(list_fault(BYTES(0x30, 2, 0x30, 0)));
	assert_string_equal(list_fault(
				BYTES(0x30, 9, 0x30, 7, 0xa0, 5, 0xa0, 3, 0x86, 1, 'a', 0)),
	    "trailing bytes");
}

static void
too_many_points_or_names_are_refused(void **state)
{
	struct der_build *points = memory_next(), *names = memory_next();

	der_build_open(points, DER_SEQUENCE);
	for (int i = 0; i < DIST_POINT_MAX + 1; i++)
		der_build_raw(points, BYTES(0x30, 7, 0xa0, 5, 0xa0, 3, 0x86, 1, 'a'));
	der_build_close(points);
	assert_string_equal(list_fault(der_build_bytes(points)),
	    "too many distribution points");
	der_build_open(names, DER_SEQUENCE);
	der_build_open(names, DER_SEQUENCE);
	der_build_open(names, DER_CONTEXT_CONSTRUCTED(0));
	der_build_open(names, DER_CONTEXT_CONSTRUCTED(0));
	for (int i = 0; i < DIST_POINT_NAME_MAX + 1; i++)
		der_build_text(names, DER_CONTEXT(6), "http://a/");
	for (int i = 0; i < 4; i++)
		der_build_close(names);
	assert_string_equal(list_fault(der_build_bytes(names)),
	    "too many names in a distribution point");
}

static void
a_scope_has_its_flags_and_reasons(void **state)
{
	struct dist_point_scope scope;
	struct der_fault fault;
	struct der der;

	der =
	    der_begin(BYTES(0x30, 10, 0x82, 1, 0xff, 0x83, 2, 5, 0x60, 0x84, 1, 0xff), &fault);
	dist_point_read_scope(&der, &scope);
	assert_true(der_ok(&der));
	assert_true(scope.only_ca_certs && scope.indirect);
	assert_false(scope.only_user_certs || scope.only_attribute_certs || scope.has_names);
	assert_int_equal(scope.reasons, 1 << 1 | 1 << 2);
}

#define CASE(name) cmocka_unit_test_teardown(name, memory_done)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(uris_match_byte_for_byte),
	    CASE(directory_names_match_by_the_rules_of_names),
	    CASE(a_relative_name_continues_that_of_the_crl_issuer),
	    CASE(a_point_tells_its_reasons_and_crl_issuer),
	    CASE(lists_of_points_are_checked_for_their_form),
	    CASE(too_many_points_or_names_are_refused),
	    CASE(a_scope_has_its_flags_and_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
