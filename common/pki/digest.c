/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 through GnuTLS.
 */
#include "common/pki/digest.h"

#include <gnutls/crypto.h>
#include <stdlib.h>

void
digest_sha256(const struct bytes *pieces, size_t count, uint8_t ret_hash[static DIGEST_SIZE])
{
	gnutls_hash_hd_t hash;

	/* fails only without memory, or where SHA-256 was switched off: no going on */
	if (gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) != GNUTLS_E_SUCCESS)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (pieces[i].len > 0 && gnutls_hash(hash, pieces[i].data, pieces[i].len) != 0)
			abort();
	}
	gnutls_hash_deinit(hash, ret_hash);
}
