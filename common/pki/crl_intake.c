/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking in CRLs.
 */
#include "common/pki/crl_intake.h"

#include <stdio.h>
#include <string.h>

#include "common/pki/crl_index.h"

/* The keys that were tried. */
struct crl_intake_keys {
	const uint8_t *sha256[CRL_INTAKE_KEYS_MAX];
	size_t count;
};

/* True the first time a key is seen, as long as there is room. */
static bool
crl_intake_new_key(struct crl_intake_keys *keys, const struct cert *cert)
{
	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->sha256[i], cert->key.sha256, PUBKEY_HASH_SIZE) == 0)
			return false;
	if (keys->count == CRL_INTAKE_KEYS_MAX)
		return false;
	keys->sha256[keys->count++] = cert->key.sha256;
	return true;
}

/* Whether a certificate is one the CRL points to; without a key identifier each is. */
static bool
crl_intake_named(const struct crl *crl, const struct cert *cert)
{
	return crl->authority_key.len == 0 || cert->key_id.len == 0 ||
	       bytes_equal(crl->authority_key, cert->key_id);
}

/* The certificate whose key signed the CRL, or NULL.  Those that the CRL points to come
 * first; the others get their turn, for identifiers are hints only. */
static enum reason
crl_intake_find_signer(struct crl *crl, const struct cert *const *signers, size_t count,
    const struct cert **ret_signer)
{
	struct crl_intake_keys keys = {0};

	for (int named = 1; named >= 0; named--) {
		for (size_t i = 0; i < count; i++) {
			if (crl_intake_named(crl, signers[i]) != (named == 1) ||
			    !bytes_equal(signers[i]->subject.canonical,
				crl->issuer.canonical) ||
			    !crl_intake_new_key(&keys, signers[i]))
				continue;
			if (crl_check_signature(crl, signers[i]) == REASON_OK) {
				*ret_signer = signers[i];
				return REASON_OK;
			}
		}
	}
	if (keys.count > 0)
		return REASON_CRL_SIGNATURE;
	/* somebody else's CRL is no forgery, and is missing all the same */
	snprintf(crl->error, sizeof crl->error,
	    "no certificate at hand has the name of the CRL's issuer");
	return REASON_CRL_MISSING;
}

enum reason
crl_intake_take(struct bytes der, size_t max_len, const struct cert *const *signers,
    size_t signer_count, struct buf *image, struct crl_intake *ret_intake)
{
	const struct cert *signer = NULL;
	enum reason reason;
	struct crl crl;

	*ret_intake = (struct crl_intake){0};
	reason = crl_read(der, max_len, &crl);
	if (reason == REASON_OK)
		reason = crl_intake_find_signer(&crl, signers, signer_count, &signer);
	if (reason == REASON_OK) {
		crl.error[0] = '\0';
		reason = crl_index_build(&crl, signer->key.sha256, image);
		if (reason != REASON_OK)
			snprintf(crl.error, sizeof crl.error,
			    "no index can be made of the CRL");
	}
	ret_intake->reason = reason;
	memcpy(ret_intake->error, crl.error, sizeof crl.error);
	buf_init(&ret_intake->issuer_canonical, crl.issuer.canonical.len);
	buf_put_bytes(&ret_intake->issuer_canonical, crl.issuer.canonical);
	crl_done(&crl);
	return reason;
}

void
crl_intake_done(struct crl_intake *intake)
{
	if (intake != NULL)
		buf_done(&intake->issuer_canonical);
}
