/* SPDX-License-Identifier: Apache-2.0
 *
 * Private keys of the laboratory and what they sign.  GnuTLS makes the keys and the
 * signatures; this file only names their kinds and writes the DER around them, also in the
 * forms GnuTLS itself would not write (explicit curve parameters).
 */
#ifndef PORTCULLIS_PKI_TEST_KEY_H
#define PORTCULLIS_PKI_TEST_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"

enum {
	KEY_PEM_MAX = 16 * 1024,
	KEY_ID_SIZE = 20
};

struct key;

/* A new key of a kind: rsa512, rsa768, rsa1024, rsa2048, rsa3072, rsa4096, p256, p384,
 * ed25519, rsapss2048 (SPKI of RSASSA-PSS), p256explicit (SPKI with explicit parameters).
 * STATUS_INVALID when there is no such kind.  Freed with key_free. */
enum status key_generate(const char *kind, struct key **ret_key) MUST_USE;

/* Reads what key_write_pem wrote.  The kind is needed because PEM does not tell all. */
enum status key_read_pem(const char *kind, struct bytes pem, struct key **ret_key) MUST_USE;

void key_free(struct key *key);

/* Appends the key as unencrypted PKCS #8 PEM. */
void key_write_pem(const struct key *key, struct buf *out);

/* Appends SubjectPublicKeyInfo. */
void key_write_spki(const struct key *key, struct buf *out);

/* The key identifier of the public key: SHA-1 of its SPKI as GnuTLS writes it. */
void key_id(const struct key *key, uint8_t ret_id[static KEY_ID_SIZE]);

/* True when there is a kind of this name. */
bool key_kind_exists(const char *kind);

/* How a signature is named: its hash (md5, sha1, sha256, sha384, sha512), and whether
 * an RSA key signs with PSS.  "auto" is sha256. */
struct key_signing {
	const char *hash;
	bool pss;
};

/* Appends the AlgorithmIdentifier of a signature by this key.  STATUS_UNSUPPORTED when the
 * key can not sign so. */
enum status key_write_algorithm(const struct key *key, struct key_signing how,
    struct buf *out) MUST_USE;

/* Appends the bare signature over data. */
enum status key_sign(const struct key *key, struct key_signing how, struct bytes data,
    struct buf *out) MUST_USE;

#endif
