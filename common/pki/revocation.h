/* SPDX-License-Identifier: Apache-2.0
 *
 * The revocation status of one certificate by the CRLs at hand: RFC 5280 section 6.3.3, with
 * delta and indirect CRLs and CRLs split by reason or by distribution point.
 *
 * Stricter than the RFC in this: a serial number on any correctly signed CRL in scope that
 * no later CRL overrules is revoked, be the CRL current or not; "good" needs current ones
 * for all reasons.  Pure: no clock, no fetching.  path asks it for each certificate.
 */
#ifndef PORTCULLIS_PKI_REVOCATION_H
#define PORTCULLIS_PKI_REVOCATION_H

#include <stdint.h>

#include "common/pki/cert.h"
#include "common/pki/crl_set.h"
#include "common/pki/revocation_result.h"

struct revocation_params {
	int64_t now_s;
	int64_t grace_s;   /* how long past nextUpdate a CRL still counts; 0: mode strict */
	int64_t max_age_s; /* how long since thisUpdate a CRL counts; 0: no limit */
};

/* Judges a certificate that the key of issuer has signed.  signer is asked about CRLs that
 * the issuer's certificate does not vouch for; NULL: there are none.  crls may be NULL. */
void revocation_check(const struct cert *cert, const struct cert *issuer,
    const struct crl_set *crls, const struct revocation_signer *signer,
    const struct revocation_params *params, struct revocation_result *ret_result);

#endif
