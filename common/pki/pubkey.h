/* SPDX-License-Identifier: Apache-2.0
 *
 * Public keys and the checking of signatures: the one adapter between common/pki and
 * GnuTLS.  Nothing here implements cryptography, and no GnuTLS type or code leaves it.
 */
#ifndef PORTCULLIS_PKI_PUBKEY_H
#define PORTCULLIS_PKI_PUBKEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/pki/algorithm.h"
#include "common/pki/der.h"

enum {
	PUBKEY_HASH_SIZE = 32,        /* SHA-256 */
	PUBKEY_RSA_BITS_MAX = 8192,   /* larger ones cost too much to check */
	PUBKEY_RSA_EXPONENT_MAX = 64, /* bits, for the same reason */
};

enum pubkey_kind {
	PUBKEY_UNKNOWN,
	PUBKEY_RSA,
	PUBKEY_RSA_PSS,
	PUBKEY_EC_P256,
	PUBKEY_EC_P384,
	PUBKEY_EC_P521,
	PUBKEY_EC_OTHER,    /* a named curve that is not one of these */
	PUBKEY_EC_EXPLICIT, /* the curve's parameters written out */
	PUBKEY_ED25519,
	PUBKEY_ED448,
	PUBKEY_X25519, /* key agreement only; signs nothing */
	PUBKEY_X448,
	PUBKEY_DSA,
};

/* A SubjectPublicKeyInfo: a view into whoever read it. */
struct pubkey {
	struct bytes spki; /* the whole of it */
	enum pubkey_kind kind;
	unsigned int bits; /* RSA and DSA: of the modulus; EC: of the field */
	bool odd_rsa; /* RSA with an even modulus, or an exponent that is even, 1 or too long */
	uint8_t sha256[PUBKEY_HASH_SIZE]; /* of spki */
};

/* Whether the two are one key. */
static inline bool
pubkey_same(const struct pubkey *a, const struct pubkey *b)
{
	return memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

/* Reads a SubjectPublicKeyInfo.  A kind that is not known is PUBKEY_UNKNOWN and no fault. */
void pubkey_read(struct der *der, struct pubkey *ret_key);

/* Why the key is too weak (or not usable at all) to be part of a path, or NULL where it is
 * not.  A constant text. */
const char *pubkey_weakness(const struct pubkey *key, unsigned int min_rsa_bits);

/* "RSA 2048", "EC P-256". */
void pubkey_text(const struct pubkey *key, struct buf *out);

enum signature_result {
	SIGNATURE_GOOD,
	SIGNATURE_BAD,
	SIGNATURE_WEAK,        /* the hash is too weak; not computed */
	SIGNATURE_UNSUPPORTED, /* the algorithm or the key is not one we take; not computed */
};

/* Whether key made this signature (the bits of the BIT STRING, of which none are unused)
 * over data.  The one costly call of common/pki: callers count it. */
enum signature_result pubkey_verify(const struct pubkey *key, const struct algorithm *algorithm,
    struct bytes data, struct bytes signature);

void pubkey_sha256(struct bytes data, uint8_t ret_hash[static PUBKEY_HASH_SIZE]);

/* SHA-256 over several pieces, one after the other. */
void pubkey_sha256_pieces(const struct bytes *pieces, size_t count,
    uint8_t ret_hash[static PUBKEY_HASH_SIZE]);

#endif
