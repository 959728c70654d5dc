/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <gnutls/x509.h>

#include "common/pki/content.h"
#include "common/pki/der.h"
#include "common/pki/key_file.h"
#include "common/pki/pkcs12_file.h"

/* Two keys of each kind, as PKCS#8 in PEM. */
enum {
	RSA,
	EC,
	ED25519,
	KIND_COUNT
};
static struct buf files[KIND_COUNT][2];

static void
generate(gnutls_pk_algorithm_t pk, unsigned int bits, struct buf *out)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t pem;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, pk, bits, 0), 0);
	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
			     GNUTLS_PKCS_PLAIN, &pem),
	    0);
	buf_init(out, KEY_FILE_LEN_MAX);
	buf_put(out, pem.data, pem.size);
	gnutls_free(pem.data);
	gnutls_x509_privkey_deinit(key);
}

static int
make_keys(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		generate(GNUTLS_PK_RSA, 2048, &files[RSA][i]);
		generate(GNUTLS_PK_EC, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1),
		    &files[EC][i]);
		generate(GNUTLS_PK_EDDSA_ED25519,
		    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), &files[ED25519][i]);
	}
	return 0;
}

static int
drop_keys(void **state)
{
	for (size_t kind = 0; kind < KIND_COUNT; kind++) {
		key_file_wipe(&files[kind][0]);
		key_file_wipe(&files[kind][1]);
	}
	return 0;
}

static struct key_file *
read_key(const struct buf *file, const char *passphrase)
{
	char error[KEY_FILE_ERROR_SIZE] = "";
	struct key_file *key = NULL;

	if (key_file_read(buf_bytes(file), passphrase, &key, error) != STATUS_OK)
		fail_msg("%s", error);
	return key;
}

static enum status
refusal(struct bytes file, const char *passphrase)
{
	char error[KEY_FILE_ERROR_SIZE] = "";
	struct key_file *key;
	enum status status = key_file_read(file, passphrase, &key, error);

	assert_int_not_equal(status, STATUS_OK);
	assert_true(error[0] != '\0');
	return status;
}

static void
a_key_matches_its_own_public_half_only(void **state)
{
	static const enum pubkey_kind kinds[] = {PUBKEY_RSA, PUBKEY_EC_P384, PUBKEY_ED25519};

	for (size_t kind = 0; kind < KIND_COUNT; kind++) {
		struct key_file *a = read_key(&files[kind][0], NULL);
		struct key_file *b = read_key(&files[kind][1], NULL);
		struct key_file *c = read_key(&files[(kind + 1) % KIND_COUNT][0], NULL);

		assert_int_equal(key_file_pubkey(a)->kind, kinds[kind]);
		assert_int_equal(key_file_form(a), KEY_FORM_PKCS8);
		assert_true(key_file_sound(a));
		assert_true(key_file_matches(a, key_file_pubkey(a)->spki));
		assert_false(key_file_matches(a, key_file_pubkey(b)->spki));
		assert_false(key_file_matches(a, key_file_pubkey(c)->spki));
		assert_false(key_file_matches(a, bytes_of("junk", 4)));
		key_file_free(a);
		key_file_free(b);
		key_file_free(c);
	}
}

static void
a_key_survives_every_form_it_can_have(void **state)
{
	static const struct {
		enum key_form form;
		bool can[KIND_COUNT];
	} rows[] = {{KEY_FORM_PKCS1, {true, false, false}},
	    {KEY_FORM_SEC1, {false, true, false}}, {KEY_FORM_PKCS8, {true, true, true}},
	    {KEY_FORM_PKCS8_ENCRYPTED, {true, true, true}},
	    {KEY_FORM_OPENSSL, {false, false, false}}};

	for (size_t i = 0; i < COUNT_OF(rows) * KIND_COUNT; i++) {
		size_t kind = i % KIND_COUNT, row = i / KIND_COUNT;
		struct key_file *key = read_key(&files[kind][0], NULL), *back;
		enum status status;
		struct buf out;

		buf_init(&out, KEY_FILE_LEN_MAX);
		status = key_file_write(key, rows[row].form, "a secret", &out);
		assert_int_equal(status, rows[row].can[kind] ? STATUS_OK : STATUS_UNSUPPORTED);
		if (status == STATUS_OK) {
			back = read_key(&out, "a secret");
			assert_int_equal(key_file_form(back), rows[row].form);
			assert_true(key_file_matches(back, key_file_pubkey(key)->spki));
			key_file_free(back);
		}
		key_file_wipe(&out);
		key_file_free(key);
	}
}

static void
an_encrypted_key_opens_with_its_passphrase_only(void **state)
{
	struct key_file *key = read_key(&files[EC][0], NULL);
	struct buf out;

	buf_init(&out, KEY_FILE_LEN_MAX);
	assert_int_equal(key_file_write(key, KEY_FORM_PKCS8_ENCRYPTED, NULL, &out),
	    STATUS_INVALID);
	assert_int_equal(key_file_write(key, KEY_FORM_PKCS8_ENCRYPTED, "right", &out),
	    STATUS_OK);
	assert_int_equal(refusal(buf_bytes(&out), NULL), STATUS_DENIED);
	assert_int_equal(refusal(buf_bytes(&out), "wrong"), STATUS_DENIED);
	assert_int_equal(refusal(buf_bytes(&out), ""), STATUS_DENIED);
	key_file_wipe(&out);
	key_file_free(key);
}

/* The position in the DER of the nth INTEGER of an RSAPrivateKey, in its last bytes. */
static size_t
last_byte_of(struct bytes der, int n)
{
	struct der_fault fault;
	struct der outer = der_begin(der, &fault), numbers = der_enter(&outer, DER_SEQUENCE);
	struct bytes number = {NULL, 0};

	for (int i = 0; i <= n; i++)
		number = der_value(&numbers, DER_INTEGER);
	assert_true(der_ok(&outer));
	return (size_t)(number.data + number.len - der.data) - 1;
}

static void
numbers_that_do_not_belong_together_are_seen(void **state)
{
	struct key_file *key = read_key(&files[RSA][0], NULL), *changed;
	char error[KEY_FILE_ERROR_SIZE];
	struct pem_item item;
	struct pem pem;
	struct buf out, der;

	buf_init(&out, KEY_FILE_LEN_MAX);
	buf_init(&der, KEY_FILE_LEN_MAX);
	assert_int_equal(key_file_write(key, KEY_FORM_PKCS1, NULL, &out), STATUS_OK);
	pem_init(&pem, buf_bytes(&out), KEY_FILE_LEN_MAX);
	assert_int_equal(pem_next(&pem, &item), STATUS_OK);
	buf_put_bytes(&der, item.der);
	for (int n = 1; n <= 4; n++) { /* n, e, d, p */
		size_t at = last_byte_of(item.der, n);

		der.data[at] ^= 4;
		if (key_file_read(buf_bytes(&der), NULL, &changed, error) == STATUS_OK) {
			assert_false(key_file_sound(changed));
			key_file_free(changed);
		}
		der.data[at] ^= 4;
	}
	changed = read_key(&der, NULL);
	assert_true(key_file_sound(changed));
	key_file_free(changed);
	pem_done(&pem);
	key_file_wipe(&out);
	key_file_wipe(&der);
	key_file_free(key);
}

static void
der_is_told_from_its_shape(void **state)
{
	static const struct {
		struct bytes der;
		enum content_kind kind;
	} rows[] = {
	    {{(const uint8_t *)"\x30\x05\x02\x01\x00\x02\x00", 7}, CONTENT_KEY},
	    {{(const uint8_t *)"\x30\x05\x02\x01\x01\x04\x00", 7}, CONTENT_KEY},
	    {{(const uint8_t *)"\x30\x04\x30\x00\x04\x00", 6}, CONTENT_KEY},
	    {{(const uint8_t *)"\x30\x05\x02\x01\x03\x30\x00", 7}, CONTENT_PKCS12},
	    {{(const uint8_t *)"\x30\x04\x30\x00\x03\x00", 6}, CONTENT_PUBLIC_KEY},
	    {{(const uint8_t *)"\x30\x04\x30\x02\xa0\x00", 6}, CONTENT_CERTIFICATE},
	    {{(const uint8_t *)"\x30\x08\x30\x06\x30\x00\x30\x00\x17\x00", 10}, CONTENT_CRL},
	    {{(const uint8_t *)"\x30\x0b\x30\x09\x02\x01\x00\x30\x00\x30\x00\xa0\x00", 13},
		CONTENT_REQUEST},
	    {{(const uint8_t *)"\x30\x0b\x30\x09\x02\x01\x05\x30\x00\x30\x00\x30\x00", 13},
		CONTENT_CERTIFICATE},
	    {{(const uint8_t *)"\x30\x03\x02\x01\x05", 5}, CONTENT_UNKNOWN},
	    {{(const uint8_t *)"", 0}, CONTENT_UNKNOWN},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(content_kind_of(&(struct pem_item){.der = rows[i].der}),
		    rows[i].kind);
}

static void
what_is_no_key_is_refused(void **state)
{
	struct key_file *key = read_key(&files[RSA][0], NULL);
	struct pkcs12_file pkcs12;
	char error[KEY_FILE_ERROR_SIZE];
	struct buf der, cut;

	assert_int_equal(refusal(bytes_of_text(""), NULL), STATUS_INVALID);
	assert_int_equal(refusal(bytes_of_text("-----BEGIN X509 CRL-----\nMAA=\n"
					       "-----END X509 CRL-----\n"),
			     NULL),
	    STATUS_NOT_FOUND);
	assert_int_equal(refusal(bytes_of_text("-----BEGIN RSA PRIVATE KEY-----\nMAA=\n"
					       "-----END RSA PRIVATE KEY-----\n"),
			     NULL),
	    STATUS_INVALID);
	buf_init(&der, KEY_FILE_LEN_MAX);
	buf_init(&cut, KEY_FILE_LEN_MAX);
	assert_int_equal(key_file_pkcs8(key, &der), STATUS_OK);
	for (size_t len = 0; len < der.len; len += 7)
		(void)refusal(bytes_of(der.data, len), NULL);
	buf_put(&cut, "\x30\x05\x02\x01\x03\x30\x00", 7);
	assert_int_equal(pkcs12_file_read(buf_bytes(&cut), "x", &pkcs12, error),
	    STATUS_INVALID);
	key_file_wipe(&der);
	key_file_wipe(&cut);
	key_file_free(key);
	key_file_free(NULL);
}

static void
a_key_of_an_unknown_algorithm_is_not_supported(void **state)
{
	/* PKCS#8: version 0, algorithm 1.2.3.4 without parameters, a key of one octet */
	static const uint8_t der[] = {0x30, 0x0d, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03,
	    0x2a, 0x03, 0x04, 0x04, 0x01, 0x00};

	assert_int_equal(refusal(bytes_of(der, sizeof(der)), NULL), STATUS_UNSUPPORTED);
}

static void
every_kind_of_content_has_a_name_of_its_own(void **state)
{
	for (int i = 0; i <= CONTENT_PKCS12; i++) {
		for (int j = 0; j < i; j++)
			assert_string_not_equal(content_kind_text((enum content_kind)i),
			    content_kind_text((enum content_kind)j));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_matches_its_own_public_half_only),
	    cmocka_unit_test(a_key_survives_every_form_it_can_have),
	    cmocka_unit_test(an_encrypted_key_opens_with_its_passphrase_only),
	    cmocka_unit_test(numbers_that_do_not_belong_together_are_seen),
	    cmocka_unit_test(der_is_told_from_its_shape),
	    cmocka_unit_test(what_is_no_key_is_refused),
	    cmocka_unit_test(a_key_of_an_unknown_algorithm_is_not_supported),
	    cmocka_unit_test(every_kind_of_content_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
