/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate (RFC 5280 section 4.1) from settings.  It does not know where keys, issuers
 * and serial numbers come from, nor where the certificate goes.
 */
#ifndef PORTCULLIS_PKI_TEST_CERT_WRITE_H
#define PORTCULLIS_PKI_TEST_CERT_WRITE_H

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "pki-test/key.h"
#include "pki-test/settings.h"

struct cert_parties {
	const struct key *key;    /* of the subject */
	const struct key *signer; /* of the issuer */
	struct bytes issuer;      /* its Name in DER; empty: the subject itself */
	struct bytes serial;      /* an unsigned number, where the settings give none */
	struct settings_names names;
	int64_t now_s;
};

/* Appends the certificate in DER, and its subject's Name.  STATUS_INVALID (and the error of
 * the settings) when a setting can't be read. */
enum status cert_write(struct settings *cert, const struct cert_parties *parties,
    struct buf *out, struct buf *ret_subject) MUST_USE;

#endif
