/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys are classified by their own encoding; GnuTLS imports them and checks signatures.
 */
#include "common/pki/pubkey.h"

#include <assert.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "common/pki/oid.h"

static const struct {
	struct bytes oid;
	enum pubkey_kind kind;
} pubkey_algorithms[] = {
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1), PUBKEY_RSA},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10), PUBKEY_RSA_PSS},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1), PUBKEY_EC_OTHER},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1), PUBKEY_DSA},
    {OID_VALUE(0x2b, 0x65, 0x6e), PUBKEY_X25519},
    {OID_VALUE(0x2b, 0x65, 0x6f), PUBKEY_X448},
    {OID_VALUE(0x2b, 0x65, 0x70), PUBKEY_ED25519},
    {OID_VALUE(0x2b, 0x65, 0x71), PUBKEY_ED448},
};

static const struct {
	struct bytes oid;
	enum pubkey_kind kind;
	unsigned int bits;
} pubkey_curves[] = {
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7), PUBKEY_EC_P256, 256},
    {OID_VALUE(0x2b, 0x81, 4, 0, 34), PUBKEY_EC_P384, 384},
    {OID_VALUE(0x2b, 0x81, 4, 0, 35), PUBKEY_EC_P521, 521},
};

static const struct {
	const char *text;
	bool signs;
} pubkey_kinds[] = {
    [PUBKEY_UNKNOWN] = {"unknown key type", false},
    [PUBKEY_RSA] = {"RSA", true},
    [PUBKEY_RSA_PSS] = {"RSA-PSS", true},
    [PUBKEY_EC_P256] = {"EC P-256", true},
    [PUBKEY_EC_P384] = {"EC P-384", true},
    [PUBKEY_EC_P521] = {"EC P-521", true},
    [PUBKEY_EC_OTHER] = {"EC on another curve", false},
    [PUBKEY_EC_EXPLICIT] = {"EC with explicit parameters", false},
    [PUBKEY_ED25519] = {"Ed25519", true},
    [PUBKEY_ED448] = {"Ed448", true},
    [PUBKEY_X25519] = {"X25519", false},
    [PUBKEY_X448] = {"X448", false},
    [PUBKEY_DSA] = {"DSA", false},
};

/* How many bits a positive INTEGER has. */
static unsigned int
pubkey_integer_bits(struct bytes integer)
{
	unsigned int bits;

	while (integer.len > 0 && integer.data[0] == 0)
		integer = bytes_of(integer.data + 1, integer.len - 1);
	if (integer.len == 0)
		return 0;
	bits = (unsigned int)(integer.len - 1) * 8;
	for (unsigned int top = integer.data[0]; top > 0; top >>= 1)
		bits++;
	return bits;
}

static bool
pubkey_integer_odd(struct bytes integer)
{
	return integer.len > 0 && (integer.data[integer.len - 1] & 1) != 0;
}

/* RSAPublicKey (RFC 8017 A.1.1). */
static void
pubkey_read_rsa(const struct der *der, struct bytes bits, struct pubkey *key)
{
	struct der outer = der_inside(der, bits);
	struct der inner = der_enter(&outer, DER_SEQUENCE);
	struct bytes modulus = der_integer(&inner, DER_INTEGER);
	struct bytes exponent = der_integer(&inner, DER_INTEGER);
	unsigned int exponent_bits;

	der_end(&inner);
	der_end(&outer);
	if (!der_ok(&outer))
		return;
	if ((modulus.data[0] | exponent.data[0]) & 0x80) {
		der_fail(&outer, "a negative number in an RSA key");
		return;
	}
	key->bits = pubkey_integer_bits(modulus);
	exponent_bits = pubkey_integer_bits(exponent);
	key->odd_rsa = !pubkey_integer_odd(modulus) || !pubkey_integer_odd(exponent) ||
		       exponent_bits < 2 || exponent_bits > PUBKEY_RSA_EXPONENT_MAX;
}

/* ECParameters (RFC 5480 2.1.1): a named curve, or the curve itself. */
static void
pubkey_read_curve(struct der *algorithm, struct pubkey *key)
{
	struct bytes oid;

	if (!der_next_is(algorithm, DER_OID)) {
		key->kind = PUBKEY_EC_EXPLICIT;
		return;
	}
	oid = der_oid(algorithm, DER_OID);
	for (size_t i = 0; i < sizeof pubkey_curves / sizeof pubkey_curves[0]; i++) {
		if (bytes_equal(pubkey_curves[i].oid, oid)) {
			key->kind = pubkey_curves[i].kind;
			key->bits = pubkey_curves[i].bits;
		}
	}
}

/* The prime's length of Dss-Parms, where they are there. */
static void
pubkey_read_dsa(struct der *algorithm, struct pubkey *key)
{
	struct der params;

	if (der_optional_enter(algorithm, DER_SEQUENCE, &params))
		key->bits = pubkey_integer_bits(der_integer(&params, DER_INTEGER));
}

static enum pubkey_kind
pubkey_kind_of(struct bytes oid)
{
	for (size_t i = 0; i < sizeof pubkey_algorithms / sizeof pubkey_algorithms[0]; i++)
		if (bytes_equal(pubkey_algorithms[i].oid, oid))
			return pubkey_algorithms[i].kind;
	return PUBKEY_UNKNOWN;
}

void
pubkey_read(struct der *der, struct pubkey *ret_key)
{
	struct pubkey key = {.spki = der_whole(der, DER_SEQUENCE)};
	struct der outer = der_inside(der, key.spki), spki, algorithm;
	struct der_bits bits;

	*ret_key = key;
	if (!der_ok(der))
		return;
	spki = der_enter(&outer, DER_SEQUENCE);
	algorithm = der_enter(&spki, DER_SEQUENCE);
	key.kind = pubkey_kind_of(der_oid(&algorithm, DER_OID));
	bits = der_bit_string(&spki, DER_BIT_STRING);
	der_end(&spki);
	if (!der_ok(der))
		return;
	if (key.kind == PUBKEY_EC_OTHER)
		pubkey_read_curve(&algorithm, &key);
	else if (key.kind == PUBKEY_DSA)
		pubkey_read_dsa(&algorithm, &key);
	else if (key.kind == PUBKEY_RSA || key.kind == PUBKEY_RSA_PSS)
		pubkey_read_rsa(der, bits.bytes, &key);
	if (bits.unused != 0)
		der_fail(der, "a public key with unused bits");
	pubkey_sha256(key.spki, key.sha256);
	*ret_key = key;
}

const char *
pubkey_weakness(const struct pubkey *key, unsigned int min_rsa_bits)
{
	if (key->kind == PUBKEY_RSA || key->kind == PUBKEY_RSA_PSS) {
		if (key->bits < min_rsa_bits)
			return "RSA with too few bits";
		if (key->bits > PUBKEY_RSA_BITS_MAX)
			return "RSA with more bits than are supported";
		if (key->odd_rsa)
			return "RSA with a modulus or an exponent that no real key has";
		return NULL;
	}
	/* X25519 signs nothing, but a leaf may hold it: what it signed is refused elsewhere */
	if (pubkey_kinds[key->kind].signs || key->kind == PUBKEY_X25519 ||
	    key->kind == PUBKEY_X448)
		return NULL;
	return pubkey_kinds[key->kind].text;
}

void
pubkey_text(const struct pubkey *key, struct buf *out)
{
	buf_put_text(out, pubkey_kinds[key->kind].text);
	if (key->kind == PUBKEY_RSA || key->kind == PUBKEY_RSA_PSS || key->kind == PUBKEY_DSA)
		buf_printf(out, " %u", key->bits);
}

/* GnuTLS's name for the algorithm, where this key can have used it. */
static gnutls_sign_algorithm_t
pubkey_sign_algorithm(const struct pubkey *key, const struct algorithm *algorithm)
{
	bool rsa = key->kind == PUBKEY_RSA;
	bool ec = key->kind == PUBKEY_EC_P256 || key->kind == PUBKEY_EC_P384 ||
		  key->kind == PUBKEY_EC_P521;
	static const gnutls_sign_algorithm_t by_hash[][3] = {
	    {GNUTLS_SIGN_RSA_SHA256, GNUTLS_SIGN_RSA_SHA384, GNUTLS_SIGN_RSA_SHA512},
	    {GNUTLS_SIGN_RSA_PSS_SHA256, GNUTLS_SIGN_RSA_PSS_SHA384,
		GNUTLS_SIGN_RSA_PSS_SHA512},
	    {GNUTLS_SIGN_ECDSA_SHA256, GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_SIGN_ECDSA_SHA512},
	};
	int row = -1;

	if (algorithm->kind == ALGORITHM_ED25519 && key->kind == PUBKEY_ED25519)
		return GNUTLS_SIGN_EDDSA_ED25519;
	if (algorithm->kind == ALGORITHM_ED448 && key->kind == PUBKEY_ED448)
		return GNUTLS_SIGN_EDDSA_ED448;
	if (algorithm->kind == ALGORITHM_RSA && rsa)
		row = 0;
	else if (algorithm->kind == ALGORITHM_RSA_PSS && (rsa || key->kind == PUBKEY_RSA_PSS))
		row = 1;
	else if (algorithm->kind == ALGORITHM_ECDSA && ec)
		row = 2;
	if (row < 0 || algorithm->hash < ALGORITHM_SHA256)
		return GNUTLS_SIGN_UNKNOWN;
	return by_hash[row][algorithm->hash - ALGORITHM_SHA256];
}

static gnutls_datum_t
pubkey_datum(struct bytes bytes)
{
	return (gnutls_datum_t){(unsigned char *)bytes.data, (unsigned int)bytes.len};
}

/* Whether an RSA-PSS key that says how it is to be used allows this signature (RFC 4055 3.3:
 * the same hash, at least its length of salt). */
static bool
pubkey_pss_allowed(gnutls_pubkey_t handle, gnutls_x509_spki_t spki,
    gnutls_digest_algorithm_t digest, unsigned int salt_len)
{
	gnutls_digest_algorithm_t of_key;
	unsigned int of_key_salt_len;

	if (gnutls_pubkey_get_spki(handle, spki, 0) < 0 ||
	    gnutls_x509_spki_get_rsa_pss_params(spki, &of_key, &of_key_salt_len) < 0)
		return true;
	return of_key == GNUTLS_DIG_UNKNOWN ||
	       (of_key == digest && of_key_salt_len <= salt_len);
}

/* Tells the key the salt length of this PSS signature: without it GnuTLS expects its own
 * choice of one. */
static bool
pubkey_set_pss(gnutls_pubkey_t handle, const struct algorithm *algorithm)
{
	static const gnutls_digest_algorithm_t digests[] = {GNUTLS_DIG_SHA256,
	    GNUTLS_DIG_SHA384, GNUTLS_DIG_SHA512};
	gnutls_digest_algorithm_t digest = digests[algorithm->hash - ALGORITHM_SHA256];
	gnutls_x509_spki_t spki;
	bool set = false;

	if (gnutls_x509_spki_init(&spki) < 0)
		return false;
	if (pubkey_pss_allowed(handle, spki, digest, algorithm->salt_len)) {
		gnutls_x509_spki_set_rsa_pss_params(spki, digest, algorithm->salt_len);
		set = gnutls_pubkey_set_spki(handle, spki, 0) >= 0;
	}
	gnutls_x509_spki_deinit(spki);
	return set;
}

enum signature_result
pubkey_verify(const struct pubkey *key, const struct algorithm *algorithm, struct bytes data,
    struct bytes signature)
{
	gnutls_datum_t spki = pubkey_datum(key->spki), signed_data = pubkey_datum(data),
		       bits = pubkey_datum(signature);
	gnutls_sign_algorithm_t sign;
	gnutls_pubkey_t handle;
	enum signature_result result = SIGNATURE_BAD;

	if (algorithm->kind != ALGORITHM_UNKNOWN && algorithm->hash == ALGORITHM_HASH_WEAK)
		return SIGNATURE_WEAK;
	if (algorithm->kind == ALGORITHM_UNKNOWN || algorithm->kind == ALGORITHM_DSA ||
	    !pubkey_kinds[key->kind].signs || pubkey_weakness(key, 0) != NULL ||
	    signed_data.size != data.len || bits.size != signature.len)
		return SIGNATURE_UNSUPPORTED;
	/* both are known, but a key of this kind does not make such a signature */
	sign = pubkey_sign_algorithm(key, algorithm);
	if (sign == GNUTLS_SIGN_UNKNOWN)
		return SIGNATURE_BAD;
	if (gnutls_pubkey_init(&handle) < 0)
		return SIGNATURE_UNSUPPORTED;
	/* a key that is none (a point off its curve) made no signature either */
	if (gnutls_pubkey_import(handle, &spki, GNUTLS_X509_FMT_DER) >= 0 &&
	    (algorithm->kind != ALGORITHM_RSA_PSS || pubkey_set_pss(handle, algorithm)) &&
	    gnutls_pubkey_verify_data2(handle, sign, 0, &signed_data, &bits) >= 0)
		result = SIGNATURE_GOOD;
	gnutls_pubkey_deinit(handle);
	return result;
}

void
pubkey_sha256(struct bytes data, uint8_t ret_hash[static PUBKEY_HASH_SIZE])
{
	int done = gnutls_hash_fast(GNUTLS_DIG_SHA256, data.data, data.len, ret_hash);

	assert(done == 0);
	(void)done;
}

void
pubkey_sha256_pieces(const struct bytes *pieces, size_t count,
    uint8_t ret_hash[static PUBKEY_HASH_SIZE])
{
	gnutls_hash_hd_t hash;
	int done = gnutls_hash_init(&hash, GNUTLS_DIG_SHA256);

	assert(done == 0);
	for (size_t i = 0; i < count && done == 0; i++)
		done = gnutls_hash(hash, pieces[i].data, pieces[i].len);
	assert(done == 0);
	gnutls_hash_deinit(hash, ret_hash);
}
