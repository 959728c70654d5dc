/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking in a CRL of unknown origin: read it, find which of the certificates at hand has the
 * key that signed it, verify that signature, and only then make its index.  The trust role
 * and `verify` both come through here.  Whether the signer may sign CRLs, and for whom, is
 * not asked here: a judgement does that for the path at hand.
 */
#ifndef PORTCULLIS_PKI_CRL_INTAKE_H
#define PORTCULLIS_PKI_CRL_INTAKE_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/pki/cert.h"
#include "common/pki/crl.h"
#include "common/pki/reason.h"

enum {
	CRL_INTAKE_KEYS_MAX = 8, /* different keys that are tried for one CRL */
};

/* What became of a CRL. */
struct crl_intake {
	enum reason reason; /* REASON_OK: the image was written */
	char error[CRL_ERROR_SIZE];
	struct buf issuer_canonical; /* empty where the name could not be read */
};

/* Reads and verifies a CRL with the keys of those certificates whose subject is its issuer,
 * and appends its index to image.  REASON_OK, or why it is refused: crl-too-large (for
 * max_len or the buffer), crl-malformed, crl-critical-extension, crl-signature, or crl-missing:
 * none of the certificates has the name of its issuer. */
enum reason crl_intake_take(struct bytes der, size_t max_len, const struct cert *const *signers,
    size_t signer_count, struct buf *image, struct crl_intake *ret_intake);
void crl_intake_done(struct crl_intake *intake);

#endif
