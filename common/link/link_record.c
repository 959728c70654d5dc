/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of failures, as JSON and as one line.
 */
#include "common/link/link_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json_write.h"
#include "common/base/text.h"

/* The stages of judging, in their order, and the reasons that fail each. */
static const struct {
	const char *name;
	enum reason first, last;
} stages[] = {
    {"chain", REASON_PARSE, REASON_POLICY},
    {"expiry", REASON_NOT_YET_VALID, REASON_EXPIRED},
    {"use", REASON_EXT_KEY_USAGE, REASON_NAME_MISMATCH},
    {"crl", REASON_REVOKED, REASON_CRL_PATH},
    {"profile", REASON_PROFILE_KEY, REASON_LEAF_IS_CA},
    {"identity", REASON_NO_CERTIFICATE, REASON_ROLE},
};

enum reason
link_record_reason(const struct link_record *record)
{
	return record->end->reason;
}

static bool
record_has_finding(const struct link_record *record, enum reason first, enum reason last)
{
	enum reason reason = record->end->reason;

	if (reason >= first && reason <= last)
		return true;
	for (size_t i = 0;
	     record->verdict != NULL && i < verdict_finding_count(record->verdict); i++) {
		reason = verdict_finding(record->verdict, i)->reason;
		if (reason >= first && reason <= last)
			return true;
	}
	return false;
}

bool
link_record_identity(const struct link_record *record,
    char ret_identity[static LINK_IDENTITY_SIZE])
{
	const struct verdict *verdict = record->verdict;
	const char *address = record->address, *end;
	bool ipv6 = address[0] == '[';
	/* who is live was proved when it was let in, whatever is trusted now */
	bool proved = record->phase == LINK_PHASE_LIVE ||
		      (verdict != NULL && verdict_anchored(verdict) &&
			  !record_has_finding(record, REASON_PARSE, REASON_SIGNATURE));

	if (verdict != NULL && proved && verdict_identity(verdict)[0] != '\0') {
		snprintf(ret_identity, LINK_IDENTITY_SIZE, "%s", verdict_identity(verdict));
		return true;
	}
	end = strrchr(address, ':'); /* the port */
	if (ipv6) {
		unsigned int colons = 0;

		/* the first four groups stand for the /64 */
		for (end = address + 1; *end != '\0' && *end != ']'; end++) {
			if (*end == ':' && ++colons == 4)
				break;
		}
		snprintf(ret_identity, LINK_IDENTITY_SIZE, "%.*s::/64",
		    (int)(end - address - 1), address + 1);
	} else {
		snprintf(ret_identity, LINK_IDENTITY_SIZE, "%.*s/32",
		    end != NULL ? (int)(end - address) : (int)strlen(address), address);
	}
	return false;
}

/* The certificate that the reason is about, or NULL. */
static const struct verdict_cert *
record_cert(const struct link_record *record)
{
	const struct verdict *verdict = record->verdict;
	unsigned int depth;

	if (verdict == NULL || verdict_cert_count(verdict) == 0)
		return NULL;
	depth = verdict_depth(verdict);
	if (record->end->reason != verdict_reason(verdict) ||
	    depth >= verdict_cert_count(verdict))
		depth = 0;
	return verdict_cert(verdict, depth);
}

static const char *
record_refused_by(const struct link_record *record)
{
	return record->end->kind == LINK_END_REFUSED_BY_PEER ? record->peer
							     : record->reported_by;
}

static const char *
record_subject_of_check(const struct link_record *record)
{
	if (record->end->kind == LINK_END_REFUSED_BY_PEER)
		return "own certificate";
	if (record->end->reason > REASON_REVOKED && record->end->reason <= REASON_CRL_PATH)
		return "crl";
	if (record->verdict != NULL && verdict_depth(record->verdict) > 0 &&
	    record->end->reason == verdict_reason(record->verdict))
		return "issuer";
	return "peer certificate";
}

/* Each stage: passed, failed, or not reached, as there was nothing to judge or identity is
 * only asked about who has passed all else. */
static const char *
record_stage(const struct link_record *record, size_t stage, bool failed_before)
{
	bool identity = stages[stage].first == REASON_NO_CERTIFICATE;

	if (record_has_finding(record, stages[stage].first, stages[stage].last))
		return "FAIL";
	if (record->verdict == NULL || verdict_cert_count(record->verdict) == 0 ||
	    (identity && failed_before))
		return "not reached";
	return "pass";
}

static void
record_put_checks(struct json_write *json, const struct link_record *record)
{
	bool failed = false;

	json_open_object(json, "checks");
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		const char *result = record_stage(record, i, failed);

		json_text(json, stages[i].name, result);
		failed = failed || result[0] == 'F';
	}
	json_close_object(json);
}

static void
record_put_cert(struct json_write *json, const struct link_record *record,
    const struct verdict_cert *cert)
{
	if (cert == NULL && record->unread_sha256 != NULL) {
		json_open_object(json, "certificate");
		json_u64(json, "depth", 0);
		json_hex(json, "sha256", bytes_of(record->unread_sha256, PUBKEY_HASH_SIZE));
		json_close_object(json);
		return;
	}
	if (cert == NULL) {
		json_none(json, "certificate");
		return;
	}
	json_open_object(json, "certificate");
	json_u64(json, "depth",
	    record->end->reason == verdict_reason(record->verdict)
		? verdict_depth(record->verdict)
		: 0);
	json_text(json, "subject", cert->subject);
	json_text(json, "issuer", cert->issuer);
	json_hex(json, "serial", bytes_of(cert->serial, cert->serial_len));
	json_hex(json, "sha256", bytes_of(cert->sha256, sizeof(cert->sha256)));
	json_time_s(json, "not_before", cert->not_before_s);
	json_time_s(json, "not_after", cert->not_after_s);
	json_close_object(json);
}

static void
record_put_evidence(struct json_write *json, const struct link_record *record,
    const struct verdict_cert *cert)
{
	const struct revocation_result *result = cert != NULL ? &cert->revocation : NULL;

	json_open_object(json, "evidence");
	if (result != NULL) {
		json_text(json, "revocation", revocation_status_text(result->status));
		json_text(json, "why", result->detail);
	}
	if (result != NULL && result->has_crl) {
		json_hex(json, "crl_number", bytes_of(result->number, result->number_len));
		json_hex(json, "crl_sha256",
		    bytes_of(result->crl_sha256, sizeof(result->crl_sha256)));
		json_time_s(json, "this_update", result->this_update_s);
		json_time_s(json, "next_update", result->next_update_s);
	}
	if (result != NULL && result->status == REVOCATION_REVOKED) {
		json_time_s(json, "revoked_at", result->revoked_at_s);
		json_i64(json, "reason_code", result->reason_code);
	}
	json_time_us(json, "our_clock", record->now_us);
	if (record->end->peer_clock_us != 0)
		json_time_us(json, "peer_clock", record->end->peer_clock_us);
	json_close_object(json);
}

static void
record_put_policy(struct json_write *json, const struct link_record *record)
{
	static const char *const modes[] = {"strict", "grace", "off"};

	if (record->policy == NULL) {
		json_none(json, "policy");
		return;
	}
	json_open_object(json, "policy");
	json_text(json, "purpose", "appliance");
	json_text(json, "validation", record->policy->validation ? "on" : "off");
	json_text(json, "revocation", modes[record->policy->revocation]);
	json_text(json, "profile", record->policy->profile ? "appliance" : "rfc5280");
	json_close_object(json);
}

static void
record_put_findings(struct json_write *json, const struct link_record *record)
{
	json_open_array(json, "findings");
	for (size_t i = 0;
	     record->verdict != NULL && i < verdict_finding_count(record->verdict); i++) {
		const struct verdict_finding *finding = verdict_finding(record->verdict, i);

		json_open_object(json, NULL);
		json_text(json, "reason", reason_slug(finding->reason));
		json_u64(json, "depth", finding->depth);
		json_text(json, "detail", finding->detail);
		json_close_object(json);
	}
	json_close_array(json);
}

/* The detail that says most: the verdict's where the verdict is the reason. */
static const char *
record_detail(const struct link_record *record)
{
	if (record->end->detail[0] != '\0')
		return record->end->detail;
	return record->verdict != NULL && record->end->reason == verdict_reason(record->verdict)
		   ? verdict_detail(record->verdict)
		   : "";
}

void
link_record_json(const struct link_record *record, struct buf *out)
{
	static const char *const phases[] = {"connect", "live", "peer-sync"};
	const struct reason_info *info = reason_info(record->end->reason);
	const struct verdict_cert *cert = record_cert(record);
	struct json_write json = json_write_to(out);
	struct buf line;

	buf_init(&line, 2048);
	link_record_line(record, &line);
	json_open_object(&json, NULL);
	json_time_us(&json, "time", record->now_us);
	json_text(&json, "link_id", record->link_id);
	json_text(&json, "reason", info->slug);
	json_text(&json, "severity", reason_severity_text(info->severity));
	json_text(&json, "reported_by", record->reported_by);
	json_text(&json, "refused_by", record_refused_by(record));
	json_text(&json, "subject_of_check", record_subject_of_check(record));
	json_text(&json, "phase", phases[record->phase]);
	json_text(&json, "address", record->address);
	json_text(&json, "claimed_name",
	    record->verdict != NULL ? verdict_identity(record->verdict) : "");
	record_put_checks(&json, record);
	record_put_cert(&json, record, cert);
	record_put_evidence(&json, record, cert);
	record_put_policy(&json, record);
	record_put_findings(&json, record);
	json_open_object(&json, "tls");
	json_u64(&json, "alert_sent", record->end->alert_sent);
	json_u64(&json, "alert_received", record->end->alert_received);
	json_text(&json, "peer_reason", record->end->peer_reason);
	json_close_object(&json);
	json_text(&json, "detail", record_detail(record));
	json_text(&json, "message", info->sentence);
	json_text(&json, "fix", info->advice);
	json_text(&json, "impact", record->impact);
	json_text(&json, "action",
	    record->verdict != NULL && verdict_outcome(record->verdict) == VERDICT_WAIVED
		? "allowed (validation off)"
		: "dropped");
	json_bytes(&json, "line", buf_bytes(&line));
	json_close_object(&json);
	buf_done(&line);
}

/* "; CRL #29, 2 h old, revoked 2026-02-28T..." */
static void
record_line_crl(const struct revocation_result *result, int64_t now_us, struct buf *out)
{
	char time[CLOCK_TEXT_SIZE];

	if (!result->has_crl)
		return;
	buf_put_text(out, "; CRL");
	if (result->number_len > 0) {
		buf_put_text(out, " #0x");
		text_hex(out, bytes_of(result->number, result->number_len));
	}
	buf_put_text(out, ", ");
	text_duration(out, now_us / 1000 - result->this_update_s * 1000);
	buf_put_text(out, " old");
	if (result->status == REVOCATION_REVOKED)
		buf_printf(out, ", revoked %s", clock_text_s(result->revoked_at_s, time));
}

void
link_record_line(const struct link_record *record, struct buf *out)
{
	const struct reason_info *info = reason_info(record->end->reason);
	const struct verdict_cert *cert = record_cert(record);
	char identity[LINK_IDENTITY_SIZE];

	(void)link_record_identity(record, identity);
	buf_printf(out, "%s: ", info->slug);
	if (record->end->kind == LINK_END_REFUSED_BY_PEER) {
		buf_printf(out, "the %s at %s refused this appliance's certificate",
		    record->peer, record->address);
		if (record->end->peer_reason != NULL)
			buf_printf(out, ": %s", record->end->peer_reason);
		if (record->end->alert_received != 0)
			buf_printf(out, " (alert %u)", record->end->alert_received);
	} else {
		buf_put_text(out, identity);
		if (cert != NULL) {
			buf_put_text(out, " (serial 0x");
			text_hex(out, bytes_of(cert->serial, cert->serial_len));
			buf_printf(out, ", issuer %s)", cert->issuer);
		}
		buf_printf(out, " refused by %s", record->reported_by);
		if (cert != NULL)
			record_line_crl(&cert->revocation, record->now_us, out);
		if (record_detail(record)[0] != '\0')
			buf_printf(out, "; %s", record_detail(record));
	}
	buf_printf(out, "; link dropped; %s", info->advice);
}
