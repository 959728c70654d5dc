/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging one question, and the object that says how it went.
 */
#include "common/cli/verify_judge.h"

#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/json_write.h"
#include "common/cli/verify_crls.h"
#include "common/pki/cert.h"
#include "common/pki/trust.h"
#include "common/pki/verdict.h"

/* Reads the certificates of a list into an array of ours. */
static bool
verify_read_certs(const struct verify_list *list, const char *what, struct cert **certs,
    struct verify_fault *reterr)
{
	char text[CERT_ERROR_SIZE];

	for (size_t i = 0; i < list->count; i++) {
		enum status status = cert_parse(list->items[i], &certs[i], text);

		if (status == STATUS_OK)
			continue;
		verify_call_fault(reterr, "%s %zu: %s", what, i + 1,
		    status == STATUS_LIMIT ? "too large" : text);
		reterr->reason = status == STATUS_LIMIT ? REASON_LIMITS : REASON_PARSE;
		return false;
	}
	return true;
}

/* The anchors, with what was given as untrusted as intermediates. */
static struct trust *
verify_make_trust(const struct verify_request *request, struct verify_fault *reterr)
{
	const struct verify_list *anchors = &request->lists[VERIFY_ANCHORS];
	const struct verify_list *untrusted = &request->lists[VERIFY_UNTRUSTED];
	size_t count = anchors->count + untrusted->count;
	struct cert **certs = alloc_zeroed(count, sizeof(struct cert *));
	struct trust *trust = NULL;

	if (!verify_read_certs(anchors, "anchor", certs, reterr) ||
	    !verify_read_certs(untrusted, "untrusted certificate", certs + anchors->count,
		reterr)) {
		for (size_t i = 0; i < count; i++)
			cert_free(certs[i]);
	} else if (trust_new_take(TRUST_APPLIANCE, 0, certs, anchors->count,
		       certs + anchors->count, untrusted->count, &trust) != STATUS_OK) {
		verify_call_fault(reterr, "too many anchors");
		reterr->reason = REASON_LIMITS;
	}
	free(certs);
	return trust;
}

struct verdict *
verify_ask(const struct verify_request *request, struct verify_fault *reterr)
{
	struct trust *trust = verify_make_trust(request, reterr);
	struct path_input input = {
	    .chain = request->lists[VERIFY_CHAIN].items,
	    .chain_count = request->lists[VERIFY_CHAIN].count,
	    .extra = request->lists[VERIFY_EXTRA].items,
	    .extra_count = request->lists[VERIFY_EXTRA].count,
	    .trust = trust,
	};
	struct verdict *verdict;
	struct crl_set *crls;

	if (trust == NULL)
		return NULL;
	crls = verify_crls(request, trust);
	input.crls = crls;
	verdict = path_validate(&input, &request->params);
	crl_set_free(crls);
	trust_free(trust);
	return verdict;
}

/* The beginning that all answers have. */
static struct json_write
verify_open(struct buf *line, const char *id, const char *verdict, const char *reason)
{
	struct json_write json = json_write_to(line);

	json_open_object(&json, NULL);
	json_text(&json, "id", id);
	json_text(&json, "verdict", verdict);
	json_text(&json, "reason", reason);
	return json;
}

/* Each slug once, in the order of precedence. */
static void
verify_put_findings(struct json_write *json, const struct verdict *verdict)
{
	bool seen[REASON_COUNT] = {false};

	json_open_array(json, "all");
	for (size_t i = 0; i < verdict_finding_count(verdict); i++) {
		enum reason reason = verdict_finding(verdict, i)->reason;

		if (!seen[reason])
			json_text(json, NULL, reason_slug(reason));
		seen[reason] = true;
	}
	json_close_array(json);
}

/* good, revoked, or unknown; the finer word goes into "why". */
static const char *
verify_revocation_word(enum revocation_status status)
{
	switch (status) {
	case REVOCATION_GOOD:
	case REVOCATION_STALE_GRACE:
		return "good";
	case REVOCATION_REVOKED:
		return "revoked";
	case REVOCATION_NOT_ASKED:
	case REVOCATION_STALE:
	case REVOCATION_UNREACHABLE:
	case REVOCATION_NO_DISTRIBUTION_POINT:
	case REVOCATION_UNKNOWN:
		break;
	}
	return "unknown";
}

static void
verify_put_revocation(struct json_write *json, unsigned int depth,
    const struct revocation_result *result)
{
	struct buf why;

	buf_init(&why, 2 * REVOCATION_DETAIL_SIZE);
	buf_put_text(&why, result->reason != REASON_OK
			       ? reason_slug(result->reason)
			       : revocation_status_text(result->status));
	if (result->detail[0] != '\0')
		buf_printf(&why, ": %s", result->detail);
	json_open_object(json, NULL);
	json_i64(json, "depth", depth);
	json_text(json, "status", verify_revocation_word(result->status));
	json_bytes(json, "why", buf_bytes(&why));
	if (result->has_crl) {
		json_hex(json, "crl", bytes_of(result->crl_sha256, PUBKEY_HASH_SIZE));
		json_time_s(json, "this_update", result->this_update_s);
		json_time_s(json, "next_update", result->next_update_s);
	}
	json_close_object(json);
	buf_done(&why);
}

static void
verify_put_revocations(struct json_write *json, const struct verdict *verdict)
{
	json_open_array(json, "revocation");
	for (size_t i = 0; i < verdict_cert_count(verdict); i++) {
		const struct revocation_result *result = &verdict_cert(verdict, i)->revocation;

		if (result->status != REVOCATION_NOT_ASKED)
			verify_put_revocation(json, (unsigned int)i, result);
	}
	json_close_array(json);
}

enum verify_exit
verify_judge(const struct verify_request *request, const char *id, struct buf *line)
{
	int64_t began_us = clock_mono_us();
	struct verify_fault fault;
	struct verdict *verdict = verify_ask(request, &fault);
	struct json_write json;
	bool accepted;

	if (verdict == NULL)
		return verify_judge_fault(&fault, id, line);
	accepted = verdict_outcome(verdict) == VERDICT_ACCEPT;
	json = verify_open(line, id, accepted ? "accept" : "reject",
	    reason_slug(verdict_reason(verdict)));
	json_i64(&json, "depth", verdict_depth(verdict));
	json_text(&json, "subject", verdict_subject(verdict));
	json_text(&json, "detail", verdict_detail(verdict));
	verify_put_findings(&json, verdict);
	verify_put_revocations(&json, verdict);
	json_i64(&json, "us", clock_mono_us() - began_us);
	json_close_object(&json);
	verdict_free(verdict);
	return accepted ? VERIFY_ACCEPTED : VERIFY_REJECTED;
}

enum verify_exit
verify_judge_fault(const struct verify_fault *fault, const char *id, struct buf *line)
{
	bool rejected = fault->reason != REASON_OK;
	const char *reason = rejected ? reason_slug(fault->reason) : "error";
	struct json_write json = verify_open(line, id, rejected ? "reject" : "error", reason);

	json_i64(&json, "depth", 0);
	json_text(&json, "subject", "");
	json_text(&json, "detail", fault->text);
	json_open_array(&json, "all");
	if (rejected)
		json_text(&json, NULL, reason);
	json_close_array(&json);
	json_open_array(&json, "revocation");
	json_close_array(&json);
	json_i64(&json, "us", 0);
	json_close_object(&json);
	return rejected ? VERIFY_REJECTED : VERIFY_INPUT;
}
