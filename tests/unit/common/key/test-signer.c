/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "common/key/signer.h"

/* Both kinds, made once: RSA takes its time. */
static struct signer *rsa, *p256;

static int
make_keys(void **state)
{
	enum status prepared = signer_prepare_process();

	/* without RLIMIT_MEMLOCK the memory is there, but not locked */
	if (prepared != STATUS_OK && prepared != STATUS_DENIED)
		return -1;
	return signer_generate(SIGNER_RSA, 2048, &rsa) == STATUS_OK &&
		       signer_generate(SIGNER_P256, 0, &p256) == STATUS_OK
		   ? 0
		   : -1;
}

static int
drop_keys(void **state)
{
	signer_free(rsa);
	signer_free(p256);
	return 0;
}

/* Verifies with GnuTLS, as the far side does. */
static bool
verifies(const struct signer *signer, gnutls_sign_algorithm_t algorithm, struct bytes digest,
    struct bytes signature)
{
	gnutls_datum_t hash = {(unsigned char *)(uintptr_t)digest.data,
	    (unsigned int)digest.len};
	gnutls_datum_t sig = {(unsigned char *)(uintptr_t)signature.data,
	    (unsigned int)signature.len};
	gnutls_pubkey_t key;
	gnutls_datum_t der;
	struct buf spki;
	int code;

	buf_init(&spki, SIGNER_SPKI_MAX);
	assert_int_equal(signer_public(signer, &spki), STATUS_OK);
	der = (gnutls_datum_t){spki.data, (unsigned int)spki.len};
	assert_int_equal(gnutls_pubkey_init(&key), 0);
	assert_int_equal(gnutls_pubkey_import(key, &der, GNUTLS_X509_FMT_DER), 0);
	code = gnutls_pubkey_verify_hash2(key, algorithm, 0, &hash, &sig);
	gnutls_pubkey_deinit(key);
	buf_done(&spki);
	return code >= 0;
}

static void
each_scheme_is_signed_so_that_the_far_side_verifies(void **state)
{
	static const struct {
		uint16_t scheme;
		gnutls_sign_algorithm_t algorithm;
	} schemes[] = {
	    {SIGNER_ECDSA_SECP256R1_SHA256, GNUTLS_SIGN_ECDSA_SECP256R1_SHA256},
	    {SIGNER_RSA_PSS_RSAE_SHA256, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256},
	    {SIGNER_RSA_PSS_RSAE_SHA384, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384},
	    {SIGNER_RSA_PSS_RSAE_SHA512, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512},
	};
	uint8_t digest[64];
	struct buf signature;

	memset(digest, 0x5a, sizeof(digest));
	buf_init(&signature, SIGNER_SIGNATURE_MAX);
	for (size_t i = 0; i < COUNT_OF(schemes); i++) {
		struct signer *signer = i == 0 ? p256 : rsa;
		struct bytes hash = bytes_of(digest, signer_digest_len(schemes[i].scheme));

		buf_clear(&signature);
		assert_int_equal(signer_sign(signer, schemes[i].scheme, hash, &signature),
		    STATUS_OK);
		assert_true(
		    verifies(signer, schemes[i].algorithm, hash, buf_bytes(&signature)));
		signature.data[signature.len - 1] ^= 1;
		assert_false(
		    verifies(signer, schemes[i].algorithm, hash, buf_bytes(&signature)));
	}
	buf_done(&signature);
}

static void
what_is_not_on_the_list_is_not_signed(void **state)
{
	static const uint16_t others[] = {0, 0x0201, 0x0401, 0x0503, 0x0807, 0x0809, 0xffff};
	uint8_t digest[64] = {0};
	struct buf signature;

	buf_init(&signature, SIGNER_SIGNATURE_MAX);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_int_equal(signer_sign(rsa, others[i], bytes_of(digest, 32), &signature),
		    STATUS_DENIED);
	assert_int_equal(signer_sign(rsa, SIGNER_ECDSA_SECP256R1_SHA256, bytes_of(digest, 32),
			     &signature),
	    STATUS_DENIED);
	assert_int_equal(signer_sign(p256, SIGNER_RSA_PSS_RSAE_SHA256, bytes_of(digest, 32),
			     &signature),
	    STATUS_DENIED);
	assert_int_equal(signer_sign(rsa, SIGNER_RSA_PSS_RSAE_SHA256, bytes_of(digest, 31),
			     &signature),
	    STATUS_DENIED);
	assert_int_equal(signature.len, 0);
	buf_done(&signature);
}

static void
a_key_survives_its_file(void **state)
{
	struct signer *const keys[] = {rsa, p256};

	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct buf pem, before, after;
		struct signer *loaded;
		enum reason reason;

		buf_init(&pem, SIGNER_PEM_MAX);
		buf_init(&before, SIGNER_SPKI_MAX);
		buf_init(&after, SIGNER_SPKI_MAX);
		assert_int_equal(signer_private_pem(keys[i], &pem), STATUS_OK);
		assert_int_equal(signer_load(buf_bytes(&pem), bytes_of("", 0), &loaded,
				     &reason),
		    STATUS_OK);
		assert_int_equal(signer_kind(loaded), signer_kind(keys[i]));
		assert_int_equal(signer_public(keys[i], &before), STATUS_OK);
		assert_int_equal(signer_public(loaded, &after), STATUS_OK);
		assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
		signer_free(loaded);
		buf_done(&pem);
		buf_done(&before);
		buf_done(&after);
	}
}

/* An RSA key encrypted as PKCS#8 by GnuTLS, whichever back end is tested. */
static void
make_encrypted(struct buf *out, unsigned int bits)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, bits, 0), 0);
	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, "se+cr:et",
			     GNUTLS_PKCS_PBES2_AES_256, &pem),
	    0);
	buf_put(out, pem.data, pem.size);
	gnutls_free(pem.data);
	gnutls_x509_privkey_deinit(key);
}

static void
a_wrong_passphrase_is_told_from_a_wrong_file(void **state)
{
	struct signer *signer;
	enum reason reason;
	struct buf pem;

	buf_init(&pem, SIGNER_PEM_MAX);
	make_encrypted(&pem, 2048);
	assert_int_equal(signer_load(buf_bytes(&pem), bytes_of_text("wrong"), &signer, &reason),
	    STATUS_INVALID);
	assert_int_equal(reason, REASON_PASSPHRASE);
	assert_int_equal(signer_load(buf_bytes(&pem), bytes_of_text(""), &signer, &reason),
	    STATUS_INVALID);
	assert_int_equal(reason, REASON_PASSPHRASE);
	assert_int_equal(signer_load(buf_bytes(&pem), bytes_of_text("se+cr:et"), &signer,
			     &reason),
	    STATUS_OK);
	signer_free(signer);
	assert_int_equal(signer_load(bytes_of_text("no key"), bytes_of_text(""), &signer,
			     &reason),
	    STATUS_INVALID);
	assert_int_equal(reason, REASON_PARSE);
	buf_done(&pem);
}

static void
a_key_that_is_too_small_is_not_loaded(void **state)
{
	struct signer *signer;
	enum reason reason;
	struct buf pem;

	buf_init(&pem, SIGNER_PEM_MAX);
	make_encrypted(&pem, 1024);
	assert_int_equal(signer_load(buf_bytes(&pem), bytes_of_text("se+cr:et"), &signer,
			     &reason),
	    STATUS_INVALID);
	assert_int_equal(reason, REASON_PROFILE_KEY);
	assert_int_equal(signer_generate(SIGNER_RSA, 1024, &signer), STATUS_INVALID);
	buf_done(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_scheme_is_signed_so_that_the_far_side_verifies),
	    cmocka_unit_test(what_is_not_on_the_list_is_not_signed),
	    cmocka_unit_test(a_key_survives_its_file),
	    cmocka_unit_test(a_wrong_passphrase_is_told_from_a_wrong_file),
	    cmocka_unit_test(a_key_that_is_too_small_is_not_loaded),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
