/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts: made once, read by many.
 */
#include "common/pki/verdict.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/alloc.h"
#include "common/base/buf.h"
#include "common/base/text.h"
#include "common/pki/identity.h"
#include "common/pki/path.h"
#include "common/pki/verdict_make.h"

enum {
	VERDICT_NAME_SIZE = 4096,
};

struct verdict {
	enum verdict_outcome outcome;
	enum trust_purpose purpose;
	uint64_t generation;
	bool anchored;
	unsigned int signatures;
	struct verdict_finding findings[VERDICT_FINDING_MAX];
	size_t finding_count;
	struct verdict_cert certs[PATH_LEN_MAX];
	size_t cert_count;
	char identity[IDENTITY_SIZE];
};

static_assert((int)VERDICT_FINDING_MAX == (int)FINDING_MAX, "every finding is kept");

struct verdict *
verdict_make(enum trust_purpose purpose, uint64_t generation)
{
	struct verdict *verdict = NEW(struct verdict);

	verdict->outcome = VERDICT_REJECT;
	verdict->purpose = purpose;
	verdict->generation = generation;
	return verdict;
}

static char *
verdict_name(struct bytes der)
{
	struct buf text;

	buf_init(&text, VERDICT_NAME_SIZE);
	name_text(der, &text);
	return buf_take_text(&text);
}

void
verdict_add_cert(struct verdict *verdict, const struct cert *cert,
    const struct revocation_result *revocation)
{
	struct verdict_cert *item;
	const char *why;

	assert(verdict->cert_count < PATH_LEN_MAX);
	/* a leaf without an identity leaves it empty; the profile says what is wrong */
	if (verdict->cert_count == 0 && identity_of(cert, verdict->identity, &why) != REASON_OK)
		verdict->identity[0] = '\0';
	item = &verdict->certs[verdict->cert_count++];
	memcpy(item->sha256, cert->sha256, sizeof item->sha256);
	memcpy(item->key_sha256, cert->key.sha256, sizeof item->key_sha256);
	item->subject = verdict_name(cert->subject.der);
	item->issuer = verdict_name(cert->issuer.der);
	memcpy(item->serial, cert->serial.data, cert->serial.len);
	item->serial_len = (uint8_t)cert->serial.len;
	item->not_before_s = cert->not_before_s;
	item->not_after_s = cert->not_after_s;
	item->revocation = *revocation;
}

void
verdict_conclude(struct verdict *verdict, struct findings *findings, bool anchored, bool waived,
    unsigned int signatures)
{
	assert(verdict->finding_count == 0);
	findings_sort(findings);
	for (size_t i = 0; i < findings->count; i++) {
		struct verdict_finding *item = &verdict->findings[verdict->finding_count++];

		item->reason = findings->items[i].reason;
		item->depth = findings->items[i].depth;
		item->detail = alloc_text(findings->items[i].detail);
	}
	verdict->anchored = anchored;
	verdict->signatures = signatures;
	if (findings->first == REASON_OK && anchored)
		verdict->outcome = VERDICT_ACCEPT;
	else if (findings->first != REASON_OK && waived)
		verdict->outcome = VERDICT_WAIVED;
	assert(verdict->outcome == VERDICT_ACCEPT || verdict->finding_count > 0);
}

struct verdict *
verdict_new_rejected(enum trust_purpose purpose, enum reason reason, const char *detail)
{
	struct verdict *verdict = verdict_make(purpose, 0);
	struct findings *findings = NEW(struct findings);

	assert(reason != REASON_OK);
	findings_add(findings, reason, 0, "%s", detail);
	verdict_conclude(verdict, findings, false, false, 0);
	free(findings);
	return verdict;
}

void
verdict_free(struct verdict *verdict)
{
	if (verdict == NULL)
		return;
	for (size_t i = 0; i < verdict->finding_count; i++)
		free((char *)verdict->findings[i].detail);
	for (size_t i = 0; i < verdict->cert_count; i++) {
		free(verdict->certs[i].subject);
		free(verdict->certs[i].issuer);
	}
	free(verdict);
}

enum verdict_outcome
verdict_outcome(const struct verdict *verdict)
{
	return verdict->outcome;
}

enum reason
verdict_reason(const struct verdict *verdict)
{
	return verdict->finding_count == 0 ? REASON_OK : verdict->findings[0].reason;
}

unsigned int
verdict_depth(const struct verdict *verdict)
{
	return verdict->finding_count == 0 ? 0 : verdict->findings[0].depth;
}

const char *
verdict_subject(const struct verdict *verdict)
{
	size_t depth = verdict_depth(verdict);

	return depth < verdict->cert_count ? verdict->certs[depth].subject : "";
}

const char *
verdict_detail(const struct verdict *verdict)
{
	return verdict->finding_count == 0 ? "" : verdict->findings[0].detail;
}

size_t
verdict_finding_count(const struct verdict *verdict)
{
	return verdict->finding_count;
}

const struct verdict_finding *
verdict_finding(const struct verdict *verdict, size_t index)
{
	assert(index < verdict->finding_count);
	return &verdict->findings[index];
}

size_t
verdict_cert_count(const struct verdict *verdict)
{
	return verdict->cert_count;
}

const struct verdict_cert *
verdict_cert(const struct verdict *verdict, size_t index)
{
	assert(index < verdict->cert_count);
	return &verdict->certs[index];
}

bool
verdict_anchored(const struct verdict *verdict)
{
	return verdict->anchored;
}

enum trust_purpose
verdict_purpose(const struct verdict *verdict)
{
	return verdict->purpose;
}

uint64_t
verdict_generation(const struct verdict *verdict)
{
	return verdict->generation;
}

const char *
verdict_identity(const struct verdict *verdict)
{
	return verdict->identity;
}

bool
verdict_wants_crl(const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->finding_count; i++)
		if (!reason_is_crl(verdict->findings[i].reason))
			return false;
	return verdict->finding_count > 0;
}

unsigned int
verdict_signatures(const struct verdict *verdict)
{
	return verdict->signatures;
}

const char *
verdict_outcome_text(enum verdict_outcome outcome)
{
	static const char *const texts[] = {"reject", "accept", "waived"};

	return texts[outcome];
}
