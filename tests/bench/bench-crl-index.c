/* SPDX-License-Identifier: Apache-2.0
 *
 * A CRL of many entries, each with a reason code: what it costs to read it, to verify it, to
 * index it and to look it up, beside OpenSSL's d2i_X509_CRL where libcrypto is at hand.
 * Prints figures and judges none: time depends on the machine.
 *
 * usage: bench-crl-index [entries]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/pki/cert.h"
#include "common/pki/crl_index.h"
#include "tests/lib/pki_build.h"

#if HAVE_LIBCRYPTO
#include <openssl/x509.h>
#endif

enum {
	BENCH_ENTRIES = 1000 * 1000,
	BENCH_SERIAL_LEN = 16,
	BENCH_LOOKUPS = 1000 * 1000,
	BENCH_DER_MAX = 256 << 20,
};

static int64_t bench_start_us;

/* Processor time of this process: others on the machine do not count. */
static int64_t
bench_cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void
bench_begin(void)
{
	bench_start_us = bench_cpu_us();
}

static void
bench_end(const char *what, double per)
{
	double ms = (double)(bench_cpu_us() - bench_start_us) / 1000;
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("%-36s %9.1f ms of CPU", what, ms);
	if (per > 0)
		printf("  %8.3f us each", ms * 1000 / per);
	printf("  peak %ld MiB\n", usage.ru_maxrss / 1024);
}

/* Serial number i: spread over the whole range, in no order, never the same twice. */
static void
bench_serial(uint64_t i, uint8_t serial[static BENCH_SERIAL_LEN])
{
	uint64_t mixed = i * UINT64_C(0x9e3779b97f4a7c15);

	memset(serial, 0x11, BENCH_SERIAL_LEN);
	for (size_t k = 0; k < sizeof mixed; k++)
		serial[1 + k] = (uint8_t)(mixed >> 8 * k);
}

static void
bench_build(size_t count, const struct pki_key *key, struct buf *der)
{
	struct pki_crl_entry *entries = calloc(count, sizeof *entries);
	uint8_t(*serials)[BENCH_SERIAL_LEN] = calloc(count, sizeof *serials);
	struct pki_crl_spec spec = {
	    .issuer = "CA",
	    .entries = entries,
	    .entry_count = count,
	};

	if (entries == NULL || serials == NULL)
		abort();
	for (size_t i = 0; i < count; i++) {
		bench_serial(2 * i, serials[i]);
		entries[i].serial = bytes_of(serials[i], BENCH_SERIAL_LEN);
		entries[i].reason = 1 + (int)(i % 5);
	}
	pki_build_crl(&spec, key, der);
	free(serials);
	free(entries);
}

/* Half of the lookups find something. */
static void
bench_lookups(const struct crl_index *index, size_t entry_count)
{
	uint8_t serial[BENCH_SERIAL_LEN];
	struct crl_index_entry entry;
	size_t found = 0;

	bench_begin();
	for (uint64_t i = 0; i < BENCH_LOOKUPS; i++) {
		bench_serial(i * 7919 % (2 * entry_count), serial);
		found += crl_index_find(index, index->issuer.canonical,
		    bytes_of(serial, sizeof serial), &entry);
	}
	bench_end("look up", BENCH_LOOKUPS);
	printf("%-36s %9zu of %d\n", "found", found, BENCH_LOOKUPS);
}

static void
bench_ours(struct bytes der, const struct cert *ca)
{
	struct crl_index *index;
	struct buf image;
	struct crl crl;

	buf_init(&image, BENCH_DER_MAX);
	bench_begin();
	if (crl_read(der, BENCH_DER_MAX, &crl) != REASON_OK)
		abort();
	bench_end("read: one strict pass, unverified", 0);
	bench_begin();
	if (crl_check_signature(&crl, ca) != REASON_OK)
		abort();
	bench_end("verify the signature", 0);
	bench_begin();
	if (crl_index_build(&crl, ca->key.sha256, &image) != REASON_OK)
		abort();
	bench_end("build the index", 0);
	printf("%-36s %9.1f MiB\n", "index", (double)image.len / (1 << 20));
	bench_begin();
	if (crl_index_open_take(buf_bytes(&image), NULL, &index) != STATUS_OK)
		abort();
	bench_end("open the index (checksum)", 0);
	bench_lookups(index, crl.entry_count);
	crl_index_unref(index);
	crl_done(&crl);
	buf_done(&image);
}

#if HAVE_LIBCRYPTO
static void
bench_openssl(struct bytes der, size_t entry_count)
{
	const unsigned char *at = der.data;
	uint8_t serial[BENCH_SERIAL_LEN];
	X509_REVOKED *revoked;
	X509_CRL *crl;

	bench_begin();
	crl = d2i_X509_CRL(NULL, &at, (long)der.len);
	if (crl == NULL)
		abort();
	bench_end("OpenSSL: d2i_X509_CRL", 0);
	for (int round = 0; round < 2; round++) {
		const int lookups = round == 0 ? 1 : 100000;

		bench_begin();
		for (int i = 0; i < lookups; i++) {
			ASN1_INTEGER *number = ASN1_INTEGER_new();

			bench_serial((uint64_t)i * 7919 % (2 * entry_count), serial);
			ASN1_STRING_set(number, serial, sizeof serial);
			(void)X509_CRL_get0_by_serial(crl, &revoked, number);
			ASN1_INTEGER_free(number);
		}
		bench_end(round == 0 ? "OpenSSL: first look up" : "OpenSSL: look up", lookups);
	}
	X509_CRL_free(crl);
}
#endif

int
main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : BENCH_ENTRIES;
	struct pki_cert_spec spec = {.subject = "CA", .issuer = "CA", .is_ca = true};
	struct pki_key *key = pki_key_new();
	struct buf der, ca_der;
	struct cert *ca;

	buf_init(&der, BENCH_DER_MAX);
	buf_init(&ca_der, CERT_LEN_MAX);
	pki_build_cert(&spec, key, key, &ca_der);
	if (cert_parse(buf_bytes(&ca_der), &ca, NULL) != STATUS_OK)
		return 1;
	bench_build(count, key, &der);
	printf("%-36s %9.1f MiB, %zu entries\n", "CRL", (double)der.len / (1 << 20), count);
	bench_ours(buf_bytes(&der), ca);
#if HAVE_LIBCRYPTO
	bench_openssl(buf_bytes(&der), count);
#endif
	cert_free(ca);
	buf_done(&ca_der);
	buf_done(&der);
	pki_key_free(key);
	return 0;
}
