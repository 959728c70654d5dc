/* SPDX-License-Identifier: Apache-2.0
 *
 * `cert check`.
 */
#include "common/cli/cert_check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/cli/cert_describe.h"
#include "common/cli/pki_input.h"
#include "common/cli/report.h"
#include "common/cli/verify_judge.h"
#include "common/cli/verify_options.h"
#include "common/pki/crl.h"
#include "common/pki/name.h"
#include "common/pki/oid.h"
#include "common/pki/profile.h"
#include "common/pki/verdict.h"

const struct command_option cert_check_options[] = {
    {"passphrase-file", "FILE", "the passphrase of an encrypted key (else it is asked for)", 0,
	false},
    {"anchors", "FILE", "would these trust anchors accept it?", 0, true},
    {"crl", "FILE", "CRLs to judge revocation with", 0, true},
    {"purpose", "WHAT", "server (it listens), client (it dials) or any (any)", 0, false},
    {"profile", "NAME", "appliance or rfc5280 (appliance)", 0, false},
    {"time", "RFC3339", "the moment to judge at (now)", 0, false},
    {.name = NULL},
};

enum {
	CERT_CHECK_TEXT_MAX = 64 * 1024,
};

static const char cert_check_parse_fix[] =
    "Get the file again from where it was made, or copy it as a whole and unchanged.";

struct cert_check {
	struct command_call *call;
	struct pki_input *input;
	struct report report;
	enum verify_profile profile;
	int64_t now_s;
	const struct verify_request *request; /* the options, understood; without a chain */
	const struct pki_item *leaf;          /* the appliance's certificate; NULL: none */
	const struct pki_item *key;           /* its private key; NULL: none */
};

/* A certificate that is there to issue others: a CA, and not only by a stray CA:TRUE. */
static bool
cert_check_is_issuer(const struct cert *cert)
{
	return cert->is_ca &&
	       (!cert->key_usage.present || (cert->key_usage_bits & CERT_KU_KEY_CERT_SIGN));
}

/* The certificate that is checked as an appliance's: the one the key belongs to, else the
 * first that is no CA, else a self-signed one that stands alone. */
static void
cert_check_find_leaf(struct cert_check *check)
{
	const struct pki_item *first = NULL, *only = NULL;
	size_t certs = 0;

	for (size_t i = 0; i < check->input->count; i++) {
		const struct pki_item *item = &check->input->items[i];

		if (item->key != NULL && check->key == NULL)
			check->key = item;
		if (item->cert == NULL)
			continue;
		certs++;
		only = item;
		if (first == NULL && !cert_check_is_issuer(item->cert))
			first = item;
	}
	check->leaf = first == NULL && certs == 1 ? only : first;
	for (size_t i = 0; check->key != NULL && i < check->input->count; i++) {
		const struct pki_item *item = &check->input->items[i];

		if (item->cert != NULL &&
		    key_file_matches(check->key->key, item->cert->key.spki)) {
			check->leaf = item;
			return;
		}
	}
}

static void
cert_check_profile(struct cert_check *check, const struct cert *cert)
{
	struct profile_findings findings;

	profile_check(cert,
	    &(struct profile_params){.now_s = check->now_s,
		.uses = check->request->params.profile_uses},
	    &findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct profile_finding *finding = &findings.items[i];

		report_finding(&check->report,
		    finding->level == PROFILE_WARNING ? REPORT_WARNING : REPORT_ERROR,
		    finding->reason, finding->clause, finding->detail, finding->fix);
	}
}

/* What holds for every certificate, whatever it is for. */
static void
cert_check_general(struct cert_check *check, const struct cert *cert)
{
	struct report *report = &check->report;
	const char *weakness = pubkey_weakness(&cert->key, check->request->params.min_rsa_bits);

	if (weakness != NULL)
		report_finding(report, REPORT_ERROR, REASON_WEAK_KEY, "RFC 5280 4.1.2.7",
		    weakness, NULL);
	if (cert->algorithm.hash == ALGORITHM_HASH_WEAK && !cert->self_issued)
		report_finding(report, REPORT_ERROR, REASON_WEAK_SIGNATURE, "RFC 5280 4.1.1.2",
		    NULL, NULL);
	if (check->now_s < cert->not_before_s)
		report_finding(report, REPORT_ERROR, REASON_NOT_YET_VALID, "RFC 5280 4.1.2.5",
		    NULL, NULL);
	if (check->now_s > cert->not_after_s)
		report_finding(report, REPORT_ERROR, REASON_EXPIRED, "RFC 5280 4.1.2.5", NULL,
		    NULL);
	if (cert->unknown_critical.len > 0)
		report_finding(report, REPORT_ERROR, REASON_CRITICAL_EXTENSION, "RFC 5280 4.2",
		    NULL, NULL);
}

static void
cert_check_cert(struct cert_check *check, const struct pki_item *item)
{
	bool leaf = item == check->leaf;

	cert_describe(&check->report, item->cert);
	if (leaf && check->profile == VERIFY_APPLIANCE)
		cert_check_profile(check, item->cert);
	else
		cert_check_general(check, item->cert);
	if (leaf && check->profile != VERIFY_APPLIANCE && item->cert->self_issued)
		report_finding(&check->report, REPORT_WARNING, REASON_SELF_SIGNED, "S1 A1.17",
		    NULL, NULL);
}

/* The rules for keys of appliances (S1: RSA 2048 or 4096). */
static void
cert_check_pubkey(struct cert_check *check, const struct pubkey *pubkey)
{
	const char *weakness = pubkey_weakness(pubkey, check->request->params.min_rsa_bits);

	if (weakness != NULL)
		report_finding(&check->report, REPORT_ERROR, REASON_WEAK_KEY, "S1 A1.08",
		    weakness, NULL);
	else if (pubkey->kind != PUBKEY_RSA && check->profile == VERIFY_APPLIANCE)
		report_finding(&check->report, REPORT_ERROR, REASON_PROFILE_KEY, "S1 A1.08",
		    NULL, NULL);
	else if (pubkey->kind == PUBKEY_RSA && pubkey->bits >= 4096)
		report_note(&check->report, "S1 A1.13",
		    "a key of this size makes each handshake slower",
		    "2048 bits are enough; keep it where policy asks for more.");
}

static void
cert_check_key(struct cert_check *check, const struct pki_item *item)
{
	struct stat stat;

	cert_describe_key(&check->report, item->key);
	cert_check_pubkey(check, key_file_pubkey(item->key));
	if (!key_file_sound(item->key))
		report_finding(&check->report, REPORT_ERROR, REASON_PARSE, "S0 A1.24",
		    "the numbers of the key do not belong together", "Make a new key.");
	if (lstat(item->file, &stat) == 0 && S_ISREG(stat.st_mode) && (stat.st_mode & 077) != 0)
		report_note(&check->report, NULL,
		    "other users of this machine may read the key file",
		    "chmod 600 the file; where others may have read it, make a new key.");
}

/* Attributes that an appliance's subject has to have, in S1's order. */
static void
cert_check_request_subject(struct cert_check *check, struct bytes subject)
{
	struct name_attribute cn;

	if (name_find(subject, oid_common_name, &cn) != 1)
		report_finding(&check->report, REPORT_ERROR, REASON_PROFILE_CN, "S1 A1.12",
		    NULL, NULL);
	else if (memchr(cn.value.data, '*', cn.value.len) != NULL)
		report_finding(&check->report, REPORT_ERROR, REASON_PROFILE_WILDCARD,
		    "S1 A1.03", NULL, NULL);
	if (name_find(subject, oid_country, &cn) == 0 ||
	    name_find(subject, oid_organization, &cn) == 0 ||
	    name_find(subject, oid_unit, &cn) == 0)
		report_finding(&check->report, REPORT_ERROR, REASON_PROFILE_SUBJECT, "S1 A1.12",
		    NULL, NULL);
}

static void
cert_check_request(struct cert_check *check, const struct pki_item *item)
{
	cert_describe_request(&check->report, item->request);
	if (request_verify(item->request) != SIGNATURE_GOOD)
		report_finding(&check->report, REPORT_ERROR, REASON_SIGNATURE, "RFC 2986 4.2",
		    "the request is not signed with its own key, or with a weak algorithm",
		    "Make the request again with the key it is for.");
	cert_check_pubkey(check, &item->request->key);
	if (check->profile == VERIFY_APPLIANCE)
		cert_check_request_subject(check, item->request->subject);
	if (check->key != NULL && !key_file_matches(check->key->key, item->request->key.spki))
		report_finding(&check->report, REPORT_ERROR, REASON_KEY_MISMATCH, "S0 A1.24",
		    NULL, NULL);
}

static void
cert_check_crl(struct cert_check *check, const struct pki_item *item)
{
	struct crl crl;
	enum reason reason = crl_read(item->der, CRL_LEN_MAX, &crl);

	if (reason == REASON_OK) {
		report_time(&check->report, "Issued", "this_update", crl.this_update_s);
		report_time(&check->report, "Next", "next_update", crl.next_update_s);
		report_number(&check->report, "Entries", "entries", (int64_t)crl.entry_count);
	} else {
		report_finding(&check->report, REPORT_ERROR, reason, "RFC 5280 5.1", crl.error,
		    NULL);
	}
	crl_done(&crl);
}

static void
cert_check_item(struct cert_check *check, const struct pki_item *item)
{
	report_begin(&check->report, item->file, item->line, content_kind_text(item->kind));
	if (item->reason != REASON_OK)
		report_finding(&check->report, REPORT_ERROR, item->reason, NULL, item->error,
		    item->reason == REASON_PARSE ? cert_check_parse_fix : NULL);
	else if (item->cert != NULL)
		cert_check_cert(check, item);
	else if (item->key != NULL)
		cert_check_key(check, item);
	else if (item->request != NULL)
		cert_check_request(check, item);
	else if (item->kind == CONTENT_CRL)
		cert_check_crl(check, item);
	report_end(&check->report);
}

/* Does the key belong to one of the certificates? */
static void
cert_check_match(struct cert_check *check)
{
	bool matches;

	if (check->key == NULL || check->leaf == NULL)
		return;
	matches = key_file_matches(check->key->key, check->leaf->cert->key.spki);
	report_begin(&check->report, check->key->file, 0, "key and certificate");
	report_text(&check->report, "Certificate", "certificate", check->leaf->file);
	if (matches)
		report_text(&check->report, "Match", "match", "yes: they belong together");
	else
		report_finding(&check->report, REPORT_ERROR, REASON_KEY_MISMATCH, "S1", NULL,
		    NULL);
	report_end(&check->report);
}

/* The leaf first, then all other certificates, as a peer would send them. */
static bool
cert_check_add_chain(const struct cert_check *check, struct verify_request *request,
    struct verify_fault *reterr)
{
	if (!verify_add_der(request, VERIFY_CHAIN, check->leaf->file, check->leaf->der, reterr))
		return false;
	for (size_t i = 0; i < check->input->count; i++) {
		const struct pki_item *item = &check->input->items[i];

		if (item->cert != NULL && item != check->leaf &&
		    !verify_add_der(request, VERIFY_CHAIN, item->file, item->der, reterr))
			return false;
	}
	return true;
}

static void
cert_check_report_verdict(struct cert_check *check, const struct verdict *verdict)
{
	struct report *report = &check->report;
	bool accepted = verdict_outcome(verdict) == VERDICT_ACCEPT;
	struct buf text;

	report_text(report, "Verdict", "verdict", accepted ? "accept" : "reject");
	if (check->request->params.revocation == PATH_REVOCATION_NONE)
		report_text(report, "Revocation", "revocation", "not judged: no --crl");
	buf_init(&text, CERT_CHECK_TEXT_MAX);
	for (size_t i = 0; i < verdict_finding_count(verdict); i++) {
		const struct verdict_finding *finding = verdict_finding(verdict, i);

		buf_clear(&text);
		if (finding->depth < verdict_cert_count(verdict))
			buf_printf(&text,
			    "%s: ", verdict_cert(verdict, finding->depth)->subject);
		buf_put_text(&text, finding->detail);
		report_finding(report, REPORT_ERROR, finding->reason, NULL, buf_text(&text),
		    NULL);
	}
	buf_done(&text);
}

/* Would it be accepted?  Asked only where there are anchors to ask. */
static void
cert_check_trust(struct cert_check *check, struct verify_request *request)
{
	struct verdict *verdict = NULL;
	struct verify_fault fault;

	if (request->lists[VERIFY_ANCHORS].count == 0 || check->leaf == NULL)
		return;
	report_begin(&check->report, check->leaf->file, 0, "trust");
	if (cert_check_add_chain(check, request, &fault))
		verdict = verify_ask(request, &fault);
	if (verdict != NULL)
		cert_check_report_verdict(check, verdict);
	else
		report_finding(&check->report, REPORT_ERROR, fault.reason, NULL, fault.text,
		    NULL);
	report_end(&check->report);
	verdict_free(verdict);
}

/* The options as a question without a chain; NULL with a fault. */
static struct verify_request *
cert_check_question(struct cert_check *check, struct verify_fault *reterr)
{
	const struct command_call *call = check->call;
	const char *purpose = command_value(call, "purpose");
	struct verify_request *request;
	bool ok;

	if (!verify_options_defaults(call, &check->profile, &check->now_s, reterr))
		return NULL;
	request = verify_request_new(check->profile, check->now_s);
	ok = verify_set_purpose(request, purpose ? purpose : "any", reterr);
	for (size_t i = 0; ok && i < command_count(call, "anchors"); i++)
		ok = verify_add_file(request, VERIFY_ANCHORS, AT_FDCWD,
		    command_nth(call, "anchors", i), reterr);
	for (size_t i = 0; ok && i < command_count(call, "crl"); i++)
		ok = verify_add_file(request, VERIFY_CRLS, AT_FDCWD,
		    command_nth(call, "crl", i), reterr);
	if (!command_has(call, "crl"))
		request->params.revocation = PATH_REVOCATION_NONE;
	if (ok)
		return request;
	verify_request_free(request);
	return NULL;
}

/* Everything about files that could be opened. */
static int
cert_check_report(struct cert_check *check, struct verify_request *request)
{
	report_init(&check->report, &check->call->out);
	check->request = request;
	cert_check_find_leaf(check);
	for (size_t i = 0; i < check->input->count; i++)
		cert_check_item(check, &check->input->items[i]);
	cert_check_match(check);
	cert_check_trust(check, request);
	report_done(&check->report);
	return check->report.failed ? COMMAND_CHECK_FAILED : COMMAND_OK;
}

int
cert_check_run(struct command_call *call)
{
	struct cert_check check = {.call = call};
	struct verify_request *request;
	struct verify_fault fault;
	int code;

	request = cert_check_question(&check, &fault);
	if (request == NULL)
		return command_fail(call,
		    fault.reason == REASON_OK ? COMMAND_USAGE : COMMAND_CHECK_FAILED, NULL,
		    "%s", fault.text);
	check.input = pki_input_new(call);
	code = pki_input_passphrase(check.input);
	for (size_t i = 0; code == COMMAND_OK && i < call->operand_count; i++)
		code = pki_input_add(check.input, call->operands[i]);
	if (code == COMMAND_OK)
		code = cert_check_report(&check, request);
	pki_input_free(check.input);
	verify_request_free(request);
	return code;
}
