/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/name_constraints.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

enum {
	ROOM = 1 << 16,
	BUDGET = 1 << 20,
};

static struct pki_key *key;

static struct cert *
cert_with(const char *cn, bool is_ca, const struct buf *extra)
{
	const struct pki_cert_spec spec = {.subject = cn,
	    .issuer = "ca",
	    .is_ca = is_ca,
	    .extra = buf_bytes(extra)};
	struct buf der;
	struct cert *cert;

	buf_init(&der, ROOM);
	pki_build_cert(&spec, key, key, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&der);
	return cert;
}

/* Judges a leaf of this CN and these names (NULL: no subjectAltName) under constraints. */
static enum reason
judge_all(const char *cn, const char *const *names, const char *const *permitted,
    const char *const *excluded, bool identity, size_t *budget, struct buf *detail)
{
	struct buf ca_extra, leaf_extra;
	struct cert *ca, *leaf;
	struct name_set *set;
	enum reason reason;

	buf_init(&ca_extra, ROOM);
	buf_init(&leaf_extra, ROOM);
	ext_name_constraints(&ca_extra, permitted, excluded);
	if (names != NULL)
		ext_subject_alt_name(&leaf_extra, names);
	ca = cert_with("ca", true, &ca_extra);
	leaf = cert_with(cn, false, &leaf_extra);
	set = name_set_new(leaf, true, identity);
	reason = name_constraints_judge(ca, set, budget, detail);
	name_set_free(set);
	cert_free(leaf);
	cert_free(ca);
	buf_done(&ca_extra);
	buf_done(&leaf_extra);
	return reason;
}

/* One name of a leaf without a subject under one constraint. */
static bool
allows(bool excluded, const char *base, const char *name)
{
	size_t budget = BUDGET;
	struct buf detail;
	enum reason reason;

	buf_init(&detail, 1000);
	reason = judge_all("", LIST(name), excluded ? NULL : LIST(base),
	    excluded ? LIST(base) : NULL, false, &budget, &detail);
	assert_int_equal(detail.len > 0, reason != REASON_OK);
	buf_done(&detail);
	return reason == REASON_OK;
}

struct pair {
	const char *base;
	const char *name;
	bool permitted; /* the name is let through when the base is permitted... */
	bool excluded;  /* ...and when it is excluded */
};

static void
check(const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (allows(false, pairs[i].base, pairs[i].name) != pairs[i].permitted)
			fail_msg("permitted %s, %s", pairs[i].base, pairs[i].name);
		if (allows(true, pairs[i].base, pairs[i].name) != pairs[i].excluded)
			fail_msg("excluded %s, %s", pairs[i].base, pairs[i].name);
	}
}

static void
dns_names_are_inside_by_labels(void **state)
{
	static const struct pair pairs[] = {
	    {"DNS:example.com", "DNS:example.com", true, false},
	    {"DNS:example.com", "DNS:a.EXAMPLE.com", true, false},
	    {"DNS:example.com", "DNS:anexample.com", false, true},
	    {"DNS:a.example.com", "DNS:example.com", false, true},
	    {"DNS:", "DNS:anything", true, false},
	    {"DNS:.example.com", "DNS:a.example.com", true, false},
	    {"DNS:.example.com", "DNS:example.com", false, false},
	    {"DNS:.example.com", "DNS:anexample.com", false, true},
	    /* a wildcard that covers the base is neither inside nor outside */
	    {"DNS:example.com", "DNS:*.example.com", true, false},
	    {"DNS:a.example.com", "DNS:*.example.com", false, false},
	    {"DNS:a.b.example.com", "DNS:*.example.com", false, true},
	    {"DNS:other.com", "DNS:*.example.com", false, true},
	    /* what is no DNS name can't be judged */
	    {"DNS:example.com", "DNS:.example.com", false, false},
	    {"DNS:example.com", "DNS:a..example.com", false, false},
	    {"DNS:example.com", "DNS:a.example.com.", false, false},
	    {"DNS:example.com", "DNS:a*.example.com", false, false},
	};

	check(pairs, COUNT_OF(pairs));
}

static void
mail_addresses_are_inside_by_box_host_or_domain(void **state)
{
	static const struct pair pairs[] = {
	    {"email:a@example.com", "email:a@EXAMPLE.com", true, false},
	    {"email:a@example.com", "email:A@example.com", false, true},
	    {"email:example.com", "email:a@Example.com", true, false},
	    {"email:example.com", "email:a@b.example.com", false, true},
	    {"email:.example.com", "email:a@b.example.com", true, false},
	    {"email:.example.com", "email:a@example.com", false, true},
	    {"email:", "email:a@b", true, false},
	    {"email:*@example.com", "email:a@example.com", false, true},
	    {"email:*@example.com", "email:*@example.com", true, false},
	    {"email:example.com", "email:a@b@example.com", false, false},
	    {"email:example.com", "email:example.com", false, false},
	    {"email:example.com", "email:a@[10.0.0.1]", false, false},
	    {"email:a@b@c", "email:a@example.com", false, false},
	    {"email:-", "email:a@example.com", false, false},
	};

	check(pairs, COUNT_OF(pairs));
}

static void
uris_are_inside_by_their_host(void **state)
{
	static const struct pair pairs[] = {
	    {"URI:example.com", "URI:http://EXAMPLE.com/a", true, false},
	    {"URI:example.com", "URI:http://a.example.com/a", false, true},
	    {"URI:.example.com", "URI:http://u@a.example.com:80/a", true, false},
	    {"URI:.example.com", "URI:http://example.com/", false, true},
	    {"URI:", "URI:http://example.com/", true, false},
	    {"URI:example.com", "URI:urn:a", false, false},
	    {"URI:example.com", "URI:http://10.0.0.1/", false, false},
	    {"URI:example.com", "URI:http://[::1]/", false, false},
	    {"URI:http://example.com", "URI:http://example.com/", false, false},
	};

	check(pairs, COUNT_OF(pairs));
}

static void
addresses_are_inside_by_the_mask_of_their_family(void **state)
{
	static const struct pair pairs[] = {
	    {"IP:10.1.0.0/255.255.0.0", "IP:10.1.2.3", true, false},
	    {"IP:10.1.0.0/255.255.0.0", "IP:10.2.2.3", false, true},
	    {"IP:10.1.0.0/255.240.0.0", "IP:10.15.0.1", true, false},
	    {"IP:0.0.0.0/0.0.0.0", "IP:10.2.2.3", true, false},
	    {"IP:0.0.0.0/0.0.0.0", "IP:::1", false, true},
	    {"IP:2001:db8::/ffff:ffff::", "IP:2001:db8::1", true, false},
	    {"IP:2001:db8::/ffff:ffff::", "IP:2001:db9::1", false, true},
	};

	check(pairs, COUNT_OF(pairs));
}

static void
directory_names_are_inside_by_rdns(void **state)
{
	static const struct pair pairs[] = {
	    {"DN:Plant", "DN:PLANT", true, false},
	    {"DN:Plant", "DN:Plants", false, true},
	    {"DN:", "DN:Plant", true, false},
	};

	check(pairs, COUNT_OF(pairs));
}

static void
a_constraint_on_another_kind_refuses_only_that_kind(void **state)
{
	static const struct pair pairs[] = {
	    {"other:x", "other:x", false, false},
	    {"RID:1.2.3", "RID:1.2.3", false, false},
	    {"other:x", "DNS:example.com", true, true},
	    {"DNS:example.com", "other:x", true, true},
	    {"DNS:example.com", "IP:10.0.0.1", true, true},
	};

	check(pairs, COUNT_OF(pairs));
}

/* A leaf with a subject and perhaps names. */
static enum reason
judge(const char *cn, const char *const *names, const char *const *permitted,
    const char *const *excluded, bool identity)
{
	size_t budget = BUDGET;
	struct buf detail;
	enum reason reason;

	buf_init(&detail, 1000);
	reason = judge_all(cn, names, permitted, excluded, identity, &budget, &detail);
	buf_done(&detail);
	return reason;
}

static void
the_subject_counts_as_a_directory_name(void **state)
{
	assert_int_equal(judge("s7", LIST("DNS:a"), LIST("DN:s7"), NULL, false), REASON_OK);
	assert_int_equal(judge("s7", LIST("DNS:a"), LIST("DN:s8"), NULL, false),
	    REASON_NAME_CONSTRAINTS);
	assert_int_equal(judge("s7", LIST("DN:s8"), LIST("DN:s7"), NULL, false),
	    REASON_NAME_CONSTRAINTS);
	assert_int_equal(judge("s7", NULL, NULL, LIST("DN:s7"), false),
	    REASON_NAME_CONSTRAINTS);
}

static void
the_cn_of_a_leaf_counts_as_a_host_where_no_dns_name_stands_beside_it(void **state)
{
	const char *const *plant = LIST("DNS:plant.example");

	assert_int_equal(judge("s7.plant.example", NULL, plant, NULL, false), REASON_OK);
	assert_int_equal(judge("s7.other.example", NULL, plant, NULL, false),
	    REASON_NAME_CONSTRAINTS);
	assert_int_equal(judge("s7.other.example", LIST("DNS:plant.example"), plant, NULL,
			     false),
	    REASON_OK);
	assert_int_equal(judge("Some Person", NULL, plant, NULL, false), REASON_OK);
	assert_int_equal(judge("s7", NULL, plant, NULL, false), REASON_OK);
	/* an appliance is known by its CN, whatever stands beside it */
	assert_int_equal(judge("s7", NULL, plant, NULL, true), REASON_NAME_CONSTRAINTS);
	assert_int_equal(judge("s7.other.example", LIST("DNS:plant.example"), plant, NULL,
			     true),
	    REASON_NAME_CONSTRAINTS);
}

static void
every_kind_has_to_pass_and_exclusion_wins(void **state)
{
	const char *const *names = LIST("DNS:a.example", "IP:10.0.0.1");

	assert_int_equal(judge("", names, LIST("DNS:example", "IP:10.0.0.0/255.0.0.0"), NULL,
			     false),
	    REASON_OK);
	assert_int_equal(judge("", names, LIST("DNS:example", "IP:11.0.0.0/255.0.0.0"), NULL,
			     false),
	    REASON_NAME_CONSTRAINTS);
	assert_int_equal(judge("", names, LIST("DNS:example"), LIST("DNS:a.example"), false),
	    REASON_NAME_CONSTRAINTS);
	assert_int_equal(judge("", names, LIST("DNS:other", "DNS:example"), NULL, false),
	    REASON_OK);
}

static void
a_mail_address_in_the_subject_counts(void **state)
{
	struct buf ca_extra, detail;
	struct der_build subject;
	struct pki_cert_spec spec = {.issuer = "ca"};
	struct buf der;
	struct cert *ca, *leaf;
	struct name_set *set;
	size_t budget = BUDGET;

	buf_init(&ca_extra, ROOM);
	buf_init(&detail, 1000);
	buf_init(&der, ROOM);
	ext_name_constraints(&ca_extra, LIST("email:good.example"), NULL);
	ca = cert_with("ca", true, &ca_extra);
	der_build_init(&subject);
	der_build_open(&subject, DER_SEQUENCE);
	der_build_open(&subject, DER_SET);
	der_build_open(&subject, DER_SEQUENCE);
	der_build_oid(&subject, "1.2.840.113549.1.9.1");
	der_build_text(&subject, DER_IA5_STRING, "a@bad.example");
	der_build_close(&subject);
	der_build_close(&subject);
	der_build_close(&subject);
	spec.raw_subject = der_build_bytes(&subject);
	pki_build_cert(&spec, key, key, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &leaf, NULL), STATUS_OK);
	set = name_set_new(leaf, true, false);
	assert_int_equal(name_constraints_judge(ca, set, &budget, &detail),
	    REASON_NAME_CONSTRAINTS);
	assert_string_equal(buf_text(&detail),
	    "email:a@bad.example is not in a permitted subtree");
	name_set_free(set);
	cert_free(leaf);
	cert_free(ca);
	der_build_done(&subject);
	buf_done(&der);
	buf_done(&detail);
	buf_done(&ca_extra);
}

static void
the_budget_ends_what_would_take_long(void **state)
{
	const char *const *names = LIST("DNS:a.b", "DNS:c.b");
	const char *const *bases = LIST("DNS:x", "DNS:b");
	struct buf detail;
	/* the constraints are 14 bytes long, two names with two of them make four */
	size_t budget = 14 + 3;

	buf_init(&detail, 1000);
	assert_int_equal(judge_all("", names, bases, NULL, false, &budget, &detail),
	    REASON_LIMITS);
	assert_int_equal(budget, 3);
	assert_int_equal(judge_all("", names, bases, NULL, false, &budget, &detail),
	    REASON_LIMITS);
	budget = 14 + 4;
	assert_int_equal(judge_all("", names, bases, NULL, false, &budget, &detail), REASON_OK);
	assert_int_equal(budget, 0);
	/* names that no constraint speaks of cost no comparisons */
	budget = 16;
	assert_int_equal(judge_all("", names, LIST("IP:10.0.0.0/255.0.0.0"), NULL, false,
			     &budget, &detail),
	    REASON_OK);
	assert_int_equal(budget, 0);
	buf_done(&detail);
}

static bool
well_formed(const char *data, size_t len)
{
	struct der_fault fault;
	struct der der = der_begin(bytes_of(data, len), &fault);

	name_constraints_check(&der);
	der_end(&der);
	return der_ok(&der);
}

#define WELL_FORMED(literal) well_formed(literal, sizeof(literal) - 1)

static void
malformed_constraints_are_refused(void **state)
{
	assert_true(WELL_FORMED("\x30\x07\xa0\x05\x30\x03\x82\x01"
				"a"));
	assert_true(WELL_FORMED("\x30\x09\xa0\x05\x30\x03\x82\x01"
				"a\xa1\x00"));
	assert_false(WELL_FORMED("\x30\x00"));
	assert_false(WELL_FORMED("\x30\x02\xa0\x00"));
	assert_false(WELL_FORMED("\x30\x04\xa0\x00\xa1\x00"));
	/* minimum 1; a wildcard; a bad range: 3 bytes, and a mask with a hole */
	assert_false(WELL_FORMED("\x30\x0a\xa0\x08\x30\x06\x82\x01"
				 "a\x80\x01\x01"));
	assert_false(WELL_FORMED("\x30\x09\xa0\x07\x30\x05\x82\x03*.a"));
	assert_false(WELL_FORMED("\x30\x09\xa0\x07\x30\x05\x87\x03"
				 "abc"));
	assert_false(WELL_FORMED("\x30\x0e\xa0\x0c\x30\x0a\x87\x08\x0a\0\0\0\xff\0\xff\0"));
	assert_false(WELL_FORMED("\x30\x09\xa0\x05\x30\x03\x82\x01"
				 "a\x05\x00"));
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
	    cmocka_unit_test(dns_names_are_inside_by_labels),
	    cmocka_unit_test(mail_addresses_are_inside_by_box_host_or_domain),
	    cmocka_unit_test(uris_are_inside_by_their_host),
	    cmocka_unit_test(addresses_are_inside_by_the_mask_of_their_family),
	    cmocka_unit_test(directory_names_are_inside_by_rdns),
	    cmocka_unit_test(a_constraint_on_another_kind_refuses_only_that_kind),
	    cmocka_unit_test(the_subject_counts_as_a_directory_name),
	    cmocka_unit_test(
		the_cn_of_a_leaf_counts_as_a_host_where_no_dns_name_stands_beside_it),
	    cmocka_unit_test(every_kind_has_to_pass_and_exclusion_wins),
	    cmocka_unit_test(a_mail_address_in_the_subject_counts),
	    cmocka_unit_test(the_budget_ends_what_would_take_long),
	    cmocka_unit_test(malformed_constraints_are_refused),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
