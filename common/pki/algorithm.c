/* SPDX-License-Identifier: Apache-2.0
 *
 * Signature algorithms by their object identifiers.
 */
#include "common/pki/algorithm.h"

#include "common/pki/oid.h"

/* What the parameters have to be. */
enum algorithm_params {
	PARAMS_NULL, /* NULL, or missing (RFC 4055 5: both are to be taken) */
	PARAMS_NONE,
	PARAMS_PSS,
	PARAMS_ANY, /* of algorithms that are refused anyway */
};

static const struct algorithm_row {
	struct bytes oid;
	const char *text;
	enum algorithm_kind kind;
	enum algorithm_hash hash;
	enum algorithm_params params;
} algorithms[] = {
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), "RSA with SHA256", ALGORITHM_RSA,
	ALGORITHM_SHA256, PARAMS_NULL},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12), "RSA with SHA384", ALGORITHM_RSA,
	ALGORITHM_SHA384, PARAMS_NULL},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13), "RSA with SHA512", ALGORITHM_RSA,
	ALGORITHM_SHA512, PARAMS_NULL},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10), "RSA-PSS", ALGORITHM_RSA_PSS,
	ALGORITHM_HASH_NONE, PARAMS_PSS},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2), "ECDSA with SHA256", ALGORITHM_ECDSA,
	ALGORITHM_SHA256, PARAMS_NONE},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3), "ECDSA with SHA384", ALGORITHM_ECDSA,
	ALGORITHM_SHA384, PARAMS_NONE},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4), "ECDSA with SHA512", ALGORITHM_ECDSA,
	ALGORITHM_SHA512, PARAMS_NONE},
    {OID_VALUE(0x2b, 0x65, 0x70), "Ed25519", ALGORITHM_ED25519, ALGORITHM_HASH_NONE,
	PARAMS_NONE},
    {OID_VALUE(0x2b, 0x65, 0x71), "Ed448", ALGORITHM_ED448, ALGORITHM_HASH_NONE, PARAMS_NONE},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2), "RSA with MD2", ALGORITHM_RSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3), "RSA with MD4", ALGORITHM_RSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4), "RSA with MD5", ALGORITHM_RSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5), "RSA with SHA1", ALGORITHM_RSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x2b, 0x0e, 3, 2, 29), "RSA with SHA1", ALGORITHM_RSA, ALGORITHM_HASH_WEAK,
	PARAMS_ANY},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14), "RSA with SHA224", ALGORITHM_RSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1), "ECDSA with SHA1", ALGORITHM_ECDSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1), "ECDSA with SHA224", ALGORITHM_ECDSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3), "DSA with SHA1", ALGORITHM_DSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1), "DSA with SHA224", ALGORITHM_DSA,
	ALGORITHM_HASH_WEAK, PARAMS_ANY},
    {OID_VALUE(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2), "DSA with SHA256", ALGORITHM_DSA,
	ALGORITHM_SHA256, PARAMS_ANY},
};

static const struct {
	struct bytes oid;
	enum algorithm_hash hash;
	unsigned int len;
} hashes[] = {
    {OID_VALUE(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1), ALGORITHM_SHA256, 32},
    {OID_VALUE(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2), ALGORITHM_SHA384, 48},
    {OID_VALUE(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3), ALGORITHM_SHA512, 64},
    {OID_VALUE(0x2b, 0x0e, 3, 2, 26), ALGORITHM_HASH_WEAK, 20},
    {OID_VALUE(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4), ALGORITHM_HASH_WEAK, 28},
    {OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5), ALGORITHM_HASH_WEAK, 16},
};

static const struct bytes oid_mgf1 = OID_VALUE(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8);

/* The contents of a HashAlgorithm; HASH_NONE where it is not known. */
static enum algorithm_hash
algorithm_read_hash(struct der *contents)
{
	struct bytes oid = der_oid(contents, DER_OID), null;

	if (der_optional(contents, DER_NULL, &null) && null.len > 0)
		der_fail(contents, "a NULL with a value");
	der_end(contents);
	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
		if (bytes_equal(hashes[i].oid, oid))
			return hashes[i].hash;
	return ALGORITHM_HASH_NONE;
}

/* RSASSA-PSS-params (RFC 4055 3.1), what follows the identifier.  What is missing stands
 * for SHA-1.  The mask has to be made with the same hash. */
static void
algorithm_read_pss(struct der *der, struct algorithm *algorithm)
{
	struct der params = der_enter(der, DER_SEQUENCE), field, inner;
	enum algorithm_hash hash = ALGORITHM_HASH_WEAK, mask = ALGORITHM_HASH_WEAK;
	bool mgf1 = true;
	uint64_t salt_len = 20;

	if (der_optional_enter(&params, DER_CONTEXT_CONSTRUCTED(0), &field)) {
		inner = der_enter(&field, DER_SEQUENCE);
		hash = algorithm_read_hash(&inner);
		der_end(&field);
	}
	if (der_optional_enter(&params, DER_CONTEXT_CONSTRUCTED(1), &field)) {
		inner = der_enter(&field, DER_SEQUENCE);
		mgf1 = bytes_equal(der_oid(&inner, DER_OID), oid_mgf1);
		if (mgf1) {
			struct der of_mask = der_enter(&inner, DER_SEQUENCE);

			mask = algorithm_read_hash(&of_mask);
			der_end(&inner);
		}
		der_end(&field);
	}
	if (der_optional_enter(&params, DER_CONTEXT_CONSTRUCTED(2), &field)) {
		salt_len = der_u64(&field, DER_INTEGER, 1024);
		der_end(&field);
	}
	if (der_optional_enter(&params, DER_CONTEXT_CONSTRUCTED(3), &field)) {
		if (der_u64(&field, DER_INTEGER, 255) != 1)
			mgf1 = false;
		der_end(&field);
	}
	der_end(&params);
	algorithm->hash = hash;
	algorithm->salt_len = (unsigned int)salt_len;
	if (!mgf1 || hash != mask || hash == ALGORITHM_HASH_NONE)
		algorithm->kind = ALGORITHM_UNKNOWN;
}

/* Judges the parameters, which follow the identifier in der. */
static void
algorithm_read_params(struct der *der, enum algorithm_params params,
    struct algorithm *algorithm)
{
	struct bytes null;

	switch (params) {
	case PARAMS_NULL:
		if (der_optional(der, DER_NULL, &null) && null.len > 0)
			algorithm->kind = ALGORITHM_UNKNOWN;
		break;
	case PARAMS_PSS:
		if (der_more(der))
			algorithm_read_pss(der, algorithm);
		else
			algorithm->kind = ALGORITHM_UNKNOWN;
		break;
	case PARAMS_NONE:
		break;
	case PARAMS_ANY:
		return;
	}
	if (der_more(der))
		algorithm->kind = ALGORITHM_UNKNOWN;
}

static const struct algorithm_row *
algorithm_row(struct bytes oid)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (bytes_equal(algorithms[i].oid, oid))
			return &algorithms[i];
	return NULL;
}

void
algorithm_read(struct der *der, struct algorithm *ret_algorithm)
{
	struct algorithm algorithm = {.der = der_whole(der, DER_SEQUENCE)};
	struct der outer = der_inside(der, algorithm.der), inner;
	const struct algorithm_row *row;
	struct der_tlv params;

	*ret_algorithm = algorithm;
	if (!der_ok(der))
		return;
	inner = der_enter(&outer, DER_SEQUENCE);
	algorithm.oid = der_oid(&inner, DER_OID);
	row = algorithm_row(algorithm.oid);
	if (row != NULL) {
		algorithm.kind = row->kind;
		algorithm.hash = row->hash;
		algorithm_read_params(&inner, row->params, &algorithm);
	}
	/* parameters of the kinds that are not looked into are still one element */
	if (der_more(&inner) && der_any(&inner, &params))
		der_end(&inner);
	*ret_algorithm = algorithm;
}

void
algorithm_text(const struct algorithm *algorithm, struct buf *out)
{
	static const char *const names[] = {
	    [ALGORITHM_HASH_WEAK] = " with a weak hash",
	    [ALGORITHM_SHA256] = " with SHA256",
	    [ALGORITHM_SHA384] = " with SHA384",
	    [ALGORITHM_SHA512] = " with SHA512",
	};
	const struct algorithm_row *row = algorithm_row(algorithm->oid);

	if (row == NULL) {
		der_oid_text(algorithm->oid, out);
		return;
	}
	buf_put_text(out, row->text);
	if (algorithm->kind == ALGORITHM_RSA_PSS && names[algorithm->hash] != NULL)
		buf_put_text(out, names[algorithm->hash]);
}
