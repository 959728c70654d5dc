/* SPDX-License-Identifier: Apache-2.0
 *
 * From snapshot and question to the parameters of path_validate.
 */
#include "common/tls/judge.h"

#include "common/tls/stream.h"

static void
judge_params(const struct snapshot_policy *policy, const struct judge_question *question,
    const struct path_name *name, struct path_params *ret_params)
{
	path_params_init(ret_params, question->now_s);
	ret_params->use = question->peer_dials ? PATH_USE_CLIENT : PATH_USE_SERVER;
	ret_params->names = name;
	ret_params->name_count = question->name != NULL ? 1 : 0;
	ret_params->validation_off = !policy->validation;
	if (policy->revocation == SNAPSHOT_OFF)
		ret_params->revocation = PATH_REVOCATION_NONE;
	if (policy->revocation == SNAPSHOT_GRACE)
		ret_params->crl_grace_s = policy->grace_s;
	ret_params->crl_max_age_s = policy->crl_max_age_s;
	ret_params->profile = policy->profile;
}

struct verdict *
judge_chain(const struct snapshot *snapshot, struct sig_memo *memo,
    const struct judge_question *question, const struct bytes *chain, size_t count)
{
	const struct snapshot_purpose *purpose = &snapshot->purposes[question->purpose];
	const struct path_name name = {PATH_NAME_CN, question->name};
	const struct path_input input = {
	    .chain = chain,
	    .chain_count = count,
	    .trust = purpose->trust,
	    .crls = snapshot->crls,
	    .memo = memo,
	};
	struct path_params params;

	if (count == 0)
		return verdict_new_rejected(question->purpose, REASON_NO_CERTIFICATE,
		    "the peer showed no certificate");
	if (purpose->trust == NULL)
		return verdict_new_rejected(question->purpose, REASON_NO_ISSUER,
		    "no CA is installed for this purpose");
	judge_params(&purpose->policy, question, &name, &params);
	return path_validate(&input, &params);
}

struct verdict *
judge_peer(const struct snapshot *snapshot, struct sig_memo *memo,
    const struct judge_question *question, const struct tls_stream *stream)
{
	struct bytes chain[PATH_CHAIN_MAX];
	size_t count = 0;

	if (tls_stream_peer(stream, chain, PATH_CHAIN_MAX, &count) == STATUS_LIMIT)
		return verdict_new_rejected(question->purpose, REASON_LIMITS,
		    "the peer sent more than 10 certificates");
	return judge_chain(snapshot, memo, question, chain, count);
}

enum judge_live
judge_live(const struct verdict *verdict, const struct snapshot_policy *policy,
    int64_t stale_since_s, int64_t now_s)
{
	if (verdict_outcome(verdict) != VERDICT_REJECT)
		return JUDGE_KEEP;
	if (!verdict_wants_crl(verdict) || policy->live_stale_s == 0)
		return JUDGE_DROP;
	if (stale_since_s != 0 && now_s - stale_since_s >= policy->live_stale_s)
		return JUDGE_DROP;
	return JUDGE_STALE;
}
