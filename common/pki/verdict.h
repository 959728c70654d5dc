/* SPDX-License-Identifier: Apache-2.0
 *
 * The outcome of judging a certificate: accepted or not, the one reason that is reported,
 * and everything that was found on the way.  Opaque: only path_validate makes a verdict that
 * accepts (verdict_make.h is included by nobody else, which a test checks).
 */
#ifndef PORTCULLIS_PKI_VERDICT_H
#define PORTCULLIS_PKI_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/pki/cert.h"
#include "common/pki/pubkey.h"
#include "common/pki/reason.h"
#include "common/pki/revocation_result.h"
#include "common/pki/trust.h"

struct verdict;

enum verdict_outcome {
	VERDICT_REJECT,
	VERDICT_ACCEPT,
	VERDICT_WAIVED, /* would be rejected, but validation is switched off: the findings are
			 * shown, and the caller has to hold the peer to its pinned key */
};

enum {
	VERDICT_FINDING_MAX = 64,
};

struct verdict_finding {
	enum reason reason;
	unsigned int depth; /* 0: the leaf; the anchor has the largest */
	const char *detail; /* for people, escaped; never NULL */
};

/* One certificate of the path that was judged, leaf first. */
struct verdict_cert {
	uint8_t sha256[PUBKEY_HASH_SIZE];
	uint8_t key_sha256[PUBKEY_HASH_SIZE];
	char *subject;                       /* one line, escaped */
	char *issuer;                        /* one line, escaped */
	uint8_t serial[CERT_SERIAL_MAX + 1]; /* as encoded */
	uint8_t serial_len;
	int64_t not_before_s;
	int64_t not_after_s;
	struct revocation_result revocation;
};

/* A verdict that rejects without looking: for callers that have no certificate to judge
 * (no-certificate, a protocol error).  reason must not be REASON_OK. */
struct verdict *verdict_new_rejected(enum trust_purpose purpose, enum reason reason,
    const char *detail);
void verdict_free(struct verdict *verdict);

enum verdict_outcome verdict_outcome(const struct verdict *verdict);

/* The reported reason (REASON_OK when accepted; what was waived when waived), where in the
 * path it is, whose certificate that is, and what exactly.  Texts are never NULL. */
enum reason verdict_reason(const struct verdict *verdict);
unsigned int verdict_depth(const struct verdict *verdict);
const char *verdict_subject(const struct verdict *verdict);
const char *verdict_detail(const struct verdict *verdict);

/* Every finding of the path that is reported, in the order of precedence: the first is the
 * reason.  An accepted path has none.  Warnings of the appliance profile are in profile.h. */
size_t verdict_finding_count(const struct verdict *verdict);
const struct verdict_finding *verdict_finding(const struct verdict *verdict, size_t index);

/* The path, leaf first; the last is the anchor where there is one (verdict_anchored).  The
 * leaf is there whenever it could be read. */
size_t verdict_cert_count(const struct verdict *verdict);
const struct verdict_cert *verdict_cert(const struct verdict *verdict, size_t index);
bool verdict_anchored(const struct verdict *verdict);

/* The anchors the judgement was made with. */
enum trust_purpose verdict_purpose(const struct verdict *verdict);
uint64_t verdict_generation(const struct verdict *verdict);

/* The appliance identity of the leaf (identity.h), or "" where it has none. */
const char *verdict_identity(const struct verdict *verdict);

/* True when the only findings are that revocation could not be judged: a CRL that arrives
 * may turn this verdict into acceptance. */
bool verdict_wants_crl(const struct verdict *verdict);

/* What judging cost: signatures computed (those remembered do not count). */
unsigned int verdict_signatures(const struct verdict *verdict);

/* "accept", "reject", "waived". */
const char *verdict_outcome_text(enum verdict_outcome outcome);

#endif
