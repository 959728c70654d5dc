/* SPDX-License-Identifier: Apache-2.0
 *
 * Making verdicts.  Included by verdict.c and path.c alone: nothing else can make one that
 * accepts.
 */
#ifndef PORTCULLIS_PKI_VERDICT_MAKE_H
#define PORTCULLIS_PKI_VERDICT_MAKE_H

#include "common/pki/cert.h"
#include "common/pki/finding.h"
#include "common/pki/verdict.h"

/* A verdict that rejects, until verdict_conclude says otherwise. */
struct verdict *verdict_make(enum trust_purpose purpose, uint64_t generation);

/* Adds the next certificate of the path, leaf first. */
void verdict_add_cert(struct verdict *verdict, const struct cert *cert,
    const struct revocation_result *revocation);

/* Concludes.  findings, which are sorted by it: none means accepted, and only a verdict with
 * an anchored path can be that. */
void verdict_conclude(struct verdict *verdict, struct findings *findings, bool anchored,
    bool waived, unsigned int signatures);

#endif
