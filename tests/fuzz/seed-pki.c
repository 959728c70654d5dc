/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes seeds for the targets cert, name, crl, crl-index and pem into a folder: what we build
 * ourselves and, where the shared test data is at hand, its smaller certificates and CRLs.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/base/fileio.h"
#include "common/pki/cert.h"
#include "common/pki/crl_index.h"
#include "common/pki/pem.h"
#include "tests/lib/ext_build.h"
#include "tests/lib/pki_build.h"
#include "tests/lib/shared.h"

enum {
	SEED_MAX = 1 << 20,
	SEED_SMALL = 8192, /* larger files slow a fuzzer down more than they teach it */
};

#define BYTES(...) \
	bytes_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static const uint8_t seed_key[PUBKEY_HASH_SIZE] = {1};

static void
seed_write(const char *folder, const char *target, const char *name, struct bytes data)
{
	char path[SHARED_PATH_SIZE];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, target);
	mkdir(path, 0755);
	snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(data.data, 1, data.len, file) != data.len ||
	    fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

/* A certificate, and its names for the target of names. */
static void
seed_cert(const char *folder, const char *name, struct bytes der)
{
	char san[SHARED_PATH_SIZE];
	struct cert *cert;

	seed_write(folder, "fuzz-cert", name, der);
	if (cert_parse(der, &cert, NULL) != STATUS_OK)
		return;
	seed_write(folder, "fuzz-name", name, cert->subject.der);
	if (cert->subject_alt_name.present) {
		snprintf(san, sizeof san, "%s-san", name);
		seed_write(folder, "fuzz-name", san, cert->subject_alt_name.value);
	}
	cert_free(cert);
}

/* A certificate with every extension that is known. */
static void
seed_build_cert(const char *folder)
{
	struct pki_key *key = pki_key_new();
	struct pki_cert_spec spec = {.subject = "ca.example",
	    .issuer = "ca.example",
	    .is_ca = true,
	    .path_len = 3,
	    .key_usage = 0x60};
	struct buf der, extra;

	buf_init(&der, SEED_MAX);
	buf_init(&extra, SEED_MAX);
	ext_subject_alt_name(&extra,
	    LIST("DNS:ca.example", "email:a@b.example", "URI:http://a.example/", "IP:10.0.0.1",
		"DN:x", "RID:1.2.3", "other:x"));
	ext_name_constraints(&extra, LIST("DNS:example", "IP:10.0.0.0/255.0.0.0"),
	    LIST("DN:y", "email:.example", "URI:b.example"));
	ext_ext_key_usage(&extra, LIST("1.3.6.1.5.5.7.3.1", "2.5.29.37.0"));
	ext_policies(&extra, LIST("1.2.3", "2.5.29.32.0"));
	ext_policy_mappings(&extra, LIST("1.2.3", "1.2.4"));
	ext_policy_constraints(&extra, 0, 1);
	ext_inhibit_any_policy(&extra, 2);
	ext_subject_key_id(&extra, "a");
	ext_authority_key_id(&extra, "a");
	ext_crl_dist_points(&extra, LIST("http://a.example/a.crl"));
	spec.extra = buf_bytes(&extra);
	pki_build_cert(&spec, key, key, &der);
	seed_cert(folder, "built", buf_bytes(&der));
	buf_done(&der);
	buf_done(&extra);
	pki_key_free(key);
}

/* A CRL as all three targets want it. */
static void
seed_crl(const char *folder, const char *name, struct bytes der)
{
	struct buf out;
	struct crl crl;

	buf_init(&out, SEED_MAX);
	seed_write(folder, "fuzz-crl", name, der);
	pem_write(&out, "X509 CRL", der);
	seed_write(folder, "fuzz-pem", name, buf_bytes(&out));
	buf_clear(&out);
	if (crl_read(der, SEED_MAX, &crl) == REASON_OK &&
	    crl_index_build(&crl, seed_key, &out) == REASON_OK)
		seed_write(folder, "fuzz-crl-index", name, buf_bytes(&out));
	crl_done(&crl);
	buf_done(&out);
}

static void
seed_build(const char *folder)
{
	struct pki_crl_entry entries[] = {
	    {.serial = BYTES(5), .reason = 1},
	    {.serial = BYTES(5, 6, 7), .issuer = "Other"},
	};
	struct pki_crl_spec specs[] = {
	    {.issuer = "CA", .version_1 = true, .entries = entries, .entry_count = 0},
	    {.issuer = "CA", .entries = entries, .entry_count = 1},
	    {.issuer = "CA", .number = 7, .base = 5, .idp = BYTES(0x81, 1, 0xff)},
	    {.issuer = "CA",
		.entries = entries,
		.entry_count = 2,
		.idp = BYTES(0x83, 2, 1, 0x46, 0x84, 1, 0xff)},
	};
	struct pki_key *key = pki_key_new();

	for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
		char name[32];
		struct buf der;

		buf_init(&der, SEED_MAX);
		pki_build_crl(&specs[i], key, &der);
		snprintf(name, sizeof name, "built-%zu", i);
		seed_crl(folder, name, buf_bytes(&der));
		buf_done(&der);
	}
	pki_key_free(key);
}

/* The files of one folder of the shared data. */
static void
seed_suite(const char *folder, const char *suite,
    void (*seed)(const char *folder, const char *name, struct bytes der))
{
	char path[SHARED_PATH_SIZE];
	struct dirent *entry;
	DIR *dir = NULL;

	if (shared_path(path, suite))
		dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct buf der;

		buf_init(&der, SEED_SMALL);
		if (entry->d_name[0] != '.' &&
		    fileio_read(dirfd(dir), entry->d_name, &der) == STATUS_OK)
			seed(folder, entry->d_name, buf_bytes(&der));
		buf_done(&der);
	}
	if (dir != NULL)
		closedir(dir);
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	mkdir(argv[1], 0755);
	seed_build(argv[1]);
	seed_build_cert(argv[1]);
	seed_suite(argv[1], "conformance/crl-unit/crls", seed_crl);
	seed_suite(argv[1], "conformance/limbo-crl-next/crls", seed_crl);
	seed_suite(argv[1], "realdata/pki/crl-shapes", seed_crl);
	seed_suite(argv[1], "conformance/limbo/certs", seed_cert);
	seed_suite(argv[1], "conformance/pkits/certs", seed_cert);
	seed_suite(argv[1], "conformance/openssl-verify/certs", seed_cert);
	return 0;
}
