/* SPDX-License-Identifier: Apache-2.0
 *
 * A CRL (RFC 5280 section 5.1) from settings and a list of what is revoked.  It does not
 * know where keys, issuers and revocations come from, nor where the CRL goes.
 */
#ifndef PORTCULLIS_PKI_TEST_CRL_WRITE_H
#define PORTCULLIS_PKI_TEST_CRL_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "pki-test/key.h"
#include "pki-test/settings.h"

struct crl_write_entry {
	struct bytes serial; /* as it is encoded */
	int64_t revoked_s;
	const char
	    *reason; /* a name of crl_write_reason_code; "unspecified": none is written */
};

struct crl_parties {
	const struct key *signer;
	struct bytes issuer;       /* its Name in DER */
	struct bytes entry_issuer; /* Name for certificateIssuer; empty: none */
	const struct crl_write_entry *entries;
	size_t entry_count;
	uint64_t published; /* the CRL number that is published now; 0: none */
	struct settings_names names;
	int64_t now_s;
};

/* The CRLReason of a name ("keyCompromise"); -1 when there is none of that name. */
int crl_write_reason_code(const char *name);

/* Appends the CRL (DER, or PEM where the settings say so).  STATUS_INVALID (and the error
 * of the settings) when a setting can't be read. */
enum status crl_write(struct settings *crl, const struct crl_parties *parties,
    struct buf *out) MUST_USE;

/* The number that these settings give a CRL; false when it has none. */
bool crl_write_number(struct settings *crl, uint64_t published, uint64_t *ret_number);

#endif
