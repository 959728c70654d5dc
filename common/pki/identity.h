/* SPDX-License-Identifier: Apache-2.0
 *
 * The identity of an appliance: its subject CN, a domain name.  Exactly one CN; labels of
 * letters, digits and hyphens, at most 63 bytes each and 64 in all; where the certificate has
 * dNSNames, the CN is among them.  Nothing else in a certificate says who an appliance is.
 */
#ifndef PORTCULLIS_PKI_IDENTITY_H
#define PORTCULLIS_PKI_IDENTITY_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/pki/cert.h"
#include "common/pki/reason.h"

enum {
	IDENTITY_MAX = 64, /* ub-common-name */
	IDENTITY_SIZE = IDENTITY_MAX + 1,
};

/* Reads the identity, in lower case, as a C string.  REASON_OK, or REASON_PROFILE_CN or
 * REASON_PROFILE_WILDCARD, and *reterr_why says what is wrong (a constant text). */
enum reason identity_of(const struct cert *cert, char ret_identity[static IDENTITY_SIZE],
    const char **reterr_why);

/* Whether a configured name has the form of an identity. */
bool identity_valid(struct bytes name);

/* Whether two names are the same identity. */
bool identity_equal(struct bytes a, struct bytes b);

#endif
