/* SPDX-License-Identifier: Apache-2.0
 *
 * What both back ends share: which scheme goes with which key and digest.
 */
#include "common/key/signer.h"

size_t
signer_digest_len(uint16_t scheme)
{
	switch (scheme) {
	case SIGNER_ECDSA_SECP256R1_SHA256:
	case SIGNER_RSA_PSS_RSAE_SHA256:
		return 32;
	case SIGNER_RSA_PSS_RSAE_SHA384:
		return 48;
	case SIGNER_RSA_PSS_RSAE_SHA512:
		return 64;
	default:
		return 0;
	}
}

bool
signer_scheme_fits(enum signer_kind kind, uint16_t scheme)
{
	if (signer_digest_len(scheme) == 0)
		return false;
	return (kind == SIGNER_P256) == (scheme == SIGNER_ECDSA_SECP256R1_SHA256);
}
