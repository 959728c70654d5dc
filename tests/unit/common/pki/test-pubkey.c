/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include "common/pki/cert.h"
#include "common/pki/pubkey.h"
#include "tests/lib/pki_build.h"

enum {
	ROOM = 1 << 16
};

#define RAW(literal) bytes_of(literal, sizeof(literal) - 1)
#define OID_RSA      "1.2.840.113549.1.1.1"
#define OID_SHA256   "2.16.840.1.101.3.4.2.1"
#define OID_SHA512   "2.16.840.1.101.3.4.2.3"
#define OID_SHA1     "1.3.14.3.2.26"
#define OID_PSS      "1.2.840.113549.1.1.10"
#define OID_MGF1     "1.2.840.113549.1.1.8"

static struct algorithm
algorithm_of(struct der_build *build, bool *ret_good)
{
	struct algorithm algorithm;
	struct der_fault fault;
	struct der der = der_begin(der_build_bytes(build), &fault);

	algorithm_read(&der, &algorithm);
	der_end(&der);
	*ret_good = der_ok(&der);
	return algorithm;
}

static void
signature_algorithms_are_told_apart(void **state)
{
	static const struct {
		const char *oid;
		bool with_null;
		enum algorithm_kind kind;
		enum algorithm_hash hash;
		const char *text;
	} cases[] = {
	    {"1.2.840.113549.1.1.11", true, ALGORITHM_RSA, ALGORITHM_SHA256, "RSA with SHA256"},
	    {"1.2.840.113549.1.1.13", false, ALGORITHM_RSA, ALGORITHM_SHA512,
		"RSA with SHA512"},
	    {"1.2.840.113549.1.1.5", true, ALGORITHM_RSA, ALGORITHM_HASH_WEAK, "RSA with SHA1"},
	    {"1.2.840.10045.4.3.3", false, ALGORITHM_ECDSA, ALGORITHM_SHA384,
		"ECDSA with SHA384"},
	    {"1.2.840.10045.4.3.3", true, ALGORITHM_UNKNOWN, ALGORITHM_SHA384,
		"ECDSA with SHA384"},
	    {"1.3.101.112", false, ALGORITHM_ED25519, ALGORITHM_HASH_NONE, "Ed25519"},
	    {"1.3.101.112", true, ALGORITHM_UNKNOWN, ALGORITHM_HASH_NONE, "Ed25519"},
	    {"1.2.840.10040.4.3", false, ALGORITHM_DSA, ALGORITHM_HASH_WEAK, "DSA with SHA1"},
	    {"1.2.3.4", true, ALGORITHM_UNKNOWN, ALGORITHM_HASH_NONE, "1.2.3.4"},
	    {OID_PSS, false, ALGORITHM_UNKNOWN, ALGORITHM_HASH_NONE, "RSA-PSS"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct algorithm algorithm;
		struct der_build build;
		struct buf text;
		bool good;

		der_build_init(&build);
		buf_init(&text, 200);
		der_build_algorithm(&build, cases[i].oid, cases[i].with_null);
		algorithm = algorithm_of(&build, &good);
		assert_true(good);
		assert_int_equal(algorithm.kind, cases[i].kind);
		assert_int_equal(algorithm.hash, cases[i].hash);
		algorithm_text(&algorithm, &text);
		assert_string_equal(buf_text(&text), cases[i].text);
		buf_done(&text);
		der_build_done(&build);
	}
}

/* RSASSA-PSS-params; NULL leaves a field out. */
static void
build_pss(struct der_build *build, const char *hash, const char *mask_function,
    const char *mask_hash, int salt_len, int trailer)
{
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, OID_PSS);
	der_build_open(build, DER_SEQUENCE);
	if (hash != NULL) {
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
		der_build_algorithm(build, hash, true);
		der_build_close(build);
	}
	if (mask_function != NULL) {
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(1));
		der_build_open(build, DER_SEQUENCE);
		der_build_oid(build, mask_function);
		der_build_algorithm(build, mask_hash, false);
		der_build_close(build);
		der_build_close(build);
	}
	if (salt_len >= 0) {
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(2));
		der_build_u64(build, DER_INTEGER, (uint64_t)salt_len);
		der_build_close(build);
	}
	if (trailer >= 0) {
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(3));
		der_build_u64(build, DER_INTEGER, (uint64_t)trailer);
		der_build_close(build);
	}
	der_build_close(build);
	der_build_close(build);
}

static void
pss_parameters_have_to_agree(void **state)
{
	static const struct {
		const char *hash, *mask_function, *mask_hash;
		int salt_len, trailer;
		enum algorithm_kind kind;
		enum algorithm_hash hash_read;
		unsigned int salt_read;
	} cases[] = {
	    {OID_SHA256, OID_MGF1, OID_SHA256, 32, -1, ALGORITHM_RSA_PSS, ALGORITHM_SHA256, 32},
	    {OID_SHA512, OID_MGF1, OID_SHA512, 20, 1, ALGORITHM_RSA_PSS, ALGORITHM_SHA512, 20},
	    {OID_SHA256, OID_MGF1, OID_SHA512, 32, -1, ALGORITHM_UNKNOWN, ALGORITHM_SHA256, 32},
	    {OID_SHA256, NULL, NULL, 32, -1, ALGORITHM_UNKNOWN, ALGORITHM_SHA256, 32},
	    {OID_SHA256, "1.2.3", OID_SHA256, 32, -1, ALGORITHM_UNKNOWN, ALGORITHM_SHA256, 32},
	    {OID_SHA256, OID_MGF1, OID_SHA256, 32, 2, ALGORITHM_UNKNOWN, ALGORITHM_SHA256, 32},
	    {"1.2.3", OID_MGF1, "1.2.3", 32, -1, ALGORITHM_UNKNOWN, ALGORITHM_HASH_NONE, 32},
	    /* what is left out stands for SHA-1 and 20 */
	    {NULL, NULL, NULL, -1, -1, ALGORITHM_RSA_PSS, ALGORITHM_HASH_WEAK, 20},
	    {OID_SHA1, OID_MGF1, OID_SHA1, -1, -1, ALGORITHM_RSA_PSS, ALGORITHM_HASH_WEAK, 20},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct algorithm algorithm;
		struct der_build build;
		bool good;

		der_build_init(&build);
		build_pss(&build, cases[i].hash, cases[i].mask_function, cases[i].mask_hash,
		    cases[i].salt_len, cases[i].trailer);
		algorithm = algorithm_of(&build, &good);
		assert_true(good);
		assert_int_equal(algorithm.kind, cases[i].kind);
		assert_int_equal(algorithm.hash, cases[i].hash_read);
		assert_int_equal(algorithm.salt_len, cases[i].salt_read);
		der_build_done(&build);
	}
}

static bool
read_key(struct bytes der_bytes, struct pubkey *ret_key)
{
	struct der_fault fault;
	struct der der = der_begin(der_bytes, &fault);

	pubkey_read(&der, ret_key);
	der_end(&der);
	return der_ok(&der);
}

static void
keys_are_told_apart(void **state)
{
	static const struct {
		enum pki_key_kind made;
		enum pubkey_kind kind;
		unsigned int bits;
		const char *text;
	} cases[] = {
	    {PKI_KEY_P256, PUBKEY_EC_P256, 256, "EC P-256"},
	    {PKI_KEY_P384, PUBKEY_EC_P384, 384, "EC P-384"},
	    {PKI_KEY_ED25519, PUBKEY_ED25519, 0, "Ed25519"},
	    {PKI_KEY_RSA2048, PUBKEY_RSA, 2048, "RSA 2048"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pki_key *made = pki_key_new_kind(cases[i].made);
		struct buf spki, text;
		struct pubkey key;

		buf_init(&spki, ROOM);
		buf_init(&text, 100);
		pki_key_spki(made, &spki);
		assert_true(read_key(buf_bytes(&spki), &key));
		assert_int_equal(key.kind, cases[i].kind);
		assert_int_equal(key.bits, cases[i].bits);
		assert_null(pubkey_weakness(&key, 2048));
		pubkey_text(&key, &text);
		assert_string_equal(buf_text(&text), cases[i].text);
		buf_done(&text);
		buf_done(&spki);
		pki_key_free(made);
	}
}

/* SEQUENCE { algorithm, BIT STRING { RSAPublicKey } } */
static void
build_rsa(struct der_build *build, size_t modulus_len, uint8_t last, struct bytes exponent)
{
	static uint8_t modulus[2048];
	struct der_build inner;

	assert_true(modulus_len <= sizeof modulus - 1);
	memset(modulus, 0xc1, sizeof modulus);
	modulus[0] = 0;
	modulus[modulus_len] = last;
	der_build_init(&inner);
	der_build_open(&inner, DER_SEQUENCE);
	der_build_value(&inner, DER_INTEGER, modulus, modulus_len + 1);
	der_build_value(&inner, DER_INTEGER, exponent.data, exponent.len);
	der_build_close(&inner);
	der_build_open(build, DER_SEQUENCE);
	der_build_algorithm(build, OID_RSA, true);
	der_build_bit_string(build, DER_BIT_STRING, der_build_bytes(&inner), 0);
	der_build_close(build);
	der_build_done(&inner);
}

static void
weak_rsa_keys_are_named(void **state)
{
	const struct {
		size_t octets;
		uint8_t last;
		struct bytes exponent;
		const char *weakness; /* part of it; NULL: none */
	} cases[] = {
	    {256, 0xc1, RAW("\x01\x00\x01"), NULL},
	    {256, 0xc1, RAW("\x03"), NULL},
	    {128, 0xc1, RAW("\x01\x00\x01"), "too few"},
	    {1024, 0xc1, RAW("\x01\x00\x01"), NULL},
	    {1025, 0xc1, RAW("\x01\x00\x01"), "more bits"},
	    {256, 0xc0, RAW("\x01\x00\x01"), "no real key"}, /* an even modulus */
	    {256, 0xc1, RAW("\x01"), "no real key"},
	    {256, 0xc1, RAW("\x00"), "no real key"},
	    {256, 0xc1, RAW("\x02"), "no real key"},
	    {256, 0xc1, RAW("\x01\x00\x00\x00\x00\x00\x00\x00\x01"), "no real key"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct der_build build;
		struct pubkey key;
		const char *weakness;

		der_build_init(&build);
		build_rsa(&build, cases[i].octets, cases[i].last, cases[i].exponent);
		assert_true(read_key(der_build_bytes(&build), &key));
		weakness = pubkey_weakness(&key, 2048);
		assert_int_equal(weakness != NULL, cases[i].weakness != NULL);
		if (weakness != NULL)
			assert_non_null(strstr(weakness, cases[i].weakness));
		der_build_done(&build);
	}
}

static void
keys_of_other_kinds_are_read_and_refused(void **state)
{
	const struct {
		struct bytes spki;
		enum pubkey_kind kind;
		bool weak;
	} cases[] = {
	    /* secp256k1 by name, explicit parameters, DSA without any, X25519, unknown */
	    {RAW("\x30\x17\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a"
		 "\x03\x03\x00\x04\x01"),
		PUBKEY_EC_OTHER, true},
	    {RAW("\x30\x12\x30\x0b\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x30\x00"
		 "\x03\x03\x00\x04\x01"),
		PUBKEY_EC_EXPLICIT, true},
	    {RAW("\x30\x10\x30\x09\x06\x07\x2a\x86\x48\xce\x38\x04\x01\x03\x03\x00\x02\x01"),
		PUBKEY_DSA, true},
	    {RAW("\x30\x0c\x30\x05\x06\x03\x2b\x65\x6e\x03\x03\x00\x04\x01"), PUBKEY_X25519,
		false},
	    {RAW("\x30\x0b\x30\x04\x06\x02\x2a\x03\x03\x03\x00\x04\x01"), PUBKEY_UNKNOWN, true},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct pubkey key;

		assert_true(read_key(cases[i].spki, &key));
		assert_int_equal(key.kind, cases[i].kind);
		assert_int_equal(pubkey_weakness(&key, 0) != NULL, cases[i].weak);
	}
}

static void
malformed_keys_are_refused(void **state)
{
	const struct bytes cases[] = {
	    RAW("\x30\x00"),
	    RAW("\x30\x07\x30\x05\x06\x03\x2b\x65\x70"),
	    /* RSA with a negative modulus, and with something behind the exponent */
	    RAW("\x30\x1a\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x09\x00"
		"\x30\x06\x02\x01\x81\x02\x01\x03"),
	    RAW("\x30\x1c\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\x03\x0b\x00"
		"\x30\x08\x02\x01\x11\x02\x01\x03\x05\x00"),
	};
	struct pubkey key;

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_false(read_key(cases[i], &key));
}

static struct cert *
cert_signed_by(const struct pki_key *key)
{
	const struct pki_cert_spec spec = {.subject = "a", .issuer = "a"};
	struct cert *cert;
	struct buf der;

	buf_init(&der, ROOM);
	pki_build_cert(&spec, key, key, &der);
	assert_int_equal(cert_parse(buf_bytes(&der), &cert, NULL), STATUS_OK);
	buf_done(&der);
	return cert;
}

static void
a_signature_is_good_only_over_what_was_signed(void **state)
{
	static const enum pki_key_kind kinds[] = {PKI_KEY_P256, PKI_KEY_P384, PKI_KEY_ED25519,
	    PKI_KEY_RSA1024, PKI_KEY_RSA2048, PKI_KEY_RSA2048_PSS};

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct pki_key *key = pki_key_new_kind(kinds[i]);
		struct cert *cert = cert_signed_by(key);
		uint8_t *data = (uint8_t *)cert->tbs.data + cert->tbs.len - 1;

		assert_int_equal(pubkey_verify(&cert->key, &cert->algorithm, cert->tbs,
				     cert->signature),
		    SIGNATURE_GOOD);
		assert_int_equal(pubkey_verify(&cert->key, &cert->algorithm, cert->tbs,
				     bytes_of(cert->signature.data, cert->signature.len - 1)),
		    SIGNATURE_BAD);
		*data ^= 1;
		assert_int_equal(pubkey_verify(&cert->key, &cert->algorithm, cert->tbs,
				     cert->signature),
		    SIGNATURE_BAD);
		cert_free(cert);
		pki_key_free(key);
	}
}

static void
a_key_of_another_kind_did_not_make_the_signature(void **state)
{
	struct pki_key *ec = pki_key_new(), *rsa = pki_key_new_kind(PKI_KEY_RSA1024);
	struct cert *by_ec = cert_signed_by(ec), *by_rsa = cert_signed_by(rsa);

	assert_int_equal(pubkey_verify(&by_rsa->key, &by_ec->algorithm, by_ec->tbs,
			     by_ec->signature),
	    SIGNATURE_BAD);
	assert_int_equal(pubkey_verify(&by_ec->key, &by_rsa->algorithm, by_rsa->tbs,
			     by_rsa->signature),
	    SIGNATURE_BAD);
	cert_free(by_ec);
	cert_free(by_rsa);
	pki_key_free(ec);
	pki_key_free(rsa);
}

static void
weak_and_unknown_algorithms_are_not_computed(void **state)
{
	struct pki_key *key = pki_key_new();
	struct cert *cert = cert_signed_by(key);
	struct algorithm weak = cert->algorithm, unknown = cert->algorithm;
	struct pubkey other = cert->key;

	weak.hash = ALGORITHM_HASH_WEAK;
	unknown.kind = ALGORITHM_UNKNOWN;
	other.kind = PUBKEY_EC_EXPLICIT;
	assert_int_equal(pubkey_verify(&cert->key, &weak, cert->tbs, cert->signature),
	    SIGNATURE_WEAK);
	assert_int_equal(pubkey_verify(&cert->key, &unknown, cert->tbs, cert->signature),
	    SIGNATURE_UNSUPPORTED);
	assert_int_equal(pubkey_verify(&other, &cert->algorithm, cert->tbs, cert->signature),
	    SIGNATURE_UNSUPPORTED);
	cert_free(cert);
	pki_key_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signature_algorithms_are_told_apart),
	    cmocka_unit_test(pss_parameters_have_to_agree),
	    cmocka_unit_test(keys_are_told_apart),
	    cmocka_unit_test(weak_rsa_keys_are_named),
	    cmocka_unit_test(keys_of_other_kinds_are_read_and_refused),
	    cmocka_unit_test(malformed_keys_are_refused),
	    cmocka_unit_test(a_signature_is_good_only_over_what_was_signed),
	    cmocka_unit_test(a_key_of_another_kind_did_not_make_the_signature),
	    cmocka_unit_test(weak_and_unknown_algorithms_are_not_computed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
