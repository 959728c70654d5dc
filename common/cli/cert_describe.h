/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of certificates, requests and keys, as reports show them.
 */
#ifndef PORTCULLIS_CLI_CERT_DESCRIBE_H
#define PORTCULLIS_CLI_CERT_DESCRIBE_H

#include "common/cli/report.h"
#include "common/pki/cert.h"
#include "common/pki/key_file.h"
#include "common/pki/request.h"

void cert_describe(struct report *report, const struct cert *cert);
void cert_describe_request(struct report *report, const struct request *request);
void cert_describe_key(struct report *report, const struct key_file *key);

#endif
