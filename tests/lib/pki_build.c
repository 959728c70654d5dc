/* SPDX-License-Identifier: Apache-2.0
 *
 * Building keys, certificates and CRLs.
 */
#include "tests/lib/pki_build.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/pki/der.h"

struct pki_key {
	gnutls_privkey_t private;
	gnutls_pubkey_t public;
	enum pki_key_kind kind;
};

static const struct pki_algorithm {
	gnutls_pk_algorithm_t pk;
	unsigned int bits;
	gnutls_sign_algorithm_t sign;
	const char *oid;
	bool with_null;
} algorithms[] = {
    [PKI_KEY_P256] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
	GNUTLS_SIGN_ECDSA_SHA256, "1.2.840.10045.4.3.2", false},
    [PKI_KEY_P384] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1),
	GNUTLS_SIGN_ECDSA_SHA384, "1.2.840.10045.4.3.3", false},
    [PKI_KEY_ED25519] = {GNUTLS_PK_EDDSA_ED25519, 256, GNUTLS_SIGN_EDDSA_ED25519, "1.3.101.112",
	false},
    [PKI_KEY_RSA1024] = {GNUTLS_PK_RSA, 1024, GNUTLS_SIGN_RSA_SHA256, "1.2.840.113549.1.1.11",
	true},
    [PKI_KEY_RSA2048] = {GNUTLS_PK_RSA, 2048, GNUTLS_SIGN_RSA_SHA256, "1.2.840.113549.1.1.11",
	true},
    [PKI_KEY_RSA2048_PSS] = {GNUTLS_PK_RSA, 2048, GNUTLS_SIGN_RSA_PSS_SHA256, NULL, false},
};

/* A GnuTLS call of a test that has to work. */
static void
pki_must(int code)
{
	if (code < 0)
		abort();
}

struct pki_key *
pki_key_new(void)
{
	return pki_key_new_kind(PKI_KEY_P256);
}

struct pki_key *
pki_key_new_kind(enum pki_key_kind kind)
{
	struct pki_key *key = NEW(struct pki_key);

	key->kind = kind;
	pki_must(gnutls_privkey_init(&key->private));
	pki_must(gnutls_privkey_generate(key->private, algorithms[kind].pk,
	    algorithms[kind].bits, 0));
	pki_must(gnutls_pubkey_init(&key->public));
	pki_must(gnutls_pubkey_import_privkey(key->public, key->private, 0, 0));
	return key;
}

void
pki_key_free(struct pki_key *key)
{
	if (key == NULL)
		return;
	gnutls_pubkey_deinit(key->public);
	gnutls_privkey_deinit(key->private);
	free(key);
}

void
pki_key_spki(const struct pki_key *key, struct buf *out)
{
	gnutls_datum_t spki;

	pki_must(gnutls_pubkey_export2(key->public, GNUTLS_X509_FMT_DER, &spki));
	buf_put(out, spki.data, spki.size);
	gnutls_free(spki.data);
}

/* SHA-256 for the message and the mask, 32 bytes of salt (RFC 4055 3.1). */
static void
pki_build_pss(struct der_build *build)
{
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, "1.2.840.113549.1.1.10");
	der_build_open(build, DER_SEQUENCE);
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_algorithm(build, "2.16.840.1.101.3.4.2.1", false);
	der_build_close(build);
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(1));
	der_build_open(build, DER_SEQUENCE);
	der_build_oid(build, "1.2.840.113549.1.1.8");
	der_build_algorithm(build, "2.16.840.1.101.3.4.2.1", false);
	der_build_close(build);
	der_build_close(build);
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(2));
	der_build_u64(build, DER_INTEGER, 32);
	der_build_close(build);
	der_build_close(build);
	der_build_close(build);
}

static void
pki_build_algorithm(struct der_build *build, const struct pki_key *key)
{
	const struct pki_algorithm *algorithm = &algorithms[key->kind];

	if (algorithm->oid == NULL)
		pki_build_pss(build);
	else
		der_build_algorithm(build, algorithm->oid, algorithm->with_null);
}

void
pki_build_signed(struct bytes tbs, const struct pki_key *key, struct buf *out)
{
	gnutls_datum_t data = {(unsigned char *)tbs.data, (unsigned int)tbs.len};
	gnutls_datum_t signature;
	struct der_build build;

	pki_must(gnutls_privkey_sign_data2(key->private, algorithms[key->kind].sign, 0, &data,
	    &signature));
	der_build_init(&build);
	der_build_open(&build, DER_SEQUENCE);
	der_build_raw(&build, tbs);
	pki_build_algorithm(&build, key);
	der_build_bit_string(&build, DER_BIT_STRING, bytes_of(signature.data, signature.size),
	    0);
	der_build_close(&build);
	buf_put_bytes(out, der_build_bytes(&build));
	der_build_done(&build);
	gnutls_free(signature.data);
}

static void
pki_build_key_usage(struct der_build *build, unsigned int bits)
{
	uint8_t octets[2] = {0};

	for (unsigned int n = 0; n < 16; n++)
		if (bits & 1u << n)
			octets[n / 8] |= (uint8_t)(0x80 >> n % 8);
	der_build_open_extension(build, "2.5.29.15", true);
	der_build_bit_string(build, DER_BIT_STRING, bytes_of(octets, 2), 0);
	der_build_close_extension(build);
}

static void
pki_build_basic_constraints(struct der_build *build, const struct pki_cert_spec *spec)
{
	der_build_open_extension(build, "2.5.29.19", true);
	der_build_open(build, DER_SEQUENCE);
	if (spec->is_ca)
		der_build_boolean(build, DER_BOOLEAN, true);
	if (spec->path_len > 0)
		der_build_u64(build, DER_INTEGER, (uint64_t)spec->path_len - 1);
	der_build_close(build);
	der_build_close_extension(build);
}

/* What the specification gives in raw form, else a Name of one CN. */
static void
pki_build_name(struct der_build *build, struct bytes raw, const char *cn)
{
	if (raw.len > 0)
		der_build_raw(build, raw);
	else
		der_build_name(build, cn);
}

static void
pki_build_validity(struct der_build *build, const struct pki_cert_spec *spec)
{
	const int64_t year = 365 * PKI_BUILD_DAY;

	der_build_open(build, DER_SEQUENCE);
	if (spec->raw_validity.len > 0) {
		der_build_raw(build, spec->raw_validity);
	} else {
		der_build_time(build,
		    spec->not_before_s != 0 ? spec->not_before_s : PKI_BUILD_NOW - year);
		der_build_time(build,
		    spec->not_after_s != 0 ? spec->not_after_s : PKI_BUILD_NOW + year);
	}
	der_build_close(build);
}

static void
pki_build_spki(struct der_build *build, struct bytes raw, const struct pki_key *key)
{
	struct buf spki;

	buf_init(&spki, 4096);
	if (raw.len > 0)
		buf_put_bytes(&spki, raw);
	else
		pki_key_spki(key, &spki);
	der_build_raw(build, buf_bytes(&spki));
	buf_done(&spki);
}

static void
pki_build_cert_extensions(struct der_build *build, const struct pki_cert_spec *spec)
{
	if (spec->raw_extensions.len > 0) {
		der_build_raw(build, spec->raw_extensions);
		return;
	}
	if (spec->no_basic_constraints && spec->key_usage == 0 && spec->extra.len == 0)
		return;
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(3));
	der_build_open(build, DER_SEQUENCE);
	if (!spec->no_basic_constraints)
		pki_build_basic_constraints(build, spec);
	if (spec->key_usage != 0)
		pki_build_key_usage(build, spec->key_usage);
	der_build_raw(build, spec->extra);
	der_build_close(build);
	der_build_close(build);
}

void
pki_build_cert(const struct pki_cert_spec *spec, const struct pki_key *key,
    const struct pki_key *signer, struct buf *out)
{
	struct der_build build;

	der_build_init(&build);
	der_build_open(&build, DER_SEQUENCE);
	if (spec->raw_version.len > 0) {
		der_build_raw(&build, spec->raw_version);
	} else if (spec->version != 1) {
		der_build_open(&build, DER_CONTEXT_CONSTRUCTED(0));
		der_build_u64(&build, DER_INTEGER, 2);
		der_build_close(&build);
	}
	if (spec->serial.len > 0)
		der_build_value(&build, DER_INTEGER, spec->serial.data, spec->serial.len);
	else
		der_build_u64(&build, DER_INTEGER, 1);
	if (spec->raw_algorithm.len > 0)
		der_build_raw(&build, spec->raw_algorithm);
	else
		pki_build_algorithm(&build, signer);
	pki_build_name(&build, spec->raw_issuer, spec->issuer);
	pki_build_validity(&build, spec);
	pki_build_name(&build, spec->raw_subject, spec->subject);
	pki_build_spki(&build, spec->raw_spki, key);
	if (spec->version != 1)
		pki_build_cert_extensions(&build, spec);
	der_build_close(&build);
	pki_build_signed(der_build_bytes(&build), signer, out);
	der_build_done(&build);
}

/* crlEntryExtensions, where there are any. */
static void
pki_build_entry_extensions(struct der_build *build, const struct pki_crl_entry *entry)
{
	uint8_t reason = (uint8_t)entry->reason;

	if (entry->reason == 0 && entry->issuer == NULL && entry->extra.len == 0)
		return;
	der_build_open(build, DER_SEQUENCE);
	if (entry->reason != 0) {
		der_build_open_extension(build, "2.5.29.21", false);
		der_build_value(build, DER_ENUMERATED, &reason, 1);
		der_build_close_extension(build);
	}
	if (entry->issuer != NULL) {
		der_build_open_extension(build, "2.5.29.29", true);
		der_build_open(build, DER_SEQUENCE);
		der_build_open(build, DER_CONTEXT_CONSTRUCTED(4));
		der_build_name(build, entry->issuer);
		der_build_close(build);
		der_build_close(build);
		der_build_close_extension(build);
	}
	der_build_raw(build, entry->extra);
	der_build_close(build);
}

static void
pki_build_entries(struct der_build *build, const struct pki_crl_spec *spec)
{
	if (spec->raw_entries.len > 0) {
		der_build_raw(build, spec->raw_entries);
		return;
	}
	if (spec->entry_count == 0)
		return;
	der_build_open(build, DER_SEQUENCE);
	for (size_t i = 0; i < spec->entry_count; i++) {
		const struct pki_crl_entry *entry = &spec->entries[i];

		der_build_open(build, DER_SEQUENCE);
		der_build_value(build, DER_INTEGER, entry->serial.data, entry->serial.len);
		der_build_time(build,
		    entry->date_s != 0 ? entry->date_s : PKI_BUILD_NOW - PKI_BUILD_DAY);
		pki_build_entry_extensions(build, entry);
		der_build_close(build);
	}
	der_build_close(build);
}

static void
pki_build_number(struct der_build *build, const char *oid, bool critical, int number)
{
	der_build_open_extension(build, oid, critical);
	der_build_u64(build, DER_INTEGER, (uint64_t)number);
	der_build_close_extension(build);
}

static void
pki_build_crl_extensions(struct der_build *build, const struct pki_crl_spec *spec)
{
	bool any = !spec->no_authority_key || spec->number >= 0 || spec->base > 0 ||
		   spec->idp.len > 0 || spec->raw_extensions.len > 0;

	if (!any)
		return;
	der_build_open(build, DER_CONTEXT_CONSTRUCTED(0));
	der_build_open(build, DER_SEQUENCE);
	if (!spec->no_authority_key) {
		der_build_open_extension(build, "2.5.29.35", false);
		der_build_open(build, DER_SEQUENCE);
		der_build_text(build, DER_CONTEXT(0), "key");
		der_build_close(build);
		der_build_close_extension(build);
	}
	if (spec->number >= 0)
		pki_build_number(build, "2.5.29.20", false,
		    spec->number == 0 ? 1 : spec->number);
	if (spec->base > 0)
		pki_build_number(build, "2.5.29.27", true, spec->base);
	if (spec->idp.len > 0) {
		der_build_open_extension(build, "2.5.29.28", true);
		der_build_value(build, DER_SEQUENCE, spec->idp.data, spec->idp.len);
		der_build_close_extension(build);
	}
	der_build_raw(build, spec->raw_extensions);
	der_build_close(build);
	der_build_close(build);
}

static void
pki_build_crl_times(struct der_build *build, const struct pki_crl_spec *spec)
{
	if (spec->raw_times.len > 0) {
		der_build_raw(build, spec->raw_times);
		return;
	}
	der_build_time(build, spec->this_s != 0 ? spec->this_s : PKI_BUILD_NOW - PKI_BUILD_DAY);
	der_build_time(build, spec->next_s != 0 ? spec->next_s : PKI_BUILD_NOW + PKI_BUILD_DAY);
}

void
pki_build_crl(const struct pki_crl_spec *spec, const struct pki_key *key, struct buf *out)
{
	struct der_build build;

	der_build_init(&build);
	der_build_open(&build, DER_SEQUENCE);
	if (spec->raw_version.len > 0)
		der_build_raw(&build, spec->raw_version);
	else if (!spec->version_1)
		der_build_u64(&build, DER_INTEGER, 1);
	if (spec->raw_algorithm.len > 0)
		der_build_raw(&build, spec->raw_algorithm);
	else
		pki_build_algorithm(&build, key);
	pki_build_name(&build, spec->raw_issuer, spec->issuer);
	pki_build_crl_times(&build, spec);
	pki_build_entries(&build, spec);
	if (!spec->version_1)
		pki_build_crl_extensions(&build, spec);
	der_build_raw(&build, spec->raw_tail);
	der_build_close(&build);
	pki_build_signed(der_build_bytes(&build), key, out);
	der_build_done(&build);
}
