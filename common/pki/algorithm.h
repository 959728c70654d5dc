/* SPDX-License-Identifier: Apache-2.0
 *
 * AlgorithmIdentifiers of signatures (RFC 4055, 5758, 8410, 8692): which algorithm it is and
 * whether it is one we take.  Names no library's constants: pubkey.c maps them.
 */
#ifndef PORTCULLIS_PKI_ALGORITHM_H
#define PORTCULLIS_PKI_ALGORITHM_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/pki/der.h"

enum algorithm_kind {
	ALGORITHM_UNKNOWN,
	ALGORITHM_RSA,
	ALGORITHM_RSA_PSS,
	ALGORITHM_ECDSA,
	ALGORITHM_ED25519,
	ALGORITHM_ED448,
	ALGORITHM_DSA,
};

enum algorithm_hash {
	ALGORITHM_HASH_NONE, /* EdDSA, or not known */
	ALGORITHM_HASH_WEAK, /* MD2, MD5, SHA-1, and everything shorter than 256 bits */
	ALGORITHM_SHA256,
	ALGORITHM_SHA384,
	ALGORITHM_SHA512,
};

struct algorithm {
	struct bytes der; /* the whole AlgorithmIdentifier */
	struct bytes oid;
	enum algorithm_kind kind;
	enum algorithm_hash hash;
	unsigned int salt_len; /* RSA-PSS */
};

/* Reads an AlgorithmIdentifier.  One that is not known, or has parameters it must not have,
 * is ALGORITHM_UNKNOWN and no fault. */
void algorithm_read(struct der *der, struct algorithm *ret_algorithm);

/* "SHA256 with RSA", "ECDSA with SHA384", or the dotted identifier. */
void algorithm_text(const struct algorithm *algorithm, struct buf *out);

#endif
