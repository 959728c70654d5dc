/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation by CRLs.  The letters in comments are those of RFC 5280 section 6.3.3.
 */
#include "common/pki/revocation.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/pki/dist_point.h"

/* How far a CRL got that could not be used; the one that got furthest is the reason. */
enum revocation_miss {
	REVOCATION_MISS_NONE,
	REVOCATION_MISS_UNREACHABLE,
	REVOCATION_MISS_REFUSED, /* when it was taken in */
	REVOCATION_MISS_KIND,    /* a delta without its base; not indirect where it must be */
	REVOCATION_MISS_SCOPE,
	REVOCATION_MISS_SIGNER,
	REVOCATION_MISS_TIME,
};

/* A complete CRL and the delta that goes with it; delta may be NULL. */
struct revocation_source {
	const struct crl_index *complete;
	const struct crl_index *delta;
	int64_t this_update_s; /* of both together */
	int64_t next_update_s;
};

/* A judgement while it is made. */
struct revocation {
	const struct cert *cert;
	const struct cert *issuer;
	const struct crl_set *crls;
	const struct revocation_signer *signer;
	const struct revocation_params *params;
	struct revocation_result *result;

	unsigned int covered;          /* reasons a current CRL says nothing bad for */
	unsigned int covered_grace;    /* the same, CRLs in their grace time included */
	struct revocation_source good; /* the last CRL that covered something */
	enum revocation_miss miss;

	const struct crl_index *judged; /* the CRL whose signer was judged last */
	enum reason judged_reason;
};

static void
revocation_set_crl(struct revocation_result *result, const struct crl_index *crl,
    int64_t this_update_s, int64_t next_update_s)
{
	result->has_crl = true;
	memcpy(result->crl_sha256, crl->sha256, sizeof result->crl_sha256);
	result->this_update_s = this_update_s;
	result->next_update_s = next_update_s;
	result->number_len = crl->number.len;
	memcpy(result->number, crl->number.octets, sizeof result->number);
}

/* Notes why something could not be used, if it got further than what was noted before. */
static void PRINTF_LIKE(5, 6)
    revocation_note(struct revocation *work, enum revocation_miss miss, enum reason reason,
	const struct crl_index *crl, const char *format, ...)
{
	struct revocation_result *result = work->result;
	va_list args;

	if (miss <= work->miss)
		return;
	work->miss = miss;
	result->reason = reason;
	result->has_crl = false;
	if (crl != NULL)
		revocation_set_crl(result, crl, crl->this_update_s, crl->next_update_s);
	va_start(args, format);
	vsnprintf(result->detail, sizeof result->detail, format, args);
	va_end(args);
}

static bool
revocation_revoked(const struct revocation *work)
{
	return work->result->status == REVOCATION_REVOKED;
}

/* (b)(2): why the CRL does not cover the certificate at this point, or NULL. */
static const char *
revocation_out_of_scope(const struct revocation *work, const struct crl_index *crl,
    const struct dist_point *point)
{
	const struct dist_point_scope *scope = &crl->scope;
	const struct dist_point_names *names =
	    point->has_names ? &point->names : &point->crl_issuer;

	if (point->names.unusable)
		return "the certificate's distribution point has a name that leads to no CRL";
	if (scope->only_attribute_certs)
		return "it is for attribute certificates only";
	/* before version 3 nothing in a certificate tells whether it is a CA's */
	if ((scope->only_user_certs || scope->only_ca_certs) && work->cert->version < 3)
		return "it is for one kind of certificate, and this one does not tell its own";
	if (scope->only_user_certs && work->cert->is_ca)
		return "it is not for CA certificates";
	if (scope->only_ca_certs && !work->cert->is_ca)
		return "it is for CA certificates only";
	if (scope->has_names &&
	    !dist_point_names_match(&scope->names, names, crl->issuer.canonical))
		return "it is for another distribution point";
	return NULL;
}

/* (f): whether the key that signed may sign CRLs for this certificate.  The issuer's own
 * key may, if its certificate says so; of another the path has to be validated. */
static enum reason
revocation_judge_signer(const struct revocation *work, const struct crl_index *crl)
{
	const struct cert *issuer = work->issuer;
	bool own_key =
	    memcmp(crl->key_sha256, issuer->key.sha256, sizeof crl->key_sha256) == 0 &&
	    bytes_equal(crl->issuer.canonical, issuer->subject.canonical);
	enum reason reason = REASON_CRL_PATH;

	if (own_key &&
	    (!issuer->key_usage.present || (issuer->key_usage_bits & CERT_KU_CRL_SIGN)))
		return REASON_OK;
	if (work->signer != NULL)
		reason = work->signer->judge(work->signer->arg, crl->issuer.canonical,
		    crl->key_sha256);
	return own_key && reason != REASON_OK ? REASON_CRL_SIGNER_KEYUSAGE : reason;
}

/* Scope and signer of a CRL; notes why it can't be used. */
static bool
revocation_usable(struct revocation *work, const struct crl_index *crl,
    const struct dist_point *point)
{
	const char *why = revocation_out_of_scope(work, crl, point);
	enum reason reason;

	if (why != NULL) {
		revocation_note(work, REVOCATION_MISS_SCOPE, REASON_CRL_SCOPE, crl,
		    "a CRL does not cover the certificate: %s", why);
		return false;
	}
	if (work->judged != crl)
		work->judged_reason = revocation_judge_signer(work, crl);
	work->judged = crl;
	reason = work->judged_reason;
	if (reason != REASON_OK)
		revocation_note(work, REVOCATION_MISS_SIGNER, reason, crl, "%s",
		    reason_info(reason)->sentence);
	return reason == REASON_OK;
}

/* Whether a CRL lists the certificate as revoked; if so, that is the result. */
static bool
revocation_look_up(struct revocation *work, const struct crl_index *crl,
    struct crl_index_entry *ret_entry)
{
	struct revocation_result *result = work->result;
	char when[CLOCK_TEXT_SIZE];

	if (!crl_index_find(crl, work->cert->issuer.canonical, work->cert->serial, ret_entry))
		return false;
	/* only a delta CRL can take something back */
	if (crl->base.present && ret_entry->reason == CRL_REASON_REMOVE)
		return true;
	result->status = REVOCATION_REVOKED;
	result->reason = REASON_REVOKED;
	result->revoked_at_s = ret_entry->revoked_at_s;
	result->reason_code = ret_entry->reason;
	revocation_set_crl(result, crl, crl->this_update_s, crl->next_update_s);
	snprintf(result->detail, sizeof result->detail, "revoked on %s%s",
	    clock_text_s(ret_entry->revoked_at_s, when),
	    ret_entry->reason == CRL_REASON_HOLD ? " (on hold)" : "");
	return true;
}

/* Whether a CRL is out of the game because a later one of the same kind is at hand. */
static bool
revocation_overruled(const struct revocation *work, const struct crl_index *crl)
{
	size_t first, count = crl_set_find(work->crls, crl->issuer.canonical, &first);

	for (size_t i = first; i < first + count; i++) {
		const struct crl_index *other = crl_set_at(work->crls, i);

		if (other->this_update_s <= work->params->now_s &&
		    crl_index_overrules(other, crl))
			return true;
	}
	return false;
}

/* (c): the latest delta that can be applied to a complete CRL. */
static struct revocation_source
revocation_find_delta(const struct revocation *work, const struct crl_index *complete)
{
	struct revocation_source source = {
	    .complete = complete,
	    .this_update_s = complete->this_update_s,
	    .next_update_s = complete->next_update_s,
	};
	size_t first, count = crl_set_find(work->crls, complete->issuer.canonical, &first);

	for (size_t i = first; i < first + count; i++) {
		const struct crl_index *delta = crl_set_at(work->crls, i);

		if (delta->this_update_s > work->params->now_s ||
		    !crl_index_applies(delta, complete))
			continue;
		if (source.delta == NULL ||
		    crl_number_compare(&delta->number, &source.delta->number) > 0)
			source.delta = delta;
	}
	if (source.delta == NULL)
		return source;
	if (source.delta->this_update_s > source.this_update_s)
		source.this_update_s = source.delta->this_update_s;
	if (source.delta->next_update_s > source.next_update_s)
		source.next_update_s = source.delta->next_update_s;
	return source;
}

/* (a), (d), (l): a CRL in scope that does not list the certificate covers the reasons it is
 * for, while it is current. */
static void
revocation_cover(struct revocation *work, const struct revocation_source *source,
    unsigned int reasons)
{
	const struct revocation_params *params = work->params;
	int64_t late_s = params->now_s - source->next_update_s;
	char when[CLOCK_TEXT_SIZE];

	if (source->this_update_s > params->now_s) {
		revocation_note(work, REVOCATION_MISS_TIME, REASON_CRL_NOT_YET_VALID,
		    source->complete, "the CRL is valid from %s",
		    clock_text_s(source->this_update_s, when));
		return;
	}
	if (params->max_age_s > 0 &&
	    params->now_s - source->this_update_s > params->max_age_s) {
		revocation_note(work, REVOCATION_MISS_TIME, REASON_CRL_TOO_OLD,
		    source->complete, "the CRL is of %s",
		    clock_text_s(source->this_update_s, when));
		return;
	}
	if (late_s > 0)
		revocation_note(work, REVOCATION_MISS_TIME, REASON_CRL_EXPIRED,
		    source->complete, "the CRL ran out on %s",
		    clock_text_s(source->next_update_s, when));
	if (late_s > 0 && late_s > params->grace_s)
		return;
	work->covered_grace |= reasons;
	work->good = *source;
	if (late_s <= 0)
		work->covered |= reasons;
}

/* (h) to (k): delta first, then the complete CRL.  What a delta takes back counts only while
 * the delta is current. */
static void
revocation_ask_complete(struct revocation *work, const struct crl_index *complete,
    const struct dist_point *point)
{
	struct revocation_source source = revocation_find_delta(work, complete);
	struct crl_index_entry entry;
	bool removed = false;

	if (source.delta != NULL && revocation_look_up(work, source.delta, &entry))
		removed = !revocation_revoked(work) &&
			  source.delta->next_update_s >= work->params->now_s;
	if (!revocation_revoked(work) && !removed)
		(void)revocation_look_up(work, complete, &entry);
	if (revocation_revoked(work))
		return;
	/* a partition that is indirect as well is somebody else's unless the certificate
	 * says so; public CAs may not issue such (CA/Browser Forum 7.2.2.1) */
	if (complete->scope.indirect && complete->scope.has_names && !point->has_crl_issuer)
		revocation_note(work, REVOCATION_MISS_SCOPE, REASON_CRL_UNSUPPORTED, complete,
		    "the CRL is indirect and a part, and its issuer is not named");
	else
		revocation_cover(work, &source, complete->scope.reasons & point->reasons);
}

/* (b) to (l) for one CRL at one distribution point. */
static void
revocation_ask(struct revocation *work, const struct crl_index *crl,
    const struct dist_point *point)
{
	struct crl_index_entry entry;

	if (point->has_crl_issuer && !crl->scope.indirect) {
		revocation_note(work, REVOCATION_MISS_KIND, REASON_CRL_MISSING, crl,
		    "the certificate names a CRL issuer whose CRL is not indirect");
		return;
	}
	if (!revocation_usable(work, crl, point) || revocation_overruled(work, crl))
		return;
	if (!crl->base.present) {
		revocation_ask_complete(work, crl, point);
		return;
	}
	/* a delta by itself can only revoke */
	if (!revocation_look_up(work, crl, &entry))
		revocation_note(work, REVOCATION_MISS_KIND, REASON_CRL_MISSING, crl,
		    "there is a delta CRL, but not the complete CRL it is based on");
}

/* All CRLs of one issuer at a point. */
static void
revocation_ask_issuer(struct revocation *work, struct bytes issuer_canonical,
    const struct dist_point *point)
{
	size_t first, count = crl_set_find(work->crls, issuer_canonical, &first);

	for (size_t i = first; i < first + count && !revocation_revoked(work); i++)
		revocation_ask(work, crl_set_at(work->crls, i), point);
}

/* (b)(1): the issuers that a point names, or the certificate's. */
static void
revocation_ask_point(struct revocation *work, const struct dist_point *point)
{
	if (!point->has_crl_issuer) {
		revocation_ask_issuer(work, work->cert->issuer.canonical, point);
		return;
	}
	for (size_t i = 0; i < point->crl_issuer.count; i++) {
		const struct general_name *name = &point->crl_issuer.full[i];
		struct der_fault fault;
		struct der der = der_begin(name->value, &fault);
		struct buf canonical;

		if (name->kind != GENERAL_NAME_DIRECTORY)
			continue;
		buf_init(&canonical, name_canonical_max(name->value.len));
		(void)name_read(&der, &canonical);
		if (der_ok(&der))
			revocation_ask_issuer(work, buf_bytes(&canonical), point);
		buf_done(&canonical);
	}
}

/* The points of the certificate, then the one that is assumed for CRLs of its issuer.
 * Returns whether the extension is well formed. */
static bool
revocation_ask_points(struct revocation *work)
{
	const struct cert *cert = work->cert;
	struct dist_point_walk walk;
	struct dist_point point;
	struct dist_point own = {
	    .has_names = true,
	    .names = {.count = 1},
	    .reasons = DIST_POINT_ALL_REASONS,
	};
	bool well_formed = true;

	own.names.full[0] = (struct general_name){
	    .kind = GENERAL_NAME_DIRECTORY,
	    .value = cert->issuer.der,
	};
	if (cert->crl_dist_points.present) {
		dist_point_begin(&walk, cert->crl_dist_points.value);
		while (!revocation_revoked(work) && dist_point_next(&walk, &point))
			revocation_ask_point(work, &point);
		well_formed = dist_point_ok(&walk);
	}
	if (!revocation_revoked(work))
		revocation_ask_point(work, &own);
	return well_formed;
}

/* Whether one of the certificate's distribution points has this URL. */
static bool
revocation_has_url(const struct cert *cert, const char *url)
{
	struct dist_point_walk walk;
	struct dist_point point;

	if (!cert->crl_dist_points.present)
		return false;
	dist_point_begin(&walk, cert->crl_dist_points.value);
	while (dist_point_next(&walk, &point))
		for (size_t i = 0; i < point.names.count; i++)
			if (point.names.full[i].kind == GENERAL_NAME_URI &&
			    bytes_equal_text(point.names.full[i].value, url))
				return true;
	return false;
}

/* How far a CRL got that never became an index. */
static enum revocation_miss
revocation_refusal_miss(enum reason reason)
{
	if (reason == REASON_CRL_UNREACHABLE)
		return REVOCATION_MISS_UNREACHABLE;
	if (reason == REASON_CRL_SIGNATURE)
		return REVOCATION_MISS_SIGNER;
	return REVOCATION_MISS_REFUSED;
}

static void
revocation_ask_refusals(struct revocation *work)
{
	for (size_t i = 0; i < crl_set_refusal_count(work->crls); i++) {
		const struct crl_refusal *refusal = crl_set_refusal(work->crls, i);
		bool named = refusal->issuer_canonical.len > 0;

		if (named &&
		    !bytes_equal(refusal->issuer_canonical, work->cert->issuer.canonical))
			continue;
		if (!named && refusal->url != NULL &&
		    !revocation_has_url(work->cert, refusal->url))
			continue;
		revocation_note(work, revocation_refusal_miss(refusal->reason), refusal->reason,
		    NULL, "%s", refusal->detail);
	}
}

/* The status of a certificate that is neither revoked nor covered: by the nearest miss. */
static void
revocation_conclude_unknown(struct revocation *work)
{
	struct revocation_result *result = work->result;
	bool covered_in_part = work->covered_grace != 0 && work->miss <= REVOCATION_MISS_SCOPE;

	if (work->miss == REVOCATION_MISS_NONE || covered_in_part) {
		result->reason = REASON_CRL_MISSING;
		snprintf(result->detail, sizeof result->detail, "%s",
		    covered_in_part ? "the CRLs at hand do not cover all reasons for revocation"
				    : "there is no CRL of the certificate's issuer");
	}
	if (result->reason == REASON_CRL_EXPIRED)
		result->status = REVOCATION_STALE;
	else if (result->reason == REASON_CRL_UNREACHABLE)
		result->status = REVOCATION_UNREACHABLE;
	else if (result->reason == REASON_CRL_MISSING && !work->cert->crl_dist_points.present)
		result->status = REVOCATION_NO_DISTRIBUTION_POINT;
	else
		result->status = REVOCATION_UNKNOWN;
}

static void
revocation_conclude(struct revocation *work, bool points_well_formed)
{
	struct revocation_result *result = work->result;
	const struct revocation_source *good = &work->good;

	if (revocation_revoked(work))
		return;
	if (!points_well_formed) {
		result->status = REVOCATION_UNKNOWN;
		result->reason = REASON_PARSE;
		snprintf(result->detail, sizeof result->detail,
		    "the CRL distribution points are malformed");
		return;
	}
	if (work->covered_grace != DIST_POINT_ALL_REASONS) {
		revocation_conclude_unknown(work);
		return;
	}
	result->reason = REASON_OK;
	revocation_set_crl(result, good->complete, good->this_update_s, good->next_update_s);
	if (work->covered == DIST_POINT_ALL_REASONS) {
		result->status = REVOCATION_GOOD;
		result->detail[0] = '\0';
	} else {
		result->status = REVOCATION_STALE_GRACE; /* the detail says since when */
	}
}

void
revocation_check(const struct cert *cert, const struct cert *issuer, const struct crl_set *crls,
    const struct revocation_signer *signer, const struct revocation_params *params,
    struct revocation_result *ret_result)
{
	struct revocation work = {
	    .cert = cert,
	    .issuer = issuer,
	    .crls = crls,
	    .signer = signer,
	    .params = params,
	    .result = ret_result,
	};
	bool well_formed = true;

	*ret_result = (struct revocation_result){
	    .status = REVOCATION_UNKNOWN,
	    .reason_code = REVOCATION_NO_REASON_CODE,
	};
	if (crls != NULL) {
		well_formed = revocation_ask_points(&work);
		/* whoever sends a forged CRL must not hide the reason of a revocation */
		if (!revocation_revoked(&work))
			revocation_ask_refusals(&work);
	}
	revocation_conclude(&work, well_formed);
}

const char *
revocation_status_text(enum revocation_status status)
{
	switch (status) {
	case REVOCATION_NOT_ASKED:
		return "not-asked";
	case REVOCATION_GOOD:
		return "good";
	case REVOCATION_REVOKED:
		return "revoked";
	case REVOCATION_STALE_GRACE:
		return "stale-grace";
	case REVOCATION_STALE:
		return "stale";
	case REVOCATION_UNREACHABLE:
		return "unreachable";
	case REVOCATION_NO_DISTRIBUTION_POINT:
		return "no-distribution-point";
	case REVOCATION_UNKNOWN:
		return "unknown";
	}
	assert(false); /* a value outside the list is a bug of ours */
	return "unknown";
}
