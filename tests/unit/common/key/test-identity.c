/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/fileio.h"
#include "common/key/identity.h"

static char dir_path[] = "/tmp/portcullis-identity-XXXXXX";
static int dir_fd;
static struct buf key_pem[2], cert_pem[2];

/* A P-256 key and a certificate for it, made by GnuTLS. */
static void
make_pair(struct buf *key_out, struct buf *cert_out)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_datum_t out;

	gnutls_x509_privkey_init(&key);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&cert);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, "\x07", 1);
	gnutls_x509_crt_set_dn(cert, "CN=s1.example", NULL);
	gnutls_x509_crt_set_activation_time(cert, 1700000000);
	gnutls_x509_crt_set_expiration_time(cert, 1800000000);
	gnutls_x509_crt_set_key(cert, key);
	assert_int_equal(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0), 0);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &out);
	buf_put(key_out, out.data, out.size);
	gnutls_free(out.data);
	gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &out);
	buf_put(cert_out, out.data, out.size);
	gnutls_free(out.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

static int
set_up(void **state)
{
	for (int i = 0; i < 2; i++) {
		buf_init(&key_pem[i], SIGNER_PEM_MAX);
		buf_init(&cert_pem[i], IDENTITY_FILE_MAX);
		make_pair(&key_pem[i], &cert_pem[i]);
	}
	return mkdtemp(dir_path) != NULL &&
		       fileio_open_dir(dir_path, 0700, &dir_fd) == STATUS_OK
		   ? 0
		   : -1;
}

static int
count_files(void)
{
	DIR *dir = fdopendir(dup(dir_fd));
	struct dirent *entry;
	int count = 0;

	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static int
tear_down(void **state)
{
	const char *const names[] = {"appliance.current", "appliance.1.crt", "appliance.1.key",
	    "appliance.2.crt", "appliance.2.key"};

	for (int i = 0; i < 2; i++) {
		buf_done(&key_pem[i]);
		buf_done(&cert_pem[i]);
	}
	for (size_t i = 0; i < COUNT_OF(names); i++)
		unlinkat(dir_fd, names[i], 0);
	close(dir_fd);
	return rmdir(dir_path);
}

static struct identity *
read_pair(int cert, int key)
{
	struct identity_files files = {.certificate = buf_bytes(&cert_pem[cert]),
	    .key = buf_bytes(&key_pem[key])};
	struct identity *identity = NULL;
	enum reason reason;
	struct buf text;

	buf_init(&text, 1024);
	if (identity_read(&files, &identity, &reason, &text) != STATUS_OK)
		assert_int_equal(reason, REASON_KEY_MISMATCH);
	buf_done(&text);
	return identity;
}

static void
a_key_of_another_certificate_is_refused(void **state)
{
	assert_null(read_pair(0, 1));
}

static void
what_is_not_a_certificate_is_named(void **state)
{
	struct identity_files files =
	    {.certificate = bytes_of_text(
		 "-----BEGIN CERTIFICATE-----\nMII|\n-----END CERTIFICATE-----\n"),
		.key = buf_bytes(&key_pem[0])};
	struct identity *identity;
	enum reason reason;
	struct buf text;

	buf_init(&text, 1024);
	assert_int_equal(identity_read(&files, &identity, &reason, &text), STATUS_INVALID);
	assert_int_equal(reason, REASON_PARSE);
	assert_non_null(strstr(buf_text(&text), "line 2"));
	files.certificate = buf_bytes(&key_pem[0]);
	buf_clear(&text);
	assert_int_equal(identity_read(&files, &identity, &reason, &text), STATUS_INVALID);
	assert_string_equal(buf_text(&text), "no certificate in the file");
	buf_done(&text);
}

static void
an_installed_identity_is_loaded_again_and_replaces_the_old_one(void **state)
{
	struct identity *identity, *loaded;
	struct stat info;
	struct buf text;

	buf_init(&text, 1024);
	assert_int_equal(identity_load(dir_fd, "appliance", &loaded, &text), STATUS_NOT_FOUND);
	for (uint32_t i = 0; i < 2; i++) {
		identity = read_pair((int)i, (int)i);
		assert_non_null(identity);
		assert_int_equal(identity_install(dir_fd, "appliance", identity), STATUS_OK);
		assert_int_equal(identity->generation, i + 1);
		assert_int_equal(identity_load(dir_fd, "appliance", &loaded, &text), STATUS_OK);
		assert_int_equal(loaded->generation, i + 1);
		assert_true(bytes_equal(loaded->chain[0], identity->chain[0]));
		identity_free(loaded);
		identity_free(identity);
	}
	assert_int_equal(count_files(), 3); /* the old key is gone */
	assert_int_equal(fstatat(dir_fd, "appliance.2.key", &info, 0), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	buf_done(&text);
}

static void
a_damaged_directory_is_told_from_an_empty_one(void **state)
{
	struct identity *loaded;
	struct buf text;

	buf_init(&text, 1024);
	assert_int_equal(unlinkat(dir_fd, "appliance.2.key", 0), 0);
	assert_int_equal(identity_load(dir_fd, "appliance", &loaded, &text), STATUS_CORRUPT);
	assert_non_null(strstr(buf_text(&text), "appliance.2.key"));
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_of_another_certificate_is_refused),
	    cmocka_unit_test(what_is_not_a_certificate_is_named),
	    cmocka_unit_test(an_installed_identity_is_loaded_again_and_replaces_the_old_one),
	    cmocka_unit_test(a_damaged_directory_is_told_from_an_empty_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
