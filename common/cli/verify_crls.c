/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking in the CRLs of one question.
 */
#include "common/cli/verify_crls.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/pki/crl_intake.h"

/* Everything at hand that may have signed a CRL. */
struct verify_signers {
	const struct cert **certs;
	size_t count;
	struct cert **ours; /* those read here, for freeing */
	size_t our_count;
};

/* Reads the certificates of a list; one that is malformed signs nothing. */
static void
verify_signers_read(struct verify_signers *signers, const struct verify_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct cert *cert;

		if (cert_parse(list->items[i], &cert, NULL) != STATUS_OK)
			continue;
		signers->ours[signers->our_count++] = cert;
		signers->certs[signers->count++] = cert;
	}
}

static void
verify_signers_init(struct verify_signers *signers, const struct verify_request *request,
    const struct trust *trust)
{
	const struct verify_list *chain = &request->lists[VERIFY_CHAIN];
	const struct verify_list *extra = &request->lists[VERIFY_EXTRA];
	size_t anchors = trust_anchor_count(trust);
	size_t intermediates = trust_intermediate_count(trust);
	size_t read = chain->count + extra->count;

	*signers = (struct verify_signers){
	    .certs = alloc_zeroed(read + anchors + intermediates, sizeof(struct cert *)),
	    .ours = alloc_zeroed(read, sizeof(struct cert *)),
	};
	for (size_t i = 0; i < anchors; i++)
		signers->certs[signers->count++] = trust_anchor(trust, i);
	for (size_t i = 0; i < intermediates; i++)
		signers->certs[signers->count++] = trust_intermediate(trust, i);
	verify_signers_read(signers, chain);
	verify_signers_read(signers, extra);
}

static void
verify_signers_done(struct verify_signers *signers)
{
	for (size_t i = 0; i < signers->our_count; i++)
		cert_free(signers->ours[i]);
	free(signers->ours);
	free(signers->certs);
}

static void
verify_free_image(struct bytes image)
{
	free((void *)image.data);
}

/* Opens the image just built; it goes to the index. */
static bool
verify_crls_add_image(struct crl_set *set, struct bytes image)
{
	struct crl_index *index;

	return crl_index_open_take(bytes_of(alloc_copy(image.data, image.len), image.len),
		   verify_free_image, &index) == STATUS_OK &&
	       crl_set_add_take(set, index) == STATUS_OK;
}

static void
verify_crls_add(struct crl_set *set, struct bytes der, const struct verify_signers *signers)
{
	struct crl_intake intake;
	struct buf image;
	enum reason reason;

	buf_init(&image, VERIFY_CRL_IMAGE_MAX);
	reason = crl_intake_take(der, VERIFY_CRL_FILE_MAX, signers->certs, signers->count,
	    &image, &intake);
	if (reason == REASON_OK && !verify_crls_add_image(set, buf_bytes(&image)))
		reason = REASON_CRL_TOO_LARGE;
	if (reason != REASON_OK)
		crl_set_add_refusal(set,
		    &(struct crl_refusal){.reason = reason,
			.issuer_canonical = buf_bytes(&intake.issuer_canonical),
			.detail = intake.error});
	crl_intake_done(&intake);
	buf_done(&image);
}

struct crl_set *
verify_crls(const struct verify_request *request, const struct trust *trust)
{
	const struct verify_list *crls = &request->lists[VERIFY_CRLS];
	struct crl_set *set = crl_set_new();
	struct verify_signers signers;

	if (crls->count == 0)
		return set;
	verify_signers_init(&signers, request, trust);
	for (size_t i = 0; i < crls->count; i++)
		verify_crls_add(set, crls->items[i], &signers);
	verify_signers_done(&signers);
	return set;
}
