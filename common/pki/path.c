/* SPDX-License-Identifier: Apache-2.0
 *
 * The one function that makes verdicts: reads what the peer sent, has every path to an anchor
 * judged until one holds, and reports that one, or of the failing ones the one that got
 * furthest.
 */
#include "common/pki/path.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/pki/path_check.h"
#include "common/pki/path_revocation.h"
#include "common/pki/path_search.h"
#include "common/pki/verdict_make.h"

/* A path with what was found about it. */
struct path_judged {
	struct path_list path;
	struct findings findings;
	struct revocation_result revocation[PATH_LEN_MAX];
};

struct path_validation {
	const struct path_input *input;
	const struct path_params *params;
	struct path_work work;
	struct cert *leaf;
	struct cert *owned[PATH_UNTRUSTED_MAX]; /* everything read, the leaf apart */
	size_t owned_count;
	struct path_judged current;
	struct path_judged best;

	/* a certificate beside the leaf that could not be read */
	enum reason unread;
	unsigned int unread_depth;
	char unread_text[CERT_ERROR_SIZE];
};

void
path_params_init(struct path_params *params, int64_t now_s)
{
	*params = (struct path_params){
	    .now_s = now_s,
	    .use = PATH_USE_SERVER,
	    .max_depth = PATH_LEN_MAX - 2,
	    .min_rsa_bits = 2048,
	    .anchor_checks = PATH_ANCHOR_DEFAULT,
	    .revocation = PATH_REVOCATION_CHAIN,
	};
}

static enum reason
path_read_cert(struct bytes der, struct cert **ret_cert, char reterr_text[CERT_ERROR_SIZE])
{
	enum status status = cert_parse(der, ret_cert, reterr_text);

	if (status == STATUS_OK)
		return REASON_OK;
	return status == STATUS_LIMIT ? REASON_LIMITS : REASON_PARSE;
}

static bool
path_known(const struct path_validation *validation, const struct cert *cert)
{
	const struct trust *trust = validation->input->trust;
	size_t first, count = trust_find_anchors(trust, cert->subject.canonical, &first);

	for (size_t i = first; i < first + count; i++)
		if (cert_same(trust_anchor(trust, i), cert))
			return true;
	for (size_t i = 0; i < validation->owned_count; i++)
		if (cert_same(validation->owned[i], cert))
			return true;
	return cert_same(validation->leaf, cert);
}

/* Reads untrusted certificates; those that are known already are dropped.  One that can't be
 * read is no candidate, and the reason if no path is found without it. */
static void
path_read_untrusted(struct path_validation *validation, const struct bytes *ders, size_t count,
    unsigned int depth)
{
	for (size_t i = 0; i < count; i++) {
		char text[CERT_ERROR_SIZE];
		struct cert *cert;
		enum reason reason = path_read_cert(ders[i], &cert, text);

		if (reason == REASON_OK && path_known(validation, cert)) {
			cert_free(cert);
		} else if (reason == REASON_OK) {
			validation->work.untrusted[validation->owned_count] = cert;
			validation->owned[validation->owned_count++] = cert;
		} else if (validation->unread == REASON_OK) {
			validation->unread = reason;
			validation->unread_depth = depth + (unsigned int)i;
			memcpy(validation->unread_text, text, sizeof text);
		}
	}
}

/* The rules of the appliance profile that are about security. */
static void
path_check_profile(const struct path_params *params, const struct cert *leaf,
    struct findings *findings)
{
	const struct profile_params asked = {params->now_s, params->profile_uses,
	    params->validation_off};
	struct profile_findings *found = NEW(struct profile_findings);

	profile_check(leaf, &asked, found);
	for (size_t i = 0; i < found->count; i++)
		if (found->items[i].level == PROFILE_CONNECT)
			findings_add(findings, found->items[i].reason, 0, "%s (%s)",
			    found->items[i].detail, found->items[i].clause);
	free(found);
}

/* Whether one path got further than another: its first finding is later in the order of the
 * checks.  No path at all is behind every other. */
static bool
path_further(const struct path_judged *judged, const struct path_judged *than)
{
	if (than->path.count == 0)
		return true;
	if (judged->findings.first == REASON_OK || than->findings.first == REASON_OK)
		return judged->findings.first == REASON_OK;
	return judged->findings.first > than->findings.first;
}

/* Judges a path, complete or not, and keeps it if it is the best so far. */
static void
path_judge(struct path_validation *validation, const struct path_list *path, enum reason miss)
{
	const struct path_params *params = validation->params;
	struct path_judged *judged = &validation->current;
	unsigned int last = (unsigned int)path->count - 1;

	judged->path = *path;
	findings_init(&judged->findings);
	memset(judged->revocation, 0, sizeof judged->revocation);
	if (miss == REASON_NO_ISSUER)
		findings_add(&judged->findings, miss, last, "%s",
		    path->certs[last]->self_issued ? "self-signed, and no anchor"
						   : "no certificate of its issuer is at hand");
	else if (miss == REASON_SIGNATURE)
		findings_add(&judged->findings, miss, last,
		    "the key of the issuer it names did not make its signature");
	else if (miss == REASON_LIMITS)
		findings_add(&judged->findings, miss, last, "the path is too long");
	path_check(path, params, &validation->work.check_budget, &judged->findings);
	if (path->anchored)
		path_revocation_check(&validation->work, path, judged->revocation,
		    &judged->findings);
	if (params->profile)
		path_check_profile(params, path->certs[0], &judged->findings);
	if (path_further(judged, &validation->best))
		validation->best = *judged;
}

static bool
path_visit_complete(void *arg, const struct path_list *path)
{
	struct path_validation *validation = arg;

	path_remember(&validation->work.signatures, path);
	path_judge(validation, path, REASON_OK);
	return validation->best.findings.first == REASON_OK;
}

/* Finds the best path. */
static void
path_find(struct path_validation *validation)
{
	const struct path_pool pool = {.trust = validation->input->trust,
	    .untrusted = validation->work.untrusted,
	    .untrusted_count = validation->work.sent_count};
	struct findings *findings = &validation->best.findings;
	struct path_miss miss;

	path_search(&pool, validation->leaf, validation->params->max_depth + 2,
	    &validation->work.signatures, path_visit_complete, validation, &miss);
	if (validation->best.path.count == 0 && miss.reason != REASON_OK)
		path_judge(validation, &miss.path, miss.reason);
	/* accepted, or refused for what says more than whatever kept other paths away */
	if (validation->best.path.anchored)
		return;
	if (validation->work.signatures.exhausted)
		findings_add(findings, REASON_LIMITS, 0,
		    "the search for a path was given up: too many candidates");
	if (validation->unread != REASON_OK)
		findings_add(findings, validation->unread, validation->unread_depth, "%s",
		    validation->unread_text);
}

/* What "validation off" does not waive: that the peer is who it says it is, with a key that
 * proves it, in a certificate that can be read. */
static bool
path_waivable(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		switch ((unsigned int)finding->reason) {
		case REASON_NAME_MISMATCH:
		case REASON_PROFILE_CN:
		case REASON_PROFILE_WILDCARD:
			return false;
		case REASON_PARSE:
		case REASON_LIMITS:
		case REASON_WEAK_KEY: /* of the leaf */
			if (finding->depth == 0)
				return false;
			break;
		default:
			break;
		}
	}
	return true;
}

static void
path_conclude(struct path_validation *validation, struct verdict *verdict)
{
	struct path_judged *best = &validation->best;
	const struct revocation_result none = {0};

	for (size_t i = 0; i < best->path.count; i++)
		verdict_add_cert(verdict, best->path.certs[i], &best->revocation[i]);
	if (best->path.count == 0 && validation->leaf != NULL)
		verdict_add_cert(verdict, validation->leaf, &none);
	verdict_conclude(verdict, &best->findings, best->path.anchored,
	    validation->params->validation_off && path_waivable(&best->findings),
	    validation->work.signatures.computed);
}

/* Reads everything; false where there is nothing to search a path for. */
static bool
path_read(struct path_validation *validation)
{
	const struct path_input *input = validation->input;
	struct findings *findings = &validation->best.findings;
	char text[CERT_ERROR_SIZE];
	enum reason reason;

	if (input->chain_count == 0) {
		findings_add(findings, REASON_NO_CERTIFICATE, 0, "no certificate was shown");
		return false;
	}
	reason = path_read_cert(input->chain[0], &validation->leaf, text);
	if (reason != REASON_OK) {
		findings_add(findings, reason, 0, "%s", text);
		return false;
	}
	if (input->chain_count > PATH_CHAIN_MAX || input->extra_count > PATH_EXTRA_MAX) {
		findings_add(findings, REASON_LIMITS, 0, "more than %d certificates",
		    input->chain_count > PATH_CHAIN_MAX ? PATH_CHAIN_MAX : PATH_EXTRA_MAX);
		return false;
	}
	path_read_untrusted(validation, input->chain + 1, input->chain_count - 1, 1);
	validation->work.sent_count = validation->owned_count;
	if (input->extra_count > 0)
		path_read_untrusted(validation, input->extra, input->extra_count,
		    (unsigned int)input->chain_count);
	validation->work.untrusted_count = validation->owned_count;
	return true;
}

struct verdict *
path_validate(const struct path_input *input, const struct path_params *params)
{
	struct path_validation *validation = NEW(struct path_validation);
	struct verdict *verdict =
	    verdict_make(trust_purpose(input->trust), trust_generation(input->trust));

	assert(params->name_count <= PATH_NAME_MAX && params->policy_count <= PATH_POLICY_MAX);
	validation->input = input;
	validation->params = params;
	validation->work.params = params;
	validation->work.trust = input->trust;
	validation->work.crls = input->crls;
	validation->work.signatures.memo = input->memo;
	validation->work.check_budget = PATH_CHECK_BUDGET;
	findings_init(&validation->best.findings);
	if (path_read(validation))
		path_find(validation);
	path_conclude(validation, verdict);
	for (size_t i = 0; i < validation->owned_count; i++)
		cert_free(validation->owned[i]);
	cert_free(validation->leaf);
	free(validation);
	return verdict;
}
