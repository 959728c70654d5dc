/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/profile.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

enum {
	ROOM = 1 << 16
};

#define EKU_SERVER "1.3.6.1.5.5.7.3.1"
#define EKU_CLIENT "1.3.6.1.5.5.7.3.2"

static struct pki_key *rsa, *ec;

/* C=DE, O=Plant, OU=OT, CN=...; a letter left out of have is left out of the name. */
static void
build_subject(struct der_build *build, const char *have, const char *cn)
{
	static const struct {
		char letter;
		const char *oid;
		const char *value;
	} parts[] = {{'C', "2.5.4.6", "DE"}, {'O', "2.5.4.10", "Plant"},
	    {'U', "2.5.4.11", "OT"}};

	der_build_open(build, DER_SEQUENCE);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		if (strchr(have, parts[i].letter) == NULL)
			continue;
		der_build_open(build, DER_SET);
		der_build_open(build, DER_SEQUENCE);
		der_build_oid(build, parts[i].oid);
		der_build_text(build, DER_UTF8_STRING, parts[i].value);
		der_build_close(build);
		der_build_close(build);
	}
	der_build_open(build, DER_SET);
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, "2.5.4.3");
	der_build_text(build, DER_UTF8_STRING, cn);
	der_build_close(build);
	der_build_close(build);
	der_build_close(build);
}

/* A certificate that breaks no rule, but for what a case changes. */
struct variant {
	const char *have; /* of the subject; NULL: all */
	const char *cn;
	const char *const *eku; /* NULL: both */
	bool no_eku;
	const char *const *points; /* NULL: one http:// URL */
	bool no_points;
	const char *const *names;
	unsigned int key_usage; /* 0: digitalSignature */
	bool no_key_usage;
	bool is_ca;
	bool self_signed;
	bool by_ec;
	const struct pki_key *key;
	int64_t not_before_s, not_after_s;
	struct bytes raw_points;
};

static struct profile_findings
check(const struct variant *variant, const struct profile_params *params)
{
	const char *cn = variant->cn != NULL ? variant->cn : "s7.plant.example";
	const struct pki_key *key = variant->key != NULL ? variant->key : rsa;
	struct pki_cert_spec spec = {.issuer = "ca",
	    .is_ca = variant->is_ca,
	    .not_before_s = variant->not_before_s,
	    .not_after_s = variant->not_after_s,
	    .key_usage = variant->key_usage};
	struct profile_findings findings;
	struct der_build subject;
	struct buf der, extra;
	struct cert *cert;

	buf_init(&der, ROOM);
	buf_init(&extra, ROOM);
	der_build_init(&subject);
	build_subject(&subject, variant->have != NULL ? variant->have : "COU", cn);
	spec.raw_subject = der_build_bytes(&subject);
	if (variant->self_signed)
		spec.raw_issuer = spec.raw_subject;
	if (spec.key_usage == 0 && !variant->no_key_usage)
		spec.key_usage = CERT_KU_DIGITAL_SIGNATURE;
	if (!variant->no_eku)
		ext_ext_key_usage(&extra,
		    variant->eku != NULL ? variant->eku : LIST(EKU_SERVER, EKU_CLIENT));
	if (variant->raw_points.len > 0)
		ext_any(&extra, "2.5.29.31", false, variant->raw_points);
	else if (!variant->no_points)
		ext_crl_dist_points(&extra, variant->points != NULL
						? variant->points
						: LIST("http://ca.plant.example:8080/ca.crl"));
	if (variant->names != NULL)
		ext_subject_alt_name(&extra, variant->names);
	spec.extra = buf_bytes(&extra);
	pki_build_cert(&spec, key, variant->by_ec ? ec : rsa, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	profile_check(cert, params, &findings);
	cert_free(cert);
	der_build_done(&subject);
	buf_done(&der);
	buf_done(&extra);
	return findings;
}

static const struct profile_params ordinary = {.now_s = PKI_BUILD_NOW,
    .uses = PROFILE_USE_DIALS | PROFILE_USE_LISTENS};

/* Exactly one finding, and this one. */
static void
one(const struct variant *variant, const struct profile_params *params, enum reason reason,
    enum profile_level level, const char *clause)
{
	struct profile_findings findings = check(variant, params);

	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.items[0].reason, reason);
	assert_int_equal(findings.items[0].level, level);
	assert_string_equal(findings.items[0].clause, clause);
	assert_true(findings.items[0].detail[0] != '\0' && findings.items[0].fix[0] != '\0');
	assert_int_equal(profile_refuses(&findings, PROFILE_INSTALL), level >= PROFILE_INSTALL);
	assert_int_equal(profile_refuses(&findings, PROFILE_CONNECT), level >= PROFILE_CONNECT);
}

static void
a_certificate_by_the_book_has_no_finding(void **state)
{
	struct profile_findings findings = check(&(struct variant){0}, &ordinary);

	assert_int_equal(findings.count, 0);
	assert_false(profile_refuses(&findings, PROFILE_WARNING));
	findings = check(&(struct variant){.names = LIST("DNS:s7.plant.example")}, &ordinary);
	assert_int_equal(findings.count, 0);
}

static void
keys_and_hashes_are_rsa_and_sha2(void **state)
{
	struct pki_key *small = pki_key_new_kind(PKI_KEY_RSA1024);

	one(&(struct variant){.key = small}, &ordinary, REASON_PROFILE_KEY, PROFILE_CONNECT,
	    "S1 A1.08");
	one(&(struct variant){.key = ec}, &ordinary, REASON_PROFILE_KEY, PROFILE_CONNECT,
	    "S1 A1.08");
	one(&(struct variant){.by_ec = true}, &ordinary, REASON_PROFILE_HASH, PROFILE_CONNECT,
	    "S1 A1.07");
	pki_key_free(small);
}

static void
the_name_is_one_domain_name_without_a_wildcard(void **state)
{
	one(&(struct variant){.cn = "Some Sensor"}, &ordinary, REASON_PROFILE_CN,
	    PROFILE_CONNECT, "S1 A1.12");
	one(&(struct variant){.cn = "*.plant.example"}, &ordinary, REASON_PROFILE_WILDCARD,
	    PROFILE_CONNECT, "S1 A1.03");
	one(&(struct variant){.names = LIST("DNS:s7.plant.example", "DNS:*.plant.example")},
	    &ordinary, REASON_PROFILE_WILDCARD, PROFILE_CONNECT, "S1 A1.03");
}

static void
the_subject_has_country_organization_and_unit(void **state)
{
	one(&(struct variant){.have = "OU"}, &ordinary, REASON_PROFILE_SUBJECT, PROFILE_INSTALL,
	    "S1 A1.12");
	one(&(struct variant){.have = "CU"}, &ordinary, REASON_PROFILE_SUBJECT, PROFILE_INSTALL,
	    "S1 A1.12");
	one(&(struct variant){.have = "CO"}, &ordinary, REASON_PROFILE_SUBJECT, PROFILE_INSTALL,
	    "S1 A1.12");
	assert_int_equal(check(&(struct variant){.have = ""}, &ordinary).count, 3);
}

static void
the_dates_are_around_now(void **state)
{
	one(&(struct variant){.not_after_s = PKI_BUILD_NOW - 1}, &ordinary, REASON_EXPIRED,
	    PROFILE_INSTALL, "S1 A1.09");
	one(&(struct variant){.not_before_s = PKI_BUILD_NOW + 1}, &ordinary,
	    REASON_NOT_YET_VALID, PROFILE_INSTALL, "S1 A1.09");
}

static void
the_distribution_point_is_http(void **state)
{
	const struct profile_params off = {.now_s = PKI_BUILD_NOW, .validation_off = true};

	one(&(struct variant){.no_points = true}, &ordinary, REASON_PROFILE_CDP,
	    PROFILE_INSTALL, "S1 A1.10");
	one(&(struct variant){.points = LIST("https://ca.example/ca.crl")}, &ordinary,
	    REASON_PROFILE_CDP, PROFILE_INSTALL, "S1 A1.10");
	one(&(struct variant){.points = LIST("ldap://ca.example/ca")}, &ordinary,
	    REASON_PROFILE_CDP, PROFILE_INSTALL, "S1 A1.10");
	one(&(struct variant){.points =
				  LIST("HTTP://ca.example/ca.crl", "https://ca.example/x")},
	    &ordinary, REASON_PROFILE_CDP, PROFILE_WARNING, "S1 A1.10");
	one(&(struct variant){.raw_points = bytes_of("\x30\x01\x00", 3)}, &ordinary,
	    REASON_PROFILE_CDP, PROFILE_INSTALL, "S1 A1.10");
	/* when validation is off; then having one is the finding, and having none is not */
	one(&(struct variant){0}, &off, REASON_PROFILE_CDP, PROFILE_WARNING, "S0 A1.11");
	assert_int_equal(check(&(struct variant){.no_points = true}, &off).count, 0);
}

static void
the_uses_that_are_configured_are_required(void **state)
{
	const struct profile_params dials = {.now_s = PKI_BUILD_NOW, .uses = PROFILE_USE_DIALS};

	one(&(struct variant){.eku = LIST(EKU_SERVER)}, &dials, REASON_PROFILE_EKU,
	    PROFILE_INSTALL, "S0 A1.21");
	one(&(struct variant){.eku = LIST(EKU_CLIENT)}, &dials, REASON_PROFILE_EKU,
	    PROFILE_WARNING, "S0 A1.21");
	assert_int_equal(check(&(struct variant){.no_eku = true}, &dials).count, 0);
	assert_int_equal(check(&(struct variant){.eku = LIST("2.5.29.37.0")}, &dials).count, 0);
}

static void
the_key_signs(void **state)
{
	one(&(struct variant){.key_usage = CERT_KU_KEY_ENCIPHERMENT}, &ordinary,
	    REASON_KEY_USAGE, PROFILE_CONNECT, "S0 A1.21");
	one(&(struct variant){.no_key_usage = true}, &ordinary, REASON_KEY_USAGE,
	    PROFILE_WARNING, "S0 A1.21");
}

static void
a_ca_and_a_self_signed_certificate_are_pointed_out(void **state)
{
	one(&(struct variant){.is_ca = true}, &ordinary, REASON_LEAF_IS_CA, PROFILE_WARNING,
	    "S0 A1.21");
	one(&(struct variant){.self_signed = true}, &ordinary, REASON_SELF_SIGNED,
	    PROFILE_INSTALL, "S1 A1.17");
}

static int
make_keys(void **state)
{
	rsa = pki_key_new_kind(PKI_KEY_RSA2048);
	ec = pki_key_new();
	return 0;
}

static int
free_keys(void **state)
{
	pki_key_free(rsa);
	pki_key_free(ec);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_certificate_by_the_book_has_no_finding),
	    cmocka_unit_test(keys_and_hashes_are_rsa_and_sha2),
	    cmocka_unit_test(the_name_is_one_domain_name_without_a_wildcard),
	    cmocka_unit_test(the_subject_has_country_organization_and_unit),
	    cmocka_unit_test(the_dates_are_around_now),
	    cmocka_unit_test(the_distribution_point_is_http),
	    cmocka_unit_test(the_uses_that_are_configured_are_required),
	    cmocka_unit_test(the_key_signs),
	    cmocka_unit_test(a_ca_and_a_self_signed_certificate_are_pointed_out),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
