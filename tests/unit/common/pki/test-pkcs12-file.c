/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <gnutls/pkcs12.h>
#include <stdlib.h>

#include "common/pki/cert.h"
#include "common/pki/pkcs12_file.h"
#include "tests/lib/pki_build.h"

static gnutls_x509_privkey_t private;
static struct pki_key *signer; /* of the other certificates */

static int
make_keys(void **state)
{
	signer = pki_key_new();
	return gnutls_x509_privkey_init(&private) == 0 &&
		       gnutls_x509_privkey_generate(private, GNUTLS_PK_EC,
			   GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0
		   ? 0
		   : -1;
}

static int
free_keys(void **state)
{
	pki_key_free(signer);
	gnutls_x509_privkey_deinit(private);
	return 0;
}

static void
put_key(gnutls_pkcs12_t pkcs12, const char *passphrase)
{
	gnutls_datum_t der;
	gnutls_pkcs12_bag_t bag;

	assert_int_equal(gnutls_x509_privkey_export2_pkcs8(private, GNUTLS_X509_FMT_DER,
			     passphrase, GNUTLS_PKCS_PBES2_AES_256, &der),
	    0);
	assert_int_equal(gnutls_pkcs12_bag_init(&bag), 0);
	assert_true(gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &der) >= 0);
	assert_int_equal(gnutls_pkcs12_set_bag(pkcs12, bag), 0);
	gnutls_pkcs12_bag_deinit(bag);
	gnutls_free(der.data);
}

/* Our key's own certificate. */
static gnutls_x509_crt_t
make_cert(void)
{
	gnutls_x509_crt_t cert;

	assert_int_equal(gnutls_x509_crt_init(&cert), 0);
	assert_int_equal(gnutls_x509_crt_set_key(cert, private), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(cert, "\x01", 1), 0);
	assert_int_equal(gnutls_x509_crt_set_dn(cert, "CN=Own", NULL), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(cert, 1), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(cert, 2), 0);
	assert_int_equal(gnutls_x509_crt_set_version(cert, 3), 0);
	assert_int_equal(gnutls_x509_crt_sign2(cert, cert, private, GNUTLS_DIG_SHA256, 0), 0);
	return cert;
}

static gnutls_x509_crt_t
make_other_cert(void)
{
	const struct pki_cert_spec spec = {.subject = "Other", .issuer = "Other"};
	gnutls_x509_crt_t cert;
	gnutls_datum_t datum;
	struct buf der;

	buf_init(&der, CERT_LEN_MAX);
	pki_build_cert(&spec, signer, signer, &der);
	datum = (gnutls_datum_t){der.data, (unsigned int)der.len};
	assert_int_equal(gnutls_x509_crt_init(&cert), 0);
	assert_int_equal(gnutls_x509_crt_import(cert, &datum, GNUTLS_X509_FMT_DER), 0);
	buf_done(&der);
	return cert;
}

/* Takes the certificate. */
static void
put_cert(gnutls_pkcs12_t pkcs12, gnutls_x509_crt_t cert)
{
	gnutls_pkcs12_bag_t bag;

	assert_int_equal(gnutls_pkcs12_bag_init(&bag), 0);
	assert_true(gnutls_pkcs12_bag_set_crt(bag, cert) >= 0);
	assert_int_equal(gnutls_pkcs12_set_bag(pkcs12, bag), 0);
	gnutls_pkcs12_bag_deinit(bag);
	gnutls_x509_crt_deinit(cert);
}

/* A file with our key and so many certificates, its own (where own) among them. */
static struct buf
file_of(unsigned int certs, bool own, const char *passphrase)
{
	gnutls_datum_t exported;
	gnutls_pkcs12_t pkcs12;
	struct buf file;

	assert_int_equal(gnutls_pkcs12_init(&pkcs12), 0);
	put_key(pkcs12, passphrase);
	for (unsigned int i = 0; i < certs; i++)
		put_cert(pkcs12, own && i == 0 ? make_cert() : make_other_cert());
	assert_int_equal(gnutls_pkcs12_generate_mac(pkcs12, passphrase), 0);
	assert_int_equal(gnutls_pkcs12_export2(pkcs12, GNUTLS_X509_FMT_DER, &exported), 0);
	gnutls_pkcs12_deinit(pkcs12);
	buf_init(&file, 2 * PKCS12_FILE_LEN_MAX);
	buf_put(&file, exported.data, exported.size);
	gnutls_free(exported.data);
	return file;
}

static void
open_file(const struct buf *file, const char *passphrase, struct pkcs12_file *ret_pkcs12)
{
	char error[KEY_FILE_ERROR_SIZE] = "";

	if (pkcs12_file_read(buf_bytes(file), passphrase, ret_pkcs12, error) != STATUS_OK)
		fail_msg("%s", error);
}

static enum status
refusal(struct bytes file, const char *passphrase)
{
	char error[KEY_FILE_ERROR_SIZE] = "";
	struct pkcs12_file pkcs12;
	enum status status = pkcs12_file_read(file, passphrase, &pkcs12, error);

	assert_int_not_equal(status, STATUS_OK);
	assert_string_not_equal(error, "");
	return status;
}

static void
a_file_opens_with_its_passphrase_only(void **state)
{
	struct buf file = file_of(2, true, "secret");
	struct pkcs12_file pkcs12;

	assert_true(pkcs12_file_looks(buf_bytes(&file)));
	open_file(&file, "secret", &pkcs12);
	assert_non_null(pkcs12.key);
	assert_int_equal(pkcs12.cert_count, 2);
	pkcs12_file_done(&pkcs12);
	assert_int_equal(refusal(buf_bytes(&file), "wrong"), STATUS_DENIED);
	assert_int_equal(refusal(buf_bytes(&file), ""), STATUS_DENIED);
	assert_int_equal(refusal(buf_bytes(&file), NULL), STATUS_DENIED);
	buf_done(&file);
}

static void
a_key_without_its_certificate_is_refused(void **state)
{
	struct buf file = file_of(2, false, "secret");

	assert_int_equal(refusal(buf_bytes(&file), "secret"), STATUS_INVALID);
	buf_done(&file);
}

static void
an_empty_passphrase_need_not_be_given(void **state)
{
	struct buf file = file_of(1, true, "");
	struct pkcs12_file pkcs12;

	open_file(&file, NULL, &pkcs12);
	pkcs12_file_done(&pkcs12);
	buf_done(&file);
}

static void
a_file_with_more_certificates_than_the_maximum_is_refused(void **state)
{
	struct buf file = file_of(PKCS12_CERT_MAX, true, "secret");
	struct pkcs12_file pkcs12;

	open_file(&file, "secret", &pkcs12);
	assert_int_equal(pkcs12.cert_count, PKCS12_CERT_MAX);
	pkcs12_file_done(&pkcs12);
	buf_done(&file);
	file = file_of(PKCS12_CERT_MAX + 1, true, "secret");
	assert_int_equal(refusal(buf_bytes(&file), "secret"), STATUS_UNSUPPORTED);
	buf_done(&file);
}

static void
a_damaged_file_is_refused(void **state)
{
	struct buf file = file_of(1, true, "secret");

	for (size_t len = 0; len < file.len; len += 37)
		(void)refusal(bytes_of(file.data, len), "secret");
	for (size_t i = 4; i < file.len; i += 53) {
		struct pkcs12_file pkcs12;
		char error[KEY_FILE_ERROR_SIZE];

		file.data[i] ^= 0x10; /* whatever it becomes, nothing breaks */
		if (pkcs12_file_read(buf_bytes(&file), "secret", &pkcs12, error) == STATUS_OK)
			pkcs12_file_done(&pkcs12);
		file.data[i] ^= 0x10;
	}
	assert_int_equal(refusal(bytes_of_text("0"), NULL), STATUS_INVALID);
	buf_done(&file);
}

static void
a_file_over_the_maximum_is_not_read(void **state)
{
	uint8_t *zeros = calloc(1, PKCS12_FILE_LEN_MAX + 1);

	assert_int_equal(refusal(bytes_of(zeros, PKCS12_FILE_LEN_MAX + 1), NULL), STATUS_LIMIT);
	free(zeros);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_opens_with_its_passphrase_only),
	    cmocka_unit_test(a_key_without_its_certificate_is_refused),
	    cmocka_unit_test(an_empty_passphrase_need_not_be_given),
	    cmocka_unit_test(a_file_with_more_certificates_than_the_maximum_is_refused),
	    cmocka_unit_test(a_damaged_file_is_refused),
	    cmocka_unit_test(a_file_over_the_maximum_is_not_read),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
