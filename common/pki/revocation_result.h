/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found out about the revocation of one certificate: made by revocation, kept by
 * the verdict, shown by whoever reports.  Also the question that revocation asks back about
 * a CRL that somebody else than the certificate's issuer signed.
 */
#ifndef PORTCULLIS_PKI_REVOCATION_RESULT_H
#define PORTCULLIS_PKI_REVOCATION_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/pki/pubkey.h"
#include "common/pki/reason.h"

enum revocation_status {
	REVOCATION_NOT_ASKED, /* the mode or the scope leaves the certificate out */
	REVOCATION_GOOD,
	REVOCATION_REVOKED,
	REVOCATION_STALE_GRACE, /* good by a CRL past nextUpdate, within the grace time */
	REVOCATION_STALE,       /* only a CRL that ran out says that it is good */
	REVOCATION_UNREACHABLE, /* what should say so could not be fetched */
	REVOCATION_NO_DISTRIBUTION_POINT,
	REVOCATION_UNKNOWN, /* none of these: the reason is the nearest miss */
};

enum {
	REVOCATION_NUMBER_MAX = 20, /* octets of a CRL number */
	REVOCATION_NO_REASON_CODE = -1,
	REVOCATION_DETAIL_SIZE = 200,
};

struct revocation_result {
	enum revocation_status status;
	enum reason reason; /* REASON_OK where the status allows the path: NOT_ASKED, GOOD,
			     * STALE_GRACE */
	char detail[REVOCATION_DETAIL_SIZE]; /* for people, escaped; may be empty */
	bool has_crl; /* the rest is set: the CRL that decided, or the nearest miss */
	uint8_t crl_sha256[PUBKEY_HASH_SIZE];
	int64_t this_update_s;
	int64_t next_update_s;
	uint8_t number[REVOCATION_NUMBER_MAX]; /* cRLNumber, big-endian */
	uint8_t number_len;                    /* 0: none */
	int64_t revoked_at_s;                  /* REVOKED: revocationDate */
	int reason_code; /* REVOKED: enum of RFC 5280 5.3.1, or REVOCATION_NO_REASON_CODE */
};

/* "good", "stale-grace", ...: the words of the output. */
const char *revocation_status_text(enum revocation_status status);

/* How a CRL signed by another key than that of the certificate's issuer is judged: path has
 * to find a certificate of this subject (canonical form) and key that may sign CRLs and has
 * a valid path of its own to the same anchor (RFC 5280 6.3.3 (f)).  REASON_OK, or why not:
 * REASON_CRL_SIGNER_KEYUSAGE, REASON_CRL_PATH. */
struct revocation_signer {
	enum reason (*judge)(void *arg, struct bytes subject_canonical,
	    const uint8_t key_sha256[PUBKEY_HASH_SIZE]);
	void *arg;
};

#endif
