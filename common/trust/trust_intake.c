/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs coming in, from a download, a peer, or an operator: all the same way.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/fileio.h"
#include "common/trust/trust_state.h"

enum {
	ISSUER_NAME_SIZE = 32
};

static bool
trust_knows_issuer(const struct trust_state *state, const struct cert *cert)
{
	for (size_t i = 0; i < TRUST_ISSUERS_MAX; i++) {
		if (state->issuers[i] != NULL && cert_same(state->issuers[i], cert))
			return true;
	}
	return false;
}

/* "3.crt": the place in the ring is the name, so that there are never more files. */
static const char *
trust_issuer_name(char name[static ISSUER_NAME_SIZE], size_t place)
{
	snprintf(name, ISSUER_NAME_SIZE, "%zu.crt", place);
	return name;
}

void
trust_learn_issuers(struct trust_state *state, const struct bytes *chain, size_t count)
{
	char name[ISSUER_NAME_SIZE];

	for (size_t i = 0; i < count; i++) {
		size_t place = state->issuer_next;
		struct cert *cert;

		if (cert_parse(chain[i], &cert, NULL) != STATUS_OK)
			continue;
		if (!cert->is_ca || trust_knows_issuer(state, cert)) {
			cert_free(cert);
			continue;
		}
		cert_free(state->issuers[place]);
		state->issuers[place] = cert;
		state->issuer_next = (place + 1) % TRUST_ISSUERS_MAX;
		/* without the file it is learned again with the next chain */
		(void)!fileio_replace(state->issuers_fd, trust_issuer_name(name, place), 0600,
		    cert->der.data, cert->der.len);
	}
}

void
trust_load_issuers(struct trust_state *state)
{
	char name[ISSUER_NAME_SIZE];
	struct buf file;

	buf_init(&file, CERT_LEN_MAX);
	for (size_t i = 0; i < TRUST_ISSUERS_MAX; i++) {
		buf_clear(&file);
		if (fileio_read(state->issuers_fd, trust_issuer_name(name, i), &file) !=
		    STATUS_OK)
			continue;
		if (cert_parse(buf_bytes(&file), &state->issuers[i], NULL) != STATUS_OK)
			state->issuers[i] = NULL;
		else
			state->issuer_next = (i + 1) % TRUST_ISSUERS_MAX;
	}
	buf_done(&file);
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
	struct crls_signers signers = {.now_s = clock_wall_s()};
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
	struct crls_signers signers = {.now_s = 0};
	const struct cert **certs = trust_signers(state, &signers.count);

	signers.certs = certs;
	(void)crls_rebuild(state->crls, state->config.crl_max_bytes, &signers);
	free(certs);
}
