/* SPDX-License-Identifier: Apache-2.0
 *
 * Kinds of keys and of signatures, as two tables.
 */
#include "pki-test/key.h"

#include <assert.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/alloc.h"
#include "pki-test/der_write.h"

enum key_family {
	KEY_RSA,
	KEY_RSA_PSS,
	KEY_EC,
	KEY_ED25519,
};

struct key_kind {
	const char *name;
	enum key_family family;
	gnutls_pk_algorithm_t algorithm;
	unsigned int bits; /* of an RSA key; else GNUTLS_CURVE_TO_BITS */
	bool explicit_curve;
};

static const struct key_kind key_kinds[] = {
    {"rsa512", KEY_RSA, GNUTLS_PK_RSA, 512, false},
    {"rsa768", KEY_RSA, GNUTLS_PK_RSA, 768, false},
    {"rsa1024", KEY_RSA, GNUTLS_PK_RSA, 1024, false},
    {"rsa2048", KEY_RSA, GNUTLS_PK_RSA, 2048, false},
    {"rsa3072", KEY_RSA, GNUTLS_PK_RSA, 3072, false},
    {"rsa4096", KEY_RSA, GNUTLS_PK_RSA, 4096, false},
    {"rsapss2048", KEY_RSA_PSS, GNUTLS_PK_RSA_PSS, 2048, false},
    {"p256", KEY_EC, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), false},
    {"p384", KEY_EC, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), false},
    {"p256explicit", KEY_EC, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
	true},
    {"ed25519", KEY_ED25519, GNUTLS_PK_EDDSA_ED25519,
	GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519), false},
};

struct key_algorithm {
	enum key_family family; /* that makes such signatures */
	const char *hash;       /* NULL: whatever is asked for */
	gnutls_sign_algorithm_t sign;
	const char *oid;
	const char *hash_oid; /* inside RSASSA-PSS-params */
	unsigned int salt;
};

static const struct key_algorithm key_algorithms[] = {
    {KEY_RSA, "md5", GNUTLS_SIGN_RSA_MD5, "1.2.840.113549.1.1.4", NULL, 0},
    {KEY_RSA, "sha1", GNUTLS_SIGN_RSA_SHA1, "1.2.840.113549.1.1.5", NULL, 0},
    {KEY_RSA, "sha256", GNUTLS_SIGN_RSA_SHA256, "1.2.840.113549.1.1.11", NULL, 0},
    {KEY_RSA, "sha384", GNUTLS_SIGN_RSA_SHA384, "1.2.840.113549.1.1.12", NULL, 0},
    {KEY_RSA, "sha512", GNUTLS_SIGN_RSA_SHA512, "1.2.840.113549.1.1.13", NULL, 0},
    {KEY_RSA_PSS, "sha256", GNUTLS_SIGN_RSA_PSS_SHA256, "1.2.840.113549.1.1.10",
	"2.16.840.1.101.3.4.2.1", 32},
    {KEY_RSA_PSS, "sha384", GNUTLS_SIGN_RSA_PSS_SHA384, "1.2.840.113549.1.1.10",
	"2.16.840.1.101.3.4.2.2", 48},
    {KEY_EC, "sha1", GNUTLS_SIGN_ECDSA_SHA1, "1.2.840.10045.4.1", NULL, 0},
    {KEY_EC, "sha256", GNUTLS_SIGN_ECDSA_SHA256, "1.2.840.10045.4.3.2", NULL, 0},
    {KEY_EC, "sha384", GNUTLS_SIGN_ECDSA_SHA384, "1.2.840.10045.4.3.3", NULL, 0},
    {KEY_EC, "sha512", GNUTLS_SIGN_ECDSA_SHA512, "1.2.840.10045.4.3.4", NULL, 0},
    {KEY_ED25519, NULL, GNUTLS_SIGN_EDDSA_ED25519, "1.3.101.112", NULL, 0},
};

struct key {
	const struct key_kind *kind;
	gnutls_privkey_t handle;
};

static const struct key_kind *
key_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(key_kinds) / sizeof(key_kinds[0]); i++) {
		if (strcmp(key_kinds[i].name, name) == 0)
			return &key_kinds[i];
	}
	return NULL;
}

bool
key_kind_exists(const char *kind)
{
	return key_kind_find(kind) != NULL;
}

static struct key *
key_new(const struct key_kind *kind)
{
	struct key *key = NEW(struct key);

	key->kind = kind;
	if (gnutls_privkey_init(&key->handle) != 0)
		abort(); /* only for want of memory */
	return key;
}

void
key_free(struct key *key)
{
	if (key == NULL)
		return;
	gnutls_privkey_deinit(key->handle);
	free(key);
}

enum status
key_generate(const char *kind_name, struct key **ret_key)
{
	const struct key_kind *kind = key_kind_find(kind_name);
	struct key *key;

	if (kind == NULL)
		return STATUS_INVALID;
	key = key_new(kind);
	if (gnutls_privkey_generate(key->handle, kind->algorithm, kind->bits, 0) != 0) {
		key_free(key);
		return STATUS_UNSUPPORTED;
	}
	*ret_key = key;
	return STATUS_OK;
}

enum status
key_read_pem(const char *kind_name, struct bytes pem, struct key **ret_key)
{
	const struct key_kind *kind = key_kind_find(kind_name);
	gnutls_datum_t datum = {(unsigned char *)(uintptr_t)pem.data, (unsigned int)pem.len};
	struct key *key;

	if (kind == NULL)
		return STATUS_INVALID;
	key = key_new(kind);
	if (gnutls_privkey_import_x509_raw(key->handle, &datum, GNUTLS_X509_FMT_PEM, NULL, 0) !=
	    0) {
		key_free(key);
		return STATUS_CORRUPT;
	}
	*ret_key = key;
	return STATUS_OK;
}

void
key_write_pem(const struct key *key, struct buf *out)
{
	gnutls_x509_privkey_t plain;
	gnutls_datum_t pem;

	/* what we generated or read can be exported: failing is a bug, or want of memory */
	if (gnutls_privkey_export_x509(key->handle, &plain) != 0 ||
	    gnutls_x509_privkey_export2_pkcs8(plain, GNUTLS_X509_FMT_PEM, NULL,
		GNUTLS_PKCS_PLAIN, &pem) != 0)
		abort();
	buf_put(out, pem.data, pem.size);
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	gnutls_x509_privkey_deinit(plain);
}

static gnutls_pubkey_t
key_public(const struct key *key)
{
	gnutls_pubkey_t public_key;

	if (gnutls_pubkey_init(&public_key) != 0 ||
	    gnutls_pubkey_import_privkey(public_key, key->handle, 0, 0) != 0)
		abort();
	return public_key;
}

static void
key_put_hex(struct buf *out, uint8_t tag, const char *hex)
{
	uint8_t raw[128];
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		raw[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	if (tag == DER_INTEGER)
		der_put_unsigned(out, bytes_of(raw, len));
	else
		der_put(out, tag, bytes_of(raw, len));
}

/* ECParameters of P-256 in full (SEC 1 C.2, numbers of SEC 2 2.4.2). */
static void
key_put_p256_parameters(struct buf *out)
{
	static const char *const p =
	    "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
	static const char *const a =
	    "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc";
	static const char *const b =
	    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b";
	static const char *const base =
	    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
	    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
	static const char *const order =
	    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
	size_t whole = der_open(out, DER_SEQUENCE), part;

	der_put_u64(out, DER_INTEGER, 1);
	part = der_open(out, DER_SEQUENCE);
	der_put_oid(out, "1.2.840.10045.1.1"); /* prime-field */
	key_put_hex(out, DER_INTEGER, p);
	der_close(out, part);
	part = der_open(out, DER_SEQUENCE);
	key_put_hex(out, DER_OCTET_STRING, a);
	key_put_hex(out, DER_OCTET_STRING, b);
	der_close(out, part);
	key_put_hex(out, DER_OCTET_STRING, base);
	key_put_hex(out, DER_INTEGER, order);
	der_put_u64(out, DER_INTEGER, 1);
	der_close(out, whole);
}

static void
key_write_explicit_spki(gnutls_pubkey_t public_key, struct buf *out)
{
	gnutls_ecc_curve_t curve;
	gnutls_datum_t x, y;
	uint8_t point[65] = {0x04};
	size_t whole, part;

	if (gnutls_pubkey_export_ecc_raw2(public_key, &curve, &x, &y,
		GNUTLS_EXPORT_FLAG_NO_LZ) != 0)
		abort();
	assert(x.size <= 32 && y.size <= 32);
	memcpy(point + 33 - x.size, x.data, x.size);
	memcpy(point + 65 - y.size, y.data, y.size);
	gnutls_free(x.data);
	gnutls_free(y.data);
	whole = der_open(out, DER_SEQUENCE);
	part = der_open(out, DER_SEQUENCE);
	der_put_oid(out, "1.2.840.10045.2.1"); /* id-ecPublicKey */
	key_put_p256_parameters(out);
	der_close(out, part);
	der_put_bits(out, bytes_of(point, sizeof(point)));
	der_close(out, whole);
}

void
key_write_spki(const struct key *key, struct buf *out)
{
	gnutls_pubkey_t public_key = key_public(key);
	gnutls_datum_t der;

	if (key->kind->explicit_curve) {
		key_write_explicit_spki(public_key, out);
	} else {
		if (gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_DER, &der) != 0)
			abort();
		buf_put(out, der.data, der.size);
		gnutls_free(der.data);
	}
	gnutls_pubkey_deinit(public_key);
}

void
key_id(const struct key *key, uint8_t ret_id[static KEY_ID_SIZE])
{
	gnutls_pubkey_t public_key = key_public(key);
	size_t size = KEY_ID_SIZE;

	if (gnutls_pubkey_get_key_id(public_key, GNUTLS_KEYID_USE_SHA1, ret_id, &size) != 0)
		abort();
	gnutls_pubkey_deinit(public_key);
}

static const struct key_algorithm *
key_algorithm_find(const struct key *key, struct key_signing how)
{
	enum key_family family =
	    how.pss && key->kind->family == KEY_RSA ? KEY_RSA_PSS : key->kind->family;
	const char *hash = strcmp(how.hash, "auto") == 0 ? "sha256" : how.hash;

	for (size_t i = 0; i < sizeof(key_algorithms) / sizeof(key_algorithms[0]); i++) {
		const struct key_algorithm *row = &key_algorithms[i];

		if (row->family == family &&
		    (row->hash == NULL || strcmp(row->hash, hash) == 0))
			return row;
	}
	return NULL;
}

/* RSASSA-PSS-params (RFC 4055 section 3.1): hash, MGF1 with the same hash, salt length. */
static void
key_put_pss_parameters(const struct key_algorithm *row, struct buf *out)
{
	size_t whole = der_open(out, DER_SEQUENCE), tagged, part;

	tagged = der_open(out, DER_CONTEXT_CONSTRUCTED(0));
	part = der_open(out, DER_SEQUENCE);
	der_put_oid(out, row->hash_oid);
	der_put_null(out);
	der_close(out, part);
	der_close(out, tagged);
	tagged = der_open(out, DER_CONTEXT_CONSTRUCTED(1));
	part = der_open(out, DER_SEQUENCE);
	der_put_oid(out, "1.2.840.113549.1.1.8"); /* id-mgf1 */
	{
		size_t hash = der_open(out, DER_SEQUENCE);

		der_put_oid(out, row->hash_oid);
		der_put_null(out);
		der_close(out, hash);
	}
	der_close(out, part);
	der_close(out, tagged);
	tagged = der_open(out, DER_CONTEXT_CONSTRUCTED(2));
	der_put_u64(out, DER_INTEGER, row->salt);
	der_close(out, tagged);
	der_close(out, whole);
}

enum status
key_write_algorithm(const struct key *key, struct key_signing how, struct buf *out)
{
	const struct key_algorithm *row = key_algorithm_find(key, how);
	size_t mark;

	if (row == NULL)
		return STATUS_UNSUPPORTED;
	mark = der_open(out, DER_SEQUENCE);
	der_put_oid(out, row->oid);
	if (row->family == KEY_RSA)
		der_put_null(out);
	else if (row->family == KEY_RSA_PSS)
		key_put_pss_parameters(row, out);
	der_close(out, mark);
	return STATUS_OK;
}

enum status
key_sign(const struct key *key, struct key_signing how, struct bytes data, struct buf *out)
{
	const struct key_algorithm *row = key_algorithm_find(key, how);
	gnutls_datum_t datum = {(unsigned char *)(uintptr_t)data.data, (unsigned int)data.len};
	gnutls_datum_t signature;

	if (row == NULL)
		return STATUS_UNSUPPORTED;
	if (gnutls_privkey_sign_data2(key->handle, row->sign, 0, &datum, &signature) != 0)
		return STATUS_UNSUPPORTED;
	buf_put(out, signature.data, signature.size);
	gnutls_free(signature.data);
	return STATUS_OK;
}
