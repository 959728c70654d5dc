/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate requests (PKCS#10, RFC 2986): read to be checked before they go to a CA.
 */
#ifndef PORTCULLIS_PKI_REQUEST_H
#define PORTCULLIS_PKI_REQUEST_H

#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/pki/algorithm.h"
#include "common/pki/cert.h"
#include "common/pki/name.h"
#include "common/pki/pubkey.h"

struct request {
	struct bytes der; /* a copy; everything below points into it */
	struct bytes info;
	struct bytes subject; /* the whole Name */
	struct pubkey key;
	struct algorithm algorithm;
	struct bytes signature;
	struct bytes subject_alt_name; /* the value of the extension asked for; or empty */
};

/* Reads a request, which is all of der.  STATUS_INVALID: malformed, and reterr_text says
 * where. */
enum status request_parse(struct bytes der, struct request **ret_request,
    char reterr_text[CERT_ERROR_SIZE]) MUST_USE;
void request_free(struct request *request);

/* Whether the request is signed with the key that it asks a certificate for. */
enum signature_result request_verify(const struct request *request);

#endif
