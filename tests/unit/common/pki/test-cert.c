/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/cert.h"
#include "common/pki/extension.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"

enum {
	ROOM = 1 << 18
};

static struct pki_key *key;

/* Builds and reads; NULL where it is refused. */
static struct cert *
parse(const struct pki_cert_spec *spec, char *reterr_text)
{
	struct buf der;
	struct cert *cert = NULL;

	buf_init(&der, ROOM);
	pki_build_cert(spec, key, key, &der);
	if (cert_parse(buf_bytes(&der), &cert, reterr_text) != STATUS_OK)
		cert = NULL;
	buf_done(&der);
	return cert;
}

static bool
parses(const struct pki_cert_spec *spec)
{
	struct cert *cert = parse(spec, NULL);

	cert_free(cert);
	return cert != NULL;
}

#define RAW(literal) bytes_of(literal, sizeof(literal) - 1)

/* Whether a certificate with this one extension is taken. */
static bool
parses_with(const char *oid, bool critical, struct bytes value)
{
	struct pki_cert_spec spec = {.subject = "a",
	    .issuer = "b",
	    .no_basic_constraints = true};
	struct buf extra;
	bool good;

	buf_init(&extra, ROOM);
	ext_any(&extra, oid, critical, value);
	spec.extra = buf_bytes(&extra);
	good = parses(&spec);
	buf_done(&extra);
	return good;
}

static void
everything_is_read_once_and_kept(void **state)
{
	struct buf extra;
	struct pki_cert_spec spec = {.subject = "Issuing CA",
	    .issuer = "Root CA",
	    .serial = RAW("\x12\x34"),
	    .is_ca = true,
	    .path_len = 3,
	    .key_usage = CERT_KU_KEY_CERT_SIGN | CERT_KU_CRL_SIGN,
	    .not_before_s = PKI_BUILD_NOW,
	    .not_after_s = PKI_BUILD_NOW + PKI_BUILD_DAY};
	struct cert *cert;
	uint8_t hash[PUBKEY_HASH_SIZE];

	buf_init(&extra, ROOM);
	ext_subject_alt_name(&extra, LIST("DNS:a.example", "IP:10.0.0.1"));
	ext_ext_key_usage(&extra,
	    LIST("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0", "1.2.3"));
	ext_subject_key_id(&extra, "subject");
	ext_authority_key_id(&extra, "issuer");
	ext_policies(&extra, LIST("1.2.3"));
	ext_policy_mappings(&extra, LIST("1.2.3", "1.2.4"));
	ext_policy_constraints(&extra, 4, 5);
	ext_inhibit_any_policy(&extra, 6);
	ext_name_constraints(&extra, LIST("DNS:example"), NULL);
	ext_crl_dist_points(&extra, LIST("http://a/b.crl"));
	ext_any(&extra, "2.5.29.46", false, RAW("\x30\x00"));
	ext_any(&extra, "1.3.6.1.5.5.7.1.1", false, RAW("\x30\x00"));
	spec.extra = buf_bytes(&extra);
	cert = parse(&spec, NULL);
	assert_non_null(cert);
	assert_int_equal(cert->version, 3);
	assert_true(bytes_equal(cert->serial, RAW("\x12\x34")));
	assert_true(cert->not_before_s == PKI_BUILD_NOW);
	assert_true(cert->not_after_s == PKI_BUILD_NOW + PKI_BUILD_DAY);
	assert_true(cert->is_ca);
	assert_int_equal(cert->path_len, 2);
	assert_int_equal(cert->key_usage_bits, CERT_KU_KEY_CERT_SIGN | CERT_KU_CRL_SIGN);
	assert_int_equal(cert->eku_bits,
	    CERT_EKU_SERVER_AUTH | CERT_EKU_CLIENT_AUTH | CERT_EKU_ANY | CERT_EKU_OTHER);
	assert_true(bytes_equal_text(cert->key_id, "subject"));
	assert_true(bytes_equal_text(cert->authority_key, "issuer"));
	assert_int_equal(cert->require_explicit_skip, 4);
	assert_int_equal(cert->inhibit_mapping_skip, 5);
	assert_int_equal(cert->inhibit_any_skip, 6);
	assert_true(cert->policies.present && cert->policy_mappings.present);
	assert_true(cert->name_constraints.critical && !cert->policies.critical);
	assert_true(cert->crl_dist_points.present && cert->freshest_crl.present);
	assert_true(cert->authority_info_access.present);
	assert_int_equal(cert->unknown_critical.len, 0);
	assert_false(cert->self_issued);
	assert_int_equal(cert->key.kind, PUBKEY_EC_P256);
	assert_int_equal(cert->algorithm.kind, ALGORITHM_ECDSA);
	pubkey_sha256(cert->der, hash);
	assert_memory_equal(hash, cert->sha256, sizeof hash);
	pubkey_sha256(cert->key.spki, hash);
	assert_memory_equal(hash, cert->key.sha256, sizeof hash);
	assert_int_equal(pubkey_verify(&cert->key, &cert->algorithm, cert->tbs,
			     cert->signature),
	    SIGNATURE_GOOD);
	cert_free(cert);
	buf_done(&extra);
}

static void
what_is_absent_is_told_from_what_is_zero(void **state)
{
	const struct pki_cert_spec spec = {.subject = "a",
	    .issuer = "A",
	    .no_basic_constraints = true};
	struct cert *cert = parse(&spec, NULL);

	assert_non_null(cert);
	assert_true(cert->self_issued);
	assert_int_equal(cert->path_len, CERT_PATH_LEN_NONE);
	assert_int_equal(cert->require_explicit_skip, CERT_SKIP_NONE);
	assert_int_equal(cert->inhibit_mapping_skip, CERT_SKIP_NONE);
	assert_int_equal(cert->inhibit_any_skip, CERT_SKIP_NONE);
	assert_false(cert->basic_constraints.present || cert->key_usage.present ||
		     cert->ext_key_usage.present);
	cert_free(cert);
}

static void
the_names_of_the_alternative_are_walked(void **state)
{
	struct pki_cert_spec spec = {.subject = "a", .issuer = "b"};
	struct cert_san_walk walk;
	struct general_name name;
	struct buf extra;
	struct cert *cert;

	cert = parse(&spec, NULL);
	cert_san_begin(cert, &walk);
	assert_false(cert_san_next(&walk, &name));
	assert_false(cert_has_san(cert, GENERAL_NAME_DNS));
	cert_free(cert);
	buf_init(&extra, ROOM);
	ext_subject_alt_name(&extra, LIST("DNS:a.example", "IP:10.0.0.1"));
	spec.extra = buf_bytes(&extra);
	cert = parse(&spec, NULL);
	cert_san_begin(cert, &walk);
	assert_true(cert_san_next(&walk, &name));
	assert_true(bytes_equal_text(name.value, "a.example"));
	assert_true(cert_san_next(&walk, &name));
	assert_int_equal(name.kind, GENERAL_NAME_IP);
	assert_false(cert_san_next(&walk, &name));
	assert_true(cert_has_san(cert, GENERAL_NAME_IP));
	assert_false(cert_has_san(cert, GENERAL_NAME_URI));
	cert_free(cert);
	buf_done(&extra);
}

static void
versions_and_what_goes_with_them(void **state)
{
	struct pki_cert_spec spec = {.subject = "a", .issuer = "b", .version = 1};
	struct cert *cert = parse(&spec, NULL);

	assert_non_null(cert);
	assert_int_equal(cert->version, 1);
	cert_free(cert);
	/* version 1 written out, 2 with extensions, 4, and 1 with extensions */
	spec.version = 0;
	spec.raw_version = RAW("\xa0\x03\x02\x01\x00");
	assert_false(parses(&spec));
	spec.raw_version = RAW("\xa0\x03\x02\x01\x01");
	assert_false(parses(&spec));
	spec.raw_version = RAW("\xa0\x03\x02\x01\x03");
	assert_false(parses(&spec));
	spec.raw_version = RAW("\xa0\x06\x02\x01\x02\x02\x01\x02");
	assert_false(parses(&spec));
	spec.raw_version = (struct bytes){0};
	spec.version = 0;
	spec.raw_extensions = RAW("\xa3\x02\x30\x00"); /* an empty list */
	assert_false(parses(&spec));
}

static void
serials_may_be_odd_but_not_long(void **state)
{
	const struct {
		struct bytes serial;
		bool good;
	} cases[] = {
	    {RAW("\x00"), true}, {RAW("\xff"), true}, {RAW("\x80\x00"), true},
	    {RAW("\x7f\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
		 "\x13"),
		true},
	    {RAW("\x00\xff\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
		 "\x13\x14"),
		true},
	    {RAW("\x01\xff\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
		 "\x13\x14"),
		false},
	    {RAW("\x00\x01"), false}, /* not the shortest form */
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct pki_cert_spec spec = {.subject = "a",
		    .issuer = "b",
		    .serial = cases[i].serial};

		assert_int_equal(parses(&spec), cases[i].good);
	}
}

static void
dates_are_of_the_two_types_in_full(void **state)
{
	const struct {
		struct bytes validity;
		bool good;
	} cases[] = {
	    {RAW("\x17\x0d"
		 "260101000000Z\x17\x0d"
		 "270101000000Z"),
		true},
	    {RAW("\x18\x0f"
		 "20260101000000Z\x18\x0f"
		 "20510101000000Z"),
		true},
	    {RAW("\x17\x0b"
		 "2601010000Z\x17\x0d"
		 "270101000000Z"),
		false}, /* no seconds */
	    {RAW("\x17\x11"
		 "260101000000+0100\x17\x0d"
		 "270101000000Z"),
		false},
	    {RAW("\x18\x11"
		 "20260101000000.5Z\x17\x0d"
		 "270101000000Z"),
		false},
	    {RAW("\x17\x0d"
		 "261301000000Z\x17\x0d"
		 "270101000000Z"),
		false}, /* month 13 */
	    {RAW("\x17\x0d"
		 "260101000000Z"),
		false},
	    {RAW("\x17\x0d"
		 "260101000000Z\x17\x0d"
		 "270101000000Z\x05\x00"),
		false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct pki_cert_spec spec = {.subject = "a",
		    .issuer = "b",
		    .raw_validity = cases[i].validity};

		assert_int_equal(parses(&spec), cases[i].good);
	}
}

static void
names_keys_and_algorithms_have_to_fit(void **state)
{
	struct pki_cert_spec spec = {.subject = "a", .issuer = ""};
	char text[CERT_ERROR_SIZE];
	struct cert *cert;

	/* an empty issuer; an empty subject is taken */
	assert_null(parse(&spec, text));
	assert_non_null(strstr(text, "empty issuer name (byte "));
	spec = (struct pki_cert_spec){.subject = "", .issuer = "b"};
	cert = parse(&spec, NULL);
	assert_non_null(cert);
	assert_int_equal(cert->subject.canonical.len, 0);
	assert_false(cert->self_issued);
	cert_free(cert);
	/* the inner algorithm is another one than the outer */
	spec = (struct pki_cert_spec){.subject = "a",
	    .issuer = "b",
	    .raw_algorithm = RAW("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03")};
	assert_null(parse(&spec, text));
	assert_non_null(strstr(text, "algorithms differ"));
	/* a key with unused bits */
	spec = (struct pki_cert_spec){.subject = "a",
	    .issuer = "b",
	    .raw_spki = RAW("\x30\x0b\x30\x05\x06\x03\x2b\x65\x70\x03\x02\x01\x02")};
	assert_false(parses(&spec));
}

static void
malformed_extensions_are_refused(void **state)
{
	const struct {
		const char *oid;
		struct bytes value;
		bool good;
	} cases[] = {
	    {"2.5.29.19", RAW("\x30\x00"), true},
	    {"2.5.29.19", RAW("\x30\x03\x01\x01\x00"), true}, /* FALSE written out */
	    {"2.5.29.19", RAW("\x30\x03\x01\x01\x01"), false},
	    {"2.5.29.19", RAW("\x30\x03\x02\x01\xff"), false},
	    {"2.5.29.19", RAW("\x30\x03\x02\x01\x05"), true}, /* pathLen without cA */
	    {"2.5.29.19", RAW("\x30\x00\x05\x00"), false},
	    {"2.5.29.19", RAW("\x31\x00"), false},
	    {"2.5.29.15", RAW("\x03\x02\x05\xa0"), true},
	    {"2.5.29.15", RAW("\x03\x02\x08\xa0"), false},
	    {"2.5.29.15", RAW("\x04\x01\xa0"), false},
	    {"2.5.29.37", RAW("\x30\x00"), true}, /* read; it allows nothing */
	    {"2.5.29.37", RAW("\x30\x02\x05\x00"), false},
	    {"2.5.29.17", RAW("\x30\x00"), false},
	    {"2.5.29.17",
		RAW("\x30\x03\x82\x01"
		    "a"),
		true},
	    {"2.5.29.17",
		RAW("\x30\x05\x87\x03"
		    "abc"),
		false},
	    {"2.5.29.17", RAW("\x30\x06\x87\x04\x0a\x00\x00\x01"), true},
	    {"2.5.29.17", RAW("a.example"), false},
	    {"2.5.29.36", RAW("\x30\x00"), false},
	    {"2.5.29.36", RAW("\x30\x03\x80\x01\x00"), true},
	    {"2.5.29.36", RAW("\x30\x03\x82\x01\x00"), false},
	    {"2.5.29.54", RAW("\x02\x01\x00"), true},
	    {"2.5.29.54", RAW("\x02\x01\xff"), false},
	    {"2.5.29.14",
		RAW("\x04\x01"
		    "a"),
		true},
	    {"2.5.29.14", RAW("a"), false},
	    {"2.5.29.35", RAW("\x30\x00"), true},
	    {"2.5.29.35",
		RAW("\x30\x0c\xa1\x07\x82\x05"
		    "a.exa\x82\x01\x01"),
		true},
	    {"2.5.29.35", RAW("\x30\x02\x83\x00"), false},
	    {"2.5.29.32", RAW("\x30\x00"), false},
	    {"2.5.29.33", RAW("\x30\x00"), false},
	    {"2.5.29.30", RAW("\x30\x00"), false},
	    {"1.2.3", RAW("anything"), true},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (parses_with(cases[i].oid, false, cases[i].value) != cases[i].good)
			fail_msg("case %zu, %s", i, cases[i].oid);
}

static bool
unknown_critical(const char *oid, struct bytes value)
{
	struct pki_cert_spec spec = {.subject = "a",
	    .issuer = "b",
	    .no_basic_constraints = true};
	struct buf extra;
	struct cert *cert;
	bool unknown;

	buf_init(&extra, ROOM);
	ext_any(&extra, oid, true, value);
	spec.extra = buf_bytes(&extra);
	cert = parse(&spec, NULL);
	assert_non_null(cert);
	unknown = cert->unknown_critical.len > 0;
	cert_free(cert);
	buf_done(&extra);
	return unknown;
}

static void
critical_extensions_that_are_not_processed_are_remembered(void **state)
{
	assert_true(unknown_critical("1.2.3", RAW("x")));
	assert_true(unknown_critical("2.5.29.9", RAW("\x30\x00")));
	assert_true(unknown_critical("1.3.6.1.5.5.7.1.1", RAW("\x30\x00")));
	assert_true(unknown_critical("2.5.29.14", RAW("\x04\x01"
						      "a")));
	assert_true(unknown_critical("2.5.29.35", RAW("\x30\x00")));
	assert_false(unknown_critical("2.5.29.19", RAW("\x30\x00")));
	assert_false(unknown_critical("2.5.29.31", RAW("\x30\x00")));
	assert_false(unknown_critical("1.3.6.1.5.5.7.48.1.5", RAW("\x05\x00")));
}

static void
a_critical_policy_with_an_unknown_qualifier_is_remembered(void **state)
{
	const struct bytes value =
	    RAW("\x30\x10\x30\x0e\x06\x02\x2a\x03\x30\x08\x30\x06\x06\x02\x2a\x04\x05\x00");
	struct pki_cert_spec spec = {.subject = "a", .issuer = "b"};
	struct buf extra;
	struct cert *cert;

	assert_true(unknown_critical("2.5.29.32", value));
	buf_init(&extra, ROOM);
	ext_any(&extra, "2.5.29.32", false, value);
	spec.extra = buf_bytes(&extra);
	cert = parse(&spec, NULL);
	assert_int_equal(cert->unknown_critical.len, 0);
	cert_free(cert);
	buf_done(&extra);
}

static void
an_extension_stands_once(void **state)
{
	struct pki_cert_spec spec = {.subject = "a", .issuer = "b"};
	struct buf extra;
	char text[CERT_ERROR_SIZE];

	buf_init(&extra, ROOM);
	ext_any(&extra, "1.2.3", false, RAW("x"));
	ext_any(&extra, "1.2.3", false, RAW("y"));
	spec.extra = buf_bytes(&extra);
	assert_null(parse(&spec, text));
	assert_non_null(strstr(text, "twice"));
	buf_done(&extra);
}

static void
a_certificate_that_is_cut_off_or_goes_on_is_refused_at_every_byte(void **state)
{
	const struct pki_cert_spec spec = {.subject = "a", .issuer = "b"};
	struct buf der;
	struct cert *cert;

	buf_init(&der, ROOM);
	pki_build_cert(&spec, key, key, &der);
	for (size_t len = 0; len < der.len; len++)
		assert_int_equal(cert_parse(bytes_of(der.data, len), &cert, NULL),
		    STATUS_INVALID);
	buf_put_u8(&der, 0);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_INVALID);
	buf_done(&der);
}

static void
a_certificate_past_64_kib_is_over_the_limit(void **state)
{
	static uint8_t large[CERT_LEN_MAX + 1];
	char text[CERT_ERROR_SIZE];
	struct cert *cert;

	assert_int_equal(cert_parse(bytes_of(large, sizeof large), &cert, text), STATUS_LIMIT);
	assert_string_equal(text, "longer than 64 KiB (byte 0)");
	assert_int_equal(cert_parse(bytes_of(large, CERT_LEN_MAX), &cert, NULL),
	    STATUS_INVALID);
}

static void
unused_bits_make_the_signature_wrong_and_not_the_form(void **state)
{
	const struct pki_cert_spec spec = {.subject = "a", .issuer = "b"};
	struct buf der;
	struct cert *cert;
	size_t bits;

	/* given a signature whose last bit is zero, said to be unused */
	buf_init(&der, ROOM);
	do {
		buf_clear(&der);
		pki_build_cert(&spec, key, key, &der);
	} while ((der.data[der.len - 1] & 1) != 0);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	bits = (size_t)(cert->signature.data - cert->der.data);
	cert_free(cert);
	der.data[bits - 1] = 1;
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	assert_int_equal(pubkey_verify(&cert->key, &cert->algorithm, cert->tbs,
			     cert->signature),
	    SIGNATURE_BAD);
	cert_free(cert);
	buf_done(&der);
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
	    cmocka_unit_test(everything_is_read_once_and_kept),
	    cmocka_unit_test(what_is_absent_is_told_from_what_is_zero),
	    cmocka_unit_test(the_names_of_the_alternative_are_walked),
	    cmocka_unit_test(versions_and_what_goes_with_them),
	    cmocka_unit_test(serials_may_be_odd_but_not_long),
	    cmocka_unit_test(dates_are_of_the_two_types_in_full),
	    cmocka_unit_test(names_keys_and_algorithms_have_to_fit),
	    cmocka_unit_test(malformed_extensions_are_refused),
	    cmocka_unit_test(critical_extensions_that_are_not_processed_are_remembered),
	    cmocka_unit_test(a_critical_policy_with_an_unknown_qualifier_is_remembered),
	    cmocka_unit_test(an_extension_stands_once),
	    cmocka_unit_test(a_certificate_that_is_cut_off_or_goes_on_is_refused_at_every_byte),
	    cmocka_unit_test(a_certificate_past_64_kib_is_over_the_limit),
	    cmocka_unit_test(unused_bits_make_the_signature_wrong_and_not_the_form),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
