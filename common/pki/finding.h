/* SPDX-License-Identifier: Apache-2.0
 *
 * What is found wrong with one path, collected while its checks run, and put in the order
 * of precedence: the first row of reason.def that was met is the reason; within one check
 * the leaf comes before its issuers, except for signatures, where what is nearest to the
 * anchor comes first.
 */
#ifndef PORTCULLIS_PKI_FINDING_H
#define PORTCULLIS_PKI_FINDING_H

#include <stddef.h>

#include "common/base/status.h"
#include "common/pki/reason.h"

enum {
	FINDING_MAX = 64,
	FINDING_DETAIL_SIZE = 320,
};

struct finding {
	enum reason reason;
	unsigned int depth; /* 0: the leaf */
	char detail[FINDING_DETAIL_SIZE];
};

struct findings {
	struct finding items[FINDING_MAX];
	size_t count;
	enum reason first; /* by precedence; REASON_OK: there are none */
};

void findings_init(struct findings *findings);

/* Adds one; past FINDING_MAX only the precedence is kept.  detail is cut to its room. */
void findings_add(struct findings *findings, enum reason reason, unsigned int depth,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* Puts them in order. */
void findings_sort(struct findings *findings);

#endif
