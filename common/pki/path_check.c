/* SPDX-License-Identifier: Apache-2.0
 *
 * One function for each rule, over the whole path.  depth 0 is the leaf; the rules that
 * carry a state along go from the top down.
 */
#include "common/pki/path_check.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/pki/name_constraints.h"
#include "common/pki/path_names.h"
#include "common/pki/policy_graph.h"

/* Whether a rule that a path_anchor_check switches applies to the certificate at depth. */
static bool
path_applies(const struct path_list *path, const struct path_params *params, size_t depth,
    unsigned int anchor_check)
{
	/* a leaf that is trusted itself is judged as the leaf it is */
	bool anchor = path->anchored && depth > 0 && depth == path->count - 1;

	return !anchor || (params->anchor_checks & anchor_check) != 0;
}

static bool
path_pay(size_t *budget, size_t cost)
{
	if (cost > *budget)
		return false;
	*budget -= cost;
	return true;
}

static void
path_check_keys(const struct path_list *path, const struct path_params *params,
    struct findings *findings)
{
	for (size_t depth = 0; depth < path->count; depth++) {
		const struct pubkey *key = &path->certs[depth]->key;
		const char *weakness = pubkey_weakness(key, params->min_rsa_bits);

		if (weakness != NULL)
			findings_add(findings, REASON_WEAK_KEY, (unsigned int)depth,
			    "%s (%u bits)", weakness, key->bits);
	}
}

/* The signature of an anchor is nobody's concern: the anchor is trusted as it is. */
static void
path_check_algorithms(const struct path_list *path, struct findings *findings)
{
	size_t count = path->anchored ? path->count - 1 : path->count;

	for (size_t depth = 0; depth < count; depth++) {
		const struct algorithm *algorithm = &path->certs[depth]->algorithm;
		struct buf text;

		if (!path->unverified[depth] && algorithm->kind != ALGORITHM_UNKNOWN &&
		    algorithm->hash != ALGORITHM_HASH_WEAK)
			continue;
		buf_init(&text, FINDING_DETAIL_SIZE);
		algorithm_text(algorithm, &text);
		findings_add(findings, REASON_WEAK_SIGNATURE, (unsigned int)depth,
		    "signed with %s", buf_text(&text));
		buf_done(&text);
	}
}

/* RFC 5280 6.1.4 (k). */
static void
path_check_ca(const struct path_list *path, const struct path_params *params,
    struct findings *findings)
{
	for (size_t depth = 1; depth < path->count; depth++) {
		const struct cert *cert = path->certs[depth];
		bool anchor = path->anchored && depth == path->count - 1;

		if (!path_applies(path, params, depth, PATH_ANCHOR_CONSTRAINTS))
			continue;
		if (cert->basic_constraints.present && !cert->is_ca)
			findings_add(findings, REASON_NOT_A_CA, (unsigned int)depth,
			    "basicConstraints say CA:FALSE");
		else if (!cert->basic_constraints.present &&
			 (!anchor || (cert->version == 3 &&
					 (params->anchor_checks & PATH_ANCHOR_CA) != 0)))
			findings_add(findings, REASON_NOT_A_CA, (unsigned int)depth,
			    "no basicConstraints");
	}
}

/* RFC 5280 6.1.4 (l), (m). */
static void
path_check_path_len(const struct path_list *path, const struct path_params *params,
    struct findings *findings)
{
	size_t allowed = SIZE_MAX;

	for (size_t depth = path->count - 1; depth > 0; depth--) {
		const struct cert *cert = path->certs[depth];
		bool anchor = path->anchored && depth == path->count - 1;

		if (!path_applies(path, params, depth, PATH_ANCHOR_CONSTRAINTS))
			continue;
		if (!anchor && !cert->self_issued && allowed != SIZE_MAX) {
			if (allowed == 0)
				findings_add(findings, REASON_PATH_LENGTH, (unsigned int)depth,
				    "more CA certificates than pathLenConstraint allows");
			else
				allowed--;
		}
		if (cert->path_len != CERT_PATH_LEN_NONE && (size_t)cert->path_len < allowed)
			allowed = (size_t)cert->path_len;
	}
}

/* RFC 5280 6.1.4 (n), and what is demanded of the leaf. */
static void
path_check_key_usage(const struct path_list *path, const struct path_params *params,
    struct findings *findings)
{
	const struct cert *leaf = path->certs[0];

	if (leaf->key_usage.present &&
	    (leaf->key_usage_bits & params->key_usage) != params->key_usage)
		findings_add(findings, REASON_KEY_USAGE, 0,
		    "keyUsage lacks a use that is demanded");
	for (size_t depth = 1; depth < path->count; depth++) {
		const struct cert *cert = path->certs[depth];

		if (path_applies(path, params, depth, PATH_ANCHOR_CONSTRAINTS) &&
		    cert->key_usage.present &&
		    (cert->key_usage_bits & CERT_KU_KEY_CERT_SIGN) == 0)
			findings_add(findings, REASON_KEY_USAGE, (unsigned int)depth,
			    "keyUsage without keyCertSign");
	}
}

/* RFC 5280 6.1.4 (o), 6.1.5 (f). */
static void
path_check_critical(const struct path_list *path, const struct path_params *params,
    struct findings *findings)
{
	for (size_t depth = 0; depth < path->count; depth++) {
		const struct cert *cert = path->certs[depth];
		struct buf text;

		if (cert->unknown_critical.len == 0 ||
		    !path_applies(path, params, depth, PATH_ANCHOR_CONSTRAINTS))
			continue;
		buf_init(&text, FINDING_DETAIL_SIZE);
		der_oid_text(cert->unknown_critical, &text);
		findings_add(findings, REASON_CRITICAL_EXTENSION, (unsigned int)depth, "%s",
		    buf_text(&text));
		buf_done(&text);
	}
}

/* Why an extended key usage does not allow the use, or NULL.  An empty one allows nothing
 * (RFC 5280 4.2.1.12: SIZE (1..MAX)). */
static const char *
path_eku_refuses(const struct cert *cert, enum path_use use, bool strict)
{
	unsigned int bit = use == PATH_USE_SERVER ? CERT_EKU_SERVER_AUTH : CERT_EKU_CLIENT_AUTH;

	if (cert->ext_key_usage.present && cert->eku_bits == 0)
		return "extKeyUsage is empty";
	if (use == PATH_USE_ANY)
		return NULL;
	if (!cert->ext_key_usage.present)
		return strict ? "no extKeyUsage" : NULL;
	if ((cert->eku_bits & bit) != 0 || (!strict && (cert->eku_bits & CERT_EKU_ANY) != 0))
		return NULL;
	return use == PATH_USE_SERVER ? "extKeyUsage without serverAuth"
				      : "extKeyUsage without clientAuth";
}

/* RFC 5280 4.2.1.12 for the leaf; a CA that has the extension passes on no more than it
 * says, as all others read it. */
static void
path_check_eku(const struct path_list *path, const struct path_params *params,
    struct findings *findings)
{
	for (size_t depth = 0; depth < path->count; depth++) {
		bool anchor = path->anchored && depth > 0 && depth == path->count - 1;
		const char *why = path_eku_refuses(path->certs[depth], params->use,
		    params->strict_eku && !anchor);

		if (why != NULL && path_applies(path, params, depth, PATH_ANCHOR_CONSTRAINTS))
			findings_add(findings, REASON_EXT_KEY_USAGE, (unsigned int)depth, "%s",
			    why);
	}
	if (params->strict_eku && path->certs[0]->is_ca)
		findings_add(findings, REASON_LEAF_IS_CA, 0, "basicConstraints say CA:TRUE");
}

/* RFC 5280 6.1.3 (a)(2). */
static void
path_check_dates(const struct path_list *path, const struct path_params *params,
    struct findings *findings)
{
	for (size_t depth = 0; depth < path->count; depth++) {
		const struct cert *cert = path->certs[depth];
		char time[CLOCK_TEXT_SIZE];

		if (!path_applies(path, params, depth, PATH_ANCHOR_EXPIRY))
			continue;
		if (params->now_s < cert->not_before_s)
			findings_add(findings, REASON_NOT_YET_VALID, (unsigned int)depth,
			    "valid from %s", clock_text_s(cert->not_before_s, time));
		if (params->now_s > cert->not_after_s)
			findings_add(findings, REASON_EXPIRED, (unsigned int)depth,
			    "expired on %s", clock_text_s(cert->not_after_s, time));
	}
}

/* Whether the CN of the leaf is who it is. */
static bool
path_asks_identity(const struct path_params *params)
{
	for (size_t i = 0; i < params->name_count; i++)
		if (params->names[i].kind == PATH_NAME_CN)
			return true;
	return params->profile;
}

/* RFC 5280 6.1.3 (b), (c): the names of one certificate against all constraints above. */
static void
path_check_constraints_of(const struct path_list *path, const struct path_params *params,
    size_t depth, size_t *budget, struct findings *findings)
{
	const struct cert *cert = path->certs[depth];
	struct name_set *set = NULL;

	for (size_t above = depth + 1; above < path->count; above++) {
		const struct cert *issuer = path->certs[above];
		enum reason reason;
		struct buf text;

		if (!issuer->name_constraints.present ||
		    !path_applies(path, params, above, PATH_ANCHOR_CONSTRAINTS))
			continue;
		if (set == NULL) {
			if (!path_pay(budget, cert->subject_alt_name.value.len)) {
				findings_add(findings, REASON_LIMITS, (unsigned int)depth,
				    "too many names");
				return;
			}
			set = name_set_new(cert, depth == 0, path_asks_identity(params));
		}
		buf_init(&text, FINDING_DETAIL_SIZE);
		reason = name_constraints_judge(issuer, set, budget, &text);
		if (reason != REASON_OK)
			findings_add(findings, reason, (unsigned int)depth, "%s",
			    buf_text(&text));
		buf_done(&text);
	}
	name_set_free(set);
}

static void
path_check_constraints(const struct path_list *path, const struct path_params *params,
    size_t *budget, struct findings *findings)
{
	for (size_t depth = 0; depth + 1 < path->count; depth++)
		if (depth == 0 || !path->certs[depth]->self_issued)
			path_check_constraints_of(path, params, depth, budget, findings);
}

static size_t
path_policies_cost(const struct path_list *path, size_t count)
{
	size_t len = 0;

	for (size_t depth = 0; depth < count; depth++)
		len += path->certs[depth]->policies.value.len +
		       path->certs[depth]->policy_mappings.value.len;
	return PATH_CHECK_POLICY_COST * len;
}

static void
path_check_policies(const struct path_list *path, const struct path_params *params,
    size_t *budget, struct findings *findings)
{
	const struct policy_inputs inputs = {params->policies, params->policy_count,
	    params->explicit_policy, params->inhibit_any_policy, params->inhibit_mapping};
	bool with_anchor = (params->anchor_checks & PATH_ANCHOR_POLICIES) != 0;
	size_t count = with_anchor ? path->count : path->count - 1;
	struct policy_graph *graph;

	if (count == 0)
		return;
	if (!path_pay(budget, path_policies_cost(path, count))) {
		findings_add(findings, REASON_LIMITS, 0, "too many certificate policies");
		return;
	}
	graph = policy_graph_new(&inputs, count);
	for (size_t depth = count; depth > 0; depth--) {
		const char *wrong = policy_graph_add(graph, path->certs[depth - 1],
		    with_anchor && depth == count);

		if (wrong != NULL)
			findings_add(findings, REASON_POLICY, (unsigned int)(depth - 1), "%s",
			    wrong);
	}
	policy_graph_free(graph);
}

void
path_check(const struct path_list *path, const struct path_params *params, size_t *budget,
    struct findings *findings)
{
	path_check_algorithms(path, findings);
	if (params->revocation_only)
		return;
	path_check_keys(path, params, findings);
	path_check_ca(path, params, findings);
	path_check_path_len(path, params, findings);
	path_check_key_usage(path, params, findings);
	path_check_critical(path, params, findings);
	path_check_eku(path, params, findings);
	path_check_dates(path, params, findings);
	path_names_check(path->certs[0], params->names, params->name_count, findings);
	if (!path->anchored)
		return;
	path_check_constraints(path, params, budget, findings);
	path_check_policies(path, params, budget, findings);
}
