/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 of bytes in pieces, by GnuTLS: for hash chains and fingerprints outside of
 * certificates.
 */
#ifndef PORTCULLIS_PKI_DIGEST_H
#define PORTCULLIS_PKI_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"

enum {
	DIGEST_SIZE = 32
};

/* The hash of the pieces one after the other. */
void digest_sha256(const struct bytes *pieces, size_t count,
    uint8_t ret_hash[static DIGEST_SIZE]);

#endif
