/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <gnutls/x509.h>

#include "pki-test/cert_write.h"
#include "pki-test/recipes/recipe.h"
#include "pki-test/signed_write.h"

static const int64_t NOW = 1767225600; /* 2026-01-01 */
static struct key *ca_key, *leaf_key;
static const uint8_t ca_name[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04,
    0x03, 0x0c, 0x02, 'C', 'A'};

static int
make_keys(void **state)
{
	return key_generate("rsa2048", &ca_key) != STATUS_OK ||
	       key_generate("p256", &leaf_key) != STATUS_OK;
}

static int
free_keys(void **state)
{
	key_free(ca_key);
	key_free(leaf_key);
	return 0;
}

/* Writes a certificate with the settings of a recipe and more. */
static enum status
write_certificate(const char *recipe, const char *const *set, struct buf *out)
{
	struct cert_parties parties = {
	    .key = leaf_key,
	    .signer = ca_key,
	    .issuer = bytes_of(ca_name, sizeof(ca_name)),
	    .serial = bytes_of("\x41\x02", 2),
	    .names = {"sensor-1.plant.example", "plant.example", "http://crl/", "issuing"},
	    .now_s = NOW,
	};
	struct settings cert;
	struct buf subject;
	enum status status;

	buf_init(&subject, 10000);
	recipe_settings(recipe_find(RECIPE_LEAF, recipe), &cert);
	for (; set != NULL && *set != NULL; set++)
		settings_set(&cert, *set);
	status = cert_write(&cert, &parties, out, &subject);
	settings_done(&cert);
	buf_done(&subject);
	return status;
}

static gnutls_x509_crt_t
import(const struct buf *der)
{
	gnutls_datum_t datum = {der->data, (unsigned int)der->len};
	gnutls_x509_crt_t crt;

	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER), 0);
	return crt;
}

static void
gnutls_reads_what_was_asked_for(void **state)
{
	static const char *const set[] = {"pathlen=3", "ca=yes", "ku=ds,certsign", NULL};
	unsigned int critical, ca, usage;
	gnutls_x509_crt_t crt;
	gnutls_datum_t dn;
	uint8_t serial[20];
	size_t size = sizeof(serial);
	int path_len;
	struct buf der;

	buf_init(&der, SIGNED_MAX);
	assert_int_equal(write_certificate("good", set, &der), STATUS_OK);
	crt = import(&der);
	assert_int_equal(gnutls_x509_crt_get_version(crt), 3);
	assert_int_equal(gnutls_x509_crt_get_serial(crt, serial, &size), 0);
	assert_int_equal(size, 2);
	assert_int_equal(gnutls_x509_crt_get_activation_time(crt), NOW - 86400);
	assert_int_equal(gnutls_x509_crt_get_expiration_time(crt), NOW + 365 * 86400);
	assert_int_equal(gnutls_x509_crt_get_dn3(crt, &dn, 0), 0);
	assert_string_equal((char *)dn.data,
	    "CN=sensor-1.plant.example,OU=OT Security,O=Example Plant,C=DE");
	gnutls_free(dn.data);
	assert_int_equal(gnutls_x509_crt_get_basic_constraints(crt, &critical, &ca, &path_len),
	    1);
	assert_true(critical && ca && path_len == 3);
	assert_int_equal(gnutls_x509_crt_get_key_usage(crt, &usage, &critical), 0);
	assert_int_equal(usage, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN);
	assert_true(gnutls_x509_crt_check_hostname2(crt, "sensor-1.plant.example", 0));
	assert_int_equal(gnutls_x509_crt_get_signature_algorithm(crt), GNUTLS_SIGN_RSA_SHA256);
	gnutls_x509_crt_deinit(crt);
	buf_done(&der);
}

/* What GnuTLS finds wrong with a certificate below a CA with our key: 0, or its bits. */
static int
verify(gnutls_x509_crt_t crt)
{
	gnutls_x509_crt_t issuer;
	struct buf der, subject;
	struct settings cert;
	struct cert_parties parties = {
	    .key = ca_key,
	    .signer = ca_key,
	    .serial = bytes_of("\x01", 1),
	    .names = {"", "", "", ""},
	    .now_s = NOW,
	};
	unsigned int result = 0;

	buf_init(&der, SIGNED_MAX);
	buf_init(&subject, 1000);
	recipe_settings(recipe_find(RECIPE_CA, "root"), &cert);
	settings_set(&cert, "c=");
	settings_set(&cert, "o=");
	settings_set(&cert, "ou=");
	settings_set(&cert, "cn=CA");
	assert_int_equal(cert_write(&cert, &parties, &der, &subject), STATUS_OK);
	assert_true(bytes_equal(buf_bytes(&subject), bytes_of(ca_name, sizeof(ca_name))));
	issuer = import(&der);
	assert_int_equal(gnutls_x509_crt_verify(crt, &issuer, 1,
			     GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN,
			     &result),
	    0);
	gnutls_x509_crt_deinit(issuer);
	settings_done(&cert);
	buf_done(&der);
	buf_done(&subject);
	return (int)result;
}

static void
signatures_are_right_unless_ordered_otherwise(void **state)
{
	static const char *const good[] = {"good", "good-sha384", "good-sha512", "rsa-pss",
	    "sha1"};
	gnutls_x509_crt_t crt;
	struct buf der;

	buf_init(&der, SIGNED_MAX);
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		buf_clear(&der);
		assert_int_equal(write_certificate(good[i], NULL, &der), STATUS_OK);
		crt = import(&der);
		assert_int_equal(verify(crt), 0);
		gnutls_x509_crt_deinit(crt);
	}
	buf_clear(&der);
	assert_int_equal(write_certificate("bad-signature", NULL, &der), STATUS_OK);
	crt = import(&der);
	assert_true((verify(crt) & (int)GNUTLS_CERT_SIGNATURE_FAILURE) != 0);
	gnutls_x509_crt_deinit(crt);
	buf_done(&der);
}

static void
damage_is_done_to_the_octets_it_names(void **state)
{
	struct buf good, bad;

	buf_init(&good, SIGNED_MAX);
	buf_init(&bad, SIGNED_MAX);
	assert_int_equal(write_certificate("good", NULL, &good), STATUS_OK);
	assert_int_equal(write_certificate("truncated", NULL, &bad), STATUS_OK);
	assert_int_equal(bad.len, good.len / 2);
	buf_clear(&bad);
	assert_int_equal(write_certificate("long-length", NULL, &bad), STATUS_OK);
	assert_int_equal(bad.len, good.len + 3);
	assert_memory_equal(bad.data, "\x30\x85\0\0\0", 5);
	assert_memory_equal(bad.data + 7, good.data + 4, good.len - 4);
	buf_clear(&bad);
	assert_int_equal(write_certificate("indefinite-length", NULL, &bad), STATUS_OK);
	assert_memory_equal(bad.data, "\x30\x80", 2);
	assert_memory_equal(bad.data + bad.len - 2, "\0\0", 2);
	buf_clear(&bad);
	assert_int_equal(write_certificate("wrong-tag", NULL, &bad), STATUS_OK);
	assert_int_equal(bad.data[0], 0x31);
	assert_memory_equal(bad.data + 1, good.data + 1, good.len - 1);
	buf_clear(&bad);
	assert_int_equal(write_certificate("empty", NULL, &bad), STATUS_OK);
	assert_int_equal(bad.len, 0);
	buf_done(&good);
	buf_done(&bad);
}

static void
what_can_not_be_written_is_refused(void **state)
{
	static const char *const bad[] = {"hash=md6", "san=x", "san=ip:x", "ku=x", "eku=9.9.9",
	    "eku=1", "serial=zz", "not-after=x", "cn=\\q", "version=0", "pathlen=x", "ca=maybe",
	    "aki=none", "policy=x", "dn-string=ebcdic", "pad=9999999999", "nc-permit=dns"};
	struct buf der;

	buf_init(&der, SIGNED_MAX);
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const char *const set[] = {bad[i], NULL};

		assert_int_equal(write_certificate("good", set, &der), STATUS_INVALID);
	}
	buf_done(&der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gnutls_reads_what_was_asked_for),
	    cmocka_unit_test(signatures_are_right_unless_ordered_otherwise),
	    cmocka_unit_test(damage_is_done_to_the_octets_it_names),
	    cmocka_unit_test(what_can_not_be_written_is_refused),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
