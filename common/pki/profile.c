/* SPDX-License-Identifier: Apache-2.0
 *
 * The appliance profile, rule by rule.  The clauses are those of the requirements: S1 is the
 * product's certificate document, A1.nn its rules one by one.
 */
#include "common/pki/profile.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/pki/dist_point.h"
#include "common/pki/identity.h"
#include "common/pki/oid.h"

enum {
	PROFILE_RSA_MIN = 2048,
	PROFILE_RSA_SLOW = 4096,
};

static void PRINTF_LIKE(6, 7) profile_add(struct profile_findings *findings, enum reason reason,
    enum profile_level level, const char *clause, const char *fix, const char *format, ...)
{
	struct profile_finding *finding;
	va_list args;

	if (findings->count == PROFILE_FINDING_MAX)
		return;
	finding = &findings->items[findings->count++];
	finding->reason = reason;
	finding->level = level;
	finding->clause = clause;
	finding->fix = fix;
	va_start(args, format);
	vsnprintf(finding->detail, sizeof finding->detail, format, args);
	va_end(args);
}

static void
profile_check_algorithm(const struct cert *cert, struct profile_findings *findings)
{
	struct buf text;

	if (cert->algorithm.kind == ALGORITHM_RSA && cert->algorithm.hash >= ALGORITHM_SHA256)
		return;
	buf_init(&text, PROFILE_DETAIL_SIZE);
	algorithm_text(&cert->algorithm, &text);
	profile_add(findings, REASON_PROFILE_HASH, PROFILE_CONNECT, "S1 A1.07",
	    "Issue the certificate signed with SHA-256 and RSA.", "signed with %s",
	    buf_text(&text));
	buf_done(&text);
}

static void
profile_check_key(const struct cert *cert, struct profile_findings *findings)
{
	struct buf text;

	buf_init(&text, PROFILE_DETAIL_SIZE);
	pubkey_text(&cert->key, &text);
	if (cert->key.kind != PUBKEY_RSA || cert->key.bits < PROFILE_RSA_MIN)
		profile_add(findings, REASON_PROFILE_KEY, PROFILE_CONNECT, "S1 A1.08",
		    "Make an RSA key of 2048 or 4096 bits and issue the certificate for it.",
		    "the key is %s", buf_text(&text));
	else if (cert->key.bits >= PROFILE_RSA_SLOW)
		profile_add(findings, REASON_PROFILE_KEY, PROFILE_WARNING, "S1 A1.13",
		    "Nothing has to be done; RSA 2048 makes handshakes faster.",
		    "%s makes each handshake slower", buf_text(&text));
	buf_done(&text);
}

static void
profile_check_dates(const struct cert *cert, int64_t now_s, struct profile_findings *findings)
{
	char time[CLOCK_TEXT_SIZE];

	/* at a connection path checks them, for the whole chain */
	if (now_s < cert->not_before_s)
		profile_add(findings, REASON_NOT_YET_VALID, PROFILE_INSTALL, "S1 A1.09",
		    "Wait until the date, or set the clock of this appliance right.",
		    "valid from %s", clock_text_s(cert->not_before_s, time));
	if (now_s > cert->not_after_s)
		profile_add(findings, REASON_EXPIRED, PROFILE_INSTALL, "S1 A1.09",
		    "Issue a new certificate.", "expired on %s",
		    clock_text_s(cert->not_after_s, time));
}

static void
profile_check_name(const struct cert *cert, struct profile_findings *findings)
{
	char identity[IDENTITY_SIZE];
	const char *why;
	enum reason reason = identity_of(cert, identity, &why);

	if (reason == REASON_PROFILE_WILDCARD)
		profile_add(findings, reason, PROFILE_CONNECT, "S1 A1.03",
		    "Issue a certificate of its own for each appliance.", "%s", why);
	else if (reason != REASON_OK)
		profile_add(findings, reason, PROFILE_CONNECT, "S1 A1.12",
		    "Issue with exactly one CN: the domain name of the appliance.", "%s", why);
}

static void
profile_check_wildcard_san(const struct cert *cert, struct profile_findings *findings)
{
	struct cert_san_walk walk;
	struct general_name name;
	struct buf text;

	cert_san_begin(cert, &walk);
	while (cert_san_next(&walk, &name)) {
		if (name.kind != GENERAL_NAME_DNS || name.value.len == 0 ||
		    memchr(name.value.data, '*', name.value.len) == NULL)
			continue;
		buf_init(&text, PROFILE_DETAIL_SIZE);
		general_name_text(&name, &text);
		profile_add(findings, REASON_PROFILE_WILDCARD, PROFILE_CONNECT, "S1 A1.03",
		    "Issue a certificate of its own for each appliance.", "%s is a wildcard",
		    buf_text(&text));
		buf_done(&text);
		return;
	}
}

static void
profile_check_subject(const struct cert *cert, struct profile_findings *findings)
{
	const struct {
		struct bytes oid;
		const char *name;
	} wanted[] = {{oid_country, "C"}, {oid_organization, "O"}, {oid_unit, "OU"}};
	struct name_attribute attribute;

	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if (name_find(cert->subject.der, wanted[i].oid, &attribute) == 0)
			profile_add(findings, REASON_PROFILE_SUBJECT, PROFILE_INSTALL,
			    "S1 A1.12", "Issue with C, O and OU in the subject.",
			    "the subject has no %s", wanted[i].name);
}

static bool
profile_begins(struct bytes text, const char *scheme)
{
	size_t len = strlen(scheme);

	return text.len > len &&
	       text_equal_nocase(bytes_of(text.data, len), bytes_of_text(scheme));
}

/* How many URLs of the distribution points are http and https. */
static void
profile_count_urls(const struct dist_point *point, size_t *http, size_t *https)
{
	for (size_t i = 0; i < point->names.count; i++) {
		const struct general_name *name = &point->names.full[i];

		if (name->kind != GENERAL_NAME_URI)
			continue;
		*http += profile_begins(name->value, "http://");
		*https += profile_begins(name->value, "https://");
	}
}

static void
profile_check_dist_points(const struct cert *cert, bool validation_off,
    struct profile_findings *findings)
{
	static const char fix[] =
	    "Issue with a CRL distribution point http://HOST[:PORT]/FILE.crl.";
	struct dist_point_walk walk;
	struct dist_point point;
	size_t http = 0, https = 0;

	if (!cert->crl_dist_points.present) {
		if (!validation_off)
			profile_add(findings, REASON_PROFILE_CDP, PROFILE_INSTALL, "S1 A1.10",
			    fix, "no CRL distribution point");
		return;
	}
	if (validation_off)
		profile_add(findings, REASON_PROFILE_CDP, PROFILE_WARNING, "S0 A1.11",
		    "Issue without a CRL distribution point, or turn validation on.",
		    "a CRL distribution point while validation is off");
	dist_point_begin(&walk, cert->crl_dist_points.value);
	while (dist_point_next(&walk, &point))
		profile_count_urls(&point, &http, &https);
	if (!dist_point_ok(&walk))
		profile_add(findings, REASON_PROFILE_CDP, PROFILE_INSTALL, "S1 A1.10", fix,
		    "the CRL distribution points are malformed");
	else if (http == 0)
		profile_add(findings, REASON_PROFILE_CDP, PROFILE_INSTALL, "S1 A1.10", fix,
		    "%s",
		    https > 0 ? "the CRL distribution point is an https:// URL"
			      : "no CRL distribution point is an http:// URL");
	else if (https > 0)
		profile_add(findings, REASON_PROFILE_CDP, PROFILE_WARNING, "S1 A1.10", fix,
		    "an https:// URL among the CRL distribution points is not used");
}

/* EKU by use: what this appliance has configured is required, the other one is advice. */
static void
profile_check_eku(const struct cert *cert, unsigned int uses, struct profile_findings *findings)
{
	static const struct {
		unsigned int use;
		unsigned int eku;
		const char *name;
	} wanted[] = {
	    {PROFILE_USE_DIALS, CERT_EKU_CLIENT_AUTH, "clientAuth"},
	    {PROFILE_USE_LISTENS, CERT_EKU_SERVER_AUTH, "serverAuth"},
	};

	if (!cert->ext_key_usage.present || (cert->eku_bits & CERT_EKU_ANY) != 0)
		return;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		if ((cert->eku_bits & wanted[i].eku) == 0)
			profile_add(findings, REASON_PROFILE_EKU,
			    (uses & wanted[i].use) != 0 ? PROFILE_INSTALL : PROFILE_WARNING,
			    "S0 A1.21", "Issue with both serverAuth and clientAuth.",
			    "no %s in the extended key usage", wanted[i].name);
}

static void
profile_check_key_usage(const struct cert *cert, struct profile_findings *findings)
{
	if (!cert->key_usage.present)
		profile_add(findings, REASON_KEY_USAGE, PROFILE_WARNING, "S0 A1.21",
		    "Issue with keyUsage digitalSignature.", "no keyUsage");
	else if ((cert->key_usage_bits & CERT_KU_DIGITAL_SIGNATURE) == 0)
		profile_add(findings, REASON_KEY_USAGE, PROFILE_CONNECT, "S0 A1.21",
		    "Issue with keyUsage digitalSignature.",
		    "keyUsage without digitalSignature");
}

static void
profile_check_origin(const struct cert *cert, struct profile_findings *findings)
{
	if (cert->is_ca)
		profile_add(findings, REASON_LEAF_IS_CA, PROFILE_WARNING, "S0 A1.21",
		    "Issue with basicConstraints CA:FALSE.", "basicConstraints say CA:TRUE");
	if (cert->self_issued && pubkey_verify(&cert->key, &cert->algorithm, cert->tbs,
				     cert->signature) == SIGNATURE_GOOD)
		profile_add(findings, REASON_SELF_SIGNED, PROFILE_INSTALL, "S1 A1.17",
		    "Install a certificate of a CA, or confirm that this is a test.",
		    "self-signed: for test environments only");
}

void
profile_check(const struct cert *cert, const struct profile_params *params,
    struct profile_findings *ret_findings)
{
	ret_findings->count = 0;
	profile_check_algorithm(cert, ret_findings);
	profile_check_key(cert, ret_findings);
	profile_check_name(cert, ret_findings);
	profile_check_wildcard_san(cert, ret_findings);
	profile_check_subject(cert, ret_findings);
	profile_check_dates(cert, params->now_s, ret_findings);
	profile_check_dist_points(cert, params->validation_off, ret_findings);
	profile_check_eku(cert, params->uses, ret_findings);
	profile_check_key_usage(cert, ret_findings);
	profile_check_origin(cert, ret_findings);
}

bool
profile_refuses(const struct profile_findings *findings, enum profile_level level)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].level >= level)
			return true;
	return false;
}
