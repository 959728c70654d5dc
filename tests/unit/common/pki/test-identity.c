/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/identity.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

enum {
	ROOM = 1 << 16
};

static struct pki_key *key;

/* A leaf with a raw subject, or a CN, and names (NULL: none). */
static struct cert *
leaf(const char *cn, struct bytes raw_subject, const char *const *names)
{
	struct pki_cert_spec spec = {.subject = cn, .raw_subject = raw_subject, .issuer = "ca"};
	struct buf der, extra;
	struct cert *cert;

	buf_init(&der, ROOM);
	buf_init(&extra, ROOM);
	if (names != NULL)
		ext_subject_alt_name(&extra, names);
	spec.extra = buf_bytes(&extra);
	pki_build_cert(&spec, key, key, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&der);
	buf_done(&extra);
	return cert;
}

/* The identity, or the reason's text where there is none. */
static void
check(struct cert *cert, enum reason expected, const char *text)
{
	char identity[IDENTITY_SIZE] = "untouched";
	const char *why = "untouched";

	assert_int_equal(identity_of(cert, identity, &why), expected);
	if (expected == REASON_OK)
		assert_string_equal(identity, text);
	else
		assert_non_null(strstr(why, text));
	cert_free(cert);
}

#define CHECK_CN(cn, names, expected, text) \
	check(leaf(cn, (struct bytes){0}, names), expected, text)

static void
the_identity_is_the_cn_in_lower_case(void **state)
{
	CHECK_CN("Sensor-7.Plant.Example", NULL, REASON_OK, "sensor-7.plant.example");
	CHECK_CN("sensor-7", NULL, REASON_OK, "sensor-7");
	CHECK_CN("a.example", LIST("DNS:b.example", "DNS:A.Example"), REASON_OK, "a.example");
	CHECK_CN("a.example", LIST("IP:10.0.0.1"), REASON_OK, "a.example");
}

static void
what_is_no_domain_name_is_no_identity(void **state)
{
	static const char *const bad[] = {"Some Person", "a_b.example", "a..b", "-a", "a.",
	    "caf\xc3\xa9.example", "a\n", "http://a"};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CHECK_CN(bad[i], NULL, REASON_PROFILE_CN, "no domain name");
	CHECK_CN("", NULL, REASON_PROFILE_CN, "no CN");
	CHECK_CN("*.example", NULL, REASON_PROFILE_WILDCARD, "wildcard");
	CHECK_CN("a.example", LIST("DNS:b.example"), REASON_PROFILE_CN, "not among");
}

static void
sixty_four_bytes_fit_and_one_more_does_not(void **state)
{
	static const char longest[] =
	    "a123456789012345678901234567890123456789.12345678901234567890123";

	assert_int_equal(strlen(longest), 64);
	CHECK_CN(longest, NULL, REASON_OK, longest);
	CHECK_CN("b"
		 "a123456789012345678901234567890123456789.12345678901234567890123",
	    NULL, REASON_PROFILE_CN, "longer than 64");
}

static void
a_cn_with_a_nul_two_cns_and_a_cn_that_is_no_string_are_refused(void **state)
{
	struct der_build build;
	const struct {
		uint8_t first_tag;
		const char *first;
		size_t first_len;
		bool second;
		const char *text;
	} cases[] = {
	    {DER_UTF8_STRING, "a.example\0.evil", 15, false, "no domain name"},
	    {DER_UTF8_STRING, "a.example", 9, true, "two CNs"},
	    {DER_BIT_STRING, "\0a", 2, false, "not a string"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		der_build_init(&build);
		der_build_open(&build, DER_SEQUENCE);
		for (int j = 0; j < (cases[i].second ? 2 : 1); j++) {
			der_build_open(&build, DER_SET);
			der_build_open(&build, DER_SEQUENCE);
			der_build_oid(&build, "2.5.4.3");
			der_build_value(&build, cases[i].first_tag, cases[i].first,
			    cases[i].first_len);
			der_build_close(&build);
			der_build_close(&build);
		}
		der_build_close(&build);
		check(leaf(NULL, der_build_bytes(&build), NULL), REASON_PROFILE_CN,
		    cases[i].text);
		der_build_done(&build);
	}
}

static void
identities_compare_in_any_case_over_their_whole_length(void **state)
{
	assert_true(identity_equal(bytes_of_text("A.example"), bytes_of_text("a.EXAMPLE")));
	assert_false(identity_equal(bytes_of_text("a.example"), bytes_of_text("a.example.b")));
	assert_false(identity_equal(bytes_of_text("a"), bytes_of("a\0b", 3)));
	assert_true(identity_valid(bytes_of_text("a.example")));
	assert_false(identity_valid(bytes_of_text("*.example")));
	assert_false(identity_valid(bytes_of_text("")));
}

static int
make_key(void **state)
{
	key = pki_key_new();
	return 0;
}

static int
free_key(void **state)
{
	pki_key_free(key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_identity_is_the_cn_in_lower_case),
	    cmocka_unit_test(what_is_no_domain_name_is_no_identity),
	    cmocka_unit_test(sixty_four_bytes_fit_and_one_more_does_not),
	    cmocka_unit_test(a_cn_with_a_nul_two_cns_and_a_cn_that_is_no_string_are_refused),
	    cmocka_unit_test(identities_compare_in_any_case_over_their_whole_length),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
