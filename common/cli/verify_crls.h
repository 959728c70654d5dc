/* SPDX-License-Identifier: Apache-2.0
 *
 * The CRLs of a question, verified with the keys of all its certificates and indexed in
 * memory, as the trust role does it with files.
 */
#ifndef PORTCULLIS_CLI_VERIFY_CRLS_H
#define PORTCULLIS_CLI_VERIFY_CRLS_H

#include "common/cli/verify_request.h"
#include "common/pki/crl_set.h"
#include "common/pki/trust.h"

/* Never fails: a CRL that is refused stands in the set with its reason. */
struct crl_set *verify_crls(const struct verify_request *request, const struct trust *trust);

#endif
