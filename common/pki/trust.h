/* SPDX-License-Identifier: Apache-2.0
 *
 * A trust set: the anchors of one purpose, and the intermediates that an administrator gave
 * with them.  Immutable once made; an anchor of one purpose is never seen by another, and a
 * set without anchors refuses everybody.  Anchors need not be self-signed.
 */
#ifndef PORTCULLIS_PKI_TRUST_H
#define PORTCULLIS_PKI_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/cert.h"

enum {
	TRUST_CERT_MAX = 4096, /* anchors, and intermediates, of one set */
};

/* Whose certificates the anchors are for. */
enum trust_purpose {
	TRUST_APPLIANCE, /* sensors and consoles */
	TRUST_FORWARD,   /* third parties that alerts are forwarded to */
	TRUST_OPERATOR,  /* people */
	TRUST_PURPOSE_COUNT
};

struct trust;

/* Takes the certificates (not the arrays), whatever happens; the same certificate twice
 * counts once.  generation is the caller's number for this set of anchors: results of
 * signature checks are remembered under it.  STATUS_LIMIT: more than TRUST_CERT_MAX. */
enum status trust_new_take(enum trust_purpose purpose, uint64_t generation,
    struct cert *const *anchors, size_t anchor_count, struct cert *const *intermediates,
    size_t intermediate_count, struct trust **ret_trust) MUST_USE;
void trust_free(struct trust *trust);

enum trust_purpose trust_purpose(const struct trust *trust);
uint64_t trust_generation(const struct trust *trust);

size_t trust_anchor_count(const struct trust *trust);
const struct cert *trust_anchor(const struct trust *trust, size_t index);
size_t trust_intermediate_count(const struct trust *trust);
const struct cert *trust_intermediate(const struct trust *trust, size_t index);

/* Both are sorted by subject: the run of those whose subject matches is [*ret_first,
 * *ret_first + the result). */
size_t trust_find_anchors(const struct trust *trust, struct bytes subject_canonical,
    size_t *ret_first);
size_t trust_find_intermediates(const struct trust *trust, struct bytes subject_canonical,
    size_t *ret_first);

/* "appliance", "forward", "operator". */
const char *trust_purpose_text(enum trust_purpose purpose);
bool trust_purpose_from_text(const char *text, enum trust_purpose *ret_purpose);

#endif
