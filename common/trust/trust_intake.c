/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs coming in, from a download, a peer, or an operator: all the same way.
 */
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/trust/trust_state.h"

void
trust_learn_issuers(struct trust_state *state, const struct bytes *chain, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct cert *cert;
		bool known = false;

		if (cert_parse(chain[i], &cert, NULL) != STATUS_OK)
			continue;
		for (size_t k = 0; k < TRUST_ISSUERS_MAX && !known; k++)
			known = state->issuers[k] != NULL && cert_same(state->issuers[k], cert);
		if (known || !cert->is_ca) {
			cert_free(cert);
			continue;
		}
		cert_free(state->issuers[state->issuer_next]);
		state->issuers[state->issuer_next] = cert;
		state->issuer_next = (state->issuer_next + 1) % TRUST_ISSUERS_MAX;
	}
}

/* Every certificate whose key may have signed a CRL; an array to free. */
static const struct cert **
trust_signers(const struct trust_state *state, size_t *ret_count)
{
	size_t count = 0, most = anchors_count(state->anchors) + TRUST_ISSUERS_MAX;
	const struct cert **certs = alloc_zeroed(most, sizeof(*certs));

	for (size_t i = 0; i < anchors_count(state->anchors); i++)
		certs[count++] = anchors_at(state->anchors, i)->cert;
	for (size_t i = 0; i < TRUST_ISSUERS_MAX; i++) {
		if (state->issuers[i] != NULL)
			certs[count++] = state->issuers[i];
	}
	*ret_count = count;
	return certs;
}

enum status
trust_take_crl(struct trust_state *state, struct bytes file, const char *url,
    struct crls_taken *ret_taken)
{
	struct crls_signers signers;
	const struct cert **certs = trust_signers(state, &signers.count);
	enum status status;

	signers.certs = certs;
	status =
	    crls_take(state->crls, file, state->config.crl_max_bytes, &signers, url, ret_taken);
	free(certs);
	return status;
}

void
trust_rebuild_crls(struct trust_state *state)
{
	struct crls_signers signers;
	const struct cert **certs = trust_signers(state, &signers.count);

	signers.certs = certs;
	(void)crls_rebuild(state->crls, state->config.crl_max_bytes, &signers);
	free(certs);
}
