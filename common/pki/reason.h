/* SPDX-License-Identifier: Apache-2.0
 *
 * The closed list of reasons, from reason.def.  Everything that names a reason uses its
 * slug; everything that orders, alerts or advises asks this table.
 */
#ifndef PORTCULLIS_PKI_REASON_H
#define PORTCULLIS_PKI_REASON_H

#include <stdbool.h>
#include <stddef.h>

/* REASON_OK is "no finding"; the others are in order of precedence. */
enum reason {
	REASON_OK,
#define REASON(name, slug, alert, retry, severity, sentence, advice) REASON_##name,
#include "common/pki/reason.def"
#undef REASON
	REASON_COUNT
};

enum reason_retry {
	REASON_RETRY_SOON,
	REASON_RETRY_LATER,
	REASON_RETRY_OPERATOR,
};

enum reason_severity {
	REASON_SEVERITY_WARNING,
	REASON_SEVERITY_MINOR,
	REASON_SEVERITY_MAJOR,
	REASON_SEVERITY_CRITICAL,
};

struct reason_info {
	const char *slug;
	unsigned int alert; /* TLS AlertDescription; 0: none */
	enum reason_retry retry;
	enum reason_severity severity;
	const char *sentence;
	const char *advice;
};

/* The row of a reason.  Never NULL: REASON_OK has a row ("ok"), and a value outside the
 * list is a bug of ours and asserts. */
const struct reason_info *reason_info(enum reason reason);

/* Shorthand for reason_info(reason)->slug. */
const char *reason_slug(enum reason reason);

/* Whether the reason is that revocation could not be judged (crl-*): a CRL may heal it. */
bool reason_is_crl(enum reason reason);

/* The reason whose slug this is; false where there is none. */
bool reason_from_slug(const char *slug, enum reason *ret_reason);

/* Names as operators read them: "Critical"..., "soon"... */
const char *reason_severity_text(enum reason_severity severity);
const char *reason_retry_text(enum reason_retry retry);

#endif
