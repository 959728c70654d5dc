/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "pki-test/key.h"

static const char *const kinds[] = {"rsa1024", "rsa2048", "rsapss2048", "p256", "p384",
    "ed25519"};

/* How GnuTLS names the signature that key_sign makes with "auto". */
static gnutls_sign_algorithm_t
sign_of(gnutls_pubkey_t public_key)
{
	int algorithm = gnutls_pubkey_get_pk_algorithm(public_key, NULL);

	return gnutls_pk_to_sign((gnutls_pk_algorithm_t)algorithm,
	    algorithm == GNUTLS_PK_EDDSA_ED25519 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256);
}

static gnutls_datum_t
datum(const struct buf *buf)
{
	return (gnutls_datum_t){buf->data, (unsigned int)buf->len};
}

static void
a_key_is_read_back_and_signs_what_its_public_key_verifies(void **state)
{
	struct key_signing how = {.hash = "auto"};

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct key *made, *read;
		struct buf pem, spki, signature;
		gnutls_datum_t data = {(unsigned char *)"text", 4}, der, signed_data;
		gnutls_pubkey_t public_key;
		uint8_t id[2][KEY_ID_SIZE];

		buf_init(&pem, KEY_PEM_MAX);
		buf_init(&spki, KEY_PEM_MAX);
		buf_init(&signature, KEY_PEM_MAX);
		assert_int_equal(key_generate(kinds[i], &made), STATUS_OK);
		key_write_pem(made, &pem);
		assert_int_equal(key_read_pem(kinds[i], buf_bytes(&pem), &read), STATUS_OK);
		key_id(made, id[0]);
		key_id(read, id[1]);
		assert_memory_equal(id[0], id[1], KEY_ID_SIZE);
		assert_int_equal(key_sign(read, how, bytes_of("text", 4), &signature),
		    STATUS_OK);
		key_write_spki(made, &spki);
		der = datum(&spki);
		signed_data = datum(&signature);
		gnutls_pubkey_init(&public_key);
		assert_int_equal(gnutls_pubkey_import(public_key, &der, GNUTLS_X509_FMT_DER),
		    0);
		assert_int_equal(gnutls_pubkey_verify_data2(public_key, sign_of(public_key),
				     GNUTLS_VERIFY_ALLOW_BROKEN, &data, &signed_data),
		    0);
		gnutls_pubkey_deinit(public_key);
		key_free(made);
		key_free(read);
		buf_done(&pem);
		buf_done(&spki);
		buf_done(&signature);
	}
}

static void
a_key_does_not_sign_as_another_kind_would(void **state)
{
	struct key_signing how = {.hash = "md5"};
	struct key *key;
	struct buf out;

	buf_init(&out, 1000);
	assert_int_equal(key_generate("p256", &key), STATUS_OK);
	assert_int_equal(key_write_algorithm(key, how, &out), STATUS_UNSUPPORTED);
	assert_int_equal(key_sign(key, how, bytes_of("x", 1), &out), STATUS_UNSUPPORTED);
	key_free(key);
	assert_int_equal(key_generate("dsa", &key), STATUS_INVALID);
	assert_int_equal(key_read_pem("p256", bytes_of_text("junk"), &key), STATUS_CORRUPT);
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_is_read_back_and_signs_what_its_public_key_verifies),
	    cmocka_unit_test(a_key_does_not_sign_as_another_kind_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
