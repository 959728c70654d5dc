/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation along a path.  The calls go in a circle (a path needs CRLs, a CRL's signer needs
 * a path), at most PATH_SIGNER_DEPTH_MAX times round: a signer that is being judged is not
 * judged again inside, so nobody vouches for himself.
 */
#include "common/pki/path_revocation.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/pki/path_check.h"
#include "common/pki/revocation.h"

/* One path while its certificates are judged. */
struct path_circle {
	struct path_work *work;
	const struct cert *anchor;
};

/* A signer's path while it is judged. */
struct path_signer {
	struct path_work *work;
	struct path_params params;
	bool valid;
};

static bool
path_signer_visit(void *arg, const struct path_list *path)
{
	struct path_signer *signer = arg;
	struct revocation_result *results =
	    alloc_zeroed(PATH_LEN_MAX, sizeof(struct revocation_result));
	struct findings *findings = NEW(struct findings);

	findings_init(findings);
	path_check(path, &signer->params, &signer->work->check_budget, findings);
	if (findings->first == REASON_OK)
		path_revocation_check(signer->work, path, results, findings);
	signer->valid = findings->first == REASON_OK;
	if (signer->valid)
		path_remember(&signer->work->signatures, path);
	free(findings);
	free(results);
	return signer->valid;
}

/* Whether a certificate is the valid signer that is looked for. */
static enum reason
path_judge_signer_cert(struct path_circle *circle, const struct cert *cert)
{
	struct path_work *work = circle->work;
	struct path_signer signer = {.work = work, .params = *work->params};
	const struct path_pool pool = {.trust = work->trust,
	    .anchor = circle->anchor,
	    .untrusted = work->untrusted,
	    .untrusted_count = work->untrusted_count};
	struct path_miss miss;

	if (cert->key_usage.present && (cert->key_usage_bits & CERT_KU_CRL_SIGN) == 0)
		return REASON_CRL_SIGNER_KEYUSAGE;
	for (size_t i = 0; i < work->judging_count; i++)
		if (cert_same(work->judging[i], cert))
			return REASON_CRL_PATH;
	if (work->judging_count == PATH_SIGNER_DEPTH_MAX)
		return REASON_CRL_PATH;
	/* what is asked of a peer's certificate is not asked of a signer of CRLs */
	signer.params.revocation_only = false;
	signer.params.use = PATH_USE_ANY;
	signer.params.name_count = 0;
	signer.params.key_usage = 0;
	signer.params.strict_eku = false;
	signer.params.profile = false;
	signer.params.policy_count = 0;
	signer.params.explicit_policy = false;
	work->judging[work->judging_count++] = cert;
	path_search(&pool, cert, work->params->max_depth + 2, &work->signatures,
	    path_signer_visit, &signer, &miss);
	work->judging_count--;
	return signer.valid ? REASON_OK : REASON_CRL_PATH;
}

/* Judges a candidate if it is one: true when a valid signer is found. */
static bool
path_try_signer(struct path_circle *circle, const struct cert *cert,
    struct bytes subject_canonical, const uint8_t *key_sha256, enum reason *reason)
{
	enum reason found;

	if (memcmp(cert->key.sha256, key_sha256, PUBKEY_HASH_SIZE) != 0 ||
	    !bytes_equal(cert->subject.canonical, subject_canonical))
		return false;
	if (circle->work->signers_judged == PATH_SIGNER_BUDGET)
		return false;
	circle->work->signers_judged++;
	found = path_judge_signer_cert(circle, cert);
	if (found == REASON_OK || *reason == REASON_CRL_PATH)
		*reason = found;
	return found == REASON_OK;
}

/* struct revocation_signer's judge: looks through all certificates at hand. */
static enum reason
path_judge_signer(void *arg, struct bytes subject_canonical,
    const uint8_t key_sha256[PUBKEY_HASH_SIZE])
{
	struct path_circle *circle = arg;
	const struct path_work *work = circle->work;
	enum reason reason = REASON_CRL_PATH;
	size_t first, count;

	if (path_try_signer(circle, circle->anchor, subject_canonical, key_sha256, &reason))
		return REASON_OK;
	for (size_t i = 0; i < work->untrusted_count; i++)
		if (path_try_signer(circle, work->untrusted[i], subject_canonical, key_sha256,
			&reason))
			return REASON_OK;
	count = trust_find_intermediates(work->trust, subject_canonical, &first);
	for (size_t i = first; i < first + count; i++)
		if (path_try_signer(circle, trust_intermediate(work->trust, i),
			subject_canonical, key_sha256, &reason))
			return REASON_OK;
	return reason;
}

void
path_revocation_check(struct path_work *work, const struct path_list *path,
    struct revocation_result ret_results[static PATH_LEN_MAX], struct findings *findings)
{
	const struct path_params *params = work->params;
	const struct revocation_params asked = {params->now_s, params->crl_grace_s,
	    params->crl_max_age_s};
	struct path_circle circle = {work, path->certs[path->count - 1]};
	const struct revocation_signer signer = {path_judge_signer, &circle};
	size_t count = path->count - 1;

	assert(path->anchored);
	if (params->revocation == PATH_REVOCATION_LEAF && count > 1)
		count = 1;
	if (params->revocation == PATH_REVOCATION_NONE)
		count = 0;
	for (size_t depth = 0; depth < count; depth++) {
		struct revocation_result *result = &ret_results[depth];

		revocation_check(path->certs[depth], path->certs[depth + 1], work->crls,
		    &signer, &asked, result);
		if (result->reason != REASON_OK)
			findings_add(findings, result->reason, (unsigned int)depth, "%s",
			    result->detail);
	}
}
